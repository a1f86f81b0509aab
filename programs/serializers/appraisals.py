"""JSON shapes of written appraisals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from core.api import serializers
from programs.avoidance import avoided_ids
from programs.models import Appraisal
from programs.services import appraisals


class SectionSerializer(serializers.Serializer):
    """One heading of an appraisal with its text."""

    order = serializers.IntegerField()
    heading = serializers.CharField()
    text = serializers.CharField(allow_blank=True)


class AppraisalSerializer(serializers.ModelSerializer):
    """An appraisal; its text and grade only for those who may read them."""

    cadre = serializers.IntegerField(source="participation.cadre_id", read_only=True)
    cadre_name = serializers.CharField(source="participation.cadre.name", read_only=True)
    base_name = serializers.CharField(source="stint.base.name", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    grade = serializers.SerializerMethodField()
    sections = serializers.SerializerMethodField()

    class Meta:
        model = Appraisal
        fields = ("id", "participation", "cadre", "cadre_name", "base_name", "status", "status_label", "due",
                  "filed_at", "grade", "sections", "updated_at")  # fmt: skip
        read_only_fields = fields

    def _open(self, appraisal: Appraisal) -> bool:
        user = self.context["request"].user
        if "avoided" not in self.context:
            self.context["avoided"] = avoided_ids(user)
        return appraisals.may_read(appraisal, user, self.context["avoided"])

    def get_grade(self, appraisal: Appraisal) -> str | None:
        """The grade, or null for those who may not read it."""
        return appraisal.grade if self._open(appraisal) else None

    @extend_schema_field(SectionSerializer(many=True, allow_null=True))
    def get_sections(self, appraisal: Appraisal) -> list[dict[str, Any]] | None:
        """The headings with their text, or null for those who may not read them."""
        if not self._open(appraisal):
            return None
        return [
            {"order": each.order, "heading": each.heading, "text": each.text}
            for each in appraisal.sections.all()
        ]


class SectionTextSerializer(serializers.Serializer):
    """One heading's text."""

    order = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Both are needed, also where the appraisal itself is sent in part (PATCH)."""
        missing = {
            name: [f"“{serializers.label_of(field, name, 'programs')}”必须填写。"]
            for name, field in self.fields.items()
            if name not in attrs
        }
        if missing:
            raise serializers.ValidationError(missing)
        return attrs


class AppraisalWriteSerializer(serializers.Serializer):
    """What PATCH appraisals/{id}/ takes."""

    grade = serializers.ChoiceField(choices=Appraisal.Grade.choices, required=False, allow_blank=True)
    sections = SectionTextSerializer(many=True, required=False)


class AppraisalTakeSerializer(AppraisalWriteSerializer):
    """What POST appraisals/{id}/take/ takes."""

    action = serializers.ChoiceField(choices=["file", "return"])
    comment = serializers.CharField(required=False, allow_blank=True, default="")
