"""The tree of conditions: what JSON may say, checked hard, as values that the SQL and the words are made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Unit
from cadres.facts import FACTS, Fact
from core.errors import Invalid
from reports.models import SavedQuery
from reports.queries.catalog import CodeNames, History, fact_field, fact_level, histories
from reports.queries.operators import Comparison, comparison, read_date

DEEPEST, MOST_CONDITIONS, MOST_ROWS_ASKED = 5, 40, 999
JOINS = {"and": "且", "or": "或"}
WHENS = {"ever": "曾有", "in_force": "现有"}
PEOPLE = dict(SavedQuery.People.choices)


@dataclass(frozen=True)
class FactCondition:
    """A fact compared with a value."""

    fact: Fact
    compared: Comparison
    negated: bool = False

    @property
    def level(self) -> int:
        """The data level that it tells about."""
        return fact_level(self.fact)


@dataclass(frozen=True)
class HistoryCondition:
    """At least `count` rows of a history that meet all comparisons at once: ever by the day, or on it."""

    history: History
    where: tuple[Comparison, ...] = ()
    when: str = "ever"
    count: int = 1
    negated: bool = False

    @property
    def level(self) -> int:
        """The data level that it tells about."""
        return self.history.level


@dataclass(frozen=True)
class Group:
    """Conditions joined by and, or by or."""

    join: str
    items: tuple[Node, ...]
    negated: bool = False

    @property
    def level(self) -> int:
        """The highest level of what it holds."""
        return max(item.level for item in self.items)


Node = FactCondition | HistoryCondition | Group


@dataclass(frozen=True)
class Query:
    """Whom to look for: conditions, within a unit's subtree, on a day (None is always today)."""

    where: Group
    within: Unit | None = None
    as_of: dt.date | None = None
    people: str = "in"
    codes: CodeNames = field(default_factory=CodeNames, compare=False)


def leaves(node: Node) -> Iterator[FactCondition | HistoryCondition]:
    """All conditions of a tree."""
    if isinstance(node, Group):
        for item in node.items:
            yield from leaves(item)
    else:
        yield node


class _Reader:
    """Reads one tree: counts its conditions and remembers the code lists it names."""

    def __init__(self, codes: CodeNames) -> None:
        self.codes = codes
        self.conditions = 0

    def node(self, data: Any, depth: int, at: str) -> Node:
        """A group or a condition."""
        if not isinstance(data, dict):
            _refuse("条件的格式不对。", at)
        negated = data.get("not", False)
        if not isinstance(negated, bool):
            _refuse("“非”只能是 true 或 false。", f"{at}.not")
        if "items" in data:
            return self.group(data, depth, at, negated)
        if "fact" in data:
            return self.fact(data, at, negated)
        if "history" in data:
            return self.history(data, at, negated)
        return _refuse("每个条件须写明指标或履历。", at)

    def group(self, data: dict[str, Any], depth: int, at: str, negated: bool) -> Group:
        """Conditions joined."""
        _only(data, {"join", "items", "not"}, at)
        if depth > DEEPEST:
            _refuse(f"条件组最多嵌套 {DEEPEST} 层。", at)
        join, items = data.get("join", "and"), data["items"]
        if not isinstance(join, str) or join not in JOINS:
            _refuse("条件之间只能是“且”或“或”。", f"{at}.join")
        if not isinstance(items, list) or not items:
            _refuse("条件组里至少要有一个条件。", f"{at}.items")
        if len(items) > MOST_CONDITIONS:
            self._too_many(at)
        nodes = tuple(self.node(item, depth + 1, f"{at}.items.{place}") for place, item in enumerate(items))
        return Group(join, nodes, negated)

    def fact(self, data: dict[str, Any], at: str, negated: bool) -> FactCondition:
        """A condition over a fact."""
        _only(data, {"fact", "op", "value", "not"}, at)
        self._count(at)
        name = data["fact"]
        fact = FACTS.get(name) if isinstance(name, str) else None
        if fact is None:
            return _refuse("没有这个指标。" if name else "请选择指标。", f"{at}.fact")
        compared = comparison(
            fact_field(fact), data.get("op"), data.get("value"), self.codes, of_fact=True, at=at
        )
        return FactCondition(fact, compared, negated)

    def history(self, data: dict[str, Any], at: str, negated: bool) -> HistoryCondition:
        """A condition over the rows of a history."""
        _only(data, {"history", "where", "when", "count", "not"}, at)
        self._count(at)
        slug, where = data["history"], data.get("where", [])
        history = histories().get(slug) if isinstance(slug, str) else None
        if history is None:
            return _refuse("没有这种履历。" if slug else "请选择履历。", f"{at}.history")
        if not isinstance(where, list) or len(where) > MOST_CONDITIONS:
            _refuse("履历的条件格式不对。", f"{at}.where")
        when, count = data.get("when", "ever"), data.get("count", 1)
        if (
            not isinstance(when, str)
            or when not in WHENS
            or (when == "in_force" and history.timing != "period")
        ):
            _refuse(f"“{history.label}”不能按现在有效来查。", f"{at}.when")
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_ROWS_ASKED:
            _refuse("次数请填写 1 以上的整数。", f"{at}.count")
        rows = tuple(self._row(history, row, f"{at}.where.{place}") for place, row in enumerate(where))
        return HistoryCondition(history, rows, when, count, negated)

    def _row(self, history: History, data: Any, at: str) -> Comparison:
        if not isinstance(data, dict):
            _refuse("条件的格式不对。", at)
        _only(data, {"field", "op", "value"}, at)
        self._count(at)
        name = data.get("field")
        asked = history.fields.get(name) if isinstance(name, str) else None
        if asked is None:
            return _refuse(f"“{history.label}”没有这一项。", f"{at}.field")
        return comparison(asked, data.get("op"), data.get("value"), self.codes, of_fact=False, at=at)

    def _count(self, at: str) -> None:
        self.conditions += 1
        if self.conditions > MOST_CONDITIONS:
            self._too_many(at)

    def _too_many(self, at: str) -> None:
        _refuse(f"最多 {MOST_CONDITIONS} 个条件。", at)


def parse(data: Any, *, codes: CodeNames | None = None) -> tuple[Group, CodeNames]:
    """Read the conditions of a query; return them with the codes they name.

    Raises Invalid with a Chinese sentence and its place for unknown names, values of the wrong kind, more
    than 5 levels or 40 conditions.
    """
    names = codes or CodeNames()
    node = _Reader(names).node(data, 1, "where")
    return (node if isinstance(node, Group) else Group("and", (node,))), names


def read_as_of(value: Any) -> dt.date | None:
    """Read the day of a query: empty means today. Raises Invalid for anything that is no full date."""
    if value in (None, ""):
        return None
    day = value if isinstance(value, dt.date) else None
    if day is None:
        read = read_date(value)
        day = read.date if read is not None and read.precision == "day" else None
    if day is None:
        _refuse("统计日请填写 2026-12-31 这样的日期。", "as_of")
    return day


def dump(node: Node) -> dict[str, Any]:
    """The JSON of a tree, as it is stored."""
    if isinstance(node, Group):
        data: dict[str, Any] = {"join": node.join, "items": [dump(item) for item in node.items]}
    elif isinstance(node, FactCondition):
        data = {"fact": node.fact.name, "op": node.compared.op, "value": node.compared.plain()}
    else:
        rows = [{"field": each.field.name, "op": each.op, "value": each.plain()} for each in node.where]
        data = {"history": node.history.slug, "where": rows, "when": node.when, "count": node.count}
    return {**data, "not": True} if node.negated else data


def _only(data: dict[str, Any], known: set[str], at: str) -> None:
    """Refuse a name that means nothing: a typo must not widen a query."""
    if any(not isinstance(name, str) or name not in known for name in data):
        _refuse("条件里有不认识的内容。", at)


def _refuse(sentence: str, at: str) -> Any:
    raise Invalid(sentence, errors={at: [sentence]})
