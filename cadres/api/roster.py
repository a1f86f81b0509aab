"""The API's posts and people."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import transaction
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import IF_MATCH, UPDATED_SINCE, WriteViewSet
from accounts.models import Unit
from cadres.api.histories import histories_of
from cadres.listing import AGE_BANDS, EDUCATION_BANDS, PARTIES, Criteria, filtered
from cadres.models import Cadre, Post
from cadres.querysets import subtree
from cadres.serializers.histories import HistoriesSerializer
from cadres.serializers.roster import (
    CadreSerializer,
    CadreWriteSerializer,
    PostSerializer,
    PostWriteSerializer,
    RevealedSerializer,
    RevealSerializer,
    TransferSerializer,
)
from cadres.services import people, posts
from cadres.services.sight import own_record
from cadres.summaries import summaries
from core.calendar import today
from core.errors import Invalid

_STATUSES = [("in", "在职"), ("left", "已离开"), ("all", "全部")]


class PostApiFilter(filters.FilterSet):
    """Named filters of the list of posts."""

    unit = filters.NumberFilter(field_name="unit_id", label="单位")
    open = filters.BooleanFilter(field_name="closed_on", lookup_expr="isnull", label="未撤销")

    class Meta:
        model = Post
        fields = ["category"]


class PostViewSet(WriteViewSet):
    """Posts in view; whoever maintains posts creates and changes them."""

    queryset = Post.objects.select_related("unit", "level")
    serializer_class = PostSerializer
    write_serializer_class = PostWriteSerializer
    view_capability = "unit.view"
    edit_capability = "post.edit"
    filterset_class = PostApiFilter
    search_fields = ("title", "unit__name")
    ordering_fields = ("id", "title", "updated_at")
    http_method_names = ("get", "post", "patch", "head", "options")

    def service_create(self, data: dict[str, Any]) -> Post:
        """See cadres.services.posts.create_post."""
        return posts.create_post(by=self.request.user, **data)

    def service_update(self, obj: Post, data: dict[str, Any]) -> Post:
        """See cadres.services.posts.edit_post; a post stays at its unit."""
        if data.pop("unit", obj.unit) != obj.unit:
            raise Invalid("岗位不能换单位。", errors={"unit": ["岗位不能换单位。"]})
        return posts.edit_post(post=obj, by=self.request.user, **data)


class CadreApiFilter(filters.FilterSet):
    """Named filters of the roster, the same as on the page."""

    unit = filters.NumberFilter(method="by_unit", label="单位及其全部下级")
    search = filters.CharFilter(method="by_name", label="姓名、全拼或简拼")
    category = filters.ChoiceFilter(choices=Post.Category.choices, method="keep", label="职务类别")
    gender = filters.ChoiceFilter(choices=Cadre.Gender.choices, method="keep", label="性别")
    age = filters.ChoiceFilter(
        choices=[(k, v[0]) for k, v in AGE_BANDS.items()], method="keep", label="年龄段"
    )
    education = filters.ChoiceFilter(
        choices=[(k, v[0]) for k, v in EDUCATION_BANDS.items()], method="keep", label="学历"
    )
    party = filters.ChoiceFilter(
        choices=[(k, v[0]) for k, v in PARTIES.items()], method="keep", label="政治面貌"
    )
    hosted = filters.BooleanFilter(method="keep", label="在外挂职")
    status = filters.ChoiceFilter(choices=_STATUSES, method="keep", label="人事关系")

    class Meta:
        model = Cadre
        fields: list[str] = []

    def by_unit(self, rows: Any, name: str, value: Any) -> Any:
        """A unit in view and everything below it."""
        unit = Unit.objects.visible_to(self.request.user).filter(pk=min(int(value), 2**62)).first()
        return rows.filter(subtree(unit.path)) if unit else rows.none()

    def by_name(self, rows: Any, name: str, value: str) -> Any:
        """As the page searches."""
        return rows.matching(value[:60])

    def keep(self, rows: Any, name: str, value: Any) -> Any:
        """These are applied together, below."""
        return rows

    def filter_queryset(self, queryset: Any) -> Any:
        """The page's own conditions; without a status everybody is listed."""
        rows = super().filter_queryset(queryset)
        asked = {
            name: self.form.cleaned_data.get(name)
            for name in ("category", "gender", "age", "education", "party", "hosted", "status")
        }
        given = {name: value for name, value in asked.items() if value}
        return filtered(rows, Criteria(**{"status": "all", **given}), today())


class CadreViewSet(WriteViewSet):
    """People in view. Lists are read in two queries: the keys of the page, then the people in one row each."""

    queryset = Cadre.objects.all()
    serializer_class = CadreSerializer
    write_serializer_class = CadreWriteSerializer
    view_capability = "cadre.view"
    edit_capability = "cadre.edit"
    capabilities = {"reveal_id": "cadre.view_sensitive"}
    filterset_class = CadreApiFilter
    ordering_fields = ("id", "name_key", "birth", "updated_at")
    ordering = ("name_key",)
    http_method_names = ("get", "post", "patch", "head", "options")

    def get_queryset(self) -> QuerySet[Cadre]:
        """The list needs no more than keys."""
        rows = super().get_queryset()
        if self.action == "histories":
            own = own_record(self.request.user)
            seen = Q(pk__in=rows.values("pk")) | Q(pk=own.pk if own else None)
            return Cadre.objects.filter(seen)
        return rows.values_list("pk", flat=True) if self.action == "list" else rows.select_related("unit")

    @extend_schema(parameters=[UPDATED_SINCE])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The people in view, each as the reader may see them."""
        ids = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(summaries(ids, user=request.user))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One person."""
        return Response(self.shown(self.get_object()))

    def shown(self, obj: Cadre) -> dict[str, Any]:
        """A person in one row."""
        return summaries([obj.pk], user=self.request.user)[0]

    def service_create(self, data: dict[str, Any]) -> Cadre:
        """See cadres.services.people.create_cadre."""
        return people.create_cadre(by=self.request.user, **data).cadre

    def service_update(self, obj: Cadre, data: dict[str, Any]) -> Cadre:
        """See cadres.services.people.edit_cadre; the unit has its own verb."""
        if data.pop("unit", obj.unit) != obj.unit:
            sentence = "调动请用 transfer。"
            raise Invalid(sentence, errors={"unit": [sentence]})
        for name in ("relation_start", "namesake_confirmed"):
            data.pop(name, None)
        return people.edit_cadre(cadre=obj, by=self.request.user, **data).cadre

    @extend_schema(request=TransferSerializer, responses=CadreSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str = "") -> Response:
        """Move the personnel relation to another unit."""
        with transaction.atomic():
            cadre = self.locked_object()
            serializer = TransferSerializer(data=request.data, context=self.get_serializer_context())
            serializer.is_valid(raise_exception=True)
            cadre = people.transfer_cadre(cadre=cadre, by=request.user, **serializer.validated_data)
            self.check_still_in_reach(cadre)
        self.tagged = cadre
        return Response(self.shown(cadre))

    def may_use(self, user: Any, capability: str) -> bool:
        """One's own histories are open to whoever has a record."""
        return super().may_use(user, capability) or (
            self.action == "histories" and own_record(user) is not None
        )

    @extend_schema(responses=HistoriesSerializer)
    @action(detail=True, methods=["get"])
    def histories(self, request: Request, pk: str = "") -> Response:
        """All that is kept of a person, by kind; what the reader may not see is absent."""
        return Response(histories_of(self.get_object(), request.user))

    @extend_schema(request=RevealSerializer, responses=RevealedSerializer)
    @action(detail=True, methods=["post"], url_path="reveal-id")
    def reveal_id(self, request: Request, pk: str = "") -> Response:
        """The identity number in clear, once, with a reason that goes into the audit trail."""
        serializer = RevealSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        reason = serializer.validated_data["reason"]
        number = people.reveal_identity(cadre=self.get_object(), by=request.user, reason=reason)
        return Response({"id_number": number}, headers={"Cache-Control": "no-store"})
