"""The inbox: told once per occasion, whoever tells; delivered by one claim, with the error kept."""

import datetime as dt

import environ
import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.models.functions import Now

from core import delivery, inbox
from core.inbox import NewMessage, send, send_many
from core.models import Delivery, Message
from tests.core.conftest import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def robots(settings, monkeypatch):
    """Group robots that note what they are told."""
    settings.NOTIFY_URLS = ["json://robot.invalid/"]
    told = []
    monkeypatch.setattr("apprise.Apprise.notify", lambda self, **text: told.append(text) or True)
    return told


@pytest.fixture
def broken_mail(monkeypatch):
    """A mail server that refuses."""

    def refuse(self, fail_silently=False):
        raise ConnectionRefusedError("mail server away")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)


def test_a_message_is_a_row_once_per_occasion(someone, other):
    first = send(someone, "call:1:due:7", title="推荐还剩 7 天", url="/calls/1/", due=dt.date(2026, 12, 31))
    assert (first.title, first.url) == ("推荐还剩 7 天", "/calls/1/")
    assert first.due.isoformat() == "2026-12-31T15:59:59.999999+00:00"
    assert send(someone, "call:1:due:7", title="又一次") is None
    assert send(other, "call:1:due:7", title="推荐还剩 7 天") is not None
    assert send(someone, "call:1:due:3", title="推荐还剩 3 天") is not None
    assert Message.objects.count() == 3


def test_without_a_mail_server_nothing_claims_to_have_been_mailed(someone, settings):
    settings.EMAIL_BACKEND = environ.Env.email_url_config("dummymail://")["EMAIL_BACKEND"]
    assert send(someone, "call:1:due:7", title="推荐还剩 7 天") is not None
    assert not Delivery.objects.exists()


def test_a_batch_to_a_silent_mail_server_ends_before_its_claims_do(settings):
    assert delivery.ABANDONED_AFTER.total_seconds() > settings.EMAIL_TIMEOUT * delivery.BATCH


@pytest.mark.django_db(transaction=True)
def test_two_beats_tell_once(someone, other):
    def tell():
        with transaction.atomic():
            return len(
                send_many(
                    [NewMessage(who, f"o{n}", f"第 {n} 件") for n in range(50) for who in (someone, other)]
                )
            )

    outcomes = at_once(tell, tell, tell)
    assert sum(outcomes) == 100
    assert Message.objects.count() == 100
    assert Delivery.objects.count() == 50  # only one of them has an address


def test_many_messages_are_two_statements(someone, django_assert_num_queries):
    with django_assert_num_queries(4):  # with the savepoint around them
        send_many([NewMessage(someone, f"o{n}", "标题") for n in range(200)])
    assert send_many([]) == []


def test_a_message_goes_with_its_transaction(someone):
    with transaction.atomic():
        send(someone, "o", title="标题")
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_reading(someone, other):
    messages = [send(someone, f"o{n}", title="标题") for n in range(3)]
    send(other, "o", title="标题")
    assert inbox.unread_count(someone) == 3
    assert inbox.mark_read(other, [messages[0].pk]) == 0
    assert inbox.mark_read(someone, [messages[0].pk]) == 1
    assert inbox.unread_count(someone) == 2
    assert inbox.mark_read(someone) == 2
    assert (inbox.unread_count(someone), inbox.unread_count(other)) == (0, 1)
    assert inbox.unread_count(None) == 0


def test_e_mail_goes_out_with_the_way_back(someone, settings):
    settings.SITE_URL = "https://hr.example"
    send(someone, "o", title="请考察 3 名人选", body="东风小学推荐。", url="/nominations/?tab=waiting")
    assert delivery.deliver_due() == 1
    (letter,) = mail.outbox
    assert (letter.subject, letter.to) == ("请考察 3 名人选", ["someone@example.com"])
    assert "东风小学推荐。" in letter.body
    assert "https://hr.example/nominations/?tab=waiting" in letter.body
    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.error) == ("sent", 1, "")
    assert delivery.deliver_due() == 0
    assert len(mail.outbox) == 1


def test_without_an_address_or_when_quiet_nothing_goes_out(someone, other):
    send(other, "o", title="标题")
    send(someone, "o", title="标题", quiet=True)
    assert delivery.deliver_due() == 0
    assert not Delivery.objects.exists()


def test_robots_get_one_text_with_counts_and_no_names(someone, other, robots):
    for who in (someone, other):
        send(who, "o", title="推荐明天截止")
    send(someone, "p", title="鉴定已逾期")
    delivery.deliver_due()
    (text,) = robots
    assert "推荐明天截止（2 人）" in text["body"]
    assert "鉴定已逾期" in text["body"]
    assert "王小明" not in text["body"]
    assert set(Delivery.objects.filter(channel="robot").values_list("status", flat=True)) == {"sent"}


def test_robots_that_refuse_are_asked_again(someone, robots, monkeypatch):
    monkeypatch.setattr("apprise.Apprise.notify", lambda self, **text: False)
    send(someone, "o", title="推荐明天截止")
    delivery.deliver_due()
    row = Delivery.objects.get(channel="robot")
    assert (row.status, row.attempts) == ("queued", 1)
    assert "没有接受" in row.error


def due_again():
    """Make the pause pass."""
    Delivery.objects.update(due_at=Now() - dt.timedelta(seconds=1))


def test_a_failed_delivery_keeps_its_error_and_waits_longer_each_time(someone, broken_mail):
    send(someone, "o", title="标题")
    pauses = []
    for _ in range(delivery.MAX_ATTEMPTS):
        delivery.deliver_due()
        row = Delivery.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")
            pauses.append(row.due_at - cursor.fetchone()[0])
        due_again()
    assert row.status == "failed"
    assert row.error == "ConnectionRefusedError: mail server away"
    assert [round(pause / dt.timedelta(minutes=1)) for pause in pauses] == [1, 2, 4, 8, 16, 32]
    delivery.deliver_due()
    assert Delivery.objects.get().attempts == delivery.MAX_ATTEMPTS
    assert Message.objects.count() == 1


def test_one_bad_address_does_not_hold_up_the_others(someone, other, monkeypatch):
    other.email = "other@example.com"
    other.save()
    send(someone, "o", title="一")
    send(other, "o", title="二")
    original = mail.EmailMessage.send

    def picky(self, fail_silently=False):
        if "someone" in self.to[0]:
            raise ValueError("bad address")
        return original(self, fail_silently)

    monkeypatch.setattr("django.core.mail.EmailMessage.send", picky)
    assert delivery.deliver_due() == 1
    assert mail.outbox[0].to == ["other@example.com"]


@pytest.mark.django_db(transaction=True)
def test_three_workers_claim_each_delivery_once(someone):
    send_many([NewMessage(someone, f"o{n}", f"第 {n} 件") for n in range(120)])
    at_once(delivery.deliver_due, delivery.deliver_due, delivery.deliver_due)
    assert len(mail.outbox) == 120
    assert len({letter.subject for letter in mail.outbox}) == 120
    assert set(Delivery.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_a_claim_whose_worker_died_is_taken_again(someone):
    send(someone, "o", title="标题")
    assert len(delivery.claim_due("email")) == 1
    assert delivery.deliver_due() == 0
    due_again()
    assert delivery.deliver_due() == 1
    assert Delivery.objects.get().attempts == 2
