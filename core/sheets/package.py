"""The zip package of an .xlsx file: its directory, its real sizes, and the cells and rows the parser won't tell of.

Nothing here builds a document in memory: parts are inflated in pieces and searched as bytes. Needs no Django.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import normpath
from typing import IO

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from core.errors import Invalid, TooLarge, WrongType
from core.sheets.limits import (
    DAMAGED,
    ENCRYPTED,
    MACROS,
    MEGABYTE,
    NOT_A_SPREADSHEET,
    Limits,
    too_far,
)

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
CONTENT_TYPES = "[content_types].xml"
OVERBLOWN = "文件解压后过大，不是正常的表格，不能导入。"
STRANGE_NAMES = "文件内部的名称不正常，不能导入。请在 Excel 中重新保存后再上传。"
DEFINITIONS = "文件中含有外部引用的定义（DTD），不是正常的 Excel 文件，不能导入。"

PREFIX_BYTES = 64 * 1024
FEED_BYTES = 32 * 1024  # compressed bytes at a time: what comes out of them still fits the processor's cache
LONGEST_TEXT = 256 * 1024  # Excel's own limit is 32 767 characters a cell
SMALL_PART_BYTES = 8 * MEGABYTE
_MACRO_PARTS = ("vbaproject.bin", "xl/macrosheets/", "vbadata.xml")
_ROOT_ELEMENT = re.compile(rb"<[A-Za-z_]")
_FORBIDDEN_MARKUP = re.compile(rb"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
# A cell of a three-letter column that isn't closed at once, so that it has content.
_FAR_COLUMN = re.compile(rb'r="([A-Z]{3}\d*)"[^<>/]*>(?:[^<]|<[^/])')
_FILLED_CELL_OF_LONG_NUMBER = re.compile(rb'r="([A-Z]{1,3})(\d{6,10})"[^<>/]*>(?:[^<]|<[^/])')
_ROW_NUMBER = re.compile(rb'row r="(\d{1,10})"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\bhidden="(?:1|true)"[^>]*>')
_ROW_ATTRIBUTE = re.compile(rb'\br="(\d{1,10})"')
_OVERLAP = 512


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a package that has passed the check of its directory."""

    by_name: dict[str, zipfile.ZipInfo]

    @property
    def sheet_bytes(self) -> int:
        """Unpacked size of what becomes cells: the worksheets and the shared strings."""
        return sum(
            info.file_size
            for name, info in self.by_name.items()
            if name.startswith("xl/worksheets/") or name == "xl/sharedstrings.xml"
        )


@dataclass(slots=True)
class Scan:
    """What the scan of the worksheets found: hidden rows by sheet name."""

    hidden_rows: dict[str, list[int]] = field(default_factory=dict)


def check_directory(file: IO[bytes], limits: Limits) -> Parts:
    """Check names, counts, sizes, ratios, macros and encryption from the zip directory alone.

    Returns the parts by lower-case name. Raises WrongType, TooLarge or Invalid with a Chinese sentence.
    """
    try:
        infos = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, struct.error, ValueError, OSError, NotImplementedError):
        raise Invalid(DAMAGED) from None
    if len(infos) > limits.parts:
        raise TooLarge(OVERBLOWN)
    parts = {_safe_name(info): info for info in infos}
    if len(parts) != len(infos):
        raise Invalid(STRANGE_NAMES)
    _check_sizes(infos, limits)
    if any(mark in name for name in parts for mark in _MACRO_PARTS):
        raise WrongType(MACROS)
    if "encryptedpackage" in parts or "encryptioninfo" in parts:
        raise Invalid(ENCRYPTED)
    if CONTENT_TYPES not in parts or WORKBOOK not in parts:
        raise WrongType(NOT_A_SPREADSHEET)
    _check_content_types(_whole_part(file, parts[CONTENT_TYPES]))
    return Parts(parts)


def _safe_name(info: zipfile.ZipInfo) -> str:
    """The entry's name in lower case with slashes; refuses names that point out of the package."""
    name = (info.orig_filename or info.filename).replace("\\", "/")
    if name.startswith("/") or "\x00" in name or ".." in name.split("/") or re.match(r"[A-Za-z]:", name):
        raise Invalid(STRANGE_NAMES)
    return name.lower()


def _check_sizes(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.flag_bits & 0x1:
            raise Invalid(ENCRYPTED)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Invalid(DAMAGED)
        if info.header_offset < end:
            raise Invalid(DAMAGED)  # entries that share bytes: a bomb that unpacks one part many times
        end = info.header_offset + 30 + info.compress_size
        blown_up = info.file_size > limits.ratio * max(info.compress_size, 1)
        if blown_up and info.file_size > limits.ratio_counts_from:
            raise TooLarge(OVERBLOWN)
    if infos and min(info.header_offset for info in infos) != 0:
        raise Invalid(DAMAGED)  # something else stands before the package: a file of two kinds
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise TooLarge(OVERBLOWN)


def _check_content_types(types: bytes) -> None:
    lower = types.replace(b"\x00", b"").lower()
    if b"macroenabled" in lower or b"macrosheet" in lower or b"vbaproject" in lower:
        raise WrongType(MACROS)
    if b"sheet.binary" in lower:
        raise WrongType("这是 Excel 二进制工作簿（.xlsb），请另存为“Excel 工作簿（.xlsx）”后再上传。")
    if b"spreadsheetml" not in lower:
        raise WrongType(NOT_A_SPREADSHEET)


def scan(file: IO[bytes], parts: Parts, limits: Limits) -> Scan:
    """Inflate every XML part once, in pieces: real sizes, no DTD, no far cells; and note hidden rows.

    Raises DomainErrors. The cost is that of inflating plus a few byte searches.
    """
    found = Scan()
    names = sheet_names(file, parts)
    for name, info in parts.by_name.items():
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        pieces = _with_markup(inflated(file, info))
        first = next(pieces, b"")
        _check_prolog(first)
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            sheet = names.get(name, name.rsplit("/", 1)[-1])
            hidden = _scan_sheet(first, pieces, sheet, limits)
            if hidden:
                found.hidden_rows[sheet] = hidden
        else:
            for _ in pieces:
                pass
    return found


def _with_markup(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pass pieces on; refuse a long stretch without any element: no cell holds that much text."""
    silent = 0
    for piece in pieces:
        silent = 0 if b"<" in piece else silent + len(piece)
        if silent > LONGEST_TEXT:
            raise TooLarge(OVERBLOWN)
        yield piece


def _check_prolog(start: bytes) -> None:
    """Definitions can only stand before the root element, and that must come early."""
    head = start[:PREFIX_BYTES].replace(b"\x00", b"")
    root = _ROOT_ELEMENT.search(head)
    if _FORBIDDEN_MARKUP.search(head[: root.start()] if root else head):
        raise Invalid(DEFINITIONS)
    if root is None and head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise Invalid(DAMAGED)


def _scan_sheet(first: bytes, further: Iterator[bytes], sheet: str, limits: Limits) -> list[int]:
    hidden: list[int] = []
    tail = b""
    piece = first
    while piece:
        for window in (tail + piece[:_OVERLAP], piece):
            far = _FAR_COLUMN.search(window)
            if far is not None:
                raise too_far(sheet, far.group(1).decode(), limits)
            _refuse_far_rows(window, sheet, limits)
            if window.find(b" hidden=") >= 0:
                hidden += _hidden_rows(window)
        tail = piece[-_OVERLAP:]
        piece = next(further, b"")
    return sorted(set(hidden))


def _refuse_far_rows(window: bytes, sheet: str, limits: Limits) -> None:
    """Refuse filled cells below the last allowed row; empty formatted rows down there do no harm."""
    last = window.rfind(b'row r="')
    number = _ROW_NUMBER.match(window, last) if last > 0 else None
    if number is None or int(number.group(1)) <= limits.rows:
        return
    for column, row in _FILLED_CELL_OF_LONG_NUMBER.findall(window):
        if int(row) > limits.rows:
            raise too_far(sheet, f"{column.decode()}{int(row)}", limits)


def _hidden_rows(window: bytes) -> list[int]:
    numbers = (_ROW_ATTRIBUTE.search(tag) for tag in _HIDDEN_ROW.findall(window))
    return [int(number.group(1)) for number in numbers if number is not None]


def inflated(file: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part in pieces of about 1 MB, never more bytes than its directory entry declares.

    Written out because `zipfile` silently stops at the declared size, while other readers go on: a part
    that lies about its size is refused here (Invalid).
    """
    file.seek(info.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise Invalid(DAMAGED)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    file.seek(name_length + extra_length, 1)
    left, given = info.compress_size, 0
    engine = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    position = file.tell()
    while left > 0:
        file.seek(position)
        raw = file.read(min(FEED_BYTES, left))
        if not raw:
            raise Invalid(DAMAGED)
        left -= len(raw)
        position = file.tell()
        for piece in _unpacked(raw, engine):
            given += len(piece)
            if given > info.file_size:
                raise Invalid(DAMAGED)
            yield piece
    if given != info.file_size or (engine is not None and not engine.eof):
        raise Invalid(DAMAGED)


def _unpacked(raw: bytes, engine: "zlib._Decompress | None") -> Iterator[bytes]:
    if engine is None:
        yield raw
        return
    try:
        piece = engine.decompress(raw, MEGABYTE)
        while piece:
            yield piece
            piece = engine.decompress(engine.unconsumed_tail, MEGABYTE)
    except zlib.error:
        raise Invalid(DAMAGED) from None


def _whole_part(file: IO[bytes], info: zipfile.ZipInfo) -> bytes:
    """A small part as a whole, its prolog checked; refuses one that isn't small."""
    if info.file_size > SMALL_PART_BYTES:
        raise TooLarge(OVERBLOWN)
    content = b"".join(inflated(file, info))
    _check_prolog(content)
    return content


def sheet_names(file: IO[bytes], parts: Parts) -> dict[str, str]:
    """Map each worksheet part (lower case) to the sheet's name; empty where the package doesn't tell."""
    if RELATIONS not in parts.by_name:
        return {}
    try:
        relations = fromstring(_whole_part(file, parts.by_name[RELATIONS]), forbid_dtd=True)
        workbook = fromstring(_whole_part(file, parts.by_name[WORKBOOK]), forbid_dtd=True)
    except (ParseError, DefusedXmlException):
        raise Invalid(DAMAGED) from None
    targets = {one.get("Id"): _part_name(one.get("Target", "")) for one in relations}
    names: dict[str, str] = {}
    for element in workbook.iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        link = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
        if link in targets:
            names[targets[link]] = element.get("name", "")
    return names


def _part_name(target: str) -> str:
    target = target.replace("\\", "/")
    return normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}").lower()
