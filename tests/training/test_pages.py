"""The pages of classes: making one, enrolling, consenting, applying, and what is refused says why."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from core.navigation import entries_for
from core.started import started_by
from core.todo import todos_for
from reports.home import coming
from reports.queries.saving import build_query, save_query
from tests.programs.factories import make_cadre, moment
from tests.training.factories import applied, make_class, person
from training.models import ClassTarget, ClassTargets, Enrolment, TrainingClass
from training.services.classes import take_class_action
from training.services.enrolments import enrol

pytestmark = pytest.mark.django_db
FORM = {
    "title": "教学管理班", "summary": "校本研修", "mode": "block", "venue": "进修学校", "hours": "16",
    "starts_on": "2026-12-07", "ends_on": "2026-12-08", "capacity": "2", "enrol_from": "2026-11-10T08:00",
    "enrol_until": "2026-11-30T17:00", "self_enrolment": "on",
}  # fmt: skip


def said(answer):
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def text(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_class_is_made_planned_and_opened(clock, tree, hr, principal_east, signed_in):
    client = signed_in(hr)
    assert f'value="{tree.bureau.pk}"' in text(client, "class-new")
    answer = client.post(reverse("class-new"), {**FORM, "unit": tree.bureau.pk})
    made = TrainingClass.objects.get()
    assert answer.url == reverse("class-detail", args=[made.pk])
    assert (made.unit, made.status, made.hours) == (tree.bureau, "draft", 16)
    rows = {
        "phases-TOTAL_FORMS": "3", "phases-INITIAL_FORMS": "0", "phases-0-name": "政策法规", "phases-0-days": "1",
        "phases-0-mode": "block", "phases-1-name": "", "phases-2-name": "领导力", "phases-2-days": "1.5",
        "phases-2-mode": "online",
    }  # fmt: skip
    assert client.post(reverse("class-phases", args=[made.pk]), rows).status_code == 302
    assert list(made.phases.values_list("name", "days", "mode")) == [
        ("政策法规", 1, "block"),
        ("领导力", dt.timedelta(days=1.5) / dt.timedelta(days=1), "online"),
    ]
    session = {
        "day": "2026-12-07",
        "begins": "09:00",
        "ends": "11:30",
        "topic": "学校规划",
        "trainer": "文老师",
    }
    answer = client.post(reverse("class-session-add", args=[made.pk]), {**session, "again": "1"})
    assert answer.url == f"{reverse('class-session-add', args=[made.pk])}?day=2026-12-07"
    assert signed_in(principal_east).get(reverse("class-detail", args=[made.pk])).status_code == 404
    answer = client.post(reverse("class-take", args=[made.pk]), {"action": "open"})
    assert (
        said(answer)
        == "已建立，还没有开始报名。可以先排阶段和课程、限定培训对象，再点“开始报名”。 阶段已保存。 已安排“学校规划”。 报名已开始，已通知各单位。"
    )
    page = text(signed_in(principal_east), "class-detail", made.pk)
    assert all(words in page for words in ("报名中", "09:00–11:30", "学校规划", "领导力", "为人员报名"))


def test_more_rows_keep_what_was_typed(drafted, hr, signed_in):
    rows = {"phases-TOTAL_FORMS": "1", "phases-INITIAL_FORMS": "0", "phases-0-name": "领导力", "more": "1"}
    answer = signed_in(hr).post(reverse("class-phases", args=[drafted.pk]), rows)
    page = answer.content.decode()
    assert (answer.status_code, 'value="领导力"' in page, 'name="phases-3-name"' in page) == (200, True, True)
    assert not drafted.phases.exists()


def test_a_phase_without_days_is_named_at_its_row(drafted, hr, signed_in):
    rows = {"phases-TOTAL_FORMS": "2", "phases-INITIAL_FORMS": "0", "phases-1-name": "领导力"}
    answer = signed_in(hr).post(reverse("class-phases", args=[drafted.pk]), rows)
    assert answer.status_code == 422
    assert "第 2 行，天数" in answer.content.decode()


def test_a_wrong_class_comes_back_with_the_sentences_at_its_fields(clock, tree, hr, signed_in):
    wrong = {**FORM, "unit": tree.bureau.pk, "ends_on": "2026-12-01", "enrol_until": "2026-12-20T08:00"}
    answer = signed_in(hr).post(reverse("class-new"), wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "结束日期不能早于开班日期。" in page
    assert "报名截止不能晚于开班日期。" in page
    assert 'value="教学管理班"' in page
    assert not TrainingClass.objects.exists()


def test_an_older_form_shows_both_versions_and_only_what_differs(drafted, hr, signed_in):
    client = signed_in(hr)
    address = reverse("class-edit", args=[drafted.pk])
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields if name != "self_enrolment"}
    sent |= {
        "enrol_from": "2026-11-10T08:00", "enrol_until": "2026-11-30T17:00", "self_enrolment": "on",
        "title": "我写的",
    }  # fmt: skip
    TrainingClass.objects.filter(pk=drafted.pk).update(
        title="别人写的", updated_at=moment("2026-11-20 08:30")
    )
    answer = client.post(address, sent)
    assert answer.status_code == 412
    assert [each["label"] for each in answer.context["differences"]] == ["培训班名称"]
    drafted.refresh_from_db()
    assert drafted.title == "别人写的"


def test_once_people_enrol_only_what_takes_nothing_away_is_asked(training_class, hr, signed_in):
    client = signed_in(hr)
    address = reverse("class-edit", args=[training_class.pk])
    form = client.get(address).context["form"]
    assert [each.name for each in form.visible_fields()] == ["summary", "venue", "capacity"]
    answer = client.post(address, {"capacity": "1", "version": form["version"].value()})
    assert answer.status_code == 422
    assert "报名开始后名额只能增加（现为 2 人）。" in answer.content.decode()


def test_more_time_is_given_with_a_reason(training_class, hr, signed_in):
    client = signed_in(hr)
    address = reverse("class-extend", args=[training_class.pk])
    assert address in text(client, "class-detail", training_class.pk)
    answer = client.post(address, {"enrol_until": "2026-11-25T17:00", "comment": "人数不足"})
    assert "新的报名截止时间须晚于原来的截止时间。" in answer.content.decode()
    assert client.post(address, {"enrol_until": "2026-12-03T17:00", "comment": "人数不足"}).status_code == 302
    training_class.refresh_from_db()
    assert training_class.enrol_until == moment("2026-12-03 17:00")


def test_a_school_enrols_its_own_many_at_once_and_hears_why_not(
    training_class, tree, principal_east, signed_in
):
    names = [make_cadre(tree.school_east, name) for name in ("东一", "东二", "东三")]
    west = make_cadre(tree.school_west, "西一")
    client = signed_in(principal_east)
    page = text(client, "class-enrol", training_class.pk)
    assert "东一" in page
    assert "西一" not in page
    ids = [each.pk for each in (*names, west)]
    answer = client.post(reverse("class-enrol", args=[training_class.pk]), {"ids": ids})
    words = said(answer)
    assert "东一（已录取）" in words
    assert "东三（候补）" in words
    assert "不在您的权限范围内" in words
    found = list(Enrolment.objects.order_by("pk").values_list("cadre__name", "status"))
    assert found == [("东一", "enrolled"), ("东二", "enrolled"), ("东三", "waiting")]
    people = text(client, "class-people", training_class.pk)
    assert "候补第 1 位" in people
    assert "东一" not in text(client, "class-enrol", training_class.pk)


def test_outside_the_window_the_button_says_why(training_class, clock, hr, principal_east, signed_in):
    clock("2026-12-01 08:00")
    page = text(signed_in(principal_east), "class-detail", training_class.pk)
    assert "报名已于2026年11月30日 17:00截止。" in page
    assert reverse("class-enrol", args=[training_class.pk]) not in page
    late = text(signed_in(hr), "class-detail", training_class.pk)
    assert reverse("class-enrol", args=[training_class.pk]) in late


def test_a_cadre_applies_and_the_school_consents(training_class, tree, principal_east, signed_in):
    cadre = person(tree.school_east, "东学")
    own = signed_in(cadre.user)
    assert training_class.title in text(own, "my-training")
    assert reverse("class-apply", args=[training_class.pk]) in text(own, "class-detail", training_class.pk)
    answer = own.post(reverse("class-apply", args=[training_class.pk]), {"reason": "想学校本研修"})
    row = Enrolment.objects.get()
    assert (answer.url, row.status, row.reason) == (
        reverse("enrolment-detail", args=[row.pk]), "applied", "想学校本研修",
    )  # fmt: skip
    page = text(own, "enrolment-detail", row.pk)
    assert "东方明同意" in page
    assert "同意报名" not in page
    assert [(each.title, each.url) for each in todos_for(principal_east) if "培训报名" in each.title] == [
        ("同意 1 人的培训报名", answer.url)
    ]
    client = signed_in(principal_east)
    assert "想学校本研修" in text(client, "enrolment-detail", row.pk)
    done = client.post(reverse("enrolment-take", args=[row.pk]), {"action": "approve"})
    assert said(done) == "东学：已录取，已通知本人。"
    assert not [each for each in todos_for(principal_east) if "培训报名" in each.title]
    assert "已录取" in text(own, "my-training")


def test_who_may_not_apply_reads_why(training_class, tree, hr, signed_in):
    outsider = person(tree.school_east)
    ClassTargets.objects.create(
        training_class=training_class,
        words="年龄 ≤ 35 岁",
        count=1,
        set_by=hr,
        set_at=moment("2026-11-20 08:00"),
    )
    ClassTarget.objects.create(training_class=training_class, cadre=make_cadre(tree.school_east))
    client = signed_in(outsider.user)
    page = text(client, "class-detail", training_class.pk)
    assert f"{outsider.name}不在本班的培训对象（年龄 ≤ 35 岁）之内。" in page
    assert reverse("class-apply", args=[training_class.pk]) not in page
    assert training_class.title not in text(client, "my-training")
    answer = client.post(reverse("class-apply", args=[training_class.pk]))
    assert answer.status_code == 422
    assert "不在本班的培训对象" in answer.content.decode()


def test_many_consents_in_one_press(training_class, tree, principal_east, signed_in):
    rows = [applied(training_class, tree.school_east) for _ in range(3)]
    elsewhere = applied(training_class, tree.school_west)
    client = signed_in(principal_east)
    todo = next(each for each in todos_for(principal_east) if "培训报名" in each.title)
    assert (todo.count, todo.url) == (
        3,
        f"{reverse('class-people', args=[training_class.pk])}?status=applied",
    )
    page = text(client, "class-people", training_class.pk)
    assert all(f'value="{row.pk}"' in page for row in rows)
    sent = {"ids": [row.pk for row in [*rows, elsewhere]], "action": "approve"}
    answer = client.post(reverse("class-people-bulk", args=[training_class.pk]), sent)
    assert "已办理 3 份报名" in said(answer)
    assert "不在您的权限范围内" in said(answer)
    states = Enrolment.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == ["enrolled", "enrolled", "waiting", "applied"]
    assert 'name="ids"' not in text(client, "class-people", training_class.pk)


def test_a_refusal_without_words_comes_back_with_the_sentence(
    training_class, tree, principal_east, signed_in
):
    row = applied(training_class, tree.school_east)
    client = signed_in(principal_east)
    answer = client.post(reverse("enrolment-take", args=[row.pk]), {"action": "refuse", "comment": " "})
    assert answer.status_code == 422
    assert "请写明意见。" in answer.content.decode()
    take = {"action": "refuse", "comment": "期末教学任务重"}
    assert client.post(reverse("enrolment-take", args=[row.pk]), take).status_code == 302
    late = client.post(reverse("enrolment-take", args=[row.pk]), {"action": "approve"})
    assert late.status_code == 409
    assert "已被东方明办理（不同意）" in late.content.decode()
    assert "期末教学任务重" in text(signed_in(row.cadre.user), "enrolment-detail", row.pk)


def test_a_head_s_own_application_goes_up(training_class, tree, principal_east, central_east, signed_in):
    head = make_cadre(tree.school_east, "东方明", user=principal_east)
    client = signed_in(principal_east)
    client.post(reverse("class-apply", args=[training_class.pk]))
    row = Enrolment.objects.get(cadre=head)
    assert not [each for each in todos_for(principal_east) if "培训报名" in each.title]
    assert [each.title for each in todos_for(central_east) if "培训报名" in each.title] == [
        "同意 1 人的培训报名"
    ]
    assert f'value="{row.pk}"' not in text(client, "class-people", training_class.pk)
    mine = signed_in(central_east).get(reverse("class-list"), {"tab": "mine"}).content.decode()
    assert training_class.title in mine
    assert training_class.title not in client.get(reverse("class-list"), {"tab": "mine"}).content.decode()


def test_settling_tells_what_it_ends(training_class, clock, tree, hr, principal_east, signed_in):
    applied(training_class, tree.school_east)
    client = signed_in(hr)
    page = text(client, "class-detail", training_class.pk)
    assert "还没有同意的 1 份报名将作未录取处理" in " ".join(page.split())
    clock("2026-12-01 08:00")
    assert [each.title for each in todos_for(hr) if "名单" in each.title] == ["确定培训班名单"]
    client = signed_in(hr)
    settled = client.post(reverse("class-take", args=[training_class.pk]), {"action": "settle"})
    assert said(settled) == "名单已定，已通知学员；没有录取的也已告知。"
    assert not [each for each in todos_for(hr) if "名单" in each.title]
    again = client.post(reverse("class-take", args=[training_class.pk]), {"action": "settle"})
    assert "当前状态：名单已定" in said(again)


def test_a_query_s_people_become_those_a_class_is_for(drafted, tree, hr, principal_east, signed_in):
    young = make_cadre(tree.school_east, "东青", birth=dt.date(1995, 1, 1))
    make_cadre(tree.school_east, "东壮", birth=dt.date(1980, 1, 1))
    make_cadre(tree.school_west, "西青", birth=dt.date(1995, 1, 1))
    query = save_query(
        by=hr,
        name="青年",
        query=build_query(where={"items": [{"fact": "age", "op": "at_most", "value": 35}]}),
    )
    client = signed_in(hr)
    assert "去查询" in text(client, "class-targets", drafted.pk)
    assert reverse("query-targets", args=[query.pk]) in text(client, "query-run", query.pk)
    address = f"{reverse('query-targets', args=[query.pk])}?for=class"
    assert client.post(address, {"target": drafted.pk}).status_code == 302
    assert "年龄 ≤ 35 岁" in text(client, "class-targets", drafted.pk)
    take_class_action(training_class=drafted, action="open", by=hr)
    seen = signed_in(principal_east)
    shown = text(seen, "class-targets", drafted.pk)
    assert ("东青" in shown, "未报名" in shown, "东壮" in shown) == (True, True, False)
    assert ("共 2 人" in shown, "西青" in shown) == (True, False)
    assert "东壮" not in text(seen, "class-enrol", drafted.pk)
    enrol(training_class=drafted, cadre=young, by=principal_east)
    assert "已录取" in text(seen, "class-targets", drafted.pk)


def test_a_person_s_page_tells_of_classes(training_class, tree, hr, signed_in):
    cadre = make_cadre(tree.school_east, "东学")
    enrol(training_class=training_class, cadre=cadre, by=hr)
    client = signed_in(hr)
    assert training_class.title in text(client, "panel-cadre-training", cadre.pk)
    page = text(client, "cadre-detail", cadre.pk)
    assert training_class.title in page
    assert "已录取，还没有开班" in page
    take_class_action(training_class=training_class, action="cancel", by=hr, comment="场地有变")
    assert training_class.title not in text(client, "cadre-detail", cadre.pk)
    assert "培训班已取消" in text(client, "panel-cadre-training", cadre.pk)


def test_an_empty_search_says_so(training_class, hr, signed_in):
    page = text(signed_in(hr), "class-list", search="没有这个班")
    assert ("没有符合条件的培训班" in page, "建立培训班，排好" in page) == (True, False)


def test_a_cancelled_class_is_nobody_s_place(training_class, tree, hr, signed_in):
    cadre = person(tree.school_east)
    enrol(training_class=training_class, cadre=cadre, by=hr)
    own = signed_in(cadre.user)
    assert [line.status for line in coming(cadre.user)] == ["开班"]
    take_class_action(training_class=training_class, action="cancel", by=hr, comment="场地有变")
    page = text(own, "my-training")
    assert "培训班已取消" in page
    assert "已录取" not in page
    assert coming(cadre.user) == []
    assert "培训班已取消" in text(own, "enrolment-detail", Enrolment.objects.get().pk)


def test_what_one_started_says_how_it_stands(training_class, tree, hr):
    cadre = person(tree.school_east)
    enrol(training_class=training_class, cadre=cadre, by=hr)
    line = next(each for each in started_by(hr) if each.title == training_class.title)
    assert (line.status, line.detail) == ("报名中", "录取 1 / 2")
    own = next(each for each in started_by(cadre.user) if each.title == training_class.title)
    assert own.status == "已录取"


@pytest.mark.parametrize("tab", ["draft", "open", "mine", "settled", "done", "all"])
def test_the_tabs_hold_what_they_say(tab, training_class, tree, hr, signed_in):
    states = {"draft": "draft", "settled": "settled", "done": "finished"}
    for status in ("draft", "settled", "finished", "cancelled"):
        made = make_class(tree.bureau, hr, is_open=False, title=f"第{status}班")
        TrainingClass.objects.filter(pk=made.pk).update(status=status)
    page = signed_in(hr).get(reverse("class-list"), {"tab": tab})
    shown = {row.record.status for row in page.context["table"].rows}
    wanted = {"open": {"open"}, "mine": set(), "done": {"finished", "cancelled"},
              "all": {"draft", "open", "settled", "finished", "cancelled"}}  # fmt: skip
    assert shown == wanted.get(tab, {states.get(tab)})


def test_schools_don_t_see_drafts_and_each_sees_its_own_people(
    training_class, tree, hr, principal_west, signed_in
):
    make_class(tree.bureau, hr, is_open=False, title="筹备的班")
    enrol(training_class=training_class, cadre=make_cadre(tree.school_east, "东学"), by=hr)
    client = signed_in(principal_west)
    page = client.get(reverse("class-list"), {"tab": "draft"}).content.decode()
    assert ("筹备的班" in page, training_class.title in page) == (False, True)
    people = text(client, "class-people", training_class.pk)
    assert ("东学" in people, "已录取 1 人" in people) == (False, True)


@pytest.mark.parametrize("persona", ["hr", "party", "central_east", "principal_east"])
def test_everybody_finds_training_in_the_navigation(persona, request):
    shown = [each.label for each in entries_for(request.getfixturevalue(persona), "/classes/")]
    assert "培训" in shown
    assert "报表" in shown
