"""What a merger or a closing of a unit means for calls, cases, undertakings and bases: told before, and right."""

import datetime as dt

import pytest

from accounts.models import Unit
from cadres.services.reorganising import merge_units, preview_merge, preview_split
from cadres.services.units import close_unit
from core.errors import WrongMoment
from programs.models import CallQuota, Participation
from programs.services.nominations import save_draft, start_nomination, take_action
from programs.services.participations import cancel_participation, place_participation
from tests.factories import make_holder
from tests.programs.factories import TEXTS, declarations, make_base, make_cadre, submitted

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)


def words(told):
    """The sentences as one text."""
    return "".join(each.text for each in told)


def draft_of(call, unit, by, name):
    """A complete draft."""
    case = start_nomination(call=call, cadre=make_cadre(unit, name), by=by)
    return save_draft(nomination=case, by=by, changes=TEXTS, declarations=declarations(call))


def test_what_becomes_of_cases_and_quotas_is_told(call, tree, hr, principal_east, central_east):
    CallQuota.objects.create(call=call, unit=tree.school_east, quota=3)
    draft_of(call, tree.school_east, principal_east, "草甲")
    submitted(call, make_cadre(tree.school_east, "办乙"), principal_east)
    case = submitted(call, make_cadre(tree.school_east, "退丙"), principal_east)
    take_action(nomination=case, action="return", by=central_east, comment="补", due=dt.date(2026, 12, 1))
    told = words(preview_merge(by=hr, unit=tree.school_east, into=tree.school_east_2, on=DAY))
    for sentence in (
        f"1 份没有提交的推荐（草甲）不能再提交，由{tree.school_east_2.name}另行推荐。",
        f"1 份办理中的推荐（办乙）继续办理，推荐单位仍是{tree.school_east.name}。",
        f"1 份退回补正的推荐（退丙）由{tree.central_east.name}补正。",
        f"“{call.title}”给本单位的 3 个推荐名额不会自动转给承接单位",
    ):
        assert sentence in told
    # As told: the central school completes the returned case of the school that is no more.
    merge_units(by=hr, unit=tree.school_east, into=tree.school_east_2, on=DAY)
    colleague = make_holder("central-east-2", "钟二", "central", tree.central_east)
    case.refresh_from_db()
    take_action(nomination=case, action="submit", by=colleague)
    case.refresh_from_db()
    assert case.status in ("submitted", "in_review")


def test_a_returned_case_that_nobody_else_could_complete_comes_first(call, tree, hr, principal_direct):
    case = submitted(call, make_cadre(tree.direct_school, "退丙"), principal_direct)
    take_action(nomination=case, action="return", by=hr, comment="补", due=dt.date(2026, 12, 1))
    for change in (
        lambda: merge_units(by=hr, unit=tree.direct_school, into=tree.direct_primary, on=DAY),
        lambda: preview_merge(by=hr, unit=tree.direct_school, into=tree.direct_primary, on=DAY),
    ):
        with pytest.raises(WrongMoment, match="退丙.*只有本单位能补正"):
            change()
    assert Unit.objects.get(pk=tree.direct_school.pk).valid_to is None


@pytest.fixture
def hosted(call, program, tree, hr, host):
    """Somebody of the East who is to go to a base in the West."""
    cadre = make_cadre(tree.school_east, "李青")
    row = Participation.objects.create(unit=cadre.unit, cadre=cadre, program=program, year=2026)
    base = make_base(tree.bureau, host, host_unit=tree.school_west)
    return place_participation(
        participation=row, base=base, acting_post="副校长", start=dt.date(2027, 3, 1), by=hr
    )


def test_a_base_with_people_to_come_is_settled_first(hosted, tree, hr):
    with pytest.raises(WrongMoment, match="李青.*改派或提前结束"):
        close_unit(by=hr, unit=tree.school_west, on=DAY)
    assert Unit.objects.get(pk=tree.school_west.pk).valid_to is None
    cancel_participation(participation=hosted, by=hr, comment="不去了")
    told = words(preview_merge(by=hr, unit=tree.school_west, into=tree.school_east, on=DAY))
    assert "从那天起不再安排人员" in told
    close_unit(by=hr, unit=tree.school_west, on=DAY)


def test_an_undertaking_stays_with_the_unit_that_sent(hosted, tree, hr):
    told = words(preview_merge(by=hr, unit=tree.school_east, into=tree.school_east_2, on=DAY))
    assert f"1 人的培养经历（李青）照常进行，派出单位仍是{tree.school_east.name}" in told
    merge_units(by=hr, unit=tree.school_east, into=tree.school_east_2, on=DAY)
    assert Participation.objects.get().unit == tree.school_east


def test_a_split_tells_of_those_who_go(call, tree, hr, principal_east):
    case = draft_of(call, tree.school_east, principal_east, "草甲")
    submitted(call, make_cadre(tree.school_east, "留乙"), principal_east)
    told = words(
        preview_split(by=hr, unit=tree.school_east, into=tree.school_west, cadres=[case.cadre_id], on=DAY)
    )
    assert "草甲" in told
    assert "留乙" not in told
