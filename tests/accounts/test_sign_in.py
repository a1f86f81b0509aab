"""Signing in: lockout by account and address together, second factor, time-outs, forced changes."""

import datetime as dt
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from accounts.backends import CapabilityBackend
from core.addresses import client_address
from core.models import AuditEntry
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def enter(client, username="hr", password=PASSWORD, **extra):
    """Sign in through the page."""
    return client.post(LOGIN, {"login": username, "password": password}, **extra)


def code_for(secret):
    """The code an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_the_right_password_opens_the_home_page_and_the_session_ends_with_the_browser(hr):
    answer = enter(Client(), "  HR ")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    cookie = answer.cookies["sessionid"]
    assert (cookie["expires"], cookie["max-age"]) == ("", "")
    assert cookie["httponly"]


def test_wrong_name_and_wrong_password_read_the_same(hr):
    def errors(answer):
        return str(answer.context["form"].errors)

    assert errors(enter(Client(), "hr", "wrong")) == errors(enter(Client(), "nobody", "wrong"))


def test_five_wrong_passwords_lock_this_account_for_this_address_alone(hr, party):
    client = Client(REMOTE_ADDR="10.0.0.1")
    answers = [enter(client, name, "wrong").status_code for name in ("hr", "HR", " hr", "hr", "hr")]
    assert answers == [200, 200, 200, 200, 429]
    assert enter(client).status_code == 429
    assert enter(Client(REMOTE_ADDR="10.0.0.1"), "Hr").status_code == 429
    # The same person elsewhere, and a colleague at the same address, get in.
    assert enter(Client(REMOTE_ADDR="10.0.0.2")).status_code == 302
    assert enter(Client(REMOTE_ADDR="10.0.0.1"), "party").status_code == 302
    # Neither opens the lock; time does.
    assert enter(client).status_code == 429
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        assert enter(Client(REMOTE_ADDR="10.0.0.1")).status_code == 302


def behind(address, before=""):
    """A client as one proxy hands it on: the visitor's address last, before it what the visitor wrote."""
    return Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"{before}{address}")


def test_behind_a_proxy_the_lock_and_the_audit_know_the_visitor(hr, settings):
    settings.PROXY_COUNT = 1
    for number in range(5):
        answer = enter(behind("198.51.100.7", f"203.0.113.{number}, "), "hr", "wrong")
    assert answer.status_code == 429
    assert enter(behind("198.51.100.7")).status_code == 429
    # Somebody else's typing, or malice, keeps nobody out: all come through the same proxy.
    body = {"username": "hr", "password": PASSWORD}
    token = behind("198.51.100.8").post("/api/v1/auth/token/", body, content_type="application/json")
    assert token.status_code == 200
    assert AuditEntry.objects.get(action="token.issue").ip == "198.51.100.8"


@pytest.mark.parametrize(
    "proxies, header, known_as",
    [
        (0, "198.51.100.7", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "203.0.113.1, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.1, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
        (2, "198.51.100.7", "10.0.0.1"),
        (1, "<script>", "10.0.0.1"),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_a_visitor_cannot_choose_an_address(rf, settings, proxies, header, known_as):
    settings.PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=header)
    assert client_address(request) == known_as


def test_a_made_up_forwarding_header_does_not_escape_the_token_limit(hr):
    client = Client(REMOTE_ADDR="10.0.0.1")
    body = {"username": "nobody", "password": ""}
    answers = [
        client.post(
            "/api/v1/auth/token/",
            body,
            content_type="application/json",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{n}",
        ).status_code
        for n in range(31)
    ]
    assert answers == [400] * 30 + [429]


def test_the_token_door_counts_with_the_page(hr):
    client = Client(REMOTE_ADDR="10.0.0.1")
    for _ in range(4):
        enter(client, "hr", "wrong")
    body = {"username": "HR", "password": "wrong"}
    assert client.post("/api/v1/auth/token/", body, content_type="application/json").status_code == 429
    assert enter(client).status_code == 429


def test_no_password_is_kept_with_a_failed_attempt(hr):
    enter(Client(), "hr", "Secret-typo-1")
    assert "Secret-typo-1" not in str(AccessAttempt.objects.values())


def test_the_page_wants_its_csrf_token(hr):
    assert enter(Client(enforce_csrf_checks=True)).status_code == 403


def test_a_disabled_account_does_not_get_in(hr):
    hr.is_active = False
    hr.save()
    assert "_auth_user_id" not in _session(enter(Client()))
    assert CapabilityBackend().authenticate(None, username="hr", password=PASSWORD) is None
    assert CapabilityBackend().get_user(hr.pk) is None


def _session(answer):
    return answer.client.session


def test_signing_up_and_mail_are_closed_doors(hr, signed_in):
    assert Client().get("/accounts/signup/")["Location"] == "/accounts/activate/"
    assert Client().post("/accounts/signup/", {"username": "x"})["Location"] == "/accounts/activate/"
    assert Client().get("/accounts/password/reset/")["Location"] == "/accounts/activate/"
    assert signed_in(hr).post("/accounts/email/", {"email": "a@b.cn"})["Location"] == "/accounts/me/"


@pytest.mark.parametrize("idle, stays", [(25, True), (31, False)])
def test_an_idle_session_ends(hr, signed_in, settings, idle, stays):
    client = signed_in(hr)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert client.get("/accounts/me/").status_code == 200
        clock.shift(dt.timedelta(minutes=idle))
        answer = client.get("/accounts/me/")
        assert (answer.status_code == 200) is stays
        if not stays:
            assert answer["Location"] == "/accounts/login/?next=/accounts/me/"
            assert client.get("/accounts/me/").status_code == 302


def test_a_session_in_use_ends_after_its_absolute_time(hr, signed_in):
    client = signed_in(hr)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(36):
            assert client.get("/accounts/me/").status_code == 200
            clock.shift(dt.timedelta(minutes=20))
        clock.shift(dt.timedelta(minutes=1))
        assert client.get("/accounts/me/").status_code == 302


def test_a_fragment_of_a_dead_session_loads_the_whole_log_in_page(hr, signed_in):
    client = signed_in(hr)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.get("/accounts/me/")
        clock.shift(dt.timedelta(hours=1))
        here = "http://testserver/units/"
        answer = client.get("/units/pick/", headers={"HX-Request": "true", "HX-Current-URL": here})
        assert answer.status_code == 204
        assert answer["HX-Redirect"].startswith("/accounts/login/?next=http")
        away = {"HX-Request": "true", "HX-Current-URL": "http://evil.example/"}
        assert client.get("/units/pick/", headers=away)["HX-Redirect"] == "/accounts/login/"


def test_an_api_call_of_a_dead_session_is_401_in_json(hr, signed_in):
    client = signed_in(hr)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert client.get("/api/v1/units/").status_code == 200
        clock.shift(dt.timedelta(hours=1))
        answer = client.get("/api/v1/units/")
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_password_that_must_be_changed_comes_first(hr):
    hr.must_change_password = True
    hr.save()
    client = Client()
    enter(client)
    assert client.get("/units/")["Location"] == "/accounts/password/change/"
    assert client.get("/api/v1/units/").status_code == 403
    new = {"oldpassword": PASSWORD, "password1": "Another-horse-7", "password2": "Another-horse-7"}
    weak = {**new, "password1": "onlysmall", "password2": "onlysmall"}
    assert client.post("/accounts/password/change/", weak).status_code == 200
    assert client.get("/units/").status_code == 302
    assert client.post("/accounts/password/change/", new).status_code == 302
    assert client.get("/units/").status_code in (200, 302)
    hr.refresh_from_db()
    assert not hr.must_change_password
    assert AuditEntry.objects.get().action == "password.change"


def test_the_second_factor_is_set_up_and_asked_for(hr, settings):
    settings.SECOND_FACTOR_ENFORCED = True
    client = Client()
    enter(client)
    assert client.get("/units/")["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get("/api/v1/units/").status_code == 403
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    secret = page.context["form"].secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)}).status_code == 302
    assert client.get("/units/").status_code == 200
    stored = Authenticator.objects.get(user=hr, type="totp").data["secret"]
    assert secret not in stored, "the secret lies in the clear"

    other = Client()
    answer = enter(other)
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert other.get("/units/")["Location"].startswith(LOGIN)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1)):
        assert other.post("/accounts/2fa/authenticate/", {"code": code_for(secret)}).status_code == 302
        assert other.get("/units/").status_code == 200
        # It can't be switched off where it is demanded.
        other.post("/accounts/2fa/totp/deactivate/", {})
    assert Authenticator.objects.filter(user=hr, type="totp").exists()


def test_guessing_the_second_factor_locks_like_guessing_the_password(hr):
    client = Client()
    enter(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    guesser = Client()
    enter(guesser)
    answers = [guesser.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code for _ in range(6)]
    assert answers == [200, 200, 200, 200, 429, 429]
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1)):
        assert guesser.post("/accounts/2fa/authenticate/", {"code": code_for(secret)}).status_code == 429
        assert "_auth_user_id" not in guesser.session


@pytest.mark.parametrize(
    "who, wanted", [("hr", True), ("secadmin", True), ("principal_east", False), ("cadre_user", False)]
)
def test_whose_roles_demand_a_second_factor(request, settings, signed_in, who, wanted):
    settings.SECOND_FACTOR_ENFORCED = True
    answer = signed_in(request.getfixturevalue(who)).get("/accounts/me/")
    assert (answer.status_code == 302) is wanted
    assert make_user(is_superuser=True).needs_second_factor


def test_other_sessions_can_be_seen_and_ended(hr):
    here, there = Client(), Client(HTTP_USER_AGENT="Mozilla/5.0 (iPhone)")
    enter(here)
    enter(there)
    page = here.get("/accounts/sessions/")
    assert page.context["session_count"] == 2
    here.post("/accounts/sessions/", {})
    assert there.get("/accounts/me/").status_code == 302
    assert here.get("/accounts/me/").status_code == 200


@pytest.mark.parametrize(
    "who, status",
    [("hr", 200), ("party", 403), ("principal_east", 403), ("sysadmin", 403), ("secadmin", 403)],
)
def test_the_admin_stands_behind_the_same_door(request, signed_in, who, status):
    assert Client().get("/admin/")["Location"].startswith("/admin/login/")
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0].startswith(LOGIN)
    answer = signed_in(request.getfixturevalue(who)).get("/admin/", follow=True)
    assert answer.status_code == status
