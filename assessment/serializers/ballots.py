"""JSON shapes of what a rater has before them: one's own invitations, their questions, what was answered so far."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from assessment.answers import LONGEST_TEXT
from assessment.models import Indicator, Invitation, Relation, Round
from assessment.questionnaire import Question, sections_of
from core.api import serializers
from core.calendar import now


class BallotSerializer(serializers.ModelSerializer):
    """An invitation in the rater's list; deliberately without any time but the round's."""

    round = serializers.IntegerField(source="subject.round_id", read_only=True)
    round_title = serializers.CharField(source="subject.round.title", read_only=True)
    subject_name = serializers.CharField(source="subject.cadre.name", read_only=True)
    unit_name = serializers.CharField(source="subject.unit.name", read_only=True)
    post = serializers.SerializerMethodField()
    relation = serializers.ChoiceField(source="relation.kind", choices=Relation.Kind.choices, read_only=True)
    relation_label = serializers.CharField(source="relation.get_kind_display", read_only=True)
    anonymous = serializers.BooleanField(source="relation.anonymous", read_only=True)
    closes_at = serializers.DateTimeField(source="subject.round.closes_at", read_only=True)
    open = serializers.SerializerMethodField()

    class Meta:
        model = Invitation
        fields = ("id", "round", "round_title", "subject_name", "unit_name", "post", "relation",
                  "relation_label", "anonymous", "used", "closes_at", "open")  # fmt: skip
        read_only_fields = fields

    def get_post(self, invitation: Any) -> str:
        """The main post of the person rated."""
        return invitation.post or ""

    def get_open(self, invitation: Invitation) -> bool:
        """Whether the ballot may be filled in or changed now."""
        round_: Round = invitation.subject.round
        return round_.takes_at(now()) and not (invitation.used and invitation.relation.anonymous)


class OptionSerializer(serializers.Serializer):
    """An answer to choose from; "unknown" (or null) is 不了解."""

    value = serializers.CharField()
    label = serializers.CharField()


class QuestionSerializer(serializers.Serializer):
    """A question of the ballot with the answer so far, null where there is none."""

    indicator = serializers.IntegerField()
    heading = serializers.CharField()
    name = serializers.CharField()
    hint = serializers.CharField()
    kind = serializers.ChoiceField(choices=Indicator.Kind.choices)
    weight = serializers.DecimalField(max_digits=8, decimal_places=4)
    required = serializers.BooleanField()
    options = OptionSerializer(many=True)
    answer = serializers.CharField(allow_null=True)


class BallotDetailSerializer(BallotSerializer):
    """A ballot to fill in. Context: answers, what was answered so far."""

    instructions = serializers.CharField(source="subject.round.instrument.instructions", read_only=True)
    minimum = serializers.IntegerField(source="subject.round.minimum", read_only=True)
    questions = serializers.SerializerMethodField()

    class Meta(BallotSerializer.Meta):
        fields = (*BallotSerializer.Meta.fields, "instructions", "minimum", "questions")
        read_only_fields = fields

    @extend_schema_field(QuestionSerializer(many=True))
    def get_questions(self, invitation: Invitation) -> Any:
        """The questions in order."""
        instrument = invitation.subject.round.instrument
        rows = [
            _question(each, section.title)
            for section in sections_of(instrument, self.context.get("answers", {}))
            for each in section.questions
        ]
        return QuestionSerializer(rows, many=True).data


def _question(question: Question, title: str) -> dict[str, Any]:
    chosen = question.kind not in (Indicator.Kind.SCORE, Indicator.Kind.TEXT)
    return {
        "indicator": question.indicator.pk,
        "heading": " · ".join(filter(None, (title, question.below))),
        "name": question.indicator.name,
        "hint": question.indicator.hint,
        "kind": question.kind,
        "weight": question.weight,
        "required": question.is_required,
        "options": [{"value": each.value, "label": each.label} for each in question.choices]
        if chosen
        else [],
        "answer": question.value or None,
    }


class AnswersSerializer(serializers.Serializer):
    """What draft/ and submit/ take: answers by the indicator's number, null for 不了解."""

    answers = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, allow_null=True)
    )


class DraftKeptSerializer(serializers.Serializer):
    """That a draft was kept."""

    saved = serializers.BooleanField()


class ReceiptSerializer(serializers.Serializer):
    """That a ballot has come in; an anonymous one's receipt says nothing else."""

    submitted = serializers.BooleanField()
    message = serializers.CharField()
