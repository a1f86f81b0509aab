"""Every history of a cadre as a row of one table: its model, its words, who sees it, what it is filled from.

Pages, API, admin, workbooks and services all read this table, so a further history is one more row here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cadres.models import (
    AnnualAssessment,
    BureauEvaluation,
    CareerLine,
    Certificate,
    CompetenceProfile,
    DevelopmentPlan,
    Education,
    FamilyMember,
    Honour,
    Oversight,
    Petition,
    PlanReview,
    PoliticalStatus,
    ProfessionalTitle,
    Rank,
    ReserveEntry,
    ReserveReview,
    TalentEntry,
)

PERIOD = ("start", "end")


@dataclass(frozen=True)
class HistoryKind:
    """One history.

    `slug` names it in addresses and the API; `guard` is the name in cadres.fields.LEVELS that says who sees
    it; `fields` is what a row is filled from; `dated` are partial dates; `sealed` are encrypted columns that
    are shown one row at a time, with a reason.
    """

    slug: str
    model: type[Any]
    add_label: str
    guard: str
    fields: tuple[str, ...]
    icon: str
    dated: tuple[str, ...] = PERIOD
    sealed: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it is called on pages."""
        return str(self.model._meta.verbose_name)

    @property
    def has_period(self) -> bool:
        """Whether its rows run from–to, so that one may end them."""
        return "end" in self.dated


def _kind(
    slug: str, model: type[Any], add_label: str, guard: str, icon: str, *fields: str, **more: Any
) -> None:
    KINDS[slug] = HistoryKind(slug, model, add_label, guard, fields, icon, **more)


KINDS: dict[str, HistoryKind] = {}

_kind(
    "education",
    Education,
    "添加学历",
    "education",
    "school",
    "mode",
    "level",
    "level_text",
    "degree",
    "degree_text",
    "school",
    "major",
    "start",
    "end",
    "order",
)
_kind("title", ProfessionalTitle, "添加职称", "title", "certificate", "title", "title_text", "start", "end")
_kind(
    "certificate",
    Certificate,
    "添加证书",
    "certificates",
    "license",
    "kind",
    "name",
    "number",
    "issuer",
    "hours",
    "start",
    "end",
)
_kind("rank", Rank, "添加职级", "rank", "stairs", "kind", "name", "start", "end")
_kind("political", PoliticalStatus, "添加政治面貌", "party", "flag", "status", "start", "end")
_kind(
    "assessment",
    AnnualAssessment,
    "登记考核",
    "annual_assessments",
    "clipboard-check",
    "year",
    "grade",
    "labels",
    "note",
    dated=(),
)
_kind(
    "honour",
    Honour,
    "添加荣誉",
    "honours",
    "award",
    "name",
    "level",
    "issuer",
    "document_number",
    "start",
    "end",
)
_kind(
    "career", CareerLine, "添加简历", "career", "route", "text", "is_study", "within", "order", "start", "end"
)
_kind("talent", TalentEntry, "登记梯队", "talent", "star", "tier", "document_number", "start", "end")
_kind(
    "reserve",
    ReserveEntry,
    "列入后备",
    "reserve",
    "users-group",
    "category",
    "status",
    "source",
    "start",
    "end",
)
_kind(
    "plan",
    DevelopmentPlan,
    "制定计划",
    "development",
    "target-arrow",
    "goals",
    "measures",
    "mentor",
    "mentor_text",
    "interval_months",
    "start",
    "end",
)
_kind(
    "competence",
    CompetenceProfile,
    "登记评价",
    "competences",
    "chart-radar",
    "on",
    "source",
    "scores",
    "note",
    dated=(),
)
_kind(
    "evaluation",
    BureauEvaluation,
    "登记考评",
    "evaluations",
    "clipboard-text",
    "place",
    "grade",
    "score",
    "opinion",
    "start",
    "end",
    sealed=("opinion",),
)
_kind(
    "family",
    FamilyMember,
    "添加家庭成员",
    "family",
    "home-heart",
    "relation",
    "name",
    "birth",
    "political",
    "employment",
    "order",
    "kin",
    dated=(),
    sealed=("name", "birth", "political", "employment"),
)
_kind(
    "oversight",
    Oversight,
    "登记监督",
    "oversight",
    "shield",
    "kind",
    "sanction",
    "authority",
    "document_number",
    "content",
    "result",
    "due",
    "done_on",
    "start",
    "end",
    sealed=("content", "result"),
)
_kind("petition", Petition, "登记诉求", "petitions", "message-report",
      "subject", "content", "submitted_on", "due", "reply", "replied_on",
      dated=(), sealed=("subject", "content", "reply"))  # fmt: skip


@dataclass(frozen=True)
class ReviewKind:
    """Periodic reviews below the entries of a history: the same guard, sealed words of their own."""

    parent: str
    model: type[Any]
    link: str
    label: str
    fields: tuple[str, ...]
    sealed: tuple[str, ...] = ()


REVIEWS: dict[str, ReviewKind] = {
    "reserve": ReviewKind(
        "reserve", ReserveReview, "entry", "年度审核", ("year", "status", "opinion"), ("opinion",)
    ),
    "plan": ReviewKind("plan", PlanReview, "plan", "计划评估", ("on", "progress", "advice")),
}

_BY_MODEL = {kind.model: kind for kind in KINDS.values()}

# What the database refuses, in words: constraint → field and sentence.
REFUSALS: dict[str, tuple[str, str]] = {
    "assessment_once_a_year": ("year", "这一年度的考核结果已经登记，请直接修改那一条。"),
    "political_once_open": ("status", "这一政治面貌已经登记，请直接修改那一条。"),
    "talent_one_tier_at_a_time": ("start", "这段时间已在另一梯队，请先结束那一条。"),
    "reserve_once_open": ("category", "已在这一类后备之中，请直接修改那一条。"),
    "plan_one_at_a_time": ("start", "这段时间已有培养计划，请先结束那一份。"),
    "plan_interval_in_months": ("interval_months", "评估间隔应在 1 到 36 个月之间。"),
    "competence_once_a_day": ("on", "这一天已有同一来源的评价，请直接修改那一条。"),
    "family_kin_once": ("kin", "这位干部已登记为亲属，请直接修改那一条。"),
    "family_not_oneself": ("kin", "不能把本人登记为亲属。"),
    "oversight_sanction_named": ("sanction", "处分须选择处分种类，其他监督不填。"),
    "petition_due_after": ("due", "答复期限不能早于提出日期。"),
    "petition_reply_after": ("replied_on", "答复日期不能早于提出日期。"),
    "competence_six_scores": ("score_1", "请填写六项得分。"),
    "reserve_review_once_a_year": ("year", "这一年度已经审核，请直接修改那一条。"),
    "plan_review_once_a_day": ("on", "这一天已有评估，请直接修改那一条。"),
    "evaluation_score": ("score", "得分应在 0 到 100 之间。"),
}


def kind_of(record: Any) -> HistoryKind:
    """Return the kind of a row, or of a model class. Raises KeyError for what is no history."""
    return _BY_MODEL[record if isinstance(record, type) else type(record)]


def guard_of(record: Any) -> str:
    """Return the name in cadres.fields.LEVELS that says who sees a row: a history's or a review's."""
    for review in REVIEWS.values():
        if isinstance(record, review.model):
            return KINDS[review.parent].guard
    return kind_of(record).guard


def sealed_of(record: Any) -> tuple[str, ...]:
    """Return the encrypted columns of a row, opened one row at a time."""
    for review in REVIEWS.values():
        if isinstance(record, review.model):
            return review.sealed
    return kind_of(record).sealed


def cadre_of(record: Any) -> Any:
    """Return whose row it is: a history's cadre, a review's through its entry."""
    for review in REVIEWS.values():
        if isinstance(record, review.model):
            return getattr(record, review.link).cadre
    return record.cadre
