"""A published result as the person rated reads it: per relation, per indicator, in the raters' words.

Only stored figures are read: what is held back (too few raters) was never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessment.leaves import leaves
from assessment.models import IndicatorResult, Relation, ResultComment, SubjectResult
from core.charts import Chart, Series


@dataclass(frozen=True)
class RelationLine:
    """What one relation gave: the score is empty where it isn't shown."""

    label: str
    weight: Decimal
    anonymous: bool
    invited: int
    received: int
    score: Decimal | None


@dataclass(frozen=True)
class IndicatorLine:
    """An indicator with its mean over the relations shown, and that of the own assessment."""

    name: str
    heading: str
    score: Decimal | None
    own: Decimal | None


@dataclass(frozen=True)
class Words:
    """What raters wrote to one question, in shuffled order."""

    question: str
    texts: list[str]


@dataclass(frozen=True)
class Feedback:
    """Everything that the person rated may read of a round."""

    relations: list[RelationLine]
    indicators: list[IndicatorLine]
    words: list[Words]
    ranked: int

    @property
    def held_back(self) -> bool:
        """Whether a relation isn't shown for want of raters."""
        return any(each.score is None and each.received for each in self.relations)

    @property
    def has_own(self) -> bool:
        """Whether the person rated has rated themselves."""
        return any(each.own is not None for each in self.indicators)

    @property
    def chart(self) -> Chart | None:
        """The indicators as bars, beside the own assessment where there is one."""
        shown = [each for each in self.indicators if each.score is not None]
        if not shown:
            return None
        series = [Series("综合", [_number(each.score) for each in shown], "main")]
        if self.has_own:
            series.append(Series("自评", [_number(each.own) for each in shown], "compare"))
        best = max(shown, key=lambda each: each.score or 0)
        least = min(shown, key=lambda each: each.score or 0)
        sentence = (
            f"“{best.name}”最高，{_words(best.score)} 分；“{least.name}”最低，{_words(least.score)} 分。"
            if best.score != least.score
            else f"各项都是 {_words(best.score)} 分。"
        )
        return Chart(
            key="indicators", title="各项指标得分", sentence=sentence, kind="bars_across",
            categories=[each.name for each in shown], series=series, unit="分", category_label="指标", maximum=100,
        )  # fmt: skip


def feedback_of(result: SubjectResult) -> Feedback:
    """Return what is stored of a subject's result, ready for a page or the API."""
    subject = result.subject
    relations = [
        RelationLine(
            label=each.relation.get_kind_display(), weight=each.relation.weight,
            anonymous=each.relation.anonymous, invited=each.invited, received=each.received, score=each.score,
        )
        for each in subject.relation_results.select_related("relation").order_by("relation_id")
    ]  # fmt: skip
    peers = SubjectResult.objects.filter(subject__round=subject.round_id).exclude(rank=None)
    return Feedback(relations, _indicators(result), _words_of(result), peers.count())


def _indicators(result: SubjectResult) -> list[IndicatorLine]:
    overall: dict[int, Decimal] = {}
    own: dict[int, Decimal] = {}
    rows = IndicatorResult.objects.filter(subject=result.subject_id)
    for key, kind, score in rows.values_list("indicator_id", "relation__kind", "score"):
        if kind is None:
            overall[key] = score
        elif kind == Relation.Kind.SELF:
            own[key] = score
    return [
        IndicatorLine(
            name=leaf.indicator.name,
            heading=" · ".join(leaf.headings),
            score=overall.get(leaf.indicator.pk),
            own=own.get(leaf.indicator.pk),
        )
        for leaf in leaves(result.subject.round.instrument)
        if leaf.place is not None
    ]


def _words_of(result: SubjectResult) -> list[Words]:
    rows = ResultComment.objects.filter(subject=result.subject_id).select_related("indicator")
    found: dict[int, Words] = {}
    for each in rows.order_by("indicator__order", "id"):
        found.setdefault(each.indicator_id, Words(each.indicator.name, [])).texts.append(each.text)
    return list(found.values())


def _number(score: Decimal | None) -> float | None:
    return None if score is None else float(score)


def _words(score: Any) -> str:
    return f"{score.normalize():f}"
