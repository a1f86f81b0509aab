"""Loads a scheme (方案): a programme with its template calls, from a file of fixtures/schemes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import Unit
from cadres.facts import FACTS
from core import audit
from core.calendar import ZONE, today
from core.errors import Invalid
from programs.effects.participations import last_day_of_stay
from programs.models import Call, CallAttachment, CallStep, EligibilityRule, Program

audit.register("scheme.loaded", "载入培养方案")

_DAYS = ("list_due", "reference_date", "planned_start")


def load_scheme(*, unit: Unit, scheme: Mapping[str, Any]) -> Program:
    """Create or update a programme of a bureau and its template calls; calls made from them stay as they are.

    Raises Invalid when a rule names a fact that doesn't exist.
    """
    unknown = [rule["fact"] for rule in scheme["rules"] if rule.get("fact") and rule["fact"] not in FACTS]
    if unknown:
        raise Invalid(f"方案中的指标不存在：{'、'.join(unknown)}。")
    values = dict(scheme["program"])
    with transaction.atomic():
        program, _ = Program.objects.update_or_create(
            unit=unit, name=values.pop("name"), defaults=values, create_defaults=values
        )
        for window in scheme["windows"]:
            _load_window(program, scheme, window)
        audit.record("scheme.loaded", by=None, obj=program, unit_name=unit.name)
    return program


def _load_window(program: Program, scheme: Mapping[str, Any], window: Mapping[str, Any]) -> Call:
    """One template call; its year is when it was first loaded, and is shifted for each real call."""
    template = Call.objects.templates().filter(program=program, title=window["title"]).first()
    if template is None:
        template = Call(unit=program.unit, program=program, is_template=True, year=today().year)
    year = template.year
    template.title = window["title"]
    template.notice = scheme["notice"]
    template.quota_per_unit = scheme["quota_per_unit"]
    template.opens_at, template.closes_at = (
        _moment(window["opens_at"], year),
        _moment(window["closes_at"], year),
    )
    for name in _DAYS:
        setattr(template, name, _day(window[name], year))
    if template.planned_start:
        template.planned_end = last_day_of_stay(template.planned_start, program.duration_months)
    template.save()
    for model in (CallStep, EligibilityRule, CallAttachment):
        model.objects.filter(call=template).delete()
    for order, step in enumerate(window["steps"], start=1):
        CallStep.objects.create(call=template, order=order, **{**step, "due": _day(step["due"], year)})
    for order, rule in enumerate(scheme["rules"], start=1):
        EligibilityRule.objects.create(call=template, order=order, **rule)
    for order, paper in enumerate(scheme["attachments"], start=1):
        CallAttachment.objects.create(call=template, order=order, **paper)
    return template


def _day(text: str, year: int) -> dt.date:
    """Read `08-10`, or `+1 03-01` for the year after the plan year."""
    offset, _, day = text.rpartition(" ")
    return dt.date.fromisoformat(f"{year + int(offset or 0):04d}-{day}")


def _moment(text: str, year: int) -> dt.datetime:
    """Read `12-15 23:59`."""
    day, _, clock = text.partition(" ")
    return dt.datetime.combine(_day(day, year), dt.time.fromisoformat(clock), tzinfo=ZONE)
