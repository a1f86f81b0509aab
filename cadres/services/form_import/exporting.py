"""Forms handed out: cut to what the asker may see, with a reason where sensitive words leave, noted in the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.scope import may_on, require
from cadres.fields import fields_for
from cadres.models import Cadre
from cadres.personnel_form.docx import write_docx
from cadres.personnel_form.elements import PersonnelForm
from cadres.personnel_form.lrmx import write_lrmx
from cadres.personnel_form.mapping import forms_of
from core import audit
from core.crypto import mask_identity
from core.errors import Invalid, NotAllowed, NotFound
from core.files import open_stored
from core.filetypes import JPEG, as_jpeg

audit.register("form.export", "导出任免审批表")
audit.register("form.export_open", "导出任免审批表（含敏感信息）")

SHORTEST_REASON = 4
# Ending → who writes such a file.
WRITERS: dict[str, Callable[[PersonnelForm], bytes]] = {"docx": write_docx, "lrmx": write_lrmx}
BATCH = 100
_EVERYTHING = None
# Element → the field whose level decides who sees it (cadres.fields.LEVELS). What isn't named here is a matter of the
# form itself: reasons and proposed posts are for those who see sensitive information.
_GUARDS: dict[str, str] = {
    "XingMing": "name", "XingBie": "gender", "ChuShengNianYue": "birth", "MinZu": "ethnicity",
    "JiGuan": "native_place", "ChuShengDi": "birthplace", "RuDangShiJian": "party_join",
    "CanJiaGongZuoShiJian": "work", "DaoLingNianYue": "birth", "JianKangZhuangKuang": "health",
    "ZhuanYeJiShuZhiWu": "title", "ShuXiZhuanYeYouHeZhuanChang": "speciality",
    "QuanRiZhiJiaoYu_XueLi": "full_time_education", "QuanRiZhiJiaoYu_XueWei": "full_time_degree",
    "QuanRiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": "full_time_school",
    "QuanRiZhiJiaoYu_XueWei_BiYeYuanXiaoXi": "full_time_school",
    "ZaiZhiJiaoYu_XueLi": "in_service_education", "ZaiZhiJiaoYu_XueWei": "in_service_degree",
    "ZaiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": "in_service_school",
    "ZaiZhiJiaoYu_XueWei_BiYeYuanXiaoXi": "in_service_school", "XianRenZhiWu": "post", "JianLi": "career",
    "NianDuKaoHeJieGuo": "annual_assessments", "ChengBaoDanWei": "unit",
    "GaiGeQianRenZhiNianLingJieXian": "retirement_limit", "JiSuanNianLingShiJian": "name",
    "TianBiaoShiJian": "name", "TianBiaoRen": "name", "Version": "name", "ShenFenZheng": "id_number",
}  # fmt: skip
_SENSITIVE = "oversight"
_NEEDS_OPENING = frozenset({"id_number", "family", "health", _SENSITIVE})


@dataclass(frozen=True)
class FormExport:
    """How forms are handed out: with what is sensitive (then with a reason), or without."""

    open_sensitive: bool = False
    reason: str = ""


def check_form_export(export: FormExport, *, by: User | None) -> None:
    """Refuse before anything is read.

    Raises NotAllowed without the right to export or, for sensitive words, to see them; Invalid without a
    reason. `by` None is the system.
    """
    if by is not None:
        require(by, "roster.export")
        if export.open_sensitive and not by.holds("cadre.view_sensitive"):
            raise NotAllowed("您没有导出家庭成员、身份证号等敏感信息的权限。")
    if export.open_sensitive and len(export.reason.strip()) < SHORTEST_REASON:
        sentence = f"导出完整的任免审批表须写明用途，至少 {SHORTEST_REASON} 个字。"
        raise Invalid(sentence, errors={"reason": [sentence]})


def export_form(cadre: Cadre, export: FormExport, *, by: User | None) -> PersonnelForm:
    """One person's form with photo, noted in the audit.

    Raises NotFound or NotAllowed when the person isn't the asker's to export, and as `check_form_export`.
    """
    check_form_export(export, by=by)
    if by is not None:
        require(by, "roster.export", cadre)
        if export.open_sensitive and not may_on(by, "cadre.view_sensitive", cadre):
            raise NotAllowed("您没有导出这位干部敏感信息的权限。")
    form = next(form for _, form in forms_for([cadre.pk], export, by=by))
    audit.record(
        _action(export), by=by, obj=cadre, note=export.reason.strip(), unit_name=cadre.unit.name
    )  # fmt: skip
    return form


def forms_for(
    ids: Iterable[int], export: FormExport, *, by: User | None, progress: Callable[[int], None] | None = None
) -> Iterator[tuple[Cadre, PersonnelForm]]:
    """The forms of people the asker may export, cut to what the asker may see; batch by batch, with photos.

    People outside the asker's scope are left out. The caller checks the export and notes it.
    """
    wanted = list(ids)
    for at in range(0, len(wanted), BATCH):
        batch = wanted[at : at + BATCH]
        rows = Cadre.objects.select_related("unit", "photo").filter(pk__in=batch)
        if by is not None:
            rows = rows.visible_to(by, "roster.export")
        people = {cadre.pk: cadre for cadre in rows}
        forms = forms_of(people)
        for pk in batch:
            if pk in people:
                yield people[pk], _cut(forms[pk], people[pk], export, by)
        if progress is not None:
            progress(at + len(batch))


def note_form_export(export: FormExport, *, by: User | None, count: int) -> None:
    """Write the audit entry of an export of many."""
    audit.record(_action(export), by=by, after={"人数": count}, note=export.reason.strip())


def file_names(ending: str) -> Callable[[Cadre], str]:
    """A namer of files: `张三.lrmx`, with the unit for a second one of the same name, then with a number."""
    used: dict[str, int] = {}

    def name(cadre: Cadre) -> str:
        plain = f"{cadre.name}"
        if plain in used:
            plain = f"{cadre.name}（{cadre.unit.name}）"
        used[plain] = used.get(plain, 0) + 1
        number = f" {used[plain]}" if used[plain] > 1 else ""
        return "".join(char for char in f"{plain}{number}" if char not in '\\/:*?"<>|') + ending

    return name


def _action(export: FormExport) -> str:
    return "form.export_open" if export.open_sensitive else "form.export"


def _cut(form: PersonnelForm, cadre: Cadre, export: FormExport, by: User | None) -> PersonnelForm:
    allowed = _allowed(cadre, export, by)
    if "photo" in (allowed or ("photo",)) and cadre.photo is not None:
        form.photo = photo_as_jpeg(cadre.photo)
    if allowed is _EVERYTHING:
        return form
    number = form["ShenFenZheng"]
    form.texts = {name: text for name, text in form.texts.items() if _GUARDS.get(name, _SENSITIVE) in allowed}
    if number and "ShenFenZheng" not in form.texts:
        form.texts["ShenFenZheng"] = mask_identity(number)
    if "family" not in allowed:
        form.family = []
    if _SENSITIVE not in allowed:
        form.unknown = {}
    return form


def _allowed(cadre: Cadre, export: FormExport, by: User | None) -> frozenset[str] | None:
    if by is None:
        return (
            _EVERYTHING if export.open_sensitive else frozenset(_GUARDS.values()) - _NEEDS_OPENING | {"photo"}
        )
    seen = fields_for(by, cadre)
    # One's own record shows one's family on the page; a file that leaves the house opens it only by right.
    opens = export.open_sensitive and may_on(by, "cadre.view_sensitive", cadre)
    return seen if opens else seen - _NEEDS_OPENING


def photo_as_jpeg(photo: Any) -> bytes:
    """A stored photo as JPEG; b"" when the storage has lost it."""
    try:
        with open_stored(photo) as file:
            data = file.read()
    except NotFound:
        return b""
    return data if photo.content_type == JPEG else as_jpeg(data)
