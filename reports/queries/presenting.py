"""A draft as its page draws it: every node with its place, its choices and its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cadres.facts import FACTS, TOPICS
from reports.queries.catalog import CodeNames, Field, fact_level, fields_of, histories
from reports.queries.drafts import Draft
from reports.queries.operators import operators_of
from reports.queries.sql import NEEDED
from reports.queries.tree import DEEPEST, WHENS

# More options than this are folded away.
MOST_OPEN = 20
# A value chosen once that its list has no longer: it stays ticked until somebody decides.
GONE = "（已取消的选项）"


def present(
    draft: Draft, *, user: Any, codes: CodeNames, fresh: str = "", problems: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the root group with everything its template needs.

    `fresh` is the place that gets the cursor; `problems` are sentences by place.
    """
    open_to = {level for level, needed in NEEDED.items() if user.holds(needed)}
    choices = {"facts": _fact_groups(open_to), "histories": _history_choices(open_to)}
    return _node(draft, "0", choices, codes, fresh, problems or {})


def number_of(place: str) -> str:
    """A place as people read it: 0-1-2 is condition 2.3, 0-1.0 is item 1 of condition 2."""
    node, _, row = place.partition(".")
    number = ".".join(str(int(part) + 1) for part in node.split("-")[1:])
    return f"{number} 第 {int(row) + 1} 项" if row else number


def _fact_groups(open_to: set[int]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups = []
    for topic, label in TOPICS.items():
        facts = [
            (fact.name, fact.label)
            for fact in FACTS.values()
            if fact.topic == topic and fact_level(fact) in open_to
        ]
        if facts:
            groups.append((label, facts))
    return groups


def _history_choices(open_to: set[int]) -> list[tuple[str, str]]:
    return [(each.slug, each.label) for each in histories().values() if each.level in open_to]


def _node(
    draft: Draft,
    place: str,
    choices: dict[str, Any],
    codes: CodeNames,
    fresh: str,
    problems: Mapping[str, str],
) -> dict[str, Any]:
    shown = {
        **draft, "place": place, "fresh": place == fresh, "number": number_of(place),
        "problem": problems.get(place, ""),
    }  # fmt: skip
    if draft["type"] == "group":
        shown["items"] = []
        for number, item in enumerate(draft["items"]):
            shown["items"].append(_node(item, f"{place}-{number}", choices, codes, fresh, problems))
        shown["may_nest"] = place.count("-") + 1 < DEEPEST
        return shown
    if draft["type"] == "fact":
        shown["groups"] = choices["facts"]
        fact = FACTS.get(draft["fact"])
        shown["definition"] = fact.definition if fact else ""
        shown["is_gone"] = bool(draft["fact"]) and fact is None
        field = fields_of(fact=draft["fact"]).get(draft["fact"])
        shown["compared"] = _compared(draft, field, place, codes, of_fact=True)
        return shown
    history = histories().get(draft["history"])
    shown["choices"] = choices["histories"]
    shown["is_gone"] = bool(draft["history"]) and history is None
    shown["whens"] = (
        list(WHENS.items()) if history is not None and history.timing == "period" and history.dated_by else []
    )
    fields = history.fields if history else {}
    shown["rows"] = [
        {
            **row, "problem": problems.get(f"{place}.{number}", ""),
            "is_gone": bool(row["field"]) and row["field"] not in fields, "place": f"{place}.{number}", "fresh": f"{place}.{number}" == fresh, "number": number + 1,
            "fields": [(field.name, field.label) for field in fields.values()],
            "compared": _compared(row, fields.get(row["field"]), f"{place}.{number}", codes, of_fact=False),
        }
        for number, row in enumerate(draft["where"])
    ]  # fmt: skip
    shown["has_fields"] = bool(fields)
    return shown


def _compared(
    row: Draft, field: Field | None, place: str, codes: CodeNames, *, of_fact: bool
) -> dict[str, Any] | None:
    """Operators and inputs of a field; None while none is chosen."""
    if field is None:
        return None
    operators = operators_of(field, of_fact=of_fact)
    values = [*row["value"], "", ""]
    shown: dict[str, Any] = {
        "place": place, "op": row["op"], "operators": [(name, words) for name, words in operators.items()],
        "one_operator": len(operators) == 1, "kind": field.kind, "unit": field.unit, "label": field.label,
        "first": values[0], "second": values[1], "is_between": row["op"] == "between",
        "is_unknown": row["op"] == "unknown",
    }  # fmt: skip
    options: list[tuple[Any, str]] = list(field.options or field.steps)
    if field.codes:
        options = list(codes.options(field.codes, with_level=field.kind == "level"))
    if field.kind in ("choice", "level"):
        chosen = set(row["value"])
        gone = [
            value for value in row["value"] if value and value not in {str(known) for known, _ in options}
        ]
        options += [(value, GONE) for value in gone]
        shown["has_gone"] = bool(gone)
        shown["options"] = [(str(value), words, str(value) in chosen) for value, words in options]
        shown["folded"] = field.kind == "choice" and len(options) > MOST_OPEN
        shown["chosen_words"] = "、".join(words for _, words, is_chosen in shown["options"] if is_chosen)
    return shown
