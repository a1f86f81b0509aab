"""Limiting a class to people that were chosen beforehand, for example by a saved query."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.scope import require
from cadres.models import Cadre
from cadres.services.chosen import insert_chosen
from core import audit
from core.calendar import now
from core.errors import Invalid, WrongMoment
from training.models import ClassTarget, ClassTargets, TrainingClass
from training.places import lock_class

audit.register("class.targets_set", "限定培训对象")
audit.register("class.targets_cleared", "取消培训对象限定")


def set_class_targets(
    *, training_class: TrainingClass, people: QuerySet[Cadre], words: str, by: User
) -> ClassTargets:
    """Limit a drafted class to people, as they are found now; one statement however many they are.

    `words` say how they were chosen and are shown with the class. An earlier limit is replaced. Needs
    `class.manage`. Raises WrongMoment once the class is open, Invalid when nobody is found.
    """
    with transaction.atomic():
        locked = _locked(training_class, by)
        ClassTarget.objects.filter(training_class=locked).delete()
        count = insert_chosen(ClassTarget, people, training_class_id=locked.pk)
        if not count:
            raise Invalid("没有符合条件的干部，不能作为培训对象。")
        values = {"words": words, "count": count, "set_by": by, "set_at": now()}
        targets, _ = ClassTargets.objects.update_or_create(training_class=locked, defaults=values)
        audit.record("class.targets_set", by=by, obj=locked, after={"培训对象": words, "人数": count},
                     unit_name=locked.unit.name)  # fmt: skip
        return targets


def clear_class_targets(*, training_class: TrainingClass, by: User) -> None:
    """Lift the limit of a drafted class."""
    with transaction.atomic():
        locked = _locked(training_class, by)
        ClassTarget.objects.filter(training_class=locked).delete()
        if ClassTargets.objects.filter(training_class=locked).delete()[0]:
            audit.record("class.targets_cleared", by=by, obj=locked, unit_name=locked.unit.name)


def require_class_target(training_class: TrainingClass, cadre: Cadre) -> None:
    """Refuse somebody outside the people a class is limited to. Raises Invalid with the words of the choice."""
    targets = ClassTargets.objects.filter(training_class=training_class).first()
    if targets is None or ClassTarget.objects.filter(training_class=training_class, cadre=cadre).exists():
        return
    sentence = f"{cadre.name}不在本班的培训对象（{targets.words}）之内。"
    raise Invalid(sentence, errors={"cadre": [sentence]})


def _locked(training_class: TrainingClass, by: User) -> TrainingClass:
    require(by, "class.manage", training_class)
    locked = lock_class(training_class.pk)
    if locked.status != TrainingClass.Status.DRAFT:
        raise WrongMoment("报名已经开始，不能再改培训对象。")
    return locked
