"""Every history on its page: added, corrected, ended, taken out; what follows from the values; who may."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.scope import may_on
from cadres.forms.histories import FORMS
from cadres.kinds import KINDS
from cadres.models import CareerLine, CompetenceProfile, FamilyMember, Oversight, ReserveEntry
from cadres.services.histories import add_history, edit_history
from cadres.services.reviews import delete_review, review_plan, review_reserve
from core.errors import Invalid, NotAllowed
from core.models import AuditEntry
from core.partial_dates import PartialDate
from core.versions import version_of
from tests.cadres.factories import make_appointment, make_cadre, make_code, month, own

pytestmark = pytest.mark.django_db

KINDS_TYPED = {
    "certificate": (
        {"kind": "qualification", "name": "校长任职资格培训合格证书", "hours": "300", "start": "2018.6"},
        {"name": ""},
    ),
    "honour": ({"name": "优秀教育工作者", "level": "county", "start": "2020.9"}, {"level": "x"}),
    "career": ({"text": "示例小学教师", "start": "2001.8", "end": "2010.7"}, {"text": ""}),
    "talent": ({"tier": "backbone", "start": "2021.3"}, {"tier": ""}),
    "reserve": ({"category": "deputy", "status": "1", "start": "2022.1"}, {"start": "某天"}),
    "plan": ({"goals": "三年内胜任副校长", "mentor_text": "李名师", "start": "2024.1"}, {"goals": ""}),
    "competence": ({"on": "2025-06-01", "source": "self", "score_1": "80"}, {"score_1": "101"}),
    "evaluation": (
        {
            "place": "市实验小学 副校长",
            "grade": "good",
            "score": "88.5",
            "opinion": "踏实",
            "start": "2023.9",
        },
        {"score": "120"},
    ),
    "family": (
        {"relation": "R", "name": "王芳", "birth": "1982.3", "employment": "示例小学教师"},
        {"name": ""},
    ),
    "oversight": (
        {"kind": "reminder", "start": "2024.5.6", "content": "考勤管理", "result": "已整改"},
        {"kind": "sanction"},
    ),
    "petition": (
        {"subject": "调动", "content": "申请调回县城", "submitted_on": "2026-01-05"},
        {"due": "2026-01-01"},
    ),
}


@pytest.fixture
def relation(db):
    """A code of the kinship list."""
    return make_code("relation", "1", "妻子")


def filled(typed, relation):
    return {name: relation.pk if value == "R" else value for name, value in typed.items()}


def test_every_history_has_a_form():
    assert set(FORMS) == {"appointment", *KINDS}


@pytest.mark.parametrize("kind", sorted(KINDS_TYPED))
def test_each_history_is_added_corrected_ended_and_taken_out(tree, hr, signed_in, relation, kind):
    typed, wrong = KINDS_TYPED[kind]
    typed, model = filled(typed, relation), KINDS[kind].model
    cadre, client = make_cadre(tree.school_east, "张三"), signed_in(hr)
    add = reverse("history-add", args=[cadre.pk, kind])
    assert client.get(add).status_code == 200
    assert client.post(add, {**typed, **wrong}).status_code == 422
    answer = client.post(add, typed)
    assert (answer.status_code, f"#section-{kind}" in answer["Location"]) == (302, True)
    record = model.objects.get(cadre=cadre)
    edit = reverse("history-edit", args=[cadre.pk, kind, record.pk])
    page = client.get(edit)
    again = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    again = {n: v.dotted() if isinstance(v, PartialDate) else getattr(v, "pk", v) for n, v in again.items()}
    assert client.post(edit, {**again, "version": version_of(record)}).status_code == 302
    before, after = model.objects.filter(pk=record.pk).values().get(), record
    assert {n: before[n] for n in before if n != "updated_at"} == {
        n: getattr(after, n) for n in before if n != "updated_at"
    }
    assert client.get(page.context["back_url"].partition("#")[0]).status_code == 200
    end = reverse("history-end", args=[cadre.pk, kind, record.pk])
    expected = 302 if KINDS[kind].has_period else 404
    assert client.post(end, {"on": "2026.01"}).status_code == expected
    delete = reverse("history-delete", args=[cadre.pk, kind, record.pk])
    assert client.post(delete, {"reason": ""}).status_code == 422
    assert client.post(delete, {"reason": "误登"}).status_code == 302
    assert not model.objects.filter(cadre=cadre).exists()


@pytest.mark.parametrize("kind", sorted(kind for kind in KINDS if KINDS[kind].guard in (
    "family", "oversight", "evaluations", "petitions", "reserve", "competences",
)))  # fmt: skip
def test_without_sight_of_sensitive_data_nothing_of_it_is_shown_or_written(
    tree, hr, signed_in, relation, monkeypatch, kind
):
    cadre = make_cadre(tree.school_east, "张三")
    typed = filled(KINDS_TYPED[kind][0], relation)
    form = FORMS[kind][1](typed, cadre=cadre, user=hr)
    assert form.is_valid(), form.errors
    record = add_history(KINDS[kind].model, cadre=cadre, by=hr, **form.values())

    def without_sensitive(user, capability, obj):
        return capability != "cadre.view_sensitive" and may_on(user, capability, obj)

    for module in ("cadres.fields", "cadres.views.histories", "cadres.services.sealed", "cadres.views.rows"):
        monkeypatch.setattr(f"{module}.may_on", without_sensitive)
    client = signed_in(hr)
    for name, args in (
        ("history-add", ()), ("history-edit", (record.pk,)), ("history-end", (record.pk,)),
        ("history-delete", (record.pk,)),
    ):  # fmt: skip
        url = reverse(name, args=[cadre.pk, kind, *args])
        assert client.get(url).status_code == 403
        assert client.post(url, {**typed, "reason": "误"}).status_code == 403
    for tab in ("", "honours", "growth", "family", "oversight", "requests"):
        page = client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": tab}).content.decode()
        assert f"section-{kind}" not in page
    with pytest.raises(NotAllowed):
        add_history(KINDS[kind].model, cadre=cadre, by=hr, **form.values())
    with pytest.raises(NotAllowed):
        edit_history(record=record, by=hr, **form.values())


def test_nobody_sees_their_own_organisational_record_whatever_their_office(tree, hr, signed_in, relation):
    cadre = own(hr, make_cadre(tree.bureau, "何人事"))
    Oversight.objects.create(cadre=cadre, kind="reminder", start=dt.date(2025, 3, 1))
    client = signed_in(hr)
    page = client.get(reverse("cadre-detail", args=[cadre.pk])).content.decode()
    assert "提醒" not in page
    assert "?tab=oversight" not in page
    assert client.get(reverse("history-add", args=[cadre.pk, "oversight"])).status_code == 403


def test_a_cv_is_checked_for_gaps_overlaps_and_a_late_beginning(tree, hr, signed_in):
    cadre = make_cadre(tree.school_east, "张三", work_start=dt.date(2000, 8, 1))
    for start, end, text in (
        (dt.date(2001, 8, 1), dt.date(2005, 8, 1), "甲校教师"),
        (dt.date(2005, 6, 1), dt.date(2008, 7, 1), "乙校教师"),
        (dt.date(2009, 8, 1), None, "丙校主任"),
    ):
        CareerLine.objects.create(
            cadre=cadre, start=start, start_precision="month", end=end, end_precision="month", text=text
        )
    page = signed_in(hr).get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "career"}).content.decode()
    assert "晚于参加工作时间" in page
    assert "时间重叠" in page
    assert "空缺" in page


def test_lines_of_a_cv_stand_two_deep_at_most_and_within_ones_own(tree, hr):
    cadre, other = make_cadre(tree.school_east, "张三"), make_cadre(tree.school_east, "李四")
    top = add_history(CareerLine, cadre=cadre, by=hr, text="教师", start=month("2001-08"))
    below = add_history(CareerLine, cadre=cadre, by=hr, text="函授", start=month("2003-09"), within=top)
    with pytest.raises(Invalid):
        add_history(CareerLine, cadre=cadre, by=hr, text="更深", within=below)
    with pytest.raises(Invalid):
        add_history(CareerLine, cadre=other, by=hr, text="别人的", within=top)
    second = add_history(CareerLine, cadre=cadre, by=hr, text="主任", start=month("2010-08"))
    with pytest.raises(Invalid):
        edit_history(record=top, by=hr, within=second)


def test_lines_within_another_stand_below_it(tree, hr, signed_in):
    cadre = make_cadre(tree.school_east, "张三")
    top = add_history(CareerLine, cadre=cadre, by=hr, text="示例小学教师", start=month("2001-08"))
    add_history(CareerLine, cadre=cadre, by=hr, text="本科函授学习", start=month("2003-09"), within=top)
    page = signed_in(hr).get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "career"})
    lines = next(each for each in page.context["sections"] if each.kind == "career").rows
    assert [row.title for row in lines] == ["示例小学教师"]
    assert [row.title for row in lines[0].below] == ["本科函授学习"]


@pytest.mark.parametrize("scores", [[None] * 6, [101, 1, 1, 1, 1, 1], [50], []])
def test_a_profile_has_six_scores_between_0_and_100(tree, hr, scores):
    cadre = make_cadre(tree.school_east, "张三")
    with pytest.raises(Invalid):
        add_history(
            CompetenceProfile, cadre=cadre, by=hr, on=dt.date(2025, 1, 1), source="self", scores=scores
        )


def test_a_mentor_is_picked_among_business_accounts_and_is_not_oneself(
    tree, hr, cadre_user, mentor, sysadmin, signed_in
):
    cadre, client = own(cadre_user, make_cadre(tree.school_east, "甘步")), signed_in(hr)
    page = client.get(reverse("mentor-pick"), {"q": "戴"}).content.decode()
    assert "戴教" in page
    assert "席统" not in client.get(reverse("mentor-pick"), {"q": "席统"}).content.decode()
    add = reverse("history-add", args=[cadre.pk, "plan"])
    typed = {"goals": "成长", "start": "2024.1"}
    assert client.post(add, {**typed, "mentor": cadre_user.pk}).status_code == 422
    assert client.post(add, {**typed, "mentor": mentor.pk, "mentor_text": "李名师"}).status_code == 422
    assert client.post(add, {**typed, "mentor": mentor.pk}).status_code == 302


def test_the_newest_review_sets_the_standing_in_the_pool(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    entry = add_history(
        ReserveEntry, cadre=cadre, by=hr, category="deputy", status="1", start=month("2022-01")
    )
    review = review_reserve(record=entry, by=hr, year=2025, status="4", opinion="继续培养")
    review_reserve(record=entry, by=hr, year=2023, status="3")
    entry.refresh_from_db()
    assert (entry.status, entry.reviews.count()) == ("4", 2)
    with pytest.raises(Invalid):
        review_reserve(record=entry, by=hr, year=2025, status="2")
    with pytest.raises(Invalid):
        review_reserve(record=entry, by=hr, year=2021, status="2")
    assert "继续培养" not in str(list(AuditEntry.objects.values_list("before", "after", "note")))
    delete_review(review=review, by=hr, reason="误登")
    assert entry.reviews.count() == 1


def test_nobody_reviews_their_own_standing_in_the_pool(tree, hr):
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    entry = ReserveEntry.objects.create(cadre=mine, category="deputy", start=dt.date(2022, 1, 1))
    with pytest.raises(NotAllowed):
        review_reserve(record=entry, by=hr, year=2025, status="4")


def test_reviews_on_their_pages(tree, hr, signed_in):
    cadre, client = make_cadre(tree.school_east, "张三"), signed_in(hr)
    entry = add_history(ReserveEntry, cadre=cadre, by=hr, category="deputy", start=month("2022-01"))
    plan = add_history(KINDS["plan"].model, cadre=cadre, by=hr, goals="成长", start=month("2024-01"))
    for kind, record, typed, wrong in (
        ("reserve", entry, {"year": "2025", "status": "4", "opinion": "好"}, {"year": "1900"}),
        ("plan", plan, {"on": "2025-06-01", "progress": "按计划"}, {"on": "2099-01-01"}),
    ):
        url = reverse("review-add", args=[cadre.pk, kind, record.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {**typed, **wrong}).status_code == 422
        assert client.post(url, typed).status_code == 302
        assert client.post(url, typed).status_code == 422
        review = record.reviews.get()
        url = reverse("review-delete", args=[cadre.pk, kind, record.pk, review.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"reason": "误登"}).status_code == 302
        assert not record.reviews.exists()
    assert client.get(reverse("review-add", args=[cadre.pk, "honour", 1])).status_code == 404
    with pytest.raises(Invalid):
        review_plan(record=plan, by=hr, on=dt.date(2099, 1, 1), progress="未来")


def test_the_page_of_a_new_post_names_running_sanctions(tree, hr, signed_in):
    cadre = make_cadre(tree.school_east, "张三")
    make_appointment(cadre)
    url = reverse("history-add", args=[cadre.pk, "appointment"])
    assert "影响期" not in signed_in(hr).get(url).content.decode()
    Oversight.objects.create(
        cadre=cadre, kind="sanction", sanction="admin_warning", start=dt.date(2026, 1, 1)
    )
    assert "警告（影响期未定）" in signed_in(hr).get(url).content.decode()


def test_a_family_members_order_and_birth_come_back_into_the_form(tree, hr, relation, signed_in):
    cadre = make_cadre(tree.school_east, "张三")
    client = signed_in(hr)
    client.post(
        reverse("history-add", args=[cadre.pk, "family"]),
        {"relation": relation.pk, "name": "王芳", "birth": "82.3"},
    )
    member = FamilyMember.objects.get()
    assert member.birth == "1982-03"
    page = client.get(reverse("history-edit", args=[cadre.pk, "family", member.pk])).content.decode()
    assert "1982.03" in page
