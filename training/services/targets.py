"""Limiting a class to people that were chosen beforehand, for example by a saved query."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.scope import require
from cadres.models import Cadre
from cadres.services.chosen import Limit
from core import audit
from core.errors import Invalid, WrongMoment
from training.models import ClassTarget, ClassTargets, TrainingClass
from training.places import lock_class

audit.register("class.targets_set", "限定培训对象")
audit.register("class.targets_cleared", "取消培训对象限定")

_LIMIT = Limit(
    ClassTargets, ClassTarget, "training_class", "培训对象", "class.targets_set", "class.targets_cleared"
)


def set_class_targets(
    *, training_class: TrainingClass, people: QuerySet[Cadre], words: str, by: User
) -> ClassTargets:
    """Limit a drafted class to people, as they are found now; one statement however many they are.

    `words` say how they were chosen and are shown with the class. An earlier limit is replaced. Needs
    `class.manage`. Raises WrongMoment once the class is open, Invalid when nobody is found.
    """
    with transaction.atomic():
        targets: ClassTargets = _LIMIT.set(_locked(training_class, by), people, words, by)
        return targets


def clear_class_targets(*, training_class: TrainingClass, by: User) -> None:
    """Lift the limit of a drafted class."""
    with transaction.atomic():
        _LIMIT.clear(_locked(training_class, by), by)


def require_class_target(training_class: TrainingClass, cadre: Cadre) -> None:
    """Refuse somebody outside the people a class is limited to. Raises Invalid with the words of the choice."""
    words = _LIMIT.keeps_out(training_class, cadre)
    if words:
        sentence = f"{cadre.name}不在本班的培训对象（{words}）之内。"
        raise Invalid(sentence, errors={"cadre": [sentence]})


def _locked(training_class: TrainingClass, by: User) -> TrainingClass:
    require(by, "class.manage", training_class)
    locked = lock_class(training_class.pk)
    if locked.status != TrainingClass.Status.DRAFT:
        raise WrongMoment("报名已经开始，不能再改培训对象。")
    return locked
