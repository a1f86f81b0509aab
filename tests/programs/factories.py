"""Builders for tests of the nomination engine: people on the roster, the county scheme, cases on their way."""

import datetime as dt
import json
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import Unit, User
from cadres.models import Appointment, Cadre, Code, Education, PersonnelRelation, Post
from cadres.querysets import name_columns
from core.calendar import ZONE
from programs.models import Base, Call, Nomination, PlacesAccount, Program
from programs.services.calls import create_call_from_template, open_call
from programs.services.nominations import Declaration, confirm_attestation, submit_nomination, take_action
from programs.services.schemes import load_scheme

SCHEME = Path(settings.BASE_DIR) / "fixtures" / "schemes" / "secondment.json"
EDUCATION = {"中专": ("41", 35), "大专": ("31", 40), "大学": ("21", 50)}
_numbers = count(1)


def moment(text: str) -> dt.datetime:
    """A moment in Shanghai from `2026-12-15 23:59:59`."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


def make_code(code_list: str, code: str, name: str, level: int | None = None) -> Code:
    """A code of a list, made once."""
    return Code.objects.get_or_create(
        list=code_list, code=code, defaults={"name": name, "short": name, "level": level}
    )[0]


def make_cadre(
    unit: Unit,
    name: str = "",
    *,
    birth: dt.date | None = dt.date(1995, 5, 20),
    education: str = "大学",
    title: str = "副校长",
    category: str = Post.Category.DEPUTY,
    **fields: Any,
) -> Cadre:
    """A person in service at a unit, with a main appointment and one education record."""
    name = name or f"干部{next(_numbers)}"
    cadre = Cadre.objects.create(unit=unit, name=name, birth=birth, **name_columns(name), **fields)
    since = dt.date(2019, 9, 1)
    PersonnelRelation.objects.create(cadre=cadre, unit=unit, start=since)
    if title:
        post = Post.objects.get_or_create(unit=unit, title=title, defaults={"category": category})[0]
        Appointment.objects.create(cadre=cadre, unit=unit, title=title, post=post, is_main=True, start=since)
    if education:
        code, level = EDUCATION[education]
        Education.objects.create(
            cadre=cadre, mode="full_time", level=make_code("education", code, education, level),
            end=dt.date(2017, 7, 1),
        )  # fmt: skip
    return cadre


def load_county_scheme(bureau: Unit) -> Program:
    """The county scheme with its two templates; the codes its rules name exist."""
    for name, (code, level) in EDUCATION.items():
        make_code("education", code, name, level)
    return load_scheme(unit=bureau, scheme=json.loads(SCHEME.read_text(encoding="utf-8")))


def make_call(
    program: Program, by: User, *, season: str = "秋季批", year: int = 2026, is_open: bool = True
) -> Call:
    """A call of the plan year made from the scheme's template, open unless told otherwise."""
    template = program.calls.templates().get(title__contains=season)
    call = create_call_from_template(template=template, year=year, by=by)
    if is_open:
        open_call(call=call, by=by)
    return call


def declarations(call: Call) -> list[Declaration]:
    """Every attested rule that isn't an alternative, declared with evidence."""
    return [
        Declaration(rule.pk, True, "本人档案及民主测评")
        for rule in call.rules.filter(mode="attested", group="")
    ]


TEXTS = {"statement": "工作扎实，群众公认。", "problems": "乡镇小学校本研修怎样做实。"}


def submitted(call: Call, cadre: Cadre, by: User, **changes: str) -> Nomination:
    """A complete case, submitted by the school."""
    return submit_nomination(
        call=call, cadre=cadre, by=by, changes=TEXTS | changes, declarations=declarations(call)
    )


def confirm_all(nomination: Nomination, by: User) -> None:
    """Confirm everything the school declared."""
    for row in nomination.attestations.filter(declared=True):
        confirm_attestation(nomination=nomination, rule=row.rule_id, confirmed=True, by=by)


def at_decision(call: Call, cadre: Cadre, school: User, hr: User) -> Nomination:
    """A county-direct school's case that has passed HR's check and waits for the party group."""
    nomination = submitted(call, cadre, school)
    confirm_all(nomination, hr)
    take_action(nomination=nomination, action="pass", by=hr)
    nomination.refresh_from_db()
    return nomination


def make_base(bureau: Unit, lead: User | None = None, **fields: Any) -> Base:
    """A base of the bureau's that receives two people at a time."""
    fields.setdefault("name", f"基地{next(_numbers)}")
    return Base.objects.create(unit=bureau, lead=lead, **fields)


def account_of(call: Call) -> PlacesAccount:
    """The places account of a call, read afresh."""
    return PlacesAccount.objects.get(calls=call)
