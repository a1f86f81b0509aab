"""Tables of the lists of training."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cadres.models import Cadre
from core.tables import ChineseDateColumn, DeadlineColumn, SelectColumn
from core.templatetags.shell import chinese_datetime
from training.models import Enrolment, TrainingClass
from training.presenting import ENROLMENT_TONES, days_of, state_of

_NUMBER = {"td": {"class": "num"}, "th": {"class": "num"}}


def _link(url: str, text: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text)


def _pill(words: str, tone: str) -> SafeString:
    return SafeString(render_to_string("components/_status.html", {"label": words, "tone": tone}))


def _reason_cell(record: Any) -> str:
    """Nothing was written: no line for it on a phone."""
    return "wrap" if record.reason else "wrap cell-hide"


class ClassTable(tables.Table):
    """Classes, one a row; rows carry `enrolled`, `waiting` and `seen` (training/listing.py)."""

    title = tables.Column("培训班", attrs={"td": {"class": "cell-title wrap"}})
    status = tables.Column("状态", attrs={"td": {"class": "cell-status"}})
    starts_on = tables.Column("培训时间")
    mode = tables.Column("方式")
    hours = tables.Column("学时", attrs=_NUMBER)
    enrol_until = tables.Column("报名截止")
    enrolled = tables.Column("已录取", attrs=_NUMBER, order_by=("enrolled",))
    seen = tables.Column("本范围报名", attrs=_NUMBER)

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有符合条件的培训班"

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        """Whoever sees everybody doesn't need a column of their own part."""
        super().__init__(*args, **kwargs)
        if whole:
            self.columns.hide("seen")

    def render_title(self, record: TrainingClass) -> SafeString:
        """The class, leading to its page."""
        return _link(reverse("class-detail", args=[record.pk]), record.title)

    def render_status(self, record: TrainingClass) -> SafeString:
        """The state; for an open one where its window stands."""
        return _pill(*state_of(record))

    def value_status(self, record: TrainingClass) -> str:
        """The same in a workbook."""
        return state_of(record)[0]

    def render_starts_on(self, record: TrainingClass) -> str:
        """From when until when."""
        return days_of(record)

    def render_hours(self, value: Any) -> str:
        """Hours without idle zeros."""
        return f"{value.normalize():f}"

    def render_enrol_until(self, value: Any, record: TrainingClass) -> Any:
        """The time left while the class takes people, else the moment."""
        if record.status == TrainingClass.Status.OPEN:
            return DeadlineColumn().render(record.window_end)
        return chinese_datetime(value)

    def value_enrol_until(self, value: Any) -> str:
        """The moment, in a workbook."""
        return chinese_datetime(value)

    def render_enrolled(self, value: int, record: Any) -> SafeString:
        """How many of the places are taken, and who waits for one."""
        waiting = (
            format_html('<span class="hint"> · 候补 {}</span>', record.waiting) if record.waiting else ""
        )
        return format_html("{} / {}{}", value, record.capacity, waiting)

    def value_enrolled(self, value: int, record: Any) -> str:
        """The same in a workbook."""
        return f"{value} / {record.capacity}" + (f"（候补 {record.waiting}）" if record.waiting else "")


class EnrolmentTable(tables.Table):
    """The people of a class; rows carry `post` and `ahead` (training/listing.py)."""

    select = SelectColumn()
    cadre = tables.Column("姓名", order_by=("cadre__name_key",), attrs={"td": {"class": "cell-title"}})
    unit = tables.Column("单位", accessor="unit__name", order_by=("unit__name_key",))
    post = tables.Column("职务", orderable=False, default="—")
    status = tables.Column("状态", order_by=("rank", "queued_at"), attrs={"td": {"class": "cell-status"}})
    applied_by = tables.Column("报名方式", orderable=False)
    created_at = ChineseDateColumn(verbose_name="报名时间")
    reason = tables.Column("报名理由", orderable=False, default="—", attrs={"td": {"class": _reason_cell}})

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "还没有人报名"

    def __init__(self, *args: Any, answerable: Container[int] = (), **kwargs: Any) -> None:
        """`answerable` are the applications the reader may answer; without any there are no boxes."""
        super().__init__(*args, **kwargs)
        self.answerable = answerable
        if not answerable:
            self.columns.hide("select")

    def render_select(self, value: Any, record: Enrolment) -> SafeString | str:
        """A box where the reader's consent is asked for."""
        if record.pk not in self.answerable:
            return ""
        return SelectColumn().render(value, record.cadre)

    def render_cadre(self, record: Enrolment) -> SafeString:
        """The person, leading to the enrolment."""
        return _link(reverse("enrolment-detail", args=[record.pk]), record.cadre)

    def render_status(self, record: Any) -> SafeString:
        """The state; for somebody who waits with the place in the queue."""
        return _pill(self.value_status(record), ENROLMENT_TONES[record.status])

    def value_status(self, record: Any) -> str:
        """The same in a workbook."""
        words = record.get_status_display()
        return f"{words}第 {record.ahead + 1} 位" if record.status == Enrolment.Status.WAITING else words

    def render_applied_by(self, record: Enrolment) -> str:
        """Whether the person applied or somebody entered them."""
        return "本人报名" if record.applied_by_id == record.cadre.user_id else f"{record.applied_by.name}报名"


class CandidateTable(tables.Table):
    """People who may be enrolled; rows carry `post` (training/listing.py)."""

    select = SelectColumn()
    name = tables.Column("姓名", order_by=("name_key",), attrs={"td": {"class": "cell-title"}})
    unit = tables.Column("单位", accessor="unit__name", order_by=("unit__name_key",))
    post = tables.Column("职务", orderable=False, default="—")

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有可以报名的人员"
        order_by = ("name",)

    def __init__(self, *args: Any, bulk: bool = True, **kwargs: Any) -> None:
        """No boxes where nobody can be enrolled now."""
        super().__init__(*args, **kwargs)
        if not bulk:
            self.columns.hide("select")


class TargetTable(tables.Table):
    """The people a class is meant for; rows carry `post` and `standing` (training/listing.py)."""

    name = tables.Column("姓名", order_by=("name_key",), attrs={"td": {"class": "cell-title"}})
    unit = tables.Column("单位", accessor="unit__name", order_by=("unit__name_key",))
    post = tables.Column("职务", orderable=False, default="—")
    standing = tables.Column(
        "报名情况", orderable=False, empty_values=(), attrs={"td": {"class": "cell-status"}}
    )

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有符合条件的培训对象"
        order_by = ("name",)

    def render_name(self, record: Cadre) -> SafeString:
        """The person, leading to the page of the person."""
        return _link(reverse("cadre-detail", args=[record.pk]), record.name)

    def render_standing(self, record: Any) -> SafeString:
        """The state of the person's enrolment."""
        if not record.standing:
            return _pill("未报名", "muted")
        return _pill(str(Enrolment.Status(record.standing).label), ENROLMENT_TONES[record.standing])

    def value_standing(self, record: Any) -> str:
        """The same in a workbook."""
        return str(Enrolment.Status(record.standing).label) if record.standing else "未报名"
