"""Reading and writing .lrmx (domain facts §1.1): tolerant of what programs write, deaf to what attacks."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from cadres.personnel_form.elements import (
    ELEMENTS,
    FAMILY,
    FAMILY_ELEMENTS,
    MULTILINE,
    OPTIONAL,
    PHOTO,
    FamilyItem,
    PersonnelForm,
    tidy,
)
from core.errors import Invalid, TooLarge, WrongType
from core.filetypes import JPEG, as_jpeg, examine

MOST_BYTES = 8 * 1024 * 1024
MOST_PHOTO = 4 * 1024 * 1024
MOST_ELEMENTS, MOST_DEPTH, MOST_UNKNOWN = 2_000, 6, 40
VERSION = "3.2.1.6"
ROOT = "Person"

DAMAGED = "不是完整的 .lrmx 文件，可能已损坏，请在任免表编辑器中重新保存。"
NOT_A_FORM = "不是干部任免审批表（.lrmx）文件。"
FORBIDDEN = "文件中含有实体或 DTD 定义，不能读取。"
TOO_LARGE = f"文件太大：一份任免审批表最多 {MOST_BYTES // 1024 // 1024} MB。"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
# XML 1.0 knows no other control characters; some forms have vertical tabs in their CV.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BREAKS = re.compile("[\x0b\x0c]")
# Programs that put their XML together by hand forget to escape &, and write blanks as HTML does.
_AMPERSAND = re.compile(r"&(?:(amp|lt|gt|quot|apos|nbsp)|#(?:(\d{1,7})|x([0-9a-fA-F]{1,6})));|&(?!\w{1,40};)")
_DATA_ADDRESS = re.compile(r"data:image/[\w.+-]{1,20};base64,", re.IGNORECASE)


def read_lrmx(data: bytes) -> PersonnelForm:
    """Read a form. Raises TooLarge, WrongType or Invalid with a Chinese sentence for what is none."""
    if len(data) > MOST_BYTES:
        raise TooLarge(TOO_LARGE)
    text = _DECLARATION.sub("", _decoded(data), count=1)
    text = _AMPERSAND.sub(_reference, _ILLEGAL.sub("", _BREAKS.sub("\n", text)))
    target = _Target()
    parser = XMLParser(target=target, encoding="utf-8", forbid_dtd=True)
    try:
        parser.feed(text.encode())
        parser.close()
    except DefusedXmlException:
        raise WrongType(FORBIDDEN) from None
    except ParseError:
        raise Invalid(DAMAGED) from None
    return tidy(target.form)


def decode_photo(text: str, form: PersonnelForm) -> None:
    """Put a base64 photo on a form; what is no picture is left out with a remark."""
    packed = "".join(text.split())
    packed = packed[len(found[0]) :] if (found := _DATA_ADDRESS.match(packed)) else packed
    if not packed:
        return
    if len(packed) > MOST_PHOTO * 4 // 3 + 4:
        form.remark(PHOTO, f"照片太大，最多 {MOST_PHOTO // 1024 // 1024} MB，没有读取。")
        return
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        form.remark(PHOTO, "照片的内容已损坏，没有读取。")
        return
    take_photo(data, form)


def take_photo(data: bytes, form: PersonnelForm) -> None:
    """Put a photo on a form: a JPEG as it came, another picture as a JPEG; what is none is left out with a remark.

    Whoever keeps it decodes and encodes it anew (core.files.store), so that nothing hides in it.
    """
    if len(data) > MOST_PHOTO:
        form.remark(PHOTO, f"照片太大，最多 {MOST_PHOTO // 1024 // 1024} MB，没有读取。")
        return
    try:
        kind, _ = examine(data, "image")
        form.photo = data if kind == JPEG else as_jpeg(data)
    except WrongType:
        form.remark(PHOTO, "照片不是图片，无法识别或已损坏，没有读取。")


def write_lrmx(form: PersonnelForm) -> bytes:
    """The form as the editor writes it: all elements in order, UTF-8 with BOM, CRLF, photo on one line."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<{ROOT}>"]
    for element in ELEMENTS:
        if element == FAMILY:
            lines += _family_lines(form.family)
        elif element == PHOTO:
            lines.append(_line(element, base64.b64encode(form.photo).decode()))
        elif element == "Version":
            lines += [_line(name, text) for name, text in form.unknown.items() if name not in ELEMENTS]
            lines.append(_line(element, form["Version"] or VERSION))
        elif form[element] or element not in OPTIONAL:
            lines.append(_line(element, form[element], multiline=element in MULTILINE))
    lines.append(f"</{ROOT}>")
    return b"\xef\xbb\xbf" + "\r\n".join(lines).encode()


def _family_lines(family: list[FamilyItem]) -> Iterator[str]:
    yield f"  <{FAMILY}>"
    for item in family:
        yield "    <Item>"
        for name, text in zip(FAMILY_ELEMENTS, item.texts, strict=True):
            yield f"    {_line(name, text)}"
        yield "    </Item>"
    yield f"  </{FAMILY}>"


def _line(element: str, text: str, *, multiline: bool = False) -> str:
    clean = escape(_ILLEGAL.sub("", text))
    if multiline:
        clean = clean.replace("\n", "\r\n")
    return f"  <{element}>{clean}</{element}>"


def _reference(found: re.Match[str]) -> str:
    """A reference as XML knows it; what is none is the sign itself. Other entities stay, and are refused."""
    if found[1]:
        return " " if found[1] == "nbsp" else found[0]
    number = int(found[2]) if found[2] else int(found[3], 16) if found[3] else 0
    if not number:
        return "" if found[2] or found[3] else "&amp;"
    is_text = number <= 0x10FFFF and not _ILLEGAL.match(chr(number))
    return found[0] if is_text else ""


def _decoded(data: bytes) -> str:
    """The text of the file: by its BOM or zeros, else UTF-8, else GB18030."""
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return data.decode("utf-32", "replace")
    if data[:2] in (b"<\x00", b"\x00<"):
        return data.decode("utf-16-le" if data[0] else "utf-16-be", "replace")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", "replace")
    # What is declared isn't asked: bytes that are UTF-8 throughout are hardly ever GBK, whatever they say.
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(DAMAGED)


class _Target:
    """Takes the parser's events; never builds a tree, so that no nesting and no number of elements costs much."""

    def __init__(self) -> None:
        self.form = PersonnelForm()
        self._path: list[str] = []
        self._pieces: list[str] = []
        self._item: dict[str, str] = {}
        self._count = 0

    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        """An element begins."""
        name = tag.rpartition("}")[2]
        if not self._path and name != ROOT:
            raise WrongType(NOT_A_FORM)
        self._count += 1
        self._path.append(name)
        if self._count > MOST_ELEMENTS or len(self._path) > MOST_DEPTH:
            raise Invalid(NOT_A_FORM)
        if len(self._path) in (2, 4):
            self._pieces = []
        elif name.lower() == "br":
            self._pieces.append("\n")
        if self._path[1:] == [FAMILY, "Item"]:
            self._item = {}

    def data(self, text: str) -> None:
        """Text within an element."""
        self._pieces.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        inner = self._path[1:]
        if len(inner) == 1 and inner[0] != FAMILY:
            self._take(inner[0], "".join(self._pieces))
        elif len(inner) == 3 and inner[:2] == [FAMILY, "Item"]:
            self._item.setdefault(inner[2], "".join(self._pieces))
        elif inner == [FAMILY, "Item"]:
            known = {name: self._item.get(name, "") for name in FAMILY_ELEMENTS}
            self.form.family.append(FamilyItem(**known))
        self._path.pop()

    def close(self) -> None:
        """The document ends."""

    def _take(self, name: str, text: str) -> None:
        form = self.form
        if name == PHOTO:
            if not form.photo:
                decode_photo(text, form)
        elif name in ELEMENTS:
            if text.strip():
                form.texts.setdefault(name, text)
        elif text.strip() and len(form.unknown) < MOST_UNKNOWN and len(name) <= 60:
            form.unknown.setdefault(name, text[:2_000])
