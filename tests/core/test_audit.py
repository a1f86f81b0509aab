"""The audit trail: what an entry says, what it never says, and that a changed one is found."""

import datetime as dt
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import audit
from core.models import AuditEntry, CalendarDay
from tests.core.papers import Sealed

pytestmark = pytest.mark.django_db

IDENTITY = "310107197605031315"
audit.register("test.act", "试一试")


def test_an_entry_says_who_did_what_to_what(someone):
    day = CalendarDay(pk=7, date=dt.date(2026, 1, 1), is_working=False)
    token = audit.facts.set(audit.RequestFacts(ip="10.1.2.3", request_id="r-1234567"))
    entry = audit.record(
        "test.act", by=someone, obj=day, before={"a": 1}, after={"a": 2}, note="改期", unit_name="东风小学"
    )
    audit.facts.reset(token)
    entry.refresh_from_db()
    assert (entry.actor_id, entry.actor_name, entry.actor_username) == (someone.pk, "王小明", "someone")
    assert (entry.ip, entry.request_id) == ("10.1.2.3", "r-1234567")
    assert (entry.object_type, entry.object_id, entry.object_label) == (
        "core.calendarday", "7", "2026-01-01 休息",
    )  # fmt: skip
    assert (entry.before, entry.after, entry.note, entry.unit_name) == (
        {"a": 1},
        {"a": 2},
        "改期",
        "东风小学",
    )
    assert audit.wording(entry.action) == "试一试"
    assert str(entry) == "王小明 test.act"


def test_names_are_frozen(someone):
    entry = audit.record("test.act", by=someone)
    someone.name = "改了名"
    someone.save()
    entry.refresh_from_db()
    assert entry.actor_name == "王小明"


def test_an_unregistered_action_is_refused(someone):
    with pytest.raises(KeyError):
        audit.record("test.unheard-of", by=someone)
    with pytest.raises(ValueError, match="two wordings"):
        audit.register("test.act", "别的说法")
    assert audit.wording("test.unheard-of") == "test.unheard-of"
    assert audit.wordings()["test.act"] == "试一试"
    assert not AuditEntry.objects.exists()


def test_confidential_values_never_enter(someone):
    sealed = Sealed(pk=1, title="甲", secret="家庭住址")
    entry = audit.record(
        "test.act",
        by=someone,
        obj=sealed,
        before={"secret": "旧地址", "title": f"证号{IDENTITY}"},
        after={"secret": "", "rows": [{"number": IDENTITY}, (IDENTITY,)]},
        note=f"核对 {IDENTITY}",
    )
    assert entry.before == {"secret": "（已加密）", "title": "证号3101********1315"}
    assert entry.after == {"secret": "", "rows": [{"number": "3101********1315"}, ["3101********1315"]]}
    assert entry.note == "核对 3101********1315"
    assert not AuditEntry.objects.extra(where=["core_auditentry::text LIKE '%%19760503%%'"]).exists()


def test_any_value_reads_back_with_the_same_seal(someone):
    values = {
        "float": 0.1 + 0.2,
        "big": 1e20,
        "decimal": Decimal("1.50"),
        "date": dt.date(2026, 2, 28),
        "moment": dt.datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=dt.UTC),
        "nothing": None,
        "yes": True,
        "set": {"甲"},
        "nul": "a\x00b",
        "row": someone,
        "long": 2**63,
    }
    audit.record("test.act", by=someone, after=values, note="a\x00b", unit_name="长" * 300)
    entry = AuditEntry.objects.get()
    assert entry.after["row"] == {"id": str(someone.pk), "name": "王小明"}
    assert entry.after["nul"] == "ab"
    assert list(audit.verify(AuditEntry.objects.all())) == []


def tamper(statement):
    """What somebody with the keys to the database server could do, but not to ours."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    "change",
    [
        "note = '别的'",
        "actor_name = '别人'",
        "actor_id = 99",
        "at = at + interval '1 microsecond'",
        "after = '{\"a\": 3}'",
        "before = NULL",
        "unit_path = '/9/'",
        "ip = '10.9.9.9'",
        "object_id = '8'",
        "action = 'admin.add'",
    ],
)
def test_a_changed_entry_is_found(someone, change):
    other = audit.record("test.act", by=someone)
    entry = audit.record("test.act", by=someone, before={"a": 1}, after={"a": 2}, note="原话")
    call_command("verify_audit", stdout=StringIO())
    tamper(f"UPDATE core_auditentry SET {change} WHERE id = {entry.pk}")
    with pytest.raises(CommandError, match=f"第 {entry.pk} 条") as complaint:
        call_command("verify_audit", stdout=StringIO())
    assert f"第 {other.pk} 条" not in str(complaint.value)


def test_many_changed_entries_are_counted(someone):
    for _ in range(25):
        audit.record("test.act", by=someone)
    tamper("UPDATE core_auditentry SET note = '别的'")
    with pytest.raises(CommandError, match="另有 5 条"):
        call_command("verify_audit", stdout=StringIO())


def test_a_seal_can_only_be_made_with_the_key(someone, settings):
    audit.record("test.act", by=someone)
    settings.INDEX_KEY = "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="
    assert len(list(audit.verify(AuditEntry.objects.all()))) == 1


def test_a_missing_trigger_is_found(someone):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
    with pytest.raises(CommandError, match="core_auditentry 的只增触发器"):
        call_command("verify_audit", stdout=StringIO())


def test_a_sound_trail_says_so(someone):
    audit.record("test.act", by=None)
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert out.getvalue().strip() == "审计记录核对无误：共 1 条。"
