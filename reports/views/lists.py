"""The lists behind the numbers of the analyses: pages by offset, the same rows as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_tables2 as tables
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.generic import TemplateView

from accounts.views_base import CapabilityRequired
from cadres.summaries import summaries
from core.list_exports import MOST_ROWS, list_workbook
from reports.structure.asking import hurried

PAGE = 50
_LAST_PAGE = 20_000


@dataclass(frozen=True)
class Answer:
    """What a list holds: its title and words, the rows asked for, how many there are, where it came from."""

    title: str
    words: str
    rows: list[dict[str, Any]]
    total: int
    back_url: str


class ListBehind(CapabilityRequired, TemplateView):
    """A list of people, posts or units. A child names `table_class`, `export_name`, and defines `answer`.

    Without a name nothing leaves: what is sensitive leaves by the exports that ask for a reason.
    """

    template_name = "reports/list_behind.html"
    table_class: type[tables.Table]
    export_name = ""
    unit_word = "条"
    back_label = ""

    def answer(self, *, limit: int, offset: int) -> Answer:
        """Hook: the rows."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A page of the list, or the workbook of it."""
        with hurried():
            return self._answer(request, *args, **kwargs)

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.export_name and request.GET.get("export") == "xlsx":
            rows = self.answer(limit=MOST_ROWS + 1, offset=0).rows
            return list_workbook(self.table_class(rows), name=self.export_name, by=request.user)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One page of rows."""
        asked = self.request.GET.get("page", "")
        page = min(int(asked), _LAST_PAGE) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
        page = max(page, 1)
        found = self.answer(limit=PAGE, offset=PAGE * (page - 1))
        last = -(-found.total // PAGE)
        return super().get_context_data(
            answer=found, table=self.table_class(found.rows, orderable=False), count_text=f"共 {found.total:,} {self.unit_word}",
            back_label=self.back_label, exports=[{"label": "导出", "url": self._url(export="xlsx")}] if self.export_name else [],
            pager={
                "previous_url": self._url(page=str(page - 1)) if page > 1 else "",
                "next_url": self._url(page=str(page + 1)) if page < last else "",
                "summary": f"第 {page} / {last} 页" if last > 1 else "",
            },
            **kwargs,
        )  # fmt: skip

    def _url(self, **changes: str) -> str:
        asked = self.request.GET.copy()
        for name in ("page", "export"):
            asked.pop(name, None)
        asked.update(changes)
        return f"?{asked.urlencode()}"


def people_rows(people: Sequence[tuple[int, str]], *, user: Any, on: date) -> list[dict[str, Any]]:
    """Return (person, unit) pairs as rows of PeopleTable, cut to what the user may see of each."""
    found = dict(_summaries({pk for pk, _ in people}, user, on))
    return [{**found[pk], "unit_name": unit, "since": _month(found[pk]["post_since"])} for pk, unit in people]


def _summaries(ids: set[int], user: Any, on: date) -> Iterable[tuple[int, dict[str, Any]]]:
    wanted = sorted(ids)
    return zip(wanted, summaries(wanted, user=user, on=on), strict=True)


def report_tabs(active: str) -> list[dict[str, Any]]:
    """The tabs over the pages of reports."""
    tabs = [
        ("report-list", "年度报告"), ("structure", "结构分析"), ("forecast", "供需预测"), ("query-list", "查询"),
        ("fact-list", "指标"), ("quality-desk", "数据质量"),
    ]  # fmt: skip
    return [
        {"label": label, "url": reverse(name), "count": None, "active": name == active}
        for name, label in tabs
    ]


def _month(since: str | None) -> str:
    """2019-09 as 2019年9月."""
    if not since:
        return ""
    return f"{since[:4]}年{int(since[5:7])}月" if len(since) > 4 else f"{since[:4]}年"
