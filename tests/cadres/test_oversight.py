"""Oversight: the end of sanctions, deadlines, follow-ups, and what restricts a promotion on a day."""

import datetime as dt

import pytest
from django.urls import reverse

from cadres.models import Cadre, FamilyMember, Oversight
from cadres.services.histories import add_history, edit_history
from cadres.services.oversight import SANCTIONS, promotion_restrictions, record_follow_up
from core.calendar import now, today
from core.errors import Invalid, NotAllowed, WrongMoment
from core.models import AuditEntry, CalendarDay
from core.partial_dates import PartialDate
from core.versions import version_of
from tests.cadres.factories import make_cadre, make_code, month, own

pytestmark = pytest.mark.django_db
DAY = PartialDate.of


def act(cadre, by, kind="sanction", start=dt.date(2024, 3, 15), **values):
    """An act of oversight made by the service."""
    if kind == "sanction":
        values.setdefault("sanction", "admin_warning")
    given = DAY(start) if isinstance(start, dt.date) else start
    return add_history(Oversight, cadre=cadre, by=by, kind=kind, start=given, **values)


@pytest.fixture
def cadre(tree):
    """Somebody at the East school."""
    return make_cadre(tree.school_east, "张三")


@pytest.mark.parametrize(
    ("sanction", "months"),
    [("admin_warning", 6), ("admin_demerit", 12), ("admin_major_demerit", 18), ("admin_demotion", 24),
     ("admin_removal", 24), ("party_warning", 12), ("party_serious", 18), ("party_posts", 24),
     ("party_probation", 48), ("admin_dismissal", None), ("party_expulsion", None)],
)  # fmt: skip
def test_the_end_of_a_sanction_follows_from_its_kind(cadre, hr, sanction, months):
    record = act(cadre, hr, sanction=sanction)
    ends = {6: dt.date(2024, 9, 15), 12: dt.date(2025, 3, 15), 18: dt.date(2025, 9, 15),
            24: dt.date(2026, 3, 15), 48: dt.date(2028, 3, 15), None: None}  # fmt: skip
    assert record.end == ends[months]
    assert SANCTIONS[sanction].months == months


def test_every_sanction_has_a_period():
    assert set(SANCTIONS) == set(Oversight.Sanction.values)


def test_month_ends_and_partly_known_days(cadre, hr):
    assert act(cadre, hr, start=dt.date(2023, 8, 31)).end == dt.date(2024, 2, 29)
    record = act(cadre, hr, start=month("2024-03"))
    assert (record.end, record.end_precision) == (dt.date(2024, 9, 1), "month")
    with pytest.raises(Invalid):
        act(cadre, hr, start=None)


def test_an_end_that_was_given_stays_and_one_worked_out_follows_the_beginning(cadre, hr):
    record = act(cadre, hr)
    edit_history(record=record, by=hr, start=DAY(dt.date(2024, 5, 1)), end=DAY(record.end))
    record.refresh_from_db()
    assert record.end == dt.date(2024, 11, 1)
    edit_history(record=record, by=hr, end=DAY(dt.date(2024, 8, 1)))
    record.refresh_from_db()
    edit_history(record=record, by=hr, start=DAY(dt.date(2024, 4, 1)))
    record.refresh_from_db()
    assert record.end == dt.date(2024, 8, 1)


def test_an_admonition_is_followed_up_after_six_months(cadre, hr):
    record = act(cadre, hr, "admonition", dt.date(2024, 8, 31))
    assert (record.due, record.end) == (dt.date(2025, 2, 28), dt.date(2025, 2, 28))


def test_an_inquiry_is_answered_within_fifteen_working_days(cadre, hr):
    CalendarDay.objects.create(date=dt.date(2024, 5, 20), is_working=False, name="停课")
    # 6 May 2024 is a Monday; 11 May is worked instead of a holiday, 20 May is an exception of the table.
    assert act(cadre, hr, "inquiry", dt.date(2024, 5, 6)).due == dt.date(2024, 5, 27)
    assert act(cadre, hr, "inquiry", month("2024-05")).due is None


def test_a_follow_up_is_recorded_once_with_its_words_sealed(cadre, hr):
    record = act(cadre, hr, "admonition", content="报销不规范", result="已作书面检查")
    with pytest.raises(Invalid):
        record_follow_up(record=record, by=hr, on=dt.date(2024, 3, 1), result="太早")
    with pytest.raises(Invalid):
        record_follow_up(record=record, by=hr, on=dt.date(2024, 9, 20), result=" ")
    record_follow_up(record=record, by=hr, on=dt.date(2024, 9, 20), result="整改到位")
    record.refresh_from_db()
    assert (record.done_on, record.result) == (dt.date(2024, 9, 20), "已作书面检查\n整改到位")
    with pytest.raises(WrongMoment):
        record_follow_up(record=record, by=hr, on=today(), result="再来")
    trail = str(list(AuditEntry.objects.values_list("before", "after", "note")))
    for words in ("报销不规范", "已作书面检查", "整改到位"):
        assert words not in trail


def test_what_restricts_a_promotion_and_until_when(tree, cadre, hr):
    act(cadre, hr, start=dt.date(2024, 3, 15))
    act(cadre, hr, "admonition", dt.date(2024, 5, 1))
    act(cadre, hr, "reminder", dt.date(2024, 5, 1))

    def labels(day):
        return [each.label for each in promotion_restrictions(cadre, day)]

    assert labels(dt.date(2024, 3, 14)) == []
    assert labels(dt.date(2024, 3, 15)) == ["警告"]
    assert labels(dt.date(2024, 9, 14)) == ["警告", "诫勉"]
    assert labels(dt.date(2024, 9, 15)) == ["诫勉"]
    assert labels(dt.date(2024, 11, 1)) == []
    clean = make_cadre(tree.school_east, "李四")
    day = dt.date(2024, 6, 1)
    restricted = Cadre.objects.filter(pk__in=Oversight.objects.restricting(day).values("cadre"))
    assert list(restricted) == [cadre]
    assert promotion_restrictions(clean, day) == []


def test_a_sanction_without_an_end_goes_on(cadre, hr):
    act(cadre, hr, sanction="admin_dismissal")
    found = promotion_restrictions(cadre, dt.date(2040, 1, 1))
    assert [each.words for each in found] == ["开除（影响期未定）"]


def test_an_admonition_from_an_import_without_an_end_counts_half_a_year(cadre):
    Oversight.objects.create(cadre=cadre, kind="admonition", start=dt.date(2024, 8, 31))
    assert promotion_restrictions(cadre, dt.date(2025, 2, 27))
    assert not promotion_restrictions(cadre, dt.date(2025, 2, 28))


def test_the_follow_up_page(cadre, hr, principal_east, signed_in):
    record = act(cadre, hr, "admonition", content="谈话内容")
    url = reverse("oversight-follow-up", args=[cadre.pk, record.pk])
    client = signed_in(hr)
    assert "登记回访" in client.get(url).content.decode()
    assert client.post(url, {"on": "2099-01-01", "result": "好"}).status_code == 422
    assert client.post(url, {"on": "2024-09-20", "result": "整改到位"}).status_code == 302
    assert client.post(url, {"on": "2024-09-20", "result": "整改到位"}).status_code == 422
    assert signed_in(principal_east).get(url).status_code == 403
    page = client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "oversight"}).content.decode()
    assert "2024年9月20日办结" in page
    assert "整改到位" not in page


def test_nobody_closes_what_concerns_themselves(tree, hr):
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    record = Oversight.objects.create(cadre=mine, kind="reminder", start=dt.date(2025, 3, 1))
    with pytest.raises(NotAllowed):
        record_follow_up(record=record, by=hr, on=today(), result="没事")


def test_the_form_keeps_deadlines_that_were_worked_out(cadre, hr, signed_in):
    record = act(cadre, hr, "admonition", dt.date(2024, 3, 15))
    typed = {
        "kind": "admonition", "start": "2024-04-15", "end": "2024-09-15", "due": "2024-09-15",
        "version": version_of(record),
    }  # fmt: skip
    client = signed_in(hr)
    assert (
        client.post(reverse("history-edit", args=[cadre.pk, "oversight", record.pk]), typed).status_code
        == 302
    )
    record.refresh_from_db()
    assert (record.due, record.end) == (dt.date(2024, 10, 15), dt.date(2024, 10, 15))


def test_kin_record_no_follow_up(tree, hr):
    cadre, mine = make_cadre(tree.school_east, "张三"), own(hr, make_cadre(tree.bureau, "何人事"))
    act = Oversight.objects.create(cadre=cadre, kind="reminder", start=dt.date(2025, 3, 1))
    FamilyMember.objects.create(
        cadre=mine,
        relation=make_code("relation", "1", "妻子"),
        name="张三",
        kin=cadre,
        kin_confirmed_at=now(),
    )
    with pytest.raises(NotAllowed, match="亲属"):
        record_follow_up(record=act, by=hr, on=dt.date(2025, 4, 1), result="已整改")
    assert Oversight.objects.get().done_on is None
