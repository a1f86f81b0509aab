"""Each night what sign-ins left behind goes: dead sessions, expired tokens, old attempts; the rest stays."""

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from knox.models import AuthToken

from accounts.services.purging import purge_sign_ins
from accounts.tasks import purge_sign_ins as task

pytestmark = pytest.mark.django_db


def ago(**period) -> dt.datetime:
    return timezone.now() - dt.timedelta(**period)


def make_session(user, *, expired: bool, seen: dt.datetime) -> str:
    """A session with its line in „my sessions“; returns its key."""
    store = SessionStore()
    store["x"] = 1
    store.save()
    if expired:
        Session.objects.filter(pk=store.session_key).update(expire_date=ago(minutes=1))
    line = UserSession.objects.create(user=user, session_key=store.session_key, ip="10.0.0.1")
    UserSession.objects.filter(pk=line.pk).update(last_seen_at=seen)
    return store.session_key


def attempt(model, when: dt.datetime, **about) -> None:
    row = model.objects.create(username=f"u{when:%j%H}", ip_address="10.0.0.1", user_agent="x", **about)
    model.objects.filter(pk=row.pk).update(attempt_time=when)


def test_dead_sessions_go_with_their_lines(hr):
    live = make_session(hr, expired=False, seen=ago(days=3))
    make_session(hr, expired=True, seen=ago(days=15))
    fresh = make_session(hr, expired=True, seen=ago(minutes=5))
    gone = purge_sign_ins()
    assert set(Session.objects.values_list("pk", flat=True)) == {live}
    assert set(UserSession.objects.values_list("session_key", flat=True)) == {live, fresh}
    assert (gone["sessions"], gone["session_lines"]) == (2, 1)


def test_expired_tokens_go(hr):
    _, token = AuthToken.objects.create(hr, expiry=dt.timedelta(hours=1))
    AuthToken.objects.create(hr, expiry=dt.timedelta(hours=-1))
    assert purge_sign_ins()["tokens"] == 1
    assert AuthToken.objects.count() == 1
    assert AuthToken.objects.filter(expiry__gt=timezone.now()).exists()
    assert token


def test_old_attempts_go_and_logs_stay_half_a_year(db):
    for when in (ago(minutes=10), ago(days=2)):
        attempt(AccessAttempt, when, failures_since_start=3)
    for model in (AccessLog, AccessFailureLog):
        for when in (ago(days=184), ago(days=200)):
            attempt(model, when)
    gone = purge_sign_ins()
    assert (gone["attempts"], gone["logs"]) == (1, 2)
    assert AccessAttempt.objects.get().attempt_time > ago(days=1)
    for model in (AccessLog, AccessFailureLog):
        assert model.objects.get().attempt_time > ago(days=185)


def test_it_runs_every_night(settings, hr):
    planned = {entry["task"]: entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert planned[task.name].hour == {3}
    make_session(hr, expired=True, seen=ago(days=2))
    task()
    assert not Session.objects.exists()
