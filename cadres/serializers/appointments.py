"""How appointments travel through the API."""

from __future__ import annotations

from accounts.models import Unit
from cadres.models import Appointment, Cadre, Code, Post
from cadres.serializers.base import CodeField, InReach, PartialDateField
from core.api import serializers


class AppointmentSerializer(serializers.ModelSerializer):
    """An appointment; `end` is the first day it no longer counts."""

    start = PartialDateField(source="start_date", read_only=True)
    end = PartialDateField(source="end_date", read_only=True)
    cadre_name = serializers.CharField(source="cadre.name", read_only=True)
    unit_name = serializers.CharField(source="place", read_only=True)
    selection = serializers.CharField(source="selection.code", read_only=True, default="")
    removal = serializers.CharField(source="removal.code", read_only=True, default="")

    class Meta:
        model = Appointment
        fields = (
            "id", "cadre", "cadre_name", "unit", "unit_name", "title", "post", "kind", "is_main", "start",
            "end", "document_number", "selection", "removal", "removal_reason", "probation_end",
            "term_number", "term_end", "updated_at",
        )  # fmt: skip


class AppointmentWriteSerializer(serializers.Serializer):
    """What an appointment is made from or corrected by; a place outside the tree stands in `unit_text`."""

    cadre = InReach(queryset=Cadre.objects.all())
    unit = InReach(queryset=Unit.objects.all(), required=False, allow_null=True)
    unit_text = serializers.CharField(max_length=120, required=False, allow_blank=True)
    title = serializers.CharField(max_length=120)
    post = InReach(queryset=Post.objects.all(), required=False, allow_null=True)
    kind = serializers.ChoiceField(Appointment.Kind.choices, required=False)
    is_main = serializers.BooleanField(required=False)
    start = PartialDateField(required=False)
    end = PartialDateField(required=False)
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    selection = CodeField(Code.List.SELECTION)
    probation_end = serializers.DateField(required=False, allow_null=True)
    term_number = serializers.IntegerField(min_value=1, max_value=20, required=False, allow_null=True)
    term_end = serializers.DateField(required=False, allow_null=True)


class EndSerializer(serializers.Serializer):
    """From when an appointment is no longer held, and how it ended."""

    on = PartialDateField(allow_null=False)
    removal = CodeField(Code.List.REMOVAL)
    removal_reason = serializers.CharField(max_length=200, required=False, allow_blank=True)
