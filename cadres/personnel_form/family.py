"""The order of 家庭主要成员及重要社会关系: spouse, children from the eldest, father, mother, then others (domain facts §1.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cadres.personnel_form.elements import FamilyItem

_SPOUSE, _CHILD, _FATHER, _MOTHER, _OTHER = range(5)
_GROUPS: dict[str, int] = {
    **dict.fromkeys(("妻子", "丈夫", "妻", "夫", "爱人", "配偶", "老婆", "老公"), _SPOUSE),
    **dict.fromkeys(("父亲", "父", "养父", "继父", "爸爸"), _FATHER),
    **dict.fromkeys(("母亲", "母", "养母", "继母", "妈妈"), _MOTHER),
}
_CHILDREN = re.compile("(?:[长大次二三四五六七八九幺小独养继]|独生|其他)?(?:儿子|女儿|子|女|儿)")
_RANKS = "长大独次二三四五六七八九"


def in_order(items: Iterable[FamilyItem]) -> list[FamilyItem]:
    """The members in the order of the form; those of one group stay as they stood."""
    kept = list(items)
    children = [one for one in kept if group_of(one.ChengWei) == _CHILD]
    eldest_first = iter(_eldest_first(children))
    ordered = [next(eldest_first) if group_of(one.ChengWei) == _CHILD else one for one in kept]
    return sorted(ordered, key=lambda one: group_of(one.ChengWei))


def group_of(relation: str) -> int:
    """Which group a relation belongs to."""
    word = "".join(relation.split())
    if word in _GROUPS:
        return _GROUPS[word]
    return _CHILD if _CHILDREN.fullmatch(word) else _OTHER


def _eldest_first(children: list[FamilyItem]) -> list[FamilyItem]:
    """By birth where all have one, else by what they are called (长女, 次子), else as they stand."""
    births = [one.ChuShengRiQi for one in children]
    if all(re.match(r"(?:19|20)\d\d", birth) for birth in births):
        return sorted(children, key=lambda one: one.ChuShengRiQi[:6])
    ranks = [_RANKS.find(one.ChengWei.strip()[:1]) for one in children]
    if all(rank >= 0 for rank in ranks):
        return [one for _, one in sorted(zip(ranks, children, strict=True), key=lambda pair: pair[0])]
    return children
