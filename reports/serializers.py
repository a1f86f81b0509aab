"""JSON shapes of annual reports, facts and saved queries."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field

from accounts.models import Unit
from core.api import serializers
from reports.models import AnnualReport, SavedQuery
from reports.queries import saving
from reports.queries.tree import PEOPLE
from reports.queries.uses import USES

serializers.register_labels(
    "reports",
    {
        "kind": "报表种类", "year": "年度", "unit": "单位", "level": "密级", "name": "名称", "where": "查询条件",
        "within": "查询范围", "as_of": "统计日", "people": "人员", "is_shared": "是否共享", "cursor": "翻页位置",
        "page_size": "每页人数", "on": "统计日", "group": "统计对象", "from": "起始年份", "use": "用途",
        "target": "用于哪一项",
    },
)  # fmt: skip


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


class FactFilterSerializer(serializers.Serializer):
    """Which facts are asked for."""

    level = serializers.ChoiceField(choices=["C1", "C2", "C3"], required=False)


class FactSerializer(serializers.Serializer):
    """A fact: what it counts, and what its values may be compared with."""

    name = serializers.CharField()
    label = serializers.CharField()
    topic = serializers.CharField()
    definition = serializers.CharField()
    unit = serializers.CharField()
    level = serializers.CharField()
    kind = serializers.CharField()
    operators = serializers.ListField(child=serializers.CharField())
    options = serializers.ListField(child=serializers.DictField())
    code_list = serializers.CharField()


@extend_schema_field(
    {"type": "object", "additionalProperties": {}, "description": "条件树，见用户手册“查询”。"}
)
class TreeField(serializers.JSONField):
    """The tree of conditions."""


class UnitKeyField(serializers.CharField):
    """A unit by its id or its code, among those in view."""

    def to_internal_value(self, data: object) -> Unit:
        """Find it; out of view is as good as not there."""
        text = super().to_internal_value(data)
        units = Unit.objects.visible_to(self.context["request"].user)
        found = units.filter(code=text).first()
        if found is None and text.isascii() and text.isdecimal() and len(text) < 18:
            found = units.filter(pk=int(text)).first()
        if found is None:
            raise serializers.ValidationError(f"没有找到单位“{text}”，或者它不在您的权限范围内。")
        return found


class SavedQuerySerializer(serializers.ModelSerializer):
    """A saved query with its conditions in words."""

    words = serializers.SerializerMethodField()
    owner = serializers.CharField(source="owner.name", read_only=True)
    own = serializers.SerializerMethodField()
    where = TreeField()

    class Meta:
        model = SavedQuery
        fields = (
            "id", "name", "where", "within", "as_of", "people", "is_shared", "unit", "owner", "own", "words",
            "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_words(self, saved: SavedQuery) -> str:
        """The query as somebody would say it."""
        return saving.words_of(saved)

    def get_own(self, saved: SavedQuery) -> bool:
        """Whether the reader may change it."""
        return bool(saved.owner_id == self.context["request"].user.pk)


class SavedQueryWriteSerializer(serializers.Serializer):
    """What POST and PATCH queries/ take."""

    name = serializers.CharField(max_length=60)
    where = TreeField()
    within = UnitKeyField(required=False, allow_null=True)
    as_of = serializers.DateField(required=False, allow_null=True)
    people = serializers.ChoiceField(choices=list(PEOPLE.items()), required=False)
    is_shared = serializers.BooleanField(required=False)
    unit = UnitKeyField(required=False)


class QueryRunSerializer(serializers.Serializer):
    """What POST queries/{id}/run takes: another part of the tree, and the place in the list."""

    within = UnitKeyField(required=False, allow_null=True)
    cursor = serializers.CharField(required=False, allow_blank=True, max_length=400)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=500, default=50)


class QueryUseSerializer(serializers.Serializer):
    """What POST queries/{id}/use takes: what the people are for, and the id of the drafted call, class or round."""

    use = serializers.ChoiceField(choices=[(use.code, use.noun) for use in USES.values()])
    target = serializers.IntegerField(min_value=1)


class QueryUsedSerializer(serializers.Serializer):
    """How many people went over, and by which words."""

    use = serializers.CharField()
    target = serializers.IntegerField()
    count = serializers.IntegerField()
    words = serializers.CharField()


class QueryResultSerializer(serializers.Serializer):
    """A page of the people a query finds; `count` stops at the cap, then `more` is true."""

    words = serializers.CharField()
    count = serializers.IntegerField()
    more = serializers.BooleanField()
    next = serializers.CharField()
    previous = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    results = serializers.ListField(child=serializers.DictField())
