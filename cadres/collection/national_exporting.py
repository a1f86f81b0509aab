"""The 干部大数据信息提取表 written: units, persons and their histories, in the form's own layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from django.db.models import Q, QuerySet

from accounts.models import Unit, User
from accounts.scope import paths
from cadres.codes import DEMOCRATIC_PARTIES, PARTY_MEMBERS
from cadres.collection.columns import Column, SheetSpec
from cadres.collection.exporting import watermark
from cadres.collection.national import digits, national_sheets
from cadres.collection.selecting import Identity, Selection, Sight, people_of, records_of
from cadres.cv import CareerEntry, write_career
from cadres.models import Appointment, Cadre, Oversight, Rank
from cadres.models.collection import KEPT_BESIDE, KeptCells
from cadres.services.collection_import.kept import KEPT, in_own_words, kept_beside
from cadres.services.collection_import.targets import TARGETS
from cadres.services.collection_import.unit_facts import headcounts, own_words
from core.sheets.books import BookColumn, BookSheet, write_book

_BATCH = 1_000
_RELATED = {"appointment": ("unit", "selection", "post")}
_WHO = (BookColumn("姓名", 10, required=True), BookColumn("身份证号", 21, "identity", required=True))
_YEARS_TOLD = 3
_READ_ALONG = (
    "politicalstatuss__status", "appointments__unit", "ranks", "professionaltitles", "careerlines", "honours",
    "annual_assessments",
)  # fmt: skip
_SUPPLEMENTS = {"slug": "supplement"}


def write_national(
    target: str | Path | IO[bytes],
    selection: Selection,
    *,
    by: User | None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the whole form for the chosen people; returns the number of rows. Numbers are open: they are its key."""
    sight = Sight(by)
    identity = Identity(open_numbers=True, sight=sight)
    people = people_of(selection, by=by)
    mark = watermark(selection, by)

    def rows(spec: SheetSpec) -> Iterator[list[Any]]:
        if spec.slug == "unit":
            yield from _units(spec, selection, by)
        elif spec.slug == "person":
            yield from _people(spec, people, identity, sight)
        else:
            for record in _records(spec, people, sight):
                cadre = record.cadre
                yield [cadre.name, identity.number(cadre), *(column.write(record) for column in spec.columns)]

    sheets = (
        BookSheet(
            spec.name, _columns(spec), rows(spec), title=f"{spec.name}（{mark}）", plain_header=True,
        )
        for spec in national_sheets()
    )  # fmt: skip
    return write_book(target, sheets, progress=progress)


def national_name(moment: datetime) -> str:
    """The file name of an export."""
    return f"干部大数据信息提取表_{moment:%Y%m%d}.xlsx"


def _columns(spec: SheetSpec) -> list[BookColumn]:
    own = [_book_column(one) for one in spec.columns]
    return own if spec.slug in ("unit", "person") else [*_WHO, *own]


def _book_column(column: Column) -> BookColumn:
    return BookColumn(column.heading, column.width, "text", required=column.required)


def _records(spec: SheetSpec, people: QuerySet[Cadre], sight: Sight) -> Iterator[Any]:
    """The rows of a history; sanctions stand on the sheet of awards."""
    target = TARGETS.get(spec.slug, KEPT)
    related = _RELATED.get(spec.slug, target.related)
    if spec.slug == "supplement":
        yield from records_of(spec, KeptCells, people, related=(), sight=sight, only=_SUPPLEMENTS)
        return
    kept = spec.slug if spec.slug in KEPT_BESIDE else ""
    yield from records_of(spec, target.model, people, related=related, sight=sight, kept=kept)
    if spec.code == "A14":
        for record in records_of(
            spec, Oversight, people.order_by(), related=(), sight=sight, kept="oversight"
        ):
            if record.kind == Oversight.Kind.SANCTION and sight.sees(record.cadre, "oversight"):
                yield record


def _units(spec: SheetSpec, selection: Selection, by: User | None) -> Iterator[list[Any]]:
    """The units of the selection that its asker may export from, with their headcount by category."""
    units = Unit.objects.open()
    if selection.criteria.unit is not None:
        units = units.below(selection.criteria.unit.path)
    if by is not None:
        reach = Q(pk__in=[])
        for path in paths(by, "roster.export"):
            reach |= Q(path__startswith=path)
        units = units.filter(reach)
    counts = headcounts()
    units = units.annotate(kept=kept_beside("unit")).order_by("path")
    for unit in units.iterator(chunk_size=_BATCH):
        told = {"机构名称": unit.name, **in_own_words(own_words(unit, counts), unit.kept)}
        yield [told.get(column.heading) or column.write(unit) for column in spec.columns]


# --- persons --------------------------------------------------------------------------------------------------


def _people(
    spec: SheetSpec, people: QuerySet[Cadre], identity: Identity, sight: Sight
) -> Iterator[list[Any]]:
    rows = people.select_related("unit", "ethnicity").order_by("unit_path", "name_key", "id")
    rows = rows.prefetch_related(*_READ_ALONG)
    for cadre in rows.annotate(kept=kept_beside("person")).iterator(chunk_size=_BATCH):
        told = _in_words_seen(_told(cadre, identity), cadre, sight)
        hidden = {heading for heading, guard in GUARDS.items() if not sight.sees(cadre, guard)}
        yield [
            None
            if column.heading in hidden
            else told[column.heading]
            if column.heading in told
            else column.write(cadre)
            for column in spec.columns
        ]


def _in_words_seen(computed: dict[str, Any], cadre: Any, sight: Sight) -> dict[str, Any]:
    """The computed columns in the form's words; what it said of sanctions only for who sees them, never of oneself."""
    told = in_own_words(dict(computed), cadre.kept)
    if not sight.sees(cadre, "oversight"):
        told[REWARDS] = computed[REWARDS]
    return told


REWARDS = "奖惩综述"
# Heading → the field whose level decides who sees the column.
GUARDS = {
    **dict.fromkeys((one.heading for one in national_sheets()[1].columns if one.homeless), "note"),
    "健康状况": "health", "出生年月": "birth", "籍贯": "native_place", "出生地": "birthplace", "民族": "ethnicity",
    "参加工作时间": "work", "政治面貌": "party", "入党时间": "party_join", "入党时间文字": "party_join",
    "第二党派": "democratic_party", "熟悉专业有何特长": "speciality", "简历": "career", "备注": "note",
    "奖惩综述": "honours", "年度考核结果综述": "annual_assessments",
}  # fmt: skip


def tell_people(ids: list[int]) -> dict[int, dict[str, Any]]:
    """What the columns that the system computes say of people, by id; a fixed number of queries."""
    rows = Cadre.objects.filter(pk__in=ids).select_related("unit", "ethnicity").prefetch_related(*_READ_ALONG)
    nobody = Identity(open_numbers=False, sight=Sight(None))
    return {cadre.pk: _told(cadre, nobody) for cadre in rows}


def _told(cadre: Cadre, identity: Identity) -> dict[str, Any]:
    """What the persons' sheet says beyond plain columns, by heading."""
    parties = sorted(
        (one for one in cadre.politicalstatuss.all() if one.end is None),
        key=lambda one: one.status.code in DEMOCRATIC_PARTIES,
    )
    member = next((one for one in parties if one.status.code in PARTY_MEMBERS), None)
    joined = digits(member.start_date) if member else None
    posts = _posts(cadre)
    level, rank = (_held(cadre, kind) for kind in (Rank.Kind.LEVEL, Rank.Kind.RANK))
    titles = [one.title_text for one in cadre.professionaltitles.all() if one.end is None]
    return {
        "姓名": cadre.name, "身份证号": identity.number(cadre), "性别": cadre.get_gender_display() or None,
        "出生年月": digits(cadre.birth_date), "籍贯": cadre.native_place,
        "民族": cadre.ethnicity.name if cadre.ethnicity else None, "参加工作时间": digits(cadre.work_start_date),
        "入党时间文字": joined, "政治面貌": parties[0].status.name if parties else None, "入党时间": joined,
        "第二党派": parties[1].status.name if len(parties) > 1 else None,
        "人员管理状态": "现职人员" if posts else None, "现工作单位及职务全称": posts, "现工作单位及职务简称": posts,
        "现职务层次": level.name if level else None, "任现职务层次时间": digits(level.start_date) if level else None,
        "现职级": rank.name if rank else None, "任现职级时间": digits(rank.start_date) if rank else None,
        "专业技术职务": "、".join(titles), "统计关系所在单位": cadre.unit.name, "简历": _career(cadre),
        "奖惩综述": "；".join(one.name for one in cadre.honours.all() if one.end is None),
        "年度考核结果综述": "；".join(
            f"{one.year}年{one.grade_label}" for one in list(cadre.annual_assessments.all())[:_YEARS_TOLD]
        ),
        "备注": cadre.note,
    }  # fmt: skip


def _posts(cadre: Cadre) -> str:
    held = [one for one in cadre.appointments.all() if one.end is None]
    held.sort(key=lambda one: (not one.is_main, one.order, one.pk))
    places = groupby(held, key=Appointment.place.fget)  # type: ignore[attr-defined]
    return "、".join(f"{place}{'、'.join(one.title for one in own)}" for place, own in places)


def _held(cadre: Cadre, kind: str) -> Any:
    return next((one for one in cadre.ranks.all() if one.kind == kind and one.end is None), None)


def _career(cadre: Cadre) -> str:
    """The lines as the 任免审批表 writes them."""
    lines = list(cadre.careerlines.all())
    below: dict[int, list[CareerEntry]] = {}
    for line in lines:
        if line.within_id:
            below.setdefault(line.within_id, []).append(
                CareerEntry(line.start_date, line.end_date, line.text)
            )
    return write_career(
        CareerEntry(line.start_date, line.end_date, line.text, tuple(below.get(line.pk, ())))
        for line in lines
        if not line.within_id
    )
