"""JSON shapes of annual reports."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import Unit
from reports.models import AnnualReport


class ReportSerializer(serializers.ModelSerializer):
    """A report with its figures."""

    unit = serializers.CharField(source="unit.code", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    kind = serializers.SerializerMethodField()
    ready = serializers.SerializerMethodField()

    class Meta:
        model = AnnualReport
        fields = (
            "id",
            "kind",
            "unit",
            "unit_name",
            "year",
            "as_of",
            "requested_at",
            "job",
            "ready",
            "figures",
        )
        read_only_fields = fields

    def get_kind(self, report: AnnualReport) -> str:
        """Which kind of report it is; the annual one so far."""
        return "annual"

    def get_ready(self, report: AnnualReport) -> bool:
        """Whether the workbook can be fetched."""
        return report.file_id is not None


class ReportRequestSerializer(serializers.Serializer):
    """What POST reports/ takes; `unit` is the unit's id or its code."""

    kind = serializers.ChoiceField(choices=["annual"], default="annual")
    year = serializers.IntegerField()
    unit = serializers.CharField()

    def validate_unit(self, value: str) -> Unit:
        """Find the unit among those the requester may report on."""
        units = Unit.objects.visible_to(self.context["request"].user, "report.annual")
        found = units.filter(code=value).first()
        if found is None and value.isdecimal() and len(value) < 18:
            found = units.filter(pk=int(value)).first()
        if found is None:
            raise serializers.ValidationError(f"没有找到单位“{value}”，或者它不在您的权限范围内。")
        return found
