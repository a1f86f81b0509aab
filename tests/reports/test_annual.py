"""The annual report: what its figures count, for whom, and the workbook rendered from them."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from core import jobs
from core.errors import Invalid, NotAllowed, NotFound
from core.models import AuditEntry
from programs.models import Participation
from programs.services.appraisals import file_appraisal
from programs.services.nominations import take_action
from programs.services.participations import follow_calendar, place_participation
from reports import pictures, services
from reports.annual import figures
from reports.models import AnnualReport
from tests.programs.factories import at_decision, make_base, make_cadre, submitted


def section(found, key):
    """The counts of one structure table by key."""
    return {
        row["key"]: row["count"] for row in next(s for s in found["structure"] if s["key"] == key)["rows"]
    }


def overview(found):
    """The key figures by label."""
    return {row["label"]: row["value"] for row in found["overview"]}


def compute(unit, reader=None, year=2026):
    """The figures of a unit's report."""
    return figures.compute(figures.Scope(unit, year, figures.as_of(year), reader))


def test_structure_counts_people_where_they_belong_on_the_day(tree, clock):
    make_cadre(tree.school_east, "甲", gender="1", birth=dt.date(1990, 11, 20), title="校长", category="head")
    make_cadre(tree.school_east, "乙", gender="2", birth=dt.date(1990, 11, 21), education="大专")
    gone = make_cadre(tree.school_east, "丙", gender="2")
    gone.personnelrelations.update(end=dt.date(2026, 11, 20), leaving="retired")
    found = compute(tree.bureau)
    assert overview(found)["干部总数"] == 2
    # 36 on 20 November 2026 for the one, 35 still for the other, a day younger.
    assert section(found, "age") == {"u35": 1, "36": 1, "41": 0, "46": 0, "51": 0, "56": 0}
    assert section(found, "gender") == {"1": 1, "2": 1}
    assert section(found, "category") == {"head": 1, "deputy": 1, "middle": 0}
    assert section(found, "education")["college"] == 1
    assert section(found, "area") == {"rural": 2, "urban": 0}


def test_a_subtree_counts_itself_alone(tree, clock):
    make_cadre(tree.school_east, "甲")
    make_cadre(tree.school_west, "乙")
    assert overview(compute(tree.central_east))["干部总数"] == 1
    assert overview(compute(tree.school_west))["单位数"] == 1


def test_nominations_count_once_at_their_step_or_outcome(
    call, tree, hr, party, central_east, principal_east, principal_direct
):
    submitted(call, make_cadre(tree.school_east, "甲"), principal_east)
    decided = at_decision(call, make_cadre(tree.direct_school, "乙"), principal_direct, hr)
    take_action(nomination=decided, action="pass", by=party, comment="同意")
    found = compute(tree.bureau)
    counts = {row["key"]: row["count"] for row in found["pipeline"]}
    assert (counts["step:inspect"], counts["approved"], sum(counts.values())) == (1, 1, 2)
    assert overview(found)["当年名额"] == 15
    assert {row["unit"]: row["total"] for row in found["nominations"]} == {
        tree.school_east.name: 1, tree.direct_school.name: 1,
    }  # fmt: skip


@pytest.fixture
def appraised(call, tree, clock, hr, party, principal_direct, host):
    """A finished secondment of a direct school's deputy, appraised as excellent."""
    case = at_decision(call, make_cadre(tree.direct_school, "乙"), principal_direct, hr)
    take_action(nomination=case, action="pass", by=party, comment="同意")
    row = Participation.objects.get(nomination=case)
    place_participation(
        participation=row, base=make_base(tree.bureau, host), acting_post="副校长", by=hr,
        start=dt.date(2026, 11, 21), end=dt.date(2026, 12, 20),
    )  # fmt: skip
    clock("2026-11-21 08:00")
    follow_calendar()
    clock("2026-12-22 08:00")
    follow_calendar()
    paper = row.appraisals.get()
    file_appraisal(appraisal=paper, by=host, grade="excellent", sections=dict.fromkeys(range(1, 6), "好"))
    return row


def test_secondments_show_their_appraisal_to_those_who_may_see_it(appraised, tree, hr, principal_direct):
    row = compute(tree.bureau, hr)["secondments"][0]
    assert (row["name"], row["grade"], row["remark"]) == ("乙", "优秀", "按期提交")
    hidden = compute(tree.direct_school, principal_direct)
    assert hidden["secondments"][0]["grade"] == "不可查看"
    assert sum(grade["count"] for grade in hidden["appraisal_grades"]) == 0


def test_a_late_appraisal_is_visible_as_late(call, tree, clock, hr, party, principal_direct, host):
    case = at_decision(call, make_cadre(tree.direct_school, "乙"), principal_direct, hr)
    take_action(nomination=case, action="pass", by=party, comment="同意")
    place_participation(
        participation=Participation.objects.get(nomination=case), base=make_base(tree.bureau, host),
        acting_post="副校长", by=hr, start=dt.date(2026, 11, 21), end=dt.date(2026, 12, 10),
    )  # fmt: skip
    clock("2026-12-20 08:00")
    found = compute(tree.bureau, hr)
    assert found["secondments"][0]["remark"] == "逾期3天未交"
    assert overview(found)["鉴定逾期"] == 1


def run_report(unit, by, year=2026):
    """Ask for a report and build it in the foreground."""
    report, job = services.request_annual_report(unit=unit, year=year, by=by)
    jobs.run(job.pk, watched=False)
    report.refresh_from_db()
    job.refresh_from_db()
    return report, job


def test_the_workbook_has_its_sheets_charts_and_frozen_headers(call, tree, hr, appraised):
    report, job = run_report(tree.bureau, hr)
    assert job.status == "done", job.error
    book = openpyxl.load_workbook(io.BytesIO(report.file.file.read()))
    assert book.sheetnames == ["概览", "队伍结构", "干部名册", "推荐申报", "挂职学习", "口径说明"]
    assert [len(sheet._charts) > 0 for sheet in book] == [True, True, False, True, True, False]
    assert book["干部名册"].freeze_panes == "C5"
    assert book["干部名册"]["B5"].value == "乙"
    assert book["挂职学习"]["J5"].value == "优秀"
    assert AuditEntry.objects.filter(action="report.built").count() == 1


def test_text_that_looks_like_a_formula_stays_text(tree, hr, clock):
    make_cadre(tree.school_east, "=cmd()|calc")
    report, _ = run_report(tree.bureau, hr)
    cell = openpyxl.load_workbook(io.BytesIO(report.file.file.read()))["干部名册"]["B5"]
    assert (cell.value, cell.data_type) == ("=cmd()|calc", "s")


def test_only_for_units_of_ones_own_scope(tree, principal_east, auditor, clock):
    with pytest.raises(NotFound):
        services.request_annual_report(unit=tree.school_west, year=2026, by=principal_east)
    with pytest.raises((NotFound, NotAllowed)):
        services.request_annual_report(unit=tree.school_west, year=2026, by=auditor)
    assert AnnualReport.objects.count() == 0


@pytest.mark.parametrize("year", [1999, 2027])
def test_an_impossible_year_is_a_sentence(tree, hr, clock, year):
    with pytest.raises(Invalid, match=str(year)):
        services.request_annual_report(unit=tree.bureau, year=year, by=hr)


def test_asking_twice_builds_once(tree, hr, clock):
    first = services.request_annual_report(unit=tree.bureau, year=2026, by=hr)
    second = services.request_annual_report(unit=tree.bureau, year=2026, by=hr)
    assert first[1].pk == second[1].pk
    assert AnnualReport.objects.count() == 1


def test_rights_that_ended_meanwhile_stop_the_report(tree, principal_east, clock):
    report, job = services.request_annual_report(unit=tree.school_east, year=2026, by=principal_east)
    principal_east.grants.update(end=dt.date(2026, 11, 19))
    jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    report.refresh_from_db()
    assert (job.status, report.file) == ("failed", None)


def test_nobody_opens_anothers_report(tree, hr, principal_east, signed_in, clock):
    report, _ = run_report(tree.school_east, hr)
    other = signed_in(principal_east)
    assert other.get(f"/reports/{report.pk}/").status_code == 404
    assert other.get(f"/reports/{report.pk}/file/").status_code == 404
    own = signed_in(hr)
    assert own.get(f"/reports/{report.pk}/").status_code == 200
    answer = own.get(f"/reports/{report.pk}/file/")
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_page_draws_what_the_figures_say_with_a_table_beside_each(tree, hr, signed_in, clock):
    make_cadre(tree.school_east)
    report, _ = run_report(tree.bureau, hr)
    drawn = pictures.charts(report.figures)
    filled = [each for each in report.figures["structure"] if each["rows"]]
    assert [each.title for each in drawn] == [each["title"] for each in filled]
    for chart, section in zip(drawn, filled, strict=True):
        assert list(chart.series[0].values) == [row["count"] for row in section["rows"]]
        assert section["sentence"] in chart.sentence
    html = signed_in(hr).get(f"/reports/{report.pk}/").content.decode()
    assert html.count("data-chart-canvas") == html.count("data-chart-toggle") == len(drawn) > 3


def test_the_way_of_the_nominations_is_one_chart():
    chart = pictures.charts({"pipeline": [
        {"label": "待考察", "count": 2}, {"label": "待名单", "count": 0}, {"label": "已通过", "count": 6},
    ]})[0]  # fmt: skip
    assert (list(chart.categories), list(chart.shares)) == (["待考察", "已通过"], [0.25, 0.75])
    assert chart.sentence == "8 份推荐中，已通过的最多，6 份。"


def test_the_page_asks_in_two_clicks(tree, hr, signed_in, clock):
    client = signed_in(hr)
    page = client.get("/reports/")
    assert page.context["form"].fields["unit"].initial == tree.bureau.pk
    answer = client.post("/reports/", {"unit": tree.bureau.pk, "year": 2026})
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200


def test_the_page_keeps_what_was_typed_when_the_unit_is_out_of_reach(tree, principal_east, signed_in, clock):
    answer = signed_in(principal_east).post("/reports/", {"unit": tree.school_west.pk, "year": 2026})
    assert answer.status_code == 422
    assert "不在您的权限范围内" in answer.content.decode()
    assert AnnualReport.objects.count() == 0


def test_the_api_answers_202_with_the_job(tree, hr, signed_in, clock):
    client = signed_in(hr)
    answer = client.post(
        "/api/v1/reports/", {"kind": "annual", "year": 2026, "unit": "SL"}, content_type="application/json"
    )
    assert answer.status_code == 202
    body = answer.json()
    assert body["status"] == "queued"
    jobs.run(body["id"], watched=False)
    assert client.get(f"/api/v1/jobs/{body['id']}/").json()["status"] == "done"
    assert client.get(f"/api/v1/reports/{body['report']}/file/").status_code == 200


def test_the_command_writes_the_workbook(tree, hr, tmp_path, clock):
    make_cadre(tree.school_east, "甲")
    out = tmp_path / "年报.xlsx"
    call_command("annual_report", "--year=2026", "--unit=SL", f"--out={out}")
    assert openpyxl.load_workbook(out)["干部名册"]["B5"].value == "甲"
    with pytest.raises(CommandError, match="没有编码"):
        call_command("annual_report", "--year=2026", "--unit=NONE", f"--out={out}")


def test_the_statements_do_not_grow_with_the_rows(
    call, tree, hr, appraised, django_assert_max_num_queries, django_assert_num_queries
):
    compute(tree.bureau, hr)
    with django_assert_max_num_queries(25) as first:
        compute(tree.bureau, hr)
    for at in range(12):
        make_cadre(tree.school_east_2, f"丁{at}")
    with django_assert_num_queries(len(first)):
        compute(tree.bureau, hr)
