"""The reports resource (ask for a report, read its figures, fetch its workbook), facts and saved queries."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api_base import WriteViewSet
from accounts.scope import require
from cadres.facts import FACTS, TOPICS, Fact
from core import audit
from core.api import ScopedViewSet
from core.api.jobs import JobSerializer
from core.errors import NotFound
from core.files import download_response
from reports import analysis_api, services
from reports.models import AnnualReport, SavedQuery
from reports.queries import running, saving
from reports.queries.catalog import fact_field
from reports.queries.operators import operators_of
from reports.queries.uses import USES, hand_over
from reports.queries.words import describe
from reports.serializers import (
    FactFilterSerializer,
    FactSerializer,
    QueryResultSerializer,
    QueryRunSerializer,
    QueryUsedSerializer,
    QueryUseSerializer,
    ReportRequestSerializer,
    ReportSerializer,
    SavedQuerySerializer,
    SavedQueryWriteSerializer,
)


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


class FactViewSet(viewsets.ViewSet):
    """Every fact there is, for those who see the roster."""

    @extend_schema(parameters=[FactFilterSerializer], responses=FactSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All facts, or those of a level, in the order of their page; codes stand in the code tables."""
        require(request.user, "cadre.view")
        asked = FactFilterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        level = asked.validated_data.get("level")
        topics = [*TOPICS]
        facts = sorted(FACTS.values(), key=lambda each: topics.index(each.topic))
        return Response([_fact(each) for each in facts if level in (None, each.level)])


def _fact(fact: Fact) -> dict[str, Any]:
    field = fact_field(fact)
    return {
        "name": fact.name, "label": fact.label, "topic": TOPICS[fact.topic], "definition": fact.definition,
        "unit": fact.unit, "level": fact.level, "kind": fact.kind, "operators": list(operators_of(field, of_fact=True)),
        "options": [{"value": value, "label": label} for value, label in field.options or field.steps],
        "code_list": field.codes,
    }  # fmt: skip


class QueryViewSet(WriteViewSet):
    """Queries over the roster: one's own, and those shared at one's unit; only one's own can be changed."""

    queryset = SavedQuery.objects.select_related("owner", "unit", "within")
    serializer_class = SavedQuerySerializer
    write_serializer_class = SavedQueryWriteSerializer
    view_capability = "cadre.view"
    edit_capability = "cadre.view"
    search_fields = ("name",)
    ordering_fields = ("id", "name", "updated_at")
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def service_create(self, data: dict[str, Any]) -> SavedQuery:
        """See reports.queries.saving.save_query."""
        query = saving.build_query(
            where=data["where"],
            within=data.get("within"),
            as_of=data.get("as_of"),
            people=data.get("people", "in"),
        )
        return saving.save_query(
            by=self.request.user, name=data["name"], query=query, unit=data.get("unit"),
            is_shared=data.get("is_shared", False),
        )  # fmt: skip

    def service_update(self, obj: SavedQuery, data: dict[str, Any]) -> SavedQuery:
        """See reports.queries.saving.change_query; what isn't named stays as it is."""
        query = saving.build_query(
            where=data.get("where", obj.where), within=data.get("within", obj.within),
            as_of=data.get("as_of", obj.as_of), people=data.get("people", obj.people),
        )  # fmt: skip
        return saving.change_query(
            saved=obj, by=self.request.user, name=data.get("name", obj.name), query=query, unit=data.get("unit"),
            is_shared=data.get("is_shared", obj.is_shared),
        )  # fmt: skip

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Delete one's own query."""
        saving.delete_query(saved=self.get_object(), by=request.user)
        self.tagged = None
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=QueryUseSerializer, responses=QueryUsedSerializer)
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str | None = None) -> Response:
        """Make the people it finds the targets of a drafted call or class, or the subjects of a drafted round."""
        saved = self.get_object()
        self.tagged = None
        asked = QueryUseSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        use, target = USES[asked.validated_data["use"]], asked.validated_data["target"]
        require(request.user, use.capability)
        row = use.drafted(request.user).filter(pk=target).first()
        if row is None:
            raise NotFound(f"没有找到正在准备的{use.noun}。")
        query = saving.load_query(saved)
        count = hand_over(use, to=row, query=query, by=request.user)
        return Response({"use": use.code, "target": row.pk, "count": count, "words": describe(query)})

    @extend_schema(request=QueryRunSerializer, responses=QueryResultSerializer)
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str | None = None) -> Response:
        """The people it finds within the reader's own scope and level, a page at a time."""
        saved = self.get_object()
        self.tagged = None
        asked = QueryRunSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        query = saving.within_unit(saving.load_query(saved), given.get("within"))
        cursor = given.get("cursor", "")
        page = running.run_page(query, user=request.user, cursor=cursor, size=given["page_size"])
        number, more = running.count(query, user=request.user)
        rows = running.rows_of(page, query, user=request.user)
        return Response(
            {
                "words": describe(query), "count": number, "more": more, "next": page.next, "previous": page.previous,
                "columns": [FACTS[name].label for name in running.shown_facts(query)],
                "results": [{**row, "facts": dict(row["facts"])} for row in rows],
            }
        )  # fmt: skip


router_entries = [("reports", ReportViewSet), ("facts", FactViewSet), ("queries", QueryViewSet)]
urlpatterns = analysis_api.urlpatterns
