"""What the JSON shapes of several documents share: open actions, comments, row numbers."""

from __future__ import annotations

from core.api import serializers
from core.api.acting import ActionsField, CommentSerializer, row_number

__all__ = ["ActionsField", "CommentSerializer", "row_number"]

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
