"""The 履历工作簿 written: the export of a selection, and the template to fill in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from accounts.models import User
from cadres.collection.cells import Tables
from cadres.collection.columns import WHO, Column, SheetSpec
from cadres.collection.national import national_sheets
from cadres.collection.own import own_sheets
from cadres.collection.selecting import (
    Identity,
    Selection,
    Sight,
    is_sensitive,
    people_of,
    records_of,
)
from cadres.fields import LEVELS, Level
from cadres.kinds import KINDS
from cadres.sheets.exporting import chinese_moment
from core.calendar import now
from core.sheets.books import BookColumn, BookSheet, write_book
from core.sheets.writing import Kind

_WIDTHS = {"name": 10, "id": 21, "birth": 12, "unit": 24}
_WHO_HINTS = ("必填", "文本格式，18 位", "没有身份证号时必填，格式：1976.05", "没有身份证号时必填，写全称")
_RELATED: dict[str, tuple[str, ...]] = {
    "education": ("level", "degree"), "title": ("title",), "political": ("status",), "plan": ("mentor",),
    "family": ("relation",), "career": ("within",),
}  # fmt: skip


def sheets_for(
    user: User | None, *, importing: bool = False, open_only: bool = False
) -> tuple[SheetSpec, ...]:
    """The sheets somebody may take along (or fill in): confidential ones need the right to see them."""
    open_ones = not open_only and (user is None or user.holds("cadre.view_sensitive"))
    return tuple(
        one
        for one in own_sheets()
        if (open_ones or LEVELS[one.guard] < Level.SENSITIVE) and (one.importable or not importing)
    )


def chosen_sheets(selection: Selection, *, by: User | None) -> tuple[SheetSpec, ...]:
    """The sheets of a selection, in their order."""
    return tuple(one for one in sheets_for(by) if one.code in selection.sheets)


def write_histories(
    target: str | Path | IO[bytes],
    selection: Selection,
    *,
    by: User | None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the chosen histories of the chosen people; returns the number of rows. One statement a sheet.

    Confidential content is announced above every header: who took it along, when, and what for.
    """
    specs = chosen_sheets(selection, by=by)
    notes = (watermark(selection, by),) if is_sensitive(selection, specs) else ()
    sight = Sight(by)
    identity = Identity(open_numbers=selection.open_numbers, sight=sight)
    people = people_of(selection, by=by)

    def rows(spec: SheetSpec) -> Iterator[list[Any]]:
        model = KINDS[spec.slug].model
        records = records_of(spec, model, people, related=_RELATED.get(spec.slug, ()), sight=sight)
        for record in records:
            yield [*identity.cells(record.cadre), *(column.write(record) for column in spec.columns)]

    sheets = (
        BookSheet(spec.name, [*_who(), *map(_plain, spec.columns)], rows(spec), notes=notes) for spec in specs
    )
    return write_book(target, sheets, progress=progress)


def watermark(selection: Selection, by: User | None) -> str:
    """The line over confidential content."""
    who = by.name if by is not None else "系统"
    return f"{who} 于 {chinese_moment(now())} 导出，含保密内容，用途：{selection.reason.strip()}。请妥善保管，不得外传。"


def histories_name(moment: datetime) -> str:
    """The file name of an export."""
    return f"干部履历_{moment:%Y%m%d}.xlsx"


def fillable_sheets(user: User | None, code: str = "") -> tuple[SheetSpec, ...]:
    """The sheets somebody may fill in, or the one of a code; none where it isn't theirs or nothing comes in by it.

    Appointments have no sheet of ours: theirs is that of the national workbook.
    """
    found = sheets_for(user, importing=True)
    if not code:
        return found
    posts = (one for one in national_sheets() if one.slug == code == "appointment")
    return tuple(one for one in (*found, *posts) if code in (one.code, one.slug))


def histories_template(user: User | None, code: str = "") -> bytes:
    """The empty workbook: every sheet the user may fill in (or one), with hints and drop-downs."""
    tables = Tables()
    content = io.BytesIO()
    write_book(
        content,
        (
            BookSheet(
                spec.name,
                [*_who(), *(_with_choices(column, tables) for column in spec.columns)],
                hints=(*_WHO_HINTS, *(column.hint for column in spec.columns)),
            )
            for spec in fillable_sheets(user, code)
        ),
    )
    return content.getvalue()


def _who() -> list[BookColumn]:
    kinds: dict[str, Kind] = {"id": "identity", "birth": "partial"}
    return [BookColumn(one.label, _WIDTHS[one.name], kinds.get(one.name, "text")) for one in WHO]


def _plain(column: Column) -> BookColumn:
    return BookColumn(column.heading, column.width, column.kind, required=column.required)


def _with_choices(column: Column, tables: Tables) -> BookColumn:
    words = column.choices(tables) if column.choices else ()
    return BookColumn(
        column.heading,
        column.width,
        column.kind,
        words,
        column.required,
    )
