"""Every address × every persona × every method: the answer is the one the rules of access give."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from cadres.models import (
    Cadre,
    CollectionRow,
    Norm,
    PoliticalStatus,
    ProfessionalTitle,
    Rank,
    RetirementRule,
    RosterImportRow,
)
from config.settings import PAGES_WITHOUT_PEOPLE
from core.calendar import now, today
from core.models import CalendarDay
from reports.models import QualityCheck, QualityFinding
from tests.expected_answers import NAMELESS, TABLE, Answer, Row
from tests.programs.factories import make_code, moment
from tests.routes import all_routes
from tests.stage import NOON, PERSONAS, Stage, set_stage

pytestmark = pytest.mark.django_db
REFUSED = {403, 404, 405}
METHODS = ("get", "post")
WORDS = {"草拟", "在挂"}  # names of the stage that a page may well say of something else


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Stage]:
    """The situation, written once for the module and rolled back after it."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    clock = time_machine.travel(moment(NOON), tick=False)
    with django_db_blocker.unblock(), clock, media, transaction.atomic():
        found = set_stage()
        _only_in_the_admin(found)
        yield found
        transaction.set_rollback(True)


def _only_in_the_admin(stage: Stage) -> None:
    cadre = stage.cadre
    stage.rows |= {
        "school": stage.tree.school_east,
        "relation": cadre.personnelrelations.get(),
        "code": make_code("political", "13", "群众"),
        "title": ProfessionalTitle.objects.create(cadre=cadre, title_text="一级教师"),
        "rank": Rank.objects.create(cadre=cadre, kind="rank", name="八级职员"),
        "day": CalendarDay.objects.create(date="2031-01-01", is_working=False, name="元旦"),
        "quality_check": QualityCheck.objects.create(checked_at=now(), on=today()),
        "staged_row": RosterImportRow.objects.create(
            roster_import=stage.roster, ordinal=1, sheet="名册", row=5, verdict="new", name="章散"
        ),
        "staged_record": CollectionRow.objects.create(
            roster_import=stage.roster, ordinal=1, sheet="学历", row=3, slug="education", verdict="new"
        ),
        "finding": QualityFinding.objects.create(rule="no_photo", unit=cadre.unit, cadre=cadre),
        "norm": Norm.objects.create(
            measure="women", population="all", direction="at_least", limit=30, basis="x"
        ),
        "retirement": RetirementRule.objects.create(
            category="60", start="2025-01-01", step_months=4, most_months=36, basis="x"
        ),
    }
    stage.rows["names"] = set(Cadre.objects.values_list("name", flat=True)) - WORDS
    stage.rows["political"] = PoliticalStatus.objects.create(cadre=cadre, status=stage.code)


@pytest.fixture(scope="module")
def clients(stage: Stage) -> dict[str, Client]:
    """Each persona signed in, and a visitor."""
    found = {"anonymous": Client(raise_request_exception=False)}
    for name in PERSONAS:
        found[name] = Client(raise_request_exception=False)
        found[name].force_login(stage.people[name], backend="accounts.backends.CapabilityBackend")
        # The first request of a session is written down; asked here, it isn't written and undone each time.
        assert found[name].get("/healthz").status_code == 200
    return found


def address(name: str, row: Row, stage: Stage) -> str:
    """The address of a row."""
    args = [each[1:] if each.startswith("=") else getattr(stage, each).pk for each in row.args]
    return reverse(name, args=args) + (f"?{row.query}" if row.query else "")


def ask(client: Client, method: str, url: str, answer: Answer | None, stage: Stage) -> HttpResponse:
    """An answer; what it did is undone. The admin's own way to the log-in is followed."""
    cookies = client.cookies.copy()
    body = answer.body(stage) if answer else {}
    sends_file = any(hasattr(each, "read") for each in body.values())
    kind = {"content_type": "application/json"} if url.startswith("/api/") and not sends_file else {}
    with transaction.atomic():
        response = getattr(client, method)(url, body if method in ("get", "post") or kind else "", **kind)
        if response.status_code == 302 and response["Location"].startswith("/admin/login/"):
            response = client.get(response["Location"])
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def stays(response: HttpResponse, name: str, stage: Stage) -> str:
    """What of a signed-in person's page would stay in the browser although it may not, "" if nothing does."""
    if "no-store" in response["Cache-Control"]:
        return ""
    if response["Cache-Control"] != "private, no-cache" or name not in PAGES_WITHOUT_PEOPLE:
        return f"kept as {response['Cache-Control']!r}"
    body = b"" if response.streaming else response.content
    shown = [each for each in stage.rows["names"] if each.encode() in body]
    return f"kept although it shows {shown}" if shown else ""


def expected(answer: Answer | None, persona: str, url: str) -> set[int]:
    """The statuses that are right."""
    if persona == "anonymous":
        if answer is not None and answer.anonymous is not None:
            return {answer.anonymous}
        return {401} if url.startswith("/api/") else {302}
    return REFUSED if answer is None else {answer.for_persona(persona)}


def test_the_table_knows_every_address_and_no_other():
    names = {route.name for route in all_routes() if not route.name.endswith(NAMELESS)}
    assert names == set(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_everybody_gets_the_answer_that_is_theirs(name, stage, clients):
    row = TABLE[name]
    url, wrong = address(name, row, stage), []
    for method in (*METHODS, "patch") if url.startswith("/api/") else METHODS:
        answer = row.methods.get(method)
        for persona in ("anonymous", *PERSONAS):
            if answer is None and persona != "hr":
                continue
            response = ask(clients[persona], method, url, answer, stage)
            got, right = response.status_code, expected(answer, persona, url)
            if got not in right:
                wrong.append(f"{method} {url} {persona}: {got}, not {sorted(right)}")
            if persona != "anonymous" and (kept := stays(response, name, stage)):
                wrong.append(f"{method} {url} {persona}: {kept}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("persona", ["anonymous", "hr", "principal_west", "auditor"])
@pytest.mark.parametrize("path", ["/admin/nothing/here/", "/admin/programs/call/7/", "/nothing/"])
def test_addresses_that_lead_nowhere_say_so(path, persona, stage, clients):
    assert ask(clients[persona], "get", path, None, stage).status_code in {302, 403, 404}
