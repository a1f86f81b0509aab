"""The analyses over the API: the structure of a unit's subtree on a day, supply and demand for five years."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.models import Unit
from accounts.scope import require
from core.api import serializers
from core.api.jobs import JobSerializer
from core.calendar import start_of_day, today
from core.errors import NotFound
from reports.forecast import exporting as forecast_exporting
from reports.forecast import figures as forecast_figures
from reports.forecast.outlook import Outlook, sees_reserve
from reports.forms import top_unit
from reports.structure import figures as structure_figures
from reports.structure import stored
from reports.structure.asking import hurried
from reports.structure.population import ANALYSIS, EVERYBODY, GROUPS, Population

LONGEST_ID = 19
RETRY_AFTER = "5"  # seconds


class _UnitAsked(serializers.Serializer):
    """The unit by its id or code; without one the highest in the reader's reach."""

    unit = serializers.CharField(
        required=False, max_length=30, help_text="单位的编号或编码，不填为权限内最高的单位"
    )

    def chosen_unit(self, user: Any) -> Unit:
        """Return the unit. Raises NotFound for one out of reach."""
        value = self.validated_data.get("unit")
        units = Unit.objects.visible_to(user, ANALYSIS)
        if value is None:
            found = top_unit(user, ANALYSIS)
        else:
            found = units.filter(code=value).first()
            if found is None and value.isascii() and value.isdecimal() and len(value) < LONGEST_ID:
                found = units.filter(pk=int(value)).first()
        if found is None:
            raise NotFound("没有找到这个单位，或者它不在您的权限范围内。")
        return found


class StructureAsked(_UnitAsked):
    """What GET structure/ takes."""

    on = serializers.DateField(required=False, help_text="统计日，不晚于今天，不填为今天")
    group = serializers.ChoiceField(
        choices=list(GROUPS.items()), required=False, help_text="统计对象，不填为全体干部"
    )


class ForecastAsked(_UnitAsked):
    """What GET forecast/ takes: the unit, and `from`, a word of the language."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """The unit and the first of the five years."""
        year = serializers.IntegerField(
            required=False, min_value=2000, max_value=2200, help_text="五年中的第一年，不填为今年"
        )
        return {**super().get_fields(), "from": year}


class CountingSerializer(JobSerializer):
    """The job that counts, with its key as POST reports/ names it."""

    job = serializers.CharField(source="pk", read_only=True)

    class Meta(JobSerializer.Meta):
        fields = (*JobSerializer.Meta.fields, "job")
        read_only_fields = fields


ANSWERS = {
    200: OpenApiTypes.OBJECT,
    202: OpenApiResponse(
        CountingSerializer, description="人数多的范围由后台任务统计：完成后再请求一次即得结果。"
    ),
}


def _counted(kind: str, parameters: dict[str, Any], unit: Unit, request: Request) -> Response:
    """What a job of the asker's has counted today, else 202 with the job that counts; asked again it is the same job.

    Counts of earlier days aren't answered: histories are mended backwards, and a machine can't see how old they are.
    """
    kept = stored.kept(kind, parameters, request.user, since=start_of_day(today()))
    if kept.figures is not None:
        return Response(kept.figures)
    job = kept.running or stored.ask_for(kind, parameters, unit, by=request.user)
    headers = {"Location": reverse("api-jobs-detail", [job.pk], request=request), "Retry-After": RETRY_AFTER}
    told = CountingSerializer(job, context={"request": request}).data
    return Response(told, status=status.HTTP_202_ACCEPTED, headers=headers)


class StructureView(APIView):
    """The figures of the structure analysis page."""

    @extend_schema(parameters=[StructureAsked], responses=ANSWERS)
    @hurried()
    def get(self, request: Request) -> Response:
        """People by every dimension, measures against their norms, places and vacancies."""
        require(request.user, ANALYSIS)
        asked = StructureAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        unit = asked.chosen_unit(request.user)
        population = Population(unit, values.get("on") or today(), values.get("group", EVERYBODY))
        if stored.is_large(unit):
            parameters = stored.structure_parameters(population, None)
            answer = _counted(stored.KIND, parameters, unit, request)
            return Response(answer.data["first"]) if answer.status_code == status.HTTP_200_OK else answer
        return Response(structure_figures.compute(population))


class ForecastView(APIView):
    """The figures of the supply and demand page."""

    @extend_schema(parameters=[ForecastAsked], responses=ANSWERS)
    @hurried()
    def get(self, request: Request) -> Response:
        """Retirements, term ends and vacancies by category and stage; the reserve for those who may see it."""
        require(request.user, ANALYSIS)
        asked = ForecastAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        unit = asked.chosen_unit(request.user)
        outlook = Outlook(unit, asked.validated_data.get("from") or today().year, request.user)
        if stored.is_large(unit):
            parameters = forecast_exporting.forecast_parameters(outlook)
            return _counted(forecast_exporting.FIGURES, parameters, unit, request)
        with_reserve = sees_reserve(request.user, unit)
        return Response(forecast_figures.compute(outlook, with_reserve=with_reserve))


urlpatterns = [
    path("structure/", StructureView.as_view(), name="api-structure"),
    path("forecast/", ForecastView.as_view(), name="api-forecast"),
]
