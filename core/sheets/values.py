"""Cleaning single cells: text, personal names, identity numbers, telephone numbers, yes and no.

Each function takes the raw cell (text, float, bool, date) and raises ValueError with a Chinese sentence
when the cell can't be what it should be.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stdnum.cn import ric

EMPTY_WORDS = frozenset(
    {
        "",
        "无",
        "—",
        "——",
        "———",
        "–",
        "-",
        "--",
        "/",
        "\\",
        "／",
        "－",
        "没有",
        "空",
        "NULL",
        "null",
        "N/A",
        "#N/A",
    }
)
EXACT_FLOAT_DIGITS = 15

_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")
_BLANKS = re.compile(r"[ \t\u00a0\u3000\u2000-\u200a\u202f]+")
_BLANKS_AT_BREAK = re.compile(r"[ \t]*\r?\n[ \t\r\n]*|[ \t]*\r[ \t\r\n]*|_x000D_\n?")
_APOSTROPHES = "'‘’`＇"
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff〇]+")
_NAME_DOTS = re.compile(r"\s*[·•・‧∙．]\s*")


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing: blank, `无`, `——`, `/` …"""
    return value is None or (isinstance(value, str) and value.strip() in EMPTY_WORDS)


def squeezed(text: str) -> str:
    """A text without any blanks, full-width forms made plain: for comparing, not for keeping."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def text(value: Any) -> str:
    """A cell as clean text: stray blanks, invisible characters and a leading apostrophe gone, line breaks kept.

    Whole numbers lose their `.0`; dates become ISO; `无` and dashes become "".
    """
    if isinstance(value, str):
        if value.isalnum():
            return "" if value in EMPTY_WORDS else value
        cleaned = _BLANKS.sub(" ", _INVISIBLE.sub("", value))
        cleaned = _BLANKS_AT_BREAK.sub("\n", cleaned).strip()
        if cleaned[:1] in _APOSTROPHES:
            cleaned = cleaned.lstrip(_APOSTROPHES).strip()
        return "" if cleaned in EMPTY_WORDS else cleaned
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def one_line(value: Any) -> str:
    """Clean text on one line: line breaks are dropped after Chinese, else become a blank."""
    lines = text(value).split("\n")
    joined = lines[0]
    for line in lines[1:]:
        joined += line if _HAN.match(joined[-1:]) or _HAN.match(line[:1]) else f" {line}"
    return joined


def number_text(value: float) -> str:
    """A number without exponent and without `.0`: 13800001111.0 → `13800001111`."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def clean_person_name(value: Any) -> str:
    """A personal name: `张　三` → `张三`, ethnic dots unified (`买买提·艾力`), Latin names keep their blanks."""
    name = one_line(value)
    if not name:
        return ""
    name = _NAME_DOTS.sub("·", unicodedata.normalize("NFKC", name).replace("ꞏ", "·"))
    pieces = name.split(" ")
    if all(_HAN.fullmatch(piece.replace("·", "")) for piece in pieces):
        return "".join(pieces)
    return name


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A resident identity number: as printed (upper-case X), or masked, then without birth and gender."""

    number: str
    birth: dt.date | None = None
    male: bool | None = None
    masked: bool = False


_IDENTITY = re.compile(r"\d{17}[\dX]", re.ASCII)
_LEGACY = re.compile(r"\d{15}", re.ASCII)
_MASKED = re.compile(r"(?=.*[*＊•●×]{2})[\dX*＊•●×]{15,18}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
DIGITS_LOST = "身份证号被存成了数字，末几位已丢失，无法恢复。请把该列设为“文本”格式后重新填写。"


def identity_number(value: Any) -> IdentityNumber | None:
    """Read a resident identity number (GB 11643); None for an empty cell.

    Accepts blanks, a leading apostrophe, full-width digits, a small x; 15-digit numbers of the first
    generation are completed to 18. A masked one (`3101********0311`) is returned as such: "no change".
    A number kept as a float has lost digits and is refused, never repaired; so is a wrong check digit or an
    impossible birth date. Region codes aren't checked: they are retired and added over the years.
    """
    if isinstance(value, float | int) and not isinstance(value, bool):
        if value != value or abs(value) >= 10**EXACT_FLOAT_DIGITS:
            raise ValueError(DIGITS_LOST)
        value = number_text(float(value))
    if is_empty(value):
        return None
    if not isinstance(value, str):
        raise ValueError("不是身份证号，请填写 18 位身份证号。")
    number = (
        value
        if value.isascii() and value.isdigit()
        else squeezed(_INVISIBLE.sub("", value)).strip(_APOSTROPHES).upper()
    )
    if _SCIENTIFIC.fullmatch(number):
        raise ValueError(DIGITS_LOST)
    if _MASKED.fullmatch(number):
        return IdentityNumber(number, masked=True)
    if _LEGACY.fullmatch(number):
        number = _completed(number)
    if not _IDENTITY.fullmatch(number):
        raise ValueError(_wrong_shape(number))
    return _checked(number)


def _checked(number: str) -> IdentityNumber:
    try:
        birth = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValueError("身份证号中的出生日期不存在，请核对。") from None
    if birth.year < 1900:
        raise ValueError("身份证号中的出生日期不合理，请核对。")
    if ric.calc_check_digit(number) != number[17]:
        raise ValueError("身份证号的校验码不对，可能有一位写错，请核对。")
    return IdentityNumber(number, birth, int(number[16]) % 2 == 1)


def _completed(legacy: str) -> str:
    """The 18-digit form of a 15-digit number: 19 before the year, the check digit behind."""
    body = f"{legacy[:6]}19{legacy[6:]}"
    return body + ric.calc_check_digit(f"{body}0")


def _wrong_shape(number: str) -> str:
    if re.fullmatch(r"[\dX]+", number, re.ASCII):
        return f"身份证号应为 18 位，这里是 {len(number)} 位，请核对。"
    return "身份证号中有不应出现的字符，请核对。"


_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(?:0\d{2,3}-?)?\d{7,8}(?:-\d{1,6})?", re.ASCII)


def phone_number(value: Any) -> str:
    """A telephone number as digits (mobile) or with hyphens (landline); "" for an empty cell."""
    if isinstance(value, float):
        value = number_text(value)
    if is_empty(value):
        return ""
    number = squeezed(str(value)).strip(_APOSTROPHES)
    number = re.sub(r"^(?:\+|00)?86-?(?=1[3-9])", "", number).replace("—", "-").replace("－", "-")
    if _MOBILE.fullmatch(number.replace("-", "")):
        return number.replace("-", "")
    if _LANDLINE.fullmatch(number):
        return number
    if re.fullmatch(r"\d{1,6}[*＊]{3,8}\d{2,4}", number):
        return number.replace("＊", "*")
    raise ValueError("电话号码的格式不对，手机号应为 11 位数字，请核对。")


_YES = frozenset({"是", "有", "√", "✓", "✔", "对", "y", "yes", "true", "1", "☑"})
_NO = frozenset({"否", "无", "没有", "不是", "×", "✗", "x", "n", "no", "false", "0", "☐", "错"})


def yes_no(value: Any) -> bool | None:
    """`是`/`否` in the ways people write it; None for an empty cell."""
    if isinstance(value, bool):
        return value
    word = squeezed(number_text(value) if isinstance(value, float) else str(value or "")).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    if is_empty(word):
        return None
    raise ValueError("只能填“是”或“否”。")


def whole_number(value: Any) -> int | None:
    """A whole number, also from text such as `3人` or `12年`; None for an empty cell."""
    if is_empty(value):
        return None
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError("应为整数。")
        return int(value)
    found = re.fullmatch(r"([+-]?\d{1,12})(?:\.0+)?[人名个年月天日岁次元节]?", squeezed(str(value)), re.ASCII)
    if found is None or isinstance(value, bool):
        raise ValueError("应为整数。")
    return int(found.group(1))
