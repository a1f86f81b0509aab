"""What merging people, and merging, splitting or closing their units means for classes and enrolments."""

import datetime as dt

import pytest

from cadres.models import Cadre
from cadres.services.merging import merge_cadres, undo_merge
from cadres.services.reorganising import merge_units, preview_merge, preview_split
from core.errors import Invalid, NotFound
from tests.programs.factories import make_cadre
from tests.training.factories import applied, make_class
from training import consent
from training.models import ClassTarget, Enrolment
from training.services.enrolments import enrol, take_enrolment_action
from training.services.targets import set_class_targets

DAY = dt.date(2026, 11, 20)


def words(told):
    """The sentences as one text."""
    return "".join(each.text for each in told)


def test_enrolments_and_the_place_among_the_targets_go_over(drafted, training_class, tree, hr):
    kept, gone = make_cadre(tree.school_east, "王建国"), make_cadre(tree.school_east, "王建国")
    set_class_targets(
        training_class=drafted, people=Cadre.objects.filter(pk=gone.pk), words="姓名为王建国", by=hr
    )
    enrolment = enrol(training_class=training_class, cadre=gone, by=hr)
    merge = merge_cadres(kept=kept, gone=gone, by=hr)
    enrolment.refresh_from_db()
    assert enrolment.cadre == kept
    assert list(ClassTarget.objects.values_list("cadre", flat=True)) == [kept.pk]
    undo_merge(merge=merge, by=hr)
    enrolment.refresh_from_db()
    assert enrolment.cadre_id == gone.pk
    assert list(ClassTarget.objects.values_list("cadre", flat=True)) == [gone.pk]


def test_two_places_of_one_person_are_settled_first(training_class, tree, hr):
    kept, gone = make_cadre(tree.school_east, "王建国"), make_cadre(tree.school_east, "王建国")
    for each in (kept, gone):
        enrol(training_class=training_class, cadre=each, by=hr)
    with pytest.raises(Invalid, match="“报名”里的内容互相冲突"):
        merge_cadres(kept=kept, gone=gone, by=hr)
    enrolment = Enrolment.objects.get(cadre=gone)
    take_enrolment_action(enrolment=enrolment, action="withdraw", by=hr, comment="重复报名")
    merge_cadres(kept=kept, gone=gone, by=hr)
    assert Enrolment.objects.filter(cadre=kept).count() == 2


def test_what_becomes_of_enrolments_and_classes_is_told_and_true(
    training_class, tree, hr, principal_east, central_east
):
    waiting = applied(training_class, tree.school_east)
    enrolled = enrol(training_class=training_class, cadre=make_cadre(tree.school_east, "录乙"), by=hr)
    own = make_class(tree.school_east, hr, is_open=False)
    told = words(preview_merge(by=hr, unit=tree.school_east, into=tree.school_east_2, on=DAY))
    for sentence in (
        f"1 份待同意的培训报名（{waiting.cadre.name}）由上级单位同意。",
        "1 份培训班的录取和候补（录乙）继续有效。",
        f"本单位主办的培训班“{own.title}”还没有结束，由上级单位继续办理。",
    ):
        assert sentence in told
    merge_units(by=hr, unit=tree.school_east, into=tree.school_east_2, on=DAY)
    for row in (waiting, enrolled):
        row.refresh_from_db()
    assert (waiting.unit, enrolled.status) == (tree.school_east, "enrolled")
    # As told: the school is no more, so the central school is asked.
    assert consent.asked_of(type(central_east).objects.get(pk=central_east.pk)) == [waiting.pk]
    take_enrolment_action(enrolment=waiting, action="approve", by=central_east)
    assert waiting.status == "enrolled"
    with pytest.raises(NotFound):
        take_enrolment_action(
            enrolment=waiting, action="withdraw", by=type(hr).objects.get(pk=principal_east.pk), comment="退"
        )


def test_a_split_tells_of_its_people_alone(training_class, tree, hr, principal_east):
    mine, other = applied(training_class, tree.school_east), applied(training_class, tree.school_east)
    told = preview_split(
        by=hr, unit=tree.school_east, into=tree.school_east_2, cadres=[mine.cadre_id], on=DAY
    )  # fmt: skip
    assert f"1 份待同意的培训报名（{mine.cadre.name}）仍由{tree.school_east.name}同意。" in words(told)
    assert other.cadre.name not in words(told)
