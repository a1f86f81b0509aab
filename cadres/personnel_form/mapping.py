# ruff: noqa: S608 - the statement is put together from constants; values are parameters
"""From the roster to the form: what a 任免审批表 says of people, for any number of them in a fixed number of queries.

A form that was imported goes out in its own words as long as the histories say what they said when it came in;
once they say something else, they are right (texts kept in ApprovalForm, see `keep_words`).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from cadres.cv import CareerEntry, write_career
from cadres.models import (
    AnnualAssessment,
    ApprovalForm,
    Cadre,
    CareerLine,
    Education,
    FamilyMember,
    Honour,
    Oversight,
)
from cadres.personnel_form.elements import FamilyItem, PersonnelForm, compact
from cadres.personnel_form.family import in_order
from cadres.personnel_form.schooling import (
    CLASS_YEARS,
    WORKER_PEASANT_CLASS,
    carries_no_school,
    is_university,
)
from cadres.services.roster_values import joins
from core.partial_dates import PartialDate, parse

# Element → the column of ApprovalForm that keeps its words; the words of other elements lie in `further`.
COLUMNS: dict[str, str] = {
    "RuDangShiJian": "party_text",
    "XianRenZhiWu": "post_text",
    "ZhuanYeJiShuZhiWu": "title_text",
    "NiRenZhiWu": "post_to_take",
    "NiMianZhiWu": "post_to_leave",
    "JianLi": "career_text",
    "JiangChengQingKuang": "rewards_text",
    "NianDuKaoHeJieGuo": "assessments_text",
    "RenMianLiYou": "reason",
    "ChengBaoDanWei": "reporting_unit",
    "JiSuanNianLingShiJian": "age_reference",
    "TianBiaoShiJian": "filled_on",
    "TianBiaoRen": "filled_by",
}
LIMIT_WORDS = "改革前任职年龄界限为{}岁"
YEARS_SHOWN = 3
_NEVER_KEPT = frozenset({"ShenFenZheng"})

_SAYS = f"""
WITH people AS MATERIALIZED (SELECT id, unit_id FROM cadres_cadre WHERE id = ANY(%s))
SELECT c.id, u.name AS unit_name, eth.name AS ethnicity, a.post_text, a.main_unit_id, a.main_id,
       fe.level_text AS full_level, fe.degree_text AS full_degree, fe.school AS full_school,
       se.level_text AS service_level, se.degree_text AS service_degree, se.school AS service_school,
       po.party_code, po.party_text, po.member_start, po.member_start_precision, po.democratic_text, ti.title_text
{joins("people")}
"""


def forms_of(ids: Iterable[int]) -> dict[int, PersonnelForm]:
    """The forms of people by id, without their photos; thirteen queries at most, whatever their number."""
    wanted = sorted(set(ids))
    found = compose(wanted)
    for kept in ApprovalForm.objects.filter(cadre__in=wanted):
        if kept.cadre_id in found:
            _in_own_words(found[kept.cadre_id], kept)
    return found


def compose(ids: Iterable[int]) -> dict[int, PersonnelForm]:
    """The forms as the histories alone tell them."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    cadres = Cadre.objects.in_bulk(wanted)
    parts = _Parts(wanted)
    with connection.cursor() as cursor:
        cursor.execute(_SAYS, [wanted])
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["id"]: _composed(cadres[row["id"]], row, parts) for row in rows if row["id"] in cadres}


def keep_words(kept: ApprovalForm, came: PersonnelForm, told: PersonnelForm) -> None:
    """Put the words of a form that came in beside what the histories tell (`told`); elements it leaves blank stay."""
    further = read_further(kept)
    for element, text in came.texts.items():
        if element in _NEVER_KEPT or not text:
            continue
        derived = told[element]
        words = "" if text == derived else text
        if column := COLUMNS.get(element):
            setattr(kept, column, words)
        elif words:
            further["texts"][element] = words
        else:
            further["texts"].pop(element, None)
        if words and derived:
            further["said"][element] = derived
        else:
            further["said"].pop(element, None)
    further["blank"] |= _blank_schools(came, told)
    further["unknown"] = {**further["unknown"], **came.unknown}
    further["family"] |= _family_words(came.family, told.family)
    if came.family:
        further["order"] = _family_order(came.family, told.family)
    kept.further = json.dumps(further, ensure_ascii=False) if any(further.values()) else ""


def _blank_schools(came: PersonnelForm, told: PersonnelForm) -> dict[str, str]:
    """The schools that a form doesn't repeat: it names one for education and degree, the roster tells it at both."""
    found: dict[str, str] = {}
    for mode in ("QuanRiZhiJiaoYu", "ZaiZhiJiaoYu"):
        schools = [f"{mode}_{part}_BiYeYuanXiaoXi" for part in ("XueLi", "XueWei")]
        if any(came[element] for element in schools):
            found |= {one: told[one] for one in schools if told[one] and not came[one]}
    return found


def _family_words(came: list[FamilyItem], told: list[FamilyItem]) -> dict[str, list[str]]:
    """The rows that the roster tells in other words (a relation by its alias, a date that is none), by those words."""
    left = [item for item in came if item not in told]
    found: dict[str, list[str]] = {}
    for item in told:
        raw = next((one for one in left if one.XingMing == item.XingMing), None)
        if raw is not None and item not in came:
            left.remove(raw)
            found[_family_key(item)] = list(raw.texts)
    return found


def _family_order(came: list[FamilyItem], told: list[FamilyItem]) -> dict[str, str]:
    """The members the roster tells, by their place in the form; {} where the form has the order of the rule."""
    left = list(told)
    found: dict[str, str] = {}
    for at, raw in enumerate(came):
        item = next((one for one in left if one == raw), None) or next(
            (one for one in left if one.XingMing == raw.XingMing), None
        )
        if item is not None:
            left.remove(item)
            found[str(at)] = _family_key(item)
    return {} if left or list(found.values()) == [_family_key(item) for item in told] else found


def _as_it_came(family: list[FamilyItem], order: dict[str, str]) -> list[FamilyItem]:
    """The family in the form's own order, as long as the roster tells of the same members in the same words."""
    left = list(family)
    found = []
    for key in order.values():
        item = next((one for one in left if _family_key(one) == key), None)
        if item is not None:
            left.remove(item)
            found.append(item)
    return family if left else found


def _family_key(item: FamilyItem) -> str:
    return json.dumps(item.texts, ensure_ascii=False)


def read_further(kept: ApprovalForm) -> dict[str, Any]:
    """What a kept form says beyond its columns: texts, what the histories said then, unknown elements, family."""
    found = json.loads(kept.further) if kept.further else {}
    return {
        part: dict(found.get(part, {})) for part in ("texts", "said", "blank", "unknown", "family", "order")
    }


def _in_own_words(form: PersonnelForm, kept: ApprovalForm) -> None:
    further = read_further(kept)
    words = {element: getattr(kept, column) for element, column in COLUMNS.items()} | further["texts"]
    for element, text in words.items():
        if not text:
            continue
        said = further["said"].get(element, "")
        if form[element] == said:
            form.texts[element] = text
        elif element == "JiangChengQingKuang":
            form.texts[element] = _with_news(text, said, form[element])
    for element, said in further["blank"].items():
        if form[element] == said:
            form.texts.pop(element)
    form.unknown = further["unknown"]
    form.family = _as_it_came(form.family, further["order"])
    if own := further["family"]:
        form.family = [FamilyItem(*own.get(_family_key(item), item.texts)) for item in form.family]


def _with_news(text: str, said: str, now: str) -> str:
    """Rewards and sanctions as documented, and what was registered since then."""
    known = set(said.split("\n"))
    return "\n".join([text, *(line for line in now.split("\n") if line and line not in known)])


class _Parts:
    """The histories that a form lists, by person."""

    def __init__(self, ids: list[int]) -> None:
        self.careers = _careers(ids)
        self.family: dict[int, list[FamilyItem]] = defaultdict(list)
        for member in FamilyMember.objects.filter(cadre__in=ids).select_related("relation"):
            self.family[member.cadre_id].append(
                FamilyItem(
                    str(member.relation), member.name, _member_birth(member.birth), member.political,
                    member.employment,
                )
            )  # fmt: skip
        self.family = {pk: in_order(members) for pk, members in self.family.items()}
        self.rewards = _rewards(ids)
        entered = Education.objects.filter(
            cadre__in=ids, mode=Education.Mode.FULL_TIME, start__year__in=list(CLASS_YEARS)
        )
        self.class_of_the_seventies = {
            (pk, level) for pk, level in entered.values_list("cadre_id", "level_text") if is_university(level)
        }
        self.years: dict[int, list[AnnualAssessment]] = defaultdict(list)
        for one in AnnualAssessment.objects.filter(cadre__in=ids).order_by("cadre", "-year"):
            self.years[one.cadre_id].append(one)


def _careers(ids: list[int]) -> dict[int, list[CareerEntry]]:
    lines = list(CareerLine.objects.filter(cadre__in=ids).order_by("cadre", "order", "id"))
    inner: dict[int, list[CareerEntry]] = defaultdict(list)
    for line in lines:
        if line.within_id:
            inner[line.within_id].append(CareerEntry(line.start_date, line.end_date, line.text))
    found: dict[int, list[CareerEntry]] = defaultdict(list)
    for line in lines:
        if not line.within_id:
            entry = CareerEntry(line.start_date, line.end_date, line.text, tuple(inner[line.pk]))
            found[line.cadre_id].append(entry)
    return found


def _rewards(ids: list[int]) -> dict[int, list[str]]:
    """Honours and sanctions in sentences, the earliest first."""
    told: dict[int, list[tuple[Any, str]]] = defaultdict(list)
    for honour in Honour.objects.filter(cadre__in=ids, end=None):
        told[honour.cadre_id].append((honour.start, honour_line(honour)))
    for act in Oversight.objects.filter(cadre__in=ids, kind=Oversight.Kind.SANCTION):
        when = act.start_date.dotted() if act.start_date else ""
        by = f"被{act.authority}给予" if act.authority else "受"
        told[act.cadre_id].append((act.start, f"{when}{by}{act.get_sanction_display()}处分。"))
    return {
        pk: [text for _, text in sorted(lines, key=lambda one: (one[0] is not None, one[0] or 0, one[1]))]
        for pk, lines in told.items()
    }


def honour_line(honour: Honour) -> str:
    """The sentence by which an honour goes out."""
    when = honour.start_date.dotted() if honour.start_date else ""
    by = f"被{honour.issuer}授予" if honour.issuer else "获"
    return f"{when}{by}{honour.name}。"


def _composed(cadre: Cadre, row: Mapping[str, Any], parts: _Parts) -> PersonnelForm:
    texts = {
        "XingMing": cadre.name,
        "XingBie": cadre.get_gender_display() if cadre.gender else "",
        "ChuShengNianYue": compact(cadre.birth_date),
        "MinZu": row["ethnicity"],
        "JiGuan": cadre.native_place,
        "ChuShengDi": cadre.birthplace,
        "RuDangShiJian": _party(row),
        "CanJiaGongZuoShiJian": compact(cadre.work_start_date),
        "JianKangZhuangKuang": cadre.health,
        "ZhuanYeJiShuZhiWu": row["title_text"],
        "ShuXiZhuanYeYouHeZhuanChang": cadre.speciality,
        **_schooling(
            "QuanRiZhiJiaoYu", "full", row, (cadre.pk, row["full_level"]) in parts.class_of_the_seventies
        ),
        **_schooling("ZaiZhiJiaoYu", "service", row),
        "XianRenZhiWu": _post(cadre, row),
        "JianLi": write_career(parts.careers.get(cadre.pk, ())),
        "JiangChengQingKuang": "\n".join(parts.rewards.get(cadre.pk, ())),
        "NianDuKaoHeJieGuo": _years(parts.years.get(cadre.pk, [])),
        "ShenFenZheng": cadre.id_number,
    }
    if cadre.retirement_limit:
        texts["GaiGeQianRenZhiNianLingJieXian"] = LIMIT_WORDS.format(cadre.retirement_limit)
    return PersonnelForm(
        texts={element: text for element, text in texts.items() if text},
        family=parts.family.get(cadre.pk, []),
    )


def _schooling(
    mode: str, prefix: str, row: Mapping[str, Any], of_the_seventies: bool = False
) -> dict[str, str | None]:
    """Education by the rules of the form: 高中 or below has no school, 大学 of 1970–77 a name of its own."""
    level, degree, school = (row[f"{prefix}_{part}"] for part in ("level", "degree", "school"))
    if level and not degree and carries_no_school(level):
        school = ""
    if of_the_seventies:
        level = WORKER_PEASANT_CLASS
    return {
        f"{mode}_XueLi": level,
        f"{mode}_XueWei": degree,
        f"{mode}_XueLi_BiYeYuanXiaoXi": school if level or not degree else "",
        f"{mode}_XueWei_BiYeYuanXiaoXi": school if degree else "",
    }


def _party(row: Mapping[str, Any]) -> str:
    """`200108；民建`, `民建`, `无党派`; people without a party have nothing here."""
    member = ""
    if row["member_start"]:
        member = compact(PartialDate.of(row["member_start"], row["member_start_precision"]))
    elif row["party_code"] in ("01", "02", "12"):
        member = row["party_text"] or ""
    return "；".join(one for one in (member, row["democratic_text"]) if one)


def _post(cadre: Cadre, row: Mapping[str, Any]) -> str:
    """Present posts with the unit's name in front; those at other units have theirs already."""
    posts = row["post_text"] or ""
    if not posts or (row["main_id"] and row["main_unit_id"] != cadre.unit_id):
        return posts
    return f"{row['unit_name']}{posts}"


def _years(assessments: list[AnnualAssessment]) -> str:
    told = [f"{one.year}年度考核为{one.grade_label}" for one in assessments[:YEARS_SHOWN]]
    return "，".join(reversed(told)) + "。" if told else ""


def _member_birth(text: str) -> str:
    """A family member's birth as yyyyMM; what is kept as other words stays."""
    if not re.match(r"\d{4}", text):
        return text
    try:
        return compact(parse(text).value)
    except ValueError:
        return text
