"""Tables of assessment's lists."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assessment.models import Instrument, Relation, RelationResult, Round, RoundSubject, SubjectResult
from assessment.presenting import INSTRUMENT_TONES, ROUND_TONES, STANDS_AT, percent
from assessment.services.sight import HELD_BACK, shown_score
from core.tables import ChineseDateColumn, DeadlineColumn
from core.templatetags.shell import chinese_datetime

_NUMBER = {"td": {"class": "num"}, "th": {"class": "num"}}


def _link(url: str, text: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text)


def _pill(words: str, tone: str) -> SafeString:
    return SafeString(render_to_string("components/_status.html", {"label": words, "tone": tone}))


class InstrumentTable(tables.Table):
    """Versions of instruments, one a row."""

    name = tables.Column(
        "量表名称", attrs={"td": {"class": "cell-title wrap"}}, order_by=("name", "-edition")
    )
    edition = tables.Column("版本", orderable=False)
    leaves = tables.Column("指标", attrs=_NUMBER)
    used = tables.Column("用于评价", attrs=_NUMBER)
    status = tables.Column("状态", attrs={"td": {"class": "cell-status"}})
    updated_at = ChineseDateColumn(verbose_name="更新时间")

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "还没有量表"

    def render_name(self, record: Instrument) -> SafeString:
        """The name, leading to the version."""
        return _link(reverse("instrument-detail", args=[record.pk]), record.name)

    def render_edition(self, value: int) -> str:
        """The version in words."""
        return f"第{value}版"

    def render_leaves(self, value: int) -> str:
        """How many indicators are answered."""
        return f"{value} 项"

    def render_used(self, value: int) -> str:
        """In how many rounds."""
        return f"{value} 次" if value else "—"

    def render_status(self, record: Instrument) -> SafeString:
        """How far the version got."""
        return _pill(record.get_status_display(), INSTRUMENT_TONES[record.status])


class RoundTable(tables.Table):
    """Rounds, one a row."""

    title = tables.Column("评价名称", attrs={"td": {"class": "cell-title wrap"}})
    purpose = tables.Column("用途")
    people = tables.Column("对象", attrs=_NUMBER)
    received = tables.Column("已收评价票", attrs=_NUMBER, orderable=False, empty_values=())
    status = tables.Column("状态", attrs={"td": {"class": "cell-status"}})
    closes_at = tables.Column("截止时间")

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有符合条件的评价"
        order_by = ("-closes_at",)

    def render_title(self, record: Round) -> SafeString:
        """The title, leading to where the round stands: its people, how far the raters are, the results."""
        return _link(reverse(STANDS_AT.get(record.status, "round-detail"), args=[record.pk]), record.title)

    def render_people(self, value: int) -> str:
        """How many are rated."""
        return f"{value} 人"

    def render_received(self, record: Any) -> str:
        """Of how many ballots, how many are in."""
        if record.status == Round.Status.DRAFT or not record.invited:
            return "—"
        return f"{record.received} / {record.invited}（{percent(100 * record.received // record.invited)}）"

    def render_status(self, record: Round) -> SafeString:
        """How far the round got."""
        return _pill(record.get_status_display(), ROUND_TONES[record.status])

    def render_closes_at(self, record: Round) -> Any:
        """The time left while it is open, else the moment."""
        if record.status == Round.Status.OPEN:
            return DeadlineColumn().render(record.closes_at)
        return chinese_datetime(record.closes_at)

    def value_closes_at(self, record: Round) -> str:
        """The moment itself, in a workbook."""
        return chinese_datetime(record.closes_at)


class SubjectTable(tables.Table):
    """The people rated, one a row."""

    cadre = tables.Column("姓名", order_by=("cadre__name_key",), attrs={"td": {"class": "cell-title"}})
    unit = tables.Column(
        "单位", accessor="unit__name", order_by=("unit_path",), attrs={"td": {"class": "wrap"}}
    )
    remove = tables.Column("", accessor="pk", orderable=False, attrs=_NUMBER, exclude_from_export=True)

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "还没有评价对象"

    def __init__(self, *args: Any, may_remove: bool, **kwargs: Any) -> None:
        """Show the buttons only while the round is prepared."""
        super().__init__(*args, **kwargs)
        if not may_remove:
            self.columns.hide("remove")

    def render_cadre(self, record: RoundSubject) -> SafeString:
        """The person, leading to the roster."""
        return _link(reverse("cadre-detail", args=[record.cadre_id]), record.cadre.name)

    def render_remove(self, record: RoundSubject) -> SafeString:
        """The button that takes the person out."""
        return SafeString(
            render_to_string(
                "assessment/_remove_button.html",
                {
                    "url": reverse("round-subject-remove", args=[record.round_id, record.pk]),
                    "name": record.cadre.name,
                },
                request=self.request,
            )
        )


class RaterTable(tables.Table):
    """The people rated with how many raters they have in each relation; `counts` come after the page is cut."""

    cadre = tables.Column("姓名", order_by=("cadre__name_key",), attrs={"td": {"class": "cell-title"}})
    unit = tables.Column(
        "单位", accessor="unit__name", order_by=("unit_path",), attrs={"td": {"class": "wrap"}}
    )

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "还没有评价对象"

    def __init__(self, *args: Any, relations: list[Relation], minimum: int, **kwargs: Any) -> None:
        """One column a relation."""
        self.counts: dict[int, dict[int, int]] = {}
        more = [(f"relation_{each.pk}", _RelationColumn(each, minimum)) for each in relations]
        super().__init__(*args, extra_columns=more, **kwargs)

    def render_cadre(self, record: RoundSubject) -> SafeString:
        """The person, leading to their raters."""
        return _link(reverse("round-subject-raters", args=[record.round_id, record.pk]), record.cadre.name)


class _RelationColumn(tables.Column):
    """How many raters a person has in a relation; too few for an anonymous one is marked."""

    empty_values = ()

    def __init__(self, relation: Relation, minimum: int) -> None:
        """Remember what is enough."""
        self.relation, self.minimum = relation, minimum
        kind = "匿名" if relation.anonymous else "实名"
        super().__init__(f"{relation}（{kind}）", accessor="pk", orderable=False)

    def render(self, record: RoundSubject, table: Any) -> Any:
        """The number."""
        count = table.counts.get(record.pk, {}).get(self.relation.pk, 0)
        if not count:
            return format_html('<span class="count-short">{}</span>', "没有")
        if self.relation.anonymous and count < self.minimum:
            return format_html('<span class="count-short">{} 人，不足 {} 人</span>', count, self.minimum)
        return f"{count} 人"


class ResultTable(tables.Table):
    """Results, one person a row; `lines` (the relations' scores) come after the page is cut."""

    rank = tables.Column("名次", attrs=_NUMBER, default="—")
    subject = tables.Column(
        "姓名", order_by=("subject__cadre__name_key",), attrs={"td": {"class": "cell-title"}}
    )
    unit = tables.Column("单位", accessor="subject__unit__name", order_by=("subject__unit_path",),
                         attrs={"td": {"class": "wrap"}})  # fmt: skip
    total = tables.Column("总分", attrs=_NUMBER, empty_values=())
    coverage = tables.Column("覆盖权重", attrs=_NUMBER)

    class Meta:
        attrs = {"class": "table list-table"}
        empty_text = "没有可以显示的结果"
        order_by = ("rank",)

    def __init__(self, *args: Any, relations: list[Relation], **kwargs: Any) -> None:
        """One column a relation."""
        self.lines: dict[tuple[int, int], RelationResult] = {}
        more = [(f"relation_{each.pk}", _ScoreColumn(each)) for each in relations]
        super().__init__(*args, extra_columns=more, **kwargs)

    def render_subject(self, record: SubjectResult) -> SafeString:
        """The person, leading to the result."""
        held, key = record.subject.round_id, record.subject_id
        return _link(reverse("round-result", args=[held, key]), record.subject.cadre.name)

    def render_total(self, record: SubjectResult) -> Any:
        """The total, or that there is none."""
        if record.total is None:
            return format_html('<span class="held-back">{}</span>', HELD_BACK)
        return f"{record.total:.2f}"

    def render_coverage(self, value: Any) -> str:
        """How much of the weight is shown."""
        return percent(value)


class _ScoreColumn(tables.Column):
    """What a relation gave a person, or why it isn't shown."""

    empty_values = ()

    def __init__(self, relation: Relation) -> None:
        """One relation."""
        self.relation = relation
        super().__init__(
            str(relation),
            accessor="pk",
            orderable=False,
            attrs={"td": {"class": "num"}, "th": {"class": "num"}},
        )

    def render(self, record: SubjectResult, table: Any) -> Any:
        """The score."""
        line = table.lines.get((record.subject_id, self.relation.pk))
        if line is None:
            return "—"
        words = shown_score(line)
        return words if line.score is not None else format_html('<span class="held-back">{}</span>', words)
