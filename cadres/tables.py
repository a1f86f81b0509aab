"""Tables of the roster's lists."""

from __future__ import annotations

import django_tables2 as tables
from django.urls import reverse

from cadres.models import CadreMerge
from core.tables import ChineseDateColumn


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
