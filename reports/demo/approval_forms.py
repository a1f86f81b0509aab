"""The demo's 任免审批表: filled in for some people and brought in by HR as files, as they come to a bureau."""

from __future__ import annotations

import io
from datetime import timedelta

from django.db import transaction
from PIL import Image, ImageDraw

from cadres.models import Appointment, Cadre, RosterImport
from cadres.personnel_form.elements import PersonnelForm
from cadres.personnel_form.lrmx import write_lrmx
from cadres.personnel_form.mapping import forms_of
from cadres.services.form_import.previewing import keep_upload, preview_forms
from cadres.services.imports import importing_unit
from cadres.services.roster_import.committing import commit
from core.calendar import now, today
from reports.demo.accounts import Accounts
from reports.demo.clock import on
from reports.demo.tree import Tree

OTHERS = 20
REPORTED_BY = "中共示例区教育工作委员会"
# What somebody is proposed for, by what they are.
NEXT = {
    "副校长": "校长",
    "副园长": "园长",
    "教导主任": "副校长",
    "德育主任": "副校长",
    "办公室主任": "副校长",
    "总务主任": "副校长",
}
REASONS = (
    "该同志政治立场坚定，熟悉学校教育教学管理，分管工作成效明显，群众基础好。经民主推荐、组织考察，教育工委研究，拟任现职务。",
    "该同志担任现职以来，牵头课程改革和青年教师培养，所在学校质量监测连续两年进入全区前列。经组织考察，符合任职条件。",
    "因工作需要，根据学校领导班子建设和干部交流的要求，经教育工委研究，拟作如下任免。",
)
SPECIALITIES = (
    "语文教学、学校管理",
    "数学教学、教务管理",
    "德育与班主任工作",
    "教育信息化、课程建设",
    "学校总务、安全管理",
)
# Two sentences each: what is read as honours, and what stays the form's own words.
REWARDS = (
    "{0}.09被示例区教育局评为优秀教师。",
    "{0}年9月获示例市教育局“先进德育工作者”称号；{1}年被评为示例区优秀教育工作者。",
    "{0}.07被中共示例区委教育工委评为优秀共产党员，多次在区级公开课中获好评。",
    "无",
)  # fmt: skip


def bring_forms(tree: Tree, accounts: Accounts) -> None:
    """Fill in the forms of the seconded persona and of others, and import them as HR did some weeks ago."""
    people = _people(tree)
    forms = forms_of([cadre.pk for cadre in people])
    files = [
        (f"{cadre.name}.lrmx", write_lrmx(_filled(forms[cadre.pk], cadre, number)))
        for number, cadre in enumerate(people)
    ]
    hr = accounts["hr"]
    with on(today() - timedelta(days=20)), transaction.atomic():
        file = keep_upload(files, endings=(".lrmx",), by=hr, name="教育工委上会任免审批表")
        made = RosterImport.objects.create(
            kind=RosterImport.Kind.FORMS, unit=importing_unit(hr), file=file, uploaded_by=hr
        )
        RosterImport.objects.filter(pk=made.pk).update(uploaded_at=now())
        preview_forms(made)
        commit(made.pk, by=hr)


def _people(tree: Tree) -> list[Cadre]:
    """The persona first, then deputies and directors all over the district."""
    persona = Cadre.objects.filter(user__username="cadre")
    posts = (
        Appointment.objects.filter(is_main=True, end=None, title__in=NEXT, cadre__user=None)
        .exclude(cadre__id_index=None)
        .order_by("cadre__unit_path", "cadre_id")
        .values_list("cadre_id", flat=True)
    )
    chosen = list(posts)
    step = max(len(chosen) // OTHERS, 1)
    others = Cadre.objects.filter(pk__in=chosen[::step][:OTHERS]).order_by("unit_path", "pk")
    return [*persona, *others]


def _filled(form: PersonnelForm, cadre: Cadre, number: int) -> PersonnelForm:
    """The form that the histories tell, with what only the form says."""
    post = form["XianRenZhiWu"]
    title = next((one for one in NEXT if post.endswith(one)), "")
    texts = {
        "ChuShengDi": cadre.native_place,
        "JianKangZhuangKuang": "健康" if number % 9 else "一般",
        "ShuXiZhuanYeYouHeZhuanChang": SPECIALITIES[number % len(SPECIALITIES)],
        "NiRenZhiWu": f"{post.removesuffix(title)}{NEXT[title]}" if title else "",
        "NiMianZhiWu": post if title else "",
        "JiangChengQingKuang": "\n".join(
            filter(None, (form["JiangChengQingKuang"], _rewards(cadre, number)))
        ),
        "RenMianLiYou": REASONS[number % len(REASONS)],
        "ChengBaoDanWei": REPORTED_BY,
        "JiSuanNianLingShiJian": f"{today():%Y%m}",
        "TianBiaoShiJian": f"{today():%Y%m%d}",
        "TianBiaoRen": "何敏",
    }
    form.texts |= {element: text for element, text in texts.items() if text}
    form.photo = _photo(number)
    return form


def _rewards(cadre: Cadre, number: int) -> str:
    began = max((cadre.work_start or today()).year + 3, today().year - 8)
    words = REWARDS[number % len(REWARDS)]
    return "" if words == "无" else words.format(min(began, today().year - 2), today().year - 1)


def _photo(number: int) -> bytes:
    """A drawn portrait, 4:5, nobody's face."""
    tone = 150 + number * 37 % 80
    picture = Image.new("RGB", (320, 400), (tone, 190, 230))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((50, 280, 270, 520), fill=(60 + number * 13 % 60, 70, 95))
    draw.ellipse((100, 90, 220, 250), fill=(236, 200, 172))
    draw.pieslice((92, 70, 228, 230), 180, 360, fill=(46, 38, 34))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()
