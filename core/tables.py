"""Columns for django-tables2 that every list shares: tick boxes, states, deadlines, Chinese dates."""

from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.shell import chinese_date, chinese_datetime, partial


class SelectColumn(tables.Column):
    """A box per row, sent as `ids` with the bulk form (templates/components/_bulk_bar.html)."""

    empty_values = ()

    def __init__(self, **extra: Any) -> None:
        """Take the primary key unless told otherwise."""
        extra.setdefault("accessor", "pk")
        extra.setdefault("attrs", {"th": {"class": "select-cell"}, "td": {"class": "select-cell"}})
        super().__init__(orderable=False, verbose_name="", **extra)

    @property
    def header(self) -> SafeString:
        """The box that ticks all rows of the page."""
        return SafeString(
            '<input type="checkbox" class="form-check-input" data-bulk-all aria-label="选择本页全部">'
        )

    def render(self, value: Any, record: Any) -> SafeString:
        """The box of one row, named after the row."""
        return format_html(
            '<input type="checkbox" class="form-check-input" name="ids" form="bulk" value="{}" '
            'data-bulk-box aria-label="选择 {}">',
            value,
            record,
        )


class StatusColumn(tables.Column):
    """A state with its words and tone: `tones` maps the stored value to a tone of _status.html."""

    def __init__(self, tones: dict[str, str] | None = None, **extra: Any) -> None:
        """Keep the tones."""
        self.tones = tones or {}
        extra.setdefault("attrs", {"td": {"class": "cell-status"}})
        super().__init__(**extra)

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        """The state as a pill; the words are the field's own label."""
        stored = bound_column.accessor.resolve(record, quiet=True)
        tone = self.tones.get(str(stored), "muted")
        return SafeString(render_to_string("components/_status.html", {"label": value, "tone": tone}))


class DeadlineColumn(tables.Column):
    """A deadline as the time left."""

    def render(self, value: Any) -> SafeString:
        """The badge with the time left."""
        return SafeString(render_to_string("components/_deadline.html", {"due": value}))


class ChineseDateColumn(tables.Column):
    """A date as 2026年3月5日, a moment with its time."""

    def render(self, value: Any) -> str:
        """The date in words."""
        return chinese_datetime(value) if hasattr(value, "hour") else chinese_date(value)


class PartialDateColumn(tables.Column):
    """A partly known date as 1976年5月."""

    def render(self, value: Any) -> str:
        """The date as far as it is known."""
        return partial(value)
