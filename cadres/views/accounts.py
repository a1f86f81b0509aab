"""Accounts for people on the roster, for the system administrator: who has none yet, by name and unit alone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.models import Unit
from accounts.scope import require
from accounts.views_base import CapabilityRequired
from cadres.models import Cadre
from cadres.services.roster_accounts import create_accounts_for
from core.errors import Invalid

MOST = 200


class AccountCandidates(CapabilityRequired, TemplateView):
    """People in service without an account; nothing of their records but name and unit is shown."""

    capability = "account.manage"
    template_name = "cadres/accounts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """At most two hundred, of one unit and those below it when one is chosen."""
        user, asked = self.request.user, self.request.GET
        units = Unit.objects.visible_to(user, "account.manage").open()
        chosen = asked.get("unit", "")
        unit = (
            units.filter(pk=chosen).first()
            if chosen.isascii() and chosen.isdecimal() and len(chosen) < 18
            else None
        )
        rows = Cadre.objects.visible_to(user, "account.manage", within=unit).filter(user=None).in_service()
        people = list(
            rows.matching(asked.get("search", "")[:60]).select_related("unit")
            .only("name", "unit__name").order_by("unit_path", "name_key", "id")[: MOST + 1]
        )  # fmt: skip
        return super().get_context_data(
            people=people[:MOST], more=len(people) > MOST, most=MOST, unit=unit,
            search=asked.get("search", ""), parents=units.filter(parent__parent=None).order_by("path"), **kwargs,
        )  # fmt: skip


@require_POST
def open_accounts(request: HttpRequest) -> HttpResponse:
    """Make the accounts of the ticked people."""
    require(request.user, "account.manage")
    wanted = [int(t) for t in request.POST.getlist("ids") if t.isascii() and t.isdecimal() and len(t) < 18]
    if not wanted:
        raise Invalid("请先勾选干部。")
    cadres = list(Cadre.objects.visible_to(request.user, "account.manage").filter(pk__in=wanted[:MOST]))
    users = create_accounts_for(cadres=cadres, by=request.user)
    messages.success(
        request,
        f"已开通 {len(users)} 个账号（{'、'.join(user.username for user in users[:5])}"
        f"{'……' if len(users) > 5 else ''}）。接下来请在账号列表中勾选他们，打印激活条。",
    )
    return redirect(reverse("user-list"))
