"""The application's own database role: it works with rows, and can neither rewrite what is append-only nor lift
the triggers that guard it (spec: append-only "by trigger and permission").

The tables belong to the role that migrates. Only an owner or a superuser may disable a trigger, and TRUNCATE and
TRIGGER are rights of their own, so a role with none of these is held by the database itself.
"""

from django.apps import apps
from django.db import connection

from core.append_only import AppendOnly

_READ_ONLY = ("django_migrations",)
_FORBIDDEN_ON_RECORDS = ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")


def append_only_tables() -> list[str]:
    """The tables whose rows are written once."""
    models = (model for model in apps.get_models() if issubclass(model, AppendOnly) and model._meta.managed)
    return sorted(model._meta.db_table for model in models)


def grants_for(role: str) -> list[str]:
    """The statements that give `role` what the application needs and nothing more; run them as the owner.

    They can be run again at any time, and must be after a migration that adds tables.
    """
    quote = connection.ops.quote_name
    name, database = quote(role), quote(connection.settings_dict["NAME"])
    records = ", ".join(map(quote, append_only_tables()))
    read_only = ", ".join(map(quote, _READ_ONLY))
    return [
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC, {name}",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {name}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"REVOKE ALL ON SCHEMA public FROM {name}",
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"REVOKE UPDATE, DELETE ON {records} FROM {name}",
        f"REVOKE INSERT, UPDATE, DELETE ON {read_only} FROM {name}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
    ]


def shortcomings(role: str) -> list[str]:
    """What `role` could do that the application's role must not, in sentences; [] when it is held.

    Raises LookupError for a role that doesn't exist.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
        if found is None:
            raise LookupError(role)
        if found[0]:
            return [f"角色 {role} 是数据库超级用户，任何限制对它都不起作用"]
        problems = [f"角色 {role} 可以建立其他角色"] if found[1] else []
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p')"
            " AND c.relnamespace = 'public'::regnamespace AND pg_has_role(%s, c.relowner, 'MEMBER')"
            " ORDER BY 1 LIMIT 1",
            [role],
        )
        if owned := cursor.fetchone():
            return [*problems, f"角色 {role} 是表的所有者（如 {owned[0]}），可以停用触发器"]
        for table in append_only_tables():
            cursor.execute(
                "SELECT right_name FROM unnest(%s) AS right_name"
                " WHERE has_table_privilege(%s, %s, right_name)",
                [list(_FORBIDDEN_ON_RECORDS), role, f"public.{table}"],
            )
            held = [row[0] for row in cursor.fetchall()]
            problems += [f"角色 {role} 对只增表 {table} 有 {'、'.join(held)} 权限"] if held else []
    return problems
