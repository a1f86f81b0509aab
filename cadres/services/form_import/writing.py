# ruff: noqa: S608 - the statement is put together from constants; values are parameters
"""Writing what forms say beyond the roster's columns, in the transaction of the import's commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Max

from cadres.codes import CodeMatcher
from cadres.cv import LONGEST_TEXT, CareerEntry, read_career
from cadres.models import (
    AnnualAssessment,
    ApprovalForm,
    Cadre,
    CareerLine,
    Code,
    FamilyMember,
    Honour,
    RosterImport,
)
from cadres.personnel_form.archive import unpack
from cadres.personnel_form.elements import FamilyItem
from cadres.personnel_form.mapping import COLUMNS, LIMIT_WORDS, compose, keep_words
from cadres.services.form_import.grades import read_years
from cadres.services.form_import.honours import (
    as_record,
    declined_before,
    declined_of,
    honours_of,
    numbers_answered,
    proposed,
)
from cadres.services.form_import.staged import StagedForm, unseal
from cadres.services.roster_import.writes import GOING
from core.calendar import today
from core.files import open_stored, store
from core.partial_dates import PartialDate, parse

_GOING = f"""SELECT "row", cid, is_new, form, changes FROM {GOING} WHERE form IS NOT NULL ORDER BY ordinal"""
# Element → column of the person.
_OWN = {
    "ChuShengDi": "birthplace",
    "JianKangZhuangKuang": "health",
    "ShuXiZhuanYeYouHeZhuanChang": "speciality",
}
OTHER_RELATION = "其他"


@dataclass
class _Going:
    """A form on its way to a person."""

    number: int
    cadre: Cadre
    is_new: bool
    came: StagedForm
    changed: frozenset[str]

    def writes(self, name: str) -> bool:
        """Whether a field is to be written."""
        return self.is_new or name in self.changed


def write_forms(roster_import: RosterImport) -> None:
    """Write careers, family, grades, photos and the forms' own words of everybody who goes in or changes."""
    with connection.cursor() as cursor:
        cursor.execute(_GOING)
        rows = cursor.fetchall()
    cadres = Cadre.objects.in_bulk([row[1] for row in rows])
    going = [
        _Going(number, cadres[cid], is_new, unseal(envelope), frozenset(_names(changes)))
        for number, cid, is_new, envelope, changes in rows
    ]
    if going:
        _write_all(roster_import, going)
    _keep_declined(roster_import, {one.number: one.cadre.pk for one in going})


def _keep_declined(roster_import: RosterImport, going: dict[int, int]) -> None:
    """Which honours were declined, so that the next form isn't asked about them again; also of unchanged people."""
    numbers = numbers_answered(roster_import.answers)
    rows = roster_import.rows.filter(row__in=numbers, cadre__isnull=False)
    known = {row: cadre for row, cadre in rows.values_list("row", "cadre_id") if cadre}
    people = known | going
    marks = {people[one]: sorted(declined_of(roster_import.answers, one)) for one in numbers if one in people}
    changed = list(ApprovalForm.objects.filter(cadre__in=marks))
    for form in changed:
        form.declined_honours = marks.pop(form.cadre_id)
    ApprovalForm.objects.bulk_update(changed, ["declined_honours"], batch_size=500)
    ApprovalForm.objects.bulk_create(
        ApprovalForm(cadre_id=cadre, declined_honours=declined) for cadre, declined in marks.items()
    )


def _write_all(roster_import: RosterImport, going: list[_Going]) -> None:
    _write_people(going, _photos(roster_import, going))
    _write_careers([one for one in going if one.writes("career") and one.came.form["JianLi"]])
    _write_family([one for one in going if one.writes("family") and one.came.form.family])
    praised = [one for one in going if one.writes("honours") and one.came.form["JiangChengQingKuang"]]
    _write_honours(praised, roster_import.answers)
    _write_years([one for one in going if one.writes("assessments") and one.came.form["NianDuKaoHeJieGuo"]])
    _keep_forms(going)


def _names(changes: Any) -> list[str]:
    return list(json.loads(changes) if isinstance(changes, str) else changes or ())


def _photos(roster_import: RosterImport, going: list[_Going]) -> dict[int, bytes]:
    wanted = {one.number for one in going if one.came.photo and one.writes("photo")}
    if not wanted:
        return {}
    with open_stored(roster_import.file) as file:
        return {number: member.read().photo for number, member in unpack(file, wanted)}


def _write_people(going: list[_Going], photos: dict[int, bytes]) -> None:
    for one in going:
        form = one.came.form
        for element, column in _OWN.items():
            if form[element] and one.writes(column):
                setattr(one.cadre, column, form[element])
        limit = form["GaiGeQianRenZhiNianLingJieXian"]
        if limit and one.writes("retirement_limit"):
            found = [str(v) for v in Cadre.RetirementLimit.values if limit == LIMIT_WORDS.format(v)]
            one.cadre.retirement_limit = found[0] if found else one.cadre.retirement_limit
        if photo := photos.get(one.number):
            one.cadre.photo = store(photo, name=f"{one.cadre.name}.jpg", kind="image", by=None)
    columns = [*_OWN.values(), "retirement_limit", "photo"]
    Cadre.objects.bulk_update([one.cadre for one in going], columns, batch_size=500)


def _write_careers(going: list[_Going]) -> None:
    """The CV of a form takes the place of the lines there are; the preview has shown both."""
    CareerLine.objects.filter(cadre__in=[one.cadre.pk for one in going]).delete()
    lines, inner = [], []
    for one in going:
        order = 0
        for entry in read_career(one.came.form["JianLi"]).entries:
            order += 1
            line = _line(one.cadre, entry, order)
            lines.append(line)
            for within in entry.within:
                order += 1
                inner.append((line, _line(one.cadre, within, order)))
    CareerLine.objects.bulk_create(lines)
    for above, below in inner:
        below.within = above
    CareerLine.objects.bulk_create([below for _, below in inner])


def _line(cadre: Cadre, entry: CareerEntry, order: int) -> CareerLine:
    line = CareerLine(cadre=cadre, text=entry.text[:LONGEST_TEXT], is_study=entry.is_study, order=order)
    for name, value in (("start", entry.start), ("end", entry.end)):
        if value is not None:
            setattr(line, name, value.date)
            setattr(line, f"{name}_precision", value.precision)
    return line


def _write_family(going: list[_Going]) -> None:
    """Members the form names are added or corrected; others stay. A confirmed kinship is never touched."""
    relations = CodeMatcher(Code.List.RELATION)
    other = relations.match(OTHER_RELATION) or relations.codes[-1]
    known: dict[int, list[FamilyMember]] = {}
    ids = [one.cadre.pk for one in going]
    for member in FamilyMember.objects.filter(cadre__in=ids).select_related("relation"):
        known.setdefault(member.cadre_id, []).append(member)
    last = dict(
        FamilyMember.objects.filter(cadre__in=ids).order_by().values_list("cadre").annotate(Max("order"))
    )
    added, corrected = [], []
    for one in going:
        left = known.get(one.cadre.pk, [])
        for nth, item in enumerate(one.came.form.family, 1):
            relation = relations.match(item.ChengWei) or other
            found = next((m for m in left if m.name == item.XingMing and m.relation_id == relation.pk), None)
            if found is not None:
                left.remove(found)
                corrected.append(found)
            else:
                order = (last.get(one.cadre.pk) or 0) + nth
                found = FamilyMember(cadre=one.cadre, relation=relation, name=item.XingMing, order=order)
                added.append(found)
            _fill(found, item)
    FamilyMember.objects.bulk_create(added)
    FamilyMember.objects.bulk_update(corrected, ["birth", "political", "employment"], batch_size=500)


def _fill(member: FamilyMember, item: FamilyItem) -> None:
    """What the form says of a member; where it says nothing, what is known stays."""
    member.birth = _iso(item.ChuShengRiQi) or member.birth
    member.political = item.ZhengZhiMianMao or member.political
    member.employment = item.GongZuoDanWeiJiZhiWu or member.employment


def _iso(text: str) -> str:
    """A date as ISO text; what is none isn't registered, the form keeps its words."""
    try:
        value: PartialDate | None = parse(text).value
    except ValueError:
        return ""
    return value.iso() if value else ""


def _write_honours(going: list[_Going], answers: Mapping[str, Any]) -> None:
    """The honours that the preview proposed and nobody declined; registered ones stay as they are."""
    ids = [one.cadre.pk for one in going]
    known, before = honours_of(ids), declined_before(ids)
    found = (
        (
            one,
            proposed(
                one.came.form["JiangChengQingKuang"],
                known.get(one.cadre.pk, ()),
                declined_of(answers, one.number, before.get(one.cadre.pk)),
            ),
        )
        for one in going
    )
    Honour.objects.bulk_create(
        as_record(reward, one.cadre) for one, proposal in found for reward in proposal.honours
    )


def _write_years(going: list[_Going]) -> None:
    """Years that aren't registered yet; a registered year stays as it is."""
    rows = [
        AnnualAssessment(cadre=one.cadre, year=year, grade=grade, labels=labels or "institution")
        for one in going
        for year, grade, labels in read_years(one.came.form["NianDuKaoHeJieGuo"])
        if 1980 <= year <= today().year
    ]
    AnnualAssessment.objects.bulk_create(rows, ignore_conflicts=True)


def _keep_forms(going: list[_Going]) -> None:
    """The words of the forms, where the histories tell them otherwise or not at all."""
    ids = [one.cadre.pk for one in going]
    told = compose(ids)
    known = {form.cadre_id: form for form in ApprovalForm.objects.filter(cadre__in=ids)}
    added: list[ApprovalForm] = []
    changed: list[ApprovalForm] = []
    for one in going:
        kept = known.get(one.cadre.pk) or ApprovalForm(cadre=one.cadre)
        keep_words(kept, one.came.form, told[one.cadre.pk])
        (changed if kept.pk else added).append(kept)
    ApprovalForm.objects.bulk_create(added)
    ApprovalForm.objects.bulk_update(changed, [*COLUMNS.values(), "further"], batch_size=500)
