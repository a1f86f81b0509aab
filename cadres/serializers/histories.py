"""How the entries of every history travel: for each kind one serializer to read and one to write, made from KINDS.

Encrypted columns are written, never read: they are null here and opened one entry at a time.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from drf_spectacular.utils import extend_schema_field

from accounts.models import User
from cadres.kinds import KINDS, REVIEWS, HistoryKind
from cadres.models import (
    AnnualAssessment,
    Cadre,
    CareerLine,
    Code,
    Competence,
    CompetenceProfile,
    FamilyMember,
    PersonnelRelation,
    Petition,
    PlanReview,
    ProfessionalTitle,
    ReserveReview,
)
from cadres.serializers.appointments import AppointmentSerializer
from cadres.serializers.base import CodeField, InReach, PartialDateField
from core.api import serializers
from core.partial_dates import PartialDate

LONGEST = 4000
# What the model asks for and the service completes: the words of a code, the date of an answer.
_COMPLETED = {(ProfessionalTitle, "title_text"), (Petition, "due")}
# What only a verb of its own writes.
_BY_VERB = {(Petition, "reply"), (Petition, "replied_on")}
_EARLIEST, _LATEST = dt.date(1900, 1, 1), dt.date(2200, 1, 1)
_LOWEST = {"year": 1980}


@extend_schema_field({"type": "string", "nullable": True, "description": "加密保存，用 reveal 查看。"})
class SealedField(serializers.ReadOnlyField):
    """An encrypted column where rows are read: always null."""

    def get_attribute(self, instance: Any) -> None:
        """Not even read."""


class SealedDateField(PartialDateField):
    """A partly known date that is kept as encrypted text."""

    def to_internal_value(self, data: Any) -> Any:
        """The date as text."""
        value = super().to_internal_value(data)
        return value.iso() if isinstance(value, PartialDate) else ""


def sensible(day: dt.date) -> None:
    """Refuse a day that nobody on the roster can have seen."""
    if not _EARLIEST <= day < _LATEST:
        raise serializers.ValidationError("请填写 1900 到 2199 年之间的日期。")


class ReserveReviewSerializer(serializers.ModelSerializer):
    """The yearly review of a reserve entry."""

    opinion = SealedField()
    status_name = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = ReserveReview
        fields = ("id", "year", "status", "status_name", "opinion", "created_at", "updated_at")


class PlanReviewSerializer(serializers.ModelSerializer):
    """A review of a development plan; `by_mentor` marks the mentor's own words."""

    class Meta:
        model = PlanReview
        fields = ("id", "on", "progress", "advice", "by_mentor", "created_at", "updated_at")


_REVIEWS: dict[str, type[serializers.ModelSerializer]] = {
    "reserve": ReserveReviewSerializer, "plan": PlanReviewSerializer,
}  # fmt: skip


def _reader(kind: HistoryKind) -> type[serializers.ModelSerializer]:
    """Whose entry, what it says (codes and choices with their words), when it was changed."""
    made: dict[str, Any] = {"cadre_name": serializers.CharField(source="cadre.name", read_only=True)}
    names = ["id", "cadre", "cadre_name"]
    for name in kind.fields:
        found = _read(kind, name)
        made |= found
        names += [name, *(extra for extra in found if extra != name)]
    if kind.model is FamilyMember:
        names.append("kin_confirmed_at")
    if kind.model is CompetenceProfile:
        names.append("published_on")
    if kind.slug in REVIEWS:
        made["reviews"] = _REVIEWS[kind.slug](many=True, read_only=True)
        names.append("reviews")
    meta = type("Meta", (), {"model": kind.model, "fields": (*names, "updated_at")})
    name = f"{kind.model.__name__}Serializer"
    return type(
        name,
        (serializers.ModelSerializer,),
        made | {"Meta": meta, "__doc__": f"{kind.label}。", "__module__": __name__},
    )


def _read(kind: HistoryKind, name: str) -> dict[str, Any]:
    """The fields that a column is read by, where they aren't simply the model's own."""
    field: Any = kind.model._meta.get_field(name)
    if name in kind.sealed:
        return {name: SealedField()}
    if name in kind.dated:
        return {name: PartialDateField(source=f"{name}_date", read_only=True)}
    if field.related_model is Code:
        return {
            name: serializers.CharField(source=f"{name}.code", read_only=True, default=""),
            f"{name}_name": serializers.CharField(source=f"{name}.name", read_only=True, default=""),
        }
    if field.related_model in (Cadre, User):
        return {f"{name}_name": serializers.CharField(source=f"{name}.name", read_only=True, default="")}
    if field.choices:
        source = "grade_label" if kind.model is AnnualAssessment else f"get_{name}_display"
        return {f"{name}_name": serializers.CharField(source=source, read_only=True)}
    if name == "scores":
        return {name: _scores()}
    return {}


def _scores(**more: Any) -> serializers.ListField:
    child = serializers.IntegerField(min_value=0, max_value=100, allow_null=True)
    order = "、".join(Competence.labels)
    return serializers.ListField(child=child, min_length=6, max_length=6, help_text=order, **more)


def _writer(kind: HistoryKind) -> type[serializers.Serializer]:
    """What an entry is made from or corrected by; whose it is never changes."""
    made: dict[str, Any] = {"cadre": InReach(queryset=Cadre.objects.all())}
    for name in kind.fields:
        if (kind.model, name) not in _BY_VERB:
            made[name] = _written(kind, name)
    name = f"{kind.model.__name__}WriteSerializer"
    # The module says whose labels name the fields; the framework's own metaclass would stand there.
    return type(
        name, (serializers.Serializer,), made | {"__doc__": f"{kind.label}。", "__module__": __name__}
    )


def _written(kind: HistoryKind, name: str) -> serializers.Field:
    field: Any = kind.model._meta.get_field(name)
    given: dict[str, Any] = {"required": _needed(kind, name), "help_text": str(field.verbose_name)}
    if name in kind.dated:
        return PartialDateField(**given | {"required": False})
    if kind.model is FamilyMember and name == "birth":
        return SealedDateField(**given)
    if name == "scores":
        return _scores(required=True)
    if field.related_model is not None:
        return _related(field, given)
    return _plain(field, given | ({"allow_null": True} if field.null else {}))


def _needed(kind: HistoryKind, name: str) -> bool:
    """Whether an entry can't be made without it."""
    field: Any = kind.model._meta.get_field(name)
    is_optional = field.blank or field.null or field.has_default() or (kind.model, name) in _COMPLETED
    return not is_optional


def _related(field: Any, given: dict[str, Any]) -> serializers.Field:
    if field.related_model is Code:
        return CodeField(field.get_limit_choices_to()["list"], **given)
    if field.related_model is User:
        mentors = User.objects.filter(is_active=True, account_class="business")
        return serializers.PrimaryKeyRelatedField(queryset=mentors, allow_null=True, **given)
    rows = CareerLine.objects.all() if field.related_model is CareerLine else Cadre.objects.all()
    return InReach(queryset=rows, allow_null=True, **given)


def _plain(field: Any, given: dict[str, Any]) -> serializers.Field:
    if field.name == "labels":
        sets = [(code, labels["name"]) for code, labels in settings.GRADE_LABELS.items()]
        return serializers.ChoiceField(sets, **given)
    if field.choices:
        return serializers.ChoiceField(field.choices, allow_blank=field.blank, **given)
    if isinstance(field, models.BooleanField):
        return serializers.BooleanField(**given)
    if isinstance(field, models.DateField):
        return serializers.DateField(validators=[sensible], **given)
    if isinstance(field, models.DecimalField):
        limits = {"max_digits": field.max_digits, "decimal_places": field.decimal_places}
        return serializers.DecimalField(min_value=0, max_value=100, **limits, **given)
    if isinstance(field, models.IntegerField):
        lowest = _LOWEST.get(field.name, 0)
        return serializers.IntegerField(min_value=lowest, max_value=9999, **given)
    return serializers.CharField(max_length=field.max_length or LONGEST, allow_blank=field.blank, **given)


READERS = {slug: _reader(kind) for slug, kind in KINDS.items()}
WRITERS = {slug: _writer(kind) for slug, kind in KINDS.items()}


class RelationSerializer(serializers.ModelSerializer):
    """Where somebody's personnel relation lay, from–to."""

    start = PartialDateField(source="start_date", read_only=True)
    end = PartialDateField(source="end_date", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    leaving_name = serializers.CharField(source="get_leaving_display", read_only=True)

    class Meta:
        model = PersonnelRelation
        fields = ("id", "unit", "unit_name", "start", "end", "leaving", "leaving_name", "updated_at")


# All that is kept of one person, by kind; a kind above the reader's level is absent.
HistoriesSerializer = type(
    "HistoriesSerializer",
    (serializers.Serializer,),
    {
        "__doc__": "一个人的全部履历，按类；无权查看的类不出现。",
        "__module__": __name__,
        "appointment": AppointmentSerializer(many=True, required=False),
        "relation": RelationSerializer(many=True, required=False),
        **{slug: reader(many=True, required=False) for slug, reader in READERS.items()},
    },
)


class EndHistorySerializer(serializers.Serializer):
    """From when an entry no longer holds."""

    on = PartialDateField(allow_null=False)


class ReasonSerializer(serializers.Serializer):
    """Why an entry is taken out."""

    reason = serializers.CharField(max_length=200)
