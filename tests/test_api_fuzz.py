"""The whole API under generated requests: never a fault, never an answer that its own description doesn't know.

Requests are generated from the OpenAPI schema, the same ones in every run, fitting ones and broken ones, and
sent by two people: bureau HR, who may almost everything, and a cadre, who may almost nothing.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
import time_machine
from django.db import transaction
from django.test import Client, override_settings
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from knox.models import AuthToken
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cadres.api.histories import PLURALS
from tests.programs.factories import moment
from tests.stage import NOON, Stage, set_stage

pytestmark = pytest.mark.django_db
EXAMPLES = 5
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
QUIET = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _described() -> Any:
    return schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))


SCHEMA = _described()
OPERATIONS = {each.ok().label: each.ok() for each in SCHEMA.get_all_operations()}


def worth_asking(label: str, persona: str) -> bool:
    """Whether an operation has something of its own: the histories share one viewset, so one kind speaks for all.

    Their lists and what is written to them differ from kind to kind, and only HR comes as far as that.
    """
    method, path = label.split(" ")
    plural, *rest = path.removeprefix("/api/v1/").strip("/").split("/")
    if plural not in PLURALS.values() or plural in ("certificates", "family"):
        return True
    shared = method != "PATCH" and rest and rest[-1] in ("{id}", "end", "delete", "reveal")
    return not shared and (persona == "hr" or len(rest) > 1 or rest == ["submit"])


ASKED = [
    (label, persona)
    for label in sorted(OPERATIONS)
    for persona in ("hr", "cadre_user")
    if worth_asking(label, persona)
]


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Stage]:
    """The situation, written once for the module and rolled back after it."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    clock = time_machine.travel(moment(NOON), tick=False)
    with django_db_blocker.unblock(), clock, media, transaction.atomic():
        yield set_stage()
        transaction.set_rollback(True)


def aimed(case: Any) -> None:
    """Let the address name a row that is there: a made-up number seldom does."""
    given = case.path_parameters
    if given and "id" in given:
        any_id = uuid.UUID(int=0) if "/jobs/" in case.operation.path else 1
        viewset = resolve(case.operation.path.format(**dict.fromkeys(given, 1) | {"id": any_id})).func.cls
        row = viewset.queryset.model._base_manager.order_by("pk").first()
        own = (
            {"review": str(row.reviews.values_list("pk", flat=True).first() or 0)}
            if "review" in given
            else {}
        )
        case.path_parameters = {"id": str(row.pk), **own}


def send(case: Any, secret: str) -> schemathesis.Response:
    """Ask this process itself, and undo what the request did."""
    wanted = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    left_out = ("content-type", "accept-encoding")
    headers = {name: value for name, value in wanted.headers.items() if name.lower() not in left_out}
    with transaction.atomic():
        given = Client(raise_request_exception=False).generic(
            wanted.method, wanted.path_url, wanted.body or b"",
            content_type=wanted.headers.get("Content-Type", "application/octet-stream"),
            headers={**headers, "Authorization": f"Token {secret}"},
        )  # fmt: skip
        answer = schemathesis.Response(
            given.status_code, {name: [value] for name, value in given.headers.items()}, given.getvalue(),
            request=wanted, elapsed=0.1, verify=True, message=given.reason_phrase,
        )  # fmt: skip
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("label", "persona"), ASKED)
def test_generated_requests_get_answers_as_described(label, persona, mode, stage):
    _, secret = AuthToken.objects.create(user=stage.people[persona])

    @QUIET
    @given(OPERATIONS[label].as_strategy(generation_mode=mode), st.booleans())
    def ask(case: Any, at_a_row: bool) -> None:
        if at_a_row:
            aimed(case)
        case.validate_response(send(case, secret), checks=CHECKS)

    ask()
