"""A mentor sees the plans of the people mentored and nothing else, writes reviews, until thirty days after the end."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from cadres.models import DevelopmentPlan, FamilyMember, PlanReview
from cadres.services.histories import add_history, edit_history
from cadres.services.mentoring import next_review
from cadres.services.reviews import edit_review, review_plan
from cadres.todos import waiting
from core.calendar import now
from core.errors import Invalid, NotAllowed, NotFound
from core.models import AuditEntry, Message
from core.navigation import entries_for
from core.versions import version_of
from tests.cadres.everything import make_histories
from tests.cadres.factories import make_cadre, make_code, own
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NOON = "2026-11-20 12:00+08:00"
JSON = "application/json"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def cadre(tree, cadre_user):
    return own(cadre_user, make_cadre(tree.school_east, "甘步", phone="13812345678", native_place="贵州遵义"))


@pytest.fixture
def plan(cadre, mentor):
    return DevelopmentPlan.objects.create(
        cadre=cadre, goals="独当一面", measures="跟岗", mentor=mentor, start=dt.date(2026, 1, 1)
    )


def write(client, plan, **sent):
    sent = {"on": "2026-11-01", "progress": "进步明显", "advice": "多听课", **sent}
    return client.post(reverse("mentoring-plan", args=[plan.pk]), sent)


def test_a_mentor_writes_from_the_phone_and_the_person_hears_and_reads(
    plan, cadre_user, mentor, hr, signed_in
):
    client = signed_in(mentor)
    page = client.get(reverse("mentoring")).content.decode()
    assert ("甘步" in page, "独当一面" in page) == (True, True)
    todo = next(each for each in waiting(mentor) if "评估" in each.title)
    assert (todo.url, todo.due) == (reverse("mentoring-plan", args=[plan.pk]), dt.date(2026, 7, 1))
    assert write(client, plan).status_code == 302
    assert not [each for each in waiting(mentor) if "评估" in each.title]
    review = PlanReview.objects.get()
    assert (review.reviewed_by, review.by_mentor) == (mentor, True)
    assert AuditEntry.objects.get(action="review.add").actor_name == mentor.name
    told = Message.objects.get(recipient=cadre_user)
    assert ("导师" in told.title, "进步" in told.title + told.body) == (True, False)
    for reader in (cadre_user, hr):
        shown = signed_in(reader).get(reverse("cadre-detail", args=[plan.cadre_id]), {"tab": "growth"})
        assert ("进步明显" in shown.content.decode(), "导师戴教" in shown.content.decode()) == (True, True)
    assert write(client, plan, progress="").status_code == 422
    again = write(client, plan)
    assert (again.status_code, "已有评估" in again.content.decode()) == (422, True)
    assert write(client, plan, on="2025-12-31").status_code == 422


def test_of_the_person_a_mentor_sees_name_and_unit(plan, cadre, mentor, signed_in):
    make_histories(make_cadre(cadre.unit, "旁人"))
    client = signed_in(mentor)
    for url in (reverse("mentoring"), reverse("mentoring-plan", args=[plan.pk])):
        page = client.get(url).content.decode()
        for secret in ("13812345678", "贵州遵义", "1980", "旁人"):
            assert secret not in page, secret
    for name in ("cadre-detail", "cadre-print", "cadre-edit"):
        assert client.get(reverse(name, args=[cadre.pk])).status_code == 404
    assert client.get(reverse("cadre-list")).status_code == 403
    entry = client.get(reverse("api-development-plans-detail", args=[plan.pk]))
    assert set(entry.json()) == {
        "id", "cadre", "cadre_name", "goals", "measures", "mentor", "mentor_name", "mentor_text", "interval_months",
        "start", "end", "reviews", "updated_at",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ({}, True),
        ({"end": dt.date(2026, 10, 22)}, True),  # the last day was the 21st, thirty days ago
        ({"end": dt.date(2026, 10, 21)}, False),
        ({"start": dt.date(2026, 11, 21)}, False),
        ({"mentor": None}, False),
    ],
)
def test_the_assignment_lasts_with_the_plan_and_thirty_days(plan, mentor, signed_in, fields, seen):
    DevelopmentPlan.objects.filter(pk=plan.pk).update(**fields)
    client = signed_in(mentor)
    page = reverse("mentoring-plan", args=[plan.pk])
    assert client.get(page).status_code == (200 if seen else 404)
    assert ("甘步" in client.get(reverse("mentoring")).content.decode()) is seen
    assert write(client, plan, on="2026-10-01").status_code == (
        302 if seen and "start" not in fields else 404
    )
    api = client.post(
        reverse("api-development-plans-review", args=[plan.pk]), {"on": "2026-10-02", "progress": "好"},
        content_type=JSON,
    )  # fmt: skip
    assert api.status_code == (200 if seen else 404)


def test_a_stranger_and_a_former_mentor_write_nothing(plan, mentor, host, signed_in):
    with pytest.raises(NotFound):
        review_plan(record=plan, by=host, on=dt.date(2026, 11, 1), progress="好")
    review = review_plan(record=plan, by=mentor, on=dt.date(2026, 11, 1), progress="好")
    DevelopmentPlan.objects.filter(pk=plan.pk).update(mentor=host)
    with pytest.raises(NotFound):
        edit_review(review=review, by=mentor, progress="改")
    url = reverse("mentoring-review", args=[plan.pk, review.pk])
    assert (signed_in(mentor).get(url).status_code, signed_in(host).get(url).status_code) == (404, 404)
    assert signed_in(host).post(url, {"on": "2026-11-01", "progress": "改"}).status_code == 404
    assert PlanReview.objects.get().progress == "好"


def test_mentors_correct_their_own_review_and_nobody_else_does(plan, cadre, mentor, hr, signed_in):
    review = review_plan(record=plan, by=mentor, on=dt.date(2026, 11, 1), progress="好")
    of_hr = review_plan(record=plan, by=hr, on=dt.date(2026, 10, 1), progress="人事写的")
    client, url = signed_in(mentor), reverse("mentoring-review", args=[plan.pk, review.pk])
    assert client.get(reverse("mentoring-review", args=[plan.pk, of_hr.pk])).status_code == 404
    with pytest.raises(NotFound):
        edit_review(review=of_hr, by=mentor, progress="改")
    sent = {"on": "2026-11-01", "progress": "很好", "advice": "", "version": version_of(review)}
    with time_machine.travel("2026-11-20 12:05+08:00", tick=False):
        assert client.post(url, sent).status_code == 302
        stale = client.post(url, {**sent, "progress": "不一样"})
    assert (stale.status_code, "很好" in stale.content.decode()) == (412, True)
    with pytest.raises(NotAllowed, match="导师"):
        edit_review(review=review, by=hr, progress="人事改的")
    at_hr = reverse("review-edit", args=[cadre.pk, "plan", plan.pk, review.pk])
    assert signed_in(hr).get(at_hr).status_code == 403
    page = signed_in(hr).get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "growth"}).content.decode()
    assert (at_hr in page, reverse("review-edit", args=[cadre.pk, "plan", plan.pk, of_hr.pk]) in page) == (
        False,
        True,
    )
    assert PlanReview.objects.get(pk=review.pk).progress == "很好"


def test_nobody_mentors_kin(tree, plan, cadre, mentor, hr, signed_in):
    relative = own(mentor, make_cadre(tree.school_west, "戴教"))
    FamilyMember.objects.create(
        cadre=relative,
        relation=make_code("relation", "1", "妻子"),
        name="甘步",
        kin=cadre,
        kin_confirmed_at=now(),
    )
    assert signed_in(mentor).get(reverse("mentoring-plan", args=[plan.pk])).status_code == 404
    with pytest.raises(NotFound):
        review_plan(record=plan, by=mentor, on=dt.date(2026, 11, 1), progress="好")
    with pytest.raises(Invalid, match="亲属"):
        edit_history(record=plan, by=hr, goals="换个说法")
    plan.delete()
    with pytest.raises(Invalid, match="亲属"):
        add_history(DevelopmentPlan, cadre=cadre, by=hr, goals="成长", mentor=mentor)


@pytest.mark.parametrize(
    ("start", "last", "months", "end", "due"),
    [
        (dt.date(2026, 8, 31), None, 6, None, dt.date(2027, 2, 28)),
        (dt.date(2026, 1, 1), dt.date(2026, 8, 31), 18, None, dt.date(2028, 2, 29)),
        (dt.date(2026, 1, 1), None, 6, dt.date(2026, 7, 1), None),
        (dt.date(2026, 1, 1), None, 12, dt.date(2027, 1, 2), dt.date(2027, 1, 1)),
        (None, None, 6, None, None),
    ],
)
def test_python_and_sql_agree_on_when_the_next_review_is_due(cadre, start, last, months, end, due):
    plan = DevelopmentPlan.objects.create(
        cadre=cadre, goals="x", start=start, end=end, interval_months=months
    )
    if last:
        plan.reviews.create(on=last, progress="好")
    assert next_review(plan, last).due == due
    found = DevelopmentPlan.objects.review_due_by(dt.date(2099, 1, 1)).filter(pk=plan.pk).first()
    assert (found.next_due if found else None) == due


def test_one_entry_leads_to_the_people_one_has(plan, mentor, hr, signed_in):
    labels = [(each.label, each.url) for each in entries_for(mentor)]
    assert ("我带的人", reverse("mentoring")) in labels
    assert len([label for label, _ in labels if label == "我带的人"]) == 1
    stranger = make_user("stranger", "生人")
    assert "我带的人" not in [each.label for each in entries_for(stranger)]
    DevelopmentPlan.objects.update(mentor=hr)
    hr.__dict__.pop("_mentors", None)
    assert len(entries_for(hr)) <= 7
    assert "报表" in [each.label for each in entries_for(hr)]
    assert "我带的人" in [each.label for each in entries_for(hr, place="person")]


def test_the_interval_is_the_plan_s_own(cadre, hr, signed_in):
    url = reverse("history-add", args=[cadre.pk, "plan"])
    typed = {"goals": "成长", "start": "2026.1"}
    assert signed_in(hr).post(url, {**typed, "interval_months": "37"}).status_code == 422
    assert signed_in(hr).post(url, {**typed, "interval_months": "3"}).status_code == 302
    plan = DevelopmentPlan.objects.get()
    assert plan.interval_months == 3
    with pytest.raises(Invalid):
        edit_history(record=plan, by=hr, interval_months=0)
