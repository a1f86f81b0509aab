"""Changes of an arrangement: longer, shorter, later, elsewhere; one stay stays one stay, everybody is told."""

import datetime as dt

import pytest

from core.errors import Invalid, WrongMoment
from core.models import Message
from programs.models import Participation
from programs.services.appraisals import file_appraisal
from programs.services.participations import (
    follow_calendar,
    place_participation,
    rearrange_participation,
)
from tests.programs.factories import make_base, make_cadre

pytestmark = pytest.mark.django_db
MARCH, AUGUST = dt.date(2027, 3, 1), dt.date(2027, 8, 31)
TEXTS = dict.fromkeys(range(1, 6), "认真负责")


@pytest.fixture
def base(call, tree, host):
    return make_base(tree.bureau, host, host_unit=tree.section)


@pytest.fixture
def placed(program, base, tree, hr, mentor, cadre_user):
    """A person of the East, placed from March to August 2027."""
    cadre = make_cadre(tree.school_east, "李青", user=cadre_user)
    row = Participation.objects.create(unit=cadre.unit, cadre=cadre, program=program, year=2026)
    return place_participation(
        participation=row, base=base, acting_post="副股长", start=MARCH, end=AUGUST, guide=mentor, by=hr
    )


@pytest.fixture
def active(placed, clock):
    """The same, in June, under way."""
    clock("2027-06-15 09:00")
    follow_calendar()
    placed.refresh_from_db()
    return placed


def change(row, hr, **changes):
    """A rearrangement that keeps everything but what is named."""
    stint = row.stints.order_by("-start").first()
    kept = {
        "base": stint.base, "acting_post": stint.acting_post, "start": stint.start, "end": stint.end,
        "host": stint.host, "guide": stint.guide, "guide_name": stint.guide_name,
    }  # fmt: skip
    rearrange_participation(participation=row, by=hr, comment="工作需要", **kept | changes)
    row.refresh_from_db()
    return list(row.stints.order_by("start"))


@pytest.mark.parametrize("last", [dt.date(2027, 6, 30), dt.date(2027, 10, 31)], ids=["shorter", "longer"])
@pytest.mark.parametrize("start", [MARCH, dt.date(2027, 6, 15)], ids=["as it was", "the form's today"])
def test_another_last_day_is_the_same_stay_with_one_appraisal(active, hr, last, start):
    (stint,) = change(active, hr, start=start, end=last)
    assert (stint.start, stint.end, active.start, active.end) == (MARCH, last, MARCH, last)
    stint.appointment.refresh_from_db()
    assert (stint.appointment.start, stint.appointment.end) == (MARCH, last + dt.timedelta(days=1))
    assert active.appraisals.get().due == last + dt.timedelta(days=7)


def test_a_stay_that_has_not_begun_is_put_off_as_a_whole(placed, hr):
    (stint,) = change(placed, hr, start=dt.date(2027, 3, 15), end=dt.date(2027, 9, 14))
    assert (stint.start, placed.start, placed.end) == (
        dt.date(2027, 3, 15), dt.date(2027, 3, 15), dt.date(2027, 9, 14),
    )  # fmt: skip
    stint.appointment.refresh_from_db()
    assert stint.appointment.start == dt.date(2027, 3, 15)


def test_a_later_stay_brought_forward_ends_the_one_before(active, hr, tree, mentor):
    other = make_base(tree.bureau, mentor)
    change(active, hr, base=other, host=mentor, guide=None, guide_name="", start=dt.date(2027, 7, 1))
    first, second = change(active, hr, start=dt.date(2027, 6, 20))
    assert (first.end, second.start) == (dt.date(2027, 6, 19), dt.date(2027, 6, 20))
    assert active.start == MARCH
    first.appointment.refresh_from_db()
    assert first.appointment.end == dt.date(2027, 6, 20)


def test_stays_never_swallow_one_another(active, hr, tree, mentor):
    other = make_base(tree.bureau, mentor)
    change(active, hr, base=other, host=mentor, start=dt.date(2027, 7, 1))
    with pytest.raises(Invalid, match="前一阶段"):
        change(active, hr, start=MARCH)
    assert [each.start for each in active.stints.order_by("start")] == [MARCH, dt.date(2027, 7, 1)]


def test_everybody_concerned_hears_of_a_change_also_who_is_replaced(
    active, hr, host, mentor, party, cadre_user
):
    about = Message.objects.filter(title__contains="安排有调整")
    change(active, hr, end=dt.date(2027, 7, 31))
    assert set(about.values_list("recipient", flat=True)) == {host.pk, mentor.pk, cadre_user.pk}
    change(active, hr, end=dt.date(2027, 8, 15))
    assert about.filter(recipient=host).count() == 2
    change(active, hr, guide=party, guide_name="", start=MARCH)
    assert about.filter(recipient=mentor).count() == 3
    assert about.filter(recipient=party).count() == 1


def test_a_signed_appraisal_is_not_outrun(active, hr, host, clock):
    clock("2027-08-28 09:00")
    file_appraisal(appraisal=active.appraisals.get(), by=host, grade="good", sections=TEXTS)
    with pytest.raises(WrongMoment, match="先退回"):
        change(active, hr, end=dt.date(2027, 10, 31))
    active.refresh_from_db()
    assert active.end == AUGUST


def test_a_closed_account_can_t_be_named_as_host_or_guide(active, hr, mentor):
    mentor.is_active = False
    mentor.save()
    with pytest.raises(Invalid, match="停用"):
        change(active, hr, guide=mentor, end=dt.date(2027, 7, 31))


def test_the_form_offers_the_last_day_of_six_months(signed_in, program, tree, hr, base):
    cadre = make_cadre(tree.school_east)
    row = Participation.objects.create(unit=cadre.unit, cadre=cadre, program=program, year=2026)
    form = signed_in(hr).get(f"/participations/{row.pk}/place/").context["form"]
    assert (form.initial["start"], form.initial["end"]) == (dt.date(2026, 11, 20), dt.date(2027, 5, 19))
