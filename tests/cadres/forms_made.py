"""Made-up 任免审批表 for tests: files in every shape that programs write."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

from PIL import Image

DATA = Path(__file__).resolve().parents[1] / "data"
FULL = DATA / "synthetic_v3_full.lrmx"
PADDED = DATA / "synthetic_v3_padded10_wrapped_photo.lrmx"
MINIMAL = DATA / "synthetic_v3_minimal.lrmx"
MESSY = DATA / "synthetic_v4_messy_dates.lrmx"
OLD = DATA / "synthetic_v2.lrm"


def jpeg(color=(90, 120, 150), size=(40, 50)) -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG")
    return out.getvalue()


def lrmx(family=(), photo=b"", **texts) -> bytes:
    """A form with these elements."""
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())
    names = ("ChengWei", "XingMing", "ChuShengRiQi", "ZhengZhiMianMao", "GongZuoDanWeiJiZhiWu")
    rows = "".join(
        "<Item>" + "".join(f"<{n}>{t}</{n}>" for n, t in zip(names, row, strict=True)) + "</Item>"
        for row in family
    )
    inner += f"<JiaTingChengYuan>{rows}</JiaTingChengYuan>"
    inner += f"<ZhaoPian>{base64.b64encode(photo).decode()}</ZhaoPian>"
    return f'<?xml version="1.0" encoding="utf-8"?><Person>{inner}</Person>'.encode()


def zipped(**files: bytes) -> bytes:
    """A zip; the names' `__` stands for a point."""
    return zip_of({name.replace("__", "."): data for name, data in files.items()})


def zip_of(files: dict[str, bytes]) -> bytes:
    """A zip with these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
