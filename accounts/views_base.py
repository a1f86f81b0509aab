"""Building blocks of the portal's pages: who may open one, which row it shows, lists, service forms."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import DetailView, FormView, TemplateView
from django.views.generic.base import View
from django_filters import FilterSet

from accounts.scope import require
from core.api.pagination import COUNT_CAP
from core.errors import DomainError, NotAllowed, NotFound
from core.list_exports import list_workbook

LONGEST_ID = 19
REFUSALS_IN_FORM = (400, 409)


class CapabilityRequired(View):
    """A page for those who hold `capability` somewhere (any of them, if it is a tuple); others get 403.

    No capability named means nobody: a page open to everyone signed in doesn't use this class.
    """

    capability: str | tuple[str, ...] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask before anything is read."""
        wanted = (self.capability,) if isinstance(self.capability, str) else self.capability
        if not any(name and request.user.holds(name) for name in wanted):
            raise NotAllowed("您没有打开这个页面的权限。")
        return super().dispatch(request, *args, **kwargs)


class ScopedObject(CapabilityRequired):
    """A page about one row: outside the scope 404, in view but not theirs to treat so 403.

    `capability` is what the page needs; `view_capability` (the same unless named) decides what is in view.
    """

    queryset: QuerySet[Any]
    view_capability = ""
    kwargs: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """In view is asked first, so that a stranger's row is 404 even for whoever may do nothing."""
        self.request, self.kwargs = request, kwargs
        self.object = self.get_object()
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        """The rows in view."""
        return self.queryset.all().visible_to(self.request.user, self._viewing())

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        """The row of the address; raises NotFound, or NotAllowed where only viewing is theirs."""
        rows = self.get_queryset() if queryset is None else queryset
        obj = rows.filter(pk=self.kwargs["pk"]).first()
        if obj is None:
            raise NotFound("没有找到您要的内容。")
        if isinstance(self.capability, str) and self.capability != self._viewing():
            require(self.request.user, self.capability, obj if hasattr(obj, "unit_path") else None)
        return obj

    def _viewing(self) -> str:
        named = self.view_capability or self.capability
        return named if isinstance(named, str) else named[0]


USUAL_A_PAGE, MOST_A_PAGE = 50, 200


class ScopedDetail(ScopedObject, DetailView):
    """A page that shows one row in scope."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the row that dispatch found."""
        return self.render_to_response(self.get_context_data(object=self.object))


class CappedPaginator(Paginator):
    """Counts no further than the cap, so that a list of any size opens at the same speed.

    The tables read `per_page` from the address too: one that no page offers is the usual one.
    """

    def __init__(self, rows: Any, per_page: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(rows, per_page if 1 <= per_page <= MOST_A_PAGE else USUAL_A_PAGE, *args, **kwargs)

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most one beyond the cap."""
        rows: Any = self.object_list
        while not isinstance(rows, QuerySet) and hasattr(rows, "data"):
            rows = rows.data  # a table's rows hold its data, which holds the queryset
        if not isinstance(rows, QuerySet):
            return len(rows)
        return rows.order_by()[: COUNT_CAP + 1].count()

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.count > COUNT_CAP


class ListPage(CapabilityRequired, TemplateView):
    """A list: filters in the address, a table (cards on a phone), pages, a count that is never slow.

    A child names `queryset` (read by `visible_to` with `capability`), `table_class`, perhaps
    `filterset_class`, and `template_name`; `export_name` is what its workbook is called. The template gets
    `table`, `filter_form`, `count_text`, `tabs`, `exports`.
    """

    queryset: QuerySet[Any]
    table_class: type[tables.Table]
    filterset_class: type[FilterSet] | None = None
    per_page = USUAL_A_PAGE
    unit_word = "条"
    export_name = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page, or hand out the rows that its filters leave."""
        if self.export_name and request.GET.get("export") == "xlsx":
            table, _ = self.get_rows()
            tables.RequestConfig(request, paginate=False).configure(table)
            return list_workbook(table, name=self.export_name, by=request.user)
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        """The rows in scope."""
        capability = self.capability if isinstance(self.capability, str) else self.capability[0]
        return self.queryset.all().visible_to(self.request.user, capability)

    def get_table_kwargs(self) -> dict[str, Any]:
        """More arguments of the table."""
        return {}

    def get_tabs(self) -> list[dict[str, Any]]:
        """Saved views above the list."""
        return []

    def get_rows(self) -> tuple[tables.Table, forms.Form | None]:
        """The table of the rows that the filters leave, and the form of the filters."""
        rows, form = self.get_queryset(), None
        if self.filterset_class is not None:
            chosen = self.filterset_class(self.request.GET, queryset=rows, request=self.request)
            rows, form = (chosen.qs if chosen.is_valid() else rows.none()), chosen.form
        # Without the request: the table would cut a page by itself, of any size that the address names.
        table = self.table_class(rows, **self.get_table_kwargs())
        table.request = self.request
        return table, form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Filter, sort, cut a page."""
        table, form = self.get_rows()
        paging = {"per_page": self.per_page, "paginator_class": CappedPaginator, "silent": True}
        tables.RequestConfig(self.request, paginate=paging).configure(table)
        paginator = table.paginator
        context = {"table": table, "filter_form": form, "tabs": self.get_tabs()}
        context["exports"] = [{"label": "导出", "url": _export_url(self.request)}] if self.export_name else []
        context["count_text"] = _count_text(paginator, self.unit_word)
        return super().get_context_data(**context, **kwargs)


def _export_url(request: HttpRequest) -> str:
    """The address of the same rows as a workbook."""
    chosen = request.GET.copy()
    chosen.pop("page", None)
    chosen["export"] = "xlsx"
    return f"?{chosen.urlencode()}"


def _count_text(paginator: CappedPaginator, word: str) -> str:
    if paginator.is_capped:
        return f"超过 {COUNT_CAP:,} {word}"
    return f"共 {paginator.count:,} {word}"


class ServiceForm(FormView):
    """A form whose valid input goes to a service; the service's refusal comes back into the form.

    A child defines `perform(form)`, which calls the service and returns the address to go to next.
    """

    def perform(self, form: Any) -> str:
        """Hook: call the service; return where to go."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        """All or nothing; a wrong input or wrong moment keeps what was typed."""
        try:
            with transaction.atomic():
                target = self.perform(form)
        except DomainError as error:
            if error.status not in REFUSALS_IN_FORM:
                raise
            add_refusal(form, error)
            return self.form_invalid(form)
        return redirect(target)

    def form_invalid(self, form: Any) -> HttpResponse:
        """The form again, with 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def ticked_ids(request: HttpRequest) -> list[int]:
    """The primary keys of the rows ticked for a bulk action; anything else sent as `ids` is left out."""
    given = request.POST.getlist("ids")
    return [int(text) for text in given if text.isascii() and text.isdecimal() and len(text) < LONGEST_ID]


def add_refusal(form: forms.BaseForm, error: DomainError) -> None:
    """Show a service's refusal at its fields, or on top of the form."""
    for name, sentences in error.errors.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)
    if not error.errors:
        form.add_error(None, error.message)


__all__ = [
    "CapabilityRequired",
    "CappedPaginator",
    "ListPage",
    "ScopedDetail",
    "ScopedObject",
    "ServiceForm",
    "add_refusal",
    "ticked_ids",
]
