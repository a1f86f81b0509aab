"""What the JSON shapes of several documents share: open actions, comments, row numbers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from core.api import serializers
from core.workflow import open_to

# What the fields are called that no model names.
serializers.register_labels(
    "programs",
    {
        "template": "方案模板", "year": "年度", "title": "标题", "closes_at": "截止时间", "list_due": "名单报送截止",
        "comment": "意见", "unit": "单位", "nominations": "推荐名单", "note": "说明", "file": "文件", "attachment": "材料",
        "rule": "条件", "declared": "是否符合", "evidence": "证明说明", "call": "推荐批次", "cadre": "被推荐人",
        "statement": "推荐理由", "problems": "拟带着解决的问题", "advisory_reason": "超出原则条件的理由",
        "override_reason": "破格理由", "declarations": "条件承诺", "action": "办理动作", "due": "期限", "score": "得分",
        "step": "办理环节", "confirmations": "核实结果", "base": "基地", "acting_post": "拟挂职务", "start": "开始日期",
        "end": "结束日期", "host": "基地负责人", "guide": "指导人", "guide_name": "指导人姓名", "order": "序号",
        "text": "内容", "grade": "等次", "sections": "鉴定内容", "ids": "所选推荐",
    },
)  # fmt: skip


@extend_schema_field(list[dict[str, Any]])
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


_OBJECTS = {"type": "array", "items": {"type": "object", "additionalProperties": {}}}


def row_number() -> serializers.IntegerField:
    """A number that a row can have: an answer that repeats a larger one couldn't be written."""
    return serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class CommentSerializer(serializers.Serializer):
    """A comment that goes with an act."""

    comment = serializers.CharField(required=False, allow_blank=True, default="")
