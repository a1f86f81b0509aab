"""Pages of the mechanisms: errors in every guise, health, inbox, jobs; closed to strangers."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIHandler
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from core import audit, inbox, jobs, middleware
from core.api import exception_handler
from core.calendar import now
from core.errors import DomainError, Invalid, NotAllowed, NotFound, Stale, StorageFull, TooLarge, WrongMoment
from core.files import store
from core.models import CalendarDay, Job, Message
from core.views import server_error
from tests.core import kinds  # noqa: F401  registers the kinds

pytestmark = pytest.mark.django_db


def refuse(error, path="/cadres/", user=None, **headers):
    """The middleware's answer to an exception of a view."""
    request = RequestFactory().get(path, headers=headers)
    request.user = user or AnonymousUser()
    answer = middleware.DomainErrorMiddleware(lambda request: HttpResponse())
    return answer.process_exception(request, error)


@pytest.mark.parametrize("error", [Invalid, NotAllowed, NotFound, WrongMoment, Stale, TooLarge])
def test_a_refusal_is_a_page_of_its_status(error):
    response = refuse(error("这件事<现在>不能办。"))
    assert response.status_code == error.status
    assert "这件事&lt;现在&gt;不能办。" in response.content.decode()
    assert 'lang="zh' in response.content.decode()


def test_a_full_disk_has_its_own_page():
    response = refuse(StorageFull())
    assert response.status_code == 507
    assert "空间" in response.content.decode()


def test_a_refusal_for_htmx_lands_among_the_messages():
    response = refuse(WrongMoment("已被他人办理。"), **{"HX-Request": "true"})
    assert (response.status_code, response["HX-Retarget"]) == (422, "#messages")
    text = response.content.decode()
    assert "已被他人办理。" in text
    assert "<html" not in text


def test_field_errors_are_in_the_fragment():
    error = Invalid("请检查。", errors={"title": ["标题太长。"]})
    assert "标题太长。" in refuse(error, **{"HX-Request": "true"}).content.decode()


def test_a_refusal_under_api_is_json():
    response = refuse(WrongMoment("已被他人办理。"), path="/api/v1/x/")
    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/json"
    assert "已被他人办理" in response.content.decode("unicode_escape") or b"conflict" in response.content


def test_a_lost_database_is_503_without_asking_it(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = refuse(OperationalError("server closed the connection"))
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "稍" in response.content.decode()
    assert "server closed" not in response.content.decode()


def test_a_database_lost_outside_a_view_is_503_too(rf, django_assert_num_queries):
    request = rf.get("/")
    with django_assert_num_queries(0):
        try:
            raise OperationalError("gone")
        except OperationalError:
            assert server_error(request).status_code == 503
        try:
            raise RuntimeError("secret")
        except RuntimeError:
            response = server_error(request)
    assert response.status_code == 500
    assert "secret" not in response.content.decode()


def test_a_constraint_s_refusal_is_409_without_its_words():
    response = refuse(IntegrityError('duplicate key value violates "secret"'))
    assert response.status_code == 409
    assert "secret" not in response.content.decode()
    assert "没有保存" in response.content.decode()


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"], ids=["NUL", "lone surrogate"])
def test_text_that_the_database_cannot_take_is_the_sender_s_fault(text):
    with pytest.raises(ValueError) as caught, transaction.atomic():
        list(CalendarDay.objects.filter(name=text))
    assert refuse(caught.value).status_code == 400
    assert exception_handler(caught.value, {}).status_code == 400


def test_a_number_out_of_range_is_the_sender_s_fault():
    with pytest.raises(DataError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 99999999999999::int")
    assert refuse(caught.value).status_code == 400


@pytest.mark.parametrize("path", ["/inbox/read/", "/api/v1/auth/token/"])
def test_a_2_gb_body_is_refused_before_it_is_read(path):
    class Unread:
        def read(self, *args):
            raise AssertionError("was read")

        readline = read

    environ = RequestFactory().generic("POST", path, CONTENT_LENGTH="2000000000").environ
    environ["wsgi.input"] = Unread()
    statuses = []
    body = b"".join(WSGIHandler()(environ, lambda status, headers: statuses.append(status)))
    assert statuses[0].startswith("413")
    assert ("too_large" if "api" in path else "太大") in body.decode()


def test_other_exceptions_are_not_swallowed():
    assert refuse(RuntimeError("x")) is None


def test_every_domain_error_has_a_sentence():
    for kind in DomainError.__subclasses__():
        assert kind().message.endswith("。")
        assert str(kind("甲。")) == "甲。"


def test_healthz_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_readyz_asks_the_database(client, monkeypatch):
    assert client.get("/readyz").json() == {"database": "ok"}

    def away(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"database": "unavailable"})


SOME_JOB = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize("path", ["/inbox/", f"/jobs/{SOME_JOB}/", f"/jobs/{SOME_JOB}/file/"])
def test_strangers_are_sent_to_the_log_in(client, path):
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_a_page_that_is_not_there(client, someone):
    client.force_login(someone)
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "没有找到" in response.content.decode()


def test_every_answer_carries_its_request_id(client):
    assert len(client.get("/healthz")["X-Request-ID"]) == 32
    given = client.get("/healthz", headers={"X-Request-ID": "proxy-12345678"})
    assert given["X-Request-ID"] == "proxy-12345678"
    odd = client.get("/healthz", headers={"X-Request-ID": "a b\nc"})
    assert len(odd["X-Request-ID"]) == 32


def test_facts_last_for_one_request(rf, someone):
    seen = []
    facts = middleware.RequestFactsMiddleware(
        lambda request: seen.append(audit.facts.get()) or HttpResponse()
    )
    facts(rf.get("/", REMOTE_ADDR="10.1.2.3", headers={"X-Request-ID": "abcd-1234"}))
    assert (seen[0].ip, seen[0].request_id) == ("10.1.2.3", "abcd-1234")
    assert audit.facts.get() == audit.RequestFacts()


def test_the_inbox_shows_one_s_own(client, someone, other):
    inbox.send(someone, "o", title="请考察人选", body="两名", url="/healthz")
    inbox.send(other, "o", title="别人的消息")
    client.force_login(someone)
    text = client.get("/inbox/").content.decode()
    assert "请考察人选" in text
    assert "1 条未读" in text
    assert "别人的消息" not in text


def test_an_empty_inbox_says_so(client, someone):
    client.force_login(someone)
    assert "还没有消息" in client.get("/inbox/").content.decode()
    assert "没有未读消息" in client.get("/inbox/?unread=1").content.decode()


def test_the_inbox_is_searched_and_narrowed(client, someone, other):
    told = {
        "call:1:open": "秋季批开始征集", "step:2:arrived:1": "有推荐等您考察", "grant:3:given": "授权生效",
        "stranger:4": "别的事情",
    }  # fmt: skip
    for occasion, title in told.items():
        inbox.send(someone, occasion, title=title, body="详情见页面" if occasion == "grant:3:given" else "")
    inbox.send(other, "call:9:open", title="秋季批别人的")
    Message.objects.filter(occasion="call:1:open").update(created_at=now() - dt.timedelta(days=10))
    Message.objects.filter(occasion="stranger:4").update(created_at=now() - dt.timedelta(days=40))
    inbox.mark_read(someone, [Message.objects.get(occasion="grant:3:given").pk])
    client.force_login(someone)

    def found(**query):
        return {each.title for each in client.get("/inbox/", query).context["page_obj"]}

    assert found(search="秋季") == {"秋季批开始征集"}
    assert found(search="详情") == {"授权生效"}
    assert found(kind="call") == {"秋季批开始征集"}
    assert found(kind="nomination") == {"有推荐等您考察"}
    assert found(kind="account") == {"授权生效"}
    assert found(kind="other") == {"别的事情"}
    assert found(period="7") == {"有推荐等您考察", "授权生效"}
    assert found(period="30") == {"秋季批开始征集", "有推荐等您考察", "授权生效"}
    assert found(period="older") == {"别的事情"}
    assert found(period="7", unread="1") == {"有推荐等您考察"}
    assert found() == set(told.values())
    assert found(kind="no-such") == set()
    page = client.get("/inbox/", {"kind": "call", "unread": "1"})
    assert [each["url"] for each in page.context["tabs"]] == [
        "/inbox/?kind=call",
        "/inbox/?kind=call&unread=1",
    ]
    text = client.get("/inbox/", {"search": "没有这样的"}).content.decode()
    assert "没有符合条件的消息" in text


def test_the_inbox_costs_the_same_for_one_and_three(client, someone, django_assert_num_queries):
    client.force_login(someone)
    inbox.send(someone, "o1", title="一")
    client.get("/inbox/")
    with django_assert_num_queries(count_queries(client)):
        client.get("/inbox/")
    inbox.send(someone, "o2", title="二")
    inbox.send(someone, "o3", title="三")
    with django_assert_num_queries(count_queries(client)):
        assert client.get("/inbox/").content.decode().count("todo-title") == 3


def count_queries(client):
    """How many queries the inbox takes now."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get("/inbox/")
    return len(captured)


def test_opening_a_message_marks_it_and_leads_on(client, someone, other):
    message = inbox.send(someone, "o", title="标题", url="/healthz")
    client.force_login(other)
    assert client.post(f"/inbox/{message.pk}/open/").status_code == 404
    client.force_login(someone)
    assert client.get(f"/inbox/{message.pk}/open/").status_code == 405
    assert inbox.unread_count(someone) == 1
    response = client.post(f"/inbox/{message.pk}/open/")
    assert response["Location"] == "/healthz"
    assert inbox.unread_count(someone) == 0


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_a_message_leads_nowhere_else(client, someone, url):
    message = inbox.send(someone, "o", title="标题", url=url)
    client.force_login(someone)
    assert client.post(f"/inbox/{message.pk}/open/")["Location"] == "/inbox/"


def test_marking_everything_as_read(client, someone):
    inbox.send(someone, "o", title="标题")
    client.force_login(someone)
    assert client.post("/inbox/read/")["Location"] == "/inbox/"
    assert inbox.unread_count(someone) == 0


@pytest.fixture
def job(someone, monkeypatch, media):
    """A finished job with a file."""
    monkeypatch.setattr("core.tasks.run_job.apply_async", lambda **kwargs: None)
    job = jobs.enqueue("test.report", by=someone, parameters={})
    jobs.run(job.pk, watched=False)
    return Job.objects.get(pk=job.pk)


def test_a_job_s_page_and_fragment(client, someone, job):
    client.force_login(someone)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "测试报表" in page
    assert f"/jobs/{job.pk}/file/" in page
    fragment = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "已完成" in fragment


def test_a_finished_job_no_longer_tells_what_it_is_doing(client, someone, job):
    client.force_login(someone)
    Job.objects.filter(pk=job.pk).update(message="正在统计", result={})
    assert "正在统计" not in client.get(f"/jobs/{job.pk}/").content.decode()
    Job.objects.filter(pk=job.pk).update(status="running", finished_at=None)
    assert "正在统计" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_a_job_s_file_is_its_asker_s(client, someone, other, job):
    client.force_login(other)
    assert client.get(f"/jobs/{job.pk}/").status_code == 404
    assert client.get(f"/jobs/{job.pk}/file/").status_code == 404
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 404
    client.force_login(someone)
    response = client.get(f"/jobs/{job.pk}/file/")
    assert b"".join(response.streaming_content) == b"%PDF-1.4 report"


def test_a_job_without_a_file(client, someone, monkeypatch):
    monkeypatch.setattr("core.tasks.run_job.apply_async", lambda **kwargs: None)
    job = jobs.enqueue("test.report", by=someone, parameters={})
    client.force_login(someone)
    assert "排队中" in client.get(f"/jobs/{job.pk}/").content.decode()
    assert client.get(f"/jobs/{job.pk}/file/").status_code == 404
    assert client.post(f"/jobs/{job.pk}/cancel/")["Location"] == f"/jobs/{job.pk}/"
    job.refresh_from_db()
    assert job.status == "failed"


def test_media_has_no_address(client, someone, media):
    stored = store(b"%PDF-1.4 x", name="a.pdf", kind="document", by=someone)
    client.force_login(someone)
    for path in (f"/media/{stored.file.name}", f"/{stored.file.name}", f"/files/{stored.pk}/"):
        assert client.get(path).status_code == 404
