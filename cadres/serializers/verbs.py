"""What the single verbs on histories and units take and give."""

from __future__ import annotations

from accounts.models import Unit
from cadres.models import Reorganisation, ReserveEntry
from cadres.serializers.base import InReach
from cadres.serializers.histories import LONGEST, sensible
from core.api import serializers


class WhySerializer(serializers.Serializer):
    """Why somebody looks at what is encrypted; of one's own family and requests no reason is asked."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class OpenedSerializer(serializers.Serializer):
    """One encrypted column in clear, this once."""

    label = serializers.CharField()
    text = serializers.CharField()


class FollowUpSerializer(serializers.Serializer):
    """What came of an act of oversight."""

    on = serializers.DateField(validators=[sensible])
    result = serializers.CharField(max_length=LONGEST)


class AskSerializer(serializers.Serializer):
    """One's own request."""

    subject = serializers.CharField(max_length=120)
    content = serializers.CharField(max_length=LONGEST)


class ReplySerializer(serializers.Serializer):
    """The answer to a request."""

    reply = serializers.CharField(max_length=LONGEST)


class ReserveReviewWriteSerializer(serializers.Serializer):
    """The yearly review of a reserve entry; its conclusion becomes the entry's status."""

    year = serializers.IntegerField(min_value=1980, max_value=9999)
    status = serializers.ChoiceField(ReserveEntry.Status.choices)
    opinion = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)


class PlanReviewWriteSerializer(serializers.Serializer):
    """A review of a development plan."""

    on = serializers.DateField(validators=[sensible])
    progress = serializers.CharField(max_length=LONGEST)
    advice = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)


class ChangeSerializer(serializers.Serializer):
    """From when a unit changes, and whether that is only to be foretold."""

    on = serializers.DateField(validators=[sensible])
    preview = serializers.BooleanField(
        required=False, default=False, label="只预览", help_text="只返回办理后会怎样，不办理"
    )


class MergeSerializer(ChangeSerializer):
    """Into which unit, from when, by which document."""

    into = InReach(queryset=Unit.objects.all())
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)


class SplitSerializer(MergeSerializer):
    """Who goes to which unit."""

    cadres = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**62), min_length=1, max_length=2000
    )


class MovedSerializer(serializers.Serializer):
    """How much went over to the other unit."""

    people = serializers.IntegerField()
    appointments = serializers.IntegerField()


class CloseSerializer(ChangeSerializer):
    """From when a unit no longer exists, and who takes over."""

    successor = InReach(queryset=Unit.objects.all(), required=False, allow_null=True)


class ConsequencesSerializer(serializers.Serializer):
    """What a change would do, in sentences; nothing is written."""

    consequences = serializers.ListField(child=serializers.CharField(), label="影响")


class UnitChangeSerializer(serializers.ModelSerializer):
    """A change of a whole unit; `undone_at` when it was taken back."""

    unit_name = serializers.CharField(source="unit.name", read_only=True)
    into_name = serializers.CharField(source="into.name", read_only=True, default=None, allow_null=True)
    kind_name = serializers.CharField(source="get_kind_display", read_only=True)

    class Meta:
        model = Reorganisation
        fields = (
            "id", "kind", "kind_name", "unit", "unit_name", "into", "into_name", "on", "document_number", "people",
            "appointments", "made_at", "undone_at",
        )  # fmt: skip
        read_only_fields = fields
