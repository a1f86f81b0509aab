"""Identity numbers (GB 11643): the check digit, and the birth date and gender a number tells."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from core.calendar import today
from core.crypto import blind_index
from core.partial_dates import PartialDate

CONTEXT = "cadres.cadre.id_number"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"\d{17}[\dX]")


@dataclass(frozen=True)
class Identity:
    """A valid identity number and what it tells."""

    number: str
    birth: dt.date
    gender: str

    @classmethod
    def told(cls, number: str) -> Identity:
        """What a number that was checked before tells; nothing is checked again."""
        birth = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        return cls(number, birth, "1" if int(number[16]) % 2 else "2")

    @property
    def index(self) -> str:
        """The blind index the number is found by."""
        return identity_index(self.number)


def clean_identity(text: str) -> str:
    """Return the number as it is stored: one width, no blanks or leading apostrophe, a capital X."""
    return re.sub(r"[\s'‘’`]", "", unicodedata.normalize("NFKC", text)).upper()


def identity_index(number: str) -> str:
    """Return the blind index of a cleaned number."""
    return blind_index(number, context=CONTEXT)


def check_digit(first17: str) -> str:
    """Return the eighteenth character that belongs to the first seventeen."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def read_identity(text: str) -> Identity:
    """Read and check an identity number; raises ValueError with a sentence that says what is wrong.

    The sentence never repeats the number, since it may end up in a log.
    """
    number = clean_identity(text)
    if re.fullmatch(r"\d{15}", number):
        raise ValueError("这是 15 位的旧身份证号，请填写 18 位号码。")
    if not _SHAPE.fullmatch(number):
        raise ValueError("身份证号应为 18 位：前 17 位是数字，最后一位是数字或 X。")
    try:
        birth = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValueError("身份证号中的出生日期不存在，请核对。") from None
    if not dt.date(1900, 1, 1) <= birth <= today():
        raise ValueError("身份证号中的出生日期不合理，请核对。")
    if check_digit(number[:17]) != number[17]:
        raise ValueError("身份证号的校验位不对，可能有数字写错，请核对。")
    return Identity.told(number)


def disagreements(identity: Identity, *, birth: PartialDate | None, gender: str) -> list[str]:
    """Return warnings where birth or gender differ from the number; the file of record may differ."""
    found = []
    if birth is not None and not birth.agrees_with(identity.birth):
        said = PartialDate.of(identity.birth).at_most(birth.precision).chinese()
        found.append(f"出生年月（{birth.chinese()}）与身份证号（{said}）不一致，请核对；以档案认定为准。")
    if gender and gender != identity.gender:
        found.append("性别与身份证号不一致，请核对。")
    return found
