"""How posts, people and appointments travel through the API; dates as far as they are known."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Unit
from cadres.models import Appointment, Cadre, Code, Post
from core.partial_dates import PartialDate, parse

_PARTIAL = "日期，知道多少写多少：1976、1976-05 或 1976-05-03。"


@extend_schema_field({"type": "string", "nullable": True, "description": _PARTIAL, "example": "1976-05"})
class PartialDateField(serializers.Field):
    """A partly known date: `1976-05`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("allow_null", True)
        super().__init__(**kwargs)

    def to_representation(self, value: Any) -> Any:
        """The date as it is known."""
        return value.iso() if isinstance(value, PartialDate) else value

    def to_internal_value(self, data: Any) -> PartialDate | None:
        """Read it as people write it; raises ValidationError with a sentence."""
        if not isinstance(data, str) or len(data) > 30:
            raise serializers.ValidationError("请写成 1976-05 这样的文字。")
        try:
            parsed = parse(data)
        except ValueError as problem:
            raise serializers.ValidationError(str(problem)) from None
        if parsed.rest or (parsed.value is None and data.strip()):
            raise serializers.ValidationError("请写成 1976-05 这样的日期。")
        return parsed.value


@extend_schema_field({"type": "string", "nullable": True, "description": "代码表中的代码；空表示没有。"})
class CodeField(serializers.Field):
    """A value of a code list, told by its code, e.g. "01"; empty for none."""

    def __init__(self, code_list: str, **kwargs: Any) -> None:
        self.list = code_list
        super().__init__(required=False, allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> Code | None:
        """Look the code up; raises ValidationError for an unknown one."""
        if not isinstance(data, str) or "\x00" in data:
            raise serializers.ValidationError("请填写代码。")
        if not data.strip():
            return None
        found = Code.objects.filter(list=self.list, code=data.strip(), is_active=True).first()
        if found is None:
            raise serializers.ValidationError("代码表中没有这个代码。")
        return found

    def to_representation(self, value: Any) -> str:
        """The code."""
        return value.code if isinstance(value, Code) else str(value or "")


class InReach(serializers.PrimaryKeyRelatedField):
    """A related row that the person sees; anything else counts as not there."""

    def get_queryset(self) -> Any:
        """The rows in view."""
        rows = super().get_queryset()
        request = self.context.get("request")
        return rows.visible_to(request.user) if request is not None else rows.none()


class PostSerializer(serializers.ModelSerializer):
    """A post; `closed_on` is the first day it no longer exists."""

    unit_name = serializers.CharField(source="unit.name", read_only=True)
    category_name = serializers.CharField(source="get_category_display", read_only=True)
    level = serializers.CharField(source="level.code", read_only=True, default="")

    class Meta:
        model = Post
        fields = (
            "id", "unit", "unit_name", "title", "category", "category_name", "level", "headcount", "closed_on",
            "updated_at",
        )  # fmt: skip


class PostWriteSerializer(serializers.Serializer):
    """What a post is made from."""

    unit = InReach(queryset=Unit.objects.all())
    title = serializers.CharField(max_length=60)
    category = serializers.ChoiceField(Post.Category.choices)
    level = CodeField(Code.List.POST_LEVEL)
    headcount = serializers.IntegerField(min_value=0, max_value=99, required=False, allow_null=True)


class HeldPostSerializer(serializers.Serializer):
    """A post somebody holds today."""

    title = serializers.CharField()
    unit = serializers.IntegerField(allow_null=True)
    unit_name = serializers.CharField()
    kind = serializers.ChoiceField(Appointment.Kind.choices)
    is_main = serializers.BooleanField()
    category = serializers.CharField()
    since = serializers.CharField(allow_null=True)


class CadreSerializer(serializers.Serializer):
    """A person in one row. A field above what the reader may see is null; identity numbers are masked."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    unit = serializers.IntegerField()
    unit_name = serializers.CharField()
    gender = serializers.CharField()
    birth = serializers.CharField(allow_null=True, help_text=_PARTIAL)
    age = serializers.IntegerField(allow_null=True)
    id_number = serializers.CharField(allow_null=True, help_text="只显示首尾四位")
    ethnicity = serializers.CharField(allow_null=True, help_text="GB/T 3304 代码")
    ethnicity_name = serializers.CharField(allow_null=True)
    native_place = serializers.CharField(allow_null=True)
    work = serializers.CharField(allow_null=True, help_text=_PARTIAL)
    party_join = serializers.CharField(allow_null=True, help_text=_PARTIAL)
    party = serializers.CharField(allow_null=True)
    democratic_party = serializers.CharField(allow_null=True)
    posts = HeldPostSerializer(many=True)
    post = serializers.CharField(help_text="现任职务")
    post_since = serializers.CharField(allow_null=True, help_text=_PARTIAL)
    post_category = serializers.CharField()
    hosted_at = serializers.CharField(help_text="挂职所在单位，没有则为空")
    level_since = serializers.CharField(allow_null=True, help_text=_PARTIAL)
    rank = serializers.CharField()
    title = serializers.CharField(help_text="职称")
    education = serializers.CharField(allow_null=True, help_text="最高学历")
    full_time_education = serializers.CharField(allow_null=True)
    full_time_degree = serializers.CharField(allow_null=True)
    full_time_school = serializers.CharField(allow_null=True)
    in_service_education = serializers.CharField(allow_null=True)
    in_service_degree = serializers.CharField(allow_null=True)
    in_service_school = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_null=True)
    photo = serializers.BooleanField()
    status = serializers.CharField()
    updated_at = serializers.DateTimeField()


class CadreWriteSerializer(serializers.Serializer):
    """What a person's record is made from or changed by; the unit changes by `transfer` alone."""

    name = serializers.CharField(max_length=60)
    unit = InReach(queryset=Unit.objects.all())
    gender = serializers.ChoiceField([*Cadre.Gender.choices], required=False, allow_blank=True)
    birth = PartialDateField(required=False)
    id_number = serializers.CharField(
        max_length=30, required=False, allow_blank=True, help_text="含星号表示不修改"
    )
    ethnicity = CodeField(Code.List.ETHNICITY)
    native_place = serializers.CharField(max_length=60, required=False, allow_blank=True)
    work = PartialDateField(required=False, source="work_start")
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    relation_start = PartialDateField(required=False)
    namesake_confirmed = serializers.BooleanField(required=False)


class TransferSerializer(serializers.Serializer):
    """Where a personnel relation moves, and from when."""

    unit = InReach(queryset=Unit.objects.all(), source="to_unit")
    on = serializers.DateField()


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


class RevealSerializer(serializers.Serializer):
    """Why somebody looks at an identity number."""

    reason = serializers.CharField(max_length=200)


class RevealedSerializer(serializers.Serializer):
    """An identity number, this once."""

    id_number = serializers.CharField()
