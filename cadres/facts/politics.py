"""Facts about political affiliation."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, Exists, OuterRef, When

from cadres.codes import PARTY_MEMBERS
from cadres.facts.building import code_words, first, of_cadre, register_since, years_since
from cadres.facts.registry import Fact, register
from cadres.models import Code, PoliticalStatus


def political(on: date) -> Any:
    """Affiliations in force, the party first."""
    return of_cadre(PoliticalStatus).on(on).order_by("status__order", "status__code")


def _membership(on: date) -> Any:
    """Since when a member: a probationary member who became a full one counts from the first day."""
    rows = of_cadre(PoliticalStatus).filter(start__lte=on, status__code__in=PARTY_MEMBERS)
    return rows.order_by("start")


def _years(on: date) -> Any:
    return Case(When(_is_member(on), then=years_since(_membership)(on)))


def _members_since(on: date) -> Any:
    """The same of those who are members on the day."""
    present = PoliticalStatus.objects.filter(cadre=OuterRef("cadre"), status__code__in=PARTY_MEMBERS).on(on)
    return _membership(on).filter(Exists(present))


def _is_member(on: date) -> Exists:
    return Exists(political(on).order_by().filter(status__code__in=PARTY_MEMBERS))


def _membership_asked(operator: str, value: Any, on: date) -> Any:
    """Whether a member, by the ids of the codes: joined to them, the planner takes members for rare and reads
    every affiliation where looking up a page's few people would do."""
    if operator != "is":
        return None
    codes = Code.objects.filter(list=Code.List.POLITICAL, code__in=PARTY_MEMBERS).values_list("pk", flat=True)
    member = Exists(of_cadre(PoliticalStatus).on(on).filter(status_id__in=list(codes)))
    return member if value else ~member


register(
    Fact(
        "political", "政治面貌", "C2", "choice", lambda on: first(political(on), "status__code"),
        definition="统计日在期内的政治面貌；有两种的先取中共党员。", topic="politics",
        wording=lambda on: code_words(political(on), "status"), codes=Code.List.POLITICAL,
    )
)  # fmt: skip
register(
    Fact(
        "party_member", "中共党员", "C2", "flag", _is_member,
        definition="统计日是中共党员或中共预备党员。", topic="politics", condition=_membership_asked,
    )
)  # fmt: skip
register(
    Fact(
        "party_years", "党龄", "C2", "number", _years, unit="年",
        definition="统计日是中共党员（含预备）的，从最早登记的入党时间算起已满的年数。", topic="politics",
    )
)  # fmt: skip
register_since(
    "party_since",
    "入党时间",
    "C2",
    _members_since,
    "统计日是中共党员（含预备）的，最早登记的入党时间。",
    topic="politics",
)
