"""Tables of the roster's lists."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cadres.models import CadreMerge, Correction, DevelopmentPlan, ReserveEntry
from cadres.services.corrections import subject_of
from core.tables import ChineseDateColumn, DeadlineColumn, PartialDateColumn, StatusColumn
from core.templatetags.shell import chinese_date


def verb_column() -> tables.Column:
    """What is to be done with a row, as a button; `verb` and `address` of the table say what and where."""
    return tables.Column("办理", accessor="pk", orderable=False, exclude_from_export=True)


def verb_link(url: str, verb: str, name: str) -> SafeString | str:
    """The button of a row, named after its person for who hears it; nothing where nothing is to be done."""
    if not verb:
        return "—"
    return format_html(
        '<a class="btn btn-secondary btn-sm" href="{}">{}<span class="visually-hidden">：{}</span></a>',
        url, verb, name,
    )  # fmt: skip


class MergeTable(tables.Table):
    """Mergers of two records."""

    kept = tables.Column(
        "保留的记录", order_by="kept__name_key", linkify=lambda record: reverse("cadre-detail", args=[record.kept_id]),
        attrs={"td": {"class": "cell-title"}},
    )  # fmt: skip
    gone_name = tables.Column("并入的记录", orderable=False)
    unit = tables.Column("单位", order_by="unit_path")
    merged_at = ChineseDateColumn(verbose_name="合并时间")
    merged_by = tables.Column("合并人", accessor="merged_by__name")
    act = tables.TemplateColumn(
        verbose_name="办理", template_name="cadres/_merge_actions.html", orderable=False, empty_values=()
    )

    class Meta:
        model = CadreMerge
        fields = ("kept", "gone_name", "unit", "merged_at", "merged_by", "act")
        order_by = ("-merged_at",)

    def value_act(self, record: CadreMerge) -> str:
        """Whether it was taken back, for the workbook."""
        return "已撤销" if record.undone_at else ""


# A form opened from its list leads back to the list, for the next one (views/verbs.py).
FROM_LIST = "?from=list"
CORRECTION_TONES = {
    "submitted": "active", "returned": "warning", "accepted": "success", "declined": "danger",
    "withdrawn": "muted",
}  # fmt: skip


class CorrectionTable(tables.Table):
    """Requests for correction, one a row; what they say stands on their pages."""

    cadre = tables.Column("申请人", order_by=("cadre__name_key",), attrs={"td": {"class": "cell-title"}})
    unit = tables.Column("单位", accessor="cadre__unit__name", order_by=("cadre__unit__name_key",))
    subject = tables.Column("事项", accessor="pk", orderable=False)
    status = StatusColumn(CORRECTION_TONES, verbose_name="状态")
    due = DeadlineColumn(verbose_name="办理期限")
    created_at = ChineseDateColumn(verbose_name="提出时间")
    act = verb_column()

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有更正申请"
        order_by = ("-created_at",)

    def render_act(self, record: Correction) -> SafeString | str:
        """Those that wait are checked."""
        waits = record.status == Correction.Status.SUBMITTED
        return verb_link(
            reverse("correction-detail", args=[record.pk]), "核实" if waits else "", record.cadre.name
        )

    def render_cadre(self, record: Correction) -> SafeString:
        """The person, leading to the request."""
        return format_html(
            '<a href="{}">{}</a>', reverse("correction-detail", args=[record.pk]), record.cadre.name
        )

    def value_cadre(self, record: Correction) -> str:
        """Only the name in a workbook."""
        return record.cadre.name

    def render_subject(self, record: Correction) -> str:
        """What it is about."""
        return subject_of(record)

    def render_due(self, value: object, record: Correction) -> SafeString | str:
        """A deadline counts while the request waits."""
        if record.status != Correction.Status.SUBMITTED:
            return "—"
        return DeadlineColumn().render(value)


class _PersonTable(tables.Table):
    """Rows about people: whose, at which unit; a child says where the name leads."""

    cadre = tables.Column("姓名", order_by=("cadre__name_key",), attrs={"td": {"class": "cell-title"}})
    unit = tables.Column("单位", accessor="cadre__unit__name", order_by=("cadre__unit__name_key",))
    act = verb_column()

    def address(self, record: Any) -> str:
        """Hook: where the name leads."""
        raise NotImplementedError

    def verb(self, record: Any) -> str:
        """Hook: what is to be done there; empty where nothing is."""
        raise NotImplementedError

    def render_act(self, record: Any) -> SafeString | str:
        """What is to be done, in one word."""
        return verb_link(self.address(record), self.verb(record), record.cadre.name)

    def render_cadre(self, record: Any) -> SafeString:
        """The person, leading to what is to be done."""
        return format_html('<a href="{}">{}</a>', self.address(record), record.cadre.name)

    def value_cadre(self, record: Any) -> str:
        """Only the name in a workbook."""
        return record.cadre.name


class _ConfidentialTable(_PersonTable):
    """What is confidential and waits, one a row, without what it says.

    A child names the column that is filled once it is done, the form that does it and the section that keeps it.
    """

    done = ""
    form = ""
    section = ""
    verb_word = ""

    class Meta:
        attrs = {"class": "table list-table"}
        order_by = ("due",)
        sequence = ("...", "act")

    def waits(self, record: Any) -> bool:
        """Whether it is still to be done."""
        return getattr(record, self.done) is None

    def address(self, record: Any) -> str:
        """The form that does it, or where those that are done stand."""
        if self.waits(record):
            return reverse(self.form, args=[record.cadre_id, record.pk]) + FROM_LIST
        return reverse("cadre-detail", args=[record.cadre_id]) + self.section

    def verb(self, record: Any) -> str:
        """One that is done is done with."""
        return self.verb_word if self.waits(record) else ""

    def render_due(self, value: Any, record: Any) -> SafeString | str:
        """A deadline counts while it waits."""
        return DeadlineColumn().render(value) if self.waits(record) else chinese_date(value)

    def value_due(self, value: Any) -> str:
        """The day itself in a workbook."""
        return chinese_date(value)


class PetitionTable(_ConfidentialTable):
    """Requests, one a row, without what they say."""

    done, form, section, verb_word = "replied_on", "petition-answer", "?tab=requests#section-petition", "答复"
    status = StatusColumn(
        {"待答复": "warning", "已答复": "success"}, verbose_name="状态", accessor="state", orderable=False
    )
    due = DeadlineColumn(verbose_name="答复期限")
    submitted_on = ChineseDateColumn(verbose_name="提出日期")
    replied_on = ChineseDateColumn(verbose_name="答复日期", default="—")
    replied_by = tables.Column("答复人", accessor="replied_by__name", default="—", orderable=False)

    class Meta(_ConfidentialTable.Meta):
        empty_text = "没有诉求"


class OversightTable(_ConfidentialTable):
    """Acts of oversight with a day by which something is to be done; neither kind nor words."""

    done, form, section, verb_word = (
        "done_on",
        "oversight-follow-up",
        "?tab=oversight#section-oversight",
        "登记",
    )
    due = DeadlineColumn(verbose_name="应办日期")
    done_on = ChineseDateColumn(verbose_name="办结日期", default="—")

    class Meta(_ConfidentialTable.Meta):
        empty_text = "没有监督事项"


class ReserveReviewTable(_PersonTable):
    """Entries of the pool, each leading to its review."""

    category = tables.Column("后备类别")
    status = tables.Column("状态")
    start = PartialDateColumn(
        verbose_name="列入时间", accessor="start_date", order_by=("start",), default="—"
    )

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有后备干部"
        order_by = ("unit", "cadre")
        sequence = ("...", "act")

    def __init__(self, *args: Any, done: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.done = done

    def address(self, record: ReserveEntry) -> str:
        """The review's form; one that was held stands on the person's page."""
        if self.done:
            return f"{reverse('cadre-detail', args=[record.cadre_id])}?tab=growth#section-reserve"
        return reverse("review-add", args=[record.cadre_id, "reserve", record.pk]) + FROM_LIST

    def verb(self, record: ReserveEntry) -> str:
        """Once a year."""
        return "" if self.done else "审核"


class PlanReviewTable(_PersonTable):
    """Plans with when they were and will be reviewed."""

    mentor = tables.Column("导师", accessor="pk", orderable=False)
    last_review = ChineseDateColumn(verbose_name="上次评估", default="还没有")
    next_due = DeadlineColumn(verbose_name="下次评估", default="—")

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有培养计划"
        order_by = ("next_due",)
        sequence = ("...", "act")

    def address(self, record: DevelopmentPlan) -> str:
        """The review's form."""
        return reverse("review-add", args=[record.cadre_id, "plan", record.pk]) + FROM_LIST

    def verb(self, record: DevelopmentPlan) -> str:
        """At any time."""
        return "评估"

    def render_mentor(self, record: DevelopmentPlan) -> str:
        """By account or by name."""
        return record.mentor.name if record.mentor else record.mentor_text or "—"

    def render_next_due(self, value: Any, record: DevelopmentPlan) -> SafeString | str:
        """A review that would fall after the plan's end isn't due."""
        return "—" if record.end is not None and value >= record.end else DeadlineColumn().render(value)

    def value_next_due(self, value: Any, record: DevelopmentPlan) -> str:
        """The day itself in a workbook."""
        return "" if record.end is not None and value >= record.end else chinese_date(value)


class MentoredTable(PlanReviewTable):
    """The plans one mentors; of the person no more than name and unit."""

    goals = tables.Column("培养目标", orderable=False, attrs={"td": {"class": "wrap"}})
    mentor = None

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有培养计划"
        order_by = ("next_due",)
        sequence = ("cadre", "unit", "goals", "last_review", "next_due", "act")

    def address(self, record: DevelopmentPlan) -> str:
        """The plan, as its mentor sees it."""
        return reverse("mentoring-plan", args=[record.pk])
