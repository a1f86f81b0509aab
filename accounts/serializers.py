"""How units travel through the API."""

from __future__ import annotations

from accounts.models import Unit
from core.api import serializers
from core.api.serializers import register_labels

register_labels(
    "accounts",
    {
        "code": "单位编码", "name": "单位名称", "kind": "单位类别", "parent": "上级单位", "stage": "学段", "is_rural": "农村学校",
        "is_weak": "薄弱学校", "cluster": "片区", "headcount": "领导职数", "valid_from": "成立日期", "on": "更名日期",
        "start": "开始日期", "end": "结束日期",
    },
)  # fmt: skip


class UnitNameSerializer(serializers.Serializer):
    """A dated name: `end` is the first day on which it was no longer used."""

    name = serializers.CharField()
    start = serializers.DateField(allow_null=True)
    end = serializers.DateField(allow_null=True)


class UnitSerializer(serializers.ModelSerializer):
    """A unit as it is read."""

    parent_name = serializers.CharField(source="parent.name", default=None, read_only=True, allow_null=True)
    stage = serializers.ChoiceField(choices=Unit.Stage.choices, allow_blank=True, read_only=True)
    is_direct = serializers.BooleanField(read_only=True)

    class Meta:
        model = Unit
        fields = [
            "id", "code", "name", "kind", "parent", "parent_name", "path", "stage", "is_rural", "is_weak",
            "is_direct", "cluster", "headcount", "valid_from", "valid_to", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class UnitDetailSerializer(UnitSerializer):
    """A single unit, with its names."""

    names = UnitNameSerializer(many=True, read_only=True)

    class Meta(UnitSerializer.Meta):
        fields = [*UnitSerializer.Meta.fields, "names"]
        read_only_fields = fields


class UnitWriteSerializer(serializers.Serializer):
    """A unit as it is written; name, kind and parent are set when it is created and have their own verbs later."""

    code = serializers.CharField(max_length=30)
    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=Unit.Kind.choices)
    parent = serializers.PrimaryKeyRelatedField(queryset=Unit.objects.none())
    stage = serializers.ChoiceField(choices=Unit.Stage.choices, allow_blank=True, default="")
    is_rural = serializers.BooleanField(default=False)
    is_weak = serializers.BooleanField(default=False)
    cluster = serializers.CharField(max_length=60, allow_blank=True, default="")
    headcount = serializers.IntegerField(min_value=0, max_value=200, allow_null=True, default=None)
    valid_from = serializers.DateField(allow_null=True, default=None)

    def get_fields(self) -> dict[str, serializers.Field]:
        """Parents are open units in the writer's reach."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            reach = Unit.objects.visible_to(request.user, "unit.edit").filter(valid_to=None)
            fields["parent"].queryset = reach
        return fields


class RenameSerializer(serializers.Serializer):
    """A new name and the day it begins."""

    name = serializers.CharField(max_length=120)
    on = serializers.DateField()


class MoveSerializer(serializers.Serializer):
    """The new parent."""

    parent = serializers.PrimaryKeyRelatedField(queryset=Unit.objects.none())

    def get_fields(self) -> dict[str, serializers.Field]:
        """Parents are open units in the writer's reach."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            fields["parent"].queryset = Unit.objects.visible_to(request.user, "unit.edit").filter(
                valid_to=None
            )
        return fields
