"""Rows of plain configuration in and out of a workbook: cells in words, every mistake told at its cell, saved by services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from import_export.fields import Field
from import_export.widgets import Widget

from accounts.admin_base.exporting import SafeResource
from core.errors import DomainError
from core.partial_dates import parse

YES, NO = "是", "否"
_WORDS_BETWEEN = "、"


class Cell(Widget):
    """How a column is read and written; `choices` are the words of its drop-down."""

    choices: tuple[str, ...] = ()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """As text; nothing for nothing."""
        return "" if value is None else value


class TextCell(Cell):
    """A text, without blanks around it; a whole number from a numeric cell without its `.0`."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """The text."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()


class ChoiceCell(Cell):
    """One of a field's choices, by its label or its value."""

    def __init__(self, choices: Sequence[tuple[Any, Any]]) -> None:
        super().__init__()
        self._labels = {value: str(label) for value, label in choices}
        self._values = {label: value for value, label in self._labels.items()}
        self.choices = tuple(self._values)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The value. Raises ValueError naming what may be chosen."""
        text = TextCell().clean(value)
        if text == "":
            return ""
        if text in self._values:
            return self._values[text]
        if text in self._labels:
            return text
        raise ValueError(f"没有“{text}”这个选项，可选：{_WORDS_BETWEEN.join(self.choices)}。")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The label."""
        return self._labels.get(value, "")


class NumberCell(Cell):
    """A number: whole, unless `places` says how many decimals it has."""

    def __init__(self, *, places: int = 0, required: bool = False) -> None:
        super().__init__()
        self._places, self._required = places, required

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The number, None for nothing. Raises ValueError for what is none."""
        text = TextCell().clean(value)
        if text == "":
            if self._required:
                raise ValueError("请填写数字。")
            return None
        try:
            number = Decimal(text)
            if not number.is_finite() or number != round(number, self._places):
                raise ValueError
        except (InvalidOperation, ValueError):
            wanted = f"数字，最多 {self._places} 位小数" if self._places else "整数"
            raise ValueError(f"“{text}”不是{wanted}。") from None
        return round(number, self._places) if self._places else int(number)


class YesCell(Cell):
    """Yes or no."""

    choices = (YES, NO)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        """Whether it says yes. Raises ValueError for anything else."""
        text = TextCell().clean(value)
        if text not in (YES, NO, "1", "0"):
            raise ValueError(f"“{text}”请改为“是”或“否”。")
        return text in (YES, "1")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """In words."""
        return YES if value else NO


class DayCell(Cell):
    """A day, written in any usual way; what isn't known of it counts as the first."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> dt.date | None:
        """The day, None for nothing. Raises ValueError for what is none."""
        found = parse(value).value
        return found.date if found else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """`2026-01-01`."""
        return value.isoformat() if value else ""


class WordsCell(Cell):
    """Several words, with 、 between them."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        """The words."""
        text = TextCell().clean(value)
        for mark in ("|", "；", ";", "，", ","):
            text = text.replace(mark, _WORDS_BETWEEN)
        return [word.strip() for word in text.split(_WORDS_BETWEEN) if word.strip()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The words in one cell."""
        return _WORDS_BETWEEN.join(value or ())


class RowCell(Cell):
    """Another row by a column that names it; `rows` are those that may be named."""

    def __init__(self, rows: Callable[[], models.QuerySet[Any]], by: str, what: str) -> None:
        super().__init__()
        self._rows, self._by, self._what = rows, by, what

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The row, None for nothing. Raises ValueError where there is none."""
        text = TextCell().clean(value)
        if text == "":
            return None
        found = self._rows().filter(**{self._by: text})[:2]
        if len(found) != 1:
            raise ValueError(f"没有找到{self._what}“{text}”。")
        return found[0]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """What names it."""
        return str(getattr(value, self._by)) if value is not None else ""


def cell_for(field: models.Field) -> Cell:
    """How a model's field stands in a cell."""
    if field.choices:
        return ChoiceCell(field.choices)
    if isinstance(field, models.BooleanField):
        return YesCell()
    if isinstance(field, models.DecimalField):
        return NumberCell(places=field.decimal_places or 0, required=not field.null)
    if isinstance(field, models.IntegerField):
        return NumberCell(required=not field.null)
    return DayCell() if isinstance(field, models.DateField) else TextCell()


def column(model: type[models.Model], name: str, cell: Cell | None = None, title: str = "") -> Field:
    """Return the column of a model's field, under the field's own words unless named otherwise."""
    field: Any = model._meta.get_field(name)
    return Field(
        attribute=name, column_name=title or str(field.verbose_name), widget=cell or cell_for(field)
    )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A cell that the import changes."""

    column: str
    before: str
    after: str


class ConfigResource(SafeResource):
    """Plain configuration as a workbook, both ways; a child says by `write` which service saves a row.

    Rows are found by `import_id_fields`. The preview is the import rolled back, so that every refusal of the
    services is told before anything is written.
    """

    class Meta:
        skip_unchanged = True
        report_skipped = True
        use_transactions = True
        clean_model_instances = False
        store_instance = True
        skip_html_diff = True

    def __init__(self, by: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.by = by

    def write(self, instance: Any, stored: Any, changed: tuple[str, ...]) -> None:
        """Hook: save through the service; `stored` is the row as it is (None for a new one)."""
        raise NotImplementedError

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """The row that is there already; where a cell can't be read none is, and the cell is told later."""
        try:
            return super().get_instance(instance_loader, row)
        except ValueError:
            return None

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Through `write`; a refusal comes back as the row's errors by column."""
        stored = None if is_create else self._meta.model._default_manager.get(pk=instance.pk)
        names = [field.attribute for field in self.get_import_fields() if field.column_name in row]
        changed = tuple(
            name for name in names if stored is None or getattr(stored, name) != getattr(instance, name)
        )
        try:
            with transaction.atomic():
                self.write(instance, stored, changed)
        except DomainError as error:
            known = {name: texts for name, texts in error.errors.items() if name in names}
            raise ValidationError(known or {NON_FIELD_ERRORS: [error.message]}) from None

    def changes(self, before: Any, after: Any) -> list[Change]:
        """The cells that differ; of a new row those that say something."""
        found = []
        for field in self.get_import_fields():
            old = str(self.export_field(field, before)) if before is not None else ""
            new = str(self.export_field(field, after))
            if old != new:
                found.append(Change(field.column_name, old, new))
        return found
