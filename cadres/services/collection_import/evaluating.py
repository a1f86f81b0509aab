# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""All rows judged: one statement reads the rows of a history, one what is kept, and they are merged person by person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import orjson
from django.db import connection

from accounts.models import User
from cadres.collection.national import LEADS
from cadres.collection.national_exporting import GUARDS, REWARDS, tell_people
from cadres.collection.selecting import Sight
from cadres.models import Cadre, Code
from cadres.services.collection_import.kept import CELLS, HIDDEN, KEPT, TOLD, Keeping
from cadres.services.collection_import.new_units import is_creation
from cadres.services.collection_import.people import PLACES_FROM, WHO
from cadres.services.collection_import.records import Item, judge
from cadres.services.collection_import.sameness import plain
from cadres.services.collection_import.staged import INCOMING, unseal
from cadres.services.collection_import.targets import PERSON, TARGETS, Target
from cadres.services.collection_import.unit_facts import UnitFacts
from cadres.services.collection_import.writing import Writes
from cadres.services.roster_import.staging import Spool, analyze

JUDGED = "collection_judged"
_RESULT = ("ordinal", "verdict", "cadre_id", "record", "changes", "findings")
_BATCH = 2_000
# A remark on whose row it is, not on a name that the row itself is about.
_WHO_COLUMN = "@name"

NOBODY = "名册中没有这位干部，请先导入名册（或在文件中填写人员表）。"
ASKED = "还不能确定是哪位干部，请先答复。"
PERSON_LEFT_OUT = "这个人在人员表中的行没有导入。"
NOT_ABOUT_ONESELF = "这类内容不能由本人登记。"
UNIT_ASKED = "没有找到机构“{}”，请确认是哪个单位。"
UNIT_LEFT_OUT = "按您的答复，这个单位的行不导入。"
TWICE = "这个人在这张表中有两行，只保存前面那一行。"
WILL_BE_MADE = "按您的答复，确认导入时新建这个单位。"
UNIT_KEPT = "单位的信息请在单位页面修改，这里不改：{}。"

_SLUGS = f"SELECT DISTINCT slug FROM {INCOMING} ORDER BY 1"
_ROWS = f"""
SELECT r.ordinal, r.sheet, r."row", r.is_faulty, r.content, r.place_id, r.place_text, p.ordinal, p.cadre_id, p.verdict,
       p.findings, p.changes, p.of_sheet, c.unit_path, c.user_id, w.unit_id, w.verdict, n.name, w.ordinal IS NULL
FROM {INCOMING} r
LEFT JOIN {WHO} p ON p.ordinal = r.person
LEFT JOIN {WHO} w ON w.ordinal = {PLACES_FROM} + r.ordinal
LEFT JOIN cadres_cadre c ON c.id = p.cadre_id
LEFT JOIN accounts_unit n ON n.id = w.unit_id
WHERE r.slug = %s ORDER BY p.cadre_id NULLS LAST, p.ordinal, r.ordinal
"""
_TAKE = f"""
UPDATE {INCOMING} r
SET verdict = j.verdict, cadre_id = j.cadre_id, record = j.record, changes = j.changes, findings = j.findings
FROM {JUDGED} j WHERE j.ordinal = r.ordinal
"""


class _Owner:
    """Just enough of a cadre to ask who may see what of it."""

    def __init__(self, unit_path: str, user_id: int | None) -> None:
        self.unit_path = unit_path
        self.user_id = user_id


class Evaluation:
    """Judges every staged row; what is to be written is collected on the way, in files while it is much."""

    def __init__(
        self, values: dict[str, Any], *, by: User | None, unit_path: str, columns: dict[str, Any]
    ) -> None:
        self._values = values
        self._sight = Sight(by)
        self._unit_path = unit_path
        self._columns = columns
        self._codes: dict[int, Code] | None = None
        self._answers: dict[str, Any] = orjson.loads(values["answers"])
        self.results = Spool(_RESULT)
        self.keeping = Keeping()
        self.writes: dict[str, Writes] = {}

    def run(self) -> None:
        """Judge all rows and put the outcome into the incoming table."""
        with connection.cursor() as cursor:
            cursor.execute(_SLUGS)
            slugs = [slug for (slug,) in cursor.fetchall()]
        for slug in slugs:
            if slug in TARGETS:
                self._history(TARGETS[slug])
            elif slug == "person":
                self._people()
            elif slug == "supplement":
                self._supplements()
            else:
                self._units()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {JUDGED}")
            cursor.execute(
                f"CREATE TEMP TABLE {JUDGED} (ordinal integer, verdict varchar(10), cadre_id bigint, record bigint, "
                "changes jsonb, findings jsonb) ON COMMIT DROP"
            )
            self.results.copy_in(JUDGED)
            analyze(JUDGED, "ordinal")
            cursor.execute(_TAKE)

    def _code(self, pk: int) -> Code | None:
        """A code by its id; all of them are loaded once, when the first is needed."""
        if self._codes is None:
            self._codes = Code.objects.exclude(list=Code.List.REGION).in_bulk()
        return self._codes.get(pk)

    # --- histories -----------------------------------------------------------------------------------------

    def _history(self, target: Target) -> None:
        existing, kept = _Existing(target), _Existing(KEPT)
        writes = self.writes[target.slug] = Writes(target)
        with connection.chunked_cursor() as cursor:
            cursor.execute(_ROWS, [target.slug])
            # Somebody named in two ways is one person all the same.
            for (cadre, _), rows in groupby(_fetched(cursor), key=lambda row: (row[8], row[8] or row[7])):
                items = [self._item(row, target) for row in rows]
                known = existing.of(cadre) if cadre is not None else []
                judge(target, items, known, self._code, self._answers)
                cells = kept.of(cadre) if cadre is not None else []
                for item in items:
                    self.keeping.take(item, target.slug, cells, _computed(target.slug, item))
                    self._take(item, target)
                    if item.verdict in ("new", "changed") and not item.only_kept:
                        writes.add(item)

    def _item(self, row: tuple[Any, ...], target: Target) -> Item:
        (ordinal, sheet, number, faulty, content, _, place_text, person, cadre, verdict, findings, __, of_sheet,
         path, user, answered_unit, place_verdict, __, outside) = row  # fmt: skip
        item = _opened(ordinal, sheet, number, content)
        item.cadre, item.person = cadre, person
        if faulty:
            item.verdict = "rejected"
        elif verdict == "ask":
            own = ordinal == person
            item.verdict = "ask"
            for one in _loads(findings) if own else ({"message": ASKED},):
                item.findings.append({"name": _WHO_COLUMN, "message": one["message"], "severity": "warning"})
        elif verdict == "rejected":
            said = [one["message"] for one in _loads(findings)]
            item.refuse(PERSON_LEFT_OUT if of_sheet else said[0] if said else NOBODY, _WHO_COLUMN)
        elif cadre is None and not of_sheet:
            item.refuse(NOBODY, _WHO_COLUMN)
        elif not self._sight.sees(_Owner(path or self._unit_path, user), target.guard):  # type: ignore[arg-type]
            item.refuse(NOT_ABOUT_ONESELF, _WHO_COLUMN)
        elif place_text is not None:
            self._place(item, answered_unit, place_text, place_verdict, outside=outside)
        return item

    def _place(self, item: Item, unit: int | None, text: str, verdict: str | None, *, outside: bool) -> None:
        """Where a post is held: a unit, or by answer a place outside the tree."""
        if unit is not None:
            item.values["unit_id"] = unit
        elif outside:
            item.values["unit_text"] = text
        elif verdict == "rejected":
            item.refuse(UNIT_LEFT_OUT, "place")
        else:
            item.verdict = "ask"
            item.refuse(UNIT_ASKED.format(text), "place", "warning")

    def _take(self, item: Item, target: Target | None) -> None:
        """Note the outcome of a row."""
        findings = [self._finding(item, one, target) for one in item.findings]
        record = item.likely if item.verdict == "ask" else item.record
        pk = record.pk if record is not None and item.verdict in ("changed", "unchanged", "ask") else None
        self.results.add(
            [
                str(item.ordinal), item.verdict, str(item.cadre or ""), str(pk or ""),
                orjson.dumps(item.changes).decode() if item.changes and item.verdict == "changed" else "",
                orjson.dumps(findings).decode() if findings else "",
            ]
        )  # fmt: skip

    def _finding(self, item: Item, found: dict[str, Any], target: Target | None) -> dict[str, Any]:
        """A remark in the shape of a problem: the heading as the file has it, and what the cell says."""
        name = found["name"].removesuffix("_text")
        columns = self._columns.get(item.sheet, {})
        if name == _WHO_COLUMN:
            heading, at = columns.get("name", ["", -1])
            return {
                "column": heading, "value": "", "message": found["message"], "severity": found["severity"], "at": at,
            }  # fmt: skip
        key = f"own_{name}" if f"own_{name}" in columns else name
        heading, at = columns.get(key, ["", -1])
        sealed = target is not None and name in target.sealed
        word = item.words.get(name.removeprefix("-"), "")
        return {
            "column": heading, "value": HIDDEN if sealed and word else word, "message": found["message"],
            "severity": found["severity"], "at": at,
        }  # fmt: skip

    # --- persons and units ---------------------------------------------------------------------------------

    def _people(self) -> None:
        """Persons were judged as the roster's rows; what the roster has no column for is compared here."""
        writes = self.writes["person"] = Writes(PERSON)
        existing, kept = _Existing(PERSON), _Existing(KEPT)
        with connection.chunked_cursor() as cursor:
            cursor.execute(_ROWS, ["person"])
            while rows := cursor.fetchmany(_BATCH):
                people = [_person(row) for row in rows]
                told = tell_people([one.cadre for one in people if one.cadre and one.told])
                for item, row in zip(people, rows, strict=True):
                    cells: list[Any] = []
                    seen = self._seen(told.get(item.cadre or 0), row)
                    if REWARDS not in seen and item.cadre is not None:
                        # What was kept of sanctions isn't written over by who can't see it.
                        item.told.pop(REWARDS, None)
                    if item.cadre is not None:
                        if item.verdict in ("changed", "unchanged"):
                            self._further(item, existing.of(item.cadre))
                        cells = kept.of(item.cadre)
                    self.keeping.take(item, "person", cells, {}, seen)
                    if item.verdict in ("new", "changed") and item.values:
                        item.record = item.record or Cadre(**item.values)
                        writes.add(item)
                    said = _loads(row[10])
                    self.results.add(
                        [
                            str(item.ordinal), item.verdict, str(item.cadre or ""), "",
                            orjson.dumps(item.changes).decode() if item.changes else "",
                            orjson.dumps(said).decode() if said else "",
                        ]
                    )  # fmt: skip

    def _seen(self, told: dict[str, Any] | None, row: tuple[Any, ...]) -> dict[str, Any]:
        """What the computed columns say of somebody, as far as whoever imports may see it."""
        owner = _Owner(row[13] or self._unit_path, row[14])
        return {
            heading: text
            for heading, text in (told or {}).items()
            if self._sight.sees(owner, "oversight" if heading == REWARDS else GUARDS.get(heading, ""))  # type: ignore[arg-type]
        }

    def _further(self, item: Item, known: list[Any]) -> None:
        record = known[0]
        for name, value in item.values.items():
            old = getattr(record, name)
            if plain(old) != plain(value):
                sealed = name in PERSON.sealed
                assert item.changes is not None
                item.changes[name] = [HIDDEN if old else None, HIDDEN] if sealed else [old or None, value]
                setattr(record, name, value)
                item.verdict = "changed"
        item.record = record

    def _supplements(self) -> None:
        """What is only kept: whether somebody was recruited by examination (A99Z1), a row for each person."""
        kept = _Existing(KEPT)
        with connection.chunked_cursor() as cursor:
            cursor.execute(_ROWS, ["supplement"])
            for (cadre, _), rows in groupby(_fetched(cursor), key=lambda row: (row[8], row[8] or row[7])):
                cells = kept.of(cadre) if cadre is not None else []
                known = any(one.slug == "supplement" for one in cells)
                for number, row in enumerate(rows):
                    item = self._item(row, KEPT)
                    if not item.verdict and number:
                        item.refuse(TWICE, _WHO_COLUMN)
                    item.verdict = item.verdict or ("unchanged" if known or not item.kept else "new")
                    self.keeping.take(item, "supplement", cells, {})
                    self._take(item, None)

    def _units(self) -> None:
        """Units are only looked up: whoever changes one does it on its page. What has no home here is kept."""
        facts = UnitFacts()
        with connection.chunked_cursor() as cursor:
            cursor.execute(_ROWS, ["unit"])
            for row in _fetched(cursor):
                item = _opened(row[0], row[1], row[2], row[4])
                item.verdict = "unchanged"
                unit, verdict, name = row[15], row[16], row[17]
                if row[3]:
                    item.verdict = "rejected"
                elif verdict == "rejected":
                    item.refuse(UNIT_LEFT_OUT, "name")
                elif unit is None:
                    item.verdict = "ask"
                    item.refuse(UNIT_ASKED.format(row[6]), "name", "warning")
                elif is_creation(self._answers.get(f"unit:{row[6]}")):
                    item.verdict = "new"
                    item.refuse(WILL_BE_MADE, "name", "warning")
                    self.keeping.take_unit(item, unit, None, {})
                else:
                    if plain(name) != plain(row[6]):
                        item.refuse(UNIT_KEPT.format(f"系统中的名称是“{name}”"), "name", "warning")
                    for heading, sentence in facts.differences(unit, item.kept):
                        item.refuse(sentence, f"-{heading}", "warning")
                    self.keeping.take_unit(item, unit, facts.kept.get(unit), facts.own(unit))
                self._take(item, None)


def _opened(ordinal: int, sheet: str, number: int, content: str | None) -> Item:
    """A staged row as it was read."""
    values, words = unseal(content)
    kept, told = values.pop(CELLS, {}), values.pop(TOLD, {})
    return Item(ordinal, sheet, number, values, words, kept=kept, told=told)


def _person(row: tuple[Any, ...]) -> Item:
    """A staged row of the persons' sheet with what the roster import found out about it."""
    item = _opened(row[0], row[1], row[2], row[4])
    item.person, item.cadre, item.verdict = row[7], row[8], row[9] or "new"
    changes = row[11]
    item.changes = dict(changes if not isinstance(changes, str) else orjson.loads(changes)) if changes else {}
    return item


def _computed(slug: str, item: Item) -> dict[str, Any]:
    """The columns without a home that the system fills itself while nothing is kept."""
    if slug != "appointment" or item.verdict == "new" or item.record is None:
        return {}
    return {LEADS.heading: LEADS.write(item.record)}


class _Existing:
    """What is kept of the persons of the file, person by person in the order of their ids: one statement."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._groups: Iterator[tuple[int, Iterable[Any]]] | None = None
        self._ahead: tuple[int, list[Any]] | None = None

    def _start(self) -> Iterator[tuple[int, Iterable[Any]]]:
        owner = "id" if self._target.model is Cadre else "cadre_id"
        rows = self._target.model.objects.extra(  # noqa: S610 - a constant: the persons stand in a temporary table
            where=[f'"{self._target.model._meta.db_table}"."{owner}" IN (SELECT cadre_id FROM {WHO})']
        )
        if self._target.related:
            rows = rows.select_related(*self._target.related)
        if self._target.model is Cadre:
            rows = rows.only("birthplace", "health", "speciality")
        rows = rows.order_by(owner, "id").iterator(chunk_size=_BATCH)
        return groupby(rows, key=lambda record: getattr(record, owner))

    def of(self, cadre: int) -> list[Any]:
        """The records of a person; persons must be asked for in the order of their ids."""
        if self._groups is None:
            self._groups = self._start()
        while self._ahead is None or self._ahead[0] < cadre:
            found = next(self._groups, None)
            if found is None:
                return []
            self._ahead = (found[0], list(found[1]))
        return self._ahead[1] if self._ahead[0] == cadre else []


def _fetched(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(_BATCH):
        yield from rows


def _loads(value: Any) -> list[dict[str, Any]]:
    """JSON as the driver gives it: parsed or not."""
    if not value:
        return []
    return list(orjson.loads(value) if isinstance(value, str) else value)
