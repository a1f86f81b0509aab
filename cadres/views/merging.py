"""Pages on records that may be one person's: comparing and merging two, the list of mergers, taking one back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.scope import require
from accounts.views_base import ListPage
from cadres.fields import fields_for
from cadres.models import Cadre, CadreMerge
from cadres.services.merging import merge_cadres, preview_merge, undo_merge
from cadres.summaries import summaries
from cadres.tables import MergeTable
from cadres.views.detail import visible_cadre
from core.errors import DomainError, NotFound
from core.partial_dates import PartialDate

# What is laid side by side, by the names of the API's cadre.
_COMPARED = (
    ("unit_name", "单位"), ("gender", "性别"), ("birth", "出生年月"), ("id_number", "身份证号"),
    ("ethnicity_name", "民族"), ("native_place", "籍贯"), ("work", "参加工作时间"), ("party", "政治面貌"),
    ("education", "最高学历"), ("title", "职称"), ("post", "现任职务"), ("phone", "手机号码"), ("status", "状态"),
)  # fmt: skip


@require_http_methods(["GET", "POST"])
def merge_two(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two records side by side with what merging would do; sent, they become one."""
    kept, gone = visible_cadre(request.user, pk), visible_cadre(request.user, other)
    for each in (kept, gone):
        require(request.user, "cadre.edit", each)
    problem, report = "", None
    try:
        if request.method == "POST":
            merge_cadres(kept=kept, gone=gone, by=request.user)
            messages.success(request, f"两条记录已合并为{kept.name}一条，可以在“合并记录”里撤销。")
            return redirect(reverse("cadre-detail", args=[kept.pk]))
        report = preview_merge(kept=kept, gone=gone, by=request.user)
    except DomainError as error:
        if error.status != 400:
            raise
        problem = error.message
    context = {
        "kept": kept, "gone": gone, "rows": _rows(kept, gone, request.user), "report": report, "problem": problem,
        "moved": sorted(report.moved.items()) if report else [],
    }  # fmt: skip
    return render(request, "cadres/merge.html", context, status=422 if request.method == "POST" else 200)


def _rows(kept: Cadre, gone: Cadre, user: Any) -> list[dict[str, Any]]:
    """Label and both values of what the reader may see."""
    seen = fields_for(user, kept) & fields_for(user, gone)
    one, two = summaries([kept.pk, gone.pk], user=user)
    for row, cadre in ((one, kept), (two, gone)):
        row |= {name: day.chinese() if day else "" for name, day in _dates(cadre)}
    return [
        {
            "label": label,
            "kept": one.get(name) or "",
            "gone": two.get(name) or "",
            "differs": one.get(name) != two.get(name),
        }
        for name, label in _COMPARED
        if name in seen or name == "unit_name"
    ]


def _dates(cadre: Cadre) -> tuple[tuple[str, PartialDate | None], ...]:
    return ("birth", cadre.birth_date), ("work", cadre.work_start_date)


class MergeList(ListPage):
    """Mergers, the newest first."""

    queryset = CadreMerge.objects.select_related("kept", "unit", "merged_by", "undone_by")
    capability = "cadre.edit"
    table_class = MergeTable
    template_name = "cadres/merge_list.html"
    export_name = "合并记录"


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merger back."""
    merge = CadreMerge.objects.visible_to(request.user).filter(pk=pk).first()
    if merge is None:
        raise NotFound("没有找到这次合并。")
    try:
        back = undo_merge(merge=merge, by=request.user)
    except DomainError as error:
        if error.status not in (400, 409):
            raise
        messages.warning(request, error.message)
    else:
        messages.success(request, f"已撤销合并，{back.name}的原记录已恢复。")
    return redirect("cadre-mergers")
