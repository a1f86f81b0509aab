"""What of the roster waits for a person: requests to check or complete, petitions, replies and follow-ups due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.scope import path_filter, paths
from cadres.models import Correction, Oversight, Petition
from core.calendar import today
from core.todo import TodoItem

# A follow-up or reply shows up this long before it is due.
AHEAD = timedelta(days=30)


def waiting(user: Any) -> list[TodoItem]:
    """Return everything of the roster that waits for the user."""
    return [*_returned(user), *_corrections(user), *_petitions(user), *_oversight(user)]


def _returned(user: Any) -> list[TodoItem]:
    """One's own requests that HR wants more for."""
    rows = Correction.objects.filter(cadre__user=user.pk, status=Correction.Status.RETURNED).order_by("pk")
    return [
        TodoItem("补充档案更正申请", "补充", reverse("correction-supplement", args=[pk]), tone="warning")
        for pk in rows.values_list("pk", flat=True)
    ]


def _corrections(user: Any) -> list[TodoItem]:
    if not paths(user, "cadre.edit"):
        return []
    rows = Correction.objects.visible_to(user).waiting().exclude(cadre__user=user.pk)
    found = _most_urgent(rows)
    if found is None:
        return []
    count, first = found
    url = reverse("correction-detail", args=[first.pk]) if count == 1 else reverse("correction-list")
    title = f"核实{first.cadre.name}的档案更正申请" if count == 1 else f"核实 {count} 份档案更正申请"
    return [TodoItem(title, "核实", url, due=first.due, count=count, detail=first.cadre.unit.name)]


def _petitions(user: Any) -> list[TodoItem]:
    """The button opens the one that is due first; the title says nothing of the content."""
    rows = _confidential(Petition.objects.filter(replied_on=None), user)
    found = _most_urgent(rows)
    if found is None:
        return []
    count, first = found
    url = reverse("petition-answer", args=[first.cadre_id, first.pk])
    return [TodoItem(f"答复 {count} 件干部诉求", "答复", url, due=first.due, count=count)]


def _oversight(user: Any) -> list[TodoItem]:
    rows = _confidential(Oversight.objects.due_by(today() + AHEAD), user)
    found = _most_urgent(rows)
    if found is None:
        return []
    count, first = found
    url = reverse("oversight-follow-up", args=[first.cadre_id, first.pk])
    title = f"办结 {count} 件到期的监督事项（回访、回复）"
    return [TodoItem(title, "登记", url, due=first.due, count=count)]


def _confidential(rows: QuerySet, user: Any) -> QuerySet:
    """Rows of cadres whose sensitive data the user sees and keeps, never the user's own."""
    if not (paths(user, "cadre.edit") and paths(user, "cadre.view_sensitive")):
        return rows.none()
    sight = path_filter(user, "cadre.view_sensitive", "cadre__unit_path")
    return rows.filter(sight, path_filter(user, "cadre.edit", "cadre__unit_path")).exclude(
        cadre__user=user.pk
    )


def _most_urgent(rows: QuerySet) -> tuple[int, Any] | None:
    """How many there are, and the one that is due first."""
    first = rows.select_related("cadre__unit").order_by("due", "pk").first()
    return (rows.order_by().count(), first) if first is not None else None
