"""What the pages of a case share: finding it, and its papers beside those the call asks for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from core.errors import NotFound
from programs.models import Nomination


def paper_rows(case: Nomination) -> list[dict[str, Any]]:
    """The call's papers with what was brought, then the others."""
    brought: dict[int | None, list[Any]] = {}
    for each in case.files.select_related("file", "attachment"):
        brought.setdefault(each.attachment_id, []).append(each)
    rows = [
        {
            "name": paper.name,
            "required": paper.required,
            "attachment": paper.pk,
            "files": brought.get(paper.pk, []),
        }
        for paper in case.call.attachments.all()
    ]
    rows.append({"name": "其他材料", "required": False, "attachment": "", "files": brought.get(None, [])})
    return rows


def case_in_view(request: HttpRequest, pk: int) -> Nomination:
    """Return a case the reader may see; raises NotFound for any other."""
    rows = Nomination.objects.visible_to(request.user)
    read_along = ("call", "call__places_account", "unit", "cadre", "step", "participation")
    case = rows.filter(pk=pk).select_related(*read_along).first()
    if case is None:
        raise NotFound("没有找到这份推荐。")
    return case
