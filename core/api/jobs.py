"""The jobs resource: one's own background jobs, their progress and result."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core import jobs
from core.api import serializers
from core.errors import NotFound
from core.files import download_response
from core.models import Job


class JobSerializer(serializers.ModelSerializer):
    """A job as its asker sees it."""

    message = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = (
            "id", "kind", "label", "status", "progress", "message", "result", "attempts",
            "created_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_message(self, job: Job) -> str:
        """What is going on, or why it ended."""
        return job.error or job.message

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": {}})
    def get_result(self, job: Job) -> dict[str, Any] | None:
        """What came out, with the address of the result file."""
        if job.result is None:
            return None
        if job.result_file_id is None:
            return job.result
        return {**job.result, "file": reverse("api-jobs-file", [job.pk], request=self.context.get("request"))}


class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """One's own jobs, newest first; anybody else's answer 404."""

    queryset = Job.objects.all()
    serializer_class = JobSerializer
    filterset_fields = ("kind", "status")
    lookup_value_regex = "[0-9a-f-]{36}"

    def get_queryset(self) -> QuerySet[Job]:
        """The asker's own."""
        if getattr(self, "swagger_fake_view", False):
            return Job.objects.none()
        return Job.objects.asked_by(self.request.user)

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Ask the job to stop."""
        job = self.get_object()
        jobs.request_cancel(job)
        return Response(self.get_serializer(job).data)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str | None = None) -> FileResponse:
        """The job's result file."""
        job = self.get_object()
        if job.result_file is None:
            raise NotFound("这个任务没有结果文件。")
        return download_response(job.result_file)
