"""Files made to do harm, built in memory."""

import io
import zipfile

from PIL import Image

WORKBOOK = (
    b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
)


def zipped(**parts) -> bytes:
    """A zip of parts; keys may be given with any name through a dict."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.pop("parts", parts).items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook() -> bytes:
    """An honest workbook."""
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = "姓名"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """A package with one part more."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def document() -> bytes:
    """The least that counts as a Word document."""
    return zipped(parts={"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options) -> bytes:
    """A small image."""
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return out.getvalue()
