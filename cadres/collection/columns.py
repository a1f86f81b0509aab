"""What a sheet of histories is made of: its columns, each with the way it is read and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.sheets.headers import Alias, Columns, Field
from core.sheets.writing import Kind

ERROR, WARNING = "error", "warning"


class Read(NamedTuple):
    """What a cell says: values by attribute of the record, and remarks as (sentence, severity)."""

    values: dict[str, Any]
    remarks: tuple[tuple[str, str], ...] = ()


NOTHING = Read({})
# (cell, whether the file can't tell numbers from text) → what it says.
Reader = Callable[[Any, bool], Read]
Writer = Callable[[Any], Any]


@dataclass(frozen=True)
class Column:
    """One column. Without `read` it is written only: the system computes it or has no home for it."""

    name: str
    heading: str
    write: Writer = field(default=lambda record: None)
    read: Callable[..., Reader] | None = None
    aliases: tuple[Alias, ...] = ()
    hint: str = "选填"
    choices: Callable[[Any], tuple[str, ...]] | None = None
    width: float = 14
    kind: Kind = "text"
    required: bool = False
    # No home in the system: kept as it came beside the record, and written again.
    homeless: bool = False
    # Computed by the system: the file's words are kept while the records say what they said then.
    told: bool = False


@dataclass(frozen=True)
class SheetSpec:
    """One sheet: the name it is written under, which history its rows belong to, its columns.

    `slug` names the history in cadres.kinds, or is `appointment`, `person`, `unit`. `codes` are starts of
    sheet names that mean this sheet too (`A08`). `turn` sends a row to another history by what it says.
    """

    code: str
    name: str
    slug: str
    columns: tuple[Column, ...]
    guard: str = ""
    codes: tuple[str, ...] = ()
    national: bool = False
    importable: bool = True
    turn: Callable[[dict[str, Any]], tuple[str, dict[str, Any]]] | None = None

    def key(self, column: Column) -> str:
        """The name a column is found under in a header: a family member's name isn't the cadre's."""
        if self.slug not in ("person", "unit") and column.name in WHO_NAMES:
            return f"own_{column.name}"
        return column.name

    def headings(self) -> Columns:
        """The columns as the header is looked for: those that tell whose row it is, and the sheet's own."""
        if self.slug == "unit":
            return Columns(
                Field(one.name, one.heading, one.aliases, required=one.name == "name") for one in self.columns
            )
        labels = {one.label for one in WHO}
        mine = [
            Field(self.key(one), one.heading, one.aliases)
            for one in self.columns
            if one.heading not in labels
        ]
        taken = {word for one in mine for word in (one.label, *one.aliases) if isinstance(word, str)}
        who = [
            Field(one.name, one.label, tuple(a for a in one.aliases if a not in taken), required=one.required)
            for one in WHO
            if not (self.slug == "person" and any(own.name == one.name for own in mine))
        ]
        return Columns([*who, *mine])


# Whose row it is; the names are those of the roster's columns.
WHO: tuple[Field, ...] = (
    Field("name", "姓名", ("干部姓名",), required=True),
    Field("id", "身份证号", ("身份证号码", "公民身份号码", "身份证")),
    Field("birth", "出生年月", ("出生日期",)),
    Field("unit", "单位", ("所在单位", "工作单位", "单位名称")),
)
WHO_NAMES = frozenset(one.name for one in WHO)
