"""The pages of the structure analysis: who may see what, links that lead to what they count, the workbook."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cadres.models import Appointment, Norm, Post
from core import jobs
from core.models import AuditEntry, Job
from tests.programs.factories import make_cadre

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 12
# The page asks first how many people there are: a large part of the tree is counted by a job.
# Two analyses side by side count people and posts twice.
MOST_STATEMENTS_OF_THE_PAGE = MOST_STATEMENTS + 2


@pytest.fixture
def people(tree, clock):
    """A head and a woman deputy in the East, one of the West."""
    return [
        make_cadre(tree.school_east, "甲校长", gender="1", title="校长", category="head"),
        make_cadre(tree.school_east, "乙副校", gender="2", birth=dt.date(1980, 1, 1)),
        make_cadre(tree.school_west, "丙西", gender="2"),
    ]


def test_a_page_shows_the_readers_own_part(tree, people, principal_east, hr, signed_in):
    page = signed_in(principal_east).get("/reports/structure/")
    assert page.context["figures"]["unit"]["name"] == tree.school_east.name
    assert page.context["figures"]["total"] == 2
    assert signed_in(hr).get("/reports/structure/").context["figures"]["total"] == 3


@pytest.mark.parametrize("path", ["", "people/", "posts/", "units/?balance=over&"])
def test_a_unit_out_of_reach_is_not_found(tree, people, principal_east, signed_in, path):
    mark = "" if "?" in path else "?"
    url = f"/reports/structure/{path}{mark}unit={tree.school_west.pk}"
    assert signed_in(principal_east).get(url).status_code == 404
    assert signed_in(principal_east).get(url.replace("unit=", "with_unit=")).status_code == 404


def test_without_a_roster_of_ones_own_there_is_nothing_to_analyse(tree, people, auditor, host, signed_in):
    for user in (auditor, host):
        for path in ("", "people/", "posts/", "units/"):
            assert signed_in(user).get(f"/reports/structure/{path}").status_code == 403
        assert signed_in(user).post("/reports/structure/export/").status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("query", "words"),
    [("on=2026-11-21", "不能晚于今天"), ("on=1900-01-01", "1950"), ("on=yesterday", "2026-03-05"),
     ("age=999", "没有这个分类"), ("group=x", "对象")],
)  # fmt: skip
def test_what_cannot_be_analysed_is_a_sentence(tree, hr, clock, signed_in, query, words):
    page = signed_in(hr).get(f"/reports/structure/?{query}")
    assert page.status_code == 400
    assert words in page.content.decode()


def links(page, name):
    """The addresses of a page's links to a list."""
    found = re.findall(rf'href="(/reports/structure/{name}/[^"]*)"', page.content.decode())
    return [each.replace("&amp;", "&") for each in found]


def test_every_number_of_the_page_opens_its_list(tree, people, hr, signed_in):
    Norm.objects.create(measure="women", population="team", direction="at_least", limit=60, basis="测试")
    Post.objects.filter(title="副校长").update(headcount=2)
    client = signed_in(hr)
    page = client.get("/reports/structure/")
    for name, least in (("people", 10), ("posts", 4), ("units", 2)):
        found = links(page, name)
        assert len(found) >= least, name
        for each in set(found):
            behind = client.get(each)
            assert behind.status_code == 200
            assert behind.context["answer"].total > 0, each
    chart = next(each for each in page.context["charts"] if each.key == "structure-gender")
    for number, (link,) in zip(chart.series[0].values, chart.links, strict=True):
        assert client.get(link).context["answer"].total == number


def test_the_list_shows_people_of_that_day_at_that_units_name(tree, people, hr, signed_in):
    person = people[1]
    person.personnelrelations.update(unit=tree.school_west, unit_path=tree.school_west.path)
    page = signed_in(hr).get(f"/reports/structure/people/?unit={tree.central_west.pk}&gender=2")
    text = page.content.decode()
    assert page.context["answer"].total == 2
    assert "乙副校" in text
    assert tree.school_west.name in text


def test_somebody_out_of_view_is_counted_without_a_name(tree, people, principal_east, signed_in):
    outsider = people[2]
    post = Post.objects.create(unit=tree.school_east, title="书记", category="head")
    Appointment.objects.create(
        cadre=outsider,
        unit=tree.school_east,
        title="书记",
        post=post,
        kind="concurrent",
        start=dt.date(2025, 1, 1),
    )
    page = signed_in(principal_east).get("/reports/structure/people/?group=team")
    assert page.context["answer"].total == 3
    assert "丙西" not in page.content.decode()
    assert "不在您的权限范围内" in page.content.decode()


def test_two_days_and_two_units_side_by_side(tree, people, hr, signed_in):
    client = signed_in(hr)
    page = client.get("/reports/structure/?with_on=2019-08-31")
    assert page.context["compared"]["names"] == ("2026年11月20日", "2019年8月31日")
    assert page.context["compared"]["gap"] == 3
    vacant = page.context["compared"]["rows"][0]
    assert (vacant["first"]["value"], vacant["second"]["value"], vacant["gap"]) == (0, 3, -3)
    assert client.get(vacant["second"]["url"]).context["answer"].total == 3
    page = client.get(f"/reports/structure/?unit={tree.central_east.pk}&with_unit={tree.central_west.pk}")
    assert page.context["compared"]["names"] == (tree.central_east.name, tree.central_west.name)
    gender = next(each for each in page.context["charts"] if each.key == "structure-gender")
    assert [list(series.values) for series in gender.series] == [[50.0, 50.0], [0, 100.0]]
    assert gender.sentence == "男相差最多，高 50.0 个百分点。"
    assert client.get(gender.links[1][1]).context["answer"].total == 1


@pytest.mark.parametrize(
    "query", ["", "?group=teams", "?group=team", "?with_on=2025-12-31", "?unit={0}&with_unit={1}"]
)
def test_a_page_takes_few_statements_however_many_people(tree, people, hr, signed_in, query):
    client = signed_in(hr)
    Norm.objects.create(measure="women", population="team", direction="at_least", limit=60, basis="测试")
    url = f"/reports/structure/{query.format(tree.central_east.pk, tree.central_west.pk)}"
    client.get(url)
    one = statements(client, url)
    for number in range(5):
        make_cadre(tree.school_east_2, f"又{number}", gender="1")
    assert len(statements(client, url)) == len(one) <= MOST_STATEMENTS_OF_THE_PAGE, "\n".join(one)


@pytest.mark.parametrize("path", ["people/?gender=2", "posts/?state=all", "units/?balance=under"])
def test_a_list_takes_few_statements_however_many_rows(tree, people, hr, signed_in, path):
    client = signed_in(hr)
    url = f"/reports/structure/{path}"
    client.get(url)
    one = statements(client, url)
    for number in range(3):
        make_cadre(tree.school_east_2, f"又{number}", gender="2", title=f"副校长{number}")
    assert len(statements(client, url)) == len(one) <= MOST_STATEMENTS
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{url}&export=xlsx").content))
    assert book.active.max_row >= 3


def statements(client, url):
    """The statements an address takes."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return [each["sql"][:90] for each in caught.captured_queries]


def built(client, query=""):
    """Ask for the workbook and build it; return the job and the workbook."""
    answer = client.post(f"/reports/structure/export/{query}")
    job = Job.objects.get(kind="report.structure")
    assert answer["Location"] == f"/jobs/{job.pk}/"
    jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    return job


def test_the_workbook_has_the_figures_and_native_charts(tree, people, hr, signed_in):
    Norm.objects.create(measure="women", population="all", direction="at_least", limit=60, basis="依据甲")
    Norm.objects.create(measure="women", population="team", direction="at_least", limit=60, basis="依据乙")
    job = built(signed_in(hr), f"?with_unit={tree.central_east.pk}")
    assert job.status == "done", job.error
    assert job.result["figures"]["first"]["total"] == 3
    book = openpyxl.load_workbook(io.BytesIO(job.result_file.file.read()))
    assert book.sheetnames == ["对照标准", "结构", "对比", "职数与空缺", "班子达标", "口径说明"]
    assert [len(book[name]._charts) for name in ("结构", "职数与空缺", "班子达标")] == [10, 1, 1]
    # Long sheets repeat their headings on every page.
    assert {book[name].print_title_rows for name in ("对照标准", "对比", "职数与空缺", "班子达标")} == {
        "$4:$4"
    }
    vacant = next(row for row in book["对比"].iter_rows(min_row=5, values_only=True) if row[0] == "空缺岗位")
    assert vacant[2:4] == (0, 0)
    rows = {row[0].value: [cell.value for cell in row] for row in book["对照标准"].iter_rows(min_row=5)}
    assert rows["女性占比"][1:] == [66.7, "%", "不低于 60%", "达标", "依据甲（未核对）"]
    entry = AuditEntry.objects.get(action="structure.exported")
    assert entry.unit_name == tree.bureau.name


def test_rights_that_ended_meanwhile_stop_the_workbook(tree, people, principal_east, signed_in):
    signed_in(principal_east).post("/reports/structure/export/")
    principal_east.grants.update(end=dt.date(2026, 11, 19))
    job = Job.objects.get(kind="report.structure")
    jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    assert (job.status, job.result_file) == ("failed", None)
    assert not AuditEntry.objects.filter(action="structure.exported").exists()


def test_a_unit_s_page_tells_its_structure(tree, people, hr, principal_west, signed_in):
    url = f"/units/{tree.school_east.pk}/structure/"
    page = signed_in(hr).get(url).content.decode()
    assert "女性占 50%" in page or "女性占 50.0%" in page
    assert f"/reports/structure/?unit={tree.school_east.pk}" in page
    assert "没有在册干部" not in page
    assert signed_in(principal_west).get(url).status_code == 404
    root = signed_in(hr).get(f"/units/{tree.bureau.pk}/structure/").content.decode()
    assert "查看结构分析" in root
    assert "女性占" not in root
