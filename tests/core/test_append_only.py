"""Append-only tables: what was written stays, whatever a session sets."""

import pgtrigger
import psycopg2
import pytest
from django.db import DatabaseError, connection, models, transaction

from core import audit
from core.append_only import AppendOnly, check_append_only
from core.models import AuditEntry
from core.workflow import take
from tests.core.papers import PaperDecision

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entry(someone):
    """One audit entry."""
    return audit.record("admin.change", by=someone, note="原话")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET note = '改过'",
        "UPDATE core_auditentry SET note = '改过' WHERE false",
        "DELETE FROM core_auditentry",
    ],
)
@pytest.mark.parametrize("setting", ["", "SET pgtrigger.ignore = '{{{trigger}}}'"])
def test_no_statement_changes_an_entry(entry, statement, setting):
    pgid = AuditEntry._meta.triggers[0].get_pgid(AuditEntry)
    with transaction.atomic(), connection.cursor() as cursor:
        if setting:
            cursor.execute(setting.format(trigger=pgid))
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert AuditEntry.objects.get().note == "原话"


def test_pgtrigger_ignore_does_not_open_the_door(entry):
    with pytest.raises(DatabaseError, match="append-only"), pgtrigger.ignore():
        AuditEntry.objects.update(note="改过")


def test_decisions_are_append_only(papers, someone):
    paper = papers.create(title="一份文稿", clerks=["someone"])
    take(paper, "submit", by=someone)
    for change in (lambda: PaperDecision.objects.update(comment="改过"), PaperDecision.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert PaperDecision.objects.get().comment == ""


def test_the_model_refuses_before_the_database_does(entry):
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


def test_truncate_is_refused_outside_a_test_database(entry):
    """The exception for test databases goes by the database's name, which no session can set."""
    name = "append_only_proof"
    settings = connection.settings_dict
    address = {"host": settings["HOST"], "port": settings["PORT"] or None, "user": settings["USER"]}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    other = psycopg2.connect(dbname=name, password=settings["PASSWORD"] or None, **address)
    other.autocommit = True
    try:
        with other.cursor() as cursor:
            cursor.execute("CREATE TABLE core_auditentry (note text)")
            cursor.execute(AuditEntry._meta.triggers[0].compile(AuditEntry).install_sql)
            cursor.execute("INSERT INTO core_auditentry VALUES ('原话')")
            with pytest.raises(psycopg2.Error, match="append-only"):
                cursor.execute("TRUNCATE core_auditentry")
            cursor.execute("SELECT count(*) FROM core_auditentry")
            assert cursor.fetchone() == (1,)
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def test_a_meta_that_inherits_nothing_is_found_by_the_check(monkeypatch):
    class Careless(AppendOnly):
        class Meta:
            app_label = "papers"

    monkeypatch.setattr("core.append_only.apps.get_models", lambda: [Careless])
    assert [each.id for each in check_append_only()] == ["core.E001"]


def test_the_project_s_own_tables_pass_the_check():
    assert check_append_only() == []
    assert issubclass(AuditEntry, models.Model)
