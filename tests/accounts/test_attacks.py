"""What somebody would try at the doors: old sessions and tokens, codes used twice, a way out to another site."""

import datetime as dt
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.utils import timezone

from accounts.services.users import disable_user
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN, TOKEN, MINE = "/accounts/login/", "/api/v1/auth/token/", "/api/v1/jobs/"
NEW = "Another-horse-7"


def token_of(username="hr", **more):
    """The answer to asking for a token."""
    body = {"username": username, "password": PASSWORD, **more}
    return Client().post(TOKEN, body, content_type="application/json")


def works(secret):
    """Whether a token opens the API."""
    return Client(headers={"Authorization": f"Token {secret}"}).get(MINE).status_code == 200


def test_a_new_password_ends_what_the_old_one_opened(hr, signed_in):
    here, there, secret = signed_in(hr), signed_in(hr), token_of().json()["token"]
    assert there.get("/accounts/me/").status_code == 200
    assert works(secret)
    given = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/accounts/password/change/", given).status_code == 302
    assert here.get("/accounts/me/").status_code == 200
    assert there.get("/accounts/me/").status_code == 302
    assert not works(secret)


def test_disabling_an_account_ends_everything_at_once(hr, sysadmin, signed_in):
    there, secret = signed_in(hr), token_of().json()["token"]
    assert there.get("/accounts/me/").status_code == 200
    disable_user(by=sysadmin, user=hr, reason="调离")
    assert there.get("/accounts/me/").status_code == 302
    assert there.get(MINE).status_code == 401
    assert not works(secret)


def test_a_token_ends_with_its_time(hr):
    secret = token_of().json()["token"]
    with time_machine.travel(timezone.now() + dt.timedelta(hours=11, minutes=59)):
        assert works(secret)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=12, minutes=1)):
        assert not works(secret)


@pytest.fixture
def factor(hr):
    """HR's second factor: the secret and a recovery code."""
    secret = generate_totp_secret()
    TOTP.activate(hr, secret)
    return secret, RecoveryCodes.activate(hr).get_unused_codes()[0]


def code_for(secret):
    """The code an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def second_step(code):
    """Sign in through the pages with a code; whether it opened."""
    client = Client()
    client.post(LOGIN, {"login": "hr", "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": code})
    return "_auth_user_id" in client.session


def test_a_recovery_code_works_once_at_either_door(hr, factor):
    codes = RecoveryCodes(Authenticator.objects.get(user=hr, type="recovery_codes")).get_unused_codes()
    assert second_step(codes[0])
    assert not second_step(codes[0])
    assert token_of(code=codes[0]).status_code == 401
    assert token_of(code=codes[1]).status_code == 200
    assert token_of(code=codes[1]).status_code == 401
    assert not second_step(codes[1])


def test_a_code_that_was_looked_over_somebody_s_shoulder_is_used_up(hr, factor):
    with time_machine.travel(timezone.now(), tick=False):
        assert token_of(code=code_for(factor[0])).status_code == 200
        assert token_of(code=code_for(factor[0])).status_code == 401
        assert not second_step(code_for(factor[0]))


@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
    ],
)
def test_signing_in_leads_nowhere_else(hr, away):
    answer = Client().post(LOGIN, {"login": "hr", "password": PASSWORD, "next": away})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert Client().post(f"{LOGIN}?next={away}", {"login": "hr", "password": PASSWORD})["Location"] == "/"


@pytest.mark.parametrize("path", [LOGIN, MINE, "/healthz"])
def test_another_site_s_name_is_refused(path):
    assert Client(headers={"Host": "evil.example"}).get(path).status_code == 400
