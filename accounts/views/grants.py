"""The security administrator's desk: proposals to confirm, grants in force, giving and revoking."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.filters import GrantFilter
from accounts.forms import GrantForm
from accounts.models import Grant, User
from accounts.scope import may, require
from accounts.services import grants as verbs
from accounts.tables import GrantTable, ProposalTable
from accounts.views_base import CapabilityRequired, ListPage, ServiceForm, ticked_ids
from core.calendar import today
from core.errors import DomainError, Invalid

MOST_AT_ONCE = 200


class GrantList(ListPage):
    """Grants by state; the first tab is what waits."""

    queryset = Grant.objects.select_related("user", "unit")
    capability = "grant.view"
    filterset_class = GrantFilter
    template_name = "accounts/grant_list.html"
    unit_word = "项"
    export_name = "授权"

    TABS = [("proposed", "待确认"), ("current", "有效与将生效"), ("ended", "已结束")]

    @property
    def tab(self) -> str:
        """The chosen tab; without one, what waits if anything does."""
        chosen = self.request.GET.get("tab", "")
        if chosen in dict(self.TABS):
            return chosen
        return "proposed" if self._counts["proposed"] else "current"

    @property
    def table_class(self) -> type[GrantTable]:  # type: ignore[override]
        """Proposals can be ticked."""
        return ProposalTable if self.tab == "proposed" else GrantTable

    def get_queryset(self) -> QuerySet[Grant]:
        """The rows of the tab."""
        rows = super().get_queryset()
        if self.tab == "proposed":
            return rows.proposed()
        if self.tab == "ended":
            return rows.ended()
        return rows.filter(Q(end=None) | Q(end__gt=today()), confirmed_at__isnull=False)

    @property
    def _counts(self) -> dict[str, int]:
        found = self.__dict__.get("counted")
        if found is None:
            rows = Grant.objects.visible_to(self.request.user)
            found = {"proposed": rows.proposed().count()}
            self.__dict__["counted"] = found
        return found

    def get_tabs(self) -> list[dict[str, Any]]:
        """The states, with the number of those that wait."""
        return [
            {
                "label": label,
                "url": f"?tab={name}",
                "count": self._counts.get(name),
                "active": name == self.tab,
            }
            for name, label in self.TABS
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the ticked proposals can get."""
        manages = may(self.request.user, "grant.manage")
        confirm = {
            "name": "confirm", "label": "确认所选", "tone": "primary",
            "confirm": "确认后这些权限立即生效，并通知本人。",
        }  # fmt: skip
        actions = [confirm] if manages and self.tab == "proposed" else []
        return super().get_context_data(tab=self.tab, manages=manages, bulk_actions=actions, **kwargs)

    def get_table_kwargs(self) -> dict[str, Any]:
        """The buttons need to know whether the person may press them."""
        return {"exclude": () if may(self.request.user, "grant.manage") else ("select", "act")}


class GrantCreate(CapabilityRequired, ServiceForm):
    """Give a role."""

    capability = "grant.manage"
    form_class = GrantForm
    template_name = "accounts/grant_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Units in reach."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        """Coming from an account's page, that account."""
        chosen = self.request.GET.get("user", "")
        if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 18):
            return super().get_initial()
        return {**super().get_initial(), "user": User.objects.filter(pk=chosen).first()}

    def perform(self, form: GrantForm) -> str:
        """Give it."""
        given = form.cleaned_data
        grant = verbs.grant_role(
            by=self.request.user, user=given["user"], role=given["role"], unit=given["unit"],
            start=given["start"], end=form.end, reason=given["reason"],
        )  # fmt: skip
        messages.success(
            self.request,
            f"已授予 {grant.user.name}“{grant.get_role_display()}”（{grant.unit.name}），已通知本人。",
        )
        return reverse("grant-list") + "?tab=current"


@require_POST
def take_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """One verb on a grant: confirm, decline, revoke."""
    require(request.user, "grant.manage")
    grant = get_object_or_404(Grant.objects.visible_to(request.user).select_related("user", "unit"), pk=pk)
    action, words = request.POST.get("action", ""), request.POST.get("comment", "")
    what = f"{grant.user.name}的“{grant.get_role_display()}”（{grant.unit.name}）"
    if action == "confirm":
        verbs.confirm_grant(by=request.user, grant=grant)
        messages.success(request, f"已确认{what}，即日生效并已通知本人。")
    elif action == "decline":
        verbs.decline_grant(by=request.user, grant=grant, reason=words)
        messages.success(request, f"已不予授权：{what}。")
    elif action == "revoke":
        verbs.revoke_grant(by=request.user, grant=grant, reason=words)
        messages.success(request, f"已收回{what}，已通知本人。")
    else:
        raise Invalid("没有这种操作。")
    return redirect("grant-list")


@require_POST
def confirm_many(request: HttpRequest) -> HttpResponse:
    """Confirm the ticked proposals; those that can't be confirmed are named with their reason."""
    require(request.user, "grant.manage")
    wanted = ticked_ids(request)
    if not wanted or len(wanted) > MOST_AT_ONCE:
        raise Invalid(f"请勾选 1 至 {MOST_AT_ONCE} 项。")
    rows = Grant.objects.visible_to(request.user, "grant.manage").select_related("user", "unit")
    done = 0
    for grant in rows.filter(pk__in=wanted).order_by("pk"):
        try:
            verbs.confirm_grant(by=request.user, grant=grant)
            done += 1
        except DomainError as error:
            messages.warning(request, f"{grant.user.name}（{grant.unit.name}）没有确认：{error.message}")
    if done:
        messages.success(request, f"已确认 {done} 项授权，即日生效并已通知本人。")
    return redirect("grant-list")
