"""Pages for everyone: activating an account with a code, one's own account."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView
from django.views.generic.edit import FormView

from accounts.forms import ActivationForm
from accounts.lockout import ACTIVATION, TOO_OFTEN, count_failure, is_locked
from accounts.services.activation import activate
from accounts.views_base import add_refusal
from core.errors import Invalid


@method_decorator(login_not_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class Activation(FormView):
    """Public: a code from a slip and a new password open an account, or reset its password."""

    form_class = ActivationForm
    template_name = "accounts/activate.html"

    def form_valid(self, form: ActivationForm) -> HttpResponse:
        """Spend the code; a wrong one counts against the address."""
        if is_locked(self.request, ACTIVATION):
            form.add_error(None, TOO_OFTEN)
            return self.form_invalid(form)
        given = form.cleaned_data
        try:
            user = activate(code=given["code"], password=given["password1"])
        except Invalid as error:
            if "code" in error.errors:
                count_failure(self.request, ACTIVATION)
            renamed = {{"password": "password1"}.get(k, k): v for k, v in error.errors.items()}
            add_refusal(form, Invalid(error.message, errors=renamed))
            return self.form_invalid(form)
        messages.success(self.request, f"账号 {user.username} 的密码已设好，请用它登录。")
        return redirect("account_login")

    def form_invalid(self, form: ActivationForm) -> HttpResponse:
        """The form again, with 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class MyAccount(TemplateView):
    """One's own account: what I may do where, and how I sign in."""

    template_name = "accounts/me.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Facts, grants in force, second factor."""
        user = self.request.user
        grants = user.grants.in_force().select_related("unit").order_by("role", "unit__path")
        factor = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
        facts = [
            {"label": "姓名", "value": user.name},
            {"label": "账号", "value": user.username},
            {"label": "账号类别", "value": user.get_account_class_display()},
            {"label": "电子邮箱", "value": user.email},
        ]
        return super().get_context_data(facts=facts, grants=grants, has_factor=factor, **kwargs)


@login_not_required
def to_activation(request: HttpRequest) -> HttpResponse:
    """Where a password is forgotten: it is reset by a one-time code, not by mail."""
    return redirect("account_activate")


def to_my_account(request: HttpRequest) -> HttpResponse:
    """Mail addresses are kept by the system administrator."""
    return redirect("my_account")
