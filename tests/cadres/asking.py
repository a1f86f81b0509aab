"""Requests for correction as tests make them: pictures, and what somebody asks for about themselves."""

import io

from PIL import Image

from cadres.models import Correction
from cadres.services.corrections import request_correction
from core import files
from core.models import StoredFile

PDF = b"%PDF-1.4\n%%EOF\n"


def picture(colour: str = "navy", *, tail: bytes = b"") -> bytes:
    """A small JPEG with location data and perhaps something hidden behind it."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "GPS-HERE"
    Image.new("RGB", (80, 100), colour).save(out, "JPEG", exif=exif)
    return out.getvalue() + tail


def photo_of(user, colour: str = "navy") -> StoredFile:
    """A stored photo."""
    return files.store(picture(colour), name="p.jpg", kind="image", by=user)


def ask(cadre, proof, about="basic", record=None, **values):
    """A request of the cadre's own."""
    return request_correction(
        cadre=cadre,
        by=cadre.user,
        kind=about,
        values=values,
        record=record,
        explanation="登记有误",
        proof=proof,
    )


def ask_photo(cadre, colour="red") -> Correction:
    """A new photo asked for."""
    return request_correction(
        cadre=cadre,
        by=cadre.user,
        kind="photo",
        values={},
        explanation="",
        photo=photo_of(cadre.user, colour),
    )
