"""Nightly tidying of what sign-ins leave behind: dead sessions, expired tokens, old attempts."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from knox.models import get_token_model

# A lock lasts a quarter of an hour (AXES_COOLOFF_TIME); what is older than a day locks nobody any more.
ATTEMPT_DAYS = 1
# 网络安全法 art. 21: logs of network use are kept for at least six months.
LOG_DAYS = 190
# A session's line in „my sessions“ is written beside the session; what was seen within a day is left alone.
UNSEEN = timedelta(days=1)


def purge_sign_ins() -> dict[str, int]:
    """Remove what has ended; returns how many rows of each kind went.

    The machine's clock counts, as it did when they were written: the calendar's may be moved in the demo.
    """
    moment = timezone.now()
    gone = {"sessions": Session.objects.filter(expire_date__lte=moment).count()}
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    orphans = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    gone["session_lines"] = _remove(orphans.filter(last_seen_at__lt=moment - UNSEEN))
    gone["tokens"] = _remove(get_token_model().objects.filter(expiry__lte=moment))
    old = moment - timedelta(days=ATTEMPT_DAYS)
    gone["attempts"] = _remove(AccessAttempt.objects.filter(attempt_time__lt=old))
    kept_from = moment - timedelta(days=LOG_DAYS)
    gone["logs"] = _remove(AccessLog.objects.filter(attempt_time__lt=kept_from))
    gone["logs"] += _remove(AccessFailureLog.objects.filter(attempt_time__lt=kept_from))
    return gone


def _remove(rows: QuerySet) -> int:
    return rows.delete()[0]
