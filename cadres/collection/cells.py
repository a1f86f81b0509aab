"""Cells of histories by the field of the model behind them: read into values, written as the reader knows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import User
from cadres.codes import CodeMatcher
from cadres.collection.columns import ERROR, NOTHING, WARNING, Read, Reader, Writer
from cadres.models import AnnualAssessment, Code, Competence
from core.partial_dates import PartialDate, parse
from core.sheets.values import is_empty, one_line, squeezed, text, whole_number, yes_no

YES, NO = "是", "否"


class Tables:
    """The code tables and accounts that cells are read with; each is loaded once, when it is first needed."""

    def __init__(self) -> None:
        self._matchers: dict[str, CodeMatcher] = {}
        self._users: dict[str, int] | None = None

    def codes(self, code_list: str) -> CodeMatcher:
        """The matcher of a code list."""
        if code_list not in self._matchers:
            self._matchers[code_list] = CodeMatcher(code_list)
        return self._matchers[code_list]

    def user(self, name: str) -> int | None:
        """The business account of a user name."""
        if self._users is None:
            rows = User.objects.filter(is_active=True, account_class="business")
            self._users = dict(rows.values_list("username", "pk"))
        return self._users.get(name)


def error(sentence: str) -> Read:
    """A cell that rejects its row."""
    return Read({}, ((sentence, ERROR),))


def list_of(field: Any) -> str:
    """The code list that a link is limited to."""
    return str(field.get_limit_choices_to()["list"])


def reader_of(
    model: type[Any], name: str, *, texts: frozenset[str], dated: bool
) -> Callable[[Tables], Reader]:
    """The reader of a field; `texts` are the history's fields, so that a word without a code goes beside it."""
    field = model._meta.get_field(name)
    if dated:
        return lambda tables: partial_reader(name)
    if isinstance(field, models.DateField):
        return lambda tables: day_reader(name)
    if isinstance(field, models.ForeignKey) and field.related_model is Code:
        code_list = list_of(field)
        beside = f"{name}_text" if f"{name}_text" in texts else ""
        return lambda tables: code_reader(name, tables.codes(code_list), beside)
    if isinstance(field, models.ForeignKey):
        return lambda tables: _user_reader(name, tables)
    if field.choices:
        return lambda tables: choice_reader(name, dict(field.choices))
    if isinstance(field, models.BooleanField):
        return lambda tables: plain_reader(name, yes_no)
    if isinstance(field, models.DecimalField):
        return lambda tables: plain_reader(name, _decimal)
    if isinstance(field, models.IntegerField):
        return lambda tables: plain_reader(name, whole_number)
    long = isinstance(field, models.TextField)
    return lambda tables: _text_reader(name, field.max_length, long)


def partial_reader(name: str) -> Reader:
    """A date as far as it is known."""

    def read(value: Any, untyped: bool) -> Read:
        try:
            parsed = parse(value, untyped=untyped)
        except ValueError as problem:
            return error(str(problem))
        if parsed.value is None:
            return NOTHING
        remarks = [(parsed.warning, WARNING)] if parsed.warning else []
        if parsed.rest:
            remarks.append((f"日期后面的“{parsed.rest[:30]}”没有读取。", WARNING))
        day, precision = parsed.value.date, parsed.value.precision
        return Read({name: day.isoformat(), f"{name}_precision": precision}, tuple(remarks))

    return read


def sealed_date_reader(name: str) -> Reader:
    """A partial date that an encrypted column keeps as ISO text; what is no date stays as written."""

    def read(value: Any, untyped: bool) -> Read:
        try:
            parsed = parse(value, untyped=untyped)
        except ValueError:
            return Read({name: one_line(value)}, (("不是日期，按原文登记。", WARNING),))
        return Read({name: parsed.value.iso()}) if parsed.value else NOTHING

    return read


def day_reader(name: str) -> Reader:
    """A whole day."""
    partial = partial_reader(name)

    def read(value: Any, untyped: bool) -> Read:
        found = partial(value, untyped)
        if found.values and found.values[f"{name}_precision"] != "day":
            return error("请写明年、月、日，如 2026.03.05。")
        return Read({name: found.values[name]} if found.values else {}, found.remarks)

    return read


def code_reader(name: str, matcher: CodeMatcher, beside: str = "") -> Reader:
    """A code by its name; a word of no code goes into the text beside it, or rejects the row."""

    def read(value: Any, untyped: bool) -> Read:
        word = squeezed(text(value))
        if not word:
            return NOTHING
        code = matcher.match(word)
        if code is not None:
            return Read({f"{name}_id": code.pk})
        if beside:
            return Read({beside: word}, ((f"“{word[:30]}”不在标准名称中，按原文登记。", WARNING),))
        return error(f"“{word[:30]}”不在标准名称中，请从下拉框选择。")

    return read


def choice_reader(name: str, choices: dict[Any, Any]) -> Reader:
    """A choice by its words; remarks in brackets may be left out."""
    known: dict[str, Any] = {}
    for key, label in choices.items():
        for word in (str(label), str(label).split("（")[0]):
            known.setdefault(squeezed(word).lower(), key)

    def read(value: Any, untyped: bool) -> Read:
        word = squeezed(text(value))
        if not word:
            return NOTHING
        if word.lower() in known:
            return Read({name: known[word.lower()]})
        listed = "、".join(str(label) for label in choices.values())
        return error(f"只能填：{listed[:120]}。")

    return read


def plain_reader(name: str, convert: Callable[[Any], Any]) -> Reader:
    """A number, or yes and no."""

    def read(value: Any, untyped: bool) -> Read:
        try:
            found = convert(value)
        except ValueError as problem:
            return error(str(problem))
        return NOTHING if found is None else Read({name: found})

    return read


def _decimal(value: Any) -> str | None:
    if is_empty(value):
        return None
    try:
        return str(Decimal(text(value)).quantize(Decimal("0.01")))
    except InvalidOperation:
        raise ValueError("应为数字。") from None


def _text_reader(name: str, longest: int | None, long: bool) -> Reader:
    def read(value: Any, untyped: bool) -> Read:
        words = text(value) if long else one_line(value)
        if not words:
            return NOTHING
        if longest and len(words) > longest:
            return error(f"内容过长，最多 {longest} 个字。")
        return Read({name: words})

    return read


def text_reader(name: str, longest: int | None = None) -> Reader:
    """A text of one line."""
    return _text_reader(name, longest, long=False)


def _user_reader(name: str, tables: Tables) -> Reader:
    def read(value: Any, untyped: bool) -> Read:
        word = squeezed(text(value))
        if not word:
            return NOTHING
        pk = tables.user(word)
        return error(f"没有账号“{word[:30]}”。") if pk is None else Read({f"{name}_id": pk})

    return read


def grade_reader(tables: Tables) -> Reader:
    """An annual grade in the words of any label set; the words tell the set where they differ."""
    known: dict[str, dict[str, Any]] = {}
    for key, own in settings.GRADE_LABELS.items():
        for grade, words in own.get("grades", {}).items():
            known.setdefault(words, {"grade": grade, "labels": key})
    for grade, words in AnnualAssessment.Grade.choices:
        known.setdefault(words, {"grade": grade})

    def read(value: Any, untyped: bool) -> Read:
        word = squeezed(text(value))
        if not word:
            return NOTHING
        if word in known:
            return Read(known[word])
        return error(f"没有“{word[:20]}”这个等次，只能填：{'、'.join(known)}。")

    return read


def label_set_reader(tables: Tables) -> Reader:
    """The name of a label set (用语)."""
    return choice_reader("labels", {key: own["name"] for key, own in settings.GRADE_LABELS.items()})


def score_reader(at: int) -> Reader:
    """One of the six scores; they are put together by the row."""
    return plain_reader(f"scores.{at}", whole_number)


def writer_of(model: type[Any], name: str, *, dated: bool) -> Writer:
    """What stands in the cell of a record's field, so that reading it gives the same again."""
    field = model._meta.get_field(name)
    if dated:
        return lambda record: getattr(record, f"{name}_date")
    if isinstance(field, models.ForeignKey) and field.related_model is Code:
        return lambda record: code.name if (code := getattr(record, name)) else None
    if isinstance(field, models.ForeignKey):
        return lambda record: user.username if (user := getattr(record, name)) else None
    if field.choices:
        return lambda record: getattr(record, f"get_{name}_display")() or None
    if isinstance(field, models.BooleanField):
        return lambda record: YES if getattr(record, name) else NO
    if isinstance(field, models.DateField):
        return lambda record: day_words(getattr(record, name))
    if isinstance(field, ArrayField):
        raise TypeError("an array has a column for each of its values")
    return lambda record: getattr(record, name)


def day_words(day: dt.date | None) -> str | None:
    """A whole day as `2026.03.05`."""
    return PartialDate.of(day).dotted() if day else None


def score_writer(at: int) -> Writer:
    """One of the six scores."""
    return lambda record: record.scores[at] if record.scores else None


COMPETENCES = tuple(Competence.labels)
