"""Facts about education, degrees, professional titles and ranks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import F, Q

from cadres.facts.building import code_words, first, highest, of_cadre, register_since, years_since
from cadres.facts.registry import Fact, register
from cadres.models import Code, Education, ProfessionalTitle, Rank


def completed(mode: str = "", column: str = "level") -> Callable[[date], Any]:
    """Completed education with a comparable level (or degree), the highest first; an open end counts."""

    def rows(on: date) -> Any:
        found = done(mode)(on).filter(**{f"{column}__level__isnull": False})
        return found.order_by(f"-{column}__level", f"{column}__order")

    return rows


def done(mode: str = "") -> Callable[[date], Any]:
    """Completed education, whatever it is."""

    def rows(on: date) -> Any:
        found = of_cadre(Education).filter(Q(end=None) | Q(end__lte=on))
        return found.filter(mode=mode) if mode else found

    return rows


def titles(on: date) -> Any:
    """Titles in force that can be compared, the highest first, of equals the one held longest."""
    held = of_cadre(ProfessionalTitle).on(on).filter(title__level__isnull=False)
    return held.order_by("-title__level", F("start").asc(nulls_last=True))


def rank(on: date) -> Any:
    """Ranks in force, the newest first."""
    rows = of_cadre(Rank).on(on).filter(kind=Rank.Kind.RANK)
    return rows.order_by(F("start").desc(nulls_last=True), "-id")


def _dated_rank(on: date) -> Any:
    return rank(on).filter(start__isnull=False)


def _register_education(
    name: str, label: str, definition: str, mode: str = "", column: str = "level"
) -> None:
    rows = completed(mode, column)
    register(
        Fact(
            name, label, "C2", "level", lambda on: first(rows(on), f"{column}__level"),
            definition=definition, topic="education", wording=lambda on: code_words(rows(on), column),
            code_list=Code.List.DEGREE if column == "degree" else Code.List.EDUCATION,
            condition=highest(done(mode), column),
        )
    )  # fmt: skip


_register_education("education_level", "最高学历", "统计日已毕业的最高学历；没有写毕业时间的按已毕业算。")
_register_education(
    "full_time_education", "全日制学历", "统计日已毕业的最高全日制学历。", Education.Mode.FULL_TIME
)
_register_education(
    "in_service_education", "在职学历", "统计日已毕业的最高在职学历。", Education.Mode.IN_SERVICE
)
_register_education("degree_level", "最高学位", "统计日已取得的最高学位。", column="degree")
register(
    Fact(
        "title_level", "职称", "C1", "level", lambda on: first(titles(on), "title__level"),
        definition="统计日在期内的最高职称，教师与其他系列按国家标准的级别比较。", topic="title",
        wording=lambda on: code_words(titles(on), "title"), code_list=Code.List.TITLE,
        condition=highest(lambda on: of_cadre(ProfessionalTitle).on(on), "title"),
    )
)  # fmt: skip
register(
    Fact(
        "title_years", "取得现职称年限", "C1", "number", years_since(titles), unit="年",
        definition="从取得统计日最高职称到统计日已满的年数。", topic="title",
    )
)  # fmt: skip
register_since("title_since", "取得现职称时间", "C1", titles, "统计日最高职称登记的取得时间。", topic="title")
register(
    Fact(
        "rank", "职级", "C1", "text", lambda on: first(rank(on), "name"),
        definition="统计日在期内的职级，按原文。", topic="title",
    )
)  # fmt: skip
register(
    Fact(
        "years_in_rank", "任现职级年限", "C1", "number", years_since(_dated_rank), unit="年",
        definition="从任现职级到统计日已满的年数。", topic="title",
    )
)  # fmt: skip
register_since(
    "rank_since", "任现职级时间", "C1", _dated_rank, "统计日在期内的职级登记的开始时间。", topic="title"
)
