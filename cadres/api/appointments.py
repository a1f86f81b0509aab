"""The API's appointments."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import IF_MATCH, WriteViewSet
from cadres.models import Appointment
from cadres.serializers.appointments import AppointmentSerializer, AppointmentWriteSerializer, EndSerializer
from cadres.services import appointments
from core.errors import Invalid


class AppointmentApiFilter(filters.FilterSet):
    """Named filters of the list of appointments."""

    cadre = filters.NumberFilter(field_name="cadre_id", label="干部")
    unit = filters.NumberFilter(field_name="unit_id", label="任职单位")
    post = filters.NumberFilter(field_name="post_id", label="岗位")
    on = filters.DateFilter(method="by_day", label="这一天在任")

    class Meta:
        model = Appointment
        fields = ["kind", "is_main"]

    def by_day(self, rows: Any, name: str, value: Any) -> Any:
        """In force on a day."""
        return rows.on(value)


class AppointmentViewSet(WriteViewSet):
    """Appointments of people in view."""

    queryset = Appointment.objects.select_related("cadre", "unit", "selection", "removal")
    serializer_class = AppointmentSerializer
    write_serializer_class = AppointmentWriteSerializer
    view_capability = "cadre.view"
    edit_capability = "cadre.edit"
    filterset_class = AppointmentApiFilter
    search_fields = ("title", "cadre__name", "unit__name")
    ordering_fields = ("id", "start", "updated_at")
    http_method_names = ("get", "post", "patch", "head", "options")

    def service_create(self, data: dict[str, Any]) -> Appointment:
        """See cadres.services.appointments.record_appointment."""
        return appointments.record_appointment(by=self.request.user, **data)

    def service_update(self, obj: Appointment, data: dict[str, Any]) -> Appointment:
        """See cadres.services.appointments.correct_appointment; an appointment stays its person's."""
        if data.pop("cadre", obj.cadre) != obj.cadre:
            sentence = "任职不能换人。"
            raise Invalid(sentence, errors={"cadre": [sentence]})
        return appointments.correct_appointment(appointment=obj, by=self.request.user, **data)

    @extend_schema(request=EndSerializer, responses=AppointmentSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str = "") -> Response:
        """Say from when the appointment is no longer held."""
        with transaction.atomic():
            appointment = self.locked_object()
            serializer = EndSerializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            appointment = appointments.end_appointment(
                appointment=appointment, by=request.user, **serializer.validated_data
            )
        self.tagged = appointment
        return Response(self.shown(appointment))
