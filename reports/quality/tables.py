"""The tables of what breaks a rule: people, or posts."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.tables import pill
from reports.models import QualityFinding, QualityWaiver
from reports.quality.rules import Rule

_TITLE = {"td": {"class": "cell-title"}}
_STATUS = {"td": {"class": "cell-status"}}


class FindingTable(tables.Table):
    """People whose records break a rule; `broken` holds the keys of the findings that hold now."""

    about = tables.Column("姓名", accessor="cadre__name", order_by="cadre__name_key", attrs=_TITLE)
    other = tables.Column("另一条记录", accessor="other", orderable=False)
    unit = tables.Column("责任单位", order_by="unit_path")
    state = tables.Column("现在", empty_values=(), orderable=False, attrs=_STATUS)
    act = tables.Column("办理", empty_values=(), orderable=False)

    class Meta:
        model = QualityFinding
        fields = ("about", "other", "unit", "state", "act")

    def __init__(self, *args: Any, rule: Rule, edits: bool, **kwargs: Any) -> None:
        """The rule says what is shown; without the right to edit nothing is offered."""
        self.rule, self.edits = rule, edits
        self.broken: set[int] | None = None
        # The other record may lie outside the reader's scope: it is shown to those who compare and merge.
        hidden = () if rule.group == "duplicate" and edits else ("other",)
        super().__init__(*args, exclude=(*hidden, *(() if edits else ("act",))), **kwargs)

    def render_about(self, value: str, record: QualityFinding) -> SafeString:
        """The person, as a link to the page."""
        return _link(reverse("cadre-detail", args=[record.cadre_id]), value)

    def value_about(self, value: str) -> str:
        """The name alone, for the workbook."""
        return value

    def render_other(self, value: Any) -> SafeString:
        """The record that may be the same person's."""
        return _link(reverse("cadre-detail", args=[value.pk]), f"{value.name}（编号 {value.pk}）")

    def value_other(self, value: Any) -> str:
        """The name and number, for the workbook."""
        return f"{value.name}（{value.pk}）"

    def render_state(self, record: QualityFinding) -> SafeString:
        """Whether it was mended since the check."""
        if self.broken is None or record.pk in self.broken:
            return pill("待核对", "warning")
        return pill("已更正", "success")

    def value_state(self) -> str:
        """As of the check, for the workbook."""
        return "待核对"

    def render_act(self, record: QualityFinding) -> SafeString:
        """Where it is mended."""
        if record.other_id:
            return self._acts(
                reverse("cadre-merge", args=[record.other_id, record.cadre_id]), "比较合并", record
            )
        if self.rule.section:
            return self._acts(reverse("cadre-detail", args=[record.cadre_id]), "去登记", record)
        return self._acts(reverse("cadre-edit", args=[record.cadre_id]), "去更正", record)

    def _acts(self, address: str, words: str, record: QualityFinding) -> SafeString:
        """Mend it, or leave it as it is."""
        name = record.post.title if record.post else record.cadre.name if record.cadre else ""
        return format_html(
            '<span class="btn-list">{}<a class="btn btn-ghost btn-sm" href="{}">忽略'
            '<span class="visually-hidden">：{}</span></a></span>',
            _button(address, words), reverse("quality-waive", args=[record.pk]), name,
        )  # fmt: skip

    def value_act(self) -> str:
        """Nothing, in the workbook."""
        return ""


class PostFindingTable(FindingTable):
    """Posts that break a rule."""

    about = tables.Column("岗位", accessor="post__title", order_by="post__title", attrs=_TITLE)

    def render_about(self, value: str, record: QualityFinding) -> SafeString:
        """The post, as a link to its unit."""
        return _link(reverse("unit-detail", args=[record.unit_id]), value)

    def render_act(self, record: QualityFinding) -> SafeString:
        """Where it is closed."""
        return self._acts(reverse("post-close", args=[record.post_id]), "去撤销", record)


class WaiverTable(tables.Table):
    """What was left as it is, why, and by whom."""

    about = tables.Column("对象", empty_values=(), orderable=False, attrs=_TITLE)
    unit = tables.Column("单位", empty_values=(), orderable=False)
    reason = tables.Column("忽略的原因", orderable=False)
    waived_by = tables.Column("忽略人", accessor="waived_by__name", order_by="waived_by__name")
    waived_at = tables.DateTimeColumn(verbose_name="忽略时间", format="Y年n月j日")
    act = tables.TemplateColumn(template_name="reports/_take_back.html", verbose_name="办理", orderable=False)

    class Meta:
        model = QualityWaiver
        fields = ("about", "unit", "reason", "waived_by", "waived_at", "act")

    def __init__(self, *args: Any, edits: bool, **kwargs: Any) -> None:
        """Without the right to edit nothing is offered."""
        super().__init__(*args, exclude=() if edits else ("act",), **kwargs)

    def render_about(self, record: QualityWaiver) -> SafeString | str:
        """The person, or the post."""
        if record.cadre is None:
            return record.post.title if record.post else ""
        return _link(reverse("cadre-detail", args=[record.cadre_id]), record.cadre.name)

    def value_about(self, record: QualityWaiver) -> str:
        """The name alone, for the workbook."""
        return record.cadre.name if record.cadre else record.post.title if record.post else ""

    def render_unit(self, record: QualityWaiver) -> str:
        """Where the record is now."""
        held = record.cadre or record.post
        return held.unit.name if held else ""

    def value_act(self) -> str:
        """Nothing, in the workbook."""
        return ""


def _link(address: str, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, words)


def _button(address: str, words: str) -> SafeString:
    return format_html('<a class="btn btn-secondary btn-sm" href="{}">{}</a>', address, words)
