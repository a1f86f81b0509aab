"""Facts about the person and the unit: age, work, gender, where somebody belongs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import NullIf

from accounts.models import Unit
from cadres.facts.building import (
    ChineseDate,
    CompletedYears,
    column_years,
    first,
    held,
    of_cadre,
    register_since,
    row_years,
    years_since,
)
from cadres.facts.registry import Fact, register
from cadres.models import Cadre, Code, PersonnelRelation


def relation(on: date) -> Any:
    """The personnel relation in force; a cadre has at most one."""
    return of_cadre(PersonnelRelation).on(on)


def dated_relation(on: date) -> Any:
    """The personnel relation in force, where its start is known."""
    return relation(on).filter(start__isnull=False)


def _left(on: date) -> Any:
    """The relation that ended last, of somebody who has none on the day."""
    over = of_cadre(PersonnelRelation).filter(end__lte=on)
    return over.filter(~Exists(PersonnelRelation.objects.filter(cadre=OuterRef("cadre")).on(on))).order_by(
        "-end"
    )


def _since_column(column: str) -> Any:
    def condition(operator: str, value: Any, on: date) -> Any:
        return Q(**{f"{column}__{ {'since': 'gte', 'before': 'lt'}[operator] }": value})

    return condition


def _gender(operator: str, value: Any, on: date) -> Any:
    return Q(gender__in=list(value)) if operator == "one_of" else None


def _ethnicity(operator: str, value: Any, on: date) -> Any:
    return Q(ethnicity__code__in=list(value)) if operator == "one_of" else None


register(
    Fact(
        "age", "年龄", "C2", "number", lambda on: CompletedYears(F("birth"), on), unit="岁",
        definition="到统计日已满的周岁；只登记到月的按当月 1 日算，2 月 29 日出生的平年在 3 月 1 日满岁。",
        condition=column_years("birth"),
    )
)  # fmt: skip
register(
    Fact(
        "birth", "出生年月", "C2", "date", lambda on: F("birth"),
        definition="登记的出生日期，只知道月份的显示到月。",
        wording=lambda on: ChineseDate("birth", "birth_precision"), condition=_since_column("birth"),
    )
)  # fmt: skip
register(
    Fact(
        "gender", "性别", "C1", "choice", lambda on: NullIf(F("gender"), Value("")), definition="登记的性别。",
        choices=tuple(Cadre.Gender.choices), condition=_gender,
    )
)  # fmt: skip
register(
    Fact(
        "ethnicity", "民族", "C2", "choice", lambda on: F("ethnicity__code"), definition="登记的民族。",
        wording=lambda on: F("ethnicity__name"), codes=Code.List.ETHNICITY, condition=_ethnicity,
    )
)  # fmt: skip
register(
    Fact(
        "native_place",
        "籍贯",
        "C2",
        "text",
        lambda on: NullIf(F("native_place"), Value("")),
        definition="登记的籍贯，按原文。",
    )
)
for _name, _label, _column in (
    ("birthplace", "出生地", "birthplace"),
    ("speciality", "熟悉专业有何专长", "speciality"),
):
    register(
        Fact(
            _name, _label, "C2", "text", lambda on, column=_column: NullIf(F(column), Value("")),  # type: ignore[misc]
            definition=f"登记的{_label}，按原文。",
        )
    )  # fmt: skip
register(
    Fact(
        "years_of_work", "工作年限", "C2", "number", lambda on: CompletedYears(F("work_start"), on), unit="年",
        definition="从参加工作时间到统计日已满的年数。", condition=column_years("work_start"),
    )
)  # fmt: skip
register(
    Fact(
        "work_start", "参加工作时间", "C2", "date", lambda on: F("work_start"),
        definition="登记的参加工作时间，只知道月份的显示到月。",
        wording=lambda on: ChineseDate("work_start", "work_start_precision"),
        condition=_since_column("work_start"),
    )
)  # fmt: skip
register(
    Fact(
        "in_service", "在职", "C1", "flag", lambda on: Exists(relation(on)),
        definition="统计日有一条在期内的人事关系。",
    )
)  # fmt: skip

register(
    Fact(
        "left_because", "离开原因", "C1", "choice", lambda on: first(_left(on), "leaving"),
        definition="统计日人事关系已经结束的，最近一次结束的原因；在职的为未登记。",
        choices=tuple(PersonnelRelation.Leaving.choices),
    )
)  # fmt: skip
register_since(
    "left_on",
    "离开日期",
    "C1",
    _left,
    "统计日人事关系已经结束的，最近一次结束的日期；在职的为未登记。",
    column="end",
)

_UNIT: dict[str, Any] = {"topic": "unit"}
register(
    Fact(
        "unit_name", "所在单位", "C1", "text", lambda on: first(relation(on), "unit__name"),
        definition="统计日人事关系所在单位的名称，按现在的名称。", **_UNIT,
    )
)  # fmt: skip
register_since(
    "unit_since", "来本单位时间", "C1", dated_relation, "统计日在期内的人事关系开始的时间。", **_UNIT
)
register(
    Fact(
        "unit_kind", "单位类别", "C1", "choice", lambda on: first(relation(on), "unit__kind"),
        definition="统计日人事关系所在单位的类别。", choices=tuple(Unit.Kind.choices),
        condition=held(relation, "unit__kind"), **_UNIT,
    )
)  # fmt: skip
register(
    Fact(
        "unit_stage", "学段", "C1", "choice", lambda on: first(relation(on).exclude(unit__stage=""), "unit__stage"),
        definition="统计日人事关系所在学校的学段；不是学校的没有学段。", choices=tuple(Unit.Stage.choices),
        condition=held(relation, "unit__stage"), **_UNIT,
    )
)  # fmt: skip
register(
    Fact(
        "unit_rural", "在农村学校", "C1", "flag", lambda on: Exists(relation(on).filter(unit__is_rural=True)),
        definition="统计日人事关系在标为农村的学校。", **_UNIT,
    )
)  # fmt: skip
register(
    Fact(
        "unit_weak", "在薄弱学校", "C1", "flag", lambda on: Exists(relation(on).filter(unit__is_weak=True)),
        definition="统计日人事关系在标为薄弱的学校。", **_UNIT,
    )
)  # fmt: skip
register(
    Fact(
        "unit_cluster", "片区", "C1", "text", lambda on: first(relation(on).exclude(unit__cluster=""), "unit__cluster"),
        definition="统计日人事关系所在单位的片区。", **_UNIT,
    )
)  # fmt: skip
register(
    Fact(
        "years_at_unit", "在本单位年限", "C1", "number", years_since(dated_relation), unit="年",
        definition="从现人事关系开始到统计日已满的年数。", condition=row_years(dated_relation), **_UNIT,
    )
)  # fmt: skip
