"""An instrument's tree: its leaves in order with their weight in the whole, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessment.models import Indicator, Instrument

WHOLE = Decimal(100)


@dataclass(frozen=True)
class Leaf:
    """An indicator that is answered. `place` is its position in a ballot's answers, None for words."""

    indicator: Indicator
    weight: Decimal
    place: int | None
    headings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Node:
    """An indicator with its level (1 to 3) and those that hang under it."""

    indicator: Indicator
    level: int
    children: tuple[Node, ...] = ()

    @property
    def is_scored(self) -> bool:
        """Whether anything under it counts: such siblings share 100 %, words carry no weight."""
        if self.children:
            return any(child.is_scored for child in self.children)
        return self.indicator.kind not in ("", Indicator.Kind.TEXT)


def tree(instrument: Instrument) -> tuple[Node, ...]:
    """Return the indicators as a tree, in order; one query."""
    below: dict[int | None, list[Indicator]] = {}
    for each in instrument.indicators.order_by("order"):
        below.setdefault(each.parent_id, []).append(each)
    return _nodes(below, None, 1)


def _nodes(below: dict[int | None, list[Indicator]], parent: int | None, level: int) -> tuple[Node, ...]:
    return tuple(Node(each, level, _nodes(below, each.pk, level + 1)) for each in below.get(parent, ()))


def leaves(instrument: Instrument) -> list[Leaf]:
    """Return the leaves in the order of the tree, each with the product of the weights on its way.

    The order is fixed with the version: scored leaves are numbered from 0, which is where a ballot holds them.
    """
    found: list[Leaf] = []
    _collect(tree(instrument), WHOLE, (), found)
    numbered, place = [], 0
    for leaf in found:
        scored = leaf.indicator.kind != Indicator.Kind.TEXT
        numbered.append(Leaf(leaf.indicator, leaf.weight, place if scored else None, leaf.headings))
        place += scored
    return numbered


def _collect(nodes: Sequence[Node], share: Decimal, headings: tuple[str, ...], found: list[Leaf]) -> None:
    for node in nodes:
        weight = share * node.indicator.weight / WHOLE
        if node.children:
            _collect(node.children, weight, (*headings, node.indicator.name), found)
        elif node.indicator.kind:
            found.append(Leaf(node.indicator, weight, None, headings))


def problems_of(instrument: Instrument) -> list[str]:
    """Return what keeps an instrument from being published, in sentences; [] when nothing does."""
    roots = tree(instrument)
    if not leaves(instrument):
        return ["还没有要回答的指标。"]
    problems: list[str] = []
    _check(roots, "第一级", problems)
    return problems


def _check(nodes: Sequence[Node], where: str, problems: list[str]) -> None:
    scored = [node for node in nodes if node.is_scored]
    total = sum((node.indicator.weight for node in scored), Decimal(0))
    if scored and total != WHOLE:
        problems.append(f"{where}各项指标的权重合计须为 100%，现在是 {total.normalize():f}%。")
    for node in nodes:
        each, name = node.indicator, f"“{node.indicator.name}”"
        if not node.is_scored and each.weight:
            problems.append(f"{name}只有文字意见，不占权重。")
        if node.children and each.kind:
            problems.append(f"{name}下面还有指标，不能自己作答。")
        if not node.children and not each.kind:
            problems.append(f"{name}没有答题方式，下面也没有指标。")
        if node.level > Indicator.MAX_DEPTH:
            problems.append(f"{name}超过三级。")
        if node.children:
            _check(node.children, name, problems)
