"""Calls: made from the county scheme's templates, edited while drafted, opened, closed by the clock, finished."""

import datetime as dt

import pytest
from django.core.management import call_command

from core.errors import Invalid, NotAllowed, NotFound, Stale, WrongMoment
from core.models import AuditEntry, Message
from core.versions import version_of
from programs.models import Call, CallStep, PlacesAccount, Program
from programs.services.calls import (
    close_call,
    close_due_calls,
    create_call_from_template,
    edit_call,
    extend_call,
    extend_list,
    finish_call,
    open_call,
    set_places,
    set_quota,
)
from programs.services.lists import file_list
from programs.services.nominations import take_action
from programs.services.schemes import load_scheme
from programs.tasks import close_due_calls as close_due_task
from programs.tasks import follow_calendar as follow_calendar_task
from tests.programs.factories import (
    account_of,
    at_decision,
    confirm_all,
    make_cadre,
    make_call,
    moment,
    submitted,
)


@pytest.fixture
def drafted(program, hr):
    """The autumn call of 2026, not yet open."""
    return make_call(program, hr, is_open=False)


def test_the_scheme_has_two_windows_on_one_account(program, hr):
    autumn, spring = make_call(program, hr), make_call(program, hr, season="春季批", is_open=False)
    assert (autumn.list_due, spring.list_due) == (dt.date(2026, 12, 31), dt.date(2026, 8, 10))
    assert (autumn.closes_at, spring.closes_at) == (moment("2026-12-15 23:59"), moment("2026-07-31 23:59"))
    assert (autumn.planned_start, autumn.planned_end) == (dt.date(2027, 3, 1), dt.date(2027, 8, 31))
    assert (spring.planned_start, spring.planned_end) == (dt.date(2026, 9, 1), dt.date(2027, 2, 28))
    assert account_of(autumn) == account_of(spring)
    assert account_of(autumn).places == 15
    kinds = ["recommend", "inspect", "list", "check", "decide"]
    assert [step.kind for step in autumn.steps.all()] == kinds
    assert [step.due for step in autumn.steps.all()][3:] == [dt.date(2027, 1, 10), dt.date(2027, 1, 20)]


def test_another_year_has_another_account_and_moved_days(program, hr):
    call = make_call(program, hr, year=2027, is_open=False)
    assert (call.year, call.list_due, call.title) == (
        2027,
        dt.date(2027, 12, 31),
        "2027年挂职学习推荐（秋季批）",
    )
    assert call.planned_end == dt.date(2028, 8, 31)
    spring = make_call(program, hr, season="春季批", year=2027, is_open=False)
    assert spring.planned_end == dt.date(2028, 2, 29)
    assert PlacesAccount.objects.get(calls=call).year == 2027


def test_a_template_is_copied_once_a_year(program, hr):
    make_call(program, hr)
    with pytest.raises(Invalid, match="已经建立"):
        make_call(program, hr)
    assert Call.objects.real().count() == 1


def test_loading_the_scheme_again_changes_nothing_but_the_templates(program, call, tree):
    Program.objects.update(yearly_places=3)
    call_command("load_schemes", verbosity=0)
    assert Call.objects.templates().count() == 2
    assert Program.objects.get().yearly_places == 15
    assert (call.rules.count(), call.steps.count()) == (6, 5)
    assert CallStep.objects.filter(call__is_template=True).count() == 10


def test_a_scheme_with_an_unknown_fact_is_refused(tree):
    with pytest.raises(Invalid, match="身高"):
        load_scheme(unit=tree.bureau, scheme={"rules": [{"fact": "身高"}], "program": {}, "windows": []})


def test_only_those_who_manage_calls_make_and_open_them(program, drafted, principal_east, party):
    template = program.calls.templates().first()
    for person, error in ((principal_east, NotFound), (party, NotFound)):
        with pytest.raises(error):
            create_call_from_template(template=template, year=2027, by=person)
        with pytest.raises(error):
            open_call(call=drafted, by=person)
    drafted.refresh_from_db()
    assert (drafted.status, Call.objects.real().count()) == ("draft", 1)


def test_schools_do_not_see_drafts_and_templates(drafted, principal_east, hr):
    assert not Call.objects.visible_to(principal_east).exists()
    open_call(call=drafted, by=hr)
    assert list(Call.objects.visible_to(principal_east)) == [drafted]
    assert Message.objects.filter(recipient=principal_east, title__contains="开始征集").count() == 1
    with pytest.raises(NotAllowed):
        close_call(call=drafted, by=principal_east)


def test_editing_rules_raises_their_version_until_the_call_opens(drafted, hr):
    rule = {"name": "一般 40 周岁以下", "mode": "advisory", "fact": "age", "operator": "at_most", "value": 40}
    edit_call(call=drafted, by=hr, rules=[rule], changes={"quota_per_unit": 2})
    assert (drafted.rules_version, drafted.quota_per_unit, drafted.rules.get().value) == (2, 2, 40)
    open_call(call=drafted, by=hr)
    with pytest.raises(WrongMoment, match="已经开始"):
        edit_call(call=drafted, by=hr, rules=[])
    assert drafted.rules.count() == 1


def test_a_stale_edit_writes_nothing(drafted, hr, clock):
    seen = version_of(drafted)
    clock("2026-11-20 09:01")
    edit_call(call=drafted, by=hr, changes={"notice": "一"}, version=seen)
    with pytest.raises(Stale):
        edit_call(call=drafted, by=hr, changes={"notice": "二"}, version=seen)
    drafted.refresh_from_db()
    assert drafted.notice == "一"


@pytest.mark.parametrize(
    "changes",
    [{"title": ""}, {"closes_at": moment("2026-11-01 07:00")}, {"status": "open"}, {"year": 2030}],
)
def test_an_edit_that_makes_no_sense_is_refused(drafted, hr, changes):
    with pytest.raises(Invalid):
        edit_call(call=drafted, by=hr, changes=changes)
    drafted.refresh_from_db()
    assert (drafted.status, drafted.year, drafted.closes_at) == ("draft", 2026, moment("2026-12-15 23:59"))


@pytest.mark.parametrize(
    ("breakage", "field"),
    [
        (lambda call: call.steps.all().delete(), "steps"),
        (lambda call: call.steps.filter(kind="decide").delete(), "steps"),
        (
            lambda call: Call.objects.filter(pk=call.pk).update(closes_at=moment("2026-11-20 08:58")),
            "closes_at",
        ),
        (lambda call: Call.objects.filter(pk=call.pk).update(list_due=dt.date(2026, 12, 14)), "list_due"),
        (lambda call: Call.objects.filter(pk=call.pk).update(places_account=None), "places_account"),
        (lambda call: call.rules.filter(fact="age").update(fact="height"), "rules"),
    ],
)
def test_a_call_that_could_not_work_does_not_open(drafted, hr, breakage, field):
    breakage(drafted)
    with pytest.raises(Invalid) as caught:
        open_call(call=drafted, by=hr)
    assert field in caught.value.errors
    drafted.refresh_from_db()
    assert drafted.status == "draft"


def test_a_template_does_not_open(program, hr):
    template = program.calls.templates().first()
    with pytest.raises(WrongMoment, match="模板"):
        open_call(call=template, by=hr)


def test_the_clock_closes_a_call_once_its_last_second_is_over(call, clock):
    clock("2026-12-15 23:59:59")
    assert close_due_task() == 0
    clock("2026-12-16 00:00:00")
    assert close_due_task() == 1
    assert close_due_calls() == 0
    call.refresh_from_db()
    assert call.status == "closed"
    last = call.decisions.last()
    assert (last.actor_name, last.label) == ("系统", "截止")
    assert follow_calendar_task() == {"started": 0, "ended": 0, "concluded": 0}


def test_an_extension_reopens_and_tells_the_schools(principal_east, call, hr, clock, tree):
    close_call(call=call, by=hr)
    with pytest.raises(Invalid, match="将来"):
        extend_call(call=call, closes_at=moment("2026-11-20 08:00"), by=hr, comment="延期")
    with pytest.raises(Invalid, match="名单"):
        extend_call(call=call, closes_at=moment("2027-01-05 23:59"), by=hr, comment="延期")
    extend_call(call=call, closes_at=moment("2027-01-05 23:59"), list_due=dt.date(2027, 1, 15), by=hr,
                comment="雨雪天气")  # fmt: skip
    assert (call.status, call.list_due) == ("open", dt.date(2027, 1, 15))
    assert Message.objects.filter(recipient=principal_east, title__contains="延长了截止时间").count() == 1
    clock("2027-01-05 23:59:30")
    assert submitted(call, make_cadre(tree.school_east), principal_east).status == "submitted"


def test_a_call_is_finished_when_every_case_has_its_answer(call, hr, tree, principal_direct):
    nomination = submitted(call, make_cadre(tree.direct_school), principal_direct)
    confirm_all(nomination, hr)
    close_call(call=call, by=hr)
    with pytest.raises(WrongMoment, match="1 份"):
        finish_call(call=call, by=hr)
    take_action(nomination=nomination, action="reject", by=hr, comment="材料不全")
    finish_call(call=call, by=hr)
    assert call.status == "finished"


def test_quotas_and_places_are_hrs_and_never_below_what_is_held(call, hr, principal_east, tree):
    for attempt in (
        lambda: set_quota(call=call, unit=tree.school_east, quota=5, by=principal_east),
        lambda: set_places(account=account_of(call), places=99, by=principal_east),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            attempt()
    with pytest.raises(Invalid):
        set_quota(call=call, unit=tree.school_east, quota=-1, by=hr)
    assert not call.quotas.exists()
    assert account_of(call).places == 15


def test_places_are_not_set_below_those_held(call, hr, party, tree, principal_direct):
    case = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    take_action(nomination=case, action="pass", by=party)
    with pytest.raises(Invalid, match="已有 1 人"):
        set_places(account=account_of(call), places=0, by=hr)
    set_places(account=account_of(call), places=1, by=hr)
    assert AuditEntry.objects.filter(action="call.places_set").count() == 1


def test_the_lists_get_more_time_without_reopening_the_schools_window(
    call, hr, tree, clock, principal_east, central_east
):
    case = submitted(call, make_cadre(tree.school_east), principal_east)
    confirm_all(case, central_east)
    take_action(nomination=case, action="pass", by=central_east, comment="同意")
    clock("2027-01-01 08:00")
    close_due_calls()
    with pytest.raises(WrongMoment, match="联系局人事延长"):
        file_list(call=call, unit=tree.central_east, ids=[case.pk], by=central_east)
    call.refresh_from_db()
    extend_call(call=call, by=hr, comment="大雪", closes_at=call.closes_at, list_due=dt.date(2027, 1, 12))
    call.refresh_from_db()
    assert (call.status, call.list_due) == ("closed", dt.date(2027, 1, 12))
    assert Message.objects.filter(recipient=central_east, title__contains="延长了名单报送").count() == 1
    file_list(call=call, unit=tree.central_east, ids=[case.pk], by=central_east)
    case.refresh_from_db()
    assert case.step.kind == "check"


@pytest.mark.parametrize("due", [None, dt.date(2026, 11, 1), dt.date(2026, 12, 1)])
def test_the_lists_are_never_due_in_the_past_or_before_the_schools(call, hr, due):
    with pytest.raises(Invalid):
        extend_list(call=call, by=hr, comment="改", list_due=due)
    call.refresh_from_db()
    assert call.list_due == dt.date(2026, 12, 31)


def test_the_steps_days_follow_an_extension(call, hr):
    """The board would call a list late that isn't due yet."""
    extend_call(
        call=call, by=hr, comment="大雪", closes_at=moment("2026-12-28 18:00"), list_due=dt.date(2027, 1, 15)
    )
    days = dict(call.steps.values_list("kind", "due"))
    assert days == {
        "recommend": dt.date(2026, 12, 28),
        "inspect": dt.date(2026, 12, 28),
        "list": dt.date(2027, 1, 15),
        "check": dt.date(2027, 1, 15),
        "decide": dt.date(2027, 1, 20),
    }
