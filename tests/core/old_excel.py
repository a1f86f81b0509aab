"""Builds a small .xls (BIFF8 in an OLE container) by hand, since no library here writes that format any more."""

import datetime as dt
import struct

SECTOR = 512
END_OF_CHAIN, FREE, FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
GENERAL_XF, DATE_XF = 0, 1
HIDDEN = 1


def xls_bytes(sheets):
    """An .xls of sheets given as (name, rows, merged ranges counted from 0, hidden)."""
    return _container(_workbook_stream(sheets))


def _record(kind, payload=b""):
    return struct.pack("<HH", kind, len(payload)) + payload


def _start(kind):
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _xf(number_format):
    return _record(0x00E0, struct.pack("<HHH", 0, number_format, 0) + b"\0" * 14)


def _sheet_stream(rows, merged):
    stream = _start(0x0010)
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            stream += _cell(row, column, value)
    if merged:
        ranges = b"".join(struct.pack("<HHHH", r1, r2, c1, c2) for (r1, c1), (r2, c2) in merged)
        stream += _record(0x00E5, struct.pack("<H", len(merged)) + ranges)
    return stream + _record(0x000A)


def _cell(row, column, value):
    if value is None or value == "":
        return b""
    if isinstance(value, dt.date):
        serial = float((value - dt.date(1899, 12, 30)).days)
        return _record(0x0203, struct.pack("<HHHd", row, column, DATE_XF, serial))
    if isinstance(value, str):
        text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
        return _record(0x0204, struct.pack("<HHH", row, column, GENERAL_XF) + text)
    return _record(0x0203, struct.pack("<HHHd", row, column, GENERAL_XF, float(value)))


def _workbook_stream(sheets):
    bodies = [_sheet_stream(rows, merged) for _, rows, merged, _ in sheets]
    head = _start(0x0005) + _record(0x0042, struct.pack("<H", 1200)) + _xf(0) + _xf(14)
    names = [
        struct.pack("<BB", HIDDEN if hidden else 0, 0)
        + struct.pack("<BB", len(name), 1)
        + name.encode("utf-16-le")
        for name, _, _, hidden in sheets
    ]
    offset = len(head) + sum(len(name) + 8 for name in names) + 4
    for name, body in zip(names, bodies, strict=True):
        head += _record(0x0085, struct.pack("<I", offset) + name)
        offset += len(body)
    return head + _record(0x000A) + b"".join(bodies)


def _container(stream):
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    chain = [FAT_SECTOR, END_OF_CHAIN, *range(3, count + 2), END_OF_CHAIN]
    assert len(chain) <= SECTOR // 4
    table = struct.pack("<128I", *(chain + [FREE] * (128 - len(chain))))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0)
    header += struct.pack("<109I", 0, *([FREE] * 108))
    directory = _entry("Root Entry", 5, 1, END_OF_CHAIN, 0) + _entry("Workbook", 2, FREE, 2, len(stream))
    return header + table + directory.ljust(SECTOR, b"\0") + stream


def _entry(name, kind, child, start, size):
    text = name.encode("utf-16-le")
    entry = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
    entry += struct.pack("<III", FREE, FREE, child) + b"\0" * 36
    return entry + struct.pack("<IQ", start, size)
