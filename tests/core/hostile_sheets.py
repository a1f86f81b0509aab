"""Builds spreadsheet files that lie, overflow or carry what they shouldn't."""

import io
import random
import struct
import zipfile
from pathlib import Path

import xlsxwriter

CONTENT_TYPES = "[Content_Types].xml"
SHEET = "xl/worksheets/sheet1.xml"


def workbook_bytes(rows=(("姓名", "单位"), ("张三", "示例小学"))):
    """A small, healthy .xlsx with one sheet and shared strings."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def rebuilt(content, *, change=None, add=None, rename=None):
    """The same package with parts changed (name → function of bytes), added, or renamed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        assert set(change or {}) | set(rename or {}) <= set(old.namelist())
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if change and info.filename in change:
                data = change[info.filename](data)
            new.writestr((rename or {}).get(info.filename, info.filename), data)
        for name, data in (add or {}).items():
            new.writestr(name, data)
    return out.getvalue()


def replaced(old, new):
    """A change that replaces bytes and insists that they were there."""

    def change(data):
        assert old in data, old
        return data.replace(old, new)

    return change


def zip_bomb(megabytes=40):
    """A sheet of one endlessly repeated row: tiny packed, huge unpacked, and well-formed."""
    row = b'<row r="2"><c r="A2"><v>1</v></c></row>'
    rows = row * (megabytes * 1024 * 1024 // len(row)) + b"</sheetData>"
    return rebuilt(workbook_bytes(), change={SHEET: replaced(b"</sheetData>", rows)})


def endless_cell():
    """A cell of three million characters that don't compress suspiciously well."""
    text = random.Random(1).randbytes(1_500_000).hex().encode()
    cell = b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + text + b"</t></is></c></row></sheetData>"
    return rebuilt(workbook_bytes(), change={SHEET: replaced(b"</sheetData>", cell)})


def far_cell(reference="XFD1048576", value=b"<v>1</v>"):
    """A healthy table plus one filled cell far away."""
    row = "".join(letter for letter in reference if letter.isdigit())
    cell = f'<row r="{row}"><c r="{reference}">'.encode() + value + b"</c></row></sheetData>"
    return rebuilt(workbook_bytes(), change={SHEET: replaced(b"</sheetData>", cell)})


def external_entity(part="xl/sharedStrings.xml"):
    """Shared strings that pull in a local file."""
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'

    def change(data):
        return entity + data.partition(b"?>")[2] if data.startswith(b"<?xml") else entity + data

    return rebuilt(workbook_bytes(), change={part: change})


def billion_laughs():
    """Shared strings with nested entities."""
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (at, b"&l%d;" % (at - 1) * 10) for at in range(1, 10))
    prolog = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">' + laughs + b"]>"
    return rebuilt(
        workbook_bytes(),
        change={"xl/sharedStrings.xml": lambda data: prolog + b"<sst><si><t>&l9;</t></si></sst>"},
    )


def entity_behind_a_long_comment():
    """A definition hidden behind more comment than a prefix check would read."""
    prolog = b"<!--" + b" " * 200_000 + b"-->" + b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return rebuilt(workbook_bytes(), change={"xl/sharedStrings.xml": lambda data: prolog + data})


def with_macros():
    """A workbook that carries a macro project."""
    return rebuilt(workbook_bytes(), add={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def macro_content_type():
    """A workbook declared as macro-enabled."""
    return rebuilt(
        workbook_bytes(),
        change={
            CONTENT_TYPES: replaced(
                b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
            )
        },
    )


def lying_size():
    """A sheet that unpacks to far more than its directory entry declares."""
    content = bytearray(zip_bomb(20))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as package:
        info = package.getinfo(SHEET)
    at = content.rindex(SHEET.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    content[at + 24 : at + 28] = struct.pack("<I", 10_000)
    local = info.header_offset
    content[local + 22 : local + 26] = struct.pack("<I", 10_000)
    return bytes(content)


def overlapping_entries():
    """Two directory entries that unpack the same bytes, each consistent in itself."""
    content = bytearray(rebuilt(workbook_bytes(), add={"xl/worksheets/sheet2.xml": b"<worksheet/>"}))
    first = content.rindex(SHEET.encode()) - 46
    second = content.rindex(b"xl/worksheets/sheet2.xml") - 46
    content[second + 16 : second + 28] = content[first + 16 : first + 28]  # checksum and both sizes
    content[second + 42 : second + 46] = content[first + 42 : first + 46]  # place of the bytes
    return bytes(content)


def encrypted_xlsx():
    """What Excel writes for a workbook with a password: an OLE file with an encrypted package."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 2_000
        + "EncryptedPackage".encode("utf-16-le")
        + b"\0" * 2_000
    )


def written(folder: Path, content: bytes, name="upload.xlsx") -> str:
    """Put the bytes into a file and give its path."""
    path = folder / name
    path.write_bytes(content)
    return str(path)
