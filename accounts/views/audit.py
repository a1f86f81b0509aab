"""The auditor's desk: search of the trail, one entry, and the check of the seals."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from itertools import islice
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.filters import AuditFilter
from accounts.scope import require
from accounts.tables import AuditTable
from accounts.views_base import ListPage
from core import audit
from core.models import AuditEntry
from core.templatetags.shell import chinese_date

_WORDS = {
    "user": "账号", "class": "账号类别", "role": "角色", "unit": "单位", "origin": "来源", "parent": "上级单位",
    "on": "日期", "successors": "承接单位", "status": "状态",
}  # fmt: skip
MOST_CHECKED = 20_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST_NAMED = 5

audit.register("audit.verify", "校验审计记录")


class AuditList(ListPage):
    """The trail, newest first; what is confidential was masked when it was written."""

    queryset = AuditEntry.objects.all()
    capability = "audit.view"
    table_class = AuditTable
    export_name = "审计记录"
    filterset_class = AuditFilter
    template_name = "accounts/audit_list.html"

    def get_queryset(self) -> QuerySet[AuditEntry]:
        """The whole trail: whoever may read it reads all of it."""
        require(self.request.user, "audit.view")
        return AuditEntry.objects.all()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """When the seals were last checked, and with which result."""
        last = AuditEntry.objects.filter(action="audit.verify").order_by("-id").first()
        return super().get_context_data(last_check=last, **kwargs)


@require_GET
def audit_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry with what was before and after."""
    require(request.user, "audit.view")
    entry = get_object_or_404(AuditEntry, pk=pk)
    before, after = entry.before or {}, entry.after or {}
    changes = [
        {
            "name": _label(entry, name), "before": _words(entry, name, before.get(name)),
            "after": _words(entry, name, after.get(name)),
        }
        for name in dict.fromkeys([*before, *after])
    ]  # fmt: skip
    context = {
        "entry": entry, "wording": audit.wording(entry.action), "changes": changes,
        "is_intact": not list(audit.verify(AuditEntry.objects.filter(pk=pk))),
    }  # fmt: skip
    return render(request, "accounts/audit_entry.html", context)


def _label(entry: AuditEntry, name: str) -> str:
    """What a value is called: the field's own label, else the common words, else the stored name."""
    field = _field(entry, name)
    return _WORDS.get(name) or (str(field.verbose_name) if field is not None else name)


def _field(entry: AuditEntry, name: str) -> Any:
    try:
        field = apps.get_model(entry.object_type)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None
    return field if hasattr(field, "verbose_name") else None


def _words(entry: AuditEntry, name: str, value: Any) -> str:
    """A stored value in words: a choice by its label, yes and no, lists joined."""
    if value is None or value == "" or value == []:
        return "——"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return str(value.get("name") or value)
    if isinstance(value, list):
        return "、".join(_words(entry, name, each) for each in value)
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):  # typed by somebody, and no day of the calendar
            return chinese_date(dt.date.fromisoformat(value))
    choices = dict(getattr(_field(entry, name), "flatchoices", None) or [])
    return str(choices.get(value, value))


@require_POST
def verify_trail(request: HttpRequest) -> HttpResponse:
    """Check the seals of the newest entries; the check itself is an entry."""
    require(request.user, "audit.view")
    newest = AuditEntry.objects.order_by("-id").values_list("id", flat=True)[:MOST_CHECKED]
    ids = list(newest)
    rows = AuditEntry.objects.filter(id__gte=ids[-1], id__lte=ids[0]) if ids else AuditEntry.objects.none()
    broken = [entry.pk for entry in islice(audit.verify(rows), MOST_NAMED + 1)]
    if broken:
        named = "、".join(str(pk) for pk in broken[:MOST_NAMED]) + (" 等" if len(broken) > MOST_NAMED else "")
        outcome = f"最近 {len(ids)} 条中有记录被改动：编号 {named}"
        messages.error(request, f"{outcome}。请立即报告，并用命令 verify_audit 校验全部记录。")
    else:
        outcome = f"最近 {len(ids)} 条全部完好"
        messages.success(request, f"{outcome}。校验全部记录请用命令 verify_audit。")
    audit.record("audit.verify", by=request.user, note=outcome)
    return redirect(reverse("audit-list"))
