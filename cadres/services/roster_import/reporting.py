"""The staged rows in words and as JSON: values with the API's field names, changes, problems."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q

from cadres.identity import CONTEXT
from cadres.models import Cadre, Code, Post, RosterImport, RosterImportRow
from core.crypto import decrypt, mask_identity
from core.partial_dates import PartialDate

# API field → the column of the file it is read from.
COLUMN_OF: dict[str, str] = {
    "name": "name", "unit": "unit", "gender": "gender", "birth": "birth", "id": "id", "ethnicity": "ethnicity",
    "native_place": "native_place", "work": "work", "party": "party", "party_join": "party_join",
    "democratic_party": "party", "full_time_education": "full_level", "full_time_degree": "full_degree",
    "full_time_school": "full_school", "in_service_education": "service_level",
    "in_service_degree": "service_degree", "in_service_school": "service_school", "post": "post",
    "post_since": "post_since", "probation": "post", "post_category": "category", "level_since": "level_since",
    "title": "title", "rank": "rank", "phone": "phone", "note": "note",
}  # fmt: skip
LABELS: dict[str, str] = {
    "name": "姓名", "unit": "单位", "gender": "性别", "birth": "出生年月", "id": "身份证号", "ethnicity": "民族",
    "native_place": "籍贯", "work": "参加工作时间", "party": "政治面貌", "party_join": "入党时间",
    "democratic_party": "民主党派", "full_time_education": "全日制学历", "full_time_degree": "全日制学位",
    "full_time_school": "全日制毕业院校及专业", "in_service_education": "在职学历",
    "in_service_degree": "在职学位", "in_service_school": "在职毕业院校及专业", "post": "现任职务",
    "post_since": "任现职时间", "probation": "试用期", "post_category": "职务类别", "level_since": "任同级时间",
    "title": "职称", "rank": "职级", "phone": "手机号码", "note": "备注",
}  # fmt: skip
_DATES = {
    "birth": "birth", "work": "work_start", "party_join": "party_join", "post_since": "post_since",
    "level_since": "level_since",
}  # fmt: skip
_TEXTS = {
    "name": "name", "native_place": "native_place", "party": "party_text", "democratic_party": "democratic_text",
    "full_time_education": "full_level_text", "full_time_degree": "full_degree_text",
    "full_time_school": "full_school", "in_service_education": "service_level_text",
    "in_service_degree": "service_degree_text", "in_service_school": "service_school", "title": "title_text",
    "rank": "rank", "phone": "phone", "note": "note",
}  # fmt: skip
_GENDERS = dict(Cadre.Gender.choices)
_CATEGORIES = dict(Post.Category.choices)
_DIGITS = re.compile(r"\d{6}(\d{8})\d{2}(\d)[\dX]")


class Wording:
    """Words the rows of one import; loads units and ethnicities once.

    Identity numbers are masked unless `open_numbers` (the command, run by whoever holds the file).
    """

    def __init__(self, roster_import: RosterImport, *, open_numbers: bool = False) -> None:
        self._columns: dict[str, Any] = roster_import.columns
        self._open = open_numbers
        ethnicities = Code.objects.filter(list=Code.List.ETHNICITY).values_list("pk", "code", "name")
        self._ethnicities = {pk: code for pk, code, _ in ethnicities}
        self._ethnicity_names = {code: name for _, code, name in ethnicities}

    def values(self, row: RosterImportRow) -> dict[str, Any]:
        """What was read, by field; None where the file has the column but the cell says nothing."""
        columns = self._columns_of(row)
        found: dict[str, Any] = {name: None for name, column in COLUMN_OF.items() if column in columns}
        for name, attribute in _TEXTS.items():
            if (value := getattr(row, attribute)) is not None:
                found[name] = value
        for name, attribute in _DATES.items():
            if (day := getattr(row, attribute)) is not None:
                found[name] = PartialDate.of(day, getattr(row, f"{attribute}_precision")).iso()
        found["unit"] = row.unit.name if row.unit_id and row.unit else row.unit_text
        if row.gender:
            found["gender"] = str(_GENDERS[row.gender])
        if row.ethnicity_id:
            found["ethnicity"] = self._ethnicities.get(row.ethnicity_id)
        if row.category:
            found["post_category"] = str(_CATEGORIES[row.category])
        if row.posts:
            found["posts"], found["post"] = row.posts, "、".join(row.posts)
        found.pop("probation", None)
        if row.probation_months:
            found["probation"] = True
        return found | self._identity(row, "id" in columns)

    def _columns_of(self, row: RosterImportRow) -> dict[str, Any]:
        """The headings of the row's sheet; files that all have the same ones say so once, under `*`."""
        found = self._columns.get(row.sheet)
        return self._columns.get("*", {}) if found is None else found

    def _identity(self, row: RosterImportRow, has_column: bool) -> dict[str, Any]:
        number = decrypt(row.id_cipher, context=CONTEXT) if row.id_cipher else ""
        if not number or "." in number or "e+" in number:  # a number that lost its digits tells nothing
            return {"id": None} if has_column else {}
        found: dict[str, Any] = {
            "id": number if self._open else mask_identity(number),
            "id_valid": row.id_index is not None,
        }
        if digits := _DIGITS.fullmatch(number.upper()):
            found["id_sex"] = "男" if int(digits[2]) % 2 else "女"
            found["id_birth"] = digits[1]
        return found

    def problems(self, row: RosterImportRow) -> list[dict[str, Any]]:
        """What is wrong with the row: column, value, message, severity; errors first."""
        found = [dict(one) for one in (*(row.problems or ()), *(row.findings or ()))]
        columns = self._columns_of(row)
        for one in found:
            if row.id_cipher and one["column"] == (columns.get("id") or [None])[0]:
                number = decrypt(row.id_cipher, context=CONTEXT)
                one["value"] = number if self._open else one["value"] or mask_identity(number)
        return sorted(found, key=lambda one: one["severity"] != "error")

    def changes(self, row: RosterImportRow) -> dict[str, list[Any]]:
        """The differences {field: [old, new]}, in the order of the sheet."""
        given = row.changes or {}
        found = {name: list(given[name]) for name in COLUMN_OF if name in given}
        if "id" in found:
            number = decrypt(row.id_cipher, context=CONTEXT) if row.id_cipher else ""
            old = row.cadre.id_number if row.cadre_id and row.cadre else ""
            pair = [old or None, number]
            found["id"] = pair if self._open else [mask_identity(one) if one else None for one in pair]
        return found

    def shown_changes(self, row: RosterImportRow) -> list[dict[str, str]]:
        """The differences in words, for the preview page."""
        return [
            {"label": LABELS[name], "old": self._words(name, old), "new": self._words(name, new)}
            for name, (old, new) in self.changes(row).items()
        ]

    def _words(self, name: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if name == "ethnicity":
            return str(self._ethnicity_names.get(value, value))
        if name == "probation":
            return "试用期内" if value else ""
        if name in _DATES:
            return str(value).replace("-", ".")
        return str(value)


def place_of(roster_import: RosterImport, sheet: str, row: int) -> str:
    """Where something stands: a row of a sheet, or one of many files."""
    if roster_import.kind in (RosterImport.Kind.ROSTER, RosterImport.Kind.HISTORIES):
        return f"工作表“{sheet.strip()}”第 {row} 行"
    return f"文件“{sheet.strip()}”"


def rows_of(roster_import: RosterImport, verdicts: Sequence[str] = ()) -> Iterator[RosterImportRow]:
    """The staged rows in the order of the file, without holding all of them; only some verdicts if named."""
    rows = roster_import.rows.select_related("unit", "cadre").defer("cadre__id_number").order_by("ordinal")
    if verdicts:
        rows = rows.filter(verdict__in=verdicts)
    return rows.iterator(chunk_size=2_000)


def remarks_of(roster_import: RosterImport, most: int) -> list[str]:
    """The first problems of the preview in sentences: sheet, row, column, value, what is wrong."""
    rows = roster_import.rows.filter(Q(problems__isnull=False) | Q(findings__isnull=False)).order_by(
        "ordinal"
    )
    return sentences_of(rows[:most], lambda row: place_of(roster_import, row.sheet, row.row))[:most]


def sentences_of(rows: Iterable[Any], place: Callable[[Any], str]) -> list[str]:
    """The problems of staged rows in sentences: place, column, value, what is wrong."""
    found = []
    for row in rows:
        for one in (*(row.problems or ()), *(row.findings or ())):
            column = f"“{one['column']}”" if one["column"] else ""
            value = f"（{one['value']}）" if one["value"] else ""
            found.append(f"{place(row)}{column}{value}：{one['message']}")
    return found


def as_json(
    roster_import: RosterImport, *, wording: Wording | None = None, rows: Iterable[RosterImportRow] = ()
) -> dict[str, Any]:
    """The whole preview as the command writes it, numbers open (command import_roster).

    `wording` words the `rows` otherwise than a roster's.
    """
    if wording is None:
        wording, rows = Wording(roster_import, open_numbers=True), rows_of(roster_import)
    return {
        "summary": roster_import.summary,
        "notes": roster_import.notes,
        "rows": [
            {
                "sheet": row.sheet,
                "row": row.row,
                "status": row.verdict,
                "values": wording.values(row),
                "changes": wording.changes(row),
                "problems": [
                    {key: one[key] for key in ("column", "value", "message", "severity")}
                    for one in wording.problems(row)
                ],
            }
            for row in rows
        ],
    }
