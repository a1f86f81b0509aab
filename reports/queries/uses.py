"""What the people of a query can be handed to: a call, a class, a round, while they are still being prepared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from assessment.models import Round
from assessment.services.rounds import set_subjects
from cadres.fields import Level
from cadres.models import Cadre
from core.errors import Invalid
from programs.models import Call
from programs.services.targets import set_targets
from reports.queries.sql import people
from reports.queries.tree import Query
from reports.queries.words import describe
from training.models import TrainingClass
from training.services.targets import set_class_targets

SENSITIVE = "条件涉及敏感信息，看到名单的人会由此得知，不能这样使用。"


@dataclass(frozen=True)
class Use:
    """One way to use the people a query finds.

    `drafted` gives the rows a user may hand people to, `hand` does it (row, people, words, by → how many),
    `page` and `new` name the address of such a row and of the form that makes one.
    """

    code: str
    noun: str
    purpose: str
    capability: str
    icon: str
    page: str
    new: str
    drafted: Callable[[User], QuerySet[Any]]
    hand: Callable[[Any, QuerySet[Cadre], str, User], int]


def _calls(user: User) -> QuerySet[Any]:
    return (
        Call.objects.real().filter(status=Call.Status.DRAFT).visible_to(user, "call.manage").order_by("-pk")
    )


def _to_call(call: Call, found: QuerySet[Cadre], words: str, by: User) -> int:
    return set_targets(call=call, people=found, words=words, by=by).count


def _classes(user: User) -> QuerySet[Any]:
    drafted = TrainingClass.objects.filter(status=TrainingClass.Status.DRAFT)
    return drafted.visible_to(user, "class.manage").order_by("-pk")


def _to_class(row: TrainingClass, found: QuerySet[Cadre], words: str, by: User) -> int:
    return set_class_targets(training_class=row, people=found, words=words, by=by).count


def _rounds(user: User) -> QuerySet[Any]:
    return Round.objects.filter(status=Round.Status.DRAFT).visible_to(user, "round.manage").order_by("-pk")


def _to_round(round: Round, found: QuerySet[Cadre], words: str, by: User) -> int:
    return set_subjects(round=round, people=found, words=words, by=by)


USES: dict[str, Use] = {
    use.code: use
    for use in (
        Use("call", "征集", "推荐范围", "call.manage", "clipboard-list", "call-detail", "call-new", _calls, _to_call),
        Use("class", "培训班", "培训对象", "class.manage", "school", "class-detail", "class-new", _classes, _to_class),
        Use("round", "评价", "评价对象", "round.manage", "checklist", "round-detail", "round-new", _rounds, _to_round),
    )
}  # fmt: skip


def uses_for(user: User) -> list[Use]:
    """The ways in which a user may use the people of a query."""
    return [use for use in USES.values() if user.holds(use.capability)]


def hand_over(use: Use, *, to: Any, query: Query, by: User) -> int:
    """Give the people a query finds now, in one's own scope, to a drafted call, class or round; return how many.

    Raises Invalid for conditions over sensitive information: whoever sees the list would learn them; and
    whatever the service of the call, class or round raises.
    """
    if query.where.level >= Level.SENSITIVE:
        raise Invalid(SENSITIVE)
    return use.hand(to, people(query, user=by), describe(query), by)
