"""The central school's one list: ranked, filed once, on time, late entries one by one."""

import datetime as dt

import pytest

from core.errors import Invalid, NotFound, WrongMoment
from programs.models import CentralList, Nomination, NominationDecision
from programs.services.calls import set_quota
from programs.services.lists import cases_for_list, file_list
from programs.services.nominations import take_action, take_in_bulk
from tests.programs.factories import confirm_all, make_cadre, submitted


@pytest.fixture
def cases(call, tree, hr, principal_east, central_east):
    """Three inspected cases of the East township that wait for its list."""
    set_quota(call=call, unit=tree.school_east, quota=9, by=hr)
    found = []
    for _ in range(3):
        nomination = submitted(call, make_cadre(tree.school_east), principal_east)
        confirm_all(nomination, central_east)
        take_action(nomination=nomination, action="pass", by=central_east, comment="同意")
        nomination.refresh_from_db()
        found.append(nomination)
    return found


def file(call, tree, by, *cases, **extra):
    return file_list(call=call, unit=tree.central_east, ids=[case.pk for case in cases], by=by, **extra)


def refused(call, tree, by, cases, error, match, **extra):
    """The refusal, and that neither list nor decision was written."""
    decisions = NominationDecision.objects.count()
    with pytest.raises(error, match=match):
        file(call, tree, by, *cases, **extra)
    assert not CentralList.objects.exists()
    assert NominationDecision.objects.count() == decisions


def test_the_list_passes_its_cases_in_rank_order(call, tree, cases, central_east):
    """The inspector files it: inspecting and listing are one body's act. What isn't listed stays."""
    filed = file(call, tree, central_east, cases[2], cases[0], note="集体研究")
    ranks = dict(Nomination.objects.filter(central_list=filed).values_list("pk", "list_rank"))
    assert ranks == {cases[2].pk: 1, cases[0].pk: 2}
    kinds = dict(Nomination.objects.values_list("pk", "step__kind"))
    assert kinds == {cases[0].pk: "check", cases[1].pk: "list", cases[2].pk: "check"}
    assert filed.nominations.first().decisions.last().data["rank"] in (1, 2)


def test_what_is_left_out_on_purpose_is_turned_down(call, tree, cases, central_east):
    file(call, tree, central_east, cases[0], reject_ids=[cases[1].pk])
    cases[1].refresh_from_db()
    assert (cases[1].status, cases[1].decisions.last().comment) == ("rejected", "未列入名单。")


def test_cases_pass_the_list_step_by_the_list_alone(cases, central_east):
    results = take_in_bulk(ids=[case.pk for case in cases], action="pass", by=central_east, comment="同意")
    assert {result.message for result in results} == {"请通过“报送名单”办理：名单报送后才能单独补报。"}
    assert set(Nomination.objects.values_list("step__kind", flat=True)) == {"list"}


def test_a_late_case_is_added_at_the_end(call, tree, cases, central_east, hr, clock):
    """After the list a corrected case goes on by itself, also after the lists' due date (补报)."""
    filed = file(call, tree, central_east, cases[0], cases[1])
    clock("2027-01-03 09:00")
    take_action(nomination=cases[2], action="pass", by=central_east, comment="同意")
    cases[2].refresh_from_db()
    assert (cases[2].central_list, cases[2].list_rank, cases[2].step.kind) == (filed, 3, "check")


def test_a_central_school_files_once(call, tree, cases, central_east):
    file(call, tree, central_east, cases[0])
    with pytest.raises(WrongMoment, match="已经报送"):
        file(call, tree, central_east, cases[1])
    assert CentralList.objects.count() == 1


def test_the_due_date_counts_to_its_end(call, tree, cases, central_east, clock):
    clock("2027-01-01 00:00:00")
    refused(call, tree, central_east, cases, WrongMoment, "12月31日截止")
    clock("2026-12-31 23:59:59")
    file(call, tree, central_east, *cases)
    assert Nomination.objects.filter(step__kind="check").count() == 3


def test_nonsense_lists_are_refused(call, tree, cases, central_east):
    refused(call, tree, central_east, [], Invalid, "至少")
    refused(call, tree, central_east, [cases[0], cases[0]], Invalid, "只列一次")
    refused(call, tree, central_east, [cases[0]], Invalid, "只列一次", reject_ids=[cases[0].pk])


def test_only_cases_at_the_step_of_ones_own_schools(call, tree, cases, central_east, hr, principal_west):
    other = submitted(call, make_cadre(tree.school_west), principal_west)
    refused(call, tree, central_east, [cases[0], other], Invalid, "刷新")
    assert cases_for_list(call, tree.central_east) == cases


def test_only_the_central_school_itself_files(call, tree, cases, central_west, principal_east, hr):
    for person in (central_west, principal_east):
        refused(call, tree, person, cases, NotFound, "没有找到")
    with pytest.raises(Exception, match="权限"):
        file(call, tree, hr, *cases)
    assert not CentralList.objects.exists()


def test_a_school_files_no_list(call, tree, cases, central_east):
    with pytest.raises(Invalid, match="中心校"):
        file_list(call=call, unit=tree.school_east, ids=[cases[0].pk], by=central_east)


def test_one_refused_case_takes_the_whole_list_back(call, tree, cases, central_east):
    """All or none: the clerk turns out to be one of the nominees."""
    cases[1].cadre.user = central_east
    cases[1].cadre.save()
    with pytest.raises(Exception, match="回避"):
        file(call, tree, central_east, *cases)
    assert not CentralList.objects.exists()
    assert set(Nomination.objects.values_list("step__kind", "list_rank")) == {("list", None)}
    assert dt.date(2026, 12, 31) == call.list_due
