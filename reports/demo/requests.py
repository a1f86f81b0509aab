"""What a cadre of the demo asks for: a correction to check, one to complete, a request to answer; by the services."""

from __future__ import annotations

import io
from datetime import date, timedelta

from PIL import Image, ImageDraw

from accounts.models import User
from cadres.models import Cadre
from cadres.services.corrections import request_correction, take_on_correction
from cadres.services.petitions import submit_petition
from core.calendar import today
from core.files import StoredFile, store
from core.partial_dates import PartialDate
from reports.demo.clock import on

_PAPER, _INK, _SEAL = (252, 250, 244), (60, 60, 70), (190, 40, 40)


def make_requests(cadre: Cadre, hr: User) -> None:
    """Let a person with an account ask; HR has sent one of the requests back for more."""
    by = cadre.user
    assert by is not None
    with on(today() - timedelta(days=6)):
        birth = cadre.work_start or today()
        returned = request_correction(
            cadre=cadre, by=by, kind="basic",
            values={"work_start": PartialDate.of(date(birth.year, 7, 1), "month")},
            explanation="参加工作时间应为当年 7 月，以报到证为准。", proof=_scan(by, "报到证.png"),
        )  # fmt: skip
    with on(today() - timedelta(days=4)):
        take_on_correction(
            correction=returned, action="return", by=hr, comment="报到证的日期看不清，请补拍一张清晰的。"
        )
    with on(today() - timedelta(days=2)):
        request_correction(
            cadre=cadre, by=by, kind="honour",
            values={"name": "区级教学能手", "level": "county", "issuer": "示例区教育局", "document_number": "",
                    "start": PartialDate.of(date(today().year - 1, 9, 1), "month"), "end": None},
            explanation="去年教师节获表彰，档案里没有登记。", proof=_scan(by, "荣誉证书.png"),
        )  # fmt: skip
        request_correction(
            cadre=cadre,
            by=by,
            kind="photo",
            values={},
            explanation="原照片是入职时拍的，换近照。",
            photo=_portrait(by),
        )
        begun = cadre.work_start or today()
        request_correction(
            cadre=cadre, by=by, kind="appointment",
            values={"unit": None, "unit_text": "邻县城关中学", "title": "团委书记", "kind": "regular", "is_main": False,
                    "start": PartialDate.of(date(begun.year, 9, 1), "month"),
                    "end": PartialDate.of(date(begun.year + 2, 8, 1), "month"),
                    "document_number": f"邻教〔{begun.year}〕21 号"},
            explanation="调入本区之前的任职，档案里没有。", proof=_scan(by, "任职文件.png"),
        )  # fmt: skip
        submit_petition(
            cadre=cadre, by=by, subject="挂职结束后的工作安排",
            content="挂职即将期满，希望返校后继续分管教学，并承担片区教研工作，请组织考虑。",
        )  # fmt: skip


def _portrait(by: User) -> StoredFile:
    """A drawn face in the proportions of a photo for a file."""
    picture = Image.new("RGB", (320, 400), (205, 222, 238))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 280, 300, 560), fill=(52, 73, 105))
    draw.ellipse((95, 80, 225, 260), fill=(236, 206, 180))
    draw.chord((90, 66, 230, 190), 180, 360, fill=(45, 40, 38))
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return store(kept.getvalue(), name="近照.png", kind="image", by=by)


def _scan(by: User, name: str) -> StoredFile:
    """A picture of a paper with a seal, as a telephone takes it."""
    picture = Image.new("RGB", (720, 500), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((16, 16, 704, 484), outline=_INK, width=3)
    for row in range(5):
        draw.line((90, 130 + row * 50, 620 - row * 40, 130 + row * 50), fill=_INK, width=4)
    draw.ellipse((500, 320, 620, 440), outline=_SEAL, width=6)
    data = io.BytesIO()
    picture.save(data, "PNG")
    return store(data.getvalue(), name=name, kind="any", by=by)
