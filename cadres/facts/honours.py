"""Facts about what a cadre has earned: certificates and honours."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from cadres.facts.building import (
    Rows,
    at_least_one,
    begun,
    counted,
    first,
    of_cadre,
    register_since,
    years_since,
)
from cadres.facts.registry import Fact, register
from cadres.models import Certificate, Honour
from core.calendar import add_months

# The authority's level as a number that can be compared, the highest first.
HONOUR_SCALE = tuple(
    (len(Honour.Level.choices) - place, label) for place, (_, label) in enumerate(Honour.Level.choices)
)
_HEIGHTS = {value: HONOUR_SCALE[place][0] for place, value in enumerate(Honour.Level.values)}
CITY = _HEIGHTS[Honour.Level.CITY]
RECENT_YEARS = 5


def certificates(on: date) -> Any:
    """Certificates valid on the day."""
    return of_cadre(Certificate).on(on)


def _training(kind: str) -> Any:
    def rows(on: date) -> Any:
        return begun(Certificate, on).filter(kind=kind, start__isnull=False).order_by("-start")

    return rows


def _qualification_over(on: date) -> Any:
    """Qualification certificates that are over, of somebody who holds no valid one; the latest end first."""
    kind = Certificate.Kind.QUALIFICATION
    valid = Certificate.objects.filter(cadre=OuterRef("cadre"), kind=kind).on(on)
    return of_cadre(Certificate).filter(~Exists(valid), kind=kind, end__lte=on).order_by("-end")


def _expired(on: date) -> Any:
    return of_cadre(Certificate).filter(end__lte=on)


def _expiring(on: date) -> Any:
    """Valid certificates that will expire, the first to do so first."""
    return certificates(on).filter(end__isnull=False).order_by("end")


def _of_level(level: str) -> Rows:
    return lambda on: of_cadre(Honour).on(on).filter(level=level)


def honours(on: date) -> Any:
    """Honours granted by the day and not revoked, the highest first."""
    height = Case(
        *(When(level=value, then=Value(number)) for value, number in _HEIGHTS.items()),
        output_field=IntegerField(),
    )
    return of_cadre(Honour).on(on).annotate(height=height).order_by("-height")


def _city_honours(on: date) -> Any:
    return of_cadre(Honour).on(on).filter(level__in=_reaching(CITY))


def _recent_honours(on: date) -> Any:
    """Granted in the last years: the same day five years ago no longer counts."""
    return of_cadre(Honour).on(on).filter(start__gt=add_months(on, -12 * RECENT_YEARS))


def _reaching(height: int) -> list[str]:
    return [value for value, number in _HEIGHTS.items() if number >= height]


def _highest(operator: str, value: Any, on: date) -> Any:
    rows = of_cadre(Honour).on(on)
    if operator == "at_least":
        return Exists(rows.filter(level__in=_reaching(value)))
    if operator == "at_most":
        return Q(Exists(rows)) & ~Q(Exists(rows.filter(level__in=_reaching(value + 1))))
    return None


_CERTIFICATE: dict[str, Any] = {"topic": "certificate"}
_HONOUR: dict[str, Any] = {"topic": "honour"}

register(
    Fact(
        "qualified_for_post", "持有效任职资格证书", "C2", "flag",
        lambda on: Exists(certificates(on).filter(kind=Certificate.Kind.QUALIFICATION)),
        definition="统计日有一份在有效期内的任职资格培训合格证书；没有写失效日期的为长期有效。", **_CERTIFICATE,
    )
)  # fmt: skip
register(
    Fact(
        "qualification_years", "任职资格证书取得年数", "C2", "number",
        years_since(_training(Certificate.Kind.QUALIFICATION)), unit="年",
        definition="从最近一份任职资格培训合格证书发证到统计日已满的年数，不论是否失效。", **_CERTIFICATE,
    )
)  # fmt: skip
register(
    Fact(
        "advancement_years", "提高培训证书取得年数", "C2", "number",
        years_since(_training(Certificate.Kind.ADVANCEMENT)), unit="年",
        definition="从最近一份提高培训证书发证到统计日已满的年数。", **_CERTIFICATE,
    )
)  # fmt: skip
register(
    Fact(
        "certificates_valid", "有效证书数", "C2", "number", lambda on: counted(certificates(on)), unit="份",
        definition="统计日在有效期内的各类资格证书。", condition=at_least_one(certificates), **_CERTIFICATE,
    )
)  # fmt: skip
register(
    Fact(
        "teacher_certified", "有教师资格证书", "C2", "flag",
        lambda on: Exists(certificates(on).filter(kind=Certificate.Kind.TEACHER)),
        definition="统计日有一份在有效期内的教师资格证书。", **_CERTIFICATE,
    )
)  # fmt: skip
for _kind, _name, _label in (
    (Certificate.Kind.ADVANCEMENT, "advancement_valid", "持有效提高培训证书"),
    (Certificate.Kind.LANGUAGE, "language_certified", "有普通话、外语证书"),
):
    register(
        Fact(
            _name, _label, "C2", "flag",
            lambda on, kind=_kind: Exists(certificates(on).filter(kind=kind)),  # type: ignore[misc]
            definition=f"统计日有一份在有效期内的{_kind.label}。", **_CERTIFICATE,
        )
    )  # fmt: skip
register(
    Fact(
        "qualification_expired", "任职资格证书已过期", "C2", "flag", lambda on: Exists(_qualification_over(on)),
        definition="统计日有过期的任职资格培训合格证书，且没有一份仍然有效的。", **_CERTIFICATE,
    )
)  # fmt: skip
register(
    Fact(
        "certificates_expired", "过期证书数", "C2", "number", lambda on: counted(_expired(on)), unit="份",
        definition="到统计日已经失效的各类资格证书。", condition=at_least_one(_expired), **_CERTIFICATE,
    )
)  # fmt: skip
register_since(
    "certificate_expires", "最近将失效证书的失效日期", "C2", _expiring,
    "统计日仍有效、登记了失效日期的证书中，最早失效的日期。", column="end", **_CERTIFICATE,
)  # fmt: skip
register(
    Fact(
        "highest_honour", "最高荣誉级别", "C1", "level", lambda on: first(honours(on), "height"),
        definition="到统计日获得且未撤销的荣誉中，批准机关的最高级别。", scale=HONOUR_SCALE,
        condition=_highest, **_HONOUR,
    )
)  # fmt: skip
register(
    Fact(
        "honours", "荣誉次数", "C1", "number", lambda on: counted(of_cadre(Honour).on(on)), unit="次",
        definition="到统计日获得且未撤销的荣誉。", condition=at_least_one(lambda on: of_cadre(Honour).on(on)), **_HONOUR,
    )
)  # fmt: skip
register(
    Fact(
        "honours_city", "市级以上荣誉次数", "C1", "number", lambda on: counted(_city_honours(on)), unit="次",
        definition="到统计日获得且未撤销的市级、省级、国家级荣誉。", condition=at_least_one(_city_honours), **_HONOUR,
    )
)  # fmt: skip
for _level in (
    Honour.Level.NATIONAL,
    Honour.Level.PROVINCE,
    Honour.Level.CITY,
    Honour.Level.COUNTY,
    Honour.Level.SCHOOL,
):
    register(
        Fact(
            f"honours_of_{_level.value}", f"{_level.label}荣誉次数", "C1", "number",
            lambda on, level=_level.value: counted(_of_level(level)(on)), unit="次",  # type: ignore[misc]
            definition=f"到统计日获得且未撤销、批准机关为{_level.label}的荣誉。",
            condition=at_least_one(_of_level(_level.value)), **_HONOUR,
        )
    )  # fmt: skip
register(
    Fact(
        "honours_recent", "近五年荣誉次数", "C1", "number", lambda on: counted(_recent_honours(on)), unit="次",
        definition="统计日前五年之内获得且未撤销的荣誉，满五年的当天不再算；没有写时间的不算。",
        condition=at_least_one(_recent_honours), **_HONOUR,
    )
)  # fmt: skip
