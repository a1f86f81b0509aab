"""What a form says of schooling, and what the rules of the form say about that (domain facts §1.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cadres.cv import CareerEntry
from cadres.personnel_form.elements import PersonnelForm

MODES = ("QuanRiZhiJiaoYu", "ZaiZhiJiaoYu")
# Those who entered in these years attended what is called so since then.
WORKER_PEASANT_CLASS = "大学普通班"
CLASS_YEARS = range(1970, 1978)
_UNFINISHED = re.compile("结业|肄业")
_SECONDARY = re.compile("(?:普通)?(?:高级中学|高中|初级中学|初中|小学)(?:毕业|结业|肄业|教育|文化|学历)*")
_UNIVERSITY = frozenset({"大学", "大学本科", "本科", "大学毕业", "大学本科毕业"})


def carries_no_school(level: str) -> bool:
    """Whether it is 高中 or below: the form names no school for it."""
    return bool(_SECONDARY.fullmatch("".join(level.split())))


def is_university(level: str) -> bool:
    """Whether it is 大学 without more."""
    return "".join(level.split()) in _UNIVERSITY


def remarks_on(form: PersonnelForm, career: Iterable[CareerEntry]) -> Iterator[tuple[str, str]]:
    """What a form's schooling calls for: (element, sentence)."""
    for mode in MODES:
        element = f"{mode}_XueLi"
        level, school = form[element], form[f"{element}_BiYeYuanXiaoXi"]
        if found := _UNFINISHED.search(level):
            yield element, f"“{found[0]}”没有毕业，不计为取得这一学历。"
        elif found := _UNFINISHED.search(school):
            yield element, f"毕业院校一栏写有“{found[0]}”，学历一栏没有写明，按毕业登记，请核对。"
        if level and carries_no_school(level) and school:
            yield f"{element}_BiYeYuanXiaoXi", "高中及以下学历不填毕业院校，原文照样保留。"
    years = {one.start.date.year for one in career if one.start is not None and one.is_study}
    if is_university(form["QuanRiZhiJiaoYu_XueLi"]) and years & set(CLASS_YEARS):
        yield "QuanRiZhiJiaoYu_XueLi", f"1970—1977 年入学的应填“{WORKER_PEASANT_CLASS}”，请核对。"
