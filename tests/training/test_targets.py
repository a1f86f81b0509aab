"""Whom a class is for: chosen people frozen while it is drafted, as calls do."""

import pytest

from cadres.models import Cadre
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.models import AuditEntry, Message
from tests.training.factories import person
from training.models import ClassTarget, ClassTargets
from training.services.classes import take_class_action
from training.services.enrolments import apply
from training.services.targets import clear_class_targets, require_class_target, set_class_targets

WORDS = "性别为女"


def test_the_people_found_are_frozen(drafted, tree, hr):
    one, other = person(tree.school_east), person(tree.school_west)
    people = Cadre.objects.filter(pk=one.pk)
    targets = set_class_targets(training_class=drafted, people=people, words=WORDS, by=hr)
    assert (targets.count, targets.words, targets.set_by) == (1, WORDS, hr)
    require_class_target(drafted, one)
    with pytest.raises(Invalid, match=f"培训对象（{WORDS}）"):
        require_class_target(drafted, other)
    again = Cadre.objects.filter(pk__in=[one.pk, other.pk])
    set_class_targets(training_class=drafted, people=again, words="全部", by=hr)
    require_class_target(drafted, other)
    assert ClassTargets.objects.get().count == ClassTarget.objects.count() == 2
    assert AuditEntry.objects.filter(action="class.targets_set").count() == 2


def test_nobody_found_leaves_the_limit_as_it_was(drafted, tree, hr):
    one = person(tree.school_east)
    set_class_targets(training_class=drafted, people=Cadre.objects.filter(pk=one.pk), words=WORDS, by=hr)
    with pytest.raises(Invalid, match="没有符合条件"):
        set_class_targets(training_class=drafted, people=Cadre.objects.none(), words="无", by=hr)
    assert ClassTargets.objects.get().words == WORDS
    clear_class_targets(training_class=drafted, by=hr)
    assert not ClassTarget.objects.exists()
    require_class_target(drafted, person(tree.school_west))


def test_only_while_drafted_and_only_by_those_who_hold_the_class(drafted, tree, hr, principal_east):
    people = Cadre.objects.filter(pk=person(tree.school_east).pk)
    with pytest.raises(NotFound):
        set_class_targets(training_class=drafted, people=people, words=WORDS, by=principal_east)
    take_class_action(training_class=drafted, action="open", by=hr)
    with pytest.raises(NotAllowed):
        clear_class_targets(training_class=drafted, by=principal_east)
    for change in (
        lambda: set_class_targets(training_class=drafted, people=people, words=WORDS, by=hr),
        lambda: clear_class_targets(training_class=drafted, by=hr),
    ):
        with pytest.raises(WrongMoment, match="不能再改培训对象"):
            change()


def test_the_people_named_hear_of_the_class_and_others_cannot_apply(drafted, tree, hr):
    one, other = person(tree.school_east), person(tree.school_east)
    set_class_targets(training_class=drafted, people=Cadre.objects.filter(pk=one.pk), words=WORDS, by=hr)
    take_class_action(training_class=drafted, action="open", by=hr)
    assert Message.objects.filter(recipient=one.user, title__contains="开始报名").count() == 1
    assert not Message.objects.filter(recipient=other.user).exists()
    assert apply(training_class=drafted, by=one.user).status == "applied"
    with pytest.raises(Invalid, match="培训对象"):
        apply(training_class=drafted, by=other.user)
