"""A person's histories as sections of the page, and all of them together as one timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cadres.models import Appointment, Cadre
from core.calendar import today


@dataclass(frozen=True)
class Row:
    """An entry of a history as a page shows it."""

    record: Any
    kind: str
    title: str
    period: str
    detail: str
    is_current: bool
    start: date | None
    starts: str
    icon: str
    ends: bool = True


@dataclass(frozen=True)
class Section:
    """A history with its entries, newest first."""

    kind: str
    label: str
    add_label: str
    rows: list[Row]


_ICONS = {
    "appointment": "briefcase", "education": "school", "title": "certificate", "rank": "stairs",
    "political": "flag", "assessment": "clipboard-check", "relation": "building",
}  # fmt: skip


def histories_of(cadre: Cadre, allowed: frozenset[str]) -> list[Section]:
    """Return the sections a reader may see, one query each."""
    found = [
        Section("appointment", "任职", "登记任职", [_appointment(each) for each in _appointments(cadre)])
    ]
    if "education" in allowed:
        found.append(
            Section("education", "学历学位", "添加学历", [_education(e) for e in _educations(cadre)])
        )
    titles = cadre.professionaltitles.select_related("title")
    found.append(
        Section("title", "职称", "添加职称", [_row("title", each, each.title_text) for each in titles])
    )
    ranks = [
        _row("rank", each, each.name or each.get_kind_display(), each.get_kind_display())
        for each in cadre.ranks.all()
    ]
    found.append(Section("rank", "职级", "添加职级", ranks))
    if "party" in allowed:
        politics = cadre.politicalstatuss.select_related("status")
        rows = [_row("political", each, str(each.status)) for each in politics]
        found.append(Section("political", "政治面貌", "添加", rows))
    if "annual_assessments" in allowed:
        grades = [_assessment(each) for each in cadre.annual_assessments.all()]
        found.append(Section("assessment", "年度考核", "登记考核", grades))
    relations = [
        _row("relation", each, each.unit.name, each.get_leaving_display(), ends=False)
        for each in cadre.personnelrelations.select_related("unit").order_by("-start")
    ]
    found.append(Section("relation", "人事关系", "", relations))
    return found


def timeline_of(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Return the entries of all sections that have a beginning, newest first, for the timeline."""
    rows = [row for section in sections for row in section.rows if row.start is not None]
    rows.sort(key=lambda row: (row.start, row.kind == "relation"), reverse=True)  # type: ignore[arg-type,return-value]
    words = {section.kind: section.label for section in sections}
    return [
        {
            "at": row.starts, "title": row.title, "icon": row.icon, "who": words.get(row.kind, ""),
            "text": row.detail, "tone": "active" if row.is_current else "muted",
        }
        for row in rows
    ]  # fmt: skip


def _appointments(cadre: Cadre) -> Iterable[Appointment]:
    return cadre.appointments.select_related("unit", "post", "selection", "removal")


def _educations(cadre: Cadre) -> Iterable[Any]:
    return cadre.educations.select_related("level", "degree").order_by("-level__level", "-end")


def _row(kind: str, record: Any, title: str, detail: str = "", *, ends: bool = True) -> Row:
    current = record.end is None or record.end > today()
    return Row(
        record=record, kind=kind, title=title, period=record.period, detail=detail,
        is_current=current, start=record.start, icon=_ICONS[kind],
        starts=record.start_date.chinese() if record.start_date else "", ends=ends and current,
    )  # fmt: skip


def _appointment(record: Appointment) -> Row:
    words = [] if record.kind == Appointment.Kind.REGULAR else [record.get_kind_display()]
    words += ["主职务"] if record.is_main else []
    words += [record.document_number, str(record.selection or "")]
    if record.probation_end and record.probation_end > today():
        words.append(f"试用期至{record.probation_end:%Y年%-m月%-d日}")
    if record.end is not None:
        words += [str(record.removal or ""), record.removal_reason]
    return _row("appointment", record, f"{record.place} {record.title}", " · ".join(filter(None, words)))


def _education(record: Any) -> Row:
    level = "，".join(filter(None, [record.level_text, record.degree_text]))
    start = record.start_date.chinese() if record.start_date else ""
    end = f"{record.end_date.chinese()}毕业" if record.end_date else ""
    when = record.end_date or record.start_date
    return Row(
        record=record, kind="education", title=f"{record.get_mode_display()} {level}",
        period=" – ".join(filter(None, [start, end])), detail=record.school, is_current=False,
        start=when.date if when else None, starts=when.chinese() if when else "", icon=_ICONS["education"],
        ends=False,
    )  # fmt: skip


def _assessment(record: Any) -> Row:
    return Row(
        record=record, kind="assessment", title=record.grade_label, period=f"{record.year} 年度",
        detail=record.note, is_current=False, start=date(record.year, 12, 31), starts=f"{record.year} 年度",
        icon=_ICONS["assessment"], ends=False,
    )  # fmt: skip
