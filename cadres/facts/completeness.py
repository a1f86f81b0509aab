"""How complete a cadre's record is: the items a record should have, each as SQL, and their share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Exists, IntegerField, Q, Value, When

from cadres.facts.building import of_cadre
from cadres.facts.people import relation
from cadres.facts.politics import political
from cadres.facts.posts import main_post
from cadres.facts.registry import Fact, register
from cadres.models import Education, ProfessionalTitle


@dataclass(frozen=True)
class Item:
    """Something every record should have; `present` is SQL that says whether a cadre's has it."""

    name: str
    label: str
    present: Callable[[date], Any]


ITEMS: tuple[Item, ...] = (
    Item("gender", "性别", lambda on: ~Q(gender="")),
    Item("birth", "出生年月", lambda on: Q(birth__isnull=False)),
    Item("id_number", "身份证号", lambda on: Q(id_index__isnull=False)),
    Item("ethnicity", "民族", lambda on: Q(ethnicity__isnull=False)),
    Item("native_place", "籍贯", lambda on: ~Q(native_place="")),
    Item("work_start", "参加工作时间", lambda on: Q(work_start__isnull=False)),
    Item("phone", "手机号码", lambda on: ~Q(phone="")),
    Item("photo", "照片", lambda on: Q(photo__isnull=False)),
    Item("relation", "人事关系", lambda on: Q(Exists(relation(on)))),
    Item("main_post", "主职务", lambda on: Q(Exists(main_post(on)))),
    Item("political", "政治面貌", lambda on: Q(Exists(political(on).order_by()))),
    Item("education", "学历学位", lambda on: Q(Exists(of_cadre(Education)))),
    Item("title", "职称", lambda on: Q(Exists(of_cadre(ProfessionalTitle).on(on)))),
)


def _share(on: date) -> Any:
    """Whole percent of the items that are there, rounded down, so that 100 means all."""
    points: Any = Value(0)
    for item in ITEMS:
        points = points + Case(
            When(item.present(on), then=Value(100)), default=Value(0), output_field=IntegerField()
        )
    return points / Value(len(ITEMS))


register(
    Fact(
        "completeness", "档案完整度", "C1", "number", _share, unit="%", topic="person",
        definition=f"{'、'.join(item.label for item in ITEMS)}这{len(ITEMS)}项中已登记的比例，取整数百分比。",
    )
)  # fmt: skip
