"""Large parts of the tree: a page asks for seconds at most, a job counts, its figures are shown with their time."""

import datetime as dt

import pytest
from django.db import connection

from cadres.models import ReserveEntry
from cadres.services.rules import load_rules
from core import jobs
from core.errors import NotFound, WrongMoment
from core.models import Job
from reports.structure import asking, figures, stored
from reports.structure.asking import ask, hurried
from reports.structure.population import Population
from tests.programs.factories import make_cadre

pytestmark = pytest.mark.django_db
PAGES = ("/reports/structure/", "/reports/forecast/")
COUNTS = {
    "/reports/structure/": "/reports/structure/count/",
    "/reports/forecast/": "/reports/forecast/count/",
}


@pytest.fixture
def large(tree, clock, monkeypatch):
    """A tree of three people, of which a page counts two at most."""
    load_rules()
    for unit, name in ((tree.school_east, "甲"), (tree.school_east, "乙"), (tree.school_west, "丙")):
        make_cadre(unit, name, gender="1", title="校长", category="head")
    monkeypatch.setattr(stored, "LARGE", 2)


def run(client, page, query=""):
    """Ask for the figures and let the job count them."""
    answer = client.post(f"{COUNTS[page]}{query}")
    job = Job.objects.get(pk=answer["Location"].split("/")[2])
    jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    assert job.status == "done", job.error
    return job


def test_how_many_people_are_many(tree, large):
    assert stored.is_large(tree.bureau)
    assert not stored.is_large(tree.central_east)
    assert stored.is_large(tree.central_east, tree.bureau)
    assert not stored.is_large(tree.central_east, None)


@pytest.mark.parametrize("page", PAGES)
def test_a_large_unit_is_counted_by_a_job_once(tree, large, hr, signed_in, monkeypatch, page):
    client = signed_in(hr)
    first = client.get(page)
    assert first.status_code == 200
    assert "figures" not in first.context
    assert "开始统计" in first.content.decode()
    assert not Job.objects.exists()
    # Asked twice while it waits it is one job, whose progress the page offers.
    client.post(COUNTS[page])
    client.post(COUNTS[page])
    assert Job.objects.count() == 1
    assert "正在统计" in client.get(page).content.decode()
    job = run(client, page)
    assert client.get(job.result["next"]).context["figures"]["unit"]["name"] == tree.bureau.name
    text = client.get(page).content.decode()
    assert "统计于 2026年11月20日 09:00" in text
    assert "重新统计" in text


def test_what_the_job_counts_is_what_the_page_would(tree, large, hr, signed_in):
    run(signed_in(hr), "/reports/structure/")
    shown = signed_in(hr).get("/reports/structure/")
    population = Population(tree.bureau, dt.date(2026, 11, 20))
    assert shown.context["figures"]["sections"] == figures.compute(population)["sections"]
    assert shown.context["figures"]["total"] == 3
    assert len(shown.context["charts"]) == 10


def test_a_comparison_is_counted_too(tree, large, hr, signed_in):
    client = signed_in(hr)
    query = f"?with_unit={tree.central_east.pk}"
    assert "figures" not in client.get(f"/reports/structure/{query}").context
    job = run(client, "/reports/structure/", query)
    assert client.get(job.result["next"]).context["compared"]["gap"] == 1
    assert client.get(f"/reports/structure/{query}").context["compared"]["gap"] == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_small_unit_is_counted_at_once(tree, large, hr, principal_east, signed_in, page):
    assert "figures" in signed_in(principal_east).get(page).context
    assert "figures" in signed_in(hr).get(f"{page}?unit={tree.central_east.pk}").context


@pytest.mark.parametrize("page", PAGES)
def test_another_readers_figures_are_not_shown(tree, large, hr, party, signed_in, page):
    run(signed_in(hr), page)
    assert "figures" not in signed_in(party).get(page).context


def test_figures_of_a_job_keep_the_reserve_to_those_who_may_see_it(tree, large, party, hr, signed_in):
    kept = make_cadre(tree.school_west, "后备甲", title="")
    ReserveEntry.objects.create(cadre=kept, category="head", status="1", start=dt.date(2024, 1, 1))
    assert run(signed_in(hr), "/reports/forecast/").result["figures"]["reserve"][0]["all"] == 1
    assert run(signed_in(party), "/reports/forecast/").result["figures"]["reserve"] is None


@pytest.mark.parametrize("page", PAGES)
def test_only_ones_own_units_are_counted(tree, large, principal_east, signed_in, page):
    answer = signed_in(principal_east).post(f"{COUNTS[page]}?unit={tree.school_west.pk}")
    assert answer.status_code == 404
    assert not Job.objects.exists()


def test_the_service_itself_asks_for_the_right(tree, large, principal_east):
    population = Population(tree.school_west, dt.date(2026, 11, 20))
    parameters = stored.structure_parameters(population, None)
    with pytest.raises(NotFound):
        stored.ask_for(stored.KIND, parameters, tree.school_west, by=principal_east)
    assert not Job.objects.exists()


def test_rights_that_ended_meanwhile_stop_the_count(tree, large, principal_east, signed_in):
    signed_in(principal_east).post("/reports/structure/count/")
    principal_east.grants.update(end=dt.date(2026, 11, 19))
    job = Job.objects.get()
    jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    assert (job.status, job.result) == ("failed", None)


@pytest.mark.parametrize("name", ["structure", "forecast"])
def test_a_machine_gets_large_figures_by_itself(tree, large, hr, signed_in, name):
    client, address = signed_in(hr), f"/api/v1/{name}/"
    first = client.get(address)
    assert (first.status_code, first.json()["status"], first.json()["result"]) == (202, "queued", None)
    assert client.get(address).json()["job"] == first.json()["job"], "asked again it is the same job"
    job = Job.objects.get()
    assert (str(job.pk), job.asked_by) == (first.json()["job"], hr)
    assert client.get(first["Location"]).json()["id"] == str(job.pk)
    assert first["Retry-After"]
    jobs.run(job.pk, watched=False)
    for _ in range(2):
        found = client.get(address)
        assert (found.status_code, found.json()["unit"]["name"]) == (200, tree.bureau.name)
    assert Job.objects.count() == 1
    other = client.get(f"{address}?unit={tree.central_east.pk}")
    assert (other.status_code, Job.objects.count()) == (200, 1), "what is small is counted at once"


def test_a_machine_and_a_page_share_the_job(tree, large, hr, signed_in):
    client = signed_in(hr)
    asked = client.get("/api/v1/structure/").json()
    assert "正在统计" in client.get("/reports/structure/").content.decode()
    jobs.run(asked["job"], watched=False)
    shown, told = (
        client.get("/reports/structure/").context["figures"],
        client.get("/api/v1/structure/").json(),
    )
    assert [shown[key] for key in ("total", "made_at_text")] == [
        told[key] for key in ("total", "made_at_text")
    ]


@pytest.mark.parametrize("name", ["structure", "forecast"])
def test_a_machine_gets_no_figures_of_another_reader_or_day(tree, large, hr, party, signed_in, clock, name):
    address = f"/api/v1/{name}/"
    jobs.run(signed_in(hr).get(address).json()["job"], watched=False)
    assert signed_in(party).get(address).status_code == 202
    assert Job.objects.count() == 2
    asked = f"{address}?on=2026-11-20" if name == "structure" else address
    assert signed_in(hr).get(asked).status_code == 200
    clock("2026-11-21 00:01")
    again = signed_in(hr).get(asked)
    assert (again.status_code, Job.objects.count()) == (202, 3)


def test_a_count_that_failed_is_started_again(tree, large, hr, signed_in):
    client = signed_in(hr)
    failed = Job.objects.get(pk=client.get("/api/v1/structure/").json()["job"])
    jobs.request_cancel(failed)
    again = client.get("/api/v1/structure/")
    assert again.status_code == 202
    assert again.json()["job"] != str(failed.pk)


def test_what_is_out_of_reach_starts_nothing(tree, large, principal_east, auditor, signed_in):
    assert signed_in(principal_east).get(f"/api/v1/structure/?unit={tree.bureau.pk}").status_code == 404
    assert signed_in(auditor).get("/api/v1/structure/").status_code == 403
    assert not Job.objects.exists()


def test_a_unit_s_panel_leads_on_instead_of_counting(tree, large, hr, signed_in, monkeypatch):
    monkeypatch.setattr(stored, "LARGE", 1)
    text = signed_in(hr).get(f"/units/{tree.central_east.pk}/structure/").content.decode()
    assert "查看结构分析" in text
    assert "女性占" not in text


# --- statements that take too long ----------------------------------------------------------------------


@pytest.fixture
def slow(tree, clock, hr, signed_in, monkeypatch):
    """A database that takes its time over whatever an analysis asks, and a page that waits a moment."""
    client = signed_in(hr)
    real = asking.ask

    def slowly(sql, parameters):
        real("SELECT pg_sleep(0.5)", {})
        return real(sql, parameters)

    monkeypatch.setattr(asking, "MOST_SECONDS", 0.05)
    for name in (
        "structure.figures",
        "structure.people",
        "structure.seats",
        "structure.norms",
        "forecast.figures",
    ):
        monkeypatch.setattr(f"reports.{name}.ask", slowly)
    return client


# As in service, where a page has no transaction around it that a stopped statement would spoil.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "address",
    ["/reports/structure/", "/reports/structure/people/", "/reports/structure/posts/?export=xlsx",
     "/reports/structure/units/?balance=over", "/reports/forecast/", "/reports/forecast/people/",
     "/api/v1/structure/", "/api/v1/forecast/", "/units/{school}/structure/"],
)  # fmt: skip
def test_what_takes_too_long_is_stopped_with_a_way_out(slow, tree, address):
    page = slow.get(address.format(school=tree.school_east.pk))
    assert page.status_code == 409
    assert "请选择下级单位" in page.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_job_takes_its_time(slow, page):
    assert run(slow, page).result["figures"]


@pytest.mark.django_db(transaction=True)
def test_a_limit_ends_with_its_statement(monkeypatch):
    monkeypatch.setattr(asking, "MOST_SECONDS", 0.05)
    with hurried(), pytest.raises(WrongMoment):
        ask("SELECT pg_sleep(5)", {})
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] == "0"
    assert ask("SELECT 1 FROM pg_sleep(0.3)", {}) == [(1,)]
