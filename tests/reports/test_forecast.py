"""Supply and demand: who leaves when, what the reserve offers, where it doesn't suffice, who may see what."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cadres.models import Appointment, Cadre, Oversight, Post, ReserveEntry
from cadres.services.rules import load_rules
from core import jobs
from core.errors import Invalid
from core.models import AuditEntry, Job
from reports.forecast import figures
from reports.forecast.outlook import POOL, Outlook, leaving_sql
from tests.programs.factories import make_cadre

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 12


@pytest.fixture
def rules(tree, clock):
    """The schedule of the reform."""
    load_rules()


def head(unit, name, birth, **fields):
    """A male head born on a day."""
    fields.setdefault("gender", "1")
    return make_cadre(unit, name, birth=birth, title="校长", category="head", **fields)


def reserve(unit, name, category="head", **fields):
    """A member of the reserve, without a post."""
    entry = {"status": "1"} | {key: fields.pop(key) for key in ("status", "end") if key in fields}
    cadre = make_cadre(unit, name, title="", **fields)
    ReserveEntry.objects.create(cadre=cadre, category=category, start=dt.date(2024, 1, 1), **entry)
    return cadre


@pytest.fixture
def east(tree, rules):
    """The East: four heads of primary schools, one of whom retires in 2028, with two in reserve."""
    return {
        # 1965-08 at the old 60: 2025-08, eight months in: two months more, so they should have gone in 2025.
        "late": head(tree.school_east, "应退", dt.date(1965, 8, 1)),
        # 2027-03 and seven months more.
        "next": head(tree.school_east_2, "明年", dt.date(1967, 3, 1)),
        # 2027-08 in the old schedule, 2028-04 in the new one.
        "year28": head(tree.school_west, "二八", dt.date(1967, 8, 1)),
        "young": head(tree.direct_primary, "年轻", dt.date(1985, 1, 1)),
        "reserve": reserve(tree.school_east, "后备甲"),
    }


def compute(unit, first=2026, reader=None, with_reserve=True):
    """The figures of a unit."""
    return figures.compute(Outlook(unit, first, reader), with_reserve=with_reserve)


def row(found, category, stage=None):
    """One line of the tables."""
    rows = found["by_category"] if stage is None else found["by_stage"]
    return next(each for each in rows if each["category"] == category and each["stage"] == stage)


def test_retirements_fall_into_the_years_of_the_schedule(tree, east):
    found = row(compute(tree.bureau), "head", "primary")
    # before 2026, 2026, 2027, 2028, 2029, 2030
    assert found["retire"] == [1, 0, 1, 1, 0, 0]
    assert (found["retire_total"], found["needed"]) == (3, 3)
    assert row(compute(tree.bureau, 2028), "head", "primary")["retire"] == [2, 1, 0, 0, 0, 0]
    assert row(compute(tree.central_east), "head")["retire_total"] == 2


def test_the_limit_on_record_goes_before_the_usual_one(tree, rules):
    woman = head(tree.school_east, "女", dt.date(1974, 1, 1), gender="2")
    assert row(compute(tree.bureau), "head")["retire"] == [0, 0, 0, 0, 0, 1]  # 2029-01 and 13 months
    Cadre.objects.filter(pk=woman.pk).update(retirement_limit="60")
    assert row(compute(tree.bureau), "head")["retire_total"] == 0


def test_a_post_is_freed_once_and_a_term_only_before_retirement(tree, east):
    post = Post.objects.create(unit=tree.school_east_2, title="书记", category="head")
    second = {"unit": tree.school_east_2, "title": "书记", "post": post, "start": dt.date(2020, 1, 1)}
    Appointment.objects.create(cadre=east["next"], kind="concurrent", **second)
    Appointment.objects.create(cadre=east["year28"], kind="seconded", **second)
    assert row(compute(tree.bureau), "head", "primary")["retire"] == [1, 0, 1, 1, 0, 0]
    Appointment.objects.filter(cadre=east["next"]).update(term_end=dt.date(2028, 9, 1))
    Appointment.objects.filter(cadre=east["year28"]).update(term_end=dt.date(2027, 9, 1))
    Appointment.objects.filter(cadre=east["young"], kind="regular").update(term_end=dt.date(2020, 9, 1))
    found = row(compute(tree.bureau), "head", "primary")
    assert found["term"] == [1, 0, 1, 0, 0, 0]
    assert found["needed"] == 3  # who may be appointed again is not missing


def test_of_several_posts_the_term_of_the_highest_counts(tree, rules):
    cadre = head(tree.school_east, "两职", dt.date(1985, 1, 1))
    Appointment.objects.filter(cadre=cadre).update(term_end=dt.date(2029, 9, 1))
    lower = Post.objects.create(unit=tree.school_east, title="德育主任", category="middle")
    Appointment.objects.create(
        cadre=cadre, unit=tree.school_east, title="德育主任", post=lower, kind="concurrent",
        start=dt.date(2020, 1, 1), term_end=dt.date(2027, 9, 1),
    )  # fmt: skip
    assert row(compute(tree.bureau), "head")["term"] == [0, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("gender", "limit", "born", "month"),
    [
        ("1", "", (1965, 1), (2025, 2)),  # the published examples
        ("2", "", (1982, 9), (2040, 9)),
        ("1", "", (1964, 12), (2024, 12)),
        ("1", "", (1976, 9), (2039, 9)),
        ("2", "50", (1975, 1), (2025, 2)),
        ("2", "50", (1975, 2), (2025, 3)),
        ("2", "50", (1975, 3), (2025, 5)),
        ("2", "50", (1984, 11), (2039, 11)),
        ("2", "", (1970, 1), (2025, 2)),
    ],
)
def test_the_month_of_retirement_behind_the_numbers(tree, rules, gender, limit, born, month):
    cadre = head(tree.school_east, "某", dt.date(*born, 1), gender=gender)
    Cadre.objects.filter(pk=cadre.pk).update(retirement_limit=limit)
    with connection.cursor() as cursor:
        outlook = Outlook(tree.bureau, 2026)
        cursor.execute(leaving_sql() + " SELECT retires FROM leaving", outlook.parameters)
        assert cursor.fetchone()[0] == dt.date(*month, 1)


def test_vacancies_are_those_of_the_structure(tree, east):
    Post.objects.create(unit=tree.school_east, title="副校长", category="deputy", headcount=2)
    found = row(compute(tree.bureau), "deputy", "primary")
    assert (found["vacant"], found["needed"]) == (2, 2)


def test_the_reserve_counts_whom_it_can_really_offer(tree, east):
    old = reserve(tree.school_east_2, "到龄", birth=dt.date(1968, 1, 1), gender="1")
    restricted = reserve(tree.school_east_2, "处分")
    sanction = {"kind": "sanction", "sanction": "admin_warning", "start": dt.date(2026, 10, 1)}
    Oversight.objects.create(cadre=restricted, end=dt.date(2027, 4, 1), **sanction)
    over = reserve(tree.school_west, "期满")
    Oversight.objects.create(cadre=over, end=dt.date(2026, 11, 20), **sanction)
    reserve(tree.school_west, "已用", status="2")
    reserve(tree.school_west, "出池", end=dt.date(2026, 1, 1))
    left = reserve(tree.school_west, "离开")
    left.personnelrelations.update(end=dt.date(2026, 1, 1), leaving="moved_out")
    reserve(tree.direct_primary, "副职", category="deputy")
    found = compute(tree.bureau)["reserve"]
    assert [found[0][name] for name in ("all", "retiring", "restricted", "available")] == [4, 1, 1, 2]
    assert [found[1][name] for name in ("all", "retiring", "restricted", "available")] == [1, 0, 0, 1]
    outlook = Outlook(tree.bureau, 2026)
    listed = {
        state: {
            pk
            for pk, _, _ in figures.listed_pool(
                outlook, {"category": "head"}, state=state, limit=9, offset=0
            )[0]
        }
        for state in POOL
    }
    assert listed["retiring"] == {old.pk}
    assert listed["restricted"] == {restricted.pk}
    assert listed["available"] == {over.pk, east["reserve"].pk}
    assert listed["all"] == {old.pk, restricted.pk, over.pk, east["reserve"].pk}


def test_what_is_missing_is_said_with_its_year(tree, east):
    found = compute(tree.bureau)
    line = row(found, "head", "primary")
    # One is needed at once, for whom there is somebody; from 2027 on there is nobody.
    assert (line["available"], line["gap_year"], line["gap_then"], line["gap"]) == (1, 2027, 1, 2)
    assert found["warnings"] == ["2027 年小学正职缺口 1 人"]
    assert found["headline"] == "到 2030 年正副职需补充 3 人；2030 年小学正职缺口 2 人，缺得最多。"
    for name in ("乙", "丙"):
        reserve(tree.school_west, name)
    enough = compute(tree.bureau)
    assert enough["warnings"] == []
    assert enough["headline"] == "到 2030 年正副职需补充 3 人，后备可用 3 人，各学段都够用。"


def test_the_reserve_of_one_stage_does_not_fill_another(tree, east):
    for number in range(3):
        reserve(tree.direct_school, f"中学{number}")
    found = compute(tree.bureau)
    assert row(found, "head")["available"] == 4
    assert row(found, "head")["gap"] == 2


def test_without_the_right_nothing_of_the_reserve_is_told(tree, east):
    found = compute(tree.bureau, with_reserve=False)
    assert found["reserve"] is None
    assert found["warnings"] == []
    assert row(found, "head", "primary")["available"] is None
    assert row(found, "head", "primary")["gap"] is None
    assert found["headline"] == "到 2030 年正副职需补充 3 人，小学正职最多，3 人。"


def test_nobody_reads_whether_they_are_of_the_reserve(tree, east, hr, signed_in):
    own = reserve(tree.section, "本人", user=hr)
    assert compute(tree.bureau)["total"]["available"] == 2
    assert compute(tree.bureau, reader=hr)["total"]["available"] == 1
    page = signed_in(hr).get("/reports/forecast/reserve/")
    assert page.context["answer"].total == 1
    assert own.name not in page.content.decode()


@pytest.mark.parametrize("first", [2025, 2032])
def test_years_that_are_over_or_too_far_are_refused(tree, rules, first):
    with pytest.raises(Invalid, match="2026 到 2031"):
        Outlook(tree.bureau, first)


def test_every_number_opens_exactly_its_people(tree, east):
    Appointment.objects.filter(cadre=east["young"]).update(term_end=dt.date(2027, 9, 1))
    outlook = Outlook(tree.bureau, 2026)
    found = compute(tree.bureau)
    for line in (*found["by_category"], *found["by_stage"]):
        cell = {"category": line["category"]} | ({} if line["stage"] is None else {"stage": line["stage"]})
        for kind in ("retire", "term"):
            for year, number in zip([2025, *outlook.years], line[kind], strict=True):
                rows, total = figures.listed_leaving(
                    outlook, {**cell, "kind": kind, "year": year}, limit=9, offset=0
                )
                assert len(rows) == total == number
        for state in POOL:
            rows, total = figures.listed_pool(outlook, cell, state=state, limit=9, offset=0)
            assert len(rows) == total
        assert (
            figures.listed_pool(outlook, cell, state="available", limit=9, offset=0)[1] == line["available"]
        )


# --- pages -----------------------------------------------------------------------------------------


def links(page, path):
    """The addresses of a page's links under a path."""
    found = re.findall(rf'href="({path}[^"]*)"', page.content.decode())
    return {each.replace("&amp;", "&") for each in found}


def test_every_link_of_the_page_leads_to_people(tree, east, hr, signed_in):
    Appointment.objects.filter(cadre=east["young"]).update(term_end=dt.date(2027, 9, 1))
    Post.objects.create(unit=tree.school_east, title="副校长", category="deputy", headcount=2)
    client = signed_in(hr)
    page = client.get("/reports/forecast/")
    assert "2027 年小学正职缺口 1 人" in page.content.decode()
    for path, least in (
        ("/reports/forecast/people/", 6),
        ("/reports/forecast/reserve/", 2),
        ("/reports/structure/posts/", 2),
    ):
        found = links(page, path)
        assert len(found) >= least, path
        for each in found:
            assert client.get(each).context["answer"].total > 0, each
    listed = client.get("/reports/forecast/people/?kind=retire&year=2028&category=head&stage=primary")
    assert listed.context["answer"].title == "2028 年小学正职到龄退休"
    assert "2028年4月" in listed.content.decode()


def test_the_reserve_is_for_those_who_may_see_it(tree, east, party, principal_east, hr, signed_in):
    for user in (party, principal_east):
        client = signed_in(user)
        page = client.get("/reports/forecast/")
        text = page.content.decode()
        assert page.status_code == 200
        assert page.context["figures"]["reserve"] is None
        assert "后备可用" not in text
        assert "后备甲" not in text
        assert client.get("/reports/forecast/reserve/").status_code == 403
    assert signed_in(hr).get("/reports/forecast/reserve/").context["answer"].total == 1


def test_a_unit_out_of_reach_is_not_found(tree, east, principal_east, signed_in):
    client = signed_in(principal_east)
    for path in ("", "people/", "reserve/"):
        assert client.get(f"/reports/forecast/{path}?unit={tree.school_west.pk}").status_code == 404
    assert client.post(f"/reports/forecast/export/?unit={tree.school_west.pk}").status_code == 404
    assert not Job.objects.exists()


@pytest.mark.parametrize("query", ["kind=x", "kind=retire&year=1999", "category=x", "stage=x"])
def test_a_list_that_does_not_exist_is_not_found(tree, east, hr, signed_in, query):
    assert signed_in(hr).get(f"/reports/forecast/people/?{query}").status_code == 404


def test_a_year_not_offered_is_a_sentence(tree, east, hr, signed_in):
    answer = signed_in(hr).get("/reports/forecast/?from=1999")
    assert answer.status_code == 400
    assert "1999" in answer.content.decode()


@pytest.mark.parametrize("path", ["", "?unit={0}", "people/?kind=retire", "reserve/"])
def test_few_statements_however_many_people(tree, east, hr, signed_in, path):
    client = signed_in(hr)
    url = f"/reports/forecast/{path.format(tree.central_east.pk)}"
    client.get(url)
    one = statements(client, url)
    for number in range(4):
        head(tree.school_east, f"又{number}", dt.date(1966, 1, 1 + number))
        reserve(tree.school_east, f"备{number}")
    assert len(statements(client, url)) == len(one) <= MOST_STATEMENTS, "\n".join(one)


def statements(client, url):
    """The statements an address takes."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return [each["sql"][:90] for each in caught.captured_queries]


@pytest.mark.parametrize(
    ("who", "sheets"),
    [("hr", ["总体", "按学段", "后备", "口径说明"]), ("party", ["总体", "按学段", "口径说明"])],
)
def test_the_workbook_holds_what_its_asker_may_see(tree, east, request, signed_in, who, sheets):
    user = request.getfixturevalue(who)
    answer = signed_in(user).post("/reports/forecast/export/?from=2027")
    job = Job.objects.get(kind="report.forecast")
    assert answer["Location"] == f"/jobs/{job.pk}/"
    jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    assert job.status == "done", job.error
    book = openpyxl.load_workbook(io.BytesIO(job.result_file.file.read()))
    assert book.sheetnames == sheets
    assert all(book[name]._charts for name in sheets[:-1])
    assert {book[name].print_title_rows for name in ("总体", "按学段")} == {"$6:$6"}
    cells = [cell.value for cell in book["总体"][7]]
    assert cells[:6] == ["正职", 3, 0, 1, 1, 1]
    assert ("后备可用" in [cell.value for cell in book["总体"][6]]) == (who == "hr")
    assert AuditEntry.objects.get(action="forecast.exported").after["含后备"] == (
        "是" if who == "hr" else "否"
    )


def test_rights_that_ended_meanwhile_stop_the_workbook(tree, east, principal_east, signed_in):
    signed_in(principal_east).post("/reports/forecast/export/")
    principal_east.grants.update(end=dt.date(2026, 11, 19))
    job = Job.objects.get(kind="report.forecast")
    jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    assert (job.status, job.result_file) == ("failed", None)
    assert not AuditEntry.objects.filter(action="forecast.exported").exists()
