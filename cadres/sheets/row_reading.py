"""One row of a roster read into the texts of its staged row, with everything that is wrong in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from cadres.identity import CONTEXT, identity_index
from cadres.services.roster_import.columns import READ, SLOT
from cadres.services.roster_import.units import UnitNames
from cadres.sheets.cells import ERROR, WARNING, Cell, CellReaders, Reader
from core.calendar import add_months, today
from core.crypto import encrypt, mask_identity
from core.sheets.headers import Header
from core.sheets.problems import shown
from core.sheets.rows import Record
from core.sheets.values import identity_number, one_line, squeezed, text

# Columns whose cells hardly repeat: remembering them would only cost memory.
_UNIQUE = frozenset({"name", "phone", "note"})
# Read in this order where the order matters: what a later column says goes before an earlier one.
_LATER = {"full_both": -1, "service_both": -1, "party": 1}
_REMEMBERED = 20_000
_SEPARATE = frozenset({"unit", "id", "full_major", "service_major"})
_PRECISE = {"year": 4, "month": 7, "day": 10}
_WIDTH = len(READ)
YOUNGEST = 18
ELSEWHERE = "职务中写了另一个单位“{}”：新登记的职务按原文登记在本行的单位，请在任职记录中核对。"
COMPLETED = "15 位的旧身份证号，已按规则补全为 18 位，请核对。"


class _Column:
    """A column of the file with its reader and what it has read so far."""

    __slots__ = ("at", "field", "known", "reader")

    def __init__(self, field: str, at: int, reader: Reader) -> None:
        self.field = field
        self.at = at
        self.reader = reader
        self.known: dict[Any, Cell] | None = None if field in _UNIQUE else {}

    def read(self, value: Any) -> Cell:
        """What a cell says; equal cells are read once."""
        if self.known is None:
            return self.reader(value)
        cell = self.known.get(value)
        if cell is None:
            cell = self.reader(value)
            if len(self.known) < _REMEMBERED:
                self.known[value] = cell
        return cell


class RowReader:
    """Reads the data rows below one header."""

    def __init__(
        self,
        sheet: str,
        header: Header,
        readers: CellReaders,
        units: UnitNames,
        *,
        untyped: bool = False,
        only_unit: int | None = None,
    ) -> None:
        """`only_unit` is where rows belong that name no unit, when the import is for a single one."""
        self.sheet = sheet
        self._header = header
        self._units = units
        self._only_unit = only_unit
        self._members = readers.member_ids
        self._units_in_posts: dict[str, list[str]] = {}
        self._today = today()
        self._grown_up = add_months(self._today, -12 * YOUNGEST).isoformat()
        self._known_units: dict[str, list[int]] = {}
        at = header.columns
        fields = sorted(at.keys() - _SEPARATE, key=lambda field: (_LATER.get(field, 0), at[field]))
        self._columns = [
            _Column(one, at[one], readers.reader(one, header.heading_of(one), untyped=untyped))
            for one in fields
        ]
        self._majors = [(at[f"{mode}_major"], SLOT[f"{mode}_school"]) for mode in ("full", "service")
                        if f"{mode}_major" in at]  # fmt: skip

    def read(self, record: Record, ordinal: int) -> list[str]:
        """The staged texts of a row, in the order of READ; blank cells stay empty."""
        out = [""] * _WIDTH
        problems: list[dict[str, Any]] = []
        cells, width = record.cells, len(record.cells)
        for column in self._columns:
            value = cells[column.at] if column.at < width else ""
            if value == "":
                continue
            cell = column.read(value)
            for slot, words in cell.updates:
                out[slot] = words
            for sentence, severity in cell.remarks:
                problems.append(self._problem(column.field, value, sentence, severity))
        self._identity(cells, out, problems)
        self._unit(record, out)
        self._add_majors(cells, out)
        self._elsewhere(out, problems, cells)
        self._check(out, problems, cells)
        out[SLOT["ordinal"]] = str(ordinal)
        out[SLOT["sheet"]] = self.sheet
        out[SLOT["row"]] = str(record.number)
        faulty = any(problem["severity"] == ERROR for problem in problems) if problems else False
        out[SLOT["is_faulty"]] = "t" if faulty else "f"
        if problems:
            out[SLOT["problems"]] = orjson.dumps(problems).decode()
        return out

    def _problem(self, field: str, value: Any, message: str, severity: str) -> dict[str, Any]:
        seen = shown(value)
        return {
            "column": self._header.heading_of(field),
            "value": mask_identity(seen) if field == "id" else seen,
            "message": message,
            "severity": severity,
            "at": self._header.columns.get(field, -1),
        }

    def _identity(self, cells: list[Any], out: list[str], problems: list[dict[str, Any]]) -> None:
        at = self._header.columns.get("id", -1)
        value = cells[at] if 0 <= at < len(cells) else ""
        if value == "":
            return
        try:
            identity = identity_number(value)
            if identity is not None and identity.birth is not None and identity.birth > self._today:
                raise ValueError("身份证号中的出生日期还没有到，请核对。")
        except ValueError as problem:
            problems.append(self._problem("id", value, str(problem), ERROR))
            out[SLOT["id_cipher"]] = encrypt(text(shown(value)), context=CONTEXT)
            return
        if identity is None or identity.masked or identity.birth is None:
            return
        if identity.number not in squeezed(text(value)).upper():
            problems.append(self._problem("id", value, COMPLETED, WARNING))
        out[SLOT["id_cipher"]] = encrypt(identity.number, context=CONTEXT)
        out[SLOT["id_index"]] = identity_index(identity.number)
        out[SLOT["id_birth"]] = identity.birth.isoformat()
        out[SLOT["id_gender"]] = "1" if identity.male else "2"

    def _unit(self, record: Record, out: list[str]) -> None:
        at = self._header.columns.get("unit", -1)
        named = one_line(record.cells[at]) if 0 <= at < len(record.cells) else ""
        named = named or record.group
        posts = out[SLOT["posts"]]
        if not named and posts:
            named = self._units.at_start(posts[2:])
        if not named:
            out[SLOT["unit_id"]] = str(self._only_unit or "")
            return
        out[SLOT["unit_text"]] = named
        known = self._known_units.get(named)
        if known is None:
            known = self._known_units[named] = self._units.matching(named)
        if len(known) == 1:
            out[SLOT["unit_id"]] = str(known[0])
            name = self._units.units[known[0]].name
            if posts and (name in posts or named in posts):
                out[SLOT["posts"]] = _without_unit(_without_unit(posts, name), named)

    def _elsewhere(self, out: list[str], problems: list[dict[str, Any]], cells: list[Any]) -> None:
        """Point out a post whose title begins with another unit's name: it is entered as written, at this unit."""
        posts = out[SLOT["posts"]]
        if not posts:
            return
        found = self._units_in_posts.get(posts)
        if found is None:
            named = {self._units.at_start(title) for title in posts[2:-2].split('","')}
            found = self._units_in_posts[posts] = sorted(named - {""})
        for name in found:
            if self._units.matching(name) != [int(out[SLOT["unit_id"]] or 0)]:
                value = cells[self._header.columns["post"]]
                problems.append(self._problem("post", value, ELSEWHERE.format(name), WARNING))

    def _check_age(self, out: list[str], birth: str, add: Callable[[str, str, str], None]) -> None:
        """Dates that can't belong to this birth, and a birth that can hardly be a cadre's."""
        for field in ("party_join", "post_since", "level_since") if birth else ():
            if out[SLOT[field]] and out[SLOT[field]] <= birth:
                add(field, "早于出生年月，请核对。", WARNING)
        if birth > self._grown_up:
            add("birth", f"按出生年月还不满 {YOUNGEST} 岁，请核对。", WARNING)

    def _add_majors(self, cells: list[Any], out: list[str]) -> None:
        for at, slot in self._majors:
            major = one_line(cells[at]) if at < len(cells) else ""
            if major and major not in out[slot]:
                out[slot] = f"{out[slot]}{major}"[:200]

    def _check(self, out: list[str], problems: list[dict[str, Any]], cells: list[Any]) -> None:
        """What only several cells together tell."""
        columns = self._header.columns

        def add(field: str, message: str, severity: str) -> None:
            at = columns.get(field, -1)
            value = cells[at] if 0 <= at < len(cells) else ""
            problems.append(self._problem(field, value, message, severity))

        if not out[SLOT["name"]] and not any(p["at"] == columns["name"] for p in problems):
            add("name", "没有写姓名。", ERROR)
        birth, work = out[SLOT["birth"]], out[SLOT["work_start"]]
        number_birth, gender = out[SLOT["id_birth"]], out[SLOT["gender"]]
        if birth and number_birth:
            known = _PRECISE[out[SLOT["birth_precision"]]]
            if birth[:known] != number_birth[:known]:
                said = number_birth[:known].replace("-", ".")
                add("birth", f"与身份证号中的出生日期（{said}）不一致，请核对；以档案认定为准。", WARNING)
        if number_birth and gender and gender != out[SLOT["id_gender"]]:
            add("gender", "与身份证号显示的性别不一致，请核对。", WARNING)
        if work and (birth or number_birth) and work <= (birth or number_birth):
            add("work", "参加工作时间早于出生年月，请核对。", ERROR)
        self._check_age(out, birth or number_birth, add)
        if out[SLOT["probation_months"]] and not out[SLOT["post_since"]]:
            add("post", "写了试用期，但没有任现职时间，算不出试用期满日。", WARNING)
        joined = out[SLOT["party_join"]]
        said = cells[columns["party"]] if "party" in columns and columns["party"] < len(cells) else ""
        if (
            joined
            and said
            and out[SLOT["party_id"]] not in self._members
            and (out[SLOT["party_id"]] or out[SLOT["democratic_id"]])
        ):
            out[SLOT["party_join"]] = out[SLOT["party_join_precision"]] = ""
            add("party_join", "政治面貌不是中共党员，入党时间没有读取。", WARNING)


def _without_unit(posts: str, name: str) -> str:
    """The array literal of titles without the unit's name in front of them: `示例区第二中学校长` → `校长`.

    A title that is the unit's name alone is no post: nothing is left of it.
    """
    shorter = posts.replace(f'"{name}', '"')
    if '""' not in shorter:
        return shorter
    if "\\" in shorter:  # quotation marks within a title: left as written
        return posts
    shorter = shorter.replace('"",', "").replace(',""', "").replace('""', "")
    return "" if shorter == "{}" else shorter


__all__ = ["RowReader"]
