"""Verbs on enrolments: apply for oneself, enrol somebody, consent, refuse, withdraw.

Everything here locks the class first and the enrolment after it (training.places).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.scope import require
from cadres.avoidance import avoided_by, require_unrelated
from cadres.models import Cadre
from core import audit
from core.calendar import now
from core.errors import DomainError, Invalid, NotFound, WrongMoment
from core.models import DecisionBase
from core.workflow import take
from training import consent, messages, places
from training.models import ClassTargets, Enrolment, TrainingClass
from training.services.targets import require_class_target
from training.workflow.enrolments import require_in_service, require_taking

audit.register("enrolment.applied", "本人报名")
audit.register("enrolment.created", "代为报名")

Status = Enrolment.Status
AT_MOST = 100
NOT_ONESELF = "不能代自己报名，请以本人身份报名，或由上一级办理。"
OUTSIDE = "此人所在单位不在本班的范围之内。"


class EnrolOutcome(NamedTuple):
    """What became of one person of many."""

    name: str
    ok: bool
    message: str


def apply(*, training_class: TrainingClass, by: User, reason: str = "") -> Enrolment:
    """Apply with one's own record; again while it is under way gives the same enrolment.

    Raises NotFound for a class out of sight, WrongMoment where people don't enrol themselves, outside the window
    or when it was refused before, Invalid for somebody the class isn't for.
    """
    cadre = Cadre.objects.filter(user=by).select_related("unit").first()
    if cadre is None or not _visible(training_class, by):
        raise NotFound
    with transaction.atomic():
        locked = places.lock_class(training_class.pk)
        found = _live(locked, cadre)
        if found is not None:
            return found
        _require_applicable(locked, cadre)
        enrolment = _create(locked, cadre, by, reason)
        audit.record("enrolment.applied", by=by, obj=enrolment, unit_name=cadre.unit.name)
        messages.applied(enrolment)
    return enrolment


def enrol(*, training_class: TrainingClass, cadre: Cadre, by: User, reason: str = "") -> Enrolment:
    """Enrol somebody of one's own units: created and consented to at once; an application of theirs is consented to.

    Somebody who is enrolled or waits already stays so. After the window only those who hold the class enrol, within
    its places (补录). Raises NotFound outside one's scope, NotAllowed for oneself and kin, else as `apply`.
    """
    if not _visible(training_class, by):
        raise NotFound
    require(by, consent.CAPABILITY, cadre)
    require_unrelated(by, cadre, own_words=NOT_ONESELF, kin_words=consent.OF_KIN)
    with transaction.atomic():
        locked = places.lock_class(training_class.pk)
        enrolment = _live(locked, cadre)
        if enrolment is None:
            _require_fitting(locked, cadre)
            enrolment = _create(locked, cadre, by, reason)
            audit.record("enrolment.created", by=by, obj=enrolment, unit_name=cadre.unit.name)
        if enrolment.status == Status.APPLIED:
            take(enrolment, "approve", by=by)
    return enrolment


def enrol_many(*, training_class: TrainingClass, cadres: Iterable[int], by: User) -> list[EnrolOutcome]:
    """Enrol many people, each by itself: who can be is enrolled or put on the waiting list, the rest says why not.

    Raises NotFound for a class out of sight, Invalid for more than 100 at once.
    """
    if not _visible(training_class, by):
        raise NotFound
    wanted = list(dict.fromkeys(cadres))
    if len(wanted) > AT_MOST:
        raise Invalid(f"一次最多报名 {AT_MOST} 人。")
    found = Cadre.objects.visible_to(by, consent.CAPABILITY).select_related("unit", "user").in_bulk(wanted)
    live = training_class.enrolments.filter(cadre__in=found, status__in=[Status.ENROLLED, Status.WAITING])
    already = dict(live.values_list("cadre_id", "status"))
    outcomes = []
    for pk in wanted:
        cadre = found.get(pk)
        if cadre is None:
            outcomes.append(EnrolOutcome("", False, "没有找到此人，或者不在您的权限范围内。"))
        elif pk in already:
            outcomes.append(EnrolOutcome(cadre.name, False, f"已在名单中（{Status(already[pk]).label}）。"))
        else:
            outcomes.append(_tried(training_class, cadre, by))
    return outcomes


def _tried(training_class: TrainingClass, cadre: Cadre, by: User) -> EnrolOutcome:
    try:
        enrolment = enrol(training_class=training_class, cadre=cadre, by=by)
    except DomainError as error:
        return EnrolOutcome(cadre.name, False, error.message)
    return EnrolOutcome(cadre.name, True, f"{enrolment.get_status_display()}。")


def take_enrolment_action(*, enrolment: Enrolment, action: str, by: User, comment: str = "") -> DecisionBase:
    """Take an action of the workflow: approve, refuse (comment), withdraw (comment).

    Raises NotFound outside one's scope, WrongMoment when a colleague was faster, else as core.workflow.take does.
    """
    if not Enrolment.objects.visible_to(by).filter(pk=enrolment.pk).exists():
        raise NotFound
    with transaction.atomic():
        places.lock_class(enrolment.training_class_id)
        return take(enrolment, action, by=by, comment=comment)


def own_refusal(*, training_class: TrainingClass, by: User) -> str:
    """Say why a user can't apply now; empty when they can. For the button on the page: reads only."""
    cadre = Cadre.objects.filter(user=by).first()
    if cadre is None:
        return "您没有干部档案。"
    if _live(training_class, cadre) is not None:
        return "您已经报名。"
    try:
        _require_applicable(training_class, cadre)
    except DomainError as error:
        return error.message
    return ""


def candidates(*, training_class: TrainingClass, by: User) -> QuerySet[Cadre]:
    """Return the people whom a user may enrol: in service, of the class's units and targets, not yet enrolled.

    Without the user's own record and kin (回避).
    """
    people = Cadre.objects.visible_to(by, consent.CAPABILITY).in_service()
    people = people.filter(unit_path__startswith=training_class.unit_path)
    if ClassTargets.objects.filter(training_class=training_class).exists():
        people = people.filter(pk__in=training_class.target_people.values("cadre"))
    taken = training_class.enrolments.filter(status__in=[Status.ENROLLED, Status.WAITING])
    return people.exclude(pk__in=taken.values("cadre")).exclude(pk__in=avoided_by(by).values("pk"))


def _visible(training_class: TrainingClass, by: User) -> bool:
    return TrainingClass.objects.visible_to(by).filter(pk=training_class.pk).exists()


def _live(training_class: TrainingClass, cadre: Cadre) -> Enrolment | None:
    """The person's enrolment that is under way or in force, if there is one."""
    rows = Enrolment.objects.filter(training_class=training_class, cadre=cadre, status__in=Enrolment.LIVE)
    return rows.select_related("cadre", "unit").first()


def _require_applicable(training_class: TrainingClass, cadre: Cadre) -> None:
    """What holds for one's own application."""
    if not training_class.self_enrolment:
        raise WrongMoment("本班不接受本人报名，由所在单位或主办单位报名。")
    require_taking(training_class, None, now())
    _require_fitting(training_class, cadre)
    if Enrolment.objects.filter(training_class=training_class, cadre=cadre, status=Status.REFUSED).exists():
        raise WrongMoment("学校没有同意您的报名，如有变化请由学校为您报名。")


def _require_fitting(training_class: TrainingClass, cadre: Cadre) -> None:
    """Somebody in service, of the units the class is for, among the people it is limited to."""
    if not cadre.unit_path.startswith(training_class.unit_path):
        raise Invalid(OUTSIDE, errors={"cadre": [OUTSIDE]})
    require_in_service(cadre)
    require_class_target(training_class, cadre)


def _create(training_class: TrainingClass, cadre: Cadre, by: User, reason: str) -> Enrolment:
    reason = reason.strip()
    longest = Enrolment._meta.get_field("reason").max_length or 0
    if len(reason) > longest:
        words = f"报名理由最多 {longest} 字。"
        raise Invalid(words, errors={"reason": [words]})
    return Enrolment.objects.create(
        training_class=training_class, unit=cadre.unit, cadre=cadre, reason=reason, applied_by=by
    )
