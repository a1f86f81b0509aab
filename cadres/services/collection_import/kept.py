# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Cells of the national form without a home: compared, kept beside the record of their row, and found again.

What the system computes itself (现职务层次, 奖惩综述 …) is kept with what the records said then, and goes out in
the form's words as long as they still say it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery

from cadres.models.collection import KEPT_BESIDE, KEPT_OF_PERSON, KeptCells
from cadres.services.collection_import.sameness import plain
from cadres.services.collection_import.targets import Target
from cadres.services.roster_import.staging import Spool
from cadres.services.roster_import.writes import GOING
from core.crypto import encrypt

KEPT = Target("kept", KeptCells, "其他内容", ())
CELLS, TOLD = "@kept", "@told"
# What the column says of sanctions is for few: staged in its envelope alone.
_CLOSED = frozenset({"奖惩综述"})
HIDDEN = "（保密内容）"
_TABLE = "collection_kept"
_COLUMNS = ("ordinal", "person", "slug", "cadre_id", "record", "unit_id", "content")
Cells = dict[str, str]


def cells_of(kept: KeptCells | None) -> dict[str, Any]:
    """What is kept: {"cells": …, "told": …}."""
    return read_cells(kept.content if kept is not None else None)


def read_cells(content: str | None) -> dict[str, Any]:
    """The same of the content alone."""
    found = json.loads(content) if content else {}
    return {"cells": found.get("cells", {}), "told": found.get("told", {})}


def kept_beside(slug: str) -> Subquery:
    """The content kept beside the records of a history, to annotate them with."""
    own = KeptCells.objects.filter(slug=slug)
    if slug == "unit":
        own = own.filter(unit=OuterRef("pk"))
    elif slug == "person":
        own = own.filter(cadre=OuterRef("pk"))
    else:
        own = own.filter(**{slug: OuterRef("pk")})
    return Subquery(own.values("content")[:1])


def kept_cell(record: Any, heading: str) -> str | None:
    """A kept cell of a record annotated with `kept`."""
    if not hasattr(record, "kept_read"):
        content = record.content if isinstance(record, KeptCells) else getattr(record, "kept", None)
        record.kept_read = read_cells(content)
    return record.kept_read["cells"].get(heading)


class Keeping:
    """Collects what is to be kept while rows are judged, and writes it when they are."""

    def __init__(self) -> None:
        self._spool = Spool(_COLUMNS)
        self._slugs: set[str] = set()

    def take(
        self, item: Any, slug: str, known: Iterable[KeptCells], computed: Mapping[str, Any],
        told: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Compare a judged row's cells with those kept; a difference alone makes an unchanged row changed.

        `computed` are columns that the system fills itself where nothing is kept; `told` what it says now in those
        that it computes, whose words are compared as they would go out.
        """
        if item.verdict not in ("new", "changed", "unchanged") or not (item.kept or item.told):
            return
        record = 0 if slug in KEPT_OF_PERSON or item.verdict == "new" else item.record.pk
        is_new = item.verdict == "new"
        before = (
            None
            if is_new
            else next((one for one in known if one.slug == slug and one.record == record), None)
        )
        shown = in_own_words(dict(told or {}), before.content if before is not None else None)
        self._compared(item, cells_of(before), computed, {one: shown.get(one) for one in told or ()})
        if item.verdict == "unchanged":
            return
        known_record = "" if is_new and slug not in KEPT_OF_PERSON else str(record)
        self._add(item, slug, known_record, before)

    def take_unit(self, item: Any, unit: int, before: KeptCells | None, own: dict[str, str]) -> None:
        """The same for a unit; `own` is what the system says of it in the form's columns."""
        shown = in_own_words(dict(own), before.content if before is not None else None)
        self._compared(item, {"cells": {**cells_of(before)["cells"], **shown}}, {}, {})
        if item.verdict not in ("new", "changed") or not item.kept:
            return
        words = {heading: item.kept.pop(heading) for heading in own if heading in item.kept}
        said = {
            heading: [text, own[heading]]
            for heading, text in words.items()
            if plain(text) != plain(own[heading])
        }
        self._add(item, "unit", "0", before, unit=unit, told=said)

    def _compared(
        self, item: Any, old: dict[str, Any], computed: Mapping[str, Any], told: Mapping[str, Any]
    ) -> None:
        if item.verdict == "new":
            return
        changes: dict[str, list[Any]] = {}
        for heading, text in item.kept.items():
            now = old["cells"].get(heading, computed.get(heading))
            if plain(now) != plain(text):
                changes[heading] = [now, text]
        for heading, text in item.told.items():
            if heading in told and plain(told[heading]) != plain(text):
                closed = heading in _CLOSED
                changes[heading] = (
                    [HIDDEN if told[heading] else None, HIDDEN] if closed else [told[heading] or None, text]
                )
        if not changes:
            return
        if item.verdict == "unchanged":
            item.verdict, item.only_kept, item.changes = "changed", True, {}
        item.changes = {**(item.changes or {}), **changes}

    def _add(
        self, item: Any, slug: str, record: str, before: KeptCells | None, *, unit: int = 0, told: Any = None
    ) -> None:
        old = cells_of(before)
        said = told if told is not None else {heading: [text, None] for heading, text in item.told.items()}
        content = {
            "cells": {**old["cells"], **item.kept},
            "told": {**old["told"], **said},
        }
        envelope = encrypt(json.dumps(content, ensure_ascii=False), context=_context())
        self._slugs.add(slug)
        self._spool.add(
            [
                str(item.ordinal), str(item.person or ""), slug, "" if unit else str(item.cadre or ""), record,
                str(unit or ""), envelope,
            ]
        )  # fmt: skip

    def write(self, tables: Mapping[str, str]) -> list[int]:
        """Write what was collected; `tables` are those that new records went through, by history.

        Returns the ids of the rows of persons, whose told columns are still to be settled.
        """
        if not self._spool.count:
            return []
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {_TABLE}")
            cursor.execute(
                f"CREATE TEMP TABLE {_TABLE} (ordinal integer, person integer, slug varchar(20), cadre_id bigint, "
                "record bigint, unit_id bigint, content text) ON COMMIT DROP"
            )
            self._spool.copy_in(_TABLE)
            for slug in sorted(self._slugs):
                cursor.execute(_insert(slug, tables.get(slug)), [slug])
            cursor.execute(
                f"SELECT t.id FROM cadres_keptcells t WHERE t.slug = 'person' AND t.cadre_id IN ("
                f"SELECT coalesce(k.cadre_id, g.cid) FROM {_TABLE} k LEFT JOIN {GOING} g ON g.ordinal = k.person "
                "AND g.is_new WHERE k.slug = 'person') ORDER BY 1"
            )
            return [pk for (pk,) in cursor.fetchall()]


def _insert(slug: str, table: str | None) -> str:
    """Write what is kept of a slug; `table` is that which the new records of a history went through."""
    beside, new, record = "", "", ""
    if slug in KEPT_BESIDE:
        beside, key = f", {slug}_id", f"({slug}_id)"
        new = f"LEFT JOIN {table} w ON w.w_ordinal = k.ordinal AND w.w_new"
        record = ", coalesce(k.record, w.id)"
    elif slug == "unit":
        key = "(unit_id, slug)"
    else:
        key = f"(cadre_id, slug) WHERE slug IN {KEPT_OF_PERSON}"
    return f"""
INSERT INTO cadres_keptcells (cadre_id, unit_id, slug{beside}, content, updated_at)
SELECT CASE WHEN k.unit_id IS NULL THEN coalesce(k.cadre_id, g.cid) END, k.unit_id, k.slug{record}, k.content, now()
FROM {_TABLE} k LEFT JOIN {GOING} g ON g.ordinal = k.person AND g.is_new {new}
WHERE k.slug = %s ORDER BY k.ordinal
ON CONFLICT {key} DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at"""


def settle_told(ids: list[int], tell: Callable[[list[int]], Mapping[int, Mapping[str, Any]]]) -> None:
    """Note beside the words of computed columns what the records say now; words that say the same aren't kept.

    `tell` gives the computed columns of people by id.
    """
    for at in range(0, len(ids), _BATCH):
        rows = list(KeptCells.objects.filter(pk__in=ids[at : at + _BATCH]))
        said = tell([row.cadre_id for row in rows if row.cadre_id])
        for row in rows:
            found, now = cells_of(row), said.get(row.cadre_id or 0, {})
            found["told"] = {
                heading: [words, now.get(heading) if then is None else then]
                for heading, (words, then) in found["told"].items()
                if then is not None or words != now.get(heading)
            }
            row.content = json.dumps(found, ensure_ascii=False)
        KeptCells.objects.bulk_update(rows, ["content"])


_BATCH = 1_000


def in_own_words(told: dict[str, Any], content: str | None) -> dict[str, Any]:
    """Computed columns in the form's words where the records still say what they said when it came."""
    for heading, (words, said) in read_cells(content)["told"].items():
        if (told.get(heading) or "") == (said or ""):
            told[heading] = words
    return told


def _context() -> str:
    return str(KeptCells._meta.get_field("content").the_context())  # type: ignore[union-attr]
