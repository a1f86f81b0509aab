"""The roster as a list: filters, sort orders, keyset paging; every query follows an index at any size."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from accounts.models import Unit
from accounts.scope import paths
from cadres.codes import DEMOCRATIC_PARTIES, PARTY_MEMBERS
from cadres.models import Appointment, Cadre, Code, Education, PersonnelRelation, PoliticalStatus, Post
from cadres.names import Characters, Initials, read_search
from cadres.paging import Page, Phase, walk
from core.calendar import add_months, today
from core.pinyin import pinyin_key

PAGE_SIZE = 50
COUNT_CAP = 1000
_REMEMBERED_SECONDS, _MOST_REMEMBERED = 3600, 5000
_spread: dict[tuple[Any, ...], tuple[float, bool]] = {}

# Education bands by the code table's comparable level, and ages in completed years.
EDUCATION_BANDS = {
    "doctor": ("博士研究生", 66, None),
    "postgraduate": ("研究生及以上", 55, None),
    "bachelor": ("本科及以上", 50, None),
    "college": ("大专及以上", 40, None),
    "below": ("大专以下", None, 39),
}
AGE_BANDS = {
    "35": ("35 岁及以下", None, 35),
    "36-40": ("36–40 岁", 36, 40),
    "41-45": ("41–45 岁", 41, 45),
    "46-50": ("46–50 岁", 46, 50),
    "51-55": ("51–55 岁", 51, 55),
    "56": ("56 岁及以上", 56, None),
}
PARTIES = {
    "party": ("中共党员（含预备）", PARTY_MEMBERS),
    "democratic": ("民主党派", DEMOCRATIC_PARTIES),
    "none": ("无党派、群众等", ("03", "12", "13")),
}
SORTS = {
    "name": "姓名",
    "unit": "单位",
    "birth": "年龄（大到小）",
    "-birth": "年龄（小到大）",
    "post": "任现职时间（早到晚）",
    "-post": "任现职时间（晚到早）",
}


@dataclass(frozen=True)
class Criteria:
    """What somebody asked the list for; empty values ask nothing."""

    search: str = ""
    unit: Unit | None = None
    category: str = ""
    gender: str = ""
    age: str = ""
    education: str = ""
    party: str = ""
    status: str = "in"  # in, left, all
    hosted: bool = False
    sort: str = "name"


def select(user: Any, criteria: Criteria, *, capability: str = "cadre.view") -> QuerySet[Cadre]:
    """Return the people in the user's scope that meet the criteria, in no order."""
    by_path = criteria.sort == "unit"
    rows = Cadre.objects.visible_to(user, capability, within=criteria.unit, as_range=by_path)
    rows = rows.matching(criteria.search)
    return filtered(rows, criteria, today())


def filtered(rows: QuerySet[Cadre], criteria: Criteria, day: dt.date) -> QuerySet[Cadre]:
    """Apply what a person's record must meet on a day; unit, name and order are the caller's."""
    if criteria.gender:
        rows = rows.filter(gender=criteria.gender)
    if criteria.age in AGE_BANDS:
        rows = rows.filter(_age_between(*AGE_BANDS[criteria.age][1:], day))
    mine = {"cadre": OuterRef("pk")}
    if criteria.category in Post.Category.values:
        posts = Appointment.objects.main().on(day).filter(**mine, post__category=criteria.category)
        rows = rows.filter(Exists(posts))
    if criteria.education in EDUCATION_BANDS:
        rows = rows.filter(_education(criteria.education))
    if criteria.party in PARTIES:
        held = PoliticalStatus.objects.on(day).filter(**mine, status_id__in=_party_ids(criteria.party))
        rows = rows.filter(Exists(held))
    if criteria.hosted:
        away = Appointment.objects.on(day).filter(**mine, kind=Appointment.Kind.SECONDED)
        rows = rows.filter(Exists(away))
    if criteria.status in ("in", "left"):
        relation = Exists(PersonnelRelation.objects.filter(**mine, end=None))
        rows = rows.filter(relation if criteria.status == "in" else ~relation)
    return rows


def _age_between(low: int | None, high: int | None, day: dt.date) -> Q:
    """Completed years between two bounds on a day, as a range of births."""
    condition = Q(birth__isnull=False)
    if low is not None:
        condition &= Q(birth__lte=add_months(day, -12 * low))
    if high is not None:
        condition &= Q(birth__gt=add_months(day, -12 * (high + 1)))
    return condition


def _education(band: str) -> Any:
    _, low, high = EDUCATION_BANDS[band]
    records = Education.objects.filter(cadre=OuterRef("pk"))
    if low is not None:
        return Exists(records.filter(level_id__in=_level_ids(low)))
    return Exists(records.filter(level__isnull=False)) & ~Exists(
        records.filter(level_id__in=_level_ids((high or 0) + 1))
    )


# The ids are asked for first: joined to the codes, the planner couldn't tell common values from rare ones.
def _level_ids(low: int) -> list[int]:
    return list(Code.objects.filter(list=Code.List.EDUCATION, level__gte=low).values_list("pk", flat=True))


def _party_ids(party: str) -> list[int]:
    codes = Code.objects.filter(list=Code.List.POLITICAL, code__in=PARTIES[party][1])
    return list(codes.values_list("pk", flat=True))


def count(user: Any, criteria: Criteria) -> tuple[int, bool]:
    """Return how many people meet the criteria, at most COUNT_CAP, and whether there are more."""
    number = select(user, criteria).order_by().values("pk")[: COUNT_CAP + 1].count()
    return min(number, COUNT_CAP), number > COUNT_CAP


def list_page(user: Any, criteria: Criteria, *, cursor: str = "", size: int = PAGE_SIZE) -> Page:
    """Return one page; `cursor` is a page's `next` or `previous`. A damaged cursor means the first page."""
    reading = read_search(criteria.search)
    if not isinstance(reading, Characters):
        by_initials = isinstance(reading, Initials)
        return walk(phases(select(user, criteria), criteria.sort, by_initials=by_initials), cursor, size)
    if criteria.sort == "name" and len(reading.text) == 1 and _is_spread(user, criteria.unit, reading.text):
        # The name is asked first: it keeps one row in fifty, the scope perhaps all.
        named = Cadre.objects.filter(name__contains=reading.text)
        rows = named & select(user, replace(criteria, search=""))
        return walk(phases(rows, "name"), cursor, size)
    # The hits are collected first and sorted then: an order that promises an early end would mislead the
    # planner into walking the whole index for a rare name, or for a surname at the end of the alphabet.
    parts = phases(select(user, criteria), criteria.sort)
    return walk([replace(phase, fenced=True) for phase in parts], cursor, size)


def _is_spread(user: Any, unit: Unit | None, text: str) -> bool:
    """Whether a character is so common, and so evenly spread over the alphabet, that a walk meets it soon.

    A common surname isn't: all who bear it stand together. Remembered for an hour, since it only decides
    which way is quicker.
    """
    key = (
        text,
        tuple(paths(user, "cadre.view")),
        unit.path if unit else "",
        connection.settings_dict["NAME"],
    )
    known = _spread.get(key)
    if known is None or known[0] < time.monotonic():
        names = Criteria(search=text, unit=unit, status="all")
        syllable = pinyin_key(text)
        bearers = select(user, replace(names, search="")).filter(
            name__startswith=text, name_key__gte=syllable, name_key__lt=f"{syllable}~"
        )
        spread = count(user, names)[1] and bearers.values("pk")[:PAGE_SIZE].count() < PAGE_SIZE
        if len(_spread) >= _MOST_REMEMBERED:
            _spread.clear()
        known = _spread[key] = (time.monotonic() + _REMEMBERED_SECONDS, spread)
    return known[1]


def phases(rows: QuerySet[Cadre], sort: str, *, by_initials: bool = False) -> list[Phase]:
    """The parts of an order; people without the value come last, by name."""
    descending = sort.startswith("-")
    by_name = ("name_key", "id")
    if sort == "unit":
        return [Phase(rows, ("unit_path", *by_name))]
    if sort in ("birth", "-birth"):
        return [
            Phase(rows.filter(birth__isnull=False), ("birth", "id"), descending=descending),
            Phase(rows.filter(birth=None), by_name),
        ]
    if sort in ("post", "-post"):
        return _by_post(rows, today(), descending)
    return [Phase(rows, ("initials", *by_name) if by_initials else by_name)]


def _by_post(rows: QuerySet[Cadre], day: dt.date, descending: bool) -> list[Phase]:
    condition = Q(appointments__is_main=True, appointments__start__lte=day)
    condition &= Q(appointments__end=None) | Q(appointments__end__gt=day)
    joined = rows.annotate(main=FilteredRelation("appointments", condition=condition))
    dated = Appointment.objects.main().on(day).filter(cadre=OuterRef("pk"), start__isnull=False)
    return [
        Phase(joined.filter(main__start__isnull=False), ("main__start", "id"), descending=descending),
        Phase(rows.filter(~Exists(dated)), ("name_key", "id")),
    ]
