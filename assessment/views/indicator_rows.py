"""The indicators of an instrument while they are edited: rows as typed, and the small edits of their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from assessment.models import Indicator
from assessment.presenting import LEVEL_WORDS, plain
from cadres.models import Competence

NAMES = ("level", "name", "hint", "kind", "weight", "competence")
MOST_ROWS = 150
BLANK = {
    "level": 1,
    "name": "",
    "hint": "",
    "kind": Indicator.Kind.SCORE.value,
    "weight": "",
    "competence": "",
}
TEXT = Indicator.Kind.TEXT.value
Rows = list[dict[str, Any]]


def rows_of(indicators: Sequence[Indicator]) -> Rows:
    """Return stored indicators as rows of the editor; an instrument without any starts with an empty one."""
    levels: dict[int, int] = {}
    rows = []
    for each in indicators:
        levels[each.pk] = levels.get(each.parent_id or 0, 0) + 1
        rows.append(
            {
                "level": levels[each.pk], "name": each.name, "hint": each.hint, "kind": each.kind,
                "weight": "" if each.kind == TEXT else plain(each.weight),
                "competence": each.competence,
            }
        )  # fmt: skip
    return rows or [dict(BLANK)]


def read_rows(data: QueryDict) -> Rows:
    """Return the rows that were sent, at most MOST_ROWS, levels within their bounds."""
    lists = [data.getlist(f"row_{name}") for name in NAMES]
    rows: Rows = [dict(zip(NAMES, each, strict=False)) for each in zip(*lists, strict=False)]
    for row in rows[:MOST_ROWS]:
        row["level"] = int(row["level"]) if row["level"] in ("1", "2", "3") else 1
    return rows[:MOST_ROWS]


def edit_rows(rows: Rows, act: str) -> None:
    """Carry out one small edit in place: `add`, `below:3`, `remove:3`, `up:3`, `down:3`; the row touched is fresh."""
    verb, _, text = act.partition(":")
    at = int(text) if text.isascii() and text.isdecimal() else -1
    if verb == "add" and len(rows) < MOST_ROWS:
        level = rows[-1]["level"] if rows else 1
        rows.append({**BLANK, "level": level, "fresh": "name"})
    elif at < 0 or at >= len(rows):
        return
    elif verb == "below" and len(rows) < MOST_ROWS:
        _add_below(rows, at)
    elif verb == "remove":
        del rows[at]
    elif verb in ("up", "down"):
        to = max(0, at - 1) if verb == "up" else min(len(rows) - 1, at + 1)
        rows.insert(to, rows.pop(at))
        rows[to]["fresh"] = verb


def _add_below(rows: Rows, at: int) -> None:
    """A new row under one: the row becomes a heading where it may hold others, else the new one is its sibling."""
    row = rows[at]
    deeper = min(row["level"] + 1, Indicator.MAX_DEPTH)
    if deeper > row["level"]:
        row["kind"] = ""
    end = at + 1
    while end < len(rows) and rows[end]["level"] >= deeper and deeper > row["level"]:
        end += 1
    rows.insert(end, {**BLANK, "level": deeper, "fresh": "name"})


def shown_rows(rows: Rows) -> Rows:
    """Return the rows with what their fields need: number in words, choices of the level that may stand here."""
    before = 0
    for place, row in enumerate(rows):
        deepest = min(before + 1, Indicator.MAX_DEPTH)
        row["place"] = place
        row["is_first"], row["is_last"] = place == 0, place == len(rows) - 1
        row["levels"] = list(enumerate(LEVEL_WORDS, start=1))
        row["too_deep"] = row["level"] > deepest
        before = row["level"]
    return rows


def filled(rows: Rows) -> Rows:
    """Return the rows in which something was written."""
    return [row for row in rows if any(row[name].strip() for name in ("name", "weight", "hint"))]


def values_of(rows: Rows) -> list[dict[str, Any]]:
    """Return the rows as the service takes them: a weight may be typed with its sign, words have none."""
    return [
        {
            **{key: row[key] for key in NAMES},
            "weight": row["weight"].strip().rstrip("%％") if row["kind"] != TEXT else 0,
        }
        for row in rows
    ]


KINDS = [("", "分组（下设指标）"), *Indicator.Kind.choices]
COMPETENCES = [("", "不对应"), *Competence.choices]
