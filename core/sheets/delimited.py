"""Text tables (.csv): telling the encoding and the delimiter, and reading the rows."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from core.errors import Invalid, WrongType
from core.sheets.limits import (
    MEGABYTE,
    NOT_A_SPREADSHEET,
    UNKNOWN_ENCODING,
    Limits,
    too_far,
    too_many_rows,
)

SHEET_NAME = "CSV"
SAMPLE_BYTES = 32 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_DELIMITERS = (",", "\t", ";", "，")


def detect_encoding(file: IO[bytes]) -> str:
    """Tell the encoding of a whole text file: UTF-8 with or without mark, UTF-16, else GB18030.

    Leaves the file at its start. Raises WrongType for binary content and unknown encodings.
    """
    start = file.read(4096)
    file.seek(0)
    for encoding in _candidates(start):
        if _decodes(file, encoding):
            return encoding
    raise WrongType(NOT_A_SPREADSHEET if b"\x00" in start else UNKNOWN_ENCODING)


def _candidates(start: bytes) -> tuple[str, ...]:
    if start.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if b"\x00" not in start:
        return ("utf-8", "gb18030")
    # UTF-16 without its mark: plain letters, delimiters and line ends show on which side the zeros stand.
    little = start[1::2].count(0) >= start[0::2].count(0)
    return ("utf-16-le",) if little else ("utf-16-be",)


def _decodes(file: IO[bytes], encoding: str) -> bool:
    """Whether every byte decodes, and to text without control characters. Leaves the file at its start."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        while chunk := file.read(MEGABYTE):
            if _CONTROL.search(decoder.decode(chunk)):
                raise WrongType(NOT_A_SPREADSHEET)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    finally:
        file.seek(0)
    return True


def _delimiter(sample: str) -> str:
    """The delimiter that stands most often in the first lines, a comma when none does."""
    lines = [line for line in sample.splitlines() if line.strip()][:20]
    counts = {mark: sum(line.count(mark) for line in lines) for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def read_rows(file: IO[bytes], limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number as a spreadsheet would show it, cells) of a text table; cells are always text.

    Raises WrongType for undecodable content, TooLarge or Invalid beyond the limits on rows and columns.
    """
    encoding = detect_encoding(file)
    sample = file.read(SAMPLE_BYTES).decode(encoding, errors="ignore")
    file.seek(0)
    text = io.TextIOWrapper(cast(BinaryIO, file), encoding=encoding, errors="strict", newline="")
    try:
        for number, cells in enumerate(csv.reader(text, delimiter=_delimiter(sample)), start=1):
            if number > limits.rows:
                raise too_many_rows(SHEET_NAME, limits)
            if len(cells) > limits.columns and any(cells[limits.columns :]):
                raise too_far(SHEET_NAME, "", limits)
            yield number, cells
    except UnicodeError:
        raise WrongType(UNKNOWN_ENCODING) from None
    except csv.Error:
        raise Invalid("文件里有过长或格式不正常的内容，请另存为“Excel 工作簿（.xlsx）”后再上传。") from None
    finally:
        if not file.closed:
            text.detach()
