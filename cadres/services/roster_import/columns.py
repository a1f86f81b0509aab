"""What a staged row holds: its columns in the order of the COPY, with their database types."""

from __future__ import annotations

from collections.abc import Sequence

# What was read from the row's cells. An empty text is copied as NULL: the cell says nothing.
READ: dict[str, str] = {
    "ordinal": "integer",
    "sheet": "text",
    "row": "integer",
    "is_faulty": "boolean",
    "problems": "jsonb",
    "name": "text",
    "unit_id": "bigint",
    "unit_text": "text",
    "id_cipher": "text",
    "id_index": 'varchar(64) COLLATE "C"',
    "id_birth": "date",
    "id_gender": "varchar(1)",
    "gender": "varchar(1)",
    "ethnicity_id": "bigint",
    "native_place": "text",
    "birth": "date",
    "birth_precision": "varchar(5)",
    "work_start": "date",
    "work_start_precision": "varchar(5)",
    "party_id": "bigint",
    "party_text": "text",
    "democratic_id": "bigint",
    "democratic_text": "text",
    "party_join": "date",
    "party_join_precision": "varchar(5)",
    "full_level_id": "bigint",
    "full_level_text": "text",
    "full_degree_id": "bigint",
    "full_degree_text": "text",
    "full_school": "text",
    "service_level_id": "bigint",
    "service_level_text": "text",
    "service_degree_id": "bigint",
    "service_degree_text": "text",
    "service_school": "text",
    "posts": "text[]",
    "post_since": "date",
    "post_since_precision": "varchar(5)",
    "probation_months": "smallint",
    "category": "varchar(10)",
    "level_since": "date",
    "level_since_precision": "varchar(5)",
    "title_id": "bigint",
    "title_text": "text",
    "rank": "text",
    "phone": "text",
    "note": "text",
    # Only rows of forms and photos have it: what is in the file beyond the roster's columns, in an envelope.
    "form": "text",
}
# What the comparison with the roster adds.
FOUND: dict[str, str] = {
    "verdict": "varchar(10)",
    "cadre_id": "bigint",
    "candidates": "bigint[]",
    "changes": "jsonb",
    "findings": "jsonb",
}
SLOT: dict[str, int] = {name: at for at, name in enumerate(READ)}

INCOMING = "import_incoming"
STAGED = "cadres_rosterimportrow"


def names(columns: Sequence[str] | dict[str, str], prefix: str = "") -> str:
    """Column names for a statement, each with a prefix such as `i.`."""
    return ", ".join(f'{prefix}"{name}"' for name in columns)


def definition(columns: dict[str, str]) -> str:
    """Column definitions for CREATE TABLE."""
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def as_array(texts: Sequence[str]) -> str:
    """A PostgreSQL array literal of texts."""
    quoted = ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)
    return "{" + ",".join(quoted) + "}"
