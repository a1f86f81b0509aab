"""How units travel through the API."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import Unit


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
