# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Records on their way into a history: copied beside it, then inserted and updated in one statement each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, models

from cadres.services.collection_import.targets import Target
from cadres.services.roster_import.columns import as_array
from cadres.services.roster_import.staging import Spool, analyze
from cadres.services.roster_import.writes import GOING

_STAMPS = ("created_at", "updated_at")
_OWN = ("w_ordinal", "w_person", "w_new", "w_within")


class Writes:
    """The new and changed records of one history. Encrypted columns are envelopes before they leave memory."""

    def __init__(self, target: Target) -> None:
        self.target = target
        own = target.model._meta.concrete_fields
        if target.slug == "person":
            own = [one for one in own if one.name in ("id", "birthplace", "health", "speciality")]
        self.fields = [one for one in own if one.name not in _STAMPS]
        self.columns = [one.column for one in self.fields]
        self.table = f"collection_to_{target.slug}"
        self._spool = Spool((*_OWN, *self.columns))

    def add(self, item: Any) -> None:
        """Take a row that is new or changed."""
        record = item.record
        if self.target.slug != "person":
            record.cadre_id = item.cadre
        cells = [_copied(one, record) for one in self.fields]
        is_new = "t" if item.verdict == "new" else "f"
        self._spool.add(
            [str(item.ordinal), str(item.person or ""), is_new, item.values.get("within", ""), *cells]
        )

    def copy_in(self) -> None:
        """Make the table beside the history and copy everything in."""
        listed = ", ".join(f'"{name}"' for name in self.columns)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {self.table}")
            cursor.execute(
                f"CREATE TEMP TABLE {self.table} ON COMMIT DROP AS "
                f"SELECT 0 AS w_ordinal, 0 AS w_person, false AS w_new, ''::text AS w_within, {listed} "
                f"FROM {self.target.model._meta.db_table} LIMIT 0"
            )
        self._spool.copy_in(self.table)
        analyze(self.table, "w_ordinal", "w_new")

    def write(self) -> None:
        """Write the records into the history; new people have got their ids by now (GOING)."""
        self.copy_in()
        with connection.cursor() as cursor:
            if self.target.slug == "person":
                cursor.execute(self._update_people())
                return
            self.number(cursor)
            self.insert_and_update(cursor)

    def insert_and_update(self, cursor: Any) -> None:
        """The two statements of a history, once its table is filled."""
        cursor.execute(self._insert())
        cursor.execute(self._update())

    def _update_people(self) -> str:
        pairs = ", ".join(f'"{one}" = coalesce(w."{one}", c."{one}")' for one in self.columns if one != "id")
        return f"""
UPDATE cadres_cadre c SET {pairs}, updated_at = now()
FROM {self.table} w LEFT JOIN {GOING} g ON g.ordinal = w.w_person AND g.is_new
WHERE c.id = coalesce(g.cid, w.id)"""

    def number(self, cursor: Any) -> None:
        """Ids for new records, by which what is kept beside them finds them; for lines of a CV those they stand in."""
        table = self.target.model._meta.db_table
        cursor.execute(
            f"UPDATE {self.table} SET id = nextval(pg_get_serial_sequence('{table}', 'id')) WHERE w_new"
        )
        if self.target.slug == "career":
            self._within(cursor)

    def _within(self, cursor: Any) -> None:
        """The lines that （其间：…） lines stand in, told by their text."""
        cursor.execute(
            f"""
UPDATE {self.table} w SET within_id = t.id
FROM (SELECT DISTINCT ON (l.owner, l.text) l.owner, l.text, l.id
      FROM (SELECT coalesce(cadre_id, -w_person) AS owner, text, id FROM {self.table} WHERE w_within IS NULL
            UNION ALL
            SELECT c.cadre_id, c.text, c.id FROM cadres_careerline c
            WHERE c.cadre_id IN (SELECT cadre_id FROM {self.table}) AND c.within_id IS NULL) l
      ORDER BY l.owner, l.text, l.id) t
WHERE w.w_within IS NOT NULL AND t.owner = coalesce(w.cadre_id, -w.w_person) AND t.text = w.w_within AND t.id <> w.id"""
        )

    def _insert(self) -> str:
        table = self.target.model._meta.db_table
        columns = ", ".join(f'"{one}"' for one in self.columns)
        values = ", ".join(self._value(one) for one in self.fields)
        return f"""
INSERT INTO {table} ({columns}, {", ".join(self._stamps())})
SELECT {values}, {", ".join("now()" for _ in self._stamps())}
FROM {self.table} w LEFT JOIN {GOING} g ON g.ordinal = w.w_person AND g.is_new
WHERE w.w_new ORDER BY w.w_ordinal"""

    def _value(self, field: models.Field) -> str:
        if field.name == "cadre":
            return "coalesce(w.cadre_id, g.cid)"
        return _filled(field)

    def _stamps(self) -> list[str]:
        return [one.column for one in self.target.model._meta.concrete_fields if one.name in _STAMPS]

    def _update(self) -> str:
        table = self.target.model._meta.db_table
        pairs = ", ".join(
            f'"{one.column}" = {_filled(one)}' for one in self.fields if one.name not in ("id", "cadre")
        )
        stamp = ", updated_at = now()" if "updated_at" in self._stamps() else ""
        return f"UPDATE {table} t SET {pairs}{stamp} FROM {self.table} w WHERE NOT w.w_new AND t.id = w.id"


def _filled(field: models.Field) -> str:
    """The column's value; COPY made an empty text NULL."""
    column = f'w."{field.column}"'
    texts = isinstance(field, models.CharField | models.TextField)
    return f"coalesce({column}, '')" if texts and not field.null else column


def _copied(field: models.Field, record: Any) -> str:
    """A value as COPY text."""
    value = field.get_db_prep_save(getattr(record, field.attname), connection)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list):
        return as_array(["" if one is None else str(one) for one in value]).replace('""', "NULL")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
