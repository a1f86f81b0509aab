"""Delivery of messages by e-mail and group robot: claim, send, note the outcome; at least once, one claim."""

import datetime as dt
import logging
import uuid
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from core.calendar import now
from core.models import Delivery, Message

logger = logging.getLogger(__name__)

BATCH = 50
MAX_ATTEMPTS = 6
ABANDONED_AFTER = dt.timedelta(minutes=10)
FIRST_PAUSE = dt.timedelta(minutes=1)


def deliver_due() -> int:
    """Send everything that is due now; returns how many deliveries went out."""
    sent = 0
    while batch := claim_due(Delivery.Channel.EMAIL):
        sent += sum(_send_mail(delivery) for delivery in batch)
    while batch := claim_due(Delivery.Channel.ROBOT):
        sent += _send_to_robots(batch)
    return sent


def claim_due(channel: str, limit: int = BATCH) -> list[Delivery]:
    """Take up to `limit` due deliveries; rows another worker is taking are skipped, not waited for.

    A claim older than ABANDONED_AFTER belongs to a worker that died and is taken again.
    """
    token = uuid.uuid4()
    open_now = Q(status=Delivery.Status.QUEUED) | Q(status=Delivery.Status.SENDING)
    with transaction.atomic():
        ids = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(open_now, channel=channel, due_at__lte=Now())
            .order_by("due_at")
            .values_list("pk", flat=True)[:limit]
        )
        Delivery.objects.filter(pk__in=ids).update(
            status=Delivery.Status.SENDING,
            claim=token,
            attempts=F("attempts") + 1,
            due_at=Now() + ABANDONED_AFTER,
        )
    return list(Delivery.objects.filter(claim=token).select_related("message__recipient").order_by("pk"))


def _send_mail(delivery: Delivery) -> bool:
    message = delivery.message
    try:
        EmailMessage(subject=message.title, body=_mail_text(message), to=[message.recipient.email]).send(
            fail_silently=False
        )
    except Exception as error:
        _note_failure([delivery], error)
        return False
    _note_sent([delivery])
    return True


def _mail_text(message: Message) -> str:
    link = urljoin(settings.SITE_URL, message.url) if message.url else settings.SITE_URL
    return "\n\n".join(part for part in (message.body, f"请登录办理：{link}") if part)


def _send_to_robots(batch: Sequence[Delivery]) -> int:
    """One text for a whole batch: titles with counts, no names of recipients."""
    import apprise  # knows a hundred services and takes its time to load

    titles = Counter(delivery.message.title for delivery in batch)
    lines = [f"· {title}（{count} 人）" if count > 1 else f"· {title}" for title, count in titles.items()]
    robots = apprise.Apprise()
    for url in settings.NOTIFY_URLS:
        robots.add(url)
    try:
        if not robots.notify(title=settings.LABELS["product"], body="\n".join([*lines, settings.SITE_URL])):
            raise ConnectionError("群机器人没有接受消息")
    except Exception as error:
        _note_failure(batch, error)
        return 0
    _note_sent(batch)
    return len(batch)


def _note_sent(batch: Sequence[Delivery]) -> None:
    for delivery in batch:
        Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim).update(
            status=Delivery.Status.SENT, sent_at=now(), error="", claim=None
        )


def _note_failure(batch: Sequence[Delivery], error: Exception) -> None:
    """Keep the error; try again after a growing pause, MAX_ATTEMPTS times in all."""
    logger.warning("%s deliveries failed: %s", len(batch), error)
    for delivery in batch:
        over = delivery.attempts >= MAX_ATTEMPTS
        Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim).update(
            status=Delivery.Status.FAILED if over else Delivery.Status.QUEUED,
            due_at=Now() + FIRST_PAUSE * 2 ** (delivery.attempts - 1),
            error=f"{type(error).__name__}: {error}"[:2000],
            claim=None,
        )
