"""Builders of roster rows for tests: people with an open relation, posts, appointments and histories."""

import datetime as dt
from itertools import count
from typing import Any

from accounts.models import Unit, User
from cadres.identity import check_digit, identity_index
from cadres.models import Appointment, Cadre, Code, PersonnelRelation, Post
from cadres.names import name_columns
from core.partial_dates import PartialDate

_numbers = count(1)


def month(text: str) -> PartialDate:
    """A month: month("2017-08")."""
    year, number = text.split("-")
    return PartialDate.of(dt.date(int(year), int(number), 1), "month")


def identity(birth: dt.date = dt.date(1980, 5, 3), gender: str = "1", region: str = "520325") -> str:
    """A valid identity number, another one each time."""
    number = next(_numbers) % 50
    first = f"{region}{birth:%Y%m%d}{number:02}{1 if gender == '1' else 2}"
    return first + check_digit(first)


def make_code(code_list: str, code: str, name: str, **fields: Any) -> Code:
    """A code, made once."""
    return Code.objects.get_or_create(list=code_list, code=code, defaults={"name": name, **fields})[0]


def make_cadre(unit: Unit, name: str = "", **fields: Any) -> Cadre:
    """A person with an open personnel relation at a unit; `left` ends it."""
    name = name or f"测试{'甲乙丙丁戊己庚辛'[next(_numbers) % 8]}"
    left = fields.pop("left", None)
    number = fields.pop("id_number", "")
    fields.setdefault("birth", dt.date(1980, 5, 3))
    fields.setdefault("gender", "1")
    cadre = Cadre.objects.create(
        unit=unit, name=name, id_number=number, id_index=identity_index(number) if number else None,
        **name_columns(name), **fields,
    )  # fmt: skip
    relation = {"end": left, "leaving": "retired"} if left else {}
    PersonnelRelation.objects.create(cadre=cadre, unit=unit, start=dt.date(2010, 9, 1), **relation)
    return cadre


def make_post(unit: Unit, title: str = "校长", category: str = "head", **fields: Any) -> Post:
    """A post at a unit."""
    return Post.objects.create(unit=unit, title=title, category=category, **fields)


def make_appointment(cadre: Cadre, title: str = "副校长", **fields: Any) -> Appointment:
    """A main appointment at the person's own unit since 2019 unless told otherwise."""
    fields.setdefault("unit", cadre.unit)
    fields.setdefault("is_main", True)
    fields.setdefault("start", dt.date(2019, 8, 1))
    return Appointment.objects.create(cadre=cadre, title=title, **fields)


def own(user: User, cadre: Cadre) -> Cadre:
    """Tie an account to a person."""
    cadre.user = user
    cadre.save()
    return cadre
