"""The 任免审批表 as a Word file in the printed layout (domain facts §1.3)."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

from docx.oxml.ns import qn
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage

from cadres.cv import plain_text
from cadres.personnel_form.elements import FamilyItem, PersonnelForm
from cadres.personnel_form.layout import template
from core.calendar import today
from core.partial_dates import PartialDate, parse

FAMILY_ROWS = 7
# What the box of the first page holds: lines of so many Chinese characters.
CAREER_LINES, CAREER_WIDTH = 21, 30
_GONE = re.compile("已去世|已故|去世|病故|逝世")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_PERIOD = re.compile(r"^(\d{4}\.\d{2}--(?:\d{4}\.\d{2})?)\s*(.*)$", re.DOTALL)


def write_docx(form: PersonnelForm) -> bytes:
    """The form as a .docx file; ages count at its JiSuanNianLingShiJian, today where it has none."""
    document = DocxTemplate(io.BytesIO(template()))
    context = content_of(form)
    if form.photo:
        context["photo"] = InlineImage(document, io.BytesIO(form.photo), width=Mm(28), height=Mm(35))
    document.render(context, autoescape=True)
    for picture in document.docx.element.body.iter(qn("wp:inline")):
        # Unsaid distances are 3 mm to some programs, and the photo is cut off by its box.
        for side in "TBLR":
            picture.set(f"dist{side}", "0")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def content_of(form: PersonnelForm) -> dict[str, Any]:
    """What stands in each box of the printed form."""
    counted = reference_day(form)
    first, more = split_career(form["JianLi"])
    members = _family(form.family, counted)
    texts = {name: _clean(text) for name, text in form.texts.items()}
    empty = dict.fromkeys(
        ("XingMing", "XingBie", "MinZu", "JiGuan", "ChuShengDi", "JianKangZhuangKuang", "ZhuanYeJiShuZhiWu",
         "ShuXiZhuanYeYouHeZhuanChang", "XianRenZhiWu", "NiRenZhiWu", "NiMianZhiWu", "ChengBaoDanWei", "TianBiaoRen"),
        "",
    )  # fmt: skip
    return {
        **empty,
        **texts,
        "photo": "",
        "born": _born(form["ChuShengNianYue"], counted),
        "party": _dotted(texts.get("RuDangShiJian", "")),
        "work": _dotted(form["CanJiaGongZuoShiJian"]),
        "filled": _dotted(form["TianBiaoShiJian"]),
        "full_level": _lines(texts, "QuanRiZhiJiaoYu_XueLi", "QuanRiZhiJiaoYu_XueWei"),
        "full_school": _schools(texts, "QuanRiZhiJiaoYu"),
        "service_level": _lines(texts, "ZaiZhiJiaoYu_XueLi", "ZaiZhiJiaoYu_XueWei"),
        "service_school": _schools(texts, "ZaiZhiJiaoYu"),
        "career": first,
        "career_more": more,
        "has_more": bool(more),
        "rewards": texts.get("JiangChengQingKuang", ""),
        "years": texts.get("NianDuKaoHeJieGuo", ""),
        "reason": texts.get("RenMianLiYou", ""),
        "family": members[:FAMILY_ROWS],
        "family_more": members[FAMILY_ROWS:],
    }


def reference_day(form: PersonnelForm) -> dt.date:
    """The day on which ages count."""
    found = _date(form["JiSuanNianLingShiJian"])
    return found.date if found else today()


def age_at(birth: str, day: dt.date) -> int | None:
    """Completed years in the month of a day: the birth month counts, a later one doesn't yet; None if unknown."""
    born = _date(birth)
    if born is None or born.precision == "year":
        return None if born is None else max(0, day.year - born.date.year)
    years = day.year - born.date.year - (day.month < born.date.month)
    return years if years >= 0 else None


def split_career(text: str) -> tuple[list[str], list[str]]:
    """The lines of a CV for the first page, and those that go on overleaf."""
    lines = [_spaced(_clean(line)) for line in plain_text(text).split("\n") if line.strip()]
    room = CAREER_LINES
    for at, line in enumerate(lines):
        room -= -(-max(1, len(line) - 17) // CAREER_WIDTH)
        if room < 0:
            return lines[:at], lines[at:]
    return lines, []


def _spaced(line: str) -> str:
    """Period and text apart, the open period as wide as the others."""
    found = _PERIOD.match(line.strip())
    if not found:
        return line.strip()
    return f"{found[1]:<16}  {found[2]}"


def _family(family: list[FamilyItem], day: dt.date) -> list[dict[str, str]]:
    """The rows in the order of the form, as .lrmx has them: the rule's, or that in which the form came (mapping)."""
    rows = []
    for item in family:
        gone = _GONE.search(item.GongZuoDanWeiJiZhiWu)
        age = None if gone else age_at(item.ChuShengRiQi, day)
        cells = (item.ChengWei, item.XingMing, "" if age is None else str(age), item.ZhengZhiMianMao,
                 item.GongZuoDanWeiJiZhiWu)  # fmt: skip
        rows.append(dict(zip(_COLUMNS, map(_clean, cells), strict=True)))
    rows += [dict.fromkeys(_COLUMNS, "") for _ in range(FAMILY_ROWS - len(rows))]
    return rows


_COLUMNS = ("relation", "name", "age", "party", "post")


def _born(birth: str, day: dt.date) -> str:
    age = age_at(birth, day)
    return _dotted(birth) + (f"\n（{age}岁）" if age is not None else "")


def _lines(texts: dict[str, str], *elements: str) -> str:
    return "\n".join(texts[one] for one in elements if texts.get(one))


def _schools(texts: dict[str, str], mode: str) -> str:
    """School of the education and of the degree, once where they are the same."""
    found = [texts.get(f"{mode}_{part}_BiYeYuanXiaoXi", "") for part in ("XueLi", "XueWei")]
    return "\n".join(dict.fromkeys(one for one in found if one))


def _dotted(text: str) -> str:
    """`200006` → `2000.06`, within `200108；民建` as well."""
    return re.sub(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})?(?!\d)", _with_dots, text)


def _with_dots(found: re.Match[str]) -> str:
    return ".".join(part for part in found.groups() if part)


def _date(text: str) -> PartialDate | None:
    try:
        return parse(text).value
    except ValueError:
        return None


def _clean(text: str) -> str:
    return _ILLEGAL.sub("", text)
