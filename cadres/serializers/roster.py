"""How posts and people travel through the API; dates as far as they are known."""

from __future__ import annotations

from accounts.models import Unit
from cadres.models import Appointment, Cadre, Code, Post
from cadres.serializers.base import PARTIAL, CodeField, InReach, PartialDateField
from core.api import serializers


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
    surname_reading = serializers.CharField(help_text="姓氏读音：多音姓氏选定的读法，未选定为空")
    unit = serializers.IntegerField()
    unit_name = serializers.CharField()
    gender = serializers.CharField()
    birth = serializers.CharField(allow_null=True, help_text=PARTIAL)
    age = serializers.IntegerField(allow_null=True)
    id_number = serializers.CharField(allow_null=True, help_text="只显示首尾四位")
    ethnicity = serializers.CharField(allow_null=True, help_text="GB/T 3304 代码")
    ethnicity_name = serializers.CharField(allow_null=True)
    native_place = serializers.CharField(allow_null=True)
    birthplace = serializers.CharField(allow_null=True)
    speciality = serializers.CharField(allow_null=True, help_text="熟悉专业有何专长")
    retirement_limit = serializers.CharField(
        allow_null=True, help_text="改革前任职年龄界限：60、55、50；空表示按男 60、女 55 推算"
    )
    work = serializers.CharField(allow_null=True, help_text=PARTIAL)
    party_join = serializers.CharField(allow_null=True, help_text=PARTIAL)
    party = serializers.CharField(allow_null=True)
    democratic_party = serializers.CharField(allow_null=True)
    posts = HeldPostSerializer(many=True)
    post = serializers.CharField(help_text="现任职务")
    post_since = serializers.CharField(allow_null=True, help_text=PARTIAL)
    post_category = serializers.CharField()
    hosted_at = serializers.CharField(help_text="挂职所在单位，没有则为空")
    level_since = serializers.CharField(allow_null=True, help_text=PARTIAL)
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
    surname_reading = serializers.CharField(
        max_length=10, required=False, allow_blank=True, help_text="多音姓氏的读法，如“覃”为 qin 或 tan"
    )
    unit = InReach(queryset=Unit.objects.all())
    gender = serializers.ChoiceField([*Cadre.Gender.choices], required=False, allow_blank=True)
    birth = PartialDateField(required=False)
    id_number = serializers.CharField(
        max_length=30, required=False, allow_blank=True, help_text="含星号表示不修改"
    )
    ethnicity = CodeField(Code.List.ETHNICITY)
    native_place = serializers.CharField(max_length=60, required=False, allow_blank=True)
    birthplace = serializers.CharField(max_length=60, required=False, allow_blank=True)
    speciality = serializers.CharField(max_length=200, required=False, allow_blank=True)
    retirement_limit = serializers.ChoiceField(
        [*Cadre.RetirementLimit.choices], required=False, allow_blank=True
    )
    work = PartialDateField(required=False, source="work_start")
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    relation_start = PartialDateField(required=False)
    namesake_confirmed = serializers.BooleanField(required=False)


class TransferSerializer(serializers.Serializer):
    """Where a personnel relation moves, and from when."""

    unit = InReach(queryset=Unit.objects.all(), source="to_unit")
    on = serializers.DateField()


class RevealSerializer(serializers.Serializer):
    """Why somebody looks at an identity number."""

    reason = serializers.CharField(max_length=200)


class RevealedSerializer(serializers.Serializer):
    """An identity number, this once."""

    id_number = serializers.CharField()
