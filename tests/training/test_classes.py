"""Classes: made and changed while drafted, opened, extended, settled and finished by the clock, cancelled."""

import datetime as dt
from decimal import Decimal

import pytest

from core.errors import Invalid, NotAllowed, NotFound, Stale, WrongMoment
from core.models import AuditEntry, Message
from core.versions import version_of
from core.workflow import take
from tests.programs.factories import moment
from tests.training.factories import applied, fields, make_class
from training.models import ClassSession, TrainingClass
from training.services.classes import create_class, take_class_action, update_class
from training.services.timetable import add_session, remove_session, set_phases, update_session
from training.tasks import finish_past_classes, settle_due_classes

PHASES = [
    {"name": "政策法规", "days": Decimal("3"), "mode": "block"},
    {"name": "领导力", "days": Decimal("2"), "mode": "practice"},
]


def session_fields(**changes):
    return {
        "day": dt.date(2026, 12, 8), "begins": dt.time(9), "ends": dt.time(11, 30), "topic": "依法治校",
        **changes,
    }  # fmt: skip


def test_only_those_who_manage_classes_make_them(clock, tree, hr, principal_east, party):
    for person in (principal_east, party):
        with pytest.raises((NotAllowed, NotFound)):
            create_class(unit=tree.bureau, by=person, **fields())
    made = create_class(unit=tree.bureau, by=hr, **fields())
    assert (made.status, made.created_by, made.unit_path) == ("draft", hr, tree.bureau.path)
    assert AuditEntry.objects.filter(action="class.created", object_id=str(made.pk)).count() == 1


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"ends_on": dt.date(2026, 12, 6)}, "ends_on"),
        ({"enrol_until": moment("2026-11-10 08:00")}, "enrol_until"),
        ({"enrol_until": moment("2026-12-08 00:00")}, "enrol_until"),
        ({"capacity": 0}, "capacity"),
        ({"hours": Decimal(0)}, "hours"),
        ({"title": ""}, "title"),
    ],
)
def test_a_class_that_makes_no_sense_is_refused_with_the_field(clock, tree, hr, changes, field):
    with pytest.raises(Invalid) as refused:
        create_class(unit=tree.bureau, by=hr, **fields(**changes))
    assert field in refused.value.errors
    assert not TrainingClass.objects.exists()


def test_a_draft_is_for_those_who_manage_classes(drafted, hr, principal_east):
    assert not TrainingClass.objects.visible_to(principal_east).exists()
    with pytest.raises(NotFound):
        take_class_action(training_class=drafted, action="open", by=principal_east)
    take_class_action(training_class=drafted, action="open", by=hr)
    assert list(TrainingClass.objects.visible_to(principal_east)) == [drafted]
    with pytest.raises(NotAllowed):
        take_class_action(training_class=drafted, action="settle", by=principal_east)


def test_changing_a_draft_and_an_older_version(drafted, hr, clock):
    seen = version_of(drafted)
    clock("2026-11-20 09:00:01")
    update_class(training_class=drafted, changes={"capacity": 5, "venue": "进修学校"}, by=hr, version=seen)
    assert (drafted.capacity, drafted.venue) == (5, "进修学校")
    with pytest.raises(Stale):
        update_class(training_class=drafted, changes={"capacity": 6}, by=hr, version=seen)


def test_only_those_who_manage_classes_change_them(training_class, principal_east, party):
    for person in (principal_east, party):
        with pytest.raises(NotAllowed):
            update_class(training_class=training_class, changes={"venue": "别处"}, by=person)
        with pytest.raises(NotAllowed):
            add_session(training_class=training_class, by=person, **session_fields())
        with pytest.raises(NotAllowed):
            set_phases(training_class=training_class, rows=PHASES, by=person)
    training_class.refresh_from_db()
    assert (training_class.venue, training_class.sessions.count()) == ("", 0)


def test_an_open_class_changes_only_what_takes_nothing_away(training_class, hr):
    update_class(training_class=training_class, changes={"venue": "二中报告厅", "capacity": 3}, by=hr)
    assert (training_class.venue, training_class.capacity) == ("二中报告厅", 3)
    with pytest.raises(Invalid, match="只能增加"):
        update_class(training_class=training_class, changes={"capacity": 2}, by=hr)
    with pytest.raises(Invalid, match="开班日期"):
        update_class(training_class=training_class, changes={"starts_on": dt.date(2026, 12, 8)}, by=hr)
    # A form sends every field: one that stayed as it was is no change.
    same = {"starts_on": training_class.starts_on, "summary": "五天"}
    update_class(training_class=training_class, changes=same, by=hr)
    with pytest.raises(Invalid, match="不能修改"):
        update_class(training_class=training_class, changes={"status": "finished"}, by=hr)
    training_class.refresh_from_db()
    assert (training_class.summary, training_class.status) == ("五天", "open")


def test_a_class_that_is_over_is_not_changed(training_class, hr):
    take_class_action(training_class=training_class, action="cancel", by=hr, comment="疫情")
    with pytest.raises(WrongMoment, match="已取消"):
        update_class(training_class=training_class, changes={"venue": "别处"}, by=hr)
    with pytest.raises(WrongMoment, match="已取消"):
        add_session(training_class=training_class, by=hr, **session_fields())


def test_opening_needs_a_window_ahead(drafted, hr, clock):
    clock("2026-11-30 17:01")
    with pytest.raises(Invalid, match="报名截止时间已经过去"):
        take_class_action(training_class=drafted, action="open", by=hr)


def test_opening_tells_those_who_enrol(training_class, hr, principal_east, central_east, party):
    title = f"“{training_class.title}”开始报名"
    told = set(Message.objects.filter(title=title).values_list("recipient__username", flat=True))
    assert told == {"hr"}
    # Holders who come later aren't told by the class that was opened before.
    other = make_class(training_class.unit, hr)
    told = Message.objects.filter(title=f"“{other.title}”开始报名")
    assert set(told.values_list("recipient", flat=True)) == {hr.pk, principal_east.pk, central_east.pk}


def test_extending_moves_the_end_forward_only(training_class, hr):
    def extend(text):
        take_class_action(
            training_class=training_class, action="extend", by=hr, comment="名额未满",
            enrol_until=moment(text),
        )  # fmt: skip

    for text, words in (
        ("2026-11-19 12:00", "将来"),
        ("2026-11-29 12:00", "晚于原来"),
        ("2026-12-08 12:00", "开班"),
    ):
        with pytest.raises(Invalid, match=words):
            extend(text)
    extend("2026-12-05 12:00")
    assert (training_class.status, training_class.enrol_until) == ("open", moment("2026-12-05 12:00"))


def test_the_clock_settles_to_the_minute_and_finishes_on_the_day_after(training_class, clock):
    clock("2026-11-30 17:00:59")
    assert settle_due_classes() == 0
    clock("2026-11-30 17:01")
    assert (settle_due_classes(), settle_due_classes()) == (1, 0)
    clock("2026-12-11 23:59")
    assert finish_past_classes() == 0
    with pytest.raises(WrongMoment):
        take(training_class, "finish", by=None)
    clock("2026-12-12 00:00")
    assert (finish_past_classes(), finish_past_classes()) == (1, 0)
    training_class.refresh_from_db()
    assert training_class.status == "finished"
    assert [each.actor_name for each in training_class.decisions.all()] == ["何人事", "系统", "系统"]


def test_a_class_is_finished_by_hand_from_its_last_day_on(training_class, hr, clock):
    take_class_action(training_class=training_class, action="settle", by=hr)
    with pytest.raises(WrongMoment, match="还不能办结"):
        take_class_action(training_class=training_class, action="finish", by=hr)
    clock("2026-12-11 16:00")
    take_class_action(training_class=training_class, action="finish", by=hr)
    assert training_class.status == "finished"


def test_settling_ends_what_has_no_place(training_class, tree, hr):
    enrolment = applied(training_class, tree.school_east)
    take_class_action(training_class=training_class, action="settle", by=hr)
    enrolment.refresh_from_db()
    assert enrolment.status == "lapsed"
    assert Message.objects.filter(recipient=enrolment.cadre.user, title__contains="报名已结束").count() == 1


def test_an_action_on_an_older_version_is_refused(training_class, hr, clock):
    seen = version_of(training_class)
    clock("2026-11-20 09:00:01")
    update_class(training_class=training_class, changes={"venue": "别处"}, by=hr)
    with pytest.raises(Stale):
        take_class_action(training_class=training_class, action="settle", by=hr, version=seen)


def test_phases_change_places_and_keep_their_sessions(drafted, hr):
    first, second = set_phases(training_class=drafted, rows=PHASES, by=hr)
    session = add_session(training_class=drafted, by=hr, phase=second, **session_fields())
    turned = [{"id": second.pk, **PHASES[1]}, {"id": first.pk, **PHASES[0]}, {"name": "总结", "days": 1}]
    set_phases(training_class=drafted, rows=turned, by=hr)
    assert [each.name for each in drafted.phases.all()] == ["领导力", "政策法规", "总结"]
    session.refresh_from_db()
    assert session.phase == second
    set_phases(training_class=drafted, rows=turned[1:], by=hr)
    session.refresh_from_db()
    assert session.phase is None
    with pytest.raises(Invalid, match="第 1 行"):
        set_phases(training_class=drafted, rows=[{"name": "空", "days": Decimal(0)}], by=hr)
    assert drafted.phases.count() == 2


def test_phases_of_another_class_and_of_an_open_one_are_refused(drafted, training_class, hr):
    [strange] = set_phases(training_class=drafted, rows=PHASES[:1], by=hr)
    with pytest.raises(WrongMoment, match="不能再改阶段"):
        set_phases(training_class=training_class, rows=PHASES, by=hr)
    other = make_class(drafted.unit, hr, is_open=False)
    with pytest.raises(Invalid, match="已不存在"):
        set_phases(training_class=other, rows=[{"id": strange.pk, **PHASES[0]}], by=hr)
    with pytest.raises(Invalid) as refused:
        add_session(training_class=other, by=hr, phase=strange, **session_fields())
    assert "phase" in refused.value.errors


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"day": dt.date(2026, 12, 6)}, "day"),
        ({"day": dt.date(2026, 12, 12)}, "day"),
        ({"ends": dt.time(9)}, "ends"),
        ({"topic": ""}, "topic"),
    ],
)
def test_sessions_lie_within_the_class(training_class, hr, changes, field):
    with pytest.raises(Invalid) as refused:
        add_session(training_class=training_class, by=hr, **session_fields(**changes))
    assert field in refused.value.errors
    assert not ClassSession.objects.exists()


def test_the_timetable_changes_until_the_class_is_over(training_class, hr, principal_east):
    session = add_session(training_class=training_class, by=hr, **session_fields())
    with pytest.raises(NotAllowed):
        update_session(session=session, changes={"venue": "别处"}, by=principal_east)
    update_session(session=session, changes={"venue": "二楼"}, by=hr)
    assert session.venue == "二楼"
    remove_session(session=session, by=hr)
    with pytest.raises(WrongMoment, match="已被删除"):
        remove_session(session=session, by=hr)
    words = AuditEntry.objects.filter(action__startswith="class.session").order_by("id")
    assert [each.action for each in words] == [
        "class.session_added", "class.session_edited", "class.session_removed",
    ]  # fmt: skip


def test_the_days_of_a_class_hold_its_sessions(drafted, hr):
    add_session(training_class=drafted, by=hr, **session_fields())
    with pytest.raises(Invalid, match="检查") as refused:
        update_class(training_class=drafted, changes={"starts_on": dt.date(2026, 12, 9)}, by=hr)
    assert "starts_on" in refused.value.errors
