"""What a 任免审批表 holds: its elements in the order of the file, their labels, and a form as read."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

from core.partial_dates import PartialDate, parse

# Element → label, in the order of the .lrmx file (domain facts §1.1); family and photo have places of their own.
ELEMENTS: dict[str, str] = {
    "XingMing": "姓名",
    "XingBie": "性别",
    "ChuShengNianYue": "出生年月",
    "MinZu": "民族",
    "JiGuan": "籍贯",
    "ChuShengDi": "出生地",
    "RuDangShiJian": "入党时间",
    "CanJiaGongZuoShiJian": "参加工作时间",
    "DaoLingNianYue": "到龄年月",
    "JianKangZhuangKuang": "健康状况",
    "ZhuanYeJiShuZhiWu": "专业技术职务",
    "ShuXiZhuanYeYouHeZhuanChang": "熟悉专业有何专长",
    "QuanRiZhiJiaoYu_XueLi": "全日制教育学历",
    "QuanRiZhiJiaoYu_XueWei": "全日制教育学位",
    "QuanRiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": "全日制学历毕业院校系及专业",
    "QuanRiZhiJiaoYu_XueWei_BiYeYuanXiaoXi": "全日制学位毕业院校系及专业",
    "ZaiZhiJiaoYu_XueLi": "在职教育学历",
    "ZaiZhiJiaoYu_XueWei": "在职教育学位",
    "ZaiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": "在职学历毕业院校系及专业",
    "ZaiZhiJiaoYu_XueWei_BiYeYuanXiaoXi": "在职学位毕业院校系及专业",
    "XianRenZhiWu": "现任职务",
    "NiRenZhiWu": "拟任职务",
    "NiMianZhiWu": "拟免职务",
    "JianLi": "简历",
    "JiangChengQingKuang": "奖惩情况",
    "NianDuKaoHeJieGuo": "年度考核结果",
    "RenMianLiYou": "任免理由",
    "JiaTingChengYuan": "家庭成员",
    "ChengBaoDanWei": "呈报单位",
    "GaiGeQianRenZhiNianLingJieXian": "改革前任职年龄界限",
    "JiSuanNianLingShiJian": "计算年龄时间",
    "TianBiaoShiJian": "填表时间",
    "TianBiaoRen": "填表人",
    "ShenFenZheng": "身份证号",
    "ZhaoPian": "照片",
    "Version": "版本",
}
FAMILY, PHOTO = "JiaTingChengYuan", "ZhaoPian"
# Written only where the form has them: version 4 of the editor, after the reform of 2025.
OPTIONAL = frozenset({"DaoLingNianYue", "GaiGeQianRenZhiNianLingJieXian"})
DATES = frozenset(
    {
        "ChuShengNianYue", "CanJiaGongZuoShiJian", "DaoLingNianYue", "JiSuanNianLingShiJian", "TianBiaoShiJian",
    }
)  # fmt: skip
MONTHS = frozenset({"ChuShengNianYue", "CanJiaGongZuoShiJian", "DaoLingNianYue"})
MULTILINE = frozenset({"JianLi", "JiangChengQingKuang", "NianDuKaoHeJieGuo", "RenMianLiYou"})
# How long a text may be: no longer than the columns it is kept in, and never without end.
LONGEST: dict[str, int] = {
    "ChuShengDi": 60, "ShuXiZhuanYeYouHeZhuanChang": 200, "RuDangShiJian": 60, "ZhuanYeJiShuZhiWu": 120,
    "XianRenZhiWu": 400, "NiRenZhiWu": 400, "NiMianZhiWu": 400, "ChengBaoDanWei": 300, "TianBiaoRen": 60,
    "JianKangZhuangKuang": 60, "JianLi": 40_000, "JiangChengQingKuang": 20_000, "NianDuKaoHeJieGuo": 5_000,
    "RenMianLiYou": 5_000, "JiSuanNianLingShiJian": 10, "TianBiaoShiJian": 10,
}  # fmt: skip
LONGEST_OTHER = 2_000
MOST_FAMILY = 60


@dataclass(frozen=True)
class FamilyItem:
    """A row of 家庭主要成员及重要社会关系, in the words of the form."""

    ChengWei: str = ""
    XingMing: str = ""
    ChuShengRiQi: str = ""
    ZhengZhiMianMao: str = ""
    GongZuoDanWeiJiZhiWu: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The five texts in order."""
        return tuple(getattr(self, one) for one in FAMILY_ELEMENTS)


FAMILY_ELEMENTS = tuple(one.name for one in fields(FamilyItem))
FAMILY_LABELS = ("称谓", "姓名", "出生年月", "政治面貌", "工作单位及职务")


@dataclass(frozen=True)
class FormProblem:
    """A remark on one element of a form."""

    label: str
    value: str
    message: str
    severity: Literal["error", "warning"] = "warning"


@dataclass
class PersonnelForm:
    """A form: texts by element (only those that say something), family, photo (JPEG), elements nobody knows."""

    texts: dict[str, str] = field(default_factory=dict)
    family: list[FamilyItem] = field(default_factory=list)
    photo: bytes = b""
    unknown: dict[str, str] = field(default_factory=dict)
    problems: list[FormProblem] = field(default_factory=list)

    def __getitem__(self, element: str) -> str:
        """The text of an element, "" where the form says nothing."""
        return self.texts.get(element, "")

    def remark(
        self, element: str, message: str, *, severity: Literal["error", "warning"] = "warning"
    ) -> None:
        """Note something about an element."""
        value = "" if element in (PHOTO, FAMILY) else self[element]
        self.problems.append(FormProblem(ELEMENTS.get(element, element), value[:200], message, severity))


def compact_date(text: str, *, months: bool = False) -> str:
    """A date as forms write it: `1982.09` → `198209`, `2025-01-15` → `20250115`; what is no date stays.

    `months` cuts a day off: dates of birth and of starting work are months in this form.
    """
    try:
        parsed = parse(text)
    except ValueError:
        return text
    if parsed.value is None or parsed.rest:
        return text
    return compact(parsed.value, months=months)


def compact(date: PartialDate | None, *, months: bool = True) -> str:
    """A partial date as yyyyMM (or yyyyMMdd), as far as it is known; "" for none."""
    if date is None:
        return ""
    return (date.at_most("month") if months else date).iso().replace("-", "")


def tidy(form: PersonnelForm) -> PersonnelForm:
    """Bring a form that was read to one shape, and note what is too long.

    Blanks around texts go, dates become yyyyMM, empty rows of the family go, an identity number is upper case.
    Nothing else is changed, so that the form can go out as it came.
    """
    texts = {}
    for element, text in form.texts.items():
        cleaned = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        if element not in MULTILINE:
            cleaned = " ".join(cleaned.split("\n"))
        if element in DATES:
            cleaned = compact_date(cleaned, months=element in MONTHS)
        if cleaned:
            texts[element] = cleaned.upper() if element == "ShenFenZheng" else cleaned
    form.texts = texts
    form.unknown = {name: text.strip() for name, text in form.unknown.items() if text.strip()}
    form.family = _family(form.family)
    if len(form.family) > MOST_FAMILY:
        form.remark(FAMILY, f"家庭成员超过 {MOST_FAMILY} 人，请核对。", severity="error")
        form.family = form.family[:MOST_FAMILY]
    for element, text in form.texts.items():
        most = LONGEST.get(element, LONGEST_OTHER)
        if len(text) > most:
            form.remark(element, f"内容过长，最多 {most} 个字。", severity="error")
    return form


def _family(items: list[FamilyItem]) -> list[FamilyItem]:
    """The rows that name somebody; forms are padded to ten."""
    found = []
    for item in items:
        relation, name, birth, party, work = (" ".join(text.split()) for text in item.texts)
        if relation or name:
            found.append(FamilyItem(relation, name, compact_date(birth, months=True), party, work))
    return found
