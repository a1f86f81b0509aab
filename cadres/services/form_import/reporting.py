"""Staged forms in words: for the preview page (sealed values opened for those who may see them) and as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from cadres.cv import read_career
from cadres.fields import LEVELS, Level
from cadres.models import RosterImport, RosterImportRow
from cadres.personnel_form.elements import ELEMENTS, FamilyItem, PersonnelForm
from cadres.personnel_form.mapping import forms_of
from cadres.personnel_form.rewards import Reward
from cadres.services.form_import.grades import read_years
from cadres.services.form_import.honours import (
    ABOUT_SANCTIONS,
    declined_before,
    declined_of,
    honours_of,
    key_of,
    mark_of,
    proposed,
    told_of,
)
from cadres.services.form_import.staged import ELEMENT_OF, FIELDS, SEALED, StagedForm, unseal
from cadres.services.roster_import.reporting import LABELS, Wording

CLOSED, REGISTERED = "（内容不显示）", "原有内容（不显示）"
LONGEST_SHOWN = 400
PERSONS = "{} 人"
# The fields that only those see who may see sensitive information.
_SENSITIVE = SEALED | {"reason"}
# Sealed while staged, but of the personal level: shown where they differ.
_OPEN_ON_PAGE = frozenset({"career", "assessments", "honours"})


class FormWording(Wording):
    """Words the rows of an import of forms; `rows` are those of one page, so that the roster is asked once."""

    def __init__(
        self, roster_import: RosterImport, rows: Iterable[RosterImportRow], *, open_numbers: bool = False,
        opens_sensitive: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(roster_import, open_numbers=open_numbers)
        self._opens = opens_sensitive
        self._answers = roster_import.answers
        known = [row.cadre_id for row in rows if row.cadre_id and row.changes]
        self._current = forms_of(known) if known else {}
        asked = {*known, *(row.cadre_id for row in rows if row.cadre_id and key_of(row.row) in self._answers)}
        self._honours = honours_of(asked) if asked else {}
        self._declined = declined_before(asked) if asked else {}
        self._staged: dict[int, StagedForm] = {}

    def staged(self, row: RosterImportRow) -> StagedForm:
        """The form of a row, opened once."""
        if row.pk not in self._staged:
            self._staged[row.pk] = unseal(row.form) if row.form else StagedForm(PersonnelForm())
        return self._staged[row.pk]

    def values(self, row: RosterImportRow) -> dict[str, Any]:
        """The roster's fields, and what else the form says; lines and members as lists."""
        found = super().values(row)
        form = self.staged(row).form
        for element, name in FIELDS.items():
            if text := form[element]:
                found[name] = text if self._sees(name) else CLOSED
        if form["JianLi"] and self._sees("career"):
            found["career_lines"] = _lines(form["JianLi"])
        if form.family:
            found["family"] = [_member(item) for item in form.family] if self._sees("family") else CLOSED
        if honours := self._proposed(row):
            found["honours"] = honours
        found["photo"] = bool(self.staged(row).photo)
        return found

    def problems(self, row: RosterImportRow) -> list[dict[str, Any]]:
        """What is wrong; that a form speaks of sanctions is for those who may see sensitive information."""
        found = super().problems(row)
        return found if self._opens else [one for one in found if ABOUT_SANCTIONS not in one["message"]]

    def _proposed(self, row: RosterImportRow) -> list[dict[str, Any]]:
        """The honours that the form's 奖惩情况 names; of somebody known those that aren't registered."""
        return [told_of(one) for one in self._rewards(row, self._declined_of(row))]

    def _declined_of(self, row: RosterImportRow) -> frozenset[str]:
        return declined_of(self._answers, row.row, self._declined.get(row.cadre_id or 0))

    def _rewards(self, row: RosterImportRow, declined: Collection[str] = ()) -> list[Reward]:
        text = self.staged(row).form["JiangChengQingKuang"]
        return proposed(text, self._honours.get(row.cadre_id or 0, ()), declined).honours

    def offered(self, row: RosterImportRow) -> list[dict[str, Any]]:
        """The honours that may be taken or declined one by one: of whom the form brings something, and of whom some were."""
        is_asked = key_of(row.row) in self._answers
        if row.verdict != row.Status.NEW and not is_asked and "honours" not in (row.changes or {}):
            return []
        declined = self._declined_of(row)
        return [
            {
                "mark": mark_of(one),
                "words": " ".join(filter(None, map(str, told_of(one).values()))),
                "taken": mark_of(one) not in declined,
            }
            for one in self._rewards(row)
        ]

    def changes(self, row: RosterImportRow) -> dict[str, list[Any]]:
        """The differences {field: [old, new]}, sealed values opened."""
        found = super().changes(row)
        came, now = self.staged(row).form, self._current.get(row.cadre_id or 0, PersonnelForm())
        for name, pair in (row.changes or {}).items():
            if name in found:
                continue
            if name == "family":
                found[name] = [[_member(item) for item in form.family] for form in (now, came)]
            elif name == "photo":
                found[name] = [pair[0] is not None, True]
            elif name == "honours":
                found[name] = [None, self._proposed(row)]
            else:
                found[name] = [now[ELEMENT_OF[name]] or None, came[ELEMENT_OF[name]]]
            if not self._sees(name):
                found[name] = [CLOSED if found[name][0] else None, CLOSED]
        return found

    def shown_changes(self, row: RosterImportRow) -> list[dict[str, str]]:
        """The differences in words, for the preview page: of texts and lists only the lines that differ.

        What the roster holds of sensitive matters stays closed here: it is opened on the person's page, with a
        reason.
        """
        found = []
        for name, (old, new) in self.changes(row).items():
            before, after = _different(old, new)
            if name in _SENSITIVE and name not in _OPEN_ON_PAGE:
                before = REGISTERED if old else ""
            found.append(
                {"label": label_of(name), "old": self._shown(name, before), "new": self._shown(name, after)}
            )
        return found

    def further(self, row: RosterImportRow) -> list[dict[str, str]]:
        """What a form brings beyond the roster's columns, in short: the histories that it will be read into.

        Honours are told where they can be declined (`offered`).
        """
        form = self.staged(row).form
        lines = len(_lines(form["JianLi"])) if self._sees("career") else 0
        years = [f"{year} 年" for year, *_ in read_years(form["NianDuKaoHeJieGuo"])]
        found = {
            "简历": f"{lines} 段" if lines else "",
            "年度考核": "、".join(years) if self._sees("assessments") else "",
            "家庭成员": PERSONS.format(len(form.family)) if form.family and self._sees("family") else "",
            "照片": "1 张" if self.staged(row).photo else "",
        }
        return [{"label": label, "words": words} for label, words in found.items() if words]

    def _shown(self, name: str, value: Any) -> str:
        if isinstance(value, list):
            return "；".join(" ".join(filter(None, map(str, one.values()))) for one in value)[:LONGEST_SHOWN]
        if name == "photo":
            return ("有照片" if value is True else "") if isinstance(value, bool) else str(value)
        words = self._words(name, value)
        return words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]}…"

    def _sees(self, name: str) -> bool:
        return (
            self._opens
            or name == "honours"
            or (name not in _SENSITIVE and LEVELS.get(name, 0) < Level.SENSITIVE)
        )


def _different(old: Any, new: Any) -> tuple[Any, Any]:
    """Both sides without what they have in common: members of a list, lines of a text."""
    if isinstance(old, list) and isinstance(new, list):
        return [one for one in old if one not in new], [one for one in new if one not in old]
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        before, after = old.split("\n"), new.split("\n")
        return (
            "；".join(one.strip() for one in before if one not in after),
            "；".join(one.strip() for one in after if one not in before),
        )
    return old, new


class PhotoWording(Wording):
    """Words the rows of an import of photos."""

    def values(self, row: RosterImportRow) -> dict[str, Any]:
        """Who it is."""
        return super().values(row) | {"photo": True}

    def shown_changes(self, row: RosterImportRow) -> list[dict[str, str]]:
        """Whether a photo is there already."""
        old = (row.changes or {}).get("photo", [None])[0]
        return [{"label": "照片", "old": "原照片" if old else "", "new": "新照片"}] if row.changes else []


def label_of(name: str) -> str:
    """What a field is called: by the roster, else by the form."""
    if name == "family":
        return "家庭成员"
    if name == "photo":
        return "照片"
    if name == "honours":
        return "荣誉表彰（由奖惩情况读出）"
    if name in LABELS:
        return LABELS[name]
    label = ELEMENTS[ELEMENT_OF[name]]
    return f"{label}（原文）" if name.endswith("_text") else label


def _lines(text: str) -> list[dict[str, Any]]:
    """The CV's lines for JSON."""

    def told(entry: Any) -> dict[str, Any]:
        return {
            "start": entry.start.iso() if entry.start else None,
            "end": entry.end.iso() if entry.end else None,
            "text": entry.text,
            "is_study": entry.is_study,
        }

    return [
        told(one) | {"within": [told(inner) for inner in one.within]} for one in read_career(text).entries
    ]


def _member(item: FamilyItem) -> dict[str, str]:
    names = ("relation", "name", "birth", "political", "employment")
    return dict(zip(names, item.texts, strict=True))
