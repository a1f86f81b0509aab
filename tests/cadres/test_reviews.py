"""Reviews are corrected with what they said before kept; lists and to-dos open exactly those that are due."""

import datetime as dt
import io

import pytest
import time_machine
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cadres.models import DevelopmentPlan, PersonnelRelation, PlanReview, ReserveEntry, ReserveReview
from cadres.services.histories import delete_history, edit_history
from cadres.services.reviews import delete_review, edit_review, review_plan, review_reserve, review_round
from cadres.todos import waiting
from core.errors import Invalid, NotAllowed, NotFound, Stale
from core.models import AuditEntry
from core.versions import version_of
from tests.cadres.factories import make_cadre, make_code, own

pytestmark = pytest.mark.django_db
SECRET = "绝密意见"
JSON = "application/json"


@pytest.fixture
def cadre(tree):
    return make_cadre(tree.school_east, "张三")


@pytest.fixture
def entry(cadre):
    return ReserveEntry.objects.create(cadre=cadre, category="deputy", status="1", start=dt.date(2022, 1, 1))


@pytest.fixture
def reviews(entry, hr):
    """One of 2024 and one of 2025."""
    return [
        review_reserve(record=entry, by=hr, year=year, status=status, opinion=SECRET)
        for year, status in ((2024, "1"), (2025, "4"))
    ]


def kin(cadre, other):
    """Confirmed kin."""
    from cadres.models import FamilyMember
    from core.calendar import now

    FamilyMember.objects.create(
        cadre=cadre, relation=make_code("relation", "1", "妻子"), name="某", kin=other, kin_confirmed_at=now()
    )


def status_of(entry):
    entry.refresh_from_db()
    return entry.status


def test_the_standing_follows_the_newest_review_whatever_is_corrected(entry, reviews, hr):
    old, new = reviews
    edit_review(review=old, by=hr, status="9")
    assert status_of(entry) == "4"
    edit_review(review=new, by=hr, status="3")
    assert status_of(entry) == "3"
    edit_review(review=new, by=hr, year=2023)
    assert status_of(entry) == "9"
    edit_review(review=new, by=hr, year=2026)
    assert status_of(entry) == "3"
    delete_review(review=new, by=hr, reason="误登")
    assert status_of(entry) == "9"


def test_correcting_words_leaves_a_standing_set_by_hand(entry, reviews, hr):
    ReserveEntry.objects.update(status="2")
    edit_review(review=reviews[1], by=hr, opinion="改写")
    assert status_of(entry) == "2"
    assert ReserveReview.objects.get(pk=reviews[1].pk).opinion == "改写"


def test_a_correction_is_kept_before_and_after_without_what_is_encrypted(reviews, hr):
    edit_review(review=reviews[1], by=hr, status="3", opinion="另一绝密")
    row = AuditEntry.objects.get(action="review.edit")
    assert (row.before["结论"], row.after["结论"]) == ("继续后备", "调整")
    assert "绝密" not in str([row.before, row.after, row.note])


def test_an_older_version_overwrites_nothing(reviews, hr):
    seen = version_of(reviews[1])
    edit_review(review=reviews[1], by=hr, opinion="先存", version=seen)
    with pytest.raises(Stale):
        edit_review(review=reviews[1], by=hr, opinion="后存", version=seen)
    assert ReserveReview.objects.get(pk=reviews[1].pk).opinion == "先存"


@pytest.mark.parametrize("values", [{"year": 2099}, {"year": 2021}, {"year": 2024}, {"status": "x"}])
def test_what_adding_refuses_correcting_refuses(reviews, hr, values):
    with pytest.raises(Invalid):
        edit_review(review=reviews[1], by=hr, **values)
    assert ReserveReview.objects.get(pk=reviews[1].pk).year == 2025


def test_nobody_reviews_themselves_or_kin(tree, cadre, entry, reviews, hr):
    plan = DevelopmentPlan.objects.create(cadre=cadre, goals="成长", start=dt.date(2025, 1, 1))
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    my_plan = DevelopmentPlan.objects.create(cadre=mine, goals="成长", start=dt.date(2025, 1, 1))
    with pytest.raises(NotAllowed):
        review_plan(record=my_plan, by=hr, on=dt.date(2025, 6, 1), progress="好")
    kin(mine, cadre)
    for act in (
        lambda: review_reserve(record=entry, by=hr, year=2026, status="4"),
        lambda: review_plan(record=plan, by=hr, on=dt.date(2025, 6, 1), progress="好"),
        lambda: edit_review(review=reviews[0], by=hr, status="3"),
        lambda: delete_review(review=reviews[0], by=hr, reason="误登"),
    ):
        with pytest.raises(NotAllowed, match="亲属"):
            act()
    assert (ReserveReview.objects.count(), PlanReview.objects.count()) == (2, 0)


def test_the_form_opens_the_opinion_and_says_so(cadre, entry, reviews, hr, principal_east, signed_in):
    url = reverse("review-edit", args=[cadre.pk, "reserve", entry.pk, reviews[1].pk])
    client = signed_in(hr)
    page = client.get(url).content.decode()
    assert (SECRET in page, "打开已记入审计" in page) == (True, True)
    assert "打开修改表单" in AuditEntry.objects.get(action="history.reveal").note
    assert url in client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "growth"}).content.decode()
    sent = {"year": "2025", "status": "3", "opinion": "新意见", "version": version_of(reviews[1])}
    assert client.post(url, sent).status_code == 302
    assert status_of(entry) == "3"
    stale = client.post(url, {**sent, "opinion": "更晚的"})
    assert stale.status_code == 412
    assert ("新意见" in stale.content.decode(), "更晚的" in stale.content.decode()) == (True, True)
    assert ReserveReview.objects.get(pk=reviews[1].pk).opinion == "新意见"
    assert AuditEntry.objects.filter(action="history.reveal").count() == 2
    assert signed_in(principal_east).get(url).status_code == 403


def test_the_api_corrects_under_the_entry_s_tag(entry, reviews, hr, signed_in):
    client = signed_in(hr)
    seen = client.get(reverse("api-reserves-detail", args=[entry.pk]))["ETag"]
    url = reverse("api-reserves-review-edit", args=[entry.pk, reviews[1].pk])
    done = client.patch(url, {"status": "3"}, content_type=JSON, headers={"If-Match": seen})
    assert (done.status_code, done.json()["status"]) == (200, "3")
    assert done.json()["reviews"][0]["opinion"] is None
    assert ReserveReview.objects.get(pk=reviews[1].pk).opinion == SECRET
    late = client.patch(url, {"status": "4"}, content_type=JSON, headers={"If-Match": seen})
    assert late.status_code == 412
    other = reverse("api-reserves-review-edit", args=[entry.pk, 999999])
    assert client.patch(other, {"status": "4"}, content_type=JSON).status_code == 404
    gone = reverse("api-reserves-review-delete", args=[entry.pk, reviews[1].pk])
    assert client.post(gone, {"reason": "误登"}, content_type=JSON).json()["status"] == "1"


@pytest.mark.parametrize(
    ("day", "year"),
    [
        ("2026-09-30", None),
        ("2026-10-01", 2026),
        ("2026-12-31", 2026),
        ("2027-03-31", 2026),
        ("2027-04-01", None),
    ],
)
def test_the_yearly_review_runs_from_october_to_march(day, year):
    assert review_round(dt.date.fromisoformat(day)) == year


def test_the_to_do_and_the_list_name_exactly_who_is_left(tree, cadre, entry, hr, signed_in):
    def pooled(name, start, **fields):
        person = make_cadre(tree.school_west, name)
        return ReserveEntry.objects.create(cadre=person, category="head", start=start, **fields)

    due = pooled("该审", dt.date(2026, 9, 30))
    pooled("新列", dt.date(2026, 10, 1))
    pooled("出库", dt.date(2020, 1, 1), end=dt.date(2026, 6, 1))
    gone = pooled("离职", dt.date(2020, 1, 1))
    PersonnelRelation.objects.filter(cadre=gone.cadre).update(end=dt.date(2026, 5, 1), leaving="resigned")
    mine = ReserveEntry.objects.create(
        cadre=own(hr, make_cadre(tree.bureau, "自己人")), category="head", start=dt.date(2020, 1, 1)
    )
    assert mine.pk
    with time_machine.travel("2026-11-20 10:00+08:00", tick=False):
        review_reserve(record=entry, by=hr, year=2025, status="4")
        todo = next(each for each in waiting(hr) if "后备" in each.title)
        assert (todo.count, todo.due) == (2, dt.date(2026, 12, 31))
        client = signed_in(hr)
        page = client.get(todo.url).content.decode()
        assert [name for name in ("张三", "该审", "新列", "出库", "离职", "自己人") if name in page] == [
            "张三",
            "该审",
        ]
        review_reserve(record=due, by=hr, year=2026, status="4")
        assert "该审" not in client.get(todo.url).content.decode()
        assert "该审" in client.get(todo.url, {"tab": "done"}).content.decode()
    with time_machine.travel("2026-09-01 10:00+08:00", tick=False):
        assert not [each for each in waiting(hr) if "后备" in each.title]


def test_a_review_opened_from_the_list_leads_back_to_it(cadre, entry, hr, signed_in):
    with time_machine.travel("2026-11-20 10:00+08:00", tick=False):
        client, url = signed_in(hr), reverse("reserve-reviews")
        form = reverse("review-add", args=[cadre.pk, "reserve", entry.pk])
        assert f'href="{form}?from=list">审核<' in client.get(url).content.decode()
        answer = client.post(f"{form}?from=list", {"year": "2025", "status": "4", "opinion": "合格"})
        assert (answer.status_code, answer.url) == (302, url)
        answer = client.post(form, {"year": "2026", "status": "4", "opinion": "合格"})
        assert answer.url.startswith(reverse("cadre-detail", args=[cadre.pk]))
        page = client.get(url, {"tab": "done"}).content.decode()
        assert "张三" in page
        assert ">审核<" not in page


def test_the_buttons_of_a_list_stay_out_of_its_workbook(cadre, hr, signed_in):
    DevelopmentPlan.objects.create(cadre=cadre, goals="独立工作", start=dt.date(2026, 1, 1))
    answer = signed_in(hr).get(reverse("plan-reviews"), {"tab": "all", "export": "xlsx"})
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    words = str(CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python())
    assert ("张三" in words, "下次评估" in words, "办理" in words) == (True, True, False)


def test_plans_without_a_mentor_s_account_are_the_keepers_to_review(tree, cadre, hr, mentor, signed_in):
    start = dt.date(2026, 1, 1)
    plan = DevelopmentPlan.objects.create(cadre=cadre, goals="成长", mentor_text="周导师", start=start)
    led = make_cadre(tree.school_west, "李四")
    DevelopmentPlan.objects.create(cadre=led, goals="成长", mentor=mentor, start=start)
    ended = make_cadre(tree.school_west, "王五")
    DevelopmentPlan.objects.create(cadre=ended, goals="成长", start=start, end=dt.date(2026, 7, 1))
    with time_machine.travel("2026-05-31 10:00+08:00", tick=False):
        assert not [each for each in waiting(hr) if "培养计划" in each.title]
    with time_machine.travel("2026-06-01 10:00+08:00", tick=False):
        DevelopmentPlan.objects.filter(pk=plan.pk).update(interval_months=5)
        todo = next(each for each in waiting(hr) if "培养计划" in each.title)
        assert (todo.count, todo.due) == (1, dt.date(2026, 6, 1))
    with time_machine.travel("2026-06-10 10:00+08:00", tick=False):
        client = signed_in(hr)
        assert client.get(reverse("review-add", args=[cadre.pk, "plan", plan.pk])).status_code == 200
        page = client.get(reverse("plan-reviews"), {"mentor": "none"}).content.decode()
        assert ("张三" in page, "李四" in page, "王五" in page) == (True, False, False)
        both = client.get(reverse("plan-reviews")).content.decode()
        assert ("张三" in both, "李四" in both, "王五" in both) == (True, True, False)
        review_plan(record=plan, by=hr, on=dt.date(2026, 6, 10), progress="按期")
        assert not [each for each in waiting(hr) if "培养计划" in each.title]


def test_the_lists_leave_out_what_matches_nothing(cadre, entry, hr, signed_in):
    with time_machine.travel("2026-11-20 10:00+08:00", tick=False):
        client = signed_in(hr)
        assert "张三" in client.get(reverse("reserve-reviews"), {"search": "zhangsan"}).content.decode()
        assert "张三" not in client.get(reverse("reserve-reviews"), {"search": "李"}).content.decode()
        assert "张三" not in client.get(reverse("reserve-reviews"), {"category": "head"}).content.decode()


def test_a_review_is_taken_out_once_and_by_the_keeper_alone(cadre, hr, mentor):
    plan = DevelopmentPlan.objects.create(cadre=cadre, goals="x", mentor=mentor, start=dt.date(2020, 1, 1))
    review = review_plan(record=plan, by=hr, on=dt.date(2021, 1, 1), progress="y")
    twice = PlanReview.objects.get()
    with pytest.raises((NotAllowed, NotFound)):
        delete_review(review=PlanReview.objects.get(), by=mentor, reason="误登")
    delete_review(review=review, by=hr, reason="误登")
    with pytest.raises(NotFound):
        delete_review(review=twice, by=hr, reason="误登")
    assert AuditEntry.objects.filter(action="review.delete").count() == 1


def test_what_a_colleague_took_out_meanwhile_is_not_found(entry, cadre, hr):
    """A page that was opened before, or a press sent twice: an answer, never an error of the server."""
    stale = ReserveEntry.objects.get()
    delete_history(record=entry, by=hr, reason="误登")
    for verb in (
        lambda: delete_history(record=stale, by=hr, reason="误登"),
        lambda: edit_history(record=stale, by=hr, status="4"),
        lambda: review_reserve(record=stale, by=hr, year=2025, status="1"),
    ):
        with pytest.raises(NotFound):
            verb()
