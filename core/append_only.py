"""Append-only tables: a database trigger refuses every UPDATE, DELETE and TRUNCATE.

django-pgtrigger's own triggers can be silenced by a session setting (`pgtrigger.ignore`). A record of
who decided what must not be, so this trigger carries its own installation text without that door.
TRUNCATE alone is let through in a database whose name begins with `test_`: the test runner empties
tables between transactional tests, and no session setting can turn a production database into one.
"""

from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.apps import AppConfig, apps
from django.core import checks
from django.db import connection, models
from pgtrigger import compiler

TRIGGER_NAME = "append_only"

_REFUSE = """
IF TG_OP = 'TRUNCATE' AND starts_with(current_database(), 'test_') THEN
    RETURN NULL;
END IF;
RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation';
"""


class AppendOnlySql(compiler.UpsertTriggerSql):
    """Installs a trigger that no session setting silences (migrations refer to this class: keep it)."""

    def get_template(self) -> str:
        """The installation text: pgtrigger's, without the ignore check."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid}
                {when} {operation} ON {table}
                FOR EACH {level}
                EXECUTE PROCEDURE {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class AppendOnlyTrigger(pgtrigger.Trigger):
    """Before any UPDATE, DELETE or TRUNCATE: an error, whatever the rows."""

    name = TRIGGER_NAME
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate
    func = " ".join(_REFUSE.split())

    def compile(self, model: Any) -> compiler.Trigger:
        """The trigger as a migration stores it."""
        return compiler.Trigger(
            name=self.name,
            sql=AppendOnlySql(
                pgid=self.get_pgid(model),
                func=self.render_func(model),
                table=model._meta.db_table,
                when=self.when,
                operation=self.operation,
                level=self.level,
                execute=self.render_execute(model),
            ),
        )


class AppendOnly(models.Model):
    """Abstract base of a table whose rows are written once; a child's Meta inherits from AppendOnly.Meta."""

    class Meta:
        abstract = True
        triggers = [AppendOnlyTrigger()]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a second save is a programming error, caught before the database does."""
        if not self._state.adding:
            raise TypeError(f"{self._meta.label} is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Never: the rows stay."""
        raise TypeError(f"{self._meta.label} is append-only")


@checks.register(checks.Tags.models)
def check_append_only(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Every concrete AppendOnly model carries the trigger (a Meta that inherits nothing would lose it)."""
    return [
        checks.Error(
            f"{model._meta.label} has lost its append-only trigger: let its Meta inherit from the parent's.",
            obj=model,
            id="core.E001",
        )
        for model in apps.get_models()
        if issubclass(model, AppendOnly)
        and not any(
            isinstance(trigger, AppendOnlyTrigger) for trigger in getattr(model._meta, "triggers", [])
        )
    ]


def unprotected_tables() -> list[str]:
    """The append-only tables whose trigger is missing or disabled in the database just now."""
    keepers: list[Any] = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
    wanted = {
        trigger.get_pgid(model): model._meta.db_table
        for model in keepers
        for trigger in getattr(model._meta, "triggers", [])
        if isinstance(trigger, AppendOnlyTrigger)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
            " AND tgname = ANY(%s)",
            [list(wanted)],
        )
        present = set(cursor.fetchall())
    return sorted(table for name, table in wanted.items() if (name, table) not in present)
