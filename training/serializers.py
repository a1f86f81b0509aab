"""JSON shapes of classes, their timetable, whom they are for, and enrolments."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework.serializers import TimeField

from core.api import serializers
from core.api.acting import ActionsField, row_number
from training import places
from training.models import ClassPhase, ClassSession, ClassTargets, Enrolment, Mode, TrainingClass
from training.services.classes import EDITABLE
from training.services.enrolments import AT_MOST
from training.services.timetable import SESSION_FIELDS

# What the fields are called that no model names.
serializers.register_labels(
    "training",
    {
        "unit": "主办单位", "comment": "意见", "training_class": "培训班", "cadre": "干部", "cadres": "干部名单",
        "reason": "报名理由", "action": "办理动作", "enrol_until": "报名截止", "id": "编号", "name": "阶段", "days": "天数",
        "mode": "方式", "rows": "阶段列表", "phase": "阶段",
    },
)  # fmt: skip

_OBJECTS = {"type": "array", "items": {"type": "object", "additionalProperties": {}}}


_TIME = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "example": "09:30"}


@extend_schema_field(_TIME)
class ClockField(TimeField):
    """A time of day to the minute, without a zone (which OpenAPI's own format of a time asks for)."""

    def __init__(self, **options: Any) -> None:
        """Written as it is read."""
        super().__init__(format="%H:%M", input_formats=["%H:%M", "%H:%M:%S"], **options)


class PhaseSerializer(serializers.ModelSerializer):
    """A phase of a class with its days."""

    class Meta:
        model = ClassPhase
        fields = ("id", "order", "name", "days", "mode")
        read_only_fields = fields


class SessionSerializer(serializers.ModelSerializer):
    """A session on the timetable."""

    begins = ClockField(read_only=True)
    ends = ClockField(read_only=True)

    class Meta:
        model = ClassSession
        fields = ("id", "training_class", *SESSION_FIELDS)
        read_only_fields = fields


class TargetsSerializer(serializers.ModelSerializer):
    """Whom a class is limited to: the words of the choice and how many were found then."""

    class Meta:
        model = ClassTargets
        fields = ("words", "count", "set_at")
        read_only_fields = fields


class ClassSerializer(serializers.ModelSerializer):
    """A class in a list; `taken` counts the enrolled."""

    status_label = serializers.CharField(source="get_status_display", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    taken = serializers.SerializerMethodField()

    class Meta:
        model = TrainingClass
        fields = ("id", "unit", "unit_name", "title", "mode", "venue", "hours", "starts_on", "ends_on",
                  "capacity", "taken", "enrol_from", "enrol_until", "self_enrolment", "status",
                  "status_label", "updated_at")  # fmt: skip
        read_only_fields = fields

    def get_taken(self, training_class: TrainingClass) -> int:
        """How many places are taken; a list has counted them all at once."""
        counted = getattr(training_class, "taken", None)
        return places.count_taken(training_class) if counted is None else counted


class ClassDetailSerializer(ClassSerializer):
    """A class with its content, phases, timetable and targets, and what the reader may do."""

    phases = PhaseSerializer(many=True, read_only=True)
    sessions = SessionSerializer(many=True, read_only=True)
    targets = serializers.SerializerMethodField()
    actions = ActionsField()

    class Meta(ClassSerializer.Meta):
        fields = (*ClassSerializer.Meta.fields, "summary", "phases", "sessions", "targets", "actions")
        read_only_fields = fields

    @extend_schema_field(TargetsSerializer(allow_null=True))
    def get_targets(self, training_class: TrainingClass) -> dict[str, Any] | None:
        """Whom the class is limited to; null where it is for everybody of its units."""
        targets = ClassTargets.objects.filter(training_class=training_class).first()
        return None if targets is None else dict(TargetsSerializer(targets).data)


class ClassEditSerializer(serializers.ModelSerializer):
    """What PATCH classes/{id}/ takes."""

    class Meta:
        model = TrainingClass
        fields = EDITABLE


class ClassWriteSerializer(ClassEditSerializer):
    """What POST classes/ takes."""

    unit = row_number()

    class Meta(ClassEditSerializer.Meta):
        fields = ("unit", *EDITABLE)


class ClassExtendSerializer(serializers.Serializer):
    """What POST classes/{id}/extend/ takes."""

    enrol_until = serializers.DateTimeField()
    comment = serializers.CharField()


class PhaseRowSerializer(serializers.Serializer):
    """One phase; `id` for one that stays."""

    id = row_number(required=False)
    name = serializers.CharField(max_length=60)
    days = serializers.DecimalField(max_digits=4, decimal_places=1)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)


class PhasesSerializer(serializers.Serializer):
    """What POST classes/{id}/phases/ takes: all phases in their order."""

    rows = PhaseRowSerializer(many=True)


class SessionWriteSerializer(serializers.ModelSerializer):
    """What POST class-sessions/ and PATCH class-sessions/{id}/ take; the class is named once."""

    training_class = row_number(required=False)
    phase = row_number(required=False, allow_null=True)
    begins = ClockField(label="开始")
    ends = ClockField(label="结束")

    class Meta:
        model = ClassSession
        fields = ("training_class", *SESSION_FIELDS)


class EnrolmentSerializer(serializers.ModelSerializer):
    """An enrolment in a list."""

    class_title = serializers.CharField(source="training_class.title", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    cadre_name = serializers.CharField(source="cadre.name", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = Enrolment
        fields = ("id", "training_class", "class_title", "unit", "unit_name", "cadre", "cadre_name", "status",
                  "status_label", "reason", "queued_at", "created_at", "updated_at")  # fmt: skip
        read_only_fields = fields


class EnrolmentDetailSerializer(EnrolmentSerializer):
    """An enrolment with every decision, and what the reader may do."""

    history = serializers.SerializerMethodField()
    actions = ActionsField()

    class Meta(EnrolmentSerializer.Meta):
        fields = (*EnrolmentSerializer.Meta.fields, "history", "actions")
        read_only_fields = fields

    @extend_schema_field(_OBJECTS)
    def get_history(self, enrolment: Enrolment) -> list[dict[str, Any]]:
        """Every decision so far: action, who, when, which words."""
        return [
            {"action": each.action, "label": each.label, "actor": each.actor_name, "at": each.at,
             "comment": each.comment, "status": each.to_status}
            for each in enrolment.decisions.order_by("id")
        ]  # fmt: skip


class EnrolmentWriteSerializer(serializers.Serializer):
    """What POST enrolments/ takes: without a person it is one's own application."""

    training_class = row_number()
    cadre = row_number(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class EnrolmentTakeSerializer(serializers.Serializer):
    """What POST enrolments/{id}/take/ takes."""

    action = serializers.ChoiceField(choices=["approve", "refuse", "withdraw"])
    comment = serializers.CharField(required=False, allow_blank=True, default="")


class EnrolManySerializer(serializers.Serializer):
    """What POST enrolments/bulk/ takes."""

    training_class = row_number()
    cadres = serializers.ListField(child=row_number(), min_length=1, max_length=AT_MOST)


class EnrolOutcomeSerializer(serializers.Serializer):
    """What became of one person."""

    name = serializers.CharField()
    ok = serializers.BooleanField()
    message = serializers.CharField()


class EnrolOutcomesSerializer(serializers.Serializer):
    """What became of each, and how many were enrolled."""

    done = serializers.IntegerField()
    results = EnrolOutcomeSerializer(many=True)
