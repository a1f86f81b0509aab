"""JSON shapes of bases, undertakings and their stays."""

from __future__ import annotations

from typing import Any

from core.api import serializers
from programs.models import Base, Participation, Stint
from programs.serializers.shared import ActionsField


class BaseSerializer(serializers.ModelSerializer):
    """A base."""

    class Meta:
        model = Base
        fields = ("id", "unit", "name", "host_unit", "place", "lead", "capacity", "features", "is_active")
        read_only_fields = ("id",)


class StintSerializer(serializers.ModelSerializer):
    """A stay at a base."""

    base_name = serializers.CharField(source="base.name", read_only=True)
    guide_name = serializers.SerializerMethodField()

    class Meta:
        model = Stint
        fields = ("id", "base", "base_name", "acting_post", "host", "guide", "guide_name", "start", "end",
                  "appointment")  # fmt: skip
        read_only_fields = fields

    def get_guide_name(self, stint: Stint) -> str:
        """The guide's name, with or without an account."""
        return stint.guide.name if stint.guide else stint.guide_name


class ParticipationSerializer(serializers.ModelSerializer):
    """An undertaking with its stays."""

    cadre_name = serializers.CharField(source="cadre.name", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    program_name = serializers.CharField(source="program.name", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    stints = StintSerializer(many=True, read_only=True)

    class Meta:
        model = Participation
        fields = ("id", "cadre", "cadre_name", "unit", "unit_name", "program", "program_name", "nomination",
                  "year", "status", "status_label", "start", "end", "stints", "updated_at")  # fmt: skip
        read_only_fields = fields


class ParticipationDetailSerializer(ParticipationSerializer):
    """An undertaking with what the reader may do."""

    actions = ActionsField()

    class Meta(ParticipationSerializer.Meta):
        fields = (*ParticipationSerializer.Meta.fields, "actions")
        read_only_fields = fields


class ParticipationTakeSerializer(serializers.Serializer):
    """What POST participations/{id}/take/ takes; placing needs base, acting post and start."""

    action = serializers.ChoiceField(choices=["place", "rearrange", "complete", "cancel"])
    comment = serializers.CharField(required=False, allow_blank=True, default="")
    base = serializers.IntegerField(required=False)
    acting_post = serializers.CharField(required=False, max_length=60)
    start = serializers.DateField(required=False)
    end = serializers.DateField(required=False)
    host = serializers.IntegerField(required=False, allow_null=True)
    guide = serializers.IntegerField(required=False, allow_null=True)
    guide_name = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for what the action needs."""
        if attrs["action"] in ("place", "rearrange"):
            needed = ("base", "acting_post", "start") + (("end",) if attrs["action"] == "rearrange" else ())
            missing = {
                name: [f"“{serializers.label_of(self.fields[name], name, 'programs')}”必须填写。"]
                for name in needed
                if name not in attrs
            }
            if missing:
                raise serializers.ValidationError(missing)
        return attrs
