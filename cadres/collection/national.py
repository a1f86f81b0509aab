"""The sheets of the 干部大数据信息提取表: row 1 a title, row 2 headings, dates in 6 or 8 digits, codes by name.

Columns without a home are kept as they came and written again; so are the words of those that the system computes
(domain facts §2, `services.collection_import.kept`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cadres.collection import cells
from cadres.collection.cells import Tables, error
from cadres.collection.columns import NOTHING, WARNING, Column, Read, Reader, SheetSpec
from cadres.cv import CareerEntry, read_career
from cadres.models import (
    Appointment,
    Code,
    Education,
    FamilyMember,
    Oversight,
    ProfessionalTitle,
    Rank,
)
from cadres.services.collection_import.kept import kept_cell
from core.partial_dates import PartialDate
from core.sheets.values import one_line, squeezed, text, yes_no

UNITS_REMARK = "单位按名称核对；名称、编码、职数等请在单位页面修改，这里不改，其余栏目按原文保存。"
IN_OFFICE, LEFT_OFFICE = "在任", "已免"
_OVER = frozenset({LEFT_OFFICE, "终止", "已终止", "不在任"})
_SANCTIONS = {label.split("（")[0]: key for key, label in Oversight.Sanction.choices}
_LEVELS = (
    ("国家", "national"), ("中央", "national"), ("省", "province"), ("部", "province"), ("市", "city"), ("厅", "city"),
    ("地", "city"), ("州", "city"), ("县", "county"), ("区", "county"), ("处", "county"), ("校", "school"),
)  # fmt: skip


def digits(value: PartialDate | None) -> str | None:
    """A date as the form writes it: 19980703, 199807, or the year alone when no more is known."""
    return value.iso().replace("-", "") if value else None


def _none(heading: str) -> Column:
    """A column without a home."""
    return Column(f"-{heading}", heading, lambda record: kept_cell(record, heading), homeless=True)


def _told(heading: str, write: Callable[[Any], Any] = lambda record: None, width: float = 14) -> Column:
    """A column that the system computes from other records: written, never read."""
    return Column(f"-{heading}", heading, write, width=width, told=True)


def _field(model: type[Any], name: str, heading: str, *, required: bool = False, width: float = 16) -> Column:
    """A column that is a field of the history."""
    read = cells.reader_of(model, name, texts=frozenset(), dated=False)
    return Column(
        name, heading, cells.writer_of(model, name, dated=False), read, required=required, width=width
    )


def _date(name: str, heading: str, *, required: bool = False) -> Column:
    return Column(
        name, heading, lambda record: digits(getattr(record, f"{name}_date")),
        lambda tables: cells.partial_reader(name), required=required, width=12,
    )  # fmt: skip


def _roster(name: str, heading: str, *, required: bool = False, width: float = 14) -> Column:
    """A column of the persons' sheet that is read as a roster's is; written by the export of persons."""
    return Column(name, heading, required=required, width=width)


def _coded_text(name: str, code_list: str) -> Callable[[Tables], Reader]:
    """A name as documented, with the code it stands for unless the column of codes says another."""

    def of(tables: Tables) -> Reader:
        matcher = tables.codes(code_list)

        def read(value: Any, untyped: bool) -> Read:
            words = squeezed(text(value))
            if not words:
                return NOTHING
            if len(words) > 60:
                return error("内容过长，最多 60 个字。")
            code = matcher.match(words)
            return Read({f"{name}_text": words, **({f"?{name}_id": code.pk} if code else {})})

        return read

    return of


# --- posts ---------------------------------------------------------------------------------------------------


def _place(tables: Tables) -> Reader:
    def read(value: Any, untyped: bool) -> Read:
        words = one_line(value)
        return Read({"@place": words[:120]}) if words else NOTHING

    return read


def _state(tables: Tables) -> Reader:
    def read(value: Any, untyped: bool) -> Read:
        return Read({"@over": True}) if squeezed(text(value)) in _OVER else NOTHING

    return read


def _is_main(tables: Tables) -> Reader:
    return cells.plain_reader("is_main", yes_no)


def _appointment(values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A post that is over needs its last day, or it would be entered as held. Raises ValueError."""
    if not values.get("@place"):
        raise ValueError("没有写任职机构名称。")
    if values.pop("@over", False) and "end" not in values:
        raise ValueError("任职状态是“已免”，请填写免职时间。")
    return "appointment", values


def _leads(record: Appointment) -> str | None:
    """By the position held; what is held now on none leads nobody, of what is over nothing is known."""
    post = record.post
    if post is None:
        return cells.NO if record.end is None else None
    return cells.YES if post.category in ("head", "deputy") else cells.NO


# Kept as it came, else by the post's category.
LEADS = Column(
    "-是否领导职务",
    "是否领导职务",
    lambda record: kept_cell(record, "是否领导职务") or _leads(record),
    homeless=True,
)


def _rank(values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A rank that is over needs its last day, or it would be entered as held. Raises ValueError."""
    if values.pop("@over", False) and "end" not in values:
        raise ValueError("状态不是在任，请填写终止日期。")
    return "rank", values


# --- awards and sanctions -------------------------------------------------------------------------------------


def _level(tables: Tables) -> Reader:
    def read(value: Any, untyped: bool) -> Read:
        word = squeezed(text(value))
        if not word:
            return NOTHING
        found = next((level for sign, level in _LEVELS if sign in word), None)
        if found is None:
            return Read({"level": "other"}, ((f"“{word[:20]}”按“其他”登记。", WARNING),))
        return Read({"level": found})

    return read


def _award(values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """An award is an honour; a sanction belongs to oversight."""
    sanction = _SANCTIONS.get(str(values.get("name", "")).removesuffix("处分").split("（")[0])
    if sanction is None:
        return "honour", values
    turned = {"kind": "sanction", "sanction": sanction, "authority": values.get("issuer", "")}
    return "oversight", turned | {
        name: values[name] for name in ("start", "start_precision") if name in values
    }


def _of_honour(name: str) -> Callable[[Any], Any]:
    """The sheet holds honours and sanctions: what a column says of either."""

    def write(record: Any) -> Any:
        if isinstance(record, Oversight):
            words = {
                "name": record.get_sanction_display(),
                "issuer": record.authority,
                "start": digits(record.start_date),
            }
            return words.get(name)
        words = {
            "name": record.name, "issuer": record.issuer, "level": record.get_level_display(),
            "start": digits(record.start_date), "end": digits(record.end_date),
        }  # fmt: skip
        return words[name]

    return write


# --- persons --------------------------------------------------------------------------------------------------


def _career(tables: Tables) -> Reader:
    def read(value: Any, untyped: bool) -> Read:
        found = read_career(text(value))
        lines: list[dict[str, Any]] = []
        for entry in found.entries:
            lines.append(_line(entry))
            lines += [_line(inner) | {"within": entry.text} for inner in entry.within]
        return Read({"@career": lines} if lines else {}, tuple((one, WARNING) for one in found.problems))

    return read


def _line(entry: CareerEntry) -> dict[str, Any]:
    line: dict[str, Any] = {"text": entry.text[:500]}
    for name, day in (("start", entry.start), ("end", entry.end)):
        if day is not None:
            line |= {name: day.date.isoformat(), f"{name}_precision": day.precision}
    return line


def _second_party(tables: Tables) -> Reader:
    matcher = tables.codes(Code.List.POLITICAL)

    def read(value: Any, untyped: bool) -> Read:
        word = squeezed(text(value))
        if not word:
            return NOTHING
        code = matcher.match(word)
        if code is None:
            return error(f"没有“{word[:20]}”这个党派，请核对。")
        return Read({"democratic_id": code.pk, "democratic_text": word})

    return read


@lru_cache(maxsize=1)
def national_sheets() -> tuple[SheetSpec, ...]:
    """The national sheets in the order of the workbook."""
    return (
        _spec("B01", "B01单位", "unit", _units()),
        _spec("A01", "A01人员", "person", _people()),
        _spec("A02", "A02职务", "appointment", _posts(), turn=_appointment),
        _spec("A05", "A05职务职级", "rank", (
            _field(Rank, "kind", "类别（职务层次、职级标志）", required=True, width=22),
            _field(Rank, "name", "职务层次（职级）", required=True), _date("start", "批准日期"), _none("批准文号"),
            _date("end", "终止日期"),
            Column("state", "状态", lambda record: IN_OFFICE if record.end is None else "终止", _state),
        ), guard="rank", turn=_rank),
        _spec("A06", "A06专业技术", "title", (
            _field(ProfessionalTitle, "title", "专业技术资格代码"),
            Column("title_text", "专业技术资格名称", lambda record: record.title_text,
                   _coded_text("title", Code.List.TITLE), required=True),
            _date("start", "获得资格日期"), _none("取得资格途径"), _none("评委会或考试名称"), _none("输出标识"),
        ), guard="title"),
        _spec("A08", "A08学历学位", "education", _education(), guard="education"),
        _spec("A14", "A14奖惩", "honour", (
            Column("name", "奖惩名称", _of_honour("name"), lambda tables: cells.text_reader("name", 160),
                   required=True, width=24),
            _none("奖惩名称代码"),
            Column("start", "批准日期", _of_honour("start"), lambda tables: cells.partial_reader("start")),
            Column("issuer", "批准机关", _of_honour("issuer"), lambda tables: cells.text_reader("issuer", 120)),
            Column("level", "批准机关级别", _of_honour("level"), _level), _none("受奖惩时职务层次"),
            Column("end", "撤销日期", _of_honour("end"), lambda tables: cells.partial_reader("end")),
            _none("批准机关性质"),
        ), guard="honours", turn=_award),
        _spec("A15", "A15考核", "assessment", (
            Column("grade", "考核结论", lambda record: record.grade_label, cells.grade_reader, required=True),
            Column("year", "考核年度", lambda record: str(record.year), _year, required=True),
        ), guard="annual_assessments"),
        _spec("A36", "A36家庭及社会关系", "family", (
            _field(FamilyMember, "name", "家庭成员姓名", required=True),
            _field(FamilyMember, "relation", "称谓", required=True),
            Column("birth", "出生日期", lambda record: (record.birth or "").replace("-", "") or None,
                   lambda tables: cells.sealed_date_reader("birth")),
            _field(FamilyMember, "political", "政治面貌"),
            _field(FamilyMember, "employment", "工作单位及职务", width=30), _field(FamilyMember, "order", "排序"),
        ), guard="family"),
        _spec("A99Z1", "A99Z1补充", "supplement", tuple(
            _none(one) for one in ("是否考录", "录用时间", "是否选调生", "进入选调生时间")
        ), guard="note"),
    )  # fmt: skip


def _spec(code: str, name: str, slug: str, columns: tuple[Column, ...], **more: Any) -> SheetSpec:
    return SheetSpec(code, name, slug, columns, codes=(code,), national=True, **more)


def _year(tables: Tables) -> Reader:
    def read(value: Any, untyped: bool) -> Read:
        word = squeezed(text(value)).removesuffix("度").removesuffix("年").removesuffix(".0")
        return (
            Read({"year": int(word)})
            if word.isdecimal() and len(word) == 4
            else error("请填写四位数的年度。")
        )

    return read


def _units() -> tuple[Column, ...]:
    told = (
        "机构简称", "机构编码", "所在政区", "隶属关系", "机构级别", "机构类别", "法人单位标识", "行政编制数",
        "事业编制数（参照）", "事业编制数（非参照）", "工勤编制数", "其他编制数", "参照公务员法管理审批时间",
        "参照公务员法管理审批文号", "内设机构领导职数", "正职领导职数", "副职领导职数", "备注", "同级排序号",
    )  # fmt: skip
    name = Column("name", "机构名称", read=_place, required=True, width=28)
    return (name, *(_none(heading) for heading in told))


def _people() -> tuple[Column, ...]:
    return (
        _roster("name", "姓名", required=True, width=10), _roster("id", "身份证号", required=True, width=21),
        _roster("gender", "性别", required=True, width=6), _roster("birth", "出生年月", required=True),
        _roster("native_place", "籍贯"),
        Column("birthplace", "出生地", lambda record: record.birthplace,
               lambda tables: cells.text_reader("birthplace", 60)),
        _none("成长地"), _roster("ethnicity", "民族"),
        Column("health", "健康状况", lambda record: record.health, lambda tables: cells.text_reader("health", 60)),
        _roster("work", "参加工作时间"), _told("入党时间文字"), _roster("party", "政治面貌"),
        _roster("party_join", "入党时间"), Column("second_party", "第二党派", read=_second_party), _none("第三党派"),
        _none("人员类别"), _told("人员管理状态"), _none("管理类别"),
        Column("speciality", "熟悉专业有何特长", lambda record: record.speciality,
               lambda tables: cells.text_reader("speciality", 200)),
        _told("现工作单位及职务全称", width=28), _told("现工作单位及职务简称", width=28), _told("现职务层次"),
        _told("任现职务层次时间"), _told("现职级"), _told("任现职级时间"), _told("专业技术职务"),
        _none("是否具有两年以上基层工作经历"), _roster("unit", "统计关系所在单位", required=True, width=24),
        Column("career", "简历", read=_career, width=50, told=True), _told("奖惩综述", width=30),
        _told("年度考核结果综述", width=30), _none("级别"), _none("编制类型"), _none("专业技术类公务员任职资格"),
        _none("公务员登记时间"), _roster("note", "备注"),
    )  # fmt: skip


def _posts() -> tuple[Column, ...]:
    return (
        Column("place", "任职机构名称", lambda record: record.place, _place, required=True, width=28),
        _none("是否领导成员"), _none("成员类别"),
        _field(Appointment, "title", "职务名称", required=True), LEADS, _none("职务排序"),
        _field(Appointment, "order", "集体内排序"), _date("start", "任职时间"),
        _field(Appointment, "document_number", "任职文号"), _field(Appointment, "selection", "选拔任用方式"),
        _none("是否破格提拔"),
        Column("state", "任职状态", lambda record: IN_OFFICE if record.end is None else LEFT_OFFICE, _state,
               choices=lambda tables: (IN_OFFICE, LEFT_OFFICE)),
        _date("end", "免职时间"), _none("免职文号"), _field(Appointment, "removal_reason", "职务变动原因综述"),
        _none("职务输出标识"),
        Column("is_main", "主职务", lambda record: cells.YES if record.is_main else cells.NO, _is_main,
               choices=lambda tables: (cells.YES, cells.NO)),
    )  # fmt: skip


def _education() -> tuple[Column, ...]:
    return (
        Column("level_text", "学历名称", lambda record: record.level_text, _coded_text("level", Code.List.EDUCATION)),
        _field(Education, "level", "学历代码"),
        Column("degree_text", "学位名称", lambda record: record.degree_text, _coded_text("degree", Code.List.DEGREE)),
        _field(Education, "degree", "学位代码"), _date("start", "入学时间"), _date("end", "毕（肄）业时间"),
        _none("学位授予时间"), _field(Education, "school", "学校（单位）名称", width=28),
        _field(Education, "major", "所学专业名称"), _none("所学专业类别"),
        _field(Education, "mode", "教育类别", required=True), _none("学制年限"), _none("输出标识"),
    )  # fmt: skip
