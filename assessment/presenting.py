"""How instruments, rounds and results look on pages: tones, steps, trees of indicators, figures held back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from assessment.leaves import Node
from assessment.models import Indicator, Round
from assessment.services.progress import with_counts
from core.started import Line

INSTRUMENT_TONES = {"draft": "muted", "published": "success", "retired": "warning"}
ROUND_TONES = {
    "draft": "muted", "open": "active", "closed": "info", "published": "success", "cancelled": "muted",
}  # fmt: skip
FULL = Decimal(100)
# The page of a round that tells most about it, by its state; elsewhere its people.
STANDS_AT = {"open": "round-progress", "closed": "round-results", "published": "round-results"}
_STARTED_SHOWN = 4
_STEPS = ((Round.Status.DRAFT, "筹备"), (Round.Status.OPEN, "评价"), (Round.Status.CLOSED, "截止"),
          (Round.Status.PUBLISHED, "公布"))  # fmt: skip
_ACTION_TONES = {
    "open": "active",
    "close": "info",
    "publish": "success",
    "cancel": "danger",
    "retire": "warning",
}
LEVEL_WORDS = ("一级", "二级", "三级")


def percent(value: Any) -> str:
    """Return a weight or share in words: 12.5 %, 30 %, without zeros that say nothing."""
    return f"{plain(value)}%"


def plain(value: Any) -> str:
    """Return a number without zeros behind the point that say nothing."""
    if value is None:
        return ""
    text = f"{Decimal(value):.2f}"
    return text.rstrip("0").rstrip(".")


def steps_of(held: Round) -> list[dict[str, Any]]:
    """Return the steps of a round for components/_stepper.html."""
    if held.status == Round.Status.CANCELLED:
        return [{"label": label, "state": "skipped"} for _, label in _STEPS]
    at = [status for status, _ in _STEPS].index(Round.Status(held.status))
    is_over = held.status == Round.Status.PUBLISHED
    return [
        {"label": label, "state": "done" if place < at or is_over else "current" if place == at else "todo"}
        for place, (_, label) in enumerate(_STEPS)
    ]


def timeline(decisions: Iterable[Any]) -> list[dict[str, Any]]:
    """Return what was done with an instrument or a round, newest first (components/_timeline.html)."""
    return [
        {
            "at": each.at,
            "title": each.label,
            "who": each.actor_name,
            "text": each.comment,
            "tone": _ACTION_TONES.get(each.action, "muted"),
        }
        for each in decisions
    ]


def tree_rows(nodes: Sequence[Node], above: str = "", share: Decimal = FULL) -> list[dict[str, Any]]:
    """Return a tree of indicators as rows in their order: number (1.2.1), own weight, share of the total."""
    rows = []
    for place, node in enumerate(nodes, start=1):
        each, number = node.indicator, f"{above}{place}"
        own = share * each.weight / FULL
        rows.append(
            {
                "indicator": each, "level": node.level, "number": number, "is_heading": bool(node.children),
                "is_scored": node.is_scored, "weight_words": percent(each.weight), "share_words": percent(own),
            }
        )  # fmt: skip
        rows += tree_rows(node.children, f"{number}.", own)
    return rows


def sums_of(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the weights of siblings add up to while they are edited, one entry a group of siblings.

    `rows` are those of the editor (level, name, kind, weight as typed). Words only: whether a version may be
    published is for its service to say.
    """
    groups: list[dict[str, Any]] = []
    above: list[dict[str, Any] | None] = [None]
    current: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(rows):
        level = row["level"]
        del above[level:]
        if level not in current or current[level]["above"] is not above[-1]:
            current[level] = {"above": above[-1], "sum": Decimal(0), "wrong": False, "members": 0}
            groups.append(current[level])
        if _counts(rows, place):
            group = current[level]
            group["members"] += 1
            weight = number_of(row["weight"])
            group["wrong"] |= weight is None
            group["sum"] += weight or 0
        above.append(row)
    return [_sum_words(each) for each in groups if each["members"]]


def _counts(rows: Sequence[dict[str, Any]], place: int) -> bool:
    """Whether a row shares in the 100 %: it is scored, or holds something that is, or holds nothing yet."""
    row, below = rows[place], []
    for each in rows[place + 1 :]:
        if each["level"] <= row["level"]:
            break
        below.append(each["kind"])
    if not below:
        return bool(row["kind"] != Indicator.Kind.TEXT)
    return any(kind not in ("", Indicator.Kind.TEXT) for kind in below)


def number_of(text: str) -> Decimal | None:
    """Return a typed weight as a number, None for what isn't one; nothing typed counts as nothing."""
    try:
        value = Decimal(text.strip().rstrip("%％") or 0)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None


def _sum_words(group: dict[str, Any]) -> dict[str, Any]:
    name = f"“{group['above']['name'].strip() or '未命名'}”的下级指标" if group["above"] else "一级指标"
    left = FULL - group["sum"]
    if group["wrong"]:
        words, tone = "有权重不是数字", "danger"
    elif left == 0:
        words, tone = "合计 100%", "success"
    else:
        more = f"还差 {percent(left)}" if left > 0 else f"超出 {percent(-left)}"
        words, tone = f"合计 {percent(group['sum'])}，{more}", "warning"
    return {"name": name, "words": words, "tone": tone}


def own_rounds(user: Any) -> list[Line]:
    """Return the newest rounds that a user made, with how far each is, for the home page; one statement."""
    if not user.holds("round.manage"):
        return []
    rows = with_counts(Round.objects.visible_to(user, "round.manage").filter(created_by=user))
    return [
        Line(
            title=each.title,
            url=reverse(STANDS_AT.get(each.status, "round-detail"), args=[each.pk]),
            status=each.get_status_display(),
            tone=ROUND_TONES[each.status],
            detail=f"{each.people} 人"
            + (f" · 已收 {each.received} / {each.invited} 份" if each.status != "draft" else ""),
            due=each.closes_at if each.status == Round.Status.OPEN else None,
        )
        for each in rows.order_by("-created_at", "-pk")[:_STARTED_SHOWN]
    ]
