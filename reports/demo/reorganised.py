"""A village school of the demo that was renamed, then merged into its neighbour: both units' pages tell."""

from __future__ import annotations

from datetime import date

from accounts.services.units import create_unit, rename_unit
from cadres.services.appointments import record_appointment
from cadres.services.people import create_cadre
from cadres.services.posts import create_post
from cadres.services.reorganising import merge_units
from core.calendar import add_months, today
from core.partial_dates import PartialDate
from reports.demo.accounts import Accounts
from reports.demo.tree import Tree

FOUNDED = date(1998, 9, 1)
_PEOPLE = (
    ("顾长青", "1", date(1974, 5, 1), "负责人"),
    ("蒋玉梅", "2", date(1981, 11, 1), ""),
    ("邹立本", "1", date(1988, 2, 1), ""),
)


def merge_a_school(tree: Tree, accounts: Accounts) -> None:
    """Found the school long ago, rename it, and merge it into the second last school last autumn or spring."""
    hr, into = accounts["hr"], tree.schools[-2]
    place = into.parent
    school = create_unit(
        by=hr, code=f"{into.code}-D", name="望江教学点", kind="school", parent=place, stage="primary",
        is_rural=True, headcount=1, valid_from=FOUNDED,
    )  # fmt: skip
    post = create_post(unit=school, by=hr, title="负责人", category="middle", headcount=1)
    for name, gender, birth, title in _PEOPLE:
        cadre = create_cadre(
            by=hr, unit=school, name=name, gender=gender, birth=PartialDate.of(birth, "month"),
            relation_start=PartialDate.of(date(2012, 9, 1)),
        ).cadre  # fmt: skip
        record_appointment(
            cadre=cadre, by=hr, title=title or "教师", unit=school, post=post if title else None, is_main=True,
            start=PartialDate.of(date(2012, 9, 1)),
        )  # fmt: skip
    day = today()
    rename_unit(by=hr, unit=school, name="望江小学", on=add_months(day.replace(day=1), -60))
    merge_units(
        by=hr, unit=school, into=into, on=add_months(day.replace(day=1), -3),
        document_number=f"示教〔{add_months(day, -3).year}〕31号",
    )  # fmt: skip
