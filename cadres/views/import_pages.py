"""What the pages of a roster import show: the state, the preview by verdict, the questions, the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse

from accounts.scope import may_on
from cadres.models import RosterImport, RosterImportRow
from cadres.services.collection_import.new_units import new_units
from cadres.services.collection_import.questions import record_questions
from cadres.services.collection_import.reporting import RecordWording, label_of
from cadres.services.form_import.reporting import FormWording, PhotoWording
from cadres.services.roster_import.questions import PEOPLE_PER_PAGE, person_questions, unit_questions
from cadres.services.roster_import.reporting import Wording

# Kind of import → the start page's address, the title of its pages, what was uploaded, its measure word.
_WORDS = {
    RosterImport.Kind.ROSTER: ("cadre-import", "导入名册", "名册", "行"),
    RosterImport.Kind.FORMS: ("cadre-import-forms", "导入任免审批表", "任免审批表", "份"),
    RosterImport.Kind.PHOTOS: ("cadre-import-photos", "导入照片", "照片", "张"),
    RosterImport.Kind.HISTORIES: ("cadre-import-histories", "导入信息集", "信息集", "行"),
}
_IN_ROWS = (RosterImport.Kind.ROSTER, RosterImport.Kind.HISTORIES)
ROWS_PER_PAGE = 50
Status = RosterImportRow.Status
# In the order of what needs looking at first.
_TABS = (Status.ASK, Status.REJECTED, Status.CHANGED, Status.NEW, Status.UNCHANGED)


def wording_of(roster_import: RosterImport) -> dict[str, Any]:
    """The import with the words of its pages."""
    start, title, what, measure = _WORDS[RosterImport.Kind(roster_import.kind)]
    return {
        "import": roster_import, "start_url": reverse(start), "title": title, "what": what, "measure": measure,
        "is_roster": roster_import.kind in _IN_ROWS,
        "of_records": roster_import.kind == RosterImport.Kind.HISTORIES,
    }  # fmt: skip


def is_working(roster_import: RosterImport) -> bool:
    """Whether a job of it is queued or running."""
    jobs = (roster_import.preview_job, roster_import.commit_job)
    return any(job is not None and not job.is_finished for job in jobs)


def state_of(roster_import: RosterImport) -> dict[str, str]:
    """How far an import got: words and tone."""
    if roster_import.committed_at:
        return {"label": "已导入", "tone": "success"}
    if roster_import.discarded_at:
        return {"label": "已放弃", "tone": "muted"}
    if is_working(roster_import):
        return {"label": "处理中", "tone": "active"}
    if roster_import.previewed_at is None:
        return {"label": "未能读取", "tone": "danger"}
    return {"label": "待确认导入", "tone": "warning"}


def preview_page(roster_import: RosterImport, request: HttpRequest) -> dict[str, Any]:
    """The preview: a tab for each verdict, a page of its rows, and for what is asked the questions."""
    summary = roster_import.summary
    shown = request.GET.get("show", "")
    if shown not in Status.values or not summary.get(shown):
        shown = next((str(one) for one in _TABS if summary.get(one)), str(Status.UNCHANGED))
    words = wording_of(roster_import)
    context = words | {
        "summary": summary,
        "shown": shown,
        "tabs": [
            {
                "label": one.label,
                "url": f"?show={one}",
                "count": f"{summary.get(one, 0):,}",
                "active": one == shown,
            }
            for one in _TABS
        ],
        "notes": roster_import.notes,
        "writes": summary.get("new", 0) + summary.get("changed", 0),
        "confirmation": confirmation(summary, words["measure"], _counted_in(words)),
        "failure": _failure(roster_import),
        "rejected_url": _rejected_url(roster_import),
    }
    if shown == Status.ASK:
        return context | _questions(roster_import, request)
    if roster_import.kind == RosterImport.Kind.HISTORIES:
        return context | _records(roster_import, request, shown)
    return context | _rows(roster_import, request, shown)


def result_page(roster_import: RosterImport, request: HttpRequest) -> dict[str, Any]:
    """What came in, what didn't, and where to go next."""
    summary = roster_import.summary
    words = wording_of(roster_import)
    counted = _counted_in(words)
    unit = "" if roster_import.unit.parent_id is None else f"?unit={roster_import.unit_id}"
    left_out = summary.get("rejected", 0) + summary.get("ask", 0)
    figures = [
        {"label": "新增", "value": f"{summary.get('new', 0):,}", "unit": counted, "tone": "good"},
        {"label": "更新", "value": f"{summary.get('changed', 0):,}", "unit": counted},
        {"label": "未变", "value": f"{summary.get('unchanged', 0):,}", "unit": counted},
        {
            "label": "没有导入",
            "value": f"{left_out:,}",
            "unit": words["measure"],
            "tone": "danger" if left_out else "",
        },
    ]
    return words | {
        "figures": figures,
        "left_out": left_out,
        "list_url": reverse("cadre-list") + unit,
        "rejected_url": _rejected_url(roster_import),
    }


def _counted_in(words: dict[str, Any]) -> str:
    """What comes in is people, of histories records."""
    return "条" if words["of_records"] else "人"


def confirmation(summary: dict[str, int], measure: str = "行", counted: str = "人") -> str:
    """What confirming means, in a sentence; rows are counted by a measure word."""
    sentence = f"将新增 {summary.get('new', 0):,} {counted}，更新 {summary.get('changed', 0):,} {counted}。"
    left_out = [
        f"{words} {summary[name]:,} {measure}"
        for name, words in (("ask", "待确认的"), ("rejected", "被拒绝的"))
        if summary.get(name)
    ]
    if left_out:
        sentence += f"{'和'.join(left_out)}不导入，可以更正后再次上传。"
    return sentence + f"要么全部写入，要么一{measure}也不写入。"


def _failure(roster_import: RosterImport) -> str:
    """Why the last attempt to write failed, if it did."""
    job = roster_import.commit_job
    return job.error if job is not None and job.is_finished and job.error else ""


def _rejected_url(roster_import: RosterImport) -> str:
    if roster_import.summary.get("rejected") or roster_import.summary.get("ask"):
        return reverse("cadre-import-rejected", args=[roster_import.pk])
    return ""


class _Counted(Paginator):
    """A paginator that knows its count from the summary."""

    def __init__(self, rows: Any, per_page: int, count: int) -> None:
        self._known = count
        super().__init__(rows, per_page)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._known


def _rows(roster_import: RosterImport, request: HttpRequest, shown: str) -> dict[str, Any]:
    rows = (
        roster_import.rows.filter(verdict=shown)
        .select_related("unit", "cadre")
        .defer("cadre__id_number")
        .order_by("ordinal")
    )
    page = _Counted(rows, ROWS_PER_PAGE, roster_import.summary.get(shown, 0)).get_page(
        request.GET.get("page")
    )
    wording = _wording(roster_import, list(page), request)
    is_roster = roster_import.kind == RosterImport.Kind.ROSTER
    of_forms = isinstance(wording, FormWording)
    found = [
        {
            "row": row,
            "further": wording.further(row) if isinstance(wording, FormWording) else [],
            "honours": wording.offered(row) if isinstance(wording, FormWording) else [],
            "place": f"{row.sheet} 第 {row.row} 行" if is_roster else row.sheet,
            "values": wording.values(row),
            "changes": wording.shown_changes(row),
            "problems": wording.problems(row),
        }
        for row in page
    ]
    of_honours = any(one["honours"] for one in found)
    return {"page_obj": page, "of_forms": of_forms, "of_honours": of_honours, "rows": found}


def _records(roster_import: RosterImport, request: HttpRequest, shown: str) -> dict[str, Any]:
    """A page of the rows of histories; the roster's columns of persons are read along with one query."""
    rows = roster_import.records.filter(verdict=shown).order_by("ordinal")
    page = _Counted(rows, ROWS_PER_PAGE, roster_import.summary.get(shown, 0)).get_page(
        request.GET.get("page")
    )
    wanted = [row.ordinal for row in page if row.slug == "person"]
    found = (
        roster_import.rows.filter(ordinal__in=wanted)
        .select_related("unit", "cadre")
        .defer("cadre__id_number")
    )
    people = {person.ordinal: person for person in found} if wanted else {}
    wording = RecordWording(roster_import)
    return {
        "page_obj": page,
        "rows": [
            {
                "row": row,
                "kind": label_of(row.slug),
                "place": f"{row.sheet} 第 {row.row} 行",
                "words": wording.shown_values(row),
                "changes": wording.shown_changes(row, people.get(row.ordinal)),
                "problems": wording.problems(row),
            }
            for row in page
        ],
    }


def _wording(roster_import: RosterImport, rows: list[RosterImportRow], request: HttpRequest) -> Wording:
    """What words the rows of a page; sealed words of forms are opened for those who may see them."""
    if roster_import.kind == RosterImport.Kind.PHOTOS:
        return PhotoWording(roster_import)
    if roster_import.kind != RosterImport.Kind.FORMS:
        return Wording(roster_import)
    opens = may_on(request.user, "cadre.view_sensitive", roster_import)
    return FormWording(roster_import, rows, opens_sensitive=opens)


def _questions(roster_import: RosterImport, request: HttpRequest) -> dict[str, Any]:
    asked = roster_import.rows.filter(verdict=Status.ASK, candidates__isnull=False).count()
    page = Paginator(range(asked), PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    offset = (page.number - 1) * PEOPLE_PER_PAGE
    units = unit_questions(roster_import)
    people = (
        person_questions(roster_import, by=request.user, offset=offset, first=len(units)) if asked else []
    )
    of_records = roster_import.kind == RosterImport.Kind.HISTORIES
    made = new_units(roster_import, [one.name for one in units]) if of_records and units else {}
    units = [replace(one, creation=made.get(one.name)) for one in units]
    records = record_questions(roster_import, len(units) + len(people)) if of_records else []
    return {"units": units, "people": people, "records": records, "page_obj": page if asked else None}
