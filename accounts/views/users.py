"""The system administrator's desk: accounts, their state, codes and slips; the picker of accounts."""

from __future__ import annotations

from typing import Any

import segno
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.filters import UserFilter
from accounts.forms import UserEditForm, UserForm
from accounts.models import Grant, User
from accounts.roles import AccountClass
from accounts.scope import may, require
from accounts.services import users as verbs
from accounts.services.activation import IssuedCode, issue_activation_codes, shown
from accounts.tables import UserTable
from accounts.views_base import (
    CapabilityRequired,
    ListPage,
    ScopedDetail,
    ScopedObject,
    ServiceForm,
    ticked_ids,
)
from core.errors import Invalid, NotFound

MOST_SLIPS = 200
MOST_OPTIONS = 10


class UserList(ListPage):
    """All accounts; rights are not shown here, they are the security administrator's."""

    queryset = User.objects.all()
    capability = "account.view"
    table_class = UserTable
    filterset_class = UserFilter
    template_name = "accounts/user_list.html"
    unit_word = "个"
    export_name = "账号"

    def get_table_kwargs(self) -> dict[str, Any]:
        """Boxes only for whoever may issue codes."""
        return {} if may(self.request.user, "account.manage") else {"exclude": ("select",)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the ticked accounts can get."""
        manages = may(self.request.user, "account.manage")
        slips = {
            "name": "slips", "label": "签发激活码并打印", "tone": "primary",
            "confirm": "将为所选账号各签发一个新的激活码，以前签发而未使用的激活码作废。",
        }  # fmt: skip
        return super().get_context_data(manages=manages, bulk_actions=[slips] if manages else [], **kwargs)


class UserDetail(ScopedDetail):
    """One account and what can be done with it."""

    queryset = User.objects.all()
    capability = "account.view"
    template_name = "accounts/user_detail.html"
    context_object_name = "account"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Facts for both administrators, grants for the security administrator alone."""
        account, user = self.object, self.request.user
        factor = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists()
        code = account.activation_codes.filter(used_at=None).first()
        grants = Grant.objects.none()
        if may(user, "grant.view"):
            grants = account.grants.visible_to(user).select_related("unit").order_by("-start", "-pk")
        return super().get_context_data(
            facts=_facts(account, factor), open_code=code, grants=grants, has_factor=factor,
            manages=may(user, "account.manage") and user.pk != account.pk,
            sees_grants=may(user, "grant.view"),
            lifts_factor=factor and may(user, "grant.manage") and user.pk != account.pk,
            classes=[c for c in AccountClass.choices if c[0] != account.account_class],
            class_open=not account.is_superuser and not account.grants.exists(), **kwargs,
        )  # fmt: skip


def _facts(account: User, factor: bool) -> list[dict[str, Any]]:
    from core.templatetags.shell import chinese_datetime

    return [
        {"label": "账号", "value": account.username},
        {"label": "账号类别", "value": account.get_account_class_display()},
        {"label": "电子邮箱", "value": account.email},
        {"label": "两步验证", "value": "已启用" if factor else "未启用"},
        {"label": "建立时间", "value": chinese_datetime(account.created_at)},
        {"label": "最近登录", "value": chinese_datetime(account.last_login) or "从未登录"},
    ]


class UserCreate(CapabilityRequired, ServiceForm):
    """A new account."""

    capability = "account.manage"
    form_class = UserForm
    template_name = "accounts/user_form.html"

    def perform(self, form: UserForm) -> str:
        """Create it; the next thing is its code."""
        given = form.cleaned_data
        username = given["username"] or verbs.propose_usernames([given["name"]])[0]
        user = verbs.create_user(
            by=self.request.user, username=username, name=given["name"],
            account_class=given["account_class"], email=given["email"],
        )  # fmt: skip
        messages.success(
            self.request, f"已建立账号 {user.username}。下一步：签发激活码，并请安全管理员授权。"
        )
        return reverse("user-detail", args=[user.pk])


class UserEdit(ScopedObject, ServiceForm):
    """Name and mail address of an account."""

    queryset = User.objects.all()
    capability = "account.manage"
    view_capability = "account.view"
    form_class = UserEditForm
    template_name = "accounts/user_form.html"

    def get_initial(self) -> dict[str, Any]:
        """What is stored."""
        return {"name": self.object.name, "email": self.object.email}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The account whose page it is."""
        return super().get_context_data(account=self.object, **kwargs)

    def perform(self, form: UserEditForm) -> str:
        """Save it."""
        user = verbs.update_user(by=self.request.user, user=self.object, **form.cleaned_data)
        messages.success(self.request, f"已保存 {user.username} 的姓名和邮箱。")
        return reverse("user-detail", args=[user.pk])


@require_POST
def take_user(request: HttpRequest, pk: int) -> HttpResponse:
    """One verb on an account: disable, enable, class, factor."""
    user = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    action, words = request.POST.get("action", ""), request.POST.get("comment", "")
    if action == "disable":
        verbs.disable_user(by=request.user, user=user, reason=words)
        done = f"已停用 {user.name} 的账号，其登录和令牌已全部失效。"
    elif action == "enable":
        verbs.enable_user(by=request.user, user=user)
        done = f"已启用 {user.name} 的账号。"
    elif action == "class":
        verbs.change_account_class(
            by=request.user, user=user, account_class=request.POST.get("account_class", "")
        )
        done = f"已改变 {user.name} 的账号类别。"
    elif action == "factor":
        verbs.reset_second_factor(by=request.user, user=user, reason=words)
        done = f"已重置 {user.name} 的两步验证，下次登录时须重新设置。"
    else:
        raise Invalid("没有这种操作。")
    messages.success(request, done)
    return redirect("user-detail", pk=user.pk)


@never_cache
@require_POST
def print_slips(request: HttpRequest) -> HttpResponse:
    """Issue codes for the ticked accounts and show them on slips, this once."""
    require(request.user, "account.manage")
    wanted = ticked_ids(request)
    if not wanted:
        raise Invalid("请先勾选账号。")
    if len(wanted) > MOST_SLIPS:
        raise Invalid(f"一次最多签发 {MOST_SLIPS} 个，请分批办理。")
    users = list(User.objects.visible_to(request.user).filter(pk__in=wanted).order_by("username"))
    if not users:
        raise NotFound("没有找到所选账号。")
    issued = issue_activation_codes(by=request.user, users=users)
    return render(request, "accounts/slips.html", {"slips": slips_of(request, issued)})


def slips_of(request: HttpRequest, issued: list[IssuedCode]) -> list[dict[str, Any]]:
    """What accounts/slips.html prints: person, account, code, and a QR code that leads to the activation page.

    The code rides behind the `#`, which no browser sends to a server, so it enters no log.
    """
    address = request.build_absolute_uri(reverse("account_activate"))
    slips = []
    for each in issued:
        picture = segno.make(f"{address}#{each.code}", error="m").svg_data_uri(border=2, omitsize=True)
        slips.append(
            {
                "name": each.user.name, "username": each.user.username, "code": shown(each.code),
                "expires_at": each.expires_at, "address": address, "picture": picture,
            }
        )  # fmt: skip
    return slips


@require_GET
def pick_user(request: HttpRequest) -> HttpResponse:
    """Options of the account picker, for whoever grants."""
    require(request.user, "account.view")
    found = (
        User.objects.visible_to(request.user).filter(is_active=True).matching(request.GET.get("q", "")[:60])
    )
    options = [
        {
            "value": user.pk, "text": user.name,
            "detail": f"{user.username} · {user.get_account_class_display()}",
        }
        for user in found.order_by("username")[:MOST_OPTIONS]
    ]  # fmt: skip
    return render(request, "components/_picker_options.html", {"options": options})
