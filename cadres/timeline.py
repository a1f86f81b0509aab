"""A person's histories as sections of the page's tabs, and all of them together as one timeline."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from cadres.cv import CareerEntry, check_career
from cadres.describing import chinese, related_of, words_of
from cadres.fields import rows_seen
from cadres.kinds import KINDS, REVIEWS
from cadres.models import Appointment, Cadre
from core.calendar import today
from core.panels import Happening


@dataclass
class Row:
    """An entry of a history as a page shows it; `below` are entries that stand under it.

    The page adds what its reader may do: `menu`, and `open_url` where encrypted columns can be opened.
    """

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
    badge: tuple[str, str] | None = None
    due: date | None = None
    due_word: str = "期限 "
    sealed: bool = False
    below: list[Row] = field(default_factory=list)
    reviews: list[Any] = field(default_factory=list)
    menu: list[dict[str, str]] = field(default_factory=list)
    open_url: str = ""


@dataclass
class Section:
    """A history with its entries, newest first; `hints` are what looks wrong, `add_url` the page's to fill."""

    kind: str
    label: str
    add_label: str
    rows: list[Row]
    hints: list[str] = field(default_factory=list)
    add_url: str = ""


@dataclass(frozen=True)
class Tab:
    """A part of the person's page with the histories it shows."""

    key: str
    label: str
    kinds: tuple[str, ...]


TABS: tuple[Tab, ...] = (
    Tab("", "概况", ()),
    Tab("career", "履历", ("appointment", "career", "rank", "political", "relation")),
    Tab("study", "学历证书", ("education", "title", "certificate")),
    Tab("honours", "考核荣誉", ("assessment", "honour", "evaluation")),
    Tab("growth", "培养发展", ("competence", "talent", "reserve", "plan")),
    Tab("family", "家庭", ("family",)),
    Tab("oversight", "监督", ("oversight",)),
    Tab("requests", "诉求更正", ("petition",)),
)
# Histories without a level of their own in cadres.fields: whoever sees the person sees them.
_OPEN = {"appointment": "posts", "relation": "unit"}
_ICONS = {"appointment": "briefcase", "relation": "building"}


def tab_of(kind: str) -> str:
    """Return the key of the tab that shows a history."""
    return next((tab.key for tab in TABS if kind in tab.kinds), "")


def tabs_for(allowed: frozenset[str]) -> list[Tab]:
    """Return the tabs of which the reader may see something."""
    return [tab for tab in TABS if not tab.kinds or any(_guard(kind) in allowed for kind in tab.kinds)]


def _guard(kind: str) -> str:
    return _OPEN.get(kind) or KINDS[kind].guard


def histories_of(
    cadre: Cadre, allowed: frozenset[str], kinds: Collection[str] | None = None, *, reader: Any
) -> list[Section]:
    """Return the sections a reader may see (only of the given kinds), each read by one query."""
    wanted = [kind for tab in TABS for kind in tab.kinds if kinds is None or kind in kinds]
    return [_section(cadre, kind, reader) for kind in wanted if _guard(kind) in allowed]


def _section(cadre: Cadre, kind: str, reader: Any) -> Section:
    if kind == "appointment":
        rows = [_row(kind, each) for each in _records(cadre, Appointment, kind, reader)]
        return Section(kind, "任职", "登记任职", rows)
    if kind == "relation":
        relations = cadre.personnelrelations.select_related("unit").order_by("-start")
        return Section(kind, "人事关系", "", [_relation(each) for each in relations])
    history = KINDS[kind]
    records = _records(cadre, history.model, kind, reader)
    if kind == "career":
        lines = _lines(records)
        return Section(kind, history.label, history.add_label, lines, _hints(cadre, lines))
    rows = [_row(kind, each) for each in records]
    if kind in REVIEWS:
        _add_reviews(kind, rows)
    return Section(kind, history.label, history.add_label, rows)


def _records(cadre: Cadre, model: type[Any], kind: str, reader: Any) -> Iterable[Any]:
    rows = model.objects.filter(cadre=cadre).select_related(*related_of(kind))
    rows = rows_seen(rows, reader, cadre, _guard(kind))
    if kind == "education":
        return rows.order_by("-level__level", "-end")
    return rows


def _row(kind: str, record: Any) -> Row:
    words = words_of(kind, record)
    has_period = kind == "appointment" or KINDS[kind].has_period
    begins = record.start_date if has_period else None
    running = has_period and words.day is None and (record.end is None or record.end > today())
    return Row(
        record=record, kind=kind, title=words.title, detail=words.detail,
        period=words.period if words.period is not None else record.period,
        is_current=running, start=words.day or (begins.date if begins else None),
        starts=words.since or (begins.chinese() if begins else ""), icon=_ICONS.get(kind) or KINDS[kind].icon,
        ends=running and kind not in ("honour", "oversight"), badge=words.badge, due=words.due,
        sealed=kind != "appointment" and bool(KINDS[kind].sealed),
    )  # fmt: skip


def _relation(record: Any) -> Row:
    current = record.end is None or record.end > today()
    return Row(
        record=record, kind="relation", title=record.unit.name, period=record.period,
        detail=record.get_leaving_display(), is_current=current, start=record.start, icon=_ICONS["relation"],
        starts=record.start_date.chinese() if record.start_date else "", ends=False,
    )  # fmt: skip


def _lines(records: Iterable[Any]) -> list[Row]:
    """The CV in its own order, oldest first, the （其间） lines below theirs."""
    rows = {record.pk: _row("career", record) for record in records}
    top: list[Row] = []
    for row in rows.values():
        above = rows.get(row.record.within_id)
        (above.below if above else top).append(row)
    return top


def _hints(cadre: Cadre, lines: list[Row]) -> list[str]:
    """What doesn't fit together among the lines of a CV."""
    entries = [CareerEntry(row.record.start_date, row.record.end_date, row.record.text) for row in lines]
    return check_career(entries, work_start=cadre.work_start)


def _add_reviews(kind: str, rows: list[Row]) -> None:
    review = REVIEWS[kind]
    by_entry = {row.record.pk: row.reviews for row in rows}
    link = f"{review.link}_id"
    found = review.model.objects.filter(**{f"{link}__in": list(by_entry)}).select_related("reviewed_by")
    for each in found:
        by_entry[getattr(each, link)].append(each)


@dataclass(frozen=True)
class Chapter:
    """A year of a person's timeline, newest entries first, as components/_timeline.html draws them."""

    year: int
    entries: list[dict[str, Any]]


def timeline_of(sections: Iterable[Section], happenings: Iterable[Happening] = ()) -> list[dict[str, Any]]:
    """Return what has a beginning, newest first: the entries of the sections, and what higher apps tell.

    CV lines repeat what the other histories say, and requests are no part of a career: both stay on their tabs.
    """
    words = {section.kind: section.label for section in sections}
    entries = [_told(row, words[row.kind]) for section in sections for row in section.rows if _is_told(row)]
    entries += [
        {
            "day": each.day, "at": chinese(each.day), "title": each.title, "icon": each.icon, "kind": each.kind,
            "who": each.label, "text": each.text, "tone": each.tone, "url": each.url,
        }
        for each in happenings
    ]  # fmt: skip
    return sorted(entries, key=lambda each: (each["day"], each["kind"] == "relation"), reverse=True)


def chapters_of(entries: Iterable[dict[str, Any]]) -> list[Chapter]:
    """Return the entries of a timeline by their years."""
    return [Chapter(year, list(rows)) for year, rows in groupby(entries, key=lambda each: each["day"].year)]


def _is_told(row: Row) -> bool:
    return row.start is not None and row.kind not in ("career", "petition")


def _told(row: Row, label: str) -> dict[str, Any]:
    return {
        "day": row.start, "at": row.starts, "title": row.title, "icon": row.icon, "kind": row.kind, "who": label,
        "text": row.detail, "tone": "active" if row.is_current else "muted",
    }  # fmt: skip
