"""JSON shapes of results: only stored figures, which are those that may be shown."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from assessment.feedback import Feedback, feedback_of
from assessment.models import SubjectResult
from core.api import serializers


class ResultSerializer(serializers.ModelSerializer):
    """A person's result of a round; an empty total is one held back for want of raters."""

    round = serializers.IntegerField(source="subject.round_id", read_only=True)
    round_title = serializers.CharField(source="subject.round.title", read_only=True)
    cadre = serializers.IntegerField(source="subject.cadre_id", read_only=True)
    cadre_name = serializers.CharField(source="subject.cadre.name", read_only=True)
    unit_name = serializers.CharField(source="subject.unit.name", read_only=True)
    published = serializers.SerializerMethodField()

    class Meta:
        model = SubjectResult
        fields = ("id", "round", "round_title", "cadre", "cadre_name", "unit_name", "published", "total",
                  "coverage", "rank", "confirmed_at")  # fmt: skip
        read_only_fields = fields

    def get_published(self, result: SubjectResult) -> bool:
        """Whether the person rated may read it."""
        return result.subject.round.status == "published"


class RelationResultSerializer(serializers.Serializer):
    """What one relation gave; an empty score isn't shown."""

    label = serializers.CharField()
    weight = serializers.DecimalField(max_digits=5, decimal_places=2)
    anonymous = serializers.BooleanField()
    invited = serializers.IntegerField()
    received = serializers.IntegerField()
    score = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)


class IndicatorResultSerializer(serializers.Serializer):
    """The mean of an indicator over the relations shown, and the own assessment of it."""

    heading = serializers.CharField()
    name = serializers.CharField()
    score = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    own = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)


class WordsSerializer(serializers.Serializer):
    """What raters wrote to one question, in shuffled order."""

    question = serializers.CharField()
    texts = serializers.ListField(child=serializers.CharField())


class ResultDetailSerializer(ResultSerializer):
    """A result by relation and indicator; raters' words are the person's own to read, null for others."""

    relations = serializers.SerializerMethodField()
    indicators = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField()

    class Meta(ResultSerializer.Meta):
        fields = (*ResultSerializer.Meta.fields, "relations", "indicators", "words")
        read_only_fields = fields

    def _feedback(self, result: SubjectResult) -> Feedback:
        if "feedback" not in self.context:
            self.context["feedback"] = feedback_of(result)
        return self.context["feedback"]

    @extend_schema_field(RelationResultSerializer(many=True))
    def get_relations(self, result: SubjectResult) -> Any:
        """Relation by relation."""
        return RelationResultSerializer(self._feedback(result).relations, many=True).data

    @extend_schema_field(IndicatorResultSerializer(many=True))
    def get_indicators(self, result: SubjectResult) -> Any:
        """Indicator by indicator."""
        return IndicatorResultSerializer(self._feedback(result).indicators, many=True).data

    @extend_schema_field(WordsSerializer(many=True, allow_null=True))
    def get_words(self, result: SubjectResult) -> Any:
        """The raters' words for the person rated, null for anybody else."""
        if result.subject.cadre.user_id != self.context["request"].user.pk:
            return None
        return WordsSerializer(self._feedback(result).words, many=True).data
