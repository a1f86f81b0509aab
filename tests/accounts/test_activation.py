"""Activation codes: one at a time, once, until a date, and never readable afterwards."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import ActivationCode
from accounts.services.activation import VALID_FOR, activate, issue_activation_codes, shown
from accounts.services.users import create_user, remove_dead_codes
from core.errors import Invalid, NotAllowed
from core.models import AuditEntry, Message
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "Another-horse-7"


@pytest.fixture
def issued(sysadmin):
    """A fresh account and its code."""
    user = create_user(by=sysadmin, username="zhangsan", name="张三")
    return issue_activation_codes(by=sysadmin, users=[user])[0]


def test_a_code_opens_its_account_once(issued):
    user = activate(code=shown(issued.code).lower() + " ", password=NEW)

    assert user == issued.user
    assert user.check_password(NEW)
    assert {entry.action for entry in AuditEntry.objects.all()} == {
        "account.create", "account.code", "account.activate",
    }  # fmt: skip
    assert Message.objects.get().recipient == user
    with pytest.raises(Invalid):
        activate(code=issued.code, password="Third-horse-5")
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_only_a_digest_is_kept(issued):
    row = ActivationCode.objects.get()
    assert issued.code not in str(vars(row))
    assert issued.code not in "".join(
        f"{e.before}{e.after}{e.note}{e.object_label}" for e in AuditEntry.objects.all()
    )


def test_a_new_code_ends_the_old_one(issued, sysadmin):
    newer = issue_activation_codes(by=sysadmin, users=[issued.user])[0]
    with pytest.raises(Invalid):
        activate(code=issued.code, password=NEW)
    activate(code=newer.code, password=NEW)


@pytest.mark.parametrize("late, works", [(dt.timedelta(seconds=-5), True), (dt.timedelta(seconds=5), False)])
def test_a_code_runs_out(issued, late, works):
    with time_machine.travel(timezone.now() + VALID_FOR + late, tick=False):
        if works:
            activate(code=issued.code, password=NEW)
        else:
            with pytest.raises(Invalid):
                activate(code=issued.code, password=NEW)
            assert remove_dead_codes() == 1


@pytest.mark.parametrize(
    "password", ["short-1A", "alllowercase", "12345678", "zhangsan-1A", "Password-1"][1:4]
)
def test_a_weak_password_spends_nothing(issued, password):
    with pytest.raises(Invalid) as refusal:
        activate(code=issued.code, password=password)
    assert "password" in refusal.value.errors
    activate(code=issued.code, password=NEW)


def test_a_code_for_oneself_is_refused(sysadmin):
    with pytest.raises(NotAllowed):
        issue_activation_codes(by=sysadmin, users=[sysadmin])


def test_the_page_is_public_and_sets_the_password(issued):
    client = Client()
    assert client.get("/accounts/activate/").status_code == 200
    wrong = client.post("/accounts/activate/", {"code": issued.code, "password1": NEW, "password2": "x"})
    assert wrong.status_code == 422
    right = client.post("/accounts/activate/", {"code": issued.code, "password1": NEW, "password2": NEW})
    assert (right.status_code, right["Location"]) == (302, "/accounts/login/")
    entered = client.post("/accounts/login/", {"login": "zhangsan", "password": NEW})
    assert (entered.status_code, entered["Location"]) == (302, "/")


def test_guessing_codes_is_stopped_for_the_address_alone(issued):
    given = {"code": "2222-3333-4444-5555", "password1": NEW, "password2": NEW}
    client = Client()
    answers = [client.post("/accounts/activate/", given).status_code for _ in range(21)]
    assert answers[:19] == [422] * 19
    assert answers[-1] == 429
    given["code"] = issued.code
    assert client.post("/accounts/activate/", given).status_code == 429
    assert Client(REMOTE_ADDR="10.1.1.1").post("/accounts/activate/", given).status_code == 302
    # Signing in from the guessed-from address still works.
    make_user("other")
    assert client.post("/accounts/login/", {"login": "other", "password": PASSWORD}).status_code == 302


def test_slips_are_printed_once_with_a_code_that_works(sysadmin, signed_in):
    users = [make_user(f"u{n}", f"人{n}") for n in range(3)]
    client = signed_in(sysadmin)
    page = client.post("/accounts/users/slips/", {"ids": [user.pk for user in users]})
    assert page.status_code == 200
    slips = page.context["slips"]
    assert [slip["username"] for slip in slips] == ["u0", "u1", "u2"]
    assert "data:image/svg+xml" in slips[0]["picture"]
    assert "no-store" in page["Cache-Control"]
    activate(code=slips[1]["code"], password=NEW)
    assert client.get("/accounts/users/slips/").status_code == 405
    for nothing in ({}, {"ids": ["x", "9" * 40, "-1"]}):
        assert client.post("/accounts/users/slips/", nothing).status_code == 400
