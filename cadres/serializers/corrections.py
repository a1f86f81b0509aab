"""How requests for correction travel: what is asked in the words of the history's own resource, what it compares."""

from __future__ import annotations

from typing import Any

from accounts.models import Unit
from cadres.models import Cadre, CareerLine, Correction
from cadres.serializers.appointments import AppointmentWriteSerializer
from cadres.serializers.histories import LONGEST, WRITERS
from cadres.serializers.roster import CadreWriteSerializer
from cadres.services.askable import ASKABLE, subject_for
from core.api import serializers

MOST_COMMENT = 2000


class CorrectionSerializer(serializers.ModelSerializer):
    """A request as lists show it: who, about what, where it stands; never what it says."""

    cadre_name = serializers.CharField(source="cadre.name", read_only=True)
    unit_name = serializers.CharField(source="cadre.unit.name", read_only=True)
    subject = serializers.SerializerMethodField(help_text="如 更正学历学位、补登任职")
    status_name = serializers.CharField(source="get_status_display", read_only=True)
    record = serializers.IntegerField(source="record_id", read_only=True, allow_null=True)

    class Meta:
        model = Correction
        fields = (
            "id", "cadre", "cadre_name", "unit_name", "kind", "record", "subject", "status", "status_name", "due",
            "created_at", "updated_at",
        )  # fmt: skip

    def get_subject(self, row: Correction) -> str:
        """What it is about."""
        return subject_for(row.kind, row.record_id)


class DifferenceSerializer(serializers.Serializer):
    """One field: when it was asked, now, as it is wished."""

    name = serializers.CharField()
    label = serializers.CharField()
    before = serializers.CharField(help_text="申请时的记录；补登时为空")
    stored = serializers.CharField(help_text="现在的记录")
    wanted = serializers.CharField(help_text="申请更正为")
    moved = serializers.BooleanField(help_text="申请之后被改成了别的内容")


class CorrectionActionSerializer(serializers.Serializer):
    """What the reader could do, or why not."""

    name = serializers.CharField()
    label = serializers.CharField()
    needs_comment = serializers.BooleanField()
    refusal = serializers.CharField(allow_blank=True)


class CorrectionStepSerializer(serializers.Serializer):
    """What was done with it."""

    action = serializers.CharField()
    label = serializers.CharField()
    actor_name = serializers.CharField()
    at = serializers.DateTimeField()
    comment = serializers.CharField(allow_blank=True)


class CorrectionDetailSerializer(CorrectionSerializer):
    """One request in full, for those who may read it; the view adds what it compares to the context."""

    sealed = serializers.BooleanField(
        source="is_sealed", read_only=True, help_text="内容保密：用 reveal 写明理由查看"
    )
    explanation = serializers.SerializerMethodField()
    proof_name = serializers.SerializerMethodField()
    has_photo = serializers.SerializerMethodField()
    differences = DifferenceSerializer(many=True, read_only=True)
    mark = serializers.CharField(read_only=True, help_text="所看到的档案内容的标记，采纳时原样带回")
    actions = CorrectionActionSerializer(many=True, read_only=True)
    decisions = CorrectionStepSerializer(many=True, read_only=True)

    class Meta(CorrectionSerializer.Meta):
        fields = (
            *CorrectionSerializer.Meta.fields, "sealed", "explanation", "proof_name", "has_photo", "differences", "mark",
            "actions", "decisions",
        )  # fmt: skip

    def get_explanation(self, row: Any) -> str:
        """Why; nothing while it is sealed."""
        return "" if row.is_sealed else row.explanation

    def get_proof_name(self, row: Any) -> str:
        """What the proof is called; nothing while it is sealed."""
        return "" if row.is_sealed or row.proof is None else row.proof.name

    def get_has_photo(self, row: Correction) -> bool:
        """Whether a new photo comes with it."""
        return row.photo_id is not None


class CorrectionSupplementSerializer(serializers.Serializer):
    """What completes a returned request; what is left out stays as it was."""

    values = serializers.JSONField(
        required=False, help_text="字段和正确的值，写法同该类履历的接口（multipart 时为 JSON 文字）"
    )
    explanation = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    proof = serializers.FileField(required=False, help_text="证明材料：图片、PDF、Word、Excel")
    photo = serializers.FileField(required=False, help_text="新照片（kind=photo）")


class CorrectionAskSerializer(CorrectionSupplementSerializer):
    """What one asks to have corrected about oneself, or added where it is missing."""

    kind = serializers.ChoiceField([(kind, subject_for(kind, 1)) for kind in ASKABLE])
    record = serializers.IntegerField(
        min_value=1, max_value=2**62, required=False, allow_null=True, help_text="要更正的记录；空即补登一条"
    )


class CorrectionTakeSerializer(serializers.Serializer):
    """A verdict, or the asker's withdrawal."""

    action = serializers.ChoiceField(["accept", "accept_over", "return", "decline", "withdraw"])
    comment = serializers.CharField(max_length=MOST_COMMENT, required=False, allow_blank=True)
    mark = serializers.CharField(max_length=40, required=False, allow_blank=True)


class _BasicValues(CadreWriteSerializer):
    birthplace = serializers.CharField(max_length=60, required=False, allow_blank=True)
    speciality = serializers.CharField(max_length=200, required=False, allow_blank=True)


def values_serializer(
    kind: str, cadre: Cadre, record: Any, data: Any, context: Any
) -> serializers.Serializer:
    """Return the serializer that reads what is asked for: the history's own, with the fields that may be asked."""
    if kind in Correction.PERSONAL:
        writer: type[serializers.Serializer] = _BasicValues
    else:
        writer = AppointmentWriteSerializer if kind == "appointment" else WRITERS[kind]
    is_missing = record is None and kind not in Correction.PERSONAL
    made = writer(data=data, partial=not is_missing, context=context)
    names = (ASKABLE[kind].missing or frozenset()) if is_missing else ASKABLE[kind].names
    for name, field in list(made.fields.items()):
        if (field.source or name) not in names:
            del made.fields[name]
    # One's own unit may lie in any township, and one's own lines are in one's own sight.
    if "unit" in made.fields:
        made.fields["unit"] = serializers.PrimaryKeyRelatedField(
            queryset=Unit.objects.all(), required=False, allow_null=True
        )
    if "within" in made.fields:
        made.fields["within"] = serializers.PrimaryKeyRelatedField(
            queryset=CareerLine.objects.filter(cadre=cadre), required=False, allow_null=True
        )
    return made
