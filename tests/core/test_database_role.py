"""The application's own database role: it can do the day's work, and nothing to what is append-only."""

import io
import os
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from accounts.models import Unit
from accounts.services.purging import purge_sign_ins
from cadres.models import Cadre
from cadres.services.codes import load_codes
from core.append_only import AppendOnly, AppendOnlyTrigger, apps
from core.database_role import append_only_tables, grants_for, shortcomings
from core.sweeping import sweep_files
from programs.models import Nomination
from tests.factories import PASSWORD
from tests.programs.factories import moment
from tests.stage import NOON, set_stage

# A role belongs to all databases of the server, and each process of the suite has its own: so has it its own role.
ROLE = f"cadres_app_of_{os.environ.get('PYTEST_XDIST_WORKER', 'a_test')}"
SECRET = "only-for-this-test"
ROSTER = Path(__file__).resolve().parents[1] / "data" / "synthetic_messy_roster.xlsx"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def role():
    """A role that may log in and holds what the command gives it; gone after the test."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{SECRET}' NOSUPERUSER NOCREATEDB NOCREATEROLE")
    try:
        call_command("database_role", ROLE, "--apply", stdout=io.StringIO())
        yield ROLE
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {ROLE}")
            cursor.execute(f"DROP ROLE {ROLE}")


@pytest.fixture
def as_the_application(role, settings, tmp_path):
    """The site's own connection signs in as the role, for the length of the test."""
    settings.MEDIA_ROOT = tmp_path
    before = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(USER=role, PASSWORD=SECRET)
    yield
    connection.close()
    connection.settings_dict.update(before)


def test_the_role_does_the_day_s_work(as_the_application, client):
    """A district with something of every kind, a sign-in, a decision, an import, the nightly tidying."""
    with time_machine.travel(moment(NOON), tick=False):
        load_codes()
        stage = set_stage()
        entered = client.post("/accounts/login/", {"login": "central-east", "password": PASSWORD})
        assert entered.status_code == 302
        address = f"/nominations/{stage.case.pk}/take/"
        answer = client.post(address, {"action": "reject", "comment": "年限不足"})
        assert answer.status_code == 302
        assert Nomination.objects.get(pk=stage.case.pk).decisions.exists()
        assert client.get(f"/cadres/{stage.cadre.pk}/").status_code == 200
        known = Cadre.objects.count()
        with pytest.raises(SystemExit):  # two rows of the sample are rejected
            call_command("import_roster", str(ROSTER), by="hr", commit=True, stdout=io.StringIO())
        assert Cadre.objects.count() == known + 3
        Unit.objects.filter(pk=stage.tree.school_west.pk).update(headcount=9)
        purge_sign_ins()
        sweep_files()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET id = id",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER {trigger} ON {table}",
        "CREATE TRIGGER other BEFORE INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "ALTER TABLE {table} ADD note2 text",
        "DROP TABLE {table} CASCADE",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (id int)",
        "UPDATE django_migrations SET name = name",
        # Without the right to grant PostgreSQL only warns.
        "GRANT UPDATE ON {table} TO {role}; UPDATE {table} SET id = id",
    ],
)
def test_the_role_changes_nothing_that_is_append_only(as_the_application, statement):
    for table, trigger in triggers().items():
        words = statement.format(table=table, trigger=trigger, role=ROLE)
        with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
            attempt(words)


def attempt(statement):
    """Run a statement, undone where it fails."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def triggers():
    """The append-only tables of the project with their triggers."""
    found = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
    assert {model._meta.db_table for model in found} == set(append_only_tables())
    return {
        model._meta.db_table: next(
            each.get_pgid(model) for each in model._meta.triggers if isinstance(each, AppendOnlyTrigger)
        )
        for model in found
    }


def check(role, *words):
    """What the command says."""
    out = io.StringIO()
    call_command("database_role", role, *words, stdout=out)
    return out.getvalue()


def test_the_command_prints_what_it_would_do_and_changes_nothing():
    printed = check("somebody")
    assert printed.splitlines() == [f"{statement};" for statement in grants_for("somebody")]
    assert "REVOKE UPDATE, DELETE ON" in printed
    assert '"core_auditentry"' in printed


def test_a_role_that_is_not_there_is_named():
    for words in ("--check", "--apply"):
        with pytest.raises(CommandError, match="没有角色 nobody_of_this_name"):
            check("nobody_of_this_name", words)


def test_the_check_says_what_a_role_could_do(role):
    assert "只增表不能改动" in check(role, "--check")
    table = append_only_tables()[0]
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE, TRUNCATE ON {table} TO {role}")
    with pytest.raises(CommandError, match=f"{table} 有 TRUNCATE、UPDATE|{table} 有 UPDATE、TRUNCATE"):
        check(role, "--check")
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON {table} TO {role}")
    assert "只增表不能改动" in check(role, "--apply"), "what was too much is taken away"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE owned_by_role (id int); ALTER TABLE owned_by_role OWNER TO {role}")
    assert shortcomings(role) == [f"角色 {role} 是表的所有者（如 owned_by_role），可以停用触发器"]


def test_the_owner_is_found_out():
    with pytest.raises(CommandError, match="超级用户|所有者"):
        check(connection.settings_dict["USER"], "--check")
