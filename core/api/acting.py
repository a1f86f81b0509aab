"""What the JSON shapes of documents with a workflow share: the actions open to the reader, a comment, row numbers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from core.api import serializers
from core.workflow import open_to


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": {}}})
class ActionsField(serializers.Field):
    """What the reader may do now: name, label, and the reason where it is refused."""

    def __init__(self, **kwargs: Any) -> None:
        """Read-only, from the object as a whole."""
        super().__init__(read_only=True, source="*", **kwargs)

    def to_representation(self, value: Any) -> list[dict[str, Any]]:
        """List the open actions."""
        return [
            {
                "action": each.name,
                "label": each.label,
                "needs_comment": each.needs_comment,
                "refusal": each.refusal,
            }
            for each in open_to(value, self.context["request"].user)
        ]


def row_number(**options: Any) -> serializers.IntegerField:
    """A number that a row can have: an answer that repeats a larger one couldn't be written."""
    return serializers.IntegerField(min_value=1, max_value=2**63 - 1, **options)


class CommentSerializer(serializers.Serializer):
    """A comment that goes with an act."""

    comment = serializers.CharField(label="意见", required=False, allow_blank=True, default="")
