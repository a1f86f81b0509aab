"""Avoidance (回避) on a case, in the words of the nomination engine; the rule itself lives in cadres.avoidance."""

from __future__ import annotations

from typing import Any

from cadres import avoidance
from cadres.avoidance import avoided_by, avoided_ids, avoiding_pairs, must_avoid, without_avoiding
from cadres.models import Cadre

__all__ = [
    "OF_KIN",
    "OF_NOMINEE",
    "avoided_by",
    "avoided_ids",
    "avoiding_pairs",
    "must_avoid",
    "require_unrelated",
    "without_avoiding",
]

OF_KIN = "回避：与被推荐人有亲属关系。"
OF_NOMINEE = "您是被推荐人，应当回避。"


def require_unrelated(user: Any, cadre: Cadre | None, own_words: str = OF_NOMINEE) -> None:
    """Refuse whoever is the nominee (`own_words`) or confirmed kin; the system itself (None) is nobody's kin."""
    avoidance.require_unrelated(user, cadre, own_words=own_words, kin_words=OF_KIN)
