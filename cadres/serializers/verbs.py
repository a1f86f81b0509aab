"""What the single verbs on histories and units take and give."""

from __future__ import annotations

from accounts.models import Unit
from cadres.models import ReserveEntry
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


class MergeSerializer(serializers.Serializer):
    """Into which unit, from when, by which document."""

    into = InReach(queryset=Unit.objects.all())
    on = serializers.DateField(validators=[sensible])
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


class CloseSerializer(serializers.Serializer):
    """From when a unit no longer exists, and who takes over."""

    on = serializers.DateField(validators=[sensible])
    successor = InReach(queryset=Unit.objects.all(), required=False, allow_null=True)
