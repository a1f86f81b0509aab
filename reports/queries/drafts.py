"""A query while it is being put together: fields of a form in and out of a draft, and its small edits.

A draft is the tree with values as they were typed; only `to_tree` and reading it decide whether they mean
something. A node's fields carry its place: `fact-0-2` is the fact of the third item of the root.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import QueryDict

from reports.queries.catalog import Field, fields_of
from reports.queries.operators import OPERATORS, UNKNOWN, UNKNOWN_LABEL, operators_of
from reports.queries.tree import DEEPEST, JOINS, MOST_CONDITIONS, WHENS

Draft = dict[str, Any]
ROOT = "0"
_PLACE = re.compile(r"0(-\d{1,3}){0,8}", re.ASCII)
_ROW = re.compile(r"(0(?:-\d{1,3}){0,8})\.(\d{1,3})", re.ASCII)
_MOST_NODES = 2 * MOST_CONDITIONS


def new_fact() -> Draft:
    """A condition over a fact, not chosen yet."""
    return {"type": "fact", "fact": "", "op": "", "value": [], "not": False}


def new_history() -> Draft:
    """A condition over a history, not chosen yet."""
    return {"type": "history", "history": "", "when": "ever", "count": "1", "where": [], "not": False}


def new_group(join: str = "and", *items: Draft) -> Draft:
    """A group; with nothing in it yet it holds an empty condition."""
    return {"type": "group", "join": join, "items": list(items) or [new_fact()], "not": False}


def read_form(data: QueryDict) -> Draft:
    """Read a draft out of a form; what can't be one of its fields is left out."""
    places = [name[len("kind-") :] for name in data if name.startswith("kind-")]
    known = sorted({each for each in places if _PLACE.fullmatch(each)}, key=_numbers)[:_MOST_NODES]
    nodes = {place: _read_node(data, place) for place in known}
    for place, node in nodes.items():
        above = nodes.get(place.rpartition("-")[0])
        if above is not None and above["type"] == "group":
            above["items"].append(node)
    root = nodes.get(ROOT)
    return root if root is not None and root["type"] == "group" else new_group()


def _numbers(place: str) -> tuple[int, ...]:
    return tuple(int(part) for part in place.split("-"))


def _read_node(data: QueryDict, place: str) -> Draft:
    kind, negated = data.get(f"kind-{place}", ""), bool(data.get(f"not-{place}"))
    if kind == "group":
        join = data.get(f"join-{place}", "and")
        return {"type": "group", "join": join if join in JOINS else "and", "items": [], "not": negated}
    if kind == "history":
        return {
            "type": "history", "history": data.get(f"history-{place}", ""), "when": data.get(f"when-{place}", "ever"),
            "count": data.get(f"count-{place}", "1"), "where": _read_rows(data, place), "not": negated,
        }  # fmt: skip
    return {
        "type": "fact", "fact": data.get(f"fact-{place}", ""), "op": data.get(f"op-{place}", ""),
        "value": data.getlist(f"value-{place}"), "not": negated,
    }  # fmt: skip


def _read_rows(data: QueryDict, place: str) -> list[Draft]:
    numbers = []
    for name in data:
        found = _ROW.fullmatch(name[len("field-") :]) if name.startswith("field-") else None
        if found is not None and found[1] == place:
            numbers.append(int(found[2]))
    return [
        {"field": data.get(f"field-{place}.{n}", ""), "op": data.get(f"op-{place}.{n}", ""),
         "value": data.getlist(f"value-{place}.{n}")}
        for n in sorted(numbers)[:MOST_CONDITIONS]
    ]  # fmt: skip


def edit(draft: Draft, action: str) -> str:
    """Do one small edit, `add-fact:0-1` for example; return the place of what is new. Others do nothing."""
    verb, _, place = action.partition(":")
    row = _ROW.fullmatch(place)
    if verb == "remove-row" and row is not None:
        node = find(draft, row[1])
        if node is not None and node["type"] == "history" and int(row[2]) < len(node["where"]):
            del node["where"][int(row[2])]
        return ""
    node = find(draft, place) if _PLACE.fullmatch(place) else None
    if node is None:
        return ""
    if verb == "remove" and place != ROOT:
        above = find(draft, place.rpartition("-")[0])
        if above is not None:
            above["items"].remove(node)
        return ""
    if verb == "add-row" and node["type"] == "history":
        node["where"].append({"field": "", "op": "", "value": []})
        return f"{place}.{len(node['where']) - 1}"
    makers = {"add-fact": new_fact, "add-history": new_history, "add-group": new_group}
    if verb in makers and node["type"] == "group" and len(node["items"]) < MOST_CONDITIONS:
        if verb == "add-group" and len(_numbers(place)) >= DEEPEST:
            return ""
        node["items"].append(makers[verb]())
        return f"{place}-{len(node['items']) - 1}"
    return ""


def find(draft: Draft, place: str) -> Draft | None:
    """The node at a place."""
    node: Draft | None = draft
    for number in _numbers(place)[1:]:
        if node is None or node["type"] != "group" or number >= len(node["items"]):
            return None
        node = node["items"][number]
    return node


def settle(draft: Draft) -> Draft:
    """Give each condition an operator that its field has: a fact just chosen starts with its first one."""
    for node in draft["items"]:
        if node["type"] == "group":
            settle(node)
        elif node["type"] == "fact":
            _settle(node, fields_of(fact=node["fact"]).get(node["fact"]), of_fact=True)
        else:
            for row in node["where"]:
                _settle(row, fields_of(history=node["history"]).get(row["field"]), of_fact=False)
    return draft


def _settle(row: Draft, field: Field | None, *, of_fact: bool) -> None:
    if field is None:
        row["op"], row["value"] = "", []
    elif row["op"] not in operators_of(field, of_fact=of_fact):
        row["op"], row["value"] = next(iter(OPERATORS[field.kind])), []


def to_tree(draft: Draft) -> dict[str, Any]:
    """The JSON of a draft, values in their kinds as far as they can be read."""
    negated = {"not": True} if draft["not"] else {}
    if draft["type"] == "group":
        return {"join": draft["join"], "items": [to_tree(item) for item in draft["items"]], **negated}
    if draft["type"] == "fact":
        field = fields_of(fact=draft["fact"]).get(draft["fact"])
        value = _typed(field, draft["op"], draft["value"])
        return {"fact": draft["fact"], "op": draft["op"], "value": value, **negated}
    fields = fields_of(history=draft["history"])
    rows = [
        {
            "field": row["field"],
            "op": row["op"],
            "value": _typed(fields.get(row["field"]), row["op"], row["value"]),
        }
        for row in draft["where"]
    ]
    count = _whole(draft["count"])
    return {"history": draft["history"], "where": rows, "when": draft["when"] if draft["when"] in WHENS else "ever",
            "count": count, **negated}  # fmt: skip


def from_tree(tree: dict[str, Any]) -> Draft:
    """The draft of a tree that was read before."""
    negated = bool(tree.get("not"))
    if "items" in tree:
        items = [from_tree(item) for item in tree["items"]]
        return {"type": "group", "join": tree.get("join", "and"), "items": items, "not": negated}
    if "fact" in tree:
        return {
            "type": "fact",
            "fact": tree["fact"],
            "op": tree["op"],
            "value": _texts(tree.get("value")),
            "not": negated,
        }
    rows = [{**row, "value": _texts(row.get("value"))} for row in tree.get("where", [])]
    return {"type": "history", "history": tree["history"], "when": tree.get("when", "ever"),
            "count": str(tree.get("count", 1)), "where": rows, "not": negated}  # fmt: skip


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _typed(field: Field | None, op: str, given: list[str]) -> Any:
    """Typed values in the field's kind; what can't be read stays text, and is refused with its sentence."""
    if field is None or op == UNKNOWN:
        return None
    values = [_one(field, text) for text in given]
    if op in ("between", "one_of"):
        return values
    return values[0] if values else ""


def _one(field: Field, text: str) -> Any:
    if field.kind == "flag":
        return {"true": True, "false": False}.get(text, text)
    if field.kind == "number" or (field.steps and isinstance(field.steps[0][0], int)):
        return _whole(text)
    return text.strip()


def _whole(text: str) -> Any:
    clean = text.strip()
    digits = clean.removeprefix("-")
    return int(clean) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else clean


__all__ = [
    "UNKNOWN_LABEL",
    "edit",
    "find",
    "from_tree",
    "new_fact",
    "new_group",
    "read_form",
    "settle",
    "to_tree",
]
