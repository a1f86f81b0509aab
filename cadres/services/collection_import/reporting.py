"""The staged rows of histories in words and as JSON: confidential content masked unless the file's holder asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q

from cadres.identity import CONTEXT
from cadres.kinds import KINDS
from cadres.models import CollectionRow, RosterImport, RosterImportRow
from cadres.services.collection_import.kept import HIDDEN
from cadres.services.collection_import.staged import unseal
from cadres.services.collection_import.targets import PERSON, TARGETS
from cadres.services.roster_import.reporting import COLUMN_OF, Wording, sentences_of
from core.crypto import decrypt, mask_identity

UNIT = "单位"
_FURTHER = {"birthplace": "出生地", "health": "健康状况", "speciality": "熟悉专业有何专长"}


def label_of(slug: str) -> str:
    """What the rows of a history are called."""
    if slug in TARGETS:
        return TARGETS[slug].label
    if slug == "supplement":
        return "补充信息"
    return PERSON.label if slug == "person" else UNIT


class RecordWording:
    """Words the rows of one import. `open_content`: numbers and sealed cells as in the file (the command)."""

    def __init__(self, roster_import: RosterImport, *, open_content: bool = False) -> None:
        self._columns: dict[str, Any] = roster_import.columns
        self._open = open_content
        self._roster = Wording(roster_import, open_numbers=open_content)

    def values(self, row: CollectionRow, person: RosterImportRow | None = None) -> dict[str, Any]:
        """What was read, by field; a person's roster columns come from the staged roster row."""
        found: dict[str, Any] = {"kind": row.slug}
        if person is not None and row.slug == "person":
            found |= self._roster.values(person)
        elif row.slug != "unit":
            found |= {"name": row.name, **self._identity(row)}
        sealed = _sealed(row.slug)
        _, words = unseal(row.content)
        for name, word in words.items():
            key = name if name not in found or row.slug == "person" else f"{row.slug}_{name}"
            found[key] = word if self._open or name not in sealed else HIDDEN
        return found

    def _identity(self, row: CollectionRow) -> dict[str, Any]:
        number = decrypt(row.id_cipher, context=CONTEXT) if row.id_cipher else ""
        return {"id": (number if self._open else mask_identity(number)) or None}

    def shown_values(self, row: CollectionRow) -> str:
        """The row's cells in one line, for the preview page."""
        sealed = _sealed(row.slug)
        _, words = unseal(row.content)
        return " · ".join(
            f"{self._heading(row, name)} {HIDDEN if name in sealed else word}" for name, word in words.items()
        )

    def _heading(self, row: CollectionRow, name: str) -> str:
        columns = self._columns.get(row.sheet, {})
        known = columns.get(f"own_{name}") or columns.get(name)
        return str(known[0]) if known else _field_label(row.slug, name)

    def changes(self, row: CollectionRow, person: RosterImportRow | None = None) -> dict[str, list[Any]]:
        """The differences {field: [old, new]}; what is encrypted only says that it differs."""
        found = self._roster.changes(person) if person is not None and row.slug == "person" else {}
        return found | {name: list(pair) for name, pair in (row.changes or {}).items() if name not in found}

    def shown_changes(
        self, row: CollectionRow, person: RosterImportRow | None = None
    ) -> list[dict[str, str]]:
        """The differences in words, for the preview page."""
        is_person = person is not None and row.slug == "person"
        found = self._roster.shown_changes(person) if is_person and person is not None else []
        for name, (old, new) in (row.changes or {}).items():
            if not is_person or name not in COLUMN_OF:
                found.append({"label": self._heading(row, name), "old": _shown(old), "new": _shown(new)})
        return found

    def problems(self, row: CollectionRow) -> list[dict[str, Any]]:
        """What is wrong with the row, errors first; numbers masked."""
        found = [dict(one) for one in (*(row.problems or ()), *(row.findings or ()))]
        number_heading = (self._columns.get(row.sheet, {}).get("id") or [None])[0]
        for one in found:
            if self._open and row.id_cipher and one["column"] and one["column"] == number_heading:
                one["value"] = decrypt(row.id_cipher, context=CONTEXT)
        return sorted(found, key=lambda one: one["severity"] != "error")


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _field_label(slug: str, name: str) -> str:
    if slug == "person":
        return _FURTHER.get(name, name)
    model = TARGETS[slug].model if slug in TARGETS else None
    try:
        return str(model._meta.get_field(name).verbose_name) if model else name
    except (LookupError, FieldDoesNotExist):
        return name


def _sealed(slug: str) -> frozenset[str]:
    if slug == "person":
        return frozenset(PERSON.sealed)
    return frozenset(KINDS[slug].sealed) if slug in KINDS else frozenset()


def rows_of(roster_import: RosterImport, verdicts: Sequence[str] = ()) -> Iterator[CollectionRow]:
    """The staged rows in the order of the file, without holding all of them; only some verdicts if named."""
    rows = roster_import.records.order_by("ordinal")
    if verdicts:
        rows = rows.filter(verdict__in=verdicts)
    return rows.iterator(chunk_size=2_000)


def remarks_of(roster_import: RosterImport, most: int) -> list[str]:
    """The first problems of the preview in sentences."""
    rows = roster_import.records.filter(Q(problems__isnull=False) | Q(findings__isnull=False)).order_by(
        "ordinal"
    )
    return sentences_of(rows[:most], lambda row: f"工作表“{row.sheet.strip()}”第 {row.row} 行")[:most]


def as_json(roster_import: RosterImport) -> dict[str, Any]:
    """The whole preview as the command writes it: the shape of import_roster, `kind` names the history."""
    wording = RecordWording(roster_import, open_content=True)
    people = (
        roster_import.rows.filter(sheet__in=_people_sheets(roster_import))
        .select_related("unit", "cadre")
        .order_by("ordinal")
        .iterator(chunk_size=2_000)
    )
    ahead = next(people, None)
    rows = []
    for row in rows_of(roster_import):
        while ahead is not None and ahead.ordinal < row.ordinal:
            ahead = next(people, None)
        person = ahead if ahead is not None and ahead.ordinal == row.ordinal else None
        rows.append(
            {
                "sheet": row.sheet, "row": row.row, "status": row.verdict, "values": wording.values(row, person),
                "changes": wording.changes(row, person),
                "problems": [
                    {key: one[key] for key in ("column", "value", "message", "severity")}
                    for one in wording.problems(row)
                ],
            }
        )  # fmt: skip
    return {"summary": roster_import.summary, "notes": roster_import.notes, "rows": rows}


def _people_sheets(roster_import: RosterImport) -> list[str]:
    return [
        sheet for sheet, columns in roster_import.columns.items() if columns.get("_set", [""])[0] == "A01"
    ]
