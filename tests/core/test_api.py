"""The API's shell: one shape for every refusal, paging without exact counts, tokens, entity tags, jobs."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import exceptions as django
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection
from django.http import Http404, UnreadablePostError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext_lazy
from knox.models import AuthToken
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from core import jobs
from core.api import JSONRenderer, Pagination, ScopedViewSet, exception_handler, require_match
from core.api.errors import flatten
from core.errors import Stale, WrongMoment
from core.models import AuditEntry, CalendarDay, Job
from core.versions import require_version, version_of
from tests.core import kinds  # noqa: F401  registers the kinds
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
FAILURES = 5  # of one account from one address, until it is locked
SHAPE = {"code", "message", "errors"}


@pytest.fixture(autouse=True)
def quiet_broker(monkeypatch):
    """No wake-up calls."""
    monkeypatch.setattr("core.tasks.run_job.apply_async", lambda **kwargs: None)


@pytest.fixture
def api(someone):
    """A caller with a session."""
    client = APIClient()
    client.force_login(someone)
    return client


def throttled():
    """A caller who asks too often."""
    return exceptions.Throttled(wait=7)


ERRORS = [
    (WrongMoment("已被他人办理。"), 409, "conflict", "已被他人办理。"),
    (Http404("No Nomination matches"), 404, "not_found", "没有找到"),
    (exceptions.NotFound("没有这一页。"), 404, "not_found", "没有这一页。"),
    (django.PermissionDenied("secret"), 403, "forbidden", "没有办理此事的权限"),
    (exceptions.PermissionDenied("您不能看。"), 403, "forbidden", "您不能看。"),
    (exceptions.NotAuthenticated(), 401, "unauthenticated", "请先登录"),
    (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed", "请求方法"),
    (exceptions.NotAcceptable(), 406, "not_acceptable", ""),
    (exceptions.UnsupportedMediaType("text/csv"), 415, "wrong_type", "内容格式"),
    (throttled(), 429, "too_many", "7 秒后"),
    (exceptions.ParseError("JSON 有误"), 400, "invalid", "JSON 有误"),
    (IntegrityError("duplicate key"), 409, "conflict", "冲突"),
    (OperationalError("gone"), 503, "unavailable", "数据库"),
    (InterfaceError("gone"), 503, "unavailable", "数据库"),
    (DataError("out of range"), 400, "invalid", "无法识别"),
    (django.RequestDataTooBig(), 413, "too_large", "太大"),
    (django.SuspiciousOperation("x"), 400, "invalid", "无法识别"),
    (UnreadablePostError("x"), 400, "invalid", "无法识别"),
]


@pytest.mark.parametrize("error, status, code, words", ERRORS, ids=lambda each: type(each).__name__)
def test_every_refusal_has_one_shape(error, status, code, words):
    response = exception_handler(error, {})
    assert (response.status_code, response.data["code"]) == (status, code)
    assert set(response.data) == SHAPE
    assert words in response.data["message"]
    assert not any(leak in str(response.data) for leak in ("secret", "duplicate", "gone", "Nomination"))


def test_an_unexpected_fault_is_not_dressed_up():
    assert exception_handler(ZeroDivisionError(), {}) is None


def test_validation_errors_are_named_by_field():
    error = serializers.ValidationError({"name": ["必填。"], "rows": [{}, {"year": ["不对。"]}]})
    response = exception_handler(error, {})
    assert response.status_code == 400
    assert response.data["errors"] == {"name": ["必填。"], "rows.1.year": ["不对。"]}
    assert response.data["message"] == "提交的内容有误，请检查标出的各项。"
    general = exception_handler(serializers.ValidationError("日期颠倒。"), {})
    assert (general.data["message"], general.data["errors"]) == (
        "日期颠倒。",
        {"non_field_errors": ["日期颠倒。"]},
    )
    assert flatten([["甲"], ["乙"]]) == {"0": ["甲"], "1": ["乙"]}


def test_model_validation_errors_too():
    by_field = exception_handler(django.ValidationError({"name": ["必填。"]}), {})
    assert by_field.data["errors"] == {"name": ["必填。"]}
    assert exception_handler(django.ValidationError("颠倒。"), {}).data["message"] == "颠倒。"


def test_throttled_says_when_to_come_back():
    assert exception_handler(throttled(), {})["Retry-After"] == "7"
    assert "稍后" in exception_handler(exceptions.Throttled(), {}).data["message"]


def test_json_of_whatever_a_serializer_gives():
    data = {
        "a": Decimal("1.50"), "b": uuid.UUID(int=1), 3: gettext_lazy("Monday"),
        "d": CalendarDay.objects.values_list("pk", flat=True),
    }  # fmt: skip
    text = JSONRenderer().render(data).decode()
    assert '"a":"1.50"' in text
    assert '"3":"星期一"' in text
    assert JSONRenderer().render(None) == b""
    with pytest.raises(TypeError):
        JSONRenderer().render({"a": object()})


def page(rows, query=""):
    """One page of rows."""
    pagination = Pagination()
    request = Request(APIRequestFactory().get(f"/api/v1/things/?{query}"))
    found = pagination.paginate_queryset(rows, request)
    return found, pagination.get_paginated_response(found).data


def test_paging():
    rows = list(range(120))
    assert page(rows)[1] == {
        "count": 120, "next": "http://testserver/api/v1/things/?page=2", "previous": None,
        "results": list(range(50)),
    }  # fmt: skip
    last = page(rows, "page=3&page_size=50")[1]
    assert (last["results"], last["next"], last["count"]) == (list(range(100, 120)), None, 120)
    assert page(rows, "page=2")[1]["previous"] == "http://testserver/api/v1/things/"
    assert "page=2" in page(rows, "page=3&page_size=20")[1]["previous"]
    assert len(page(list(range(900)), "page_size=9999")[0]) == 500
    assert page([])[1] == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=４", "page=9", "page_size=0", "page=1e9"]
)
def test_pages_that_are_not_there(query):
    with pytest.raises(exceptions.NotFound):
        page(list(range(5)), query)


def test_the_count_stops_at_its_cap(monkeypatch, django_assert_num_queries):
    CalendarDay.objects.bulk_create(
        CalendarDay(date=f"2031-01-{day:02}", is_working=True) for day in range(1, 21)
    )
    monkeypatch.setattr("core.api.pagination.COUNT_CAP", 10)
    rows = CalendarDay.objects.all()
    with django_assert_num_queries(2):
        assert page(rows, "page_size=5")[1]["count"] == 10
    deep = page(rows, "page_size=5&page=3")[1]
    assert (len(deep["results"]), bool(deep["next"]), deep["count"]) == (5, True, 10)
    with django_assert_num_queries(1):  # the last page knows its count
        assert page(rows, "page_size=5&page=4")[1]["next"] is None


def test_anonymous_callers_get_401_with_the_way_in(client):
    response = client.get("/api/v1/jobs/")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token")
    assert response.json() == {"code": "unauthenticated", "message": "请先登录。", "errors": {}}


def test_a_session_needs_its_csrf_token(someone):
    client = Client(enforce_csrf_checks=True)
    client.force_login(someone)
    job = jobs.enqueue("test.report", by=someone, parameters={})
    response = client.post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert response.status_code == 403
    assert "CSRF" in response.json()["message"]
    job.refresh_from_db()
    assert job.status == "queued"


def test_unknown_addresses_and_methods(api):
    assert api.get("/api/v1/nothing/").json()["code"] == "not_found"
    assert api.delete("/api/v1/jobs/").json()["code"] == "method_not_allowed"
    assert api.get("/api/v1/jobs/", HTTP_ACCEPT="text/csv").status_code == 406


def ask_token(client, **values):
    """A token request."""
    body = {"username": "someone", "password": PASSWORD, **values}
    return client.post("/api/v1/auth/token/", body, content_type="application/json")


@pytest.fixture
def unthrottled(monkeypatch):
    """Without the limit per minute."""
    monkeypatch.setattr("core.api.tokens.TokenView.throttle_scope", None)


def test_a_token_opens_and_closes(client, someone):
    answer = ask_token(client).json()
    assert set(answer) == {"token", "expiry", "scope"}
    assert answer["scope"] == "write"
    assert AuthToken.objects.get().digest not in answer["token"]
    headers = {"Authorization": f"Token {answer['token']}"}
    assert client.get("/api/v1/jobs/", headers=headers).status_code == 200
    assert client.post("/api/v1/auth/logout/", headers=headers).status_code == 204
    assert client.get("/api/v1/jobs/", headers=headers).status_code == 401
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"token.issue", "token.revoke"}


def test_a_reading_token_changes_nothing(client, someone):
    answer = ask_token(client, scope="read").json()
    assert answer["scope"] == "read"
    headers = {"Authorization": f"Token {answer['token']}"}
    job = jobs.enqueue("test.report", by=someone, parameters={})
    assert client.get(f"/api/v1/jobs/{job.pk}/", headers=headers).status_code == 200
    assert client.options("/api/v1/jobs/", headers=headers).status_code == 200
    refused = client.post(f"/api/v1/jobs/{job.pk}/cancel/", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "只能读取" in refused.json()["message"]
    for method in (client.put, client.patch, client.delete):
        assert method(f"/api/v1/jobs/{job.pk}/", headers=headers).status_code == 403
    job.refresh_from_db()
    assert job.status == "queued"
    assert AuditEntry.objects.get(action="token.issue").note == "只读"
    # Without what it begins with it's another token: nobody widens their own.
    bare = {"Authorization": f"Token {answer['token'].removeprefix('read-')}"}
    assert client.post(f"/api/v1/jobs/{job.pk}/cancel/", headers=bare).status_code == 401
    assert client.post("/api/v1/auth/logout/", headers=headers).status_code == 204
    assert not AuthToken.objects.exists()


def test_a_token_for_everything_is_what_is_given_unasked(client, someone):
    headers = {"Authorization": f"Token {ask_token(client).json()['token']}"}
    job = jobs.enqueue("test.report", by=someone, parameters={})
    assert client.post(f"/api/v1/jobs/{job.pk}/cancel/", headers=headers).status_code == 200


def test_a_token_expires_and_dies_with_its_account(client, someone):
    token = ask_token(client).json()["token"]
    headers = {"Authorization": f"Token {token}"}
    someone.is_active = False
    someone.save()
    assert client.get("/api/v1/jobs/", headers=headers).status_code == 401
    someone.is_active = True
    someone.save()
    assert client.get("/api/v1/jobs/", headers=headers).status_code == 200
    AuthToken.objects.update(expiry=AuthToken.objects.get().created - timedelta(seconds=1))
    assert client.get("/api/v1/jobs/", headers=headers).status_code == 401


@pytest.mark.parametrize("token", ["x", "", "a b c", "é" * 40, "0" * 64, "\x00" * 30])
def test_wrong_tokens_have_one_answer(client, token):
    response = client.get("/api/v1/jobs/", headers={"Authorization": f"Token {token}"})
    assert response.status_code == 401
    assert set(response.json()) == SHAPE


@pytest.mark.parametrize(
    "values, status",
    [
        ({"password": "wrong"}, 401),
        ({"username": "nobody"}, 401),
        ({"username": ""}, 400),
        ({"username": ["a"]}, 400),
        ({"password": None}, 400),
        ({"username": "a\x00b"}, 400),
        ({"scope": "admin"}, 400),
        ({"scope": ["read"]}, 400),
        ({"scope": None}, 400),
    ],
)
def test_wrong_credentials(client, someone, unthrottled, values, status):
    response = ask_token(client, **values)
    assert response.status_code == status
    assert set(response.json()) == SHAPE
    assert not AuthToken.objects.exists()


def test_the_password_is_not_trimmed(client, someone, unthrottled):
    assert ask_token(client, password=f" {PASSWORD} ").status_code == 401


def test_an_inactive_account_gets_no_token(client, someone, unthrottled):
    someone.is_active = False
    someone.save()
    assert ask_token(client).status_code == 401


def test_failures_lock_user_and_address_together(client, someone, other, unthrottled):
    for _ in range(FAILURES):
        last = ask_token(client, password="wrong")
    assert last.status_code in (401, 429)
    locked = ask_token(client)
    assert locked.status_code == 429
    assert ask_token(client, username="other").status_code == 200
    elsewhere = Client(REMOTE_ADDR="10.9.9.9")
    assert ask_token(elsewhere).status_code == 200


def test_the_log_in_is_limited_per_minute(client, someone, settings):
    statuses = [ask_token(client).status_code for _ in range(31)]
    assert statuses[-1] == 429
    assert statuses[:30] == [200] * 30


def test_an_initial_password_gets_no_token(client, someone, unthrottled):
    someone.must_change_password = True
    someone.save()
    response = ask_token(client)
    assert (response.status_code, "初始密码" in response.json()["message"]) == (403, True)


def totp(user):
    """Set up a second factor; returns a function giving the present code."""
    from allauth.mfa.totp.internal import auth

    secret = auth.generate_totp_secret()
    auth.TOTP.activate(user, secret)
    return lambda: f"{auth.hotp_value(secret, next(iter(auth.yield_hotp_counters_from_time()))):06}"


def test_a_second_factor_is_asked_for(client, someone, unthrottled):
    code = totp(someone)
    assert ask_token(client).status_code == 401
    assert ask_token(client, code="000000").json()["message"] == "动态验证码不正确。"
    assert not AuthToken.objects.exists()
    assert ask_token(client, code=code()).status_code == 200


def test_wrong_codes_count_towards_the_lockout(client, someone, unthrottled):
    code = totp(someone)
    for _ in range(FAILURES):
        ask_token(client, code="000000")
    assert ask_token(client, code=code()).status_code == 429


def test_where_a_second_factor_is_enforced_a_password_is_not_enough(
    client, someone, unthrottled, settings, monkeypatch
):
    settings.SECOND_FACTOR_ENFORCED = True
    monkeypatch.setattr(type(someone), "needs_second_factor", True, raising=False)
    response = ask_token(client)
    assert (response.status_code, "两步验证" in response.json()["message"]) == (403, True)


class Record:
    """Something with a version."""

    pk = 5
    version = 2


@pytest.mark.parametrize("header", ["", "*", '"5-2"', 'W/"5-2"', '"5-1", "5-2"'])
def test_if_match_with_the_present_version(header):
    require_match(Request(APIRequestFactory().put("/", HTTP_IF_MATCH=header)), Record())


@pytest.mark.parametrize("header", ['"5-1"', '"6-2"', '"5"'])
def test_if_match_with_an_older_version(header):
    with pytest.raises(Stale):
        require_match(Request(APIRequestFactory().put("/", HTTP_IF_MATCH=header)), Record())


def test_versions_of_forms(someone):
    require_version(Record(), version_of(Record()))
    with pytest.raises(Stale):
        require_version(Record(), "5-1")
    job = Job(pk=uuid.UUID(int=1))
    job.updated_at = job.created_at
    assert str(job.created_at.timestamp())[:10] in version_of(job)


def test_one_s_own_jobs(api, someone, other, media):
    mine = jobs.enqueue("test.report", by=someone, parameters={})
    theirs = jobs.enqueue("test.report", by=other, parameters={})
    assert [each["id"] for each in api.get("/api/v1/jobs/").json()["results"]] == [str(mine.pk)]
    assert api.get(f"/api/v1/jobs/{theirs.pk}/").status_code == 404
    assert api.get(f"/api/v1/jobs/{mine.pk}/file/").status_code == 404
    jobs.run(mine.pk, watched=False)
    answer = api.get(f"/api/v1/jobs/{mine.pk}/").json()
    assert (answer["status"], answer["progress"], answer["label"]) == ("done", 100, "测试报表")
    assert answer["result"] == {"rows": 3, "file": f"http://testserver/api/v1/jobs/{mine.pk}/file/"}
    file = api.get(answer["result"]["file"])
    assert b"".join(file.streaming_content) == b"%PDF-1.4 report"
    for address in (f"{theirs.pk}/file/", "not-a-uuid/", f"{uuid.uuid4()}/", "-" * 36 + "/"):
        assert api.get(f"/api/v1/jobs/{address}").status_code == 404


def test_a_job_can_be_cancelled(api, someone, other):
    mine = jobs.enqueue("test.report", by=someone, parameters={})
    theirs = jobs.enqueue("test.report", by=other, parameters={})
    answer = api.post(f"/api/v1/jobs/{mine.pk}/cancel/").json()
    assert (answer["status"], answer["message"]) == ("failed", jobs.CANCELLED)
    assert api.post(f"/api/v1/jobs/{theirs.pk}/cancel/").status_code == 404
    assert Job.objects.get(pk=theirs.pk).status == "queued"


def test_the_job_list_costs_the_same_for_one_and_three(api, someone):
    jobs.enqueue("test.report", by=someone, parameters={})
    api.get("/api/v1/jobs/")
    with CaptureQueriesContext(connection) as one:
        api.get("/api/v1/jobs/")
    for _ in range(2):
        jobs.enqueue("test.report", by=someone, parameters={})
    with CaptureQueriesContext(connection) as three:
        assert len(api.get("/api/v1/jobs/").json()["results"]) == 3
    assert len(one) == len(three) < 12


class Open(ScopedViewSet):
    """A resource that names no capability for writing."""

    view_capability = "thing.view"
    capabilities = {"special": "thing.special"}

    def answer(self, request):
        """Whatever it is, it was allowed."""
        return Response()

    list = create = special = answer


@pytest.mark.parametrize(
    "action, method, held, allowed",
    [
        ("list", "GET", {"thing.view"}, True),
        ("list", "GET", {"other"}, False),
        ("create", "POST", {"thing.view"}, False),
        ("special", "POST", {"thing.special"}, True),
        ("special", "POST", {"thing.view"}, False),
    ],
)
def test_a_scoped_resource_is_closed_by_default(action, method, held, allowed):
    class Caller(AnonymousUser):
        is_authenticated = True

        def holds(self, capability):
            return capability in held

    request = APIRequestFactory().generic(method, "/")
    force_authenticate(request, Caller())
    response = Open.as_view({method.lower(): action})(request)
    assert response.status_code == (200 if allowed else 403)
