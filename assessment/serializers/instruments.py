"""JSON shapes of instruments and their indicators."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from assessment.leaves import Node, tree
from assessment.models import Indicator, Instrument
from cadres.models import Competence
from core.api import serializers
from programs.serializers.shared import ActionsField, row_number

# What the fields are called that no model names.
serializers.register_labels(
    "assessment",
    {
        "unit": "单位", "name": "名称", "instructions": "填写说明", "basis": "依据", "indicators": "指标", "level": "级次",
        "hint": "说明", "kind": "类别", "weight": "权重", "competence": "对应能力", "title": "评价名称",
        "instrument": "量表", "purpose": "用途", "notice": "致评价人", "period_from": "评价时段开始",
        "period_to": "评价时段结束", "opens_at": "开始时间", "closes_at": "截止时间", "minimum": "匿名评价最少人数",
        "comment": "意见", "cadres": "评价对象", "words": "评价对象范围", "relations": "评价关系", "anonymous": "匿名",
        "subject": "评价对象", "relation": "评价关系", "raters": "评价人", "answers": "答案",
    },
)  # fmt: skip


class IndicatorSerializer(serializers.Serializer):
    """An indicator in the order of the tree: one of level n hangs under the last one of level n-1."""

    level = serializers.IntegerField(min_value=1, max_value=Indicator.MAX_DEPTH)
    name = serializers.CharField(max_length=120)
    hint = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(
        choices=Indicator.Kind.choices, required=False, allow_blank=True, default="", label="答题方式"
    )
    weight = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, default=0
    )
    competence = serializers.ChoiceField(
        choices=Competence.choices, required=False, allow_blank=True, default=""
    )


class ReadIndicatorSerializer(IndicatorSerializer):
    """An indicator as it is read, with the number that ballots name it by."""

    id = serializers.IntegerField(read_only=True)


class IndicatorsSerializer(serializers.Serializer):
    """What POST instruments/{id}/indicators/ takes: all indicators, which replace those before."""

    indicators = IndicatorSerializer(many=True)


class InstrumentSerializer(serializers.ModelSerializer):
    """An instrument in a list."""

    unit_name = serializers.CharField(source="unit.name", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = Instrument
        fields = ("id", "unit", "unit_name", "name", "edition", "status", "status_label", "updated_at")
        read_only_fields = fields


class InstrumentDetailSerializer(InstrumentSerializer):
    """An instrument with its indicators, and what the reader may do."""

    indicators = serializers.SerializerMethodField()
    actions = ActionsField()

    class Meta(InstrumentSerializer.Meta):
        fields = (*InstrumentSerializer.Meta.fields, "instructions", "basis", "indicators", "actions")
        read_only_fields = fields

    @extend_schema_field(ReadIndicatorSerializer(many=True))
    def get_indicators(self, instrument: Instrument) -> Any:
        """All indicators in order, each with its level."""
        rows = list(_flat(tree(instrument)))
        return ReadIndicatorSerializer(rows, many=True).data


def _flat(nodes: tuple[Node, ...]) -> Any:
    for node in nodes:
        each = node.indicator
        yield {
            "id": each.pk, "level": node.level, "name": each.name, "hint": each.hint, "kind": each.kind,
            "weight": each.weight, "competence": each.competence,
        }  # fmt: skip
        yield from _flat(node.children)


class InstrumentEditSerializer(serializers.Serializer):
    """What PATCH instruments/{id}/ takes."""

    name = serializers.CharField(max_length=120)
    instructions = serializers.CharField(required=False, allow_blank=True, default="")
    basis = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class InstrumentWriteSerializer(InstrumentEditSerializer):
    """What POST instruments/ takes."""

    unit = row_number()
