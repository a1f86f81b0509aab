"""The inbox: a message is a row first, once per (recipient, occasion); e-mail and group robot come after.

Sending writes rows in the caller's transaction. A periodic task (core.tasks.deliver_messages) claims due
deliveries and hands them to e-mail or to the group robots, with the error kept and a growing pause
between attempts: every message goes out at least once, and two workers never hold the same claim.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from core.calendar import end_of_day, now
from core.models import Delivery, Message, MessageQuerySet

# Without a mail server a message stays in the inbox; a row must not say that it was sent.
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"
_INSERT = """
INSERT INTO core_message (recipient_id, occasion, title, body, url, due, created_at)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
                     %s::timestamptz[], %s::timestamptz[])
ON CONFLICT (recipient_id, occasion) DO NOTHING
RETURNING id, recipient_id, occasion
"""


# What no app has named.
OTHER = "other"


@dataclass(frozen=True)
class Kind:
    """A kind of message in the users' words; its occasions begin with one of the prefixes and a colon."""

    label: str
    prefixes: tuple[str, ...]


_kinds: dict[str, Kind] = {}


def register_kind(key: str, label: str, *prefixes: str) -> None:
    """Name a kind of message for the inbox's filter; each app names its own when it starts."""
    _kinds[key] = Kind(label, prefixes or (key,))


def kinds() -> dict[str, Kind]:
    """All kinds by their keys, in the order in which the apps named them."""
    return dict(_kinds)


def of_kind(rows: MessageQuerySet, key: str) -> MessageQuerySet:
    """Return the messages of one kind, or those of none for OTHER."""
    if key != OTHER:
        return rows.filter(_begins(_kinds[key].prefixes))
    return rows.exclude(_begins(prefix for kind in _kinds.values() for prefix in kind.prefixes))


def _begins(prefixes: Iterable[str]) -> Q:
    condition = Q(pk__in=[])
    for prefix in prefixes:
        condition |= Q(occasion__startswith=f"{prefix}:")
    return condition


register_kind("job", "后台任务")


@dataclass(frozen=True)
class NewMessage:
    """What to tell whom; `occasion` says when telling it again would be a repetition."""

    recipient: Any
    occasion: str
    title: str
    body: str = ""
    url: str = ""
    due: dt.datetime | dt.date | None = None
    quiet: bool = False


def send(
    recipient: Any,
    occasion: str,
    *,
    title: str,
    body: str = "",
    url: str = "",
    due: dt.datetime | dt.date | None = None,
    quiet: bool = False,
) -> Message | None:
    """Tell one person; None if they were told on this occasion before.

    Titles hold nothing confidential: they go out by e-mail and to the group robots, unless `quiet`.
    """
    ids = send_many([NewMessage(recipient, occasion, title, body, url, due, quiet)])
    return Message.objects.get(pk=ids[0]) if ids else None


def send_many(messages: Iterable[NewMessage]) -> list[int]:
    """Tell many people in one statement; returns the ids of the messages that were new."""
    rows = list(messages)
    if not rows:
        return []
    moment = now()
    columns: list[list[Any]] = [
        [row.recipient.pk for row in rows],
        [row.occasion[:200] for row in rows],
        [row.title[:200] for row in rows],
        [row.body for row in rows],
        [row.url[:300] for row in rows],
        [_due_moment(row.due) for row in rows],
        [moment] * len(rows),
    ]
    loud = [row for row in rows if not row.quiet]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)
        inserted = cursor.fetchall()
        ways_out = {(row.recipient.pk, row.occasion[:200]): row for row in loud}
        Delivery.objects.bulk_create(_deliveries(inserted, ways_out))
    return [message_id for message_id, _, _ in inserted]


def unread_count(user: Any) -> int:
    """How many messages the person hasn't opened."""
    return Message.objects.of(user).unread().count()


def mark_read(user: Any, ids: Sequence[int] | None = None) -> int:
    """Mark a person's own messages as read (all of them without ids); returns how many changed."""
    messages = Message.objects.of(user).unread()
    if ids is not None:
        messages = messages.filter(pk__in=ids)
    return messages.update(read_at=now())


def _due_moment(due: dt.datetime | dt.date | None) -> dt.datetime | None:
    return end_of_day(due) if isinstance(due, dt.date) and not isinstance(due, dt.datetime) else due  # type: ignore[return-value]


def _deliveries(
    inserted: list[tuple[int, int, str]], loud: dict[tuple[int, str], NewMessage]
) -> Iterable[Delivery]:
    """The ways out of the messages that are new."""
    for message_id, recipient_id, occasion in inserted:
        row = loud.get((recipient_id, occasion))
        if row is None:
            continue
        if row.recipient.email and settings.EMAIL_BACKEND != NO_MAIL:
            yield Delivery(message_id=message_id, channel=Delivery.Channel.EMAIL)
        if settings.NOTIFY_URLS:
            yield Delivery(message_id=message_id, channel=Delivery.Channel.ROBOT)
