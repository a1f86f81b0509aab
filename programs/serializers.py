"""JSON shapes of calls, nominations, undertakings, bases and appraisals."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.workflow import open_to
from programs.models import (
    Appraisal,
    Base,
    Call,
    CallAttachment,
    CallStep,
    EligibilityRule,
    Nomination,
    NominationFile,
    Participation,
    Program,
    Stint,
)
from programs.presenting import verdicts_for
from programs.services import appraisals
from programs.services.pipelines import case_history, places_left


@extend_schema_field(list[dict[str, Any]])
class ActionsField(serializers.Field):
    """What the reader may do now: name, label, and the reason where it is refused."""

    def __init__(self, **kwargs: Any) -> None:
        """Read-only, from the object as a whole."""
        super().__init__(read_only=True, source="*", **kwargs)

    def to_representation(self, value: Any) -> list[dict[str, Any]]:
        """List the open actions."""
        return [
            {
                "action": each.name,
                "label": each.label,
                "needs_comment": each.needs_comment,
                "refusal": each.refusal,
            }
            for each in open_to(value, self.context["request"].user)
        ]


_OBJECTS = {"type": "array", "items": {"type": "object", "additionalProperties": {}}}


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


class CommentSerializer(serializers.Serializer):
    """A comment that goes with an act."""

    comment = serializers.CharField(required=False, allow_blank=True, default="")


class NominationSerializer(serializers.ModelSerializer):
    """A case in a list."""

    cadre_name = serializers.CharField(source="cadre.name", read_only=True, default=None)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    call_title = serializers.CharField(source="call.title", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    step = serializers.CharField(source="step.kind", read_only=True, default=None)
    step_name = serializers.CharField(source="step.name", read_only=True, default=None)

    class Meta:
        model = Nomination
        fields = ("id", "call", "call_title", "unit", "unit_name", "cadre", "cadre_name", "nominee_unit",
                  "status", "status_label", "step", "step_name", "submitted_at", "return_due", "list_rank",
                  "updated_at")  # fmt: skip
        read_only_fields = fields


class PaperSerializer(serializers.ModelSerializer):
    """A paper that a case brought, and where its file is fetched."""

    name = serializers.CharField(source="file.name", read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = NominationFile
        fields = ("id", "attachment", "name", "url", "added_at")
        read_only_fields = fields

    def get_url(self, paper: NominationFile) -> str:
        """The address of the file, for whoever sees the case."""
        return reverse("nomination-paper", args=[paper.nomination_id, paper.pk])


class PaperUploadSerializer(serializers.Serializer):
    """What POST nominations/{id}/papers/ takes; `attachment` says which of the call's papers it is."""

    file = serializers.FileField(allow_empty_file=True)
    attachment = serializers.IntegerField(required=False, allow_null=True, default=None)


class NominationDetailSerializer(NominationSerializer):
    """A case with its papers, verdicts, history and the reader's actions."""

    papers = PaperSerializer(source="files", many=True, read_only=True)
    rules = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()
    actions = ActionsField()

    class Meta(NominationSerializer.Meta):
        fields = (*NominationSerializer.Meta.fields, "statement", "problems", "advisory_reason",
                  "override_reason", "rules_version", "papers", "rules", "history", "actions")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(_OBJECTS)
    def get_rules(self, nomination: Nomination) -> list[dict[str, Any]]:
        """Each rule with its actual value and verdict, as far as the reader may see them."""
        return [
            {"rule": each.rule, "name": each.name, "mode": each.mode, "required": each.required,
             "actual": each.actual, "verdict": each.verdict, "label": each.label, "basis": each.basis}
            for each in verdicts_for(nomination, self.context["request"].user)
        ]  # fmt: skip

    @extend_schema_field(_OBJECTS)
    def get_history(self, nomination: Nomination) -> list[dict[str, Any]]:
        """Every decision so far: step, action, who, when, which words."""
        story = case_history(nomination, self.context["request"].user)
        return [
            {"step": each.step.name if each.step else "", "action": each.action, "label": each.label,
             "actor": each.actor_name, "at": each.at, "comment": each.comment, "status": each.to_status}
            for each in story.decisions
        ]  # fmt: skip


class DeclarationSerializer(serializers.Serializer):
    """What the nominator says about an attested rule."""

    rule = serializers.IntegerField()
    declared = serializers.BooleanField()
    evidence = serializers.CharField(required=False, allow_blank=True, default="")


class NominationWriteSerializer(serializers.Serializer):
    """What POST nominations/ and PATCH nominations/{id}/ take; the texts may come later, before submitting."""

    call = serializers.IntegerField(required=False)
    cadre = serializers.IntegerField(required=False)
    statement = serializers.CharField(required=False, allow_blank=True)
    problems = serializers.CharField(required=False, allow_blank=True)
    advisory_reason = serializers.CharField(required=False, allow_blank=True)
    override_reason = serializers.CharField(required=False, allow_blank=True)
    declarations = DeclarationSerializer(many=True, required=False)


class NominationTakeSerializer(serializers.Serializer):
    """What POST nominations/{id}/take/ takes; `step` makes sure nobody acted in between."""

    action = serializers.ChoiceField(
        choices=[
            "submit",
            "pass",
            "return",
            "extend",
            "reject",
            "waitlist",
            "promote",
            "conclude",
            "withdraw",
        ]
    )
    comment = serializers.CharField(required=False, allow_blank=True, default="")
    due = serializers.DateField(required=False, allow_null=True, default=None)
    score = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=100
    )
    step = serializers.CharField(required=False, allow_blank=True, default="")
    confirmations = serializers.DictField(child=serializers.BooleanField(), required=False, default=dict)


def _row_number() -> serializers.IntegerField:
    """A number that a row can have: an answer that repeats a larger one couldn't be written."""
    return serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class NominationBulkSerializer(serializers.Serializer):
    """What POST nominations/bulk/ takes."""

    ids = serializers.ListField(child=_row_number(), min_length=1, max_length=200)
    action = serializers.ChoiceField(choices=["pass", "return", "reject", "waitlist"])
    comment = serializers.CharField(required=False, allow_blank=True, default="")
    due = serializers.DateField(required=False, allow_null=True, default=None)


class BulkResultSerializer(serializers.Serializer):
    """What became of one case of many."""

    nomination = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    ok = serializers.BooleanField()
    message = serializers.CharField(allow_blank=True)


class BulkOutcomeSerializer(serializers.Serializer):
    """What became of an action on many cases: how many it was done to, and each one's answer."""

    done = serializers.IntegerField()
    results = BulkResultSerializer(many=True)


class FileListSerializer(serializers.Serializer):
    """What POST calls/{id}/file-list/ takes: the cases in rank order."""

    unit = _row_number()
    nominations = serializers.ListField(child=_row_number(), min_length=1, max_length=200)
    note = serializers.CharField(required=False, allow_blank=True, default="")


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
            missing = {name: ["这一项必填。"] for name in needed if name not in attrs}
            if missing:
                raise serializers.ValidationError(missing)
        return attrs


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
        return appraisals.may_read(appraisal, self.context["request"].user)

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
        missing = {name: ["该字段是必填项。"] for name in self.fields if name not in attrs}
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
