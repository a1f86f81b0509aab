"""What a fact is, the registry of all facts, and how the facts of many cadres are read with one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import QuerySet

from cadres.models import Cadre

Kind = Literal["number", "flag", "text", "choice", "level", "date"]
Expression = Callable[[date], Any]
# (operator, value, day) → the same truth as comparing the expression, said so that an index can answer;
# None where this way isn't known for the operator or the value.
Condition = Callable[[str, Any, date], Any]

TOPICS = {
    "person": "基本情况",
    "unit": "单位",
    "post": "任职",
    "politics": "政治面貌",
    "education": "学历学位",
    "title": "职称职级",
    "certificate": "资格证书",
    "assessment": "考核评价",
    "honour": "荣誉表彰",
    "growth": "培养",
    "family": "亲属关系",
    "oversight": "管理监督",
}
UNKNOWN = "未登记"


@dataclass(frozen=True)
class Fact:
    """One fact: its name in rules, its words, who may read it (level) and how SQL finds it on a cadre."""

    name: str
    label: str
    level: Literal["C1", "C2", "C3"]
    kind: Kind
    expression: Expression
    unit: str = ""
    # One sentence that says what is counted, and how.
    definition: str = ""
    topic: str = "person"
    # Words of a value that isn't shown as it is stored, found by SQL too.
    wording: Expression | None = None
    choices: tuple[tuple[str, str], ...] = ()
    # The code list whose `level` the value is, so that a rule may name a code ("大专") as its limit.
    code_list: str = ""
    # The code list whose codes the values of a choice are.
    codes: str = ""
    # The steps of a level that has no code list, the highest first.
    scale: tuple[tuple[int, str], ...] = ()
    condition: Condition | None = None

    def display(self, value: Any, words: str = "") -> str:
        """Return a value in Chinese: `35 岁`, `是`, `大专`; an unknown value reads `未登记`."""
        if value is None:
            return UNKNOWN
        if self.kind == "flag":
            return "是" if value else "否"
        if words:
            return words
        if self.kind == "choice":
            return dict(self.choices).get(value, str(value))
        if self.scale:
            return dict(self.scale).get(value, str(value))
        if self.kind == "date":
            return _chinese(str(value))
        return f"{value} {self.unit}" if self.unit else str(value)


@dataclass(frozen=True)
class FactValue:
    """What a fact is for one cadre: the comparable value (a date as its ISO text) and its words."""

    value: Any
    text: str


FACTS: dict[str, Fact] = {}


def register(fact: Fact) -> Fact:
    """Add a fact under its name; an app above may add its own. Raises ValueError for a name in use."""
    if fact.name in FACTS:
        raise ValueError(f"fact {fact.name} exists already")
    FACTS[fact.name] = fact
    return fact


def annotate_facts(cadres: QuerySet[Cadre], names: Iterable[str], on: date) -> QuerySet[Cadre]:
    """Return the cadres with `fact_<name>` (and `fact_<name>_words`) as columns of the same query."""
    columns: dict[str, Any] = {}
    for name in names:
        fact = FACTS[name]
        columns[f"fact_{name}"] = fact.expression(on)
        if fact.wording:
            columns[f"fact_{name}_words"] = fact.wording(on)
    return cadres.annotate(**columns)


def values_of(cadres: QuerySet[Cadre], names: Iterable[str], on: date) -> dict[int, dict[str, FactValue]]:
    """Return the facts of many cadres on a day with one statement: cadre id → fact name → value."""
    wanted = list(dict.fromkeys(names))
    rows = annotate_facts(cadres.order_by(), wanted, on).values("pk", *fact_columns(wanted))
    return {row["pk"]: {name: fact_value(FACTS[name], row) for name in wanted} for row in rows}


def fact_columns(names: Iterable[str]) -> list[str]:
    """Return the names of the columns that `annotate_facts` adds."""
    wanted = list(names)
    return [f"fact_{name}" for name in wanted] + [
        f"fact_{name}_words" for name in wanted if FACTS[name].wording
    ]


def fact_value(fact: Fact, row: dict[str, Any]) -> FactValue:
    """Return a fact's value out of a row that `annotate_facts` gave."""
    value = row[f"fact_{fact.name}"]
    if isinstance(value, date):
        value = value.isoformat()
    return FactValue(value, fact.display(value, row.get(f"fact_{fact.name}_words") or ""))


def _chinese(iso: str) -> str:
    """2026-03-05 as 2026年3月5日, 2026-03 as 2026年3月."""
    words = [f"{int(part)}{unit}" for part, unit in zip(iso.split("-"), "年月日", strict=False)]
    return "".join(words)
