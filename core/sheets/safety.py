"""Checks on an uploaded spreadsheet before anything parses it: what kind it is, and that it is harmless.

Needs no Django: nothing here may slow the start of the parsing child (core/sheets/parsing.py).
"""

import re
from typing import IO

from core.errors import Invalid, TooLarge, WrongType
from core.sheets import delimited, package
from core.sheets.limits import (
    ENCRYPTED,
    LIMITS,
    MACROS,
    MEGABYTE,
    NOT_A_SPREADSHEET,
    WEB_PAGE,
    FileKind,
    Limits,
    Source,
    opened,
    size_of,
)

__all__ = ["LIMITS", "FileKind", "Limits", "Source", "check", "check_xls", "identify"]

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_MAGIC = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"{\\rtf", b"\x7fELF", b"MZ", b"\x1f\x8b",
    b"7z\xbc\xaf", b"Rar!", b"RIFF", b"II*\x00", b"MM\x00*", b"BZh", b"\xfd7zXZ", b"PK\x05\x06",
)  # fmt: skip
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|\?xml|xml|style|div|!--)", re.IGNORECASE)


def check(source: Source, *, limits: Limits = LIMITS) -> FileKind:
    """Refuse a file that isn't a harmless spreadsheet; otherwise say which kind it is.

    Takes a path or a seekable binary file, whose position is put back. Looks at the content only, never
    at the name. Parses nothing and unpacks nothing into memory or onto the disk. Raises WrongType,
    TooLarge or Invalid with a Chinese sentence (fault table: hostile uploads).
    """
    with opened(source) as file:
        kind = identify(file, limits)
        if kind == "xlsx":
            parts = package.check_directory(file, limits)
            package.scan(file, parts, limits)
        elif kind == "xls":
            check_xls(file)
        else:
            delimited.detect_encoding(file)
    return kind


def identify(file: IO[bytes], limits: Limits = LIMITS) -> FileKind:
    """Tell the kind by the first bytes; raises TooLarge, Invalid (empty) or WrongType."""
    size = size_of(file)
    if size > limits.file_bytes:
        raise TooLarge(f"文件太大，最多 {limits.file_bytes // MEGABYTE} MB。")
    start = file.read(4096)
    file.seek(0)
    if not start.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise Invalid("文件是空的，没有可以导入的内容。")
    if start.startswith(ZIP_MAGIC):
        return "xlsx"
    if start.startswith(OLE_MAGIC):
        return "xls"
    if start.startswith(_OTHER_MAGIC):
        raise WrongType(NOT_A_SPREADSHEET)
    if _MARKUP.match(start.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")):
        raise WrongType(WEB_PAGE)
    return "csv"


def check_xls(file: IO[bytes]) -> None:
    """Refuse an OLE file that is encrypted, carries macros, or holds no workbook at all."""
    names = {
        stream: stream.encode("utf-16-le")
        for stream in ("EncryptedPackage", "_VBA_PROJECT", "Workbook", "Book")
    }
    found: set[str] = set()
    tail = b""
    while chunk := file.read(MEGABYTE):
        piece = tail + chunk
        found.update(stream for stream, mark in names.items() if stream not in found and mark in piece)
        tail = piece[-64:]
    file.seek(0)
    if "EncryptedPackage" in found:
        raise Invalid(ENCRYPTED)
    if "_VBA_PROJECT" in found:
        raise WrongType(MACROS)
    if not found & {"Workbook", "Book"}:
        raise WrongType(NOT_A_SPREADSHEET)
