"""What a staged row keeps of a form beyond the roster's columns: one envelope, opened where it is needed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from cadres.personnel_form.elements import FamilyItem, PersonnelForm
from core.crypto import blind_index, decrypt, encrypt
from core.filetypes import examine

CONTEXT = "cadres.rosterimportrow.form"

# Element → the field's name in changes and JSON, for what the roster's columns don't hold.
FIELDS: dict[str, str] = {
    "JiGuan": "native_place_text",
    "ChuShengDi": "birthplace",
    "RuDangShiJian": "party_text",
    "DaoLingNianYue": "retirement_month",
    "JianKangZhuangKuang": "health",
    "ZhuanYeJiShuZhiWu": "title_text",
    "ShuXiZhuanYeYouHeZhuanChang": "speciality",
    "QuanRiZhiJiaoYu_XueLi": "full_time_education_text",
    "QuanRiZhiJiaoYu_XueWei": "full_time_degree_text",
    "QuanRiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": "full_time_school_text",
    "QuanRiZhiJiaoYu_XueWei_BiYeYuanXiaoXi": "full_time_degree_school",
    "ZaiZhiJiaoYu_XueLi": "in_service_education_text",
    "ZaiZhiJiaoYu_XueWei": "in_service_degree_text",
    "ZaiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": "in_service_school_text",
    "ZaiZhiJiaoYu_XueWei_BiYeYuanXiaoXi": "in_service_degree_school",
    "XianRenZhiWu": "post_text",
    "NiRenZhiWu": "post_to_take",
    "NiMianZhiWu": "post_to_leave",
    "JianLi": "career",
    "JiangChengQingKuang": "rewards",
    "NianDuKaoHeJieGuo": "assessments",
    "RenMianLiYou": "reason",
    "ChengBaoDanWei": "reporting_unit",
    "GaiGeQianRenZhiNianLingJieXian": "retirement_limit",
    "JiSuanNianLingShiJian": "age_reference",
    "TianBiaoShiJian": "filled_on",
    "TianBiaoRen": "filled_by",
}
ELEMENT_OF = {name: element for element, name in FIELDS.items()}
# Never staged in clear text: a keyed fingerprint of each side tells that they differ.
SEALED = frozenset({"health", "career", "rewards", "honours", "assessments", "reason", "family"})


@dataclass(frozen=True)
class StagedForm:
    """A form as staged; `photo` is the fingerprint of the photo as it will be stored, "" for none."""

    form: PersonnelForm
    photo: str = ""
    # The fingerprint of the photo as it came: a form that was exported here brings back what is stored.
    photo_came: str = ""


def seal(form: PersonnelForm) -> str:
    """The envelope of a form for its staged row, without the photo itself."""
    content = {
        "texts": form.texts,
        "family": [item.texts for item in form.family],
        "unknown": form.unknown,
        "photo": fingerprint(examine(form.photo, "image")[1]) if form.photo else "",
        "photo_came": fingerprint(form.photo) if form.photo else "",
    }
    return encrypt(json.dumps(content, ensure_ascii=False), context=CONTEXT)


def seal_photo(came: bytes, kept: bytes) -> str:
    """The envelope of a photo alone: the fingerprints of the file and of what will be stored of it."""
    content = {
        "texts": {},
        "family": [],
        "unknown": {},
        "photo": fingerprint(kept),
        "photo_came": fingerprint(came),
    }
    return encrypt(json.dumps(content), context=CONTEXT)


def unseal(envelope: str) -> StagedForm:
    """The form of a staged row."""
    content = json.loads(decrypt(envelope, context=CONTEXT))
    form = PersonnelForm(
        texts=content["texts"],
        family=[FamilyItem(*texts) for texts in content["family"]],
        unknown=content["unknown"],
    )
    return StagedForm(form, content["photo"], content["photo_came"])


def fingerprint(data: bytes) -> str:
    """The checksum that a stored file has."""
    return hashlib.sha256(data).hexdigest()


def mark(text: str) -> str | None:
    """The keyed fingerprint of a sealed value in a staged row's changes."""
    return blind_index(text, context=CONTEXT)[:24] if text else None
