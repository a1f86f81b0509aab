"""The serializers every resource builds on: what is refused is said in a sentence that names the field in Chinese.

Use it in place of `rest_framework.serializers`. A field is called by its label, else by its help text when that
is a plain name, else by what its app registered under the field's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers as framework
from rest_framework.exceptions import ErrorDetail
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    Field,
    FileField,
    IntegerField,
    JSONField,
    ListField,
    PrimaryKeyRelatedField,
    ReadOnlyField,
    SerializerMethodField,
    ValidationError,
)

__all__ = [
    "BooleanField",
    "CharField",
    "ChoiceField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "DictField",
    "Field",
    "FileField",
    "IntegerField",
    "JSONField",
    "ListField",
    "ModelSerializer",
    "PrimaryKeyRelatedField",
    "ReadOnlyField",
    "Serializer",
    "SerializerMethodField",
    "ValidationError",
    "label_of",
    "register_labels",
]

_LONGEST_LABEL = 12
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_OTHER_FIELD = "这一项"
# By the framework's code of a refusal; {n} is the number in its own sentence.
_SENTENCES = {
    "required": "“{label}”必须填写。",
    "null": "“{label}”不能为空。",
    "blank": "“{label}”不能为空。",
    "empty": "“{label}”不能为空。",
    "max_length": "“{label}”不能超过 {n} 个字。",
    "min_length": "“{label}”不能少于 {n} 个字。",
    "max_value": "“{label}”不能大于 {n}。",
    "min_value": "“{label}”不能小于 {n}。",
    "invalid_choice": "“{label}”没有这个选项。",
    "does_not_exist": "“{label}”没有找到，或者不在您的权限范围内。",
    "incorrect_type": "“{label}”请填写编号。",
    "not_a_list": "“{label}”应为一个列表。",
}
# A list counts its items.
_OF_LISTS = {
    "max_length": "“{label}”不能超过 {n} 项。", "min_length": "“{label}”不能少于 {n} 项。",
    "empty": "“{label}”不能为空。",
}  # fmt: skip
_labels: dict[str, dict[str, str]] = {}


def register_labels(app: str, labels: Mapping[str, str]) -> None:
    """Say what the fields of an app's serializers are called that have no label of their own."""
    _labels.setdefault(app, {}).update(labels)


def label_of(field: framework.Field, name: str, app: str) -> str:
    """What a field is called in a sentence; empty where nobody says."""
    for words in (field.label, field.help_text):
        text = str(words or "")
        if _HAN.search(text) and len(text) <= _LONGEST_LABEL:
            return text
    return _labels.get(app, {}).get(name, "")


class _Worded:
    """Words what the framework refuses."""

    def to_internal_value(self, data: Any) -> Any:
        """The values; raises ValidationError with sentences."""
        try:
            return super().to_internal_value(data)  # type: ignore[misc]
        except ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            app = type(self).__module__.partition(".")[0]
            fields: Mapping[str, framework.Field] = self.fields  # type: ignore[attr-defined]
            worded = {
                name: _of_field(fields.get(name), name, app, said) for name, said in error.detail.items()
            }
            raise ValidationError(worded) from None


class Serializer(_Worded, framework.Serializer):
    """A serializer of plain fields."""


class ModelSerializer(_Worded, framework.ModelSerializer):
    """A serializer of a model's fields, called as the model calls them."""


def _of_field(field: framework.Field | None, name: str, app: str, said: Any) -> Any:
    """The refusals of one field, those of its items too."""
    if field is None or (isinstance(field, framework.BaseSerializer) and not _is_of_itself(said)):
        return said
    label = label_of(field, name, app)
    table = _SENTENCES | _OF_LISTS if isinstance(field, ListField) else _SENTENCES
    if isinstance(said, dict):
        item = {**_SENTENCES}
        return {key: [_sentence(each, label, item) for each in texts] for key, texts in said.items()}
    return [_sentence(each, label, table) for each in said]


def _is_of_itself(said: Any) -> bool:
    """Whether a nested serializer was refused as a whole (missing, null), not in its own fields, which it words."""
    return isinstance(said, list) and all(isinstance(each, ErrorDetail) for each in said)


def _sentence(said: Any, label: str, table: Mapping[str, str]) -> ErrorDetail:
    code = getattr(said, "code", "invalid")
    number = _NUMBER.search(str(said))
    if code in table and (number or "{n}" not in table[code]):
        words = table[code].format(label=label or _OTHER_FIELD, n=number[0] if number else "")
    else:
        words = f"{label}：{said}" if label and label not in str(said) else str(said)
    return ErrorDetail(words, code=code)
