"""A query read back in Chinese, as somebody would say it."""

from __future__ import annotations

from typing import Any

from core.partial_dates import PartialDate
from reports.queries.catalog import CodeNames, Field
from reports.queries.operators import SIGNS, UNKNOWN, Comparison
from reports.queries.tree import JOINS, FactCondition, Group, HistoryCondition, Node, Query

_STARTS = {"有": "没有", "持": "未持", "在": "非在"}


def describe(query: Query) -> str:
    """The whole query in one sentence: conditions, unit, day."""
    parts = [conditions(query.where, query.codes)]
    if query.within is not None:
        parts.append(f"单位：{query.within.name}及其下属")
    if query.as_of is not None:
        parts.append(f"截至{PartialDate.of(query.as_of).chinese()}")
    if query.people == "all":
        parts.append("含已离开的人")
    return "；".join(parts)


def conditions(node: Node, codes: CodeNames) -> str:
    """年龄 ≤ 35 岁 且（职称 ≥ 一级教师 或 近三年考核优秀次数 ≥ 1 次）且非在挂职."""
    if isinstance(node, FactCondition):
        return _fact(node, codes)
    if isinstance(node, HistoryCondition):
        return _history(node, codes)
    words = _joined([_inside(item, codes) for item in node.items], JOINS[node.join])
    return f"非（{words}）" if node.negated else words


def _inside(node: Node, codes: CodeNames) -> str:
    words = conditions(node, codes)
    is_bare_group = isinstance(node, Group) and not node.negated and len(node.items) > 1
    return f"（{words}）" if is_bare_group else words


def _joined(parts: list[str], word: str) -> str:
    """Joined by 且 or 或; a blank stands on the sides where no full-width bracket or 非 does."""
    text = parts[0]
    for part in parts[1:]:
        before = "" if text.endswith("）") else " "
        after = "" if part.startswith(("（", "非")) else " "
        text += f"{before}{word}{after}{part}"
    return text


def _fact(leaf: FactCondition, codes: CodeNames) -> str:
    if leaf.compared.field.kind == "flag":
        return _flag(leaf.fact.label, leaf.compared.value != leaf.negated)
    words = comparison_words(leaf.compared, codes)
    return f"非（{words}）" if leaf.negated else words


def _flag(label: str, yes: bool) -> str:
    if yes:
        return label
    return _STARTS[label[0]] + label[1:] if label[0] in _STARTS else f"非{label}"


def _history(leaf: HistoryCondition, codes: CodeNames) -> str:
    count = f" {leaf.count} 条以上" if leaf.count > 1 else ""
    verb = {"ever": "有过", "in_force": "现有"}[leaf.when]
    if leaf.history.timing != "period" or not leaf.history.dated_by:
        verb = "有"
    rows = "，".join(comparison_words(each, codes) for each in leaf.where)
    words = f"{verb}{count}{leaf.history.label}" + (f"（{rows}）" if rows else "")
    return f"非“{words}”" if leaf.negated else words


def comparison_words(compared: Comparison, codes: CodeNames) -> str:
    """One comparison: 年龄 ≤ 35 岁, 籍贯含“道真”, 出生年月早于1980年1月."""
    field, op, label = compared.field, compared.op, compared.field.label
    if op == UNKNOWN:
        return f"{label}未登记"
    if field.kind == "flag":
        return _flag(label, compared.value)
    if field.kind == "date":
        return _date(label, op, compared.value)
    if field.kind == "text":
        return f"{label}含“{compared.value}”" if op == "contains" else f"{label}为“{compared.value}”"
    if op == "one_of":
        return f"{label}为{'或'.join(_value(field, each, codes) for each in compared.value)}"
    if op == "between":
        low, high = compared.value
        return f"{label}在 {low}–{_value(field, high, codes)}之间"
    sign = "为" if op == "is" and field.kind == "level" else f" {SIGNS[op]} "
    return f"{label}{sign}{_value(field, compared.value, codes)}"


def _date(label: str, op: str, value: Any) -> str:
    if op == "since":
        return f"{label}自{value.chinese()}起"
    if op == "before":
        return f"{label}早于{value.chinese()}"
    return f"{label}在{value[0].chinese()}至{value[1].chinese()}"


def _value(field: Field, value: Any, codes: CodeNames) -> str:
    if field.codes:
        return codes.name(field.codes, str(value))
    for known in (field.options, field.steps):
        for each, words in known:
            if each == value:
                return words
    return f"{value} {field.unit}" if field.unit else str(value)
