"""Tables of the engine's lists."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.calendar import today
from core.tables import ChineseDateColumn, DeadlineColumn, SelectColumn
from core.templatetags.shell import chinese_date, tone_icon
from programs.models import Base, Nomination, Participation
from programs.presenting import PARTICIPATION_TONES, state_tone, state_words


def _link(url: str, text: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text)


def _pill(words: str, tone: str) -> SafeString:
    from core.templatetags.shell import icon

    return format_html('<span class="pill tone-{}">{}{}</span>', tone, icon(tone_icon(tone)), words)


def _due(case: Nomination) -> Any:
    if case.status == Nomination.Status.RETURNED:
        return case.return_due
    if case.status in (Nomination.Status.SUBMITTED, Nomination.Status.IN_REVIEW) and case.step:
        return case.step.due
    return None


class NominationTable(tables.Table):
    """Cases, one a row."""

    select = SelectColumn()
    cadre = tables.Column("被推荐人", order_by=("cadre__name_key",), attrs={"td": {"class": "cell-title"}})
    unit = tables.Column("推荐单位", accessor="unit__name", order_by=("unit__name_key",))
    call = tables.Column("征集", accessor="call__title", orderable=False, attrs={"td": {"class": "wrap"}})
    status = tables.Column("状态", attrs={"td": {"class": "cell-status"}})
    due = DeadlineColumn(verbose_name="办理期限", accessor="pk", orderable=False)
    submitted_at = ChineseDateColumn(verbose_name="提交时间")

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有符合条件的推荐"
        order_by = ("-submitted_at",)

    def __init__(self, *args: Any, bulk: bool = False, **kwargs: Any) -> None:
        """Show the boxes only where something can be done in bulk."""
        super().__init__(*args, **kwargs)
        if not bulk:
            self.columns.hide("select")

    def render_cadre(self, record: Nomination) -> SafeString:
        """The person, leading to the case."""
        return _link(reverse("nomination-detail", args=[record.pk]), record.nominee)

    def render_status(self, record: Nomination) -> SafeString:
        """The state, with the step for a case under way."""
        return _pill(state_words(record), state_tone(record))

    def render_due(self, record: Nomination) -> Any:
        """The day by which somebody must act."""
        due = _due(record)
        return DeadlineColumn().render(due) if due else "—"

    def value_due(self, record: Nomination) -> str:
        """The day itself, in a workbook."""
        return chinese_date(_due(record))


class ParticipationTable(tables.Table):
    """Undertakings, one a row."""

    cadre = tables.Column("姓名", order_by=("cadre__name_key",), attrs={"td": {"class": "cell-title"}})
    unit = tables.Column("派出单位", accessor="unit__name", order_by=("unit__name_key",))
    base = tables.Column("基地与拟挂职务", accessor="pk", orderable=False, attrs={"td": {"class": "wrap"}})
    status = tables.Column("状态", attrs={"td": {"class": "cell-status"}})
    start = ChineseDateColumn(verbose_name="开始")
    end = ChineseDateColumn(verbose_name="结束")
    appraisal = tables.Column("书面鉴定", accessor="pk", orderable=False)

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有符合条件的培养经历"
        order_by = ("-start",)

    def render_cadre(self, record: Participation) -> SafeString:
        """The person, leading to the case."""
        return _link(reverse("participation-detail", args=[record.pk]), record.cadre.name)

    def render_status(self, record: Participation) -> SafeString:
        """The state."""
        return _pill(record.get_status_display(), PARTICIPATION_TONES[record.status])

    def render_base(self, record: Participation) -> str:
        """Every stay with its post."""
        return "；".join(f"{each.base.name} {each.acting_post}" for each in record.stints.all()) or "待安排"

    def render_appraisal(self, record: Participation) -> Any:
        """Filed, or due until when."""
        rows = list(record.appraisals.all())
        if not rows:
            return "—"
        open_ones = [each for each in rows if each.status != "filed"]
        if not open_ones:
            return _pill("已提交", "success")
        return DeadlineColumn().render(min(each.due for each in open_ones))

    def value_appraisal(self, record: Participation) -> str:
        """Filed, or the day by which it is due, in a workbook."""
        rows = list(record.appraisals.all())
        open_ones = [each for each in rows if each.status != "filed"]
        if open_ones:
            return f"{chinese_date(min(each.due for each in open_ones))}前提交"
        return "已提交" if rows else ""


class BaseTable(tables.Table):
    """Bases, one a row."""

    name = tables.Column("基地", attrs={"td": {"class": "cell-title"}})
    place = tables.Column("所在地", default="—")
    lead = tables.Column("负责人", accessor="lead__name", default="—")
    capacity = tables.Column("同期容量", attrs={"td": {"class": "num"}, "th": {"class": "num"}})
    here = tables.Column("目前在岗", attrs={"td": {"class": "num"}, "th": {"class": "num"}})
    is_active = tables.Column("状态", attrs={"td": {"class": "cell-status"}})

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "还没有登记基地"
        order_by = ("name",)

    def render_name(self, record: Base) -> SafeString:
        """The base, leading to its form."""
        return _link(reverse("base-edit", args=[record.pk]), record.name)

    def render_is_active(self, value: Any, record: Base) -> SafeString:
        """In use or not; a base whose unit is no more takes nobody, whatever its mark says."""
        if record.closed_by(today()):
            return _pill("单位已撤销", "danger")
        return _pill("在用", "success") if record.is_active else _pill("停用", "muted")

    def value_is_active(self, value: Any, record: Base) -> str:
        """The same in a workbook."""
        if record.closed_by(today()):
            return "单位已撤销"
        return "在用" if record.is_active else "停用"
