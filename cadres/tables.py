"""Tables of the roster's lists."""

from __future__ import annotations

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cadres.models import CadreMerge, Correction
from cadres.services.corrections import subject_of
from core.tables import ChineseDateColumn, DeadlineColumn, StatusColumn


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

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有更正申请"
        order_by = ("-created_at",)

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
