"""What is wrong with which condition of a draft: one sentence at each place, so that all else can stay as it is."""

from __future__ import annotations

from typing import Any

from cadres.facts import FACTS
from core.errors import Invalid
from reports.queries.catalog import CodeNames, fields_of, histories
from reports.queries.drafts import ROOT, Draft, to_tree
from reports.queries.operators import UNKNOWN
from reports.queries.tree import parse

GONE_FACT = "这个指标已经取消，请另选一个，或去掉这个条件。"
GONE_HISTORY = "这种履历已经取消，请另选一种，或去掉这个条件。"
GONE_FIELD = "这一项已经取消，请另选一项，或去掉它。"
REPAIR = "有的条件已不能用，请改好或去掉标出的条件，其余的都还在。"


def problems(draft: Draft, codes: CodeNames, *, unfinished: bool = True) -> dict[str, str]:
    """Return the sentences of the conditions that can't be read, by their place in the draft.

    Without `unfinished` those that are only not filled in yet are left out. What concerns the tree as a whole
    (too deep, too many) has no place here; reading it says so.
    """
    found: dict[str, str] = {}
    _look(draft, ROOT, codes, unfinished, found)
    return found


def _look(node: Draft, place: str, codes: CodeNames, unfinished: bool, found: dict[str, str]) -> None:
    if node["type"] == "group":
        if unfinished and not node["items"]:
            found[place] = "条件组里至少要有一个条件，不用的可以去掉。"
        for number, item in enumerate(node["items"]):
            _look(item, f"{place}-{number}", codes, unfinished, found)
    elif node["type"] == "fact":
        _look_at_fact(node, place, codes, unfinished, found)
    else:
        _look_at_history(node, place, codes, unfinished, found)


def _look_at_fact(node: Draft, place: str, codes: CodeNames, unfinished: bool, found: dict[str, str]) -> None:
    if node["fact"] and node["fact"] not in FACTS:
        found[place] = GONE_FACT
    elif unfinished or (node["fact"] and _is_filled(node)):
        sentence = _refusal(to_tree(node), codes)
        if sentence:
            found[place] = sentence


def _look_at_history(
    node: Draft, place: str, codes: CodeNames, unfinished: bool, found: dict[str, str]
) -> None:
    if node["history"] and node["history"] not in histories():
        found[place] = GONE_HISTORY
        return
    if unfinished or node["history"]:
        sentence = _refusal({**to_tree(node), "where": []}, codes)
        if sentence:
            found[place] = sentence
            return
    for number, row in enumerate(node["where"]):
        if row["field"] and row["field"] not in fields_of(history=node["history"]):
            found[f"{place}.{number}"] = GONE_FIELD
        elif unfinished or (row["field"] and _is_filled(row)):
            sentence = _refusal(to_tree({**node, "where": [row]}), codes)
            if sentence:
                found[f"{place}.{number}"] = sentence


def _is_filled(row: Draft) -> bool:
    return row["op"] == UNKNOWN or any(value.strip() for value in row["value"])


def _refusal(tree: dict[str, Any], codes: CodeNames) -> str:
    """Why one condition can't be read; empty where it can."""
    try:
        parse(tree, codes=codes)
    except Invalid as error:
        return error.message
    return ""
