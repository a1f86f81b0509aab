"""JSON shapes of nominations, their papers and the verdicts on them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field

from core.api import serializers
from programs.models import Nomination, NominationFile
from programs.presenting import verdicts_for
from programs.serializers.shared import ActionsField, row_number
from programs.services.pipelines import case_history

_OBJECTS = {"type": "array", "items": {"type": "object", "additionalProperties": {}}}


class NominationSerializer(serializers.ModelSerializer):
    """A case in a list."""

    cadre_name = serializers.CharField(source="cadre.name", read_only=True, default=None)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    call_title = serializers.CharField(source="call.title", read_only=True)
    status_label = serializers.CharField(source="get_state_display", read_only=True)
    arrangement_cancelled = serializers.BooleanField(read_only=True)
    step = serializers.CharField(source="step.kind", read_only=True, default=None)
    step_name = serializers.CharField(source="step.name", read_only=True, default=None)

    class Meta:
        model = Nomination
        fields = ("id", "call", "call_title", "unit", "unit_name", "cadre", "cadre_name", "nominee_unit",
                  "status", "status_label", "arrangement_cancelled", "step", "step_name", "submitted_at", "return_due", "list_rank",
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


class NominationBulkSerializer(serializers.Serializer):
    """What POST nominations/bulk/ takes."""

    ids = serializers.ListField(child=row_number(), min_length=1, max_length=200)
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
