"""Reading .lrm (domain facts §1.2): one GBK record of 33 quoted fields; the photo is a .pic file beside it."""

from __future__ import annotations

import re

from cadres.personnel_form.elements import FamilyItem, PersonnelForm, tidy
from cadres.personnel_form.lrmx import take_photo
from core.errors import Invalid, TooLarge, WrongType

MOST_BYTES = 1024 * 1024
FIELDS = 33
NOT_A_FORM = "不是干部任免审批表（.lrm）文件。"
# Everything down to the present post; what follows is often left away.
LEAST = 26
TOO_FEW = "不是完整的 .lrm 任免审批表：应有 {} 项内容，实际只有 {} 项。"
TOO_MANY = "这份 .lrm 应有 {} 项内容，实际分出 {} 项：内容中可能有引号和逗号连在一起，请在任免表编辑器中另存为 .lrmx。"
CUT_SHORT = "文件缺少最后 {} 项内容，按空白读取，请核对。"
_AROUND = " \t\r\n\x00\x1a\ufeff"
_BETWEEN = re.compile(r'"\s*,\s*"')
_AT: dict[int, str] = {
    0: "XingMing", 1: "XingBie", 2: "ChuShengNianYue", 3: "MinZu", 4: "JiGuan", 5: "RuDangShiJian",
    6: "JianKangZhuangKuang", 7: "ChuShengDi", 8: "CanJiaGongZuoShiJian", 11: "ZhuanYeJiShuZhiWu",
    16: "ShuXiZhuanYeYouHeZhuanChang", 17: "JianLi", 18: "JiangChengQingKuang", 19: "NianDuKaoHeJieGuo",
    25: "XianRenZhiWu", 26: "NiRenZhiWu", 27: "NiMianZhiWu", 28: "RenMianLiYou", 29: "ChengBaoDanWei",
    30: "JiSuanNianLingShiJian", 31: "TianBiaoRen", 32: "TianBiaoShiJian",
}  # fmt: skip
_SCHOOLING = {9: ("_XueLi", "_XueWei"), 10: ("_XueLi_BiYeYuanXiaoXi", "_XueWei_BiYeYuanXiaoXi")}
_MODES = ("QuanRiZhiJiaoYu", "ZaiZhiJiaoYu")
_FAMILY = (20, 21, 22, 23, 24)


def read_lrm(data: bytes, photo: bytes = b"") -> PersonnelForm:
    """Read a form with its photo. Raises TooLarge, WrongType or Invalid with a Chinese sentence for what is none."""
    if len(data) > MOST_BYTES:
        raise TooLarge("文件太大：一份 .lrm 任免审批表最多 1 MB。")
    cells = _fields(_decoded(data).strip(_AROUND))
    missing = FIELDS - len(cells)
    cells += [""] * missing
    form = PersonnelForm(texts={element: cells[at] for at, element in _AT.items()})
    for at, endings in _SCHOOLING.items():
        _schooling(form, cells[at], endings)
    columns = [cells[at].split("@") for at in _FAMILY]
    rows = max(map(len, columns))
    form.family = [
        FamilyItem(*(column[row] if row < len(column) else "" for column in columns)) for row in range(rows)
    ]
    if photo:
        take_photo(photo, form)
    form = tidy(form)
    if missing:
        form.remark("XingMing", CUT_SHORT.format(missing))
    return form


def _fields(text: str) -> list[str]:
    """The fields of a record. The last ones may be missing; more than there are can't be told apart, so nothing is guessed."""
    if not text.startswith('"') or len(text) < 2:
        raise WrongType(NOT_A_FORM)
    cells = _BETWEEN.split(text[1:].removesuffix('"'))
    while len(cells) > FIELDS and not cells[-1].strip():
        cells.pop()
    if len(cells) > FIELDS:
        raise Invalid(TOO_MANY.format(FIELDS, len(cells)))
    if len(cells) < LEAST:
        raise Invalid(TOO_FEW.format(FIELDS, len(cells)))
    return cells


def _schooling(form: PersonnelForm, cell: str, endings: tuple[str, str]) -> None:
    """`全日制学历#学位@在职学历#学位` into four elements."""
    for mode, part in zip(_MODES, cell.split("@"), strict=False):
        for ending, text in zip(endings, part.split("#"), strict=False):
            form.texts[mode + ending] = text


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WrongType(NOT_A_FORM)
