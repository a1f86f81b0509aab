"""What a file really is, judged by its bytes and never by its name; dangerous ones are refused."""

import io
import zipfile
from collections.abc import Callable

from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import WrongType

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLS = "application/vnd.ms-excel"
CSV = "text/csv"
PDF = "application/pdf"
TEXT = "text/plain; charset=utf-8"
JPEG = "image/jpeg"
PNG = "image/png"
BINARY = "application/octet-stream"
# What an uploaded document is kept as (_document below).
DOCUMENTS = (PDF, DOCX, XLSX, TEXT, JPEG, PNG)
# As many pixels as each format's decoder reads within 200 MB: a JPEG is read at a fraction of its size straight
# away, but a progressive one is held whole first, and WebP keeps its canvas several times.
MAX_PIXELS = {"JPEG": 120_000_000, "PROGRESSIVE": 16_000_000, "WEBP": 9_000_000}
MAX_PIXELS_ELSE = 12_000_000
MAX_SIDE = 3000
ENOUGH_SIDE = 2250  # a JPEG is read at the smallest fraction of its size that still has this
MAX_ENTRIES = 2000
MAX_UNPACKED = 600 * 1024 * 1024
MAX_RATIO = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
ENDINGS = {
    XLSX: "xlsx",
    DOCX: "docx",
    XLS: "xls",
    CSV: "csv",
    PDF: "pdf",
    TEXT: "txt",
    JPEG: "jpg",
    PNG: "png",
}
_MACROS = ("vbaproject", "macrosheets/", "activex/", "embeddings/oleobject")


def examine(data: bytes, kind: str) -> tuple[str, bytes]:
    """The content type and the bytes to keep (an image's are new); raises WrongType for what isn't accepted.

    Kinds: "xlsx" (workbook without macros), "sheet" (also .xls and .csv), "image" (decoded and encoded
    anew), "document" (image, PDF, Word, Excel, plain text), "any" (what the system itself has made).
    """
    return _KINDS[kind](data)


def _sheet(data: bytes) -> tuple[str, bytes]:
    """A spreadsheet of any accepted kind, checked as thoroughly as before an import."""
    from core.sheets.safety import check

    return _SHEETS[check(io.BytesIO(data))], data


def _workbook(data: bytes) -> tuple[str, bytes]:
    content_type, data = _sheet(data)
    if content_type != XLSX:
        raise WrongType("请上传 .xlsx 格式的 Excel 文件（不含宏）。")
    return XLSX, data


def _document(data: bytes) -> tuple[str, bytes]:
    if data.startswith(b"%PDF-"):
        return PDF, data
    if data.startswith(b"PK\x03\x04"):
        return office_type(data), data
    if _is_image(data):
        return _image(data)
    if data.startswith(_OLE):
        raise WrongType("旧版 Office 文件可能带宏，请另存为 .docx、.xlsx 或 PDF 后再上传。")
    if _is_plain_text(data):
        return TEXT, data
    raise WrongType("只能上传图片、PDF、Word（.docx）、Excel（.xlsx）或纯文本文件。")


def _image(data: bytes) -> tuple[str, bytes]:
    """Decode and encode anew: whatever else hid in the file is gone, and so is its location data."""
    try:
        with Image.open(io.BytesIO(data), formats=_IMAGES) as picture:
            original = picture.format or ""
            whole_first = original == "JPEG" and "progressive" in picture.info
            most = MAX_PIXELS.get("PROGRESSIVE" if whole_first else original, MAX_PIXELS_ELSE)
            if picture.width * picture.height > most:
                raise WrongType("图片像素过多，请缩小后再上传。")
            shrink = min(1, ENOUGH_SIDE / max(picture.size))
            picture.draft(None, (int(picture.width * shrink), int(picture.height * shrink)))
            picture.thumbnail((MAX_SIDE, MAX_SIDE), reducing_gap=None)
            ImageOps.exif_transpose(picture, in_place=True)
            return _encode(picture, original)
    except WrongType:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise WrongType("图片无法识别或已损坏，请换一张 JPG 或 PNG 图片。") from error


def _encode(picture: Image.Image, original: str) -> tuple[str, bytes]:
    out = io.BytesIO()
    if original == "JPEG":
        _plain(picture, "RGB").save(out, "JPEG", quality=88, optimize=True)
        return JPEG, out.getvalue()
    transparent = "A" in picture.getbands() or "transparency" in picture.info
    _plain(picture, "RGBA" if transparent else "RGB").save(out, "PNG")
    return PNG, out.getvalue()


def as_jpeg(data: bytes) -> bytes:
    """Any picture as a JPEG, on white where it is transparent; raises WrongType for what is no picture."""
    _, clean = _image(data)
    out = io.BytesIO()
    with Image.open(io.BytesIO(clean)) as picture:
        flat = picture.convert("RGBA")
        page = Image.new("RGB", flat.size, "white")
        page.paste(flat, mask=flat.getchannel("A"))
        page.save(out, "JPEG", quality=95)
    return out.getvalue()


def _plain(picture: Image.Image, mode: str) -> Image.Image:
    """The pixels alone in a mode, nothing of what else the file said; no copy where they are in it already."""
    clean = picture if picture.mode == mode else picture.convert(mode)
    clean.info = {}
    return clean


def _is_image(data: bytes) -> bool:
    return (
        data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM"))
        or data[:4] == b"RIFF"
        and data[8:12] == b"WEBP"
    )


def _is_plain_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text


def office_type(data: bytes) -> str:
    """XLSX or DOCX by the zip's own directory, nothing unpacked; WrongType for macros, bombs and others."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise WrongType("文件已损坏或不是有效的 Office 文件。") from error
    _refuse_bomb(entries, len(data))
    names = [entry.filename.replace("\\", "/").lower() for entry in entries]
    if any(mark in name for name in names for mark in _MACROS):
        raise WrongType("文件中含有宏或嵌入对象，不能上传；请另存为不含宏的文件。")
    if any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise WrongType("文件结构异常，不能上传。")
    found = _office_of(names)
    if found == BINARY:
        raise WrongType("不是 Word（.docx）或 Excel（.xlsx）文件。")
    return found


def _office_of(names: list[str]) -> str:
    if "xl/workbook.xml" in names:
        return XLSX
    return DOCX if "word/document.xml" in names else BINARY


def _refuse_bomb(entries: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    too_much = len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > max(packed, 1) * MAX_RATIO
    if too_much or any(entry.flag_bits & 0x1 for entry in entries):
        raise WrongType("文件解压后过大或已加密，不能上传。")


def _anything(data: bytes) -> tuple[str, bytes]:
    """Our own results: the type follows the bytes where it is known."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _office_of([name.lower() for name in archive.namelist()]), data
    return (PDF if data.startswith(b"%PDF-") else BINARY), data


_SHEETS = {"xlsx": XLSX, "xls": XLS, "csv": CSV}
_KINDS: dict[str, Callable[[bytes], tuple[str, bytes]]] = {
    "xlsx": _workbook,
    "sheet": _sheet,
    "image": _image,
    "document": _document,
    "any": _anything,
}
