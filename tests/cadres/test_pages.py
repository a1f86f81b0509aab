"""The roster's pages as each of the cast sees them: scope, levels, forms that keep what was typed."""

import datetime as dt

import pytest
from django.urls import reverse

from cadres.fields import LEVELS, fields_for
from cadres.models import AnnualAssessment, Appointment, Cadre, Education, PoliticalStatus
from cadres.summaries import summaries
from core.models import AuditEntry
from core.versions import version_of
from tests.cadres.factories import identity, make_appointment, make_cadre, make_code, make_post, own

pytestmark = pytest.mark.django_db


def person(tree, name="张三", **fields):
    """A person with one entry in each history."""
    cadre = make_cadre(tree.school_east, name, phone="13812345678", **fields)
    make_appointment(cadre, "副校长", document_number="区教党〔2019〕7号")
    level = make_code("education", "21", "大学本科毕业", short="大学", level=50)
    Education.objects.create(
        cadre=cadre, mode="full_time", level=level, level_text="大学", school="示例师范学院"
    )
    PoliticalStatus.objects.create(
        cadre=cadre, status=make_code("political", "01", "中国共产党党员", short="中共党员")
    )
    AnnualAssessment.objects.create(cadre=cadre, year=2025, grade="excellent")
    return cadre


def queries_of(client, url, django_assert_max_num_queries, most):
    with django_assert_max_num_queries(most) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "url_name", ["cadre-list", "cadre-pick", "api-cadres-list", "api-appointments-list", "api-posts-list"]
)
def test_lists_ask_as_much_for_three_rows_as_for_one(
    tree, hr, signed_in, django_assert_max_num_queries, url_name
):
    client, url = signed_in(hr), reverse(url_name)
    first = person(tree, "张三")
    make_post(tree.school_east)
    client.get(url)
    once = queries_of(client, url, django_assert_max_num_queries, 12)
    for name in ("李四", "王五"):
        person(tree, name)
        make_post(tree.school_west, name)
    assert queries_of(client, url, django_assert_max_num_queries, 12) == once
    assert first.pk


def test_the_list_shows_a_person_in_words(tree, hr, signed_in):
    person(tree)
    page = signed_in(hr).get(reverse("cadre-list")).content.decode()
    for words in ("张三", "东河镇中心小学", "副校长", "2019年8月", "大学", "中共党员", "共 1 人"):
        assert words in page


def test_the_count_is_asked_for_afterwards_only_when_there_are_more_pages(tree, hr, signed_in, monkeypatch):
    monkeypatch.setattr(
        "cadres.views.lists.list_page.__kwdefaults__", {"cursor": "", "size": 2}, raising=False
    )
    for name in ("甲", "乙", "丙"):
        make_cadre(tree.school_east, name)
    client = signed_in(hr)
    page = client.get(reverse("cadre-list")).content.decode()
    assert reverse("cadre-count") in page
    assert "共 3 人" in client.get(reverse("cadre-count")).content.decode()


def test_an_empty_list_says_what_to_do(tree, hr, principal_east, signed_in):
    assert "名册里还没有干部" in signed_in(hr).get(reverse("cadre-list")).content.decode()
    page = signed_in(principal_east).get(reverse("cadre-list"), {"search": "东河镇"}).content.decode()
    assert "没有符合条件的干部" in page
    assert "您是不是要找单位" in page


@pytest.mark.parametrize(
    ("who", "status"),
    [("hr", 200), ("party", 200), ("central_east", 200), ("principal_east", 200), ("principal_west", 404),
     ("central_west", 404), ("cadre_user", 404), ("host", 404), ("auditor", 404), ("sysadmin", 404), ("secadmin", 404)],
)  # fmt: skip
def test_a_persons_page_is_open_inside_the_scope_alone(tree, signed_in, request, who, status):
    cadre = person(tree)
    client = signed_in(request.getfixturevalue(who))
    assert client.get(reverse("cadre-detail", args=[cadre.pk])).status_code == status
    expected = 404 if status == 404 else (200 if who == "hr" else 403)
    assert client.get(reverse("cadre-edit", args=[cadre.pk])).status_code == expected
    assert client.get(reverse("history-add", args=[cadre.pk, "appointment"])).status_code == expected


def test_one_sees_ones_own_record_without_any_grant(tree, cadre_user, signed_in):
    cadre = own(cadre_user, person(tree, id_number=identity()))
    other = make_cadre(tree.school_east, "李四")
    client = signed_in(cadre_user)
    response = client.get(reverse("my-record"), follow=True)
    page = response.content.decode()
    assert response.redirect_chain[-1][0] == reverse("cadre-detail", args=[cadre.pk])
    assert "13812345678" in page
    assert cadre.id_number not in page
    assert "********" in page
    assert reverse("cadre-edit", args=[cadre.pk]) not in page
    assert client.get(reverse("cadre-detail", args=[other.pk])).status_code == 404
    assert client.post(reverse("cadre-identity", args=[cadre.pk]), {"reason": "看看"}).status_code == 403


def test_without_a_record_my_page_says_so(tree, cadre_user, signed_in):
    assert "还没有对应的干部档案" in signed_in(cadre_user).get(reverse("my-record")).content.decode()


def test_levels_of_fields(tree, hr, principal_east, principal_west, cadre_user):
    cadre = own(cadre_user, person(tree))
    assert fields_for(hr, cadre) == frozenset(LEVELS)
    sensitive = {
        "id_number", "health", "family", "oversight", "evaluations", "petitions", "reserve", "competences",
    }  # fmt: skip
    assert fields_for(principal_east, cadre) == frozenset(LEVELS) - sensitive
    assert fields_for(principal_west, cadre) == frozenset()
    assert fields_for(cadre_user, cadre) == frozenset(LEVELS) - {"oversight", "evaluations", "reserve"}
    assert fields_for(None, cadre) == frozenset()


def test_internal_level_alone_shows_no_personal_data(tree, principal_east, monkeypatch):
    cadre = person(tree, id_number=identity())
    monkeypatch.setattr("cadres.fields.may_on", lambda user, capability, obj: capability == "cadre.view")
    row = summaries([cadre.pk], user=principal_east)[0]
    assert {name for name, value in row.items() if value is not None} <= {
        n for n, lv in LEVELS.items() if lv == 1
    }
    assert row["phone"] is None
    assert row["id_number"] is None
    assert row["post"] == "副校长"


def test_the_number_is_shown_once_after_a_reason(tree, hr, principal_east, signed_in):
    cadre = person(tree, id_number=identity())
    url = reverse("cadre-identity", args=[cadre.pk])
    client = signed_in(hr)
    assert cadre.id_number not in client.get(reverse("cadre-detail", args=[cadre.pk])).content.decode()
    assert cadre.id_number not in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    response = client.post(url, {"reason": "办理任免审批表"})
    assert cadre.id_number in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert AuditEntry.objects.filter(action="cadre.reveal_identity").count() == 1
    assert signed_in(principal_east).post(url, {"reason": "看看"}).status_code == 403


def test_creating_and_correcting_through_the_forms(tree, hr, signed_in):
    client = signed_in(hr)
    typed = {
        "name": "李四",
        "unit": tree.school_east.pk,
        "birth": "75.8",
        "work_start": "1996年7月",
        "phone": "13900000000",
    }
    response = client.post(reverse("cadre-create"), {**typed, "birth": "不知道"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "不知道" in page
    assert "1996年7月" in page
    assert not Cadre.objects.exists()
    response = client.post(reverse("cadre-create"), typed)
    cadre = Cadre.objects.get()
    assert response["Location"] == reverse("cadre-detail", args=[cadre.pk])
    assert (cadre.birth, cadre.birth_precision) == (dt.date(1975, 8, 1), "month")
    edit = reverse("cadre-edit", args=[cadre.pk])
    assert "1975.08" in client.get(edit).content.decode()
    changed = {"name": "李四", "birth": "1975.08", "phone": "13800000000", "version": version_of(cadre)}
    assert client.post(edit, changed).status_code == 302
    assert Cadre.objects.get().phone == "13800000000"


def test_a_stale_form_shows_both_versions_and_overwrites_nothing(tree, hr, signed_in):
    cadre = make_cadre(tree.school_east, "张三", phone="13800000111")
    client, url, seen = signed_in(hr), reverse("cadre-edit", args=[cadre.pk]), version_of(cadre)
    typed = {"name": "张三", "gender": "1", "birth": "1980-05-03", "phone": "13800000222", "version": seen}
    client.post(url, typed)
    response = client.post(url, {**typed, "phone": "13800000333"})
    page = response.content.decode()
    assert response.status_code == 412
    assert "222" in page
    assert "333" in page
    assert Cadre.objects.get().phone == "13800000222"
    again = version_of(Cadre.objects.get())
    assert again in page
    assert client.post(url, {**typed, "phone": "13800000333", "version": again}).status_code == 302
    assert Cadre.objects.get().phone == "13800000333"


def test_a_namesake_is_asked_about_in_the_form(tree, hr, signed_in):
    make_cadre(tree.school_east, "张三")
    client = signed_in(hr)
    typed = {"name": "张三", "unit": tree.school_east.pk, "birth": "1980.05"}
    page = client.post(reverse("cadre-create"), typed).content.decode()
    assert 'type="checkbox" name="namesake_confirmed"' in page
    assert client.post(reverse("cadre-create"), {**typed, "namesake_confirmed": "on"}).status_code == 302


@pytest.mark.parametrize(
    ("kind", "typed", "wrong"),
    [
        (
            "appointment",
            {"title": "书记", "unit_text": "外县一中", "kind": "concurrent", "start": "2020.3"},
            {"start": "某天"},
        ),
        (
            "education",
            {"mode": "in_service", "level": "L", "school": "西南大学", "end": "2016"},
            {"mode": "x"},
        ),
        ("title", {"title_text": "一级教师", "start": "2014-12"}, {"title_text": ""}),
        ("rank", {"kind": "rank", "name": "一级校长", "start": "2020.1.5"}, {"start": ""}),
        ("political", {"status": "P", "start": "2001.07"}, {"status": ""}),
        ("assessment", {"year": "2024", "grade": "qualified", "labels": "civil"}, {"year": "1900"}),
    ],
)
def test_each_history_is_added_corrected_ended_and_taken_out(tree, hr, signed_in, kind, typed, wrong):
    level, party = (
        make_code("education", "21", "大学本科毕业", level=50),
        make_code("political", "06", "民建会员"),
    )
    typed = {k: {"L": level.pk, "P": party.pk}.get(v, v) for k, v in typed.items()}
    cadre, client = make_cadre(tree.school_east, "张三"), signed_in(hr)
    add = reverse("history-add", args=[cadre.pk, kind])
    assert client.get(add).status_code == 200
    assert client.post(add, {**typed, **wrong}).status_code == 422
    assert client.post(add, typed).status_code == 302
    from cadres.forms.histories import FORMS

    record = FORMS[kind][0].objects.get(cadre=cadre)
    edit = reverse("history-edit", args=[cadre.pk, kind, record.pk])
    page = client.get(edit)
    assert page.status_code == 200
    again = {**typed, "version": version_of(record)}
    assert client.post(edit, again).status_code == 302
    end = reverse("history-end", args=[cadre.pk, kind, record.pk])
    assert client.get(end).status_code == 200
    assert client.post(end, {"on": "2026.01"}).status_code == (404 if kind == "assessment" else 302)
    delete = reverse("history-delete", args=[cadre.pk, kind, record.pk])
    assert client.post(delete, {"reason": ""}).status_code == 422
    assert client.post(delete, {"reason": "误登"}).status_code == 302
    assert not FORMS[kind][0].objects.filter(cadre=cadre).exists()


def test_an_entry_of_somebody_else_is_not_reached_through_ones_own_address(tree, hr, signed_in):
    mine, other = make_cadre(tree.school_east, "张三"), make_cadre(tree.school_west, "李四")
    record = make_appointment(other)
    url = reverse("history-delete", args=[mine.pk, "appointment", record.pk])
    assert signed_in(hr).post(url, {"reason": "误"}).status_code == 404
    assert Appointment.objects.filter(pk=record.pk).exists()
    assert signed_in(hr).get(reverse("history-add", args=[mine.pk, "nonsense"])).status_code == 404


def test_transfer_leave_and_return_pages(tree, hr, signed_in):
    cadre, client = make_cadre(tree.school_east, "张三"), signed_in(hr)
    for name, typed in (
        ("cadre-transfer", {"to_unit": tree.school_west.pk, "on": "2026-01-01"}),
        ("cadre-leave", {"leaving": "retired", "on": "2026-02-01"}),
        ("cadre-return", {"unit": tree.school_west.pk, "on": "2026-03-01"}),
    ):
        url = reverse(name, args=[cadre.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {**typed, "on": "2099-01-01"}).status_code == 422
        assert client.post(url, typed).status_code == 302
    cadre.refresh_from_db()
    assert cadre.unit == tree.school_west


def test_the_team_panel_counts_holders_vacancies_and_overflow(
    tree, hr, principal_east, principal_west, signed_in
):
    make_post(tree.school_east, "校长", headcount=1)
    deputy = make_post(tree.school_east, "副校长", "deputy", headcount=1)
    for name in ("张三", "李四"):
        make_appointment(make_cadre(tree.school_east, name), post=deputy)
    url = reverse("unit-team", args=[tree.school_east.pk])
    page = signed_in(hr).get(url).content.decode()
    assert "空缺 1" in page
    assert "超配 1" in page
    assert "缺配 1 人" in page
    assert (
        reverse("post-create", args=[tree.school_east.pk])
        not in signed_in(principal_east).get(url).content.decode()
    )
    assert signed_in(principal_west).get(url).status_code == 404


def test_post_pages(tree, hr, principal_east, signed_in):
    client = signed_in(hr)
    new = reverse("post-create", args=[tree.school_east.pk])
    assert signed_in(principal_east).get(new).status_code == 403
    assert client.post(new, {"title": "校长", "category": "head", "headcount": "1"}).status_code == 302
    assert client.post(new, {"title": "校长", "category": "head"}).status_code == 422
    post = tree.school_east.posts.get()
    edit = reverse("post-edit", args=[post.pk])
    assert client.get(edit).status_code == 200
    typed = {"title": "书记", "category": "head", "version": version_of(post)}
    assert client.post(edit, typed).status_code == 302
    assert client.post(edit, typed).status_code == 412
    assert client.post(reverse("post-close", args=[post.pk]), {"on": "2026-01-01"}).status_code == 302


def test_the_picker_offers_people_in_service_in_view(tree, principal_east, signed_in):
    make_appointment(make_cadre(tree.school_east, "张伟"), "副校长")
    make_cadre(tree.school_east, "张退", left=dt.date(2020, 1, 1))
    make_cadre(tree.school_west, "张西")
    page = signed_in(principal_east).get(reverse("cadre-pick"), {"q": "zhang"}).content.decode()
    assert "东河镇中心小学 · 副校长" in page
    assert "张退" not in page
    assert "张西" not in page


def test_accounts_page_shows_the_administrator_names_and_units_alone(tree, sysadmin, hr, signed_in):
    cadre = person(tree, "张三", id_number=identity())
    client = signed_in(sysadmin)
    page = client.get(reverse("cadre-accounts")).content.decode()
    assert "张三" in page
    assert "13812345678" not in page
    assert "副校长" not in page
    assert signed_in(hr).get(reverse("cadre-accounts")).status_code == 403
    assert signed_in(hr).post(reverse("cadre-accounts-open"), {"ids": cadre.pk}).status_code == 403
    assert client.post(reverse("cadre-accounts-open"), {"ids": cadre.pk}).status_code == 302
    cadre.refresh_from_db()
    assert cadre.user is not None
    assert client.get(reverse("cadre-detail", args=[cadre.pk])).status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        {"unit": "x"},
        {"unit": "99999999999999999999"},
        {"sort": "x", "tab": "x", "age": "x", "gender": "9"},
        {"search": "\x00"},
        {"cursor": "\x00"},
    ],
)
def test_nonsense_in_the_address_breaks_nothing(tree, hr, signed_in, asked):
    make_cadre(tree.school_east, "张三")
    for name in ("cadre-list", "cadre-count", "cadre-pick", "api-cadres-list"):
        assert signed_in(hr).get(reverse(name), asked).status_code in (200, 400, 404)
