"""JSON shapes of rounds: the round itself, its subjects, its relations, its raters."""

from __future__ import annotations

from assessment.models import Relation, Round, RoundSubject
from core.api import serializers
from programs.serializers.shared import ActionsField, row_number

_MOST_AT_ONCE = 2000


class RoundSerializer(serializers.ModelSerializer):
    """A round in a list."""

    unit_name = serializers.CharField(source="unit.name", read_only=True)
    instrument_name = serializers.CharField(source="instrument.name", read_only=True)
    purpose_label = serializers.CharField(source="get_purpose_display", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = Round
        fields = ("id", "unit", "unit_name", "title", "purpose", "purpose_label", "instrument", "instrument_name",
                  "period_from", "period_to", "opens_at", "closes_at", "minimum", "status", "status_label",
                  "updated_at")  # fmt: skip
        read_only_fields = fields


class RoundRelationSerializer(serializers.ModelSerializer):
    """A relation of a round."""

    kind_label = serializers.CharField(source="get_kind_display", read_only=True)

    class Meta:
        model = Relation
        fields = ("id", "kind", "kind_label", "weight", "anonymous")
        read_only_fields = fields


class RoundDetailSerializer(RoundSerializer):
    """A round with its relations, and what the reader may do."""

    relations = RoundRelationSerializer(many=True, read_only=True)
    actions = ActionsField()

    class Meta(RoundSerializer.Meta):
        fields = (*RoundSerializer.Meta.fields, "notice", "words", "relations", "actions")
        read_only_fields = fields


class RoundEditSerializer(serializers.Serializer):
    """What PATCH rounds/{id}/ takes."""

    title = serializers.CharField(max_length=120)
    instrument = row_number()
    purpose = serializers.ChoiceField(choices=Round.Purpose.choices)
    notice = serializers.CharField(required=False, allow_blank=True)
    period_from = serializers.DateField()
    period_to = serializers.DateField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    minimum = serializers.IntegerField(min_value=0, max_value=32767, required=False)


class RoundWriteSerializer(RoundEditSerializer):
    """What POST rounds/ takes."""

    unit = row_number()


class RoundExtendSerializer(serializers.Serializer):
    """What POST rounds/{id}/extend/ takes."""

    closes_at = serializers.DateTimeField()
    comment = serializers.CharField()


class SubjectSerializer(serializers.ModelSerializer):
    """A person rated in a round."""

    cadre_name = serializers.CharField(source="cadre.name", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)

    class Meta:
        model = RoundSubject
        fields = ("id", "cadre", "cadre_name", "unit", "unit_name")
        read_only_fields = fields


class SubjectsSerializer(serializers.Serializer):
    """What POST rounds/{id}/subjects/ takes: everybody who is rated, in place of those before."""

    cadres = serializers.ListField(child=row_number(), min_length=1, max_length=_MOST_AT_ONCE)
    words = serializers.CharField(required=False, allow_blank=True, default="")


class SubjectsSetSerializer(serializers.Serializer):
    """How many are rated now."""

    count = serializers.IntegerField()


class WantedRelationSerializer(serializers.Serializer):
    """A relation as it is wanted."""

    kind = serializers.ChoiceField(choices=Relation.Kind.choices, label="评价关系")
    weight = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    anonymous = serializers.BooleanField(required=False, default=False)


class RelationsSerializer(serializers.Serializer):
    """What POST rounds/{id}/relations/ takes: all relations, whose weights make 100."""

    relations = WantedRelationSerializer(many=True)


class InviteSerializer(serializers.Serializer):
    """What POST rounds/{id}/raters/ takes: who rates a subject in a relation, by the names of their accounts."""

    subject = row_number()
    relation = row_number()
    raters = serializers.ListField(
        child=serializers.CharField(max_length=150), min_length=1, max_length=_MOST_AT_ONCE
    )


class InvitedSerializer(serializers.Serializer):
    """How many were invited that weren't before."""

    invited = serializers.IntegerField()
