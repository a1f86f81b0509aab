"""The fields that the roster's resources share: partly known dates, codes, rows in view."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from cadres.models import Code
from core.api import serializers
from core.api.serializers import register_labels
from core.partial_dates import PartialDate, parse

# What the fields are called that no model names.
register_labels(
    "cadres",
    {
        "name": "姓名", "surname_reading": "姓氏读音", "unit": "单位", "gender": "性别", "birth": "出生年月", "id_number": "身份证号",
        "ethnicity": "民族", "native_place": "籍贯", "birthplace": "出生地", "speciality": "熟悉专业有何专长",
        "retirement_limit": "改革前退休年龄", "work": "参加工作时间", "phone": "手机号码", "note": "备注",
        "relation_start": "人事关系开始时间", "namesake_confirmed": "确认不是同一人", "on": "日期", "reason": "原因",
        "title": "职务名称", "category": "岗位类别", "level": "级别", "headcount": "职数", "cadre": "干部",
        "unit_text": "任职单位（区外）", "post": "岗位", "kind": "任职方式", "is_main": "主职务", "start": "开始时间",
        "end": "结束时间", "document_number": "文号", "selection": "选拔任用方式", "probation_end": "试用期满",
        "term_number": "第几任期", "term_end": "任期届满", "removal": "免职方式", "removal_reason": "免职原因",
        "result": "结果", "subject": "事项", "content": "内容", "reply": "答复", "year": "年度", "status": "结论",
        "opinion": "意见", "progress": "进展", "advice": "下一步建议", "into": "并入的单位", "cadres": "划转的干部",
        "successor": "承接单位", "action": "办理动作", "comment": "意见", "scores": "得分",
        "values": "更正内容", "explanation": "说明", "proof": "证明材料", "photo": "新照片", "record": "要更正的记录",
        "mark": "档案内容的标记",
    },
)  # fmt: skip

PARTIAL = "日期，知道多少写多少：1976、1976-05 或 1976-05-03。"


@extend_schema_field({"type": "string", "nullable": True, "description": PARTIAL, "example": "1976-05"})
class PartialDateField(serializers.Field):
    """A partly known date: `1976-05`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("allow_null", True)
        super().__init__(**kwargs)

    def to_representation(self, value: Any) -> Any:
        """The date as it is known."""
        return value.iso() if isinstance(value, PartialDate) else value

    def to_internal_value(self, data: Any) -> PartialDate | None:
        """Read it as people write it; raises ValidationError with a sentence."""
        if not isinstance(data, str) or len(data) > 30:
            raise serializers.ValidationError("请写成 1976-05 这样的文字。")
        try:
            parsed = parse(data)
        except ValueError as problem:
            raise serializers.ValidationError(str(problem)) from None
        if parsed.rest or (parsed.value is None and data.strip()):
            raise serializers.ValidationError("请写成 1976-05 这样的日期。")
        if parsed.value is None and not self.allow_null:
            raise serializers.ValidationError("请填写日期。")
        return parsed.value


@extend_schema_field({"type": "string", "nullable": True, "description": "代码表中的代码；空表示没有。"})
class CodeField(serializers.Field):
    """A value of a code list, told by its code, e.g. "01"; empty for none."""

    def __init__(self, code_list: str, **kwargs: Any) -> None:
        self.list = code_list
        kwargs.setdefault("required", False)
        kwargs.setdefault("allow_null", not kwargs["required"])
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Code | None:
        """Look the code up; raises ValidationError for an unknown one."""
        if not isinstance(data, str) or "\x00" in data:
            raise serializers.ValidationError("请填写代码。")
        if not data.strip():
            return None
        found = Code.objects.filter(list=self.list, code=data.strip(), is_active=True).first()
        if found is None:
            raise serializers.ValidationError("代码表中没有这个代码。")
        return found

    def to_representation(self, value: Any) -> str:
        """The code."""
        return value.code if isinstance(value, Code) else str(value or "")


class InReach(serializers.PrimaryKeyRelatedField):
    """A related row that the person sees; anything else counts as not there."""

    def get_queryset(self) -> Any:
        """The rows in view."""
        rows = super().get_queryset()
        request = self.context.get("request")
        return rows.visible_to(request.user) if request is not None else rows.none()
