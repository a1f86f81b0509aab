"""The 履历工作簿: one sheet for every history in cadres.kinds, headings in the words of its fields."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from django.db import models

from cadres.collection import cells
from cadres.collection.columns import Column, SheetSpec
from cadres.kinds import KINDS, HistoryKind
from cadres.models import AnnualAssessment, Code

# Written only: a request is answered in the system, nobody files it by a workbook.
EXPORTED_ONLY = frozenset({"petition"})
# Links that are confirmed one by one on the page are no business of a workbook.
_LEFT_OUT = {"family": frozenset({"kin"})}
_PERIODS: dict[str, tuple[str, str]] = {
    "education": ("入学时间", "毕业时间"),
    "title": ("取得时间", "截止时间"),
    "certificate": ("发证时间", "失效时间"),
    "political": ("加入时间", "退出时间"),
    "honour": ("授予时间", "撤销时间"),
    "talent": ("认定时间", "退出时间"),
    "reserve": ("列入时间", "退出时间"),
    "oversight": ("实施（生效）时间", "影响期止"),
}
_USUAL_PERIOD = ("起始时间", "截止时间")
_HEADINGS: dict[tuple[str, str], str] = {
    ("family", "name"): "家庭成员姓名",
    ("family", "birth"): "家庭成员出生年月",
    ("family", "employment"): "家庭成员工作单位及职务",
    ("career", "within"): "其间所属",
}
_HINTS: dict[tuple[str, str], str] = {
    ("education", "school"): "如 某某师范大学中文系汉语言文学",
    ("education", "level_text"): "证书上的写法，可不填",
    ("career", "text"): "如 某某学校副校长",
    ("career", "within"): "写在另一行“其间”时，填那一行的内容",
    ("plan", "mentor"): "导师的账号名，没有账号填下一列",
    ("assessment", "year"): "必填，如 2025",
    ("family", "birth"): "格式：1976.05",
}
_REQUIRED_NAMES = frozenset(
    {"year", "grade", "on", "text", "goals", "tier", "relation", "status", "submitted_on"}
)
_DROP_DOWNS = frozenset({Code.List.EDUCATION, Code.List.POLITICAL, Code.List.TITLE, Code.List.RELATION})


@lru_cache(maxsize=1)
def own_sheets() -> tuple[SheetSpec, ...]:
    """The sheets of the 履历工作簿 in the order of cadres.kinds."""
    return tuple(_sheet(kind) for kind in KINDS.values())


def _sheet(kind: HistoryKind) -> SheetSpec:
    columns: list[Column] = []
    for name in kind.fields:
        if name in _LEFT_OUT.get(kind.slug, ()):
            continue
        columns += _columns(kind, name)
    return SheetSpec(
        code=kind.slug, name=kind.label, slug=kind.slug, columns=tuple(columns), guard=kind.guard,
        importable=kind.slug not in EXPORTED_ONLY,
    )  # fmt: skip


def _columns(kind: HistoryKind, name: str) -> list[Column]:
    if name == "scores":
        return [
            Column(f"scores.{at}", label, cells.score_writer(at), partial(_fixed, cells.score_reader(at)),
                   hint="0–100，没有评价的留空", width=10, kind="integer")
            for at, label in enumerate(cells.COMPETENCES)
        ]  # fmt: skip
    if name == "labels":
        return [_labels()]
    if (kind.slug, name) == ("assessment", "grade"):
        return [
            Column("grade", "等次", lambda record: record.grade_label, cells.grade_reader, hint="必填，如 优秀",
                   choices=lambda tables: _grades(), required=True)
        ]  # fmt: skip
    if (kind.slug, name) == ("career", "within"):
        return [
            Column("within", _HEADINGS[kind.slug, name], _within, lambda tables: cells.text_reader("within"),
                   hint=_HINTS[kind.slug, name], width=30)
        ]  # fmt: skip
    return [_column(kind, name)]


def _fixed(reader: Any, tables: Any) -> Any:
    return reader


def _labels() -> Column:
    names = {key: own["name"] for key, own in settings.GRADE_LABELS.items()}
    return Column(
        "labels", "用语", lambda record: names.get(record.labels), cells.label_set_reader, width=30,
        choices=lambda tables: tuple(names.values()),
    )  # fmt: skip


def _grades() -> tuple[str, ...]:
    words = [label for own in settings.GRADE_LABELS.values() for label in own.get("grades", {}).values()]
    plain = [label for _, label in AnnualAssessment.Grade.choices if "（" not in label]
    return tuple(dict.fromkeys([*plain, *words]))


def _within(record: Any) -> str | None:
    return record.within.text if record.within_id else None


def _column(kind: HistoryKind, name: str) -> Column:
    field = kind.model._meta.get_field(name)
    dated = name in kind.dated
    texts = frozenset(kind.fields)
    sealed_date = (kind.slug, name) == ("family", "birth")
    read = (
        (lambda tables: cells.sealed_date_reader(name))
        if sealed_date
        else cells.reader_of(kind.model, name, texts=texts, dated=dated)
    )
    required = name in _REQUIRED_NAMES or (not field.blank and not dated and not field.has_default())
    return Column(
        name, _heading(kind, name, field), cells.writer_of(kind.model, name, dated=dated), read,
        hint=_hint(kind, name, field, dated, required), choices=_choices(field), required=required,
        width=30 if isinstance(field, models.TextField) else 16,
        kind="partial" if dated else "integer" if isinstance(field, models.IntegerField) else "text",
    )  # fmt: skip


def _heading(kind: HistoryKind, name: str, field: Any) -> str:
    if name in kind.dated:
        return _PERIODS.get(kind.slug, _USUAL_PERIOD)[name == "end"]
    return _HEADINGS.get((kind.slug, name), str(field.verbose_name))


def _hint(kind: HistoryKind, name: str, field: Any, dated: bool, required: bool) -> str:
    if (kind.slug, name) in _HINTS:
        return _HINTS[kind.slug, name]
    if dated or isinstance(field, models.DateField):
        return "格式：2019.08" if dated else "格式：2019.08.05"
    words = "请从下拉框选择" if _choices(field) else ""
    return "，".join(filter(None, ("必填" if required else "" if words else "选填", words)))


def _choices(field: Any) -> Any:
    if field.choices:
        labels = tuple(str(label) for _, label in field.choices)
        return lambda tables: labels
    if isinstance(field, models.BooleanField):
        return lambda tables: (cells.YES, cells.NO)
    if isinstance(field, models.ForeignKey) and field.related_model is Code:
        code_list = cells.list_of(field)
        if code_list in _DROP_DOWNS or code_list == Code.List.DEGREE:
            return lambda tables: tuple(dict.fromkeys(code.name for code in tables.codes(code_list).codes))
    return None
