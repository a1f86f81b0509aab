"""JSON shapes of programmes, calls and their lists."""

from __future__ import annotations

from core.api import serializers
from programs.models import Call, CallAttachment, CallStep, EligibilityRule, Program
from programs.serializers.shared import ActionsField, row_number
from programs.services.pipelines import places_left


class ProgramSerializer(serializers.ModelSerializer):
    """A programme."""

    kind_label = serializers.CharField(source="get_kind_display", read_only=True)

    class Meta:
        model = Program
        fields = ("id", "unit", "kind", "kind_label", "name", "description", "basis", "yearly_places",
                  "duration_months", "is_active")  # fmt: skip
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer):
    """A step of a call."""

    class Meta:
        model = CallStep
        fields = ("id", "order", "kind", "name", "level", "due")
        read_only_fields = fields


class RuleSerializer(serializers.ModelSerializer):
    """An eligibility rule of a call."""

    class Meta:
        model = EligibilityRule
        fields = ("id", "order", "name", "mode", "group", "fact", "operator", "value", "basis", "verified")
        read_only_fields = fields


class CallSerializer(serializers.ModelSerializer):
    """A call in a list."""

    status_label = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = Call
        fields = ("id", "unit", "program", "title", "year", "status", "status_label", "opens_at", "closes_at",
                  "list_due", "reference_date", "planned_start", "planned_end", "quota_per_unit",
                  "updated_at")  # fmt: skip
        read_only_fields = fields


class AskedPaperSerializer(serializers.ModelSerializer):
    """A paper that a call asks for."""

    class Meta:
        model = CallAttachment
        fields = ("id", "order", "name", "required")
        read_only_fields = fields


class CallDetailSerializer(CallSerializer):
    """A call with its steps, rules and papers, the year's places left, and what the reader may do."""

    steps = StepSerializer(many=True, read_only=True)
    rules = RuleSerializer(many=True, read_only=True)
    attachments = AskedPaperSerializer(many=True, read_only=True)
    places_left = serializers.SerializerMethodField()
    actions = ActionsField()

    class Meta(CallSerializer.Meta):
        fields = (*CallSerializer.Meta.fields, "notice", "steps", "rules", "attachments", "places_left",
                  "actions")  # fmt: skip
        read_only_fields = fields

    def get_places_left(self, call: Call) -> int | None:
        """How many of the year's places are left over all its calls; null where it draws on none."""
        return places_left(call.places_account)


class CallCreateSerializer(serializers.Serializer):
    """What POST calls/ takes: a template and a year."""

    template = serializers.IntegerField(help_text="方案模板")
    year = serializers.IntegerField(min_value=2000, max_value=2100)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class CallEditSerializer(serializers.ModelSerializer):
    """What PATCH calls/{id}/ takes while the call is a draft."""

    class Meta:
        model = Call
        fields = ("title", "notice", "opens_at", "closes_at", "list_due", "reference_date", "planned_start",
                  "planned_end", "quota_per_unit")  # fmt: skip


class CallExtendSerializer(serializers.Serializer):
    """What POST calls/{id}/extend/ takes."""

    closes_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="不给则只延长名单报送"
    )
    list_due = serializers.DateField(required=False, allow_null=True, default=None)
    comment = serializers.CharField()


class FileListSerializer(serializers.Serializer):
    """What POST calls/{id}/file-list/ takes: the cases in rank order."""

    unit = row_number()
    nominations = serializers.ListField(child=row_number(), min_length=1, max_length=200)
    note = serializers.CharField(required=False, allow_blank=True, default="")
