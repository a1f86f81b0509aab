"""The reports resource: ask for a report (202 with a job), read its figures, fetch its workbook."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core import audit
from core.api import ScopedViewSet
from core.api.jobs import JobSerializer
from core.errors import NotFound
from core.files import download_response
from reports import analysis_api, services
from reports.models import AnnualReport
from reports.serializers import ReportRequestSerializer, ReportSerializer


class ReportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """One's own annual reports."""

    queryset = AnnualReport.objects.select_related("unit")
    serializer_class = ReportSerializer
    view_capability = "report.annual"
    edit_capability = "report.annual"
    filterset_fields = ("year", "unit")
    ordering_fields = ("requested_at", "year")

    @extend_schema(request=ReportRequestSerializer, responses={202: OpenApiTypes.OBJECT})
    def create(self, request: Request) -> Response:
        """Ask for a report; the answer names the job to follow."""
        asked = ReportRequestSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        values: dict[str, Any] = asked.validated_data
        report, job = services.request_annual_report(
            unit=values["unit"], year=values["year"], by=request.user
        )
        body = {
            **JobSerializer(job, context={"request": request}).data,
            "job": str(job.pk),
            "report": report.pk,
            "file": reverse("api-reports-file", [report.pk], request=request),
        }
        return Response(body, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str | None = None) -> FileResponse:
        """The workbook."""
        report = self.get_object()
        if report.file is None:
            raise NotFound("这份报告还没有生成。")
        audit.record("report.downloaded", by=request.user, obj=report, unit_name=report.unit.name)
        return download_response(report.file, services.report_name(report))


router_entries = [("reports", ReportViewSet)]
urlpatterns = analysis_api.urlpatterns
