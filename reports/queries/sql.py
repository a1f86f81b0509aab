"""A query as one SQL statement over cadres, within what its reader may know."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import (
    Exact,
    GreaterThanOrEqual,
    IContains,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from accounts.scope import paths
from cadres.facts import Fact
from cadres.fields import Level
from cadres.models import Cadre, PersonnelRelation
from core.calendar import today
from core.errors import NotAllowed
from reports.queries.catalog import LOOKUPS, CodeNames, History
from reports.queries.operators import UNKNOWN, Comparison, day_after
from reports.queries.tree import FactCondition, Group, HistoryCondition, Node, Query, leaves

NEEDED = {1: "cadre.view", 2: "cadre.view_personal", 3: "cadre.view_sensitive"}
HIDDEN = "须由人事核实"


def _is_not(truth: Any) -> Q:
    """What is false or unknown."""
    known = Case(When(truth, then=Value(True)), default=Value(False), output_field=BooleanField())
    return Q(Exact(known, Value(False)))


def check_reader(query: Query, user: Any) -> None:
    """Refuse a query that asks above its reader's level.

    Raises NotAllowed naming the conditions, 须由人事核实.
    """
    above = [each for each in leaves(query.where) if not user.holds(NEEDED[each.level])]
    if above:
        names = "、".join(dict.fromkeys(f"“{_label(each)}”" for each in above))
        raise NotAllowed(f"{names}{HIDDEN}：您没有查看这些信息的权限，不能按它们查询。")


def _label(leaf: FactCondition | HistoryCondition) -> str:
    return leaf.fact.label if isinstance(leaf, FactCondition) else leaf.history.label


def people(query: Query, *, user: Any, capability: str = "cadre.view") -> QuerySet[Cadre]:
    """Return the people a query finds in the reader's scope, in no order: one statement when read.

    Only people of whom the reader may know what is asked are looked at, so that no condition tells more than
    a page would. Raises NotAllowed as check_reader does.
    """
    check_reader(query, user)
    on = query.as_of or today()
    rows = Cadre.objects.visible_to(user, capability, within=query.within)
    needed = NEEDED[query.where.level]
    if paths(user, needed) != paths(user, capability):
        rows = rows.visible_to(user, needed, within=query.within)
    if query.where.level >= Level.SENSITIVE:
        # The organisational record is nobody's own to read (cadres.fields).
        rows = rows.exclude(user_id=user.pk)
    if query.people == "in":
        rows = rows.filter(Exists(PersonnelRelation.objects.filter(cadre=OuterRef("pk")).on(on)))
    return rows.filter(condition(query.where, on, query.codes))


def condition(node: Node, on: dt.date, codes: CodeNames, *, negated: bool = False) -> Q:
    """A node as a condition. 非 is pushed down to the leaves, where what is unknown is not true."""
    negated = negated != node.negated
    if isinstance(node, Group):
        parts = [condition(item, on, codes, negated=negated) for item in node.items]
        both = (node.join == "and") != negated
        found = parts[0]
        for part in parts[1:]:
            found = found & part if both else found | part
        return found
    truth = _fact(node, on, codes) if isinstance(node, FactCondition) else _history(node, on, codes)
    if not negated:
        return Q(truth)
    return Q(~truth) if isinstance(truth, Exists) else _is_not(truth)


def _fact(leaf: FactCondition, on: dt.date, codes: CodeNames) -> Any:
    fact, compared = leaf.fact, leaf.compared
    if compared.op == UNKNOWN:
        return _unknown(fact, on)
    if fact.condition is not None and compared.op in ("at_least", "at_most", "one_of", "is"):
        found = fact.condition(compared.op, _reach(compared, codes), on)
        if found is not None:
            return found
    if fact.condition is not None and compared.op in ("since", "before"):
        found = fact.condition(compared.op, compared.value.date, on)
        if found is not None:
            return found
    return _compare(fact.expression(on), compared, codes)


def _unknown(fact: Fact, on: dt.date) -> Any:
    value = fact.expression(on)
    if fact.kind == "text":
        return Exact(Coalesce(value, Value(""), output_field=CharField()), Value(""))
    return IsNull(value, True)


def _limit(compared: Comparison, codes: CodeNames) -> Any:
    """The value to compare with: a named code's level."""
    field = compared.field
    return (
        codes.level(field.codes, compared.value) if field.kind == "level" and field.codes else compared.value
    )


def _reach(compared: Comparison, codes: CodeNames) -> Any:
    """The value as a fact's condition takes it: a named code as the codes from it on."""
    field = compared.field
    return (
        codes.height(field.codes, compared.value) if field.kind == "level" and field.codes else compared.value
    )


def _compare(value: Any, compared: Comparison, codes: CodeNames) -> Any:
    """An expression compared; null where it is unknown."""
    op, kind = compared.op, compared.field.kind
    if kind == "flag":
        return Exact(value, compared.value)
    if kind == "date":
        return _compare_date(value, compared)
    if op == "between":
        low, high = compared.value
        return Q(GreaterThanOrEqual(value, low)) & Q(LessThanOrEqual(value, high))
    if op == "one_of":
        return In(value, list(compared.value))
    if op == "contains":
        return IContains(value, compared.value)
    lookup = {"at_least": GreaterThanOrEqual, "at_most": LessThanOrEqual, "is": Exact}[op]
    return lookup(value, _limit(compared, codes))


def _compare_date(value: Any, compared: Comparison) -> Any:
    if compared.op == "since":
        return GreaterThanOrEqual(value, compared.value.date)
    if compared.op == "before":
        return LessThan(value, compared.value.date)
    low, high = compared.value
    return Q(GreaterThanOrEqual(value, low.date)) & Q(LessThan(value, day_after(high)))


def _history(leaf: HistoryCondition, on: dt.date, codes: CodeNames) -> Any:
    history = leaf.history
    rows = history.model.objects.filter(cadre=OuterRef("pk"))
    rows = rows.on(on) if leaf.when == "in_force" else rows.filter(_by_the_day(history, on))
    for compared in leaf.where:
        rows = rows.filter(_of_row(history, compared, codes))
    if leaf.count == 1:
        return Exists(rows)
    number = rows.order_by().values("cadre").annotate(number=Count("pk")).filter(number__gte=leaf.count)
    return Exists(number)


def _by_the_day(history: History, on: dt.date) -> Q:
    """Rows that had begun by the day; a year counts when it has begun."""
    if not history.dated_by:
        return Q()
    if history.timing == "year":
        return Q(**{f"{history.dated_by}__lte": on.year})
    if history.timing == "day":
        return Q(**{f"{history.dated_by}__lte": on})
    return Q(start=None) | Q(start__lte=on)


def _of_row(history: History, compared: Comparison, codes: CodeNames) -> Q:
    """A comparison of a field of a history's row."""
    field, op = compared.field, compared.op
    name = LOOKUPS.get(history.slug, {}).get(field.name, field.name)
    if field.kind == "date":
        return Q(_compare_date(F(name), compared))
    if field.steps:
        return Q(**{f"{name}__in": _reaching(compared)})
    if field.kind == "level":
        return _of_height(name, compared, codes)
    if op == "one_of":
        return Q(**{f"{name}__code__in" if field.codes else f"{name}__in": list(compared.value)})
    if op == "between":
        return Q(**{f"{name}__range": compared.value})
    lookup = {"contains": "icontains", "at_least": "gte", "at_most": "lte", "is": "exact"}[op]
    return Q(**{f"{name}__{lookup}": compared.value})


def _of_height(name: str, compared: Comparison, codes: CodeNames) -> Q:
    """A code compared with another by how high they stand; “是” means this very code."""
    if compared.op == "is":
        return Q(**{f"{name}__code": compared.value})
    height = codes.height(compared.field.codes, compared.value)
    if compared.op == "at_least":
        return Q(**{f"{name}_id__in": height.at_least})
    return Q(**{f"{name}_id__in": sorted(set(height.known) - set(height.above))})


def _reaching(compared: Comparison) -> list[Any]:
    """The steps at or above (or at or below) a step; the highest stands first."""
    steps = [value for value, _ in compared.field.steps]
    place = steps.index(compared.value)
    return {"at_least": steps[: place + 1], "at_most": steps[place:], "is": [compared.value]}[compared.op]
