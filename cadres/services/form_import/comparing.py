# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""What forms would change beyond the roster's columns, and how they are matched where rosters are not.

A post in a form doesn't move a person: it says where somebody works, not where the personnel relation lies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import orjson
from django.db import connection

from cadres.models import AnnualAssessment, Cadre
from cadres.personnel_form.elements import PersonnelForm
from cadres.personnel_form.mapping import forms_of
from cadres.services.form_import.exporting import photo_as_jpeg
from cadres.services.form_import.grades import read_years
from cadres.services.form_import.honours import declined_before, declined_of, honours_of, proposed
from cadres.services.form_import.staged import FIELDS, SEALED, StagedForm, fingerprint, mark, unseal
from cadres.services.roster_import.columns import INCOMING
from core.files import StoredFile
from core.filetypes import JPEG

# What a roster's column says of the same element: its difference is told there already.
_TOLD: dict[str, tuple[str, ...]] = {
    "JiGuan": ("native_place",),
    "RuDangShiJian": ("party", "party_join", "democratic_party"),
    "ZhuanYeJiShuZhiWu": ("title",),
    "XianRenZhiWu": ("post", "post_since"),
    "QuanRiZhiJiaoYu_XueLi": ("full_time_education",),
    "QuanRiZhiJiaoYu_XueWei": ("full_time_degree",),
    "QuanRiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": ("full_time_school",),
    "ZaiZhiJiaoYu_XueLi": ("in_service_education",),
    "ZaiZhiJiaoYu_XueWei": ("in_service_degree",),
    "ZaiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": ("in_service_school",),
}
POST_LEFT = (
    "现任职务与名册中的任职不同，但所写单位不是这位干部人事关系所在的单位：任职没有改动，请在干部页面登记。"
)

# A post at another unit, or at one that isn't known, is no post of the person's own unit.
STAYS = f"""
UPDATE {INCOMING} i
SET posts = CASE WHEN i.unit_text IS NULL OR i.unit_id = c.unit_id THEN i.posts END,
    post_since = CASE WHEN i.unit_text IS NULL OR i.unit_id = c.unit_id THEN i.post_since END,
    probation_months = CASE WHEN i.unit_text IS NULL OR i.unit_id = c.unit_id THEN i.probation_months END,
    unit_id = NULL
FROM cadres_cadre c WHERE c.id = i.cadre_id AND i.form IS NOT NULL
"""
_ROWS = f"""
SELECT ordinal, "row", cadre_id, form, changes, posts IS NULL FROM {INCOMING}
WHERE form IS NOT NULL AND cadre_id IS NOT NULL AND verdict IN ('changed', 'unchanged') ORDER BY ordinal
"""
_FOUND = f"""
UPDATE {INCOMING} i
SET changes = d.changes, verdict = CASE WHEN d.changes IS NULL THEN 'unchanged' ELSE 'changed' END,
    findings = CASE WHEN d.findings = '[]'::jsonb THEN i.findings ELSE coalesce(i.findings, '[]'::jsonb) || d.findings END
FROM unnest(%s::int[], %s::text[], %s::text[]) AS n (ordinal, changes, findings)
CROSS JOIN LATERAL (SELECT n.changes::jsonb AS changes, n.findings::jsonb AS findings) d
WHERE i.ordinal = n.ordinal
"""


def stay_where_they_are() -> None:
    """After matching: nobody is moved by what a form says of their post."""
    with connection.cursor() as cursor:
        cursor.execute(STAYS)


def compare_forms(answers: Mapping[str, Any]) -> None:
    """Add to every matched row what its form says that the roster doesn't, but for honours that were declined.

    A fixed number of queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        rows = cursor.fetchall()
        if not rows:
            return
        ids = [row[2] for row in rows]
        current, photos, years, honours = forms_of(ids), photos_of(ids), _years(ids), honours_of(ids)
        before = declined_before(ids)
        ordinals, changes, findings = [], [], []
        for ordinal, number, cadre_id, envelope, told, no_posts in rows:
            came = unseal(envelope)
            found = orjson.loads(told) if isinstance(told, str) else dict(told or {})
            found |= differences(came, current[cadre_id], photos.get(cadre_id), told=found)
            declined = declined_of(answers, number, before.get(cadre_id))
            proposal = proposed(came.form["JiangChengQingKuang"], honours.get(cadre_id, ()), declined)
            if proposal.honours:
                found["honours"] = [None, mark("\n".join(map(str, proposal.honours)))]
            ordinals.append(ordinal)
            changes.append(orjson.dumps(found).decode() if found else None)
            remarks = [("现任职务", POST_LEFT)] if no_posts and "post_text" in found else []
            remarks += _other_grades(came.form, years[cadre_id])
            remarks += [("奖惩情况", sentence) for sentence in proposal.remarks]
            findings.append(orjson.dumps([_finding(*one) for one in remarks]).decode())
        cursor.execute(_FOUND, [ordinals, changes, findings])


def differences(
    came: StagedForm, now: PersonnelForm, photo: StoredFile | None, *, told: dict[str, Any]
) -> dict[str, list[str | None]]:
    """What a form says otherwise than the roster, {field: [old, new]}; sealed values as fingerprints."""
    found: dict[str, list[str | None]] = {}
    for element, name in FIELDS.items():
        text = came.form[element]
        if not text or text == now[element] or any(one in told for one in _TOLD.get(element, ())):
            continue
        found[name] = _pair(name, now[element], text)
    if any(item not in now.family for item in came.form.family):
        old, new = ("\n".join("\t".join(item.texts) for item in form.family) for form in (now, came.form))
        found["family"] = _pair("family", old, new)
    if came.photo and not _is_photo(photo, came):
        found["photo"] = [photo.sha256[:24] if photo else None, came.photo[:24]]
    return found


def _is_photo(photo: StoredFile | None, came: StagedForm) -> bool:
    """Whether a form brings the stored photo: as it will be stored, as it was exported, or that one as JPEG."""
    if photo is None:
        return False
    brought = (came.photo, came.photo_came)
    return photo.sha256 in brought or (
        photo.content_type != JPEG and fingerprint(photo_as_jpeg(photo)) in brought
    )


def _years(ids: list[int]) -> dict[int, dict[int, AnnualAssessment]]:
    """The registered yearly assessments of people."""
    found: dict[int, dict[int, AnnualAssessment]] = defaultdict(dict)
    for one in AnnualAssessment.objects.filter(cadre__in=ids):
        found[one.cadre_id][one.year] = one
    return found


def _other_grades(form: PersonnelForm, known: dict[int, AnnualAssessment]) -> list[tuple[str, str]]:
    """Years for which form and roster name different grades: the roster's stays."""
    told = read_years(form["NianDuKaoHeJieGuo"])
    return [
        ("年度考核结果", f"{year} 年度与名册登记的“{known[year].grade_label}”不同，名册没有改动，请核对。")
        for year, grade, _ in told
        if year in known and known[year].grade != grade
    ]


def _finding(column: str, message: str) -> dict[str, Any]:
    return {"column": column, "value": "", "message": message, "severity": "warning", "at": -1}


def photos_of(ids: list[int]) -> dict[int, StoredFile]:
    """The stored photos of people."""
    rows = Cadre.objects.filter(pk__in=ids, photo__isnull=False).select_related("photo").only("photo")
    return {cadre.pk: cadre.photo for cadre in rows if cadre.photo is not None}


def _pair(name: str, old: str, new: str) -> list[str | None]:
    return [mark(old), mark(new)] if name in SEALED else [old or None, new]
