"""A fact's condition (what an index can answer) tells the same truth as its value, whoever is asked about."""

import datetime as dt
import operator
import random

import pytest

from cadres.facts import FACTS, values_of
from cadres.facts.building import Height
from cadres.models import (
    AnnualAssessment,
    Appointment,
    Cadre,
    Certificate,
    Code,
    Education,
    FamilyMember,
    Honour,
    Oversight,
    PersonnelRelation,
    Petition,
    ProfessionalTitle,
)
from core.calendar import now
from tests.cadres.factories import make_cadre, make_code, make_post
from tests.factories import make_unit

pytestmark = pytest.mark.django_db
DAYS = (dt.date(2026, 2, 28), dt.date(2028, 2, 29), dt.date(2019, 6, 30))
HOLDS = {
    "at_least": lambda value, asked: value >= asked,
    "at_most": lambda value, asked: value <= asked,
    "one_of": lambda value, asked: value in asked,
    "is": lambda value, asked: value == asked,
    "since": lambda value, asked: value >= asked.isoformat(),
    "before": lambda value, asked: value < asked.isoformat(),
}


def _day(chance: random.Random, first: int, last: int) -> dt.date | None:
    """Many ends of February, and some unknown."""
    if chance.random() < 0.15:
        return None
    year = chance.randint(first, last)
    if chance.random() < 0.4:
        return dt.date(year, 2, 28) + dt.timedelta(days=chance.randint(0, 1))
    return dt.date(year, 1, 1) + dt.timedelta(days=chance.randint(0, 364))


@pytest.fixture
def people(db):
    """Forty people with rows at random, the same each time."""
    chance = random.Random(11)
    units = [make_unit(f"单位{n}", stage=stage) for n, stage in enumerate(("primary", "senior", ""))]
    posts = [make_post(unit, "校长", "head") for unit in units]
    codes = {
        name: [make_code(name, f"X{level}", f"{name}{level}", level=level) for level in (10, 20, 30)]
        for name in ("education", "degree", "title")
    }
    nations = [make_code("ethnicity", "01", "汉族"), make_code("ethnicity", "26", "仡佬族")]
    for _ in range(40):
        cadre = make_cadre(
            chance.choice(units), birth=_day(chance, 1965, 1990), work_start=None, gender=chance.choice("12"),
            ethnicity=chance.choice([None, *nations]),
        )  # fmt: skip
        Cadre.objects.filter(pk=cadre.pk, birth__lt=dt.date(1990, 1, 1)).update(
            work_start=_day(chance, 1991, 2012)
        )
        _histories(chance, cadre, units, posts, codes)
        _more(chance, cadre)
    return Cadre.objects.all()


def _histories(chance, cadre, units, posts, codes):
    moved = _day(chance, 2012, 2021)
    if moved:
        cadre.personnelrelations.update(end=moved, leaving="transfer")
        PersonnelRelation.objects.create(cadre=cadre, unit=chance.choice(units), start=moved)
    for n in range(chance.randint(0, 3)):
        start = _day(chance, 2000 + 8 * n, 2006 + 8 * n)
        Appointment.objects.create(
            cadre=cadre, unit=chance.choice(units), title="校长", post=chance.choice([None, *posts]),
            kind=chance.choice(["regular", "seconded"]), start=start, term_end=_day(chance, 2020, 2030),
            end=dt.date(2007 + 8 * n, 1, 1) if n < 2 else None,
        )  # fmt: skip
        last = cadre.appointments.last()
        Appointment.objects.filter(pk=last.pk, kind="regular", start__isnull=False).update(is_main=True)
    for _ in range(chance.randint(0, 3)):
        Education.objects.create(
            cadre=cadre, mode=chance.choice(["full_time", "in_service"]), end=_day(chance, 1998, 2028),
            level=chance.choice([None, *codes["education"]]), degree=chance.choice([None, *codes["degree"]]),
        )  # fmt: skip
        ProfessionalTitle.objects.create(
            cadre=cadre, title=chance.choice([None, *codes["title"]]), start=_day(chance, 2000, 2027)
        )
        Honour.objects.create(
            cadre=cadre, name="奖", level=chance.choice(Honour.Level.values), start=_day(chance, 2010, 2027)
        )
        Certificate.objects.create(
            cadre=cadre, name="证", kind=chance.choice(Certificate.Kind.values), start=_day(chance, 2010, 2018),
            end=_day(chance, 2019, 2030),
        )  # fmt: skip
        kind = chance.choice(["reminder", "integrity_talk", "admonition"])
        Oversight.objects.create(
            cadre=cadre, kind=kind, start=_day(chance, 2015, 2027), due=_day(chance, 2016, 2028)
        )


def _more(chance, cadre):
    """What isn't dated by a period, and kin among those who are there already."""
    for year in chance.sample(range(2015, 2028), chance.randint(0, 6)):
        AnnualAssessment.objects.create(
            cadre=cadre, year=year, grade=chance.choice(AnnualAssessment.Grade.values)
        )
    for _ in range(chance.randint(0, 2)):
        asked = _day(chance, 2015, 2027) or dt.date(2018, 2, 28)
        replied = asked + dt.timedelta(days=chance.randint(0, 400)) if chance.random() < 0.5 else None
        Petition.objects.create(
            cadre=cadre, subject="x", content="x", submitted_on=asked, due=asked + dt.timedelta(days=20),
            replied_on=replied,
        )  # fmt: skip
    others = list(Cadre.objects.exclude(pk=cadre.pk))
    if others and chance.random() < 0.5:
        FamilyMember.objects.create(
            cadre=cadre, relation=make_code("relation", "11", "夫妻"), name="x", kin=chance.choice(others),
            kin_confirmed_at=chance.choice([None, now()]),
        )  # fmt: skip


def _asked(fact):
    """Operators with values worth trying."""
    if fact.kind == "number":
        for number in (0, 1, 2, 5, 30, 46, 199, -1, 10**9):
            yield from (("at_least", number), ("at_most", number))
    elif fact.kind == "level":
        for step in [number for number, _ in fact.scale] or (0, 10, 20, 25, 30, 31):
            yield from (("at_least", step), ("at_most", step))
    elif fact.kind == "choice":
        values = [value for value, _ in fact.choices] or ["01", "26", "xx"]
        yield from [("one_of", values[:1]), ("one_of", values[1:]), ("one_of", [])]
    elif fact.kind == "flag":
        yield from [("is", True), ("is", False)]
    elif fact.kind == "date":
        for day in (dt.date(1975, 2, 28), dt.date(2000, 3, 1), dt.date(2025, 2, 28)):
            yield from (("since", day), ("before", day))


def height(code_list, level):
    """A level as the ids of its codes."""
    known = list(Code.objects.filter(list=code_list, level__isnull=False).values_list("level", "pk"))
    reached = [
        tuple(pk for each, pk in known if compare(each, level)) for compare in (operator.ge, operator.gt)
    ]
    return Height(tuple(pk for _, pk in known), *reached)


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_conditions_agree_with_values(people, on):
    """Every fact that has a condition, every operator, people of every sort."""
    tried = 0
    for fact in (each for each in FACTS.values() if each.condition):
        known = values_of(people, [fact.name], on)
        for verb, asked in _asked(fact):
            given = height(fact.code_list, asked) if fact.code_list else asked
            condition = fact.condition(verb, given, on)
            if condition is None:
                continue
            found = set(people.filter(condition).values_list("pk", flat=True))
            wanted = {
                pk for pk, row in known.items()
                if row[fact.name].value is not None and HOLDS[verb](row[fact.name].value, asked)
            }  # fmt: skip
            assert found == wanted, (fact.name, verb, asked, on)
            tried += 1
    assert tried > 100
