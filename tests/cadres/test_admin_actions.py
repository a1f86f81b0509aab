"""Actions of the admin's tables: the services do it, for all ticked rows or none, and each refusal is told."""

import datetime as dt

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import Grant
from cadres.kinds import KINDS
from cadres.models import (
    AnnualAssessment,
    Appointment,
    Cadre,
    CareerLine,
    Code,
    CompetenceProfile,
    Correction,
    DevelopmentPlan,
    Norm,
    Post,
)
from cadres.services.corrections import request_correction
from core.models import AuditEntry, Job
from core.versions import version_of
from tests.cadres.everything import SECRET, make_histories
from tests.cadres.factories import identity, make_appointment, make_cadre, make_code, make_post
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(hr, signed_in):
    """Bureau HR, signed in."""
    return signed_in(hr)


def act(client, table, action, *rows, **more):
    """Take an action on rows; returns the page that follows."""
    sent = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(reverse(f"admin:{table}_changelist"), sent, follow=True).content.decode()


def test_posts_are_closed_all_or_none_and_opened_again(clerk, tree):
    free, held = make_post(tree.school_east, "副校长"), make_post(tree.school_west, "校长")
    make_appointment(make_cadre(tree.school_west, "李四"), "校长", post=held, is_main=True)
    assert "请先填写撤销日期" in act(clerk, "cadres_post", "close_ticked", free, on="2026.5")
    text = act(clerk, "cadres_post", "close_ticked", free, held, on="2026.11.1")
    assert "2 条中有 1 条不能办理，一条也没有办理" in text
    assert "校长（西山镇中心小学）：还有人任这个岗位（李四）" in text
    assert not Post.objects.exclude(closed_on=None).exists()
    assert not AuditEntry.objects.filter(action="post.close").exists()
    assert "1 条岗位自2026年11月1日起撤销" in act(clerk, "cadres_post", "close_ticked", free, on="2026.11.1")
    free.refresh_from_db()
    assert free.closed_on == dt.date(2026, 11, 1)
    twin = make_post(tree.school_east, "副校长")
    assert "已经有名为“副校长”的岗位" in act(clerk, "cadres_post", "reopen_ticked", free)
    twin.delete()
    act(clerk, "cadres_post", "reopen_ticked", free)
    free.refresh_from_db()
    assert free.closed_on is None
    assert AuditEntry.objects.filter(action="post.reopen").count() == 1
    assert "没有撤销" in act(clerk, "cadres_post", "reopen_ticked", free)


def test_a_head_s_role_is_proposed_by_hand(clerk, tree):
    post = make_post(tree.school_east, "校长")
    head, other = make_cadre(tree.school_east, "张三"), make_cadre(tree.school_west, "李四")
    held = make_appointment(head, "校长", post=post, is_main=True)
    deputy = make_appointment(other, "副校长", is_main=True)
    assert "张三：还没有账号" in act(clerk, "cadres_appointment", "propose_ticked", held)
    Cadre.objects.filter(pk=head.pk).update(user=make_user("zhang", "张三"))
    text = act(clerk, "cadres_appointment", "propose_ticked", held, deputy)
    assert "李四：不是学校、中心校或培训机构现任正职的主职务" in text
    assert not Grant.objects.filter(origin__startswith="appointment:").exists()
    act(clerk, "cadres_appointment", "propose_ticked", held)
    grant = Grant.objects.get(origin=f"appointment:{held.pk}")
    assert (grant.role, grant.confirmed_at) == ("principal", None)
    assert "已经授权或提出过" in act(clerk, "cadres_appointment", "propose_ticked", held)


def test_codes_go_out_of_use_and_come_back(clerk):
    first, second = make_code("title", "1", "甲"), make_code("title", "2", "乙", is_active=False)
    assert "乙：已经停用" in act(clerk, "cadres_code", "retire_ticked", first, second)
    assert Code.objects.get(pk=first.pk).is_active
    act(clerk, "cadres_code", "retire_ticked", first)
    act(clerk, "cadres_code", "use_ticked", second)
    assert set(Code.objects.filter(is_active=True)) == {second}


def test_norms_are_ended_and_marked_as_verified(clerk):
    norm = Norm.objects.create(
        measure="women",
        population="all",
        direction="at_least",
        limit=30,
        basis="x",
        start=dt.date(2026, 1, 1),
    )
    assert "“止”须晚于“起”" in act(clerk, "cadres_norm", "end_ticked", norm, on="2025.1.1")
    act(clerk, "cadres_norm", "end_ticked", norm, on="2027.1.1")
    act(clerk, "cadres_norm", "verify_ticked", norm)
    norm.refresh_from_db()
    assert (norm.end, norm.is_unverified) == (dt.date(2027, 1, 1), False)
    assert AuditEntry.objects.filter(action="config.edit").count() == 2


def test_chosen_people_leave_in_the_roster_s_columns_masked(clerk, tree):
    number = identity()
    people = [make_cadre(tree.school_east, "张三", id_number=number), make_cadre(tree.school_west, "李四")]
    sent = {"action": "export_people", "_selected_action": [people[0].pk]}
    answer = clerk.post(reverse("admin:cadres_cadre_changelist"), sent)
    assert answer.headers["Content-Type"].endswith("sheet")
    assert number.encode() not in answer.content
    assert AuditEntry.objects.get(action="roster.export").after["人数"] == 1


def test_complete_forms_need_a_reason(clerk, tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    assert "没有导出：导出完整的任免审批表须写明用途" in act(
        clerk, "cadres_cadre", "export_open_forms", cadre
    )
    assert not Job.objects.exists()
    act(clerk, "cadres_cadre", "export_open_forms", cadre, reason="班子调整研究")
    job = Job.objects.get()
    assert (job.asked_by, job.parameters["ids"], job.parameters["open_numbers"]) == (hr, [cadre.pk], True)


def test_nobody_acts_without_the_right(tree, principal_east, signed_in):
    post = make_post(tree.school_east, "副校长")
    for table, action in (("cadres_post", "close_ticked"), ("cadres_cadre", "export_people")):
        sent = {"action": action, "_selected_action": [post.pk], "on": "2026.11.1"}
        assert signed_in(principal_east).post(reverse(f"admin:{table}_changelist"), sent).status_code in (
            302,
            403,
        )
    assert not Post.objects.exclude(closed_on=None).exists()
    assert not AuditEntry.objects.filter(action__startswith="roster.export").exists()


def test_scores_are_edited_as_the_one_column_they_are(clerk, tree):
    profile = CompetenceProfile.objects.create(
        cadre=make_cadre(tree.school_east),
        on=dt.date(2026, 3, 1),
        source="superior",
        scores=[80, 75, None, 70, 88, 60],
    )
    url = reverse("admin:cadres_competenceprofile_change", args=[profile.pk])
    assert 'value="88"' in clerk.get(url).content.decode()
    typed = {"on": "2026-03-01", "source": "superior", "note": "", "score_1": "90", "score_2": "75", "score_3": "",
             "score_4": "70", "score_5": "88", "score_6": "60"}  # fmt: skip
    assert clerk.post(url, typed).status_code == 302
    profile.refresh_from_db()
    assert profile.scores == [90, 75, None, 70, 88, 60]
    refused = clerk.post(url, typed | {f"score_{at}": "" for at in range(1, 7)}).content.decode()
    assert "至少填写一项" in refused
    profile.refresh_from_db()
    assert profile.scores[0] == 90


def test_a_mentor_is_found_among_those_who_may(clerk, tree, sysadmin):
    mentor, cadre = make_user("mentor-zhou", "周导师"), make_cadre(tree.school_east, user=make_user())
    plan = DevelopmentPlan.objects.create(cadre=cadre, goals="主持工作", start=dt.date(2026, 1, 1))
    found = clerk.get(reverse("admin:cadres_developmentplan_mentors"), {"term": "周导"}).json()["results"]
    assert found == [{"id": str(mentor.pk), "text": "周导师（mentor-zhou）"}]
    assert not clerk.get(reverse("admin:cadres_developmentplan_mentors"), {"term": sysadmin.name}).json()[
        "results"
    ]
    url = reverse("admin:cadres_developmentplan_change", args=[plan.pk])
    page = clerk.get(url).content.decode()
    assert reverse("admin:cadres_developmentplan_mentors") in page
    typed = {
        "goals": "主持工作",
        "measures": "",
        "mentor_text": "",
        "start": "2026.1.1",
        "end": "",
        "interval_months": 6,
    }
    assert "导师不能是本人" in clerk.post(url, typed | {"mentor": cadre.user_id}).content.decode()
    assert clerk.post(url, typed | {"mentor": sysadmin.pk}).status_code == 200
    assert clerk.post(url, typed | {"mentor": mentor.pk}).status_code == 302
    plan.refresh_from_db()
    assert plan.mentor == mentor


def test_a_line_is_put_within_another_of_the_same_person(clerk, tree):
    cadre, other = make_cadre(tree.school_east), make_cadre(tree.school_west)
    first, second = (CareerLine.objects.create(cadre=cadre, text=text) for text in ("在某校任教", "进修"))
    foreign = CareerLine.objects.create(cadre=other, text="别人的一行")
    url = reverse("admin:cadres_careerline_change", args=[second.pk])
    assert "别人的一行" not in clerk.get(url).content.decode()
    typed = {"text": "进修", "order": "0", "start": "", "end": ""}
    assert clerk.post(url, typed | {"within": foreign.pk}).status_code == 200
    assert clerk.post(url, typed | {"within": first.pk}).status_code == 302
    second.refresh_from_db()
    assert second.within == first


def test_health_stays_closed_and_is_kept_unless_chosen(clerk, tree):
    cadre = make_cadre(tree.school_east, "张三", health="较差")
    url = reverse("admin:cadres_cadre_change", args=[cadre.pk])
    page = clerk.get(url).content.decode()
    assert "已填写，不修改" in page
    assert "selected>较差" not in page
    typed = {"name": "张三", "gender": "1", "health": ""}
    assert clerk.post(url, typed).status_code == 302
    assert Cadre.objects.get().health == "较差"
    clerk.post(url, typed | {"health": "良好"})
    assert Cadre.objects.get().health == "良好"


def test_a_colleague_s_version_isn_t_overwritten_unseen(clerk, tree):
    record = AnnualAssessment.objects.create(
        cadre=make_cadre(tree.school_east), year=2025, grade="excellent", note="原说明"
    )
    url = reverse("admin:cadres_annualassessment_change", args=[record.pk])
    seen = clerk.get(url).context["version"]
    assert seen == version_of(record)
    record.note = "同事写的"
    record.save()
    typed = {
        "year": "2025",
        "grade": "excellent",
        "labels": "institution",
        "note": "我写的",
        "_version": seen,
    }
    page = clerk.post(url, typed)
    assert "说明：现在是“同事写的”，您填写的是“我写的”" in page.content.decode()
    assert AnnualAssessment.objects.get().note == "同事写的"
    assert clerk.post(url, typed | {"_version": page.context["version"]}).status_code == 302
    assert AnnualAssessment.objects.get().note == "我写的"


def test_people_are_found_by_pinyin_and_initials_in_every_table_of_theirs(clerk, tree):
    cadre = make_cadre(tree.school_east, "欧阳明")
    make_appointment(cadre, "副校长")
    for table in ("cadre", "appointment", "personnelrelation"):
        for term in ("欧阳", "ouyang", "oym", "OYM"):
            page = clerk.get(reverse(f"admin:cadres_{table}_changelist"), {"q": term}).content.decode()
            assert "欧阳明" in page, (table, term)


def test_pickers_tell_namesakes_apart(clerk, tree):
    make_cadre(tree.school_east, "张三")
    query = {"app_label": "cadres", "model_name": "familymember", "field_name": "kin", "term": "zs"}
    found = clerk.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [each["text"] for each in found] == ["张三（东河镇中心小学）"]


def test_every_table_has_search_and_related_rows_are_pickers_or_short():
    short = {"within", "mentor"}
    for model, table in admin.site._registry.items():
        if model._meta.app_label not in ("cadres", "reports"):
            continue
        assert table.search_fields, model
        assert not table.raw_id_fields, model
        for field in model._meta.fields:
            editable = (
                field.is_relation and table.edit_capability and field.name in (table.form.base_fields or ())
            )
            if editable and field.name not in short and field.name not in table.readonly_fields:
                assert field.name in table.autocomplete_fields, (model, field.name)


def test_every_history_has_its_table_with_export():
    for kind in KINDS.values():
        table = admin.site._registry[kind.model]
        assert table.may_leave, kind.slug
        assert "export_ticked" in table.actions, kind.slug
    assert admin.site._registry[Appointment].may_leave


def test_requests_for_correction_are_found_without_what_they_say(clerk, tree):
    cadre = make_cadre(tree.school_east, "张三", user=make_user("zhang", "张三"))
    made = request_correction(
        cadre=cadre, by=cadre.user, kind="basic", values={"phone": "13800000000"}, explanation="换了号码"
    )
    listing = reverse("admin:cadres_correction_changelist")
    assert "更正基本信息" in clerk.get(listing, {"q": "zs"}).content.decode()
    url = reverse("admin:cadres_correction_change", args=[made.pk])
    page = clerk.get(url).content.decode()
    assert "办理记录" in page
    assert reverse("correction-detail", args=[made.pk]) in page
    assert "13800000000" not in page
    assert "换了号码" not in page
    assert clerk.post(url, {"status": "accepted"}).status_code == 403
    Correction.objects.filter(pk=made.pk).update(status="draft")
    assert "张三" not in clerk.get(listing).content.decode()
    assert clerk.get(url).status_code in (302, 404)


def test_a_code_changed_by_a_colleague_isn_t_overwritten_unseen(clerk):
    code = make_code("title", "1", "甲")
    url = reverse("admin:cadres_code_change", args=[code.pk])
    seen = clerk.get(url).context["version"]
    Code.objects.filter(pk=code.pk).update(name="同事改的")
    typed = {
        "name": "我改的",
        "short": "",
        "aliases": "",
        "level": "",
        "order": "0",
        "is_active": "on",
        "_version": seen,
    }
    page = clerk.post(url, typed).content.decode()
    assert "名称：现在是“同事改的”，您填写的是“我改的”" in page
    assert Code.objects.get().name == "同事改的"


def test_profiles_are_published_and_withdrawn(clerk, tree):
    cadre = make_cadre(tree.school_east, "张三")
    day = dt.date(2026, 3, 1)
    judged = CompetenceProfile.objects.create(cadre=cadre, on=day, source="superior", scores=[80] * 6)
    own = CompetenceProfile.objects.create(cadre=cadre, on=day, source="self", scores=[90] * 6)
    assert "张三：自评本人一直可以看到" in act(
        clerk, "cadres_competenceprofile", "publish_ticked", judged, own
    )
    judged.refresh_from_db()
    assert judged.published_on is None
    act(clerk, "cadres_competenceprofile", "publish_ticked", judged)
    judged.refresh_from_db()
    assert judged.published_on is not None
    act(clerk, "cadres_competenceprofile", "withdraw_ticked", judged)
    judged.refresh_from_db()
    assert judged.published_on is None


def test_reviews_are_corrected_through_their_service_but_for_a_mentor_s(clerk, tree):
    made = make_histories(make_cadre(tree.school_east, "张三"))
    review, plan = made["reserve_review"], made["plan_review"]
    url = reverse("admin:cadres_reservereview_change", args=[review.pk])
    assert clerk.post(url, {"year": "2031", "status": "4"}).status_code == 200
    assert clerk.post(url, {"year": "2025", "status": "2"}).status_code == 302
    review.refresh_from_db()
    assert (review.status, review.opinion, review.entry.status) == ("2", SECRET, "2")
    assert AuditEntry.objects.filter(action="review.edit").count() == 1
    type(plan).objects.filter(pk=plan.pk).update(by_mentor=True)
    url = reverse("admin:cadres_planreview_change", args=[plan.pk])
    assert clerk.post(url, {"on": "2025-06-01", "progress": "改写", "advice": ""}).status_code == 403
    plan.refresh_from_db()
    assert plan.progress == "按期推进"


@pytest.mark.parametrize("key", ["x", "1\x00", "9" * 20, ""])
@pytest.mark.parametrize("table", ["cadres/code", "accounts/unit", "cadres/personnelrelation"])
def test_a_key_that_can_t_be_one_is_nobody_ticked(clerk, tree, table, key):
    make_code("title", "1", "甲")
    ticked = {"action": "export_ticked", "_selected_action": key, "index": "0"}
    assert clerk.post(f"/admin/{table}/", ticked).status_code in (200, 302)


@pytest.mark.parametrize("value", ["99999999", "0", "x", "-1"])
def test_a_year_out_of_range_is_not_understood(clerk, value):
    answer = clerk.get(f"/admin/reports/qualitycheck/?on__year={value}", follow=True)
    assert answer.status_code == 200
