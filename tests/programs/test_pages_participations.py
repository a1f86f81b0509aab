"""The pages of placing, of bases and of appraisals: refusals in Chinese, drafts kept, the text for its readers."""

import datetime as dt

import pytest
from django.urls import reverse

from cadres.models import Appointment
from core.errors import Invalid
from core.versions import version_of
from programs.models import Appraisal, Base, Participation, Stint
from programs.services.nominations import take_action
from programs.services.participations import cancel_participation, follow_calendar, place_participation
from tests.programs.factories import at_decision, make_base, make_cadre

pytestmark = pytest.mark.django_db


@pytest.fixture
def base(call, tree, host):
    """A base for one person at a time."""
    return make_base(tree.bureau, host, name="人事教育股", host_unit=tree.section, capacity=1)


@pytest.fixture
def pending(program, tree):
    """A person of the East who waits to be placed."""
    cadre = make_cadre(tree.school_east, "李青")
    return Participation.objects.create(unit=cadre.unit, cadre=cadre, program=program, year=2026)


@pytest.fixture
def placed(pending, base, hr, mentor):
    """The same person, placed."""
    return place_participation(
        participation=pending, base=base, acting_post="副股长", start=dt.date(2027, 3, 1), guide=mentor, by=hr
    )


def place_url(row, name="place"):
    return reverse(f"participation-{name}", args=[row.pk])


def form(base, **changes):
    return {"base": base.pk, "acting_post": "副股长", "start": "2027-03-01", **changes}


def write_url(row):
    return reverse("appraisal-write", args=[row.pk])


def test_placing_opens_the_stay_the_appointment_and_the_appraisal(signed_in, hr, pending, base, mentor):
    client = signed_in(hr)
    page = client.get(place_url(pending)).content.decode()
    assert "人事教育股" in page
    assert client.post(place_url(pending), form(base, guide=mentor.pk)).status_code == 302
    stint = Stint.objects.get(participation=pending)
    assert (stint.host, stint.guide, stint.end) == (base.lead, mentor, dt.date(2027, 8, 31))
    assert Appointment.objects.get(kind="seconded").cadre == pending.cadre
    assert Appraisal.objects.get(stint=stint).due == dt.date(2027, 9, 7)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"base": ""}, "base"),
        ({"acting_post": ""}, "acting_post"),
        ({"start": "2027-02-30"}, "start"),
        ({"end": "2027-02-01"}, None),
        ({"base": "999999"}, "base"),
        ({"guide": "abc"}, "guide"),
    ],
)
def test_a_wrong_placing_is_said_in_chinese_and_nothing_is_written(
    signed_in, hr, pending, base, changes, field
):
    answer = signed_in(hr).post(place_url(pending), form(base) | changes)
    assert answer.status_code == 422
    errors = [text for texts in answer.context["form"].errors.values() for text in texts]
    assert errors
    assert all(any("\u4e00" <= char <= "\u9fff" for char in text) for text in errors), errors
    if field:
        assert field in answer.context["form"].errors
    assert not Stint.objects.exists()
    assert not Appointment.objects.filter(kind="seconded").exists()


def test_a_full_base_takes_nobody_more(signed_in, hr, placed, base, program, tree):
    cadre = make_cadre(tree.school_east_2)
    other = Participation.objects.create(unit=cadre.unit, cadre=cadre, program=program, year=2026)
    answer = signed_in(hr).post(place_url(other), form(base))
    assert answer.status_code == 422
    assert "人事教育股" in answer.content.decode()
    assert Stint.objects.count() == 1


@pytest.mark.parametrize(
    ("person", "status"), [("party", 403), ("principal_east", 403), ("principal_west", 404)]
)
def test_only_hr_places(request, signed_in, pending, base, person, status):
    client = signed_in(request.getfixturevalue(person))
    assert client.post(place_url(pending), form(base)).status_code == status
    pending.refresh_from_db()
    assert pending.status == "pending"


def test_a_rearrangement_needs_its_reason(signed_in, hr, placed, base):
    client = signed_in(hr)
    sent = form(base, end="2027-07-31", acting_post="副主任")
    assert client.post(place_url(placed, "rearrange"), sent).status_code == 422
    assert client.post(place_url(placed, "rearrange"), sent | {"comment": "工作需要"}).status_code == 302
    stint = Stint.objects.get()
    assert (stint.acting_post, stint.end) == ("副主任", dt.date(2027, 7, 31))


def test_cancelling_asks_for_words(signed_in, hr, placed):
    url, client = reverse("participation-take", args=[placed.pk]), signed_in(hr)
    assert client.post(url, {"action": "cancel"}).status_code == 422
    assert client.post(url, {"action": "cancel", "comment": "本人怀孕"}).status_code == 302
    placed.refresh_from_db()
    assert placed.status == "cancelled"


def dialog_of(client, row):
    page = client.get(reverse("participation-detail", args=[row.pk])).content.decode()
    return page.split('id="act-cancel"')[1].split("</form>")[0]


def test_the_dialog_of_cancelling_says_what_follows(signed_in, hr, pending, base, clock):
    client = signed_in(hr)
    waiting = dialog_of(client, pending)
    assert "取消安排</button>" in waiting
    assert "名额退回，由候补人员按顺序递补" in waiting
    assert 'data-bs-dismiss="modal">返回</button>' in waiting
    place_participation(
        participation=pending, base=base, acting_post="副股长", start=dt.date(2027, 3, 1), by=hr
    )
    clock("2027-03-01 08:00")
    follow_calendar()
    assert "名额退回" in dialog_of(signed_in(hr), pending), "on its first day a stay has not used its place"
    clock("2027-03-02 08:00")
    begun = dialog_of(signed_in(hr), pending)
    assert "名额已经使用，不退回" in begun
    assert "仍须在一周内提交书面鉴定" in begun


def test_an_approval_whose_arrangement_was_cancelled_says_so(
    call, tree, signed_in, principal_direct, hr, party, cadre_user
):
    cadre = make_cadre(tree.direct_school, "文静", user=cadre_user)
    case = at_decision(call, cadre, principal_direct, hr)
    take_action(nomination=case, action="pass", by=party)
    words, row = "已通过 · 安排已取消", case.participation
    listed = reverse("nomination-list") + "?tab=all"
    assert words not in signed_in(principal_direct).get(listed).content.decode()
    cancel_participation(participation=row, by=hr, comment="本人怀孕")
    case_page = reverse("nomination-detail", args=[case.pk])
    for user in (principal_direct, cadre_user, hr):
        for address in (listed, case_page):
            assert words in signed_in(user).get(address).content.decode(), (user, address)
    for user in (principal_direct, cadre_user):
        assert words in signed_in(user).get("/").content.decode(), user
    panel = signed_in(hr).get(reverse("panel-cadre-programs", args=[cadre.pk])).content.decode()
    assert words in panel
    for body in (
        signed_in(hr).get(f"/api/v1/nominations/{case.pk}/").json(),
        signed_in(hr).get("/api/v1/nominations/").json()["results"][0],
    ):
        assert (body["status"], body["status_label"], body["arrangement_cancelled"]) == (
            "approved",
            words,
            True,
        )


def close(unit, day):
    unit.valid_to = dt.date.fromisoformat(day)
    unit.save()


def test_a_base_whose_unit_was_closed_takes_nobody(signed_in, hr, pending, base, tree):
    close(tree.section, "2026-11-01")
    client = signed_in(hr)
    page = client.get(place_url(pending)).content.decode()
    assert f'<option value="{base.pk}"' not in page
    assert "单位已撤销" in page
    answer = client.post(place_url(pending), form(base))
    assert answer.status_code == 422
    assert "基地单位已撤销，不能安排，请选择其他基地。" in answer.content.decode()
    with pytest.raises(Invalid, match="“人事教育股”自2026年11月1日起撤销"):
        place_participation(
            participation=pending, base=base, acting_post="副股长", start=dt.date(2027, 3, 1), by=hr
        )
    assert not Stint.objects.exists()
    assert "单位已撤销" in client.get(reverse("base-list")).content.decode()


def test_a_stay_may_be_shortened_to_before_its_bases_unit_closes(signed_in, hr, placed, base, tree, clock):
    close(tree.section, "2027-06-01")
    client, url = signed_in(hr), place_url(placed, "rearrange")
    assert "单位已撤销" not in client.get(reverse("base-list")).content.decode()
    sent = form(base, comment="单位撤销", host=base.lead_id)
    refused = client.post(url, sent | {"end": "2027-08-31"})
    assert refused.status_code == 422
    assert "自2027年6月1日起撤销" in refused.content.decode()
    clock("2027-06-02 09:00")
    assert client.post(url, sent | {"end": "2027-05-31"}).status_code == 302


def test_bases_are_kept_by_hr_alone(signed_in, hr, party, tree, host):
    client = signed_in(hr)
    sent = {
        "name": "城关小学",
        "capacity": "2",
        "host_unit": tree.direct_primary.pk,
        "lead": host.pk,
        "is_active": "on",
    }
    assert client.get(reverse("base-new")).status_code == 200
    assert client.post(reverse("base-new"), sent).status_code == 302
    base = Base.objects.get()
    assert (base.unit, base.host_unit, base.lead) == (tree.bureau, tree.direct_primary, host)
    assert client.post(reverse("base-new"), sent).status_code == 422, "the same name again"
    url = reverse("base-edit", args=[base.pk])
    assert signed_in(party).post(url, sent | {"capacity": "9"}).status_code == 403
    assert client.post(url, sent | {"capacity": "3"}).status_code == 302
    base.refresh_from_db()
    assert base.capacity == 3


@pytest.fixture
def over(placed, clock):
    """The stay is over; its appraisal waits."""
    clock("2027-03-01 08:00:00")
    follow_calendar()
    clock("2027-09-01 08:00:00")
    follow_calendar()
    return Appraisal.objects.get(participation=placed)


def texts(**changes):
    return {f"section_{order}": "作风扎实" for order in range(1, 6)} | {"grade": "excellent"} | changes


def test_an_appraisal_is_drafted_and_filed_by_its_host(signed_in, host, hr, over):
    client = signed_in(host)
    saved = client.post(write_url(over), {"section_1": "写到一半"}, headers={"X-Autosave": "1"}).json()
    over.refresh_from_db()
    assert saved == {"saved": True, "version": version_of(over)}
    assert over.sections.get(order=1).text == "写到一半"
    page = signed_in(hr).get(reverse("participation-detail", args=[over.participation_id])).content.decode()
    assert "写到一半" not in page, "a draft is the host's own"
    answer = client.post(write_url(over), {"section_1": "还是一半", "file": "1"})
    assert answer.status_code == 422
    assert "请选择等次" in answer.content.decode()
    over.refresh_from_db()
    assert (over.status, over.sections.get(order=1).text) == ("draft", "还是一半")
    for _ in range(2):
        assert client.post(write_url(over), texts(file="1")).status_code == 302
    over.refresh_from_db()
    assert (over.status, over.author) == ("filed", host)
    assert over.decisions.filter(action="file").count() == 1
    page = signed_in(hr).get(reverse("participation-detail", args=[over.participation_id])).content.decode()
    assert "作风扎实" in page


def test_before_the_last_week_nothing_is_filed(signed_in, host, placed, clock):
    clock("2027-08-01 08:00:00")
    appraisal = Appraisal.objects.get(participation=placed)
    answer = signed_in(host).post(write_url(appraisal), texts(file="1"))
    assert answer.status_code == 422
    appraisal.refresh_from_db()
    assert (appraisal.status, appraisal.grade) == ("draft", "excellent")


def test_an_older_appraisal_form_overwrites_nothing(signed_in, host, over, clock):
    client, old = signed_in(host), version_of(over)
    clock("2027-09-01 08:01:00")
    client.post(write_url(over), {"section_1": "新"}, headers={"X-Autosave": "1"})
    assert client.post(write_url(over), texts(version=old, draft="1")).status_code == 412
    assert client.post(write_url(over), texts(version=old, file="1")).status_code == 412
    again = client.post(write_url(over), texts(version=old), headers={"X-Autosave": "1"})
    assert again.status_code == 412
    over.refresh_from_db()
    assert over.status == "draft"
    assert over.sections.get(order=1).text == "新"


def test_filing_twice_with_one_form_files_once(signed_in, host, over, clock):
    client, seen = signed_in(host), version_of(over)
    for minute in (1, 2):
        clock(f"2027-09-01 08:0{minute}:00")
        assert client.post(write_url(over), texts(version=seen, file="1")).status_code == 302
    assert over.decisions.filter(action="file").count() == 1


def test_hr_returns_an_appraisal_with_words(signed_in, hr, host, party, over):
    signed_in(host).post(write_url(over), texts(file="1"))
    url = reverse("appraisal-return", args=[over.pk])
    assert signed_in(party).post(url, {"comment": "再写"}).status_code == 403
    assert signed_in(hr).post(url, {"comment": " "}).status_code == 422
    over.refresh_from_db()
    assert over.status == "filed"
    assert signed_in(hr).post(url, {"comment": "请写具体些"}).status_code == 302
    over.refresh_from_db()
    assert over.status == "returned"
    assert "请写具体些" in signed_in(host).get(write_url(over)).content.decode()


def test_hrs_closing_words_are_not_the_persons_to_read(signed_in, hr, host, cadre_user, over):
    row = over.participation
    type(row.cadre).objects.filter(pk=row.cadre_id).update(user=cadre_user)
    signed_in(host).post(write_url(over), texts(file="1"))
    take = reverse("participation-take", args=[row.pk])
    assert signed_in(hr).post(take, {"action": "complete", "comment": "表现平平"}).status_code == 302
    page = reverse("participation-detail", args=[row.pk])
    assert "表现平平" in signed_in(hr).get(page).content.decode()
    own = signed_in(cadre_user).get(page).content.decode()
    assert "办结" in own
    assert "表现平平" not in own


@pytest.mark.parametrize(
    ("person", "status"), [("hr", 403), ("central_east", 403), ("principal_east", 404), ("auditor", 404)]
)
def test_nobody_else_writes_an_appraisal(request, signed_in, over, person, status):
    client = signed_in(request.getfixturevalue(person))
    assert client.post(write_url(over), texts(file="1")).status_code == status
    over.refresh_from_db()
    assert (over.status, over.sections.exclude(text="").count()) == ("draft", 0)


def test_the_host_loses_sight_of_a_person_a_month_after(signed_in, host, mentor, over, clock):
    signed_in(host).post(write_url(over), texts(file="1"))
    url = reverse("participation-detail", args=[over.participation_id])
    clock("2027-09-30 08:00:00")
    assert signed_in(mentor).get(url).status_code == 200
    clock("2027-10-01 08:00:00")
    assert signed_in(mentor).get(url).status_code == 404
