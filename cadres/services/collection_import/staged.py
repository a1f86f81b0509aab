"""What a staged row of a history holds, in the order of the COPY; its cells in an envelope."""

from __future__ import annotations

from typing import Any

import orjson

from core.crypto import encrypt, opener

CONTEXT = "cadres.collectionrow.content"
INCOMING = "collection_incoming"
STAGED = "cadres_collectionrow"

READ: dict[str, str] = {
    "ordinal": "integer",
    "sheet": "text",
    "row": "integer",
    "slug": "text",
    "is_faulty": "boolean",
    "problems": "jsonb",
    "name": "text",
    "id_cipher": "text",
    "id_index": 'varchar(64) COLLATE "C"',
    "birth": "date",
    "birth_precision": "varchar(5)",
    "unit_id": "bigint",
    "unit_text": "text",
    "place_id": "bigint",
    "place_text": "text",
    "content": "text",
}
FOUND: dict[str, str] = {
    "person": "integer",
    "verdict": "varchar(10)",
    "cadre_id": "bigint",
    "record": "bigint",
    "changes": "jsonb",
    "findings": "jsonb",
}

open_content = opener(CONTEXT)


def seal(values: dict[str, Any], words: dict[str, str]) -> str:
    """The envelope of a row: values by attribute, and the cells' words by column."""
    return encrypt(orjson.dumps({"values": values, "words": words}).decode(), context=CONTEXT)


def unseal(envelope: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Values and words of a row."""
    if not envelope:
        return {}, {}
    content = orjson.loads(open_content(envelope))
    return content["values"], content["words"]
