"""Pages of the query builder and of the facts: building step by step, running, saving, sharing, exporting."""

import datetime as dt
import io
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cadres.facts import FACTS
from cadres.models import AnnualAssessment
from core.models import AuditEntry, Job
from reports.models import ColumnChoice, SavedQuery
from reports.queries import running
from reports.queries.saving import build_query, save_query
from tests.cadres.factories import identity, make_appointment, make_cadre, make_code
from tests.factories import make_grant, make_holder
from tests.programs.factories import load_county_scheme, make_call

pytestmark = pytest.mark.django_db
NOON = "2026-11-20 12:00:00"
YOUNG = {"fact": "age", "op": "at_most", "value": 35}
CLEAN = {"fact": "restricted", "op": "is", "value": False}
FORM = {
    "kind-0": "group", "join-0": "and", "kind-0-0": "fact", "fact-0-0": "age", "op-0-0": "at_most",
    "value-0-0": "35", "people": "in",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def people(tree):
    make_cadre(tree.school_east, "东青", birth=dt.date(1995, 1, 1), id_number=identity(dt.date(1995, 1, 1)))
    make_cadre(tree.school_east, "东壮", birth=dt.date(1980, 1, 1))
    make_cadre(tree.school_west, "西青", birth=dt.date(1996, 1, 1))


def saved(by, *conditions, **options):
    """A saved query of somebody's."""
    query = build_query(where={"items": list(conditions) or [YOUNG]})
    return save_query(by=by, name=options.pop("name", "青年"), query=query, **options)


def text(answer):
    """What a page says."""
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def test_the_facts_page_lists_every_fact_and_who_uses_it(tree, hr, signed_in):
    call = make_call(load_county_scheme(tree.bureau), hr)
    client = signed_in(hr)
    page = client.get(reverse("fact-list"))
    for fact in FACTS.values():
        assert fact.label in page.content.decode()
        assert fact.definition in page.content.decode()
    assert call.title in page.content.decode()
    found = client.get(reverse("fact-list"), {"search": "农村"})
    labels = [each["fact"].label for group in found.context["groups"] for each in group["facts"]]
    assert labels == ["在农村学校", "农村学校工作年限"]
    assert "没有这样的指标" in text(client.get(reverse("fact-list"), {"search": "鑫"}))
    level = client.get(reverse("fact-list"), {"level": "C3"})
    assert {each["fact"].level for group in level.context["groups"] for each in group["facts"]} == {"C3"}


def test_a_call_out_of_view_isnt_named(tree, hr, principal_west, signed_in):
    call = make_call(load_county_scheme(tree.bureau), hr, is_open=False)
    page = signed_in(principal_west).get(reverse("fact-list"))
    assert call.title not in page.content.decode()


def test_a_query_is_built_step_by_step(hr, signed_in):
    make_code("title", "T420", "一级教师", level=30)
    client, url = signed_in(hr), reverse("query-builder")
    form = {"kind-0": "group", "join-0": "and", "kind-0-0": "fact"}
    answer = client.post(url, {**form, "act": "add-group:0"}).content.decode()
    assert 'name="kind-0-1" value="group"' in answer
    assert 'name="kind-0-1-0" value="fact"' in answer
    form |= {"kind-0-1": "group", "join-0-1": "or", "kind-0-1-0": "fact", "fact-0-1-0": "title_level"}
    answer = client.post(url, form).content.decode()
    assert "一级教师" in answer
    assert "不低于（≥）" in answer
    form |= {
        "op-0-1-0": "at_least",
        "value-0-1-0": "T420",
        "fact-0-0": "age",
        "op-0-0": "at_most",
        "value-0-0": "40",
    }
    assert "年龄 ≤ 40 岁 且 职称 ≥ 一级教师" in client.post(url, form).content.decode()
    form |= {"kind-0-2": "history", "history-0-2": "honour", "count-0-2": "2"}
    answer = client.post(url, {**form, "act": "add-row:0-2"}).content.decode()
    assert 'name="field-0-2.0"' in answer
    answer = client.post(url, {**form, "act": "remove:0-1"}).content.decode()
    assert "年龄 ≤ 40 岁 且 有过 2 条以上荣誉表彰" in answer


def test_a_form_that_means_nothing_is_a_form_again(hr, signed_in):
    client = signed_in(hr)
    for form in ({}, {"kind-0": "evil"}, {"kind-0": "group", "kind-0-0-0-0-0-0-0-0-0-0-0": "group"},
                 {"kind-0": "group", "act": "remove:0"}, {"kind-0": "group", "act": "add-row:0.99999"},
                 {"kind-0": "group", "kind-0-999": "fact", "fact-0-999": "x\x00", "act": "add-group:0-999"}):  # fmt: skip
        assert client.post(reverse("query-builder"), form).status_code == 200
        assert client.post(reverse("query-new"), form).status_code == 200
    answer = client.post(reverse("query-new"), {**FORM, "value-0-0": "many", "act": "run"})
    assert answer.status_code == 422
    assert "“年龄”请填写整数。" in text(answer)
    answer = client.post(reverse("query-new"), {**FORM, "within": "999999", "act": "run"})
    assert "没有找到这个单位" in text(answer)


def test_run_without_saving(people, hr, principal_west, tree, signed_in):
    client = signed_in(hr)
    answer = client.post(reverse("query-new"), {**FORM, "act": "run"}, follow=True)
    assert [row["name"] for row in answer.context["rows"]] == ["东青", "西青"]
    assert "年龄 ≤ 35 岁；统计日 2026年11月20日" in text(answer)
    address = answer.request["QUERY_STRING"]
    again = client.get(f"{reverse('query-new')}?{address}")
    assert 'value="35"' in again.content.decode()
    assert client.get(f"{reverse('query-count')}?{address}").content.decode().count("共 2 人") == 1
    # The conditions stay in one's own session.
    assert signed_in(principal_west).get(f"{reverse('query-results')}?{address}").status_code == 404
    inside = client.post(
        reverse("query-new"), {**FORM, "within": tree.central_west.pk, "act": "run"}, follow=True
    )
    assert [row["name"] for row in inside.context["rows"]] == ["西青"]


def test_a_page_costs_the_same_for_many(tree, hr, signed_in):
    found = saved(hr, YOUNG, {"fact": "years_in_post", "op": "at_least", "value": 1})
    client, url = signed_in(hr), reverse("query-run", args=[found.pk])
    counts = []
    for _ in range(4):
        make_appointment(make_cadre(tree.school_east, birth=dt.date(1995, 1, 1)))
        with CaptureQueriesContext(connection) as caught:
            page = client.get(url)
        counts.append(len(caught))
    assert counts[1] == counts[3] <= 12  # the first request of a session costs more
    assert [row["facts"] for row in page.context["rows"]] == [[("任现职年限", "7 年")]] * 4


def test_pages_follow_the_last_name(tree, hr, signed_in):
    for number in range(120):
        make_cadre(tree.school_east, f"人{number:03}", birth=dt.date(1995, 1, 1))
    found = saved(hr)
    client, url, names = signed_in(hr), reverse("query-run", args=[found.pk]), []
    while url:
        page = client.get(url)
        names += [row["id"] for row in page.context["rows"]]
        url = page.context["pager"]["next_url"]
    assert len(names) == len(set(names)) == 120


def test_a_result_is_sorted_and_the_pages_keep_the_order(tree, hr, signed_in):
    for number in range(60):
        make_cadre(
            tree.school_east, f"东{number:02}", birth=dt.date(1995, 1, 1) + dt.timedelta(days=7 * number)
        )
    unknown = make_cadre(tree.school_west, "西无", birth=None)
    client, query = signed_in(hr), saved(hr, {"fact": "in_service", "op": "is", "value": True})
    address = reverse("query-run", args=[query.pk])
    names = lambda page: re.findall(r'<td class="cell-title"><a[^>]*>([^<]+)', page.content.decode())  # noqa: E731
    youngest = client.get(address, {"sort": "-birth"})
    assert names(youngest)[:2] == ["东59", "东58"]
    following = re.search(r'href="([^"]+cursor=n?[^"]+)"', youngest.content.decode())[1].replace("&amp;", "&")
    assert names(client.get(following))[-2:] == ["东00", unknown.name]
    assert names(client.get(address, {"sort": "birth"}))[0] == "东00"
    assert names(client.get(address, {"sort": "nothing"})) == names(client.get(address))
    assert "排序：年龄（小到大）" in text(youngest)


def test_who_doesnt_see_ages_isnt_told_their_order(tree, hr, monkeypatch):
    make_cadre(tree.school_east, "甲", birth=dt.date(1970, 1, 1))
    make_cadre(tree.school_east, "乙", birth=dt.date(1990, 1, 1))
    held = type(hr).holds
    monkeypatch.setattr(
        type(hr), "holds", lambda self, name: name != "cadre.view_personal" and held(self, name)
    )
    assert "birth" not in running.sorts_for(hr)
    query = build_query(where={"items": [{"fact": "in_service", "op": "is", "value": True}]})
    by_name = running.run_page(query, user=hr)
    assert running.run_page(query, user=hr, sort="birth").ids == by_name.ids
    assert running.run_page(query, user=hr, sort="-birth").ids == by_name.ids


def test_a_query_is_saved_changed_and_deleted(people, hr, signed_in):
    client = signed_in(hr)
    answer = client.post(reverse("query-new"), {**FORM, "name": " 青年干部 ", "act": "save"}, follow=True)
    found = SavedQuery.objects.get()
    assert (found.name, found.owner, found.unit.name, found.is_shared) == (
        "青年干部",
        hr,
        "示例区教育局",
        False,
    )
    assert "已保存查询“青年干部”" in text(answer)
    again = client.post(reverse("query-new"), {**FORM, "name": "青年干部", "act": "save"})
    assert again.status_code == 422
    assert "同名的查询" in text(again)
    edit = reverse("query-edit", args=[found.pk])
    version = re.search(r'name="version" value="([^"]+)"', client.get(edit).content.decode())[1]
    changed = {
        **FORM,
        "value-0-0": "40",
        "name": "青年干部",
        "is_shared": "1",
        "version": version,
        "act": "save",
    }
    with time_machine.travel("2026-11-20 12:05:00", tick=False):
        assert client.post(edit, changed).status_code == 302
    found.refresh_from_db()
    assert (found.where["items"][0]["value"], found.is_shared) == (40, True)
    stale = client.post(edit, {**changed, "value-0-0": "50"})
    assert "已被他人修改" in text(stale)
    found.refresh_from_db()
    assert found.where["items"][0]["value"] == 40
    client.post(reverse("query-delete", args=[found.pk]))
    assert not SavedQuery.objects.exists()
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions[-3:] == ["query.saved", "query.changed", "query.deleted"]


def test_what_is_shared_runs_with_the_readers_own_scope(
    people, hr, tree, principal_east, principal_west, signed_in
):
    colleague = make_holder("vice-east", "副东", "principal", tree.school_east)
    found = saved(principal_east, is_shared=True)
    kept = saved(principal_east, name="自己的")
    url = reverse("query-run", args=[found.pk])
    page = signed_in(colleague).get(url)
    assert [row["name"] for row in page.context["rows"]] == ["东青"]
    assert "东方明共享" in text(page)
    assert signed_in(colleague).get(reverse("query-run", args=[kept.pk])).status_code == 404
    for outsider in (principal_west, hr):
        assert signed_in(outsider).get(url).status_code == 404
    for method in ("query-edit", "query-delete"):
        address = reverse(method, args=[found.pk])
        signed_in(colleague).post(address, {**FORM, "value-0-0": "99", "name": "改", "act": "save"})
    assert SavedQuery.objects.get(pk=found.pk).where["items"][0]["value"] == 35
    copy = signed_in(colleague).get(reverse("query-new"), {"from": found.pk})
    assert "青年（副本）" in copy.content.decode()


def test_a_shared_query_above_the_readers_level_is_refused_with_a_sentence(people, hr, tree, signed_in):
    clerk = make_holder("clerk", "科员", "hr", tree.bureau)
    found = saved(hr, CLEAN, is_shared=True)
    assert signed_in(clerk).get(reverse("query-run", args=[found.pk])).status_code == 200
    party = make_holder("party2", "党二", "party", tree.bureau)
    page = signed_in(party).get(reverse("query-run", args=[found.pk]))
    assert page.status_code == 403
    assert "须由人事核实" in text(page)
    assert "东青" not in text(page)
    for name in ("query-count", "query-export"):
        assert signed_in(party).get(reverse(name), {"query": found.pk}).status_code == 403


def test_a_condition_above_ones_level_isnt_offered_nor_taken(principal_east, signed_in):
    client = signed_in(principal_east)
    page = client.get(reverse("query-new")).content.decode()
    assert 'value="age"' in page
    assert 'value="restricted"' not in page
    sent = {**FORM, "fact-0-0": "restricted", "op-0-0": "is", "value-0-0": "true", "name": "x"}
    for act in ("run", "save"):
        answer = client.post(reverse("query-new"), {**sent, "act": act})
        assert "须由人事核实" in text(answer)
    assert not SavedQuery.objects.exists()


def test_running_over_sensitive_information_leaves_an_entry(people, hr, signed_in):
    plain, found = saved(hr), saved(hr, CLEAN, name="可提拔")
    signed_in(hr).get(reverse("query-run", args=[plain.pk]))
    assert not AuditEntry.objects.filter(action="query.run").exists()
    page = signed_in(hr).get(reverse("query-run", args=[found.pk]))
    assert page.context["columns"] == []
    assert AuditEntry.objects.get(action="query.run").note == "非在影响期内"


def test_a_query_for_nobody_says_what_to_do(hr, tree, signed_in):
    assert "没有符合条件的干部" in text(signed_in(hr).get(reverse("query-run", args=[saved(hr).pk])))
    assert "还没有保存的查询" in text(
        signed_in(make_holder("p", "新", "party", tree.bureau)).get(reverse("query-list"))
    )


def test_saved_queries_are_searched_by_name_and_owner(hr, tree, signed_in):
    for name in ("青年", "女干部"):
        save_query(by=hr, name=name, query=build_query(where={"items": [YOUNG]}))
    client, address = signed_in(hr), reverse("query-list")
    assert "青年" in text(client.get(address))
    found = text(client.get(address, {"search": " 女 "}))
    assert ("女干部" in found, "青年" in found) == (True, False)
    assert "青年" in text(client.get(address, {"search": hr.name}))
    assert "没有名称或共享人符合的查询" in text(client.get(address, {"search": "无"}))
    assert "青年" in text(client.get(address, {"search": "长" * 61}))


def rows_of(answer):
    """The rows of a workbook."""
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_the_workbook_has_the_chosen_columns_and_facts(people, hr, tree, signed_in):
    found = saved(hr)
    url = f"{reverse('query-export')}?query={found.pk}"
    page = signed_in(hr).get(url)
    assert "2 人" in text(page)
    sent = {
        "columns": ["name", "id", "fact:years_of_work", "fact:seconded_now", "fact:unit_stage"],
        "act": "export",
    }
    rows = rows_of(signed_in(hr).post(url, sent))
    assert rows[0][0].startswith("查询：年龄 ≤ 35 岁")
    assert sorted(rows[1]) == sorted(["姓名", "身份证号", "工作年限（年）", "在挂职", "学段"])
    by_name = {row[rows[1].index("姓名")]: dict(zip(rows[1], row, strict=True)) for row in rows[2:]}
    assert set(by_name) == {"东青", "西青"}
    assert by_name["东青"]["学段"] == "小学"
    assert by_name["东青"]["在挂职"] == "否"
    assert "********" in by_name["东青"]["身份证号"]
    assert AuditEntry.objects.filter(action="roster.export").count() == 1


def test_columns_stand_in_the_order_that_was_made(people, hr, signed_in):
    """Moved one by one, kept in a template, and so in the workbook, facts among roster columns."""
    client, query = signed_in(hr), saved(hr)
    address = f"{reverse('query-export')}?query={query.pk}"
    names = ["unit", "name", "gender", "fact:age"]
    form = {"columns": names, "order": names}
    page = client.post(address, form | {"act": "up:fact:age"})
    assert page.status_code == 200
    assert re.findall(r'name="order" value="([^"]+)"', page.content.decode()) == [
        "unit",
        "name",
        "fact:age",
        "gender",
    ]
    order = ["fact:age", "name", "unit"]
    # What was unticked is gone, what was ticked stands behind; a name that means nothing is left out.
    form = {"columns": [*order, "gender"], "order": [*order, "phone", "nothing", "fact:age"]}
    client.post(address, form | {"act": "template", "template": "按序"})
    kept = ColumnChoice.objects.get()
    assert kept.columns == [*order, "gender"]
    again = client.get(f"{address}&template={kept.pk}")
    assert re.findall(r'name="order" value="([^"]+)"', again.content.decode()) == kept.columns
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.post(address, form | {"act": "export"}).content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][:4] == ["年龄（岁）", "姓名", "单位", "性别"]
    assert [row[:2] for row in rows[2:]] == [[31, "东青"], [30, "西青"]]


def test_a_column_at_the_edge_stays(people, hr, signed_in):
    client, query = signed_in(hr), saved(hr)
    form = {"columns": ["unit", "name"], "order": ["unit", "name"]}
    for act in ("up:unit", "down:name", "up:nothing", "order"):
        page = client.post(f"{reverse('query-export')}?query={query.pk}", form | {"act": act})
        assert re.findall(r'name="order" value="([^"]+)"', page.content.decode()) == ["unit", "name"]


def test_sensitive_facts_leave_only_with_a_reason_and_a_mark(people, hr, principal_east, signed_in):
    url = f"{reverse('query-export')}?query={saved(hr).pk}"
    sent = {"columns": ["name", "fact:restricted", "fact:last_annual_grade"], "act": "export"}
    refused = signed_in(hr).post(url, sent)
    assert refused.status_code == 422
    assert "导出敏感指标须写明用途" in text(refused)
    assert not AuditEntry.objects.filter(action__startswith="roster.export").exists()
    from cadres.models import Cadre

    AnnualAssessment.objects.create(cadre=Cadre.objects.get(name="东青"), year=2025, grade="excellent")
    rows = rows_of(signed_in(hr).post(url, {**sent, "reason": "提拔前核查"}))
    assert "含敏感信息，用途：提拔前核查" in rows[1][0]
    by_name = {row[0]: row for row in rows[3:]}
    assert by_name["东青"][1:] == ["优秀", "否"] or by_name["东青"][1:] == ["否", "优秀"]
    assert AuditEntry.objects.get(action="roster.export_sensitive").note == "提拔前核查"
    own = f"{reverse('query-export')}?query={saved(principal_east).pk}"
    page = signed_in(principal_east).get(own).content.decode()
    assert "fact:restricted" not in page
    answer = signed_in(principal_east).post(own, {**sent, "reason": "想知道"})
    assert answer.status_code == 422
    assert "须由人事核实" in text(answer)


def test_columns_are_kept_as_a_template(people, hr, principal_east, signed_in):
    found = saved(hr)
    url = f"{reverse('query-export')}?query={found.pk}"
    client = signed_in(hr)
    client.post(url, {"columns": ["name", "fact:rural_years"], "template": "下乡", "act": "template"})
    choice = ColumnChoice.objects.get()
    assert (choice.owner, choice.columns) == (hr, ["name", "fact:rural_years"])
    page = client.get(f"{url}&template={choice.pk}").content.decode()
    assert re.search(r'value="fact:rural_years" checked', page)
    assert not re.search(r'value="id" checked', page)
    other = reverse("query-columns-delete", args=[choice.pk])
    assert signed_in(principal_east).post(other).status_code == 404
    assert ColumnChoice.objects.exists()
    client.post(f"{other}?query={found.pk}")
    assert not ColumnChoice.objects.exists()


def test_a_large_result_is_made_by_a_job(
    people, hr, signed_in, monkeypatch, django_capture_on_commit_callbacks
):
    from core import jobs
    from reports.queries import exporting

    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    found = saved(hr, YOUNG, CLEAN)
    url = f"{reverse('query-export')}?query={found.pk}"
    answer = signed_in(hr).post(url, {"columns": ["name", "fact:rural_years"], "act": "export"})
    job = Job.objects.get(kind="query.export")
    assert answer.url == reverse("query-export-job", args=[job.pk])
    # What the asker may see is asked afresh when the job runs.
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.result) == ("done", {"count": 2})
    page = signed_in(hr).get(answer.url)
    assert reverse("job-file", args=[job.pk]) in page.content.decode()


def test_a_second_role_lets_one_choose_where_to_share(tree, principal_east, signed_in):
    make_grant(principal_east, "principal", tree.school_east_2)
    page = signed_in(principal_east).get(reverse("query-new")).content.decode()
    assert "东河镇红旗小学" in page
    sent = {**FORM, "name": "两校", "unit": tree.school_west.pk, "is_shared": "1", "act": "save"}
    assert signed_in(principal_east).post(reverse("query-new"), sent).status_code == 422
    signed_in(principal_east).post(reverse("query-new"), {**sent, "unit": tree.school_east_2.pk})
    assert SavedQuery.objects.get().unit == tree.school_east_2
