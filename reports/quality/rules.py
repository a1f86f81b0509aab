"""The rules of data quality: each one a name, words for people, and the rows that break it on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import ExtractMonth, ExtractYear
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan

from cadres.facts import FACTS
from cadres.identity import Identity, disagreements
from cadres.models import (
    Appointment,
    Cadre,
    Certificate,
    Education,
    PersonnelRelation,
    PoliticalStatus,
    Post,
)
from core.partial_dates import PartialDate
from core.pinyin import COMPOUND_SURNAMES, SEVERAL_READINGS, SURNAMES

Group = Literal["missing", "contradictory", "expired", "organisation", "name", "duplicate"]
GROUPS: dict[str, str] = {
    "missing": "缺失", "contradictory": "矛盾", "expired": "过期", "organisation": "机构与岗位",
    "name": "姓名读音", "duplicate": "疑似重复",
}  # fmt: skip
YOUNGEST_AT_WORK, PLAN_MONTHS = 16, 6
_NUMBERS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Rule:
    """One rule.

    `rows` gives the rows that break it on a day: cadres (with `earlier`, the key of another record, where two
    may be one person), or posts where `about` says so.
    `sift` keeps, of these, the keys that break it by what SQL can't read: encrypted columns.
    `watches` names the person's own columns that a waiver is about: when one changes, it is found again.
    `advice` says what to do; `section` is the history whose form mends it ("" for the person's own fields).
    """

    name: str
    label: str
    group: Group
    advice: str
    rows: Callable[[date], QuerySet[Any]]
    section: str = ""
    about: Literal["cadre", "post"] = "cadre"
    sift: Callable[[QuerySet[Any]], Iterator[int]] | None = None
    watches: tuple[str, ...] = ()

    def broken(self, on: date, among: Iterable[int]) -> set[int]:
        """Return the keys that break the rule on a day, of those given."""
        rows = self.rows(on).filter(pk__in=list(among))
        return set(self.sift(rows)) if self.sift else set(rows.values_list("pk", flat=True))


RULES: dict[str, Rule] = {}


def _rule(*given: Any, **named: Any) -> None:
    rule = Rule(*given, **named)
    RULES[rule.name] = rule


def _serving(on: date) -> QuerySet[Cadre]:
    return Cadre.objects.in_service(on).order_by()


def _lacking(model: Any) -> Callable[[date], QuerySet[Cadre]]:
    return lambda on: _serving(on).filter(~Exists(model.objects.filter(cadre=OuterRef("pk"))))


def _blank(field: str, nothing: Any = "") -> Callable[[date], QuerySet[Cadre]]:
    return lambda on: _serving(on).filter(**{field: nothing})


def _having(rows: Callable[[date], QuerySet[Any]]) -> Callable[[date], QuerySet[Cadre]]:
    return lambda on: _serving(on).filter(Exists(rows(on).filter(cadre=OuterRef("pk"))))


def _by_fact(name: str, lookup: type[Any], value: Any) -> Callable[[date], QuerySet[Cadre]]:
    """People in service of whom a fact compares so."""
    return lambda on: _serving(on).filter(lookup(FACTS[name].expression(on), value))


def _posts_without_holder(on: date) -> QuerySet[Cadre]:
    held = Appointment.objects.filter(cadre=OuterRef("pk"), is_main=True).on(on)
    return _serving(on).filter(~Exists(held))


def _too_young_at_work(on: date) -> QuerySet[Cadre]:
    return _serving(on).filter(
        birth__isnull=False, work_start__isnull=False,
        work_start__year__lt=ExtractYear(F("birth")) + YOUNGEST_AT_WORK,
    )  # fmt: skip


def _post_before_work(on: date) -> QuerySet[Any]:
    """Posts taken in a year before the year of the first work: months may be unknown on either side."""
    return Appointment.objects.filter(
        start__isnull=False, cadre__work_start__isnull=False,
        start__year__lt=ExtractYear(F("cadre__work_start")),
    )  # fmt: skip


def _education_before_ten(on: date) -> QuerySet[Any]:
    return Education.objects.filter(
        end__isnull=False, cadre__birth__isnull=False, end__year__lt=ExtractYear(F("cadre__birth")) + 10
    )


def _in_future(on: date) -> QuerySet[Cadre]:
    return _serving(on).filter(Q(birth__gt=on) | Q(work_start__gt=on))


def _expired_qualification(on: date) -> QuerySet[Any]:
    """The latest qualification certificate is over: one that is still valid makes up for older ones."""
    valid = Certificate.objects.filter(cadre=OuterRef("cadre"), kind=Certificate.Kind.QUALIFICATION).on(on)
    return Certificate.objects.filter(~Exists(valid), kind=Certificate.Kind.QUALIFICATION, end__lte=on)


def _numbered(on: date) -> QuerySet[Cadre]:
    return _serving(on).filter(id_index__isnull=False)


def _against_number(what: Literal["birth", "gender"]) -> Callable[[QuerySet[Cadre]], Iterator[int]]:
    """Compare a field with what the identity number says of it: each number is opened in memory and forgotten.

    Nothing that the number tells is kept, so nothing has to follow when a person's record changes.
    """

    def sift(rows: QuerySet[Cadre]) -> Iterator[int]:
        columns = rows.values_list("pk", "id_number", "birth", "birth_precision", "gender")
        for pk, number, birth, precision, gender in columns.iterator(chunk_size=_NUMBERS_AT_ONCE):
            said = {"birth": PartialDate.of(birth, precision) if birth else None, "gender": gender}
            asked = {"birth": None, "gender": "", what: said[what]}
            if disagreements(Identity.told(number), **asked):
                yield pk

    return sift


def _unread(on: date) -> QuerySet[Cadre]:
    """Names whose surname may be read in several ways, while nobody has chosen one.

    That is a surname which families read differently (覃 qin, tan), or the beginning of a name of four and
    more characters that would be read otherwise as a surname (单增卓玛).
    """
    several = Q(name__regex=f"^[{''.join(SEVERAL_READINGS)}]") & ~Q(
        name__regex=f"^({'|'.join(COMPOUND_SURNAMES)})."
    )
    condition = several & ~Q(name__regex="[·•・]")
    for letter, reading in SURNAMES.items():
        condition |= Q(name__startswith=letter) & ~Q(name_key__startswith=reading)
    return _serving(on).filter(condition, surname_reading="")


def _twins(on: date) -> QuerySet[Cadre]:
    """People of whom an earlier record bears the same name and birth month, `earlier` being its key.

    Two different identity numbers are two people, and so no twins.
    """
    earlier = Cadre.objects.filter(
        name=OuterRef("name"), birth__year=ExtractYear(OuterRef("birth")),
        birth__month=ExtractMonth(OuterRef("birth")), pk__lt=OuterRef("pk"),
    ).order_by("pk").values("pk")  # fmt: skip
    twin = Case(
        When(id_index=None, then=Subquery(earlier[:1])), default=Subquery(earlier.filter(id_index=None)[:1])
    )
    return (
        Cadre.objects.filter(birth__isnull=False)
        .annotate(earlier=twin)
        .filter(earlier__isnull=False)
        .order_by()
    )


_rule("no_birth", "没有出生年月", "missing", "对照档案补填出生年月。", _blank("birth", None))
_rule("no_gender", "没有性别", "missing", "补填性别。", _blank("gender"))
_rule(
    "no_identity", "没有身份证号", "missing", "补填身份证号，系统据此识别同一个人。", _blank("id_index", None)
)
_rule("no_ethnicity", "没有民族", "missing", "补填民族。", _blank("ethnicity", None))
_rule("no_work_start", "没有参加工作时间", "missing", "补填参加工作时间。", _blank("work_start", None))
_rule("no_photo", "没有照片", "missing", "上传或批量导入照片。", _blank("photo", None))
_rule("no_education", "没有学历", "missing", "登记学历学位。", _lacking(Education), section="education")
_rule(
    "no_political",
    "没有政治面貌",
    "missing",
    "登记政治面貌。",
    _lacking(PoliticalStatus),
    section="political",
)
_rule(
    "no_post",
    "在职而没有现任主职务",
    "missing",
    "登记现任职务，或登记离开。",
    _posts_without_holder,
    section="appointment",
)
_rule(
    "too_young_at_work", "参加工作时不满 16 岁", "contradictory", "核对出生年月和参加工作时间。", _too_young_at_work,
    watches=("birth", "work_start"),
)  # fmt: skip
_rule(
    "birth_against_number", "出生年月与身份证号不一致", "contradictory",
    "对照档案核对出生年月和身份证号；以档案认定为准的可以写明原因忽略。", _numbered, sift=_against_number("birth"),
    watches=("birth", "birth_precision", "id_index"),
)  # fmt: skip
_rule(
    "gender_against_number", "性别与身份证号不一致", "contradictory", "核对性别和身份证号。", _numbered,
    sift=_against_number("gender"), watches=("gender", "id_index"),
)  # fmt: skip
_rule("date_in_future", "出生或参加工作时间在将来", "contradictory", "核对日期。", _in_future,
      watches=("birth", "work_start"))  # fmt: skip
_rule(
    "post_before_work",
    "任职早于参加工作",
    "contradictory",
    "核对任职时间和参加工作时间。",
    _having(_post_before_work),
    section="appointment",
)
_rule(
    "graduated_too_early",
    "毕业时不满 10 岁",
    "contradictory",
    "核对毕业时间。",
    _having(_education_before_ten),
    section="education",
)
_rule(
    "career_gap", "简历有空档", "contradictory", "补全简历中没有写到的时间。", _by_fact("career_gap", GreaterThan, 1),
    section="career",
)  # fmt: skip
_rule(
    "past_retirement", "已过法定退休年月仍在职", "expired", "办理退休，或核对出生年月和改革前退休年龄。",
    _by_fact("months_to_retirement", LessThan, 0), watches=("birth", "gender", "retirement_limit"),
)  # fmt: skip
_rule(
    "plan_over", "培养计划半年没有评估", "expired", "组织评估并登记进展。",
    _by_fact("plan_unreviewed_months", GreaterThanOrEqual, PLAN_MONTHS), section="plan",
)  # fmt: skip
_rule(
    "term_over",
    "任期已满仍在任",
    "expired",
    "办理续聘、交流或免职。",
    _having(lambda on: Appointment.objects.filter(end=None, term_end__lte=on)),
    section="appointment",
)
_rule(
    "probation_over",
    "试用期已满",
    "expired",
    "登记转正或延长。",
    _having(lambda on: Appointment.objects.filter(end=None, probation_end__lte=on, term_end=None)),
    section="appointment",
)
_rule(
    "qualification_expired",
    "任职资格证书已过期",
    "expired",
    "安排提高培训或登记新证书。",
    _having(_expired_qualification),
    section="certificate",
)
_rule(
    "post_at_closed_unit",
    "在已撤销单位仍有任职",
    "organisation",
    "登记免职或改任。",
    _having(lambda on: Appointment.objects.filter(end=None, unit__valid_to__lte=on)),
    section="appointment",
)
_rule(
    "relation_at_closed_unit",
    "人事关系在已撤销单位",
    "organisation",
    "调动到承接单位。",
    _having(lambda on: PersonnelRelation.objects.filter(end=None, unit__valid_to__lte=on)),
)
_rule(
    "open_post_at_closed_unit",
    "已撤销单位仍有未撤销的岗位",
    "organisation",
    "在单位页面撤销岗位。",
    lambda on: Post.objects.filter(closed_on=None, unit__valid_to__lte=on).order_by(),
    about="post",
)
_rule(
    "surname_reading", "姓氏读音待核对", "name",
    "这个姓有几种读法：请在“修改”中按本人的读法选定，名册据此排序和检索；姓名写错的请更正。", _unread, watches=("name",),
)  # fmt: skip
_rule("twins", "同名同出生年月", "duplicate", "确认是否同一人，是的合并。", _twins, watches=("name", "birth"))
