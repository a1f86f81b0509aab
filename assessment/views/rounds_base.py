"""What the pages of one round share: finding it, its head with steps and tabs, the column of what may be done."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.views.generic import TemplateView

from accounts.views_base import CappedPaginator, ScopedObject
from assessment import presenting
from assessment.models import Round, RoundSubject
from assessment.scoring import held_back
from core.errors import NotFound
from core.versions import version_of
from core.workflow import open_to

_VERBS = ("open", "close", "publish", "cancel")
_PER_PAGE = 50
RESULT_STATES = (Round.Status.CLOSED, Round.Status.PUBLISHED)


class RoundTab(ScopedObject, TemplateView):
    """One tab of a round's page. A child names `tab` and a template that extends assessment/round_base.html.

    `states` are those in which there is such a tab (all without any); in others the page is 404 with `absent`.
    """

    capability = "round.view"
    queryset = Round.objects.select_related("unit", "instrument", "created_by")
    tab = ""
    states: tuple[str, ...] = ()
    absent = ""

    def get_object(self, queryset: QuerySet[Round] | None = None) -> Round:
        """The round of the address, in a state that has this tab."""
        held: Round = super().get_object(queryset)
        if self.states and held.status not in self.states:
            raise NotFound(self.absent)
        return held

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The head of the page and the column beside it."""
        held, user = self.object, self.request.user
        manages = held.allows(user, "round.manage")
        is_draft, is_open = held.status == Round.Status.DRAFT, held.status == Round.Status.OPEN
        return super().get_context_data(
            held=held,
            tone=presenting.ROUND_TONES[held.status],
            steps=presenting.steps_of(held),
            tabs=self._tabs(),
            relations=list(held.relations.order_by("id")),
            open_actions=[each for each in open_to(held, user) if each.name in _VERBS],
            may_edit=manages and is_draft,
            may_extend=manages and is_open,
            held_back=held_back(held) if manages and is_open else 0,
            may_change_raters=manages and (is_draft or is_open),
            version=version_of(held),
            **kwargs,
        )

    def _tabs(self) -> list[dict[str, Any]]:
        """Subjects, raters, progress once it is open, results once there are any, the record."""
        held, user = self.object, self.request.user
        tabs = [("subjects", "round-detail", "对象")]
        if held.status in (Round.Status.DRAFT, Round.Status.OPEN):
            tabs.append(("raters", "round-raters", "评价人"))
        if held.status not in (Round.Status.DRAFT, Round.Status.CANCELLED):
            tabs.append(("progress", "round-progress", "进度"))
        if held.status in RESULT_STATES and held.allows(user, "result.view"):
            tabs.append(("results", "round-results", "结果"))
        tabs.append(("history", "round-history", "办理记录"))
        return [
            {
                "label": label,
                "url": reverse(name, args=[held.pk]),
                "count": held.subjects.count() if key == "subjects" else None,
                "active": key == self.tab,
            }
            for key, name, label in tabs
        ]

    def paged(self, table: tables.Table) -> tables.Table:
        """Sort a table as the address says and cut a page."""
        table.request = self.request
        paging = {"per_page": _PER_PAGE, "paginator_class": CappedPaginator, "silent": True}
        tables.RequestConfig(self.request, paginate=paging).configure(table)
        return table


def round_in_view(request: HttpRequest, pk: int) -> Round:
    """Return a round that the reader sees; raises NotFound for any other."""
    found = Round.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有找到这次评价。")
    return found


def subject_in_view(request: HttpRequest, pk: int, subject: int) -> RoundSubject:
    """Return a person rated in a round that the reader sees; raises NotFound for any other."""
    rows: QuerySet[RoundSubject] = round_in_view(request, pk).subjects.select_related(
        "round", "cadre", "unit"
    )
    found = rows.filter(pk=subject).first()
    if found is None:
        raise NotFound("没有找到这位评价对象。")
    return found
