"""Forms as staged rows: the roster's columns read as a roster's cells are, the rest sealed beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from cadres.cv import CareerEntry, all_entries, check_career, read_career
from cadres.models import RosterImport
from cadres.personnel_form import schooling
from cadres.personnel_form.archive import Member, notes_of, unpack
from cadres.personnel_form.elements import ELEMENTS, PersonnelForm
from cadres.services.form_import.honours import remarks_on
from cadres.services.form_import.staged import seal
from cadres.services.roster_import.columns import READ, SLOT
from cadres.services.roster_import.staging import Spool
from cadres.services.roster_import.units import UnitNames
from cadres.sheets.cells import LONGEST_TITLE_TEXT, CellReaders
from cadres.sheets.posts import read_posts
from cadres.sheets.row_reading import RowReader
from core.crypto import mask_identities_in
from core.errors import DomainError
from core.files import open_stored
from core.partial_dates import parse
from core.sheets.headers import Header
from core.sheets.rows import Kind, Record

REPORTED_EVERY = 20
# Field of the roster ← element of the form, in the order of the cells.
_CELLS: dict[str, str] = {
    "name": "XingMing", "gender": "XingBie", "birth": "ChuShengNianYue", "ethnicity": "MinZu",
    "native_place": "JiGuan", "party_join": "RuDangShiJian", "work": "CanJiaGongZuoShiJian",
    "title": "ZhuanYeJiShuZhiWu", "full_level": "QuanRiZhiJiaoYu_XueLi", "full_degree": "QuanRiZhiJiaoYu_XueWei",
    "full_school": "QuanRiZhiJiaoYu_XueLi_BiYeYuanXiaoXi", "service_level": "ZaiZhiJiaoYu_XueLi",
    "service_degree": "ZaiZhiJiaoYu_XueWei", "service_school": "ZaiZhiJiaoYu_XueLi_BiYeYuanXiaoXi",
    "id": "ShenFenZheng", "post": "XianRenZhiWu",
}  # fmt: skip
_EXTRA = {"post_since": "任现职时间", "unit": "单位"}
_SEPARATORS = re.compile(r"(?<=[、，,；;\n])")
# A place of work by its last word, where the roster knows no unit of that name.
_PLACE = re.compile(
    r"^(?P<place>.{1,40}?(?:幼儿园|中心校|(?<!大)(?:小学|中学|学校|一中|二中|三中|四中|五中|六中|教育局|教育办|教育组|进修学校|职校|党校)))"
    r"(?=.)"
)
HEADER = Header(
    rows=(1,),
    columns={name: at for at, name in enumerate((*_CELLS, *_EXTRA))},
    headings={
        at: ELEMENTS.get(_CELLS.get(name, ""), _EXTRA.get(name, ""))
        for at, name in enumerate((*_CELLS, *_EXTRA))
    },
)
# The same headings for every file of an import (columns of RosterImport).
EVERY_FILE = "*"


def read_forms(
    roster_import: RosterImport, *, only_unit: int | None, progress: Callable[[int], None] | None = None
) -> Spool:
    """Read the kept package of an import into staged rows; fills the import's columns and notes."""
    units = UnitNames(roster_import.unit_path)
    readers = CellReaders()
    with open_stored(roster_import.file) as file:
        roster_import.notes = notes_of(file)
        spool = stage_members(unpack(file), readers, units, only_unit=only_unit, progress=progress)
    roster_import.columns = {
        EVERY_FILE: {name: [HEADER.heading_of(name), at] for name, at in HEADER.columns.items()}
    }
    return spool


def stage_members(
    members: Iterable[tuple[int, Member]],
    readers: CellReaders,
    units: UnitNames,
    *,
    only_unit: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Spool:
    """The staged rows of files; one that can't be read is a row with its sentence."""
    spool = Spool()
    for number, member in members:
        try:
            form = member.read()
        except DomainError as error:
            spool.add(_unreadable(mask_identities_in(member.name), number, spool.count + 1, error.message))
        else:
            reader = RowReader(mask_identities_in(member.name), HEADER, readers, units, only_unit=only_unit)
            spool.add(_staged(form, number, spool.count + 1, reader, units))
        if progress is not None and spool.count % REPORTED_EVERY == 0:
            progress(spool.count)
    return spool


def split_place(text: str, units: UnitNames) -> tuple[str, str]:
    """`示例区第二中学党支部书记、校长` → (`示例区第二中学`, `党支部书记、校长`); ("", text) where no place is told."""
    place = units.at_start(text)
    if not place and (found := _PLACE.match(text)):
        place = found["place"]
    if not place:
        return "", text
    pieces = [piece.strip() for piece in _SEPARATORS.split(text)]
    return place, "".join(piece.removeprefix(place) for piece in pieces)


def _staged(form: PersonnelForm, number: int, ordinal: int, reader: RowReader, units: UnitNames) -> list[str]:
    entries = read_career(form["JianLi"])
    place, posts = split_place(" ".join(form["XianRenZhiWu"].split()), units)
    values: dict[str, str] = {name: form[element] for name, element in _CELLS.items()}
    for name, mode in (("full_school", "QuanRiZhiJiaoYu"), ("service_school", "ZaiZhiJiaoYu")):
        values[name] = values[name] or form[f"{mode}_XueWei_BiYeYuanXiaoXi"]
    values |= {"post": posts, "unit": place, "post_since": _since(form, entries.entries) if posts else ""}
    if len("".join(values["title"].split())) > LONGEST_TITLE_TEXT:
        values["title"] = ""
        form.remark("ZhuanYeJiShuZhiWu", f"职称超过 {LONGEST_TITLE_TEXT} 个字，只保留在任免审批表中。")
    if not _is_readable_post(posts):
        values["post"] = values["post_since"] = ""
        form.remark("XianRenZhiWu", "职务名称过长，只保留在任免审批表中。")
    cells = [values.get(name, "") for name in HEADER.columns]
    out = reader.read(Record(number, Kind.DATA, cells, False, "", 0), ordinal)
    for sentence in (
        *entries.problems,
        *check_career(entries.entries, work_start=_day(form["CanJiaGongZuoShiJian"])),
    ):
        form.remark("JianLi", sentence)
    for element, sentence in schooling.remarks_on(form, all_entries(entries.entries)):
        form.remark(element, sentence)
    for sentence in remarks_on(form["JiangChengQingKuang"]):
        form.remark("JiangChengQingKuang", sentence)
    _add_problems(form, out)
    out[SLOT["form"]] = seal(form)
    return out


def _add_problems(form: PersonnelForm, out: list[str]) -> None:
    if not form.problems:
        return
    problems = orjson.loads(out[SLOT["problems"]] or "[]")
    for one in form.problems:
        value = one.value if one.label not in _SEALED_LABELS else ""
        problems.append(
            {"column": one.label, "value": value, "message": one.message, "severity": one.severity, "at": -1}
        )
        if one.severity == "error":
            out[SLOT["is_faulty"]] = "t"
    out[SLOT["problems"]] = orjson.dumps(problems).decode()


# Elements whose words don't lie in clear text in a staged row.
_SEALED_LABELS = frozenset(
    ELEMENTS[one]
    for one in ("JianLi", "JiangChengQingKuang", "NianDuKaoHeJieGuo", "RenMianLiYou", "JianKangZhuangKuang")
)


def _unreadable(name: str, number: int, ordinal: int, message: str) -> list[str]:
    out = [""] * len(READ)
    problem: dict[str, Any] = {"column": "", "value": "", "message": message, "severity": "error", "at": -1}
    filled = {
        "ordinal": str(ordinal), "sheet": name, "row": str(number), "is_faulty": "t",
        "problems": orjson.dumps([problem]).decode(),
    }  # fmt: skip
    for column, text in filled.items():
        out[SLOT[column]] = text
    return out


def _since(form: PersonnelForm, entries: list[CareerEntry]) -> str:
    """Since when the present post is held: from the CV's last line, when it is the post word for word."""
    if not entries or entries[-1].end is not None or entries[-1].start is None:
        return ""
    same = "".join(entries[-1].text.split()) == "".join(form["XianRenZhiWu"].split())
    return entries[-1].start.dotted() if same else ""


def _is_readable_post(text: str) -> bool:
    try:
        read_posts(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> Any:
    try:
        value = parse(text).value
    except ValueError:
        return None
    return value.date if value else None
