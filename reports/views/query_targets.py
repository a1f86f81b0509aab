"""Making the people of a saved query the ones a drafted call is limited to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse

from accounts.scope import require
from accounts.views_base import ServiceForm
from cadres.fields import Level
from core.errors import Invalid
from programs.models import Call
from programs.services.targets import set_targets
from reports.models import SavedQuery
from reports.queries import saving
from reports.queries.sql import people
from reports.queries.tree import Query
from reports.queries.words import describe
from reports.views.queries import repair_url, saved_query

SENSITIVE = "条件涉及敏感信息，推荐单位会从名单看出来，不能作为推荐范围。"


class TargetsForm(forms.Form):
    """Which call."""

    call = forms.ModelChoiceField(
        Call.objects.none(), label="限定哪次征集", empty_label="请选择",
        help_text="只列出还没有开始的征集。名单按此刻的查询结果固定下来，开始后不再改变。",
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drafted = Call.objects.real().filter(status=Call.Status.DRAFT)
        self.fields["call"].queryset = drafted.visible_to(user, "call.manage").order_by("-pk")


class QueryTargets(ServiceForm):
    """A saved query as the people of a call."""

    form_class = TargetsForm
    template_name = "reports/query_targets.html"
    saved: SavedQuery
    query: Query

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Only for who manages calls; the query in the reader's own view."""
        self.saved = saved_query(request, str(kwargs["pk"]))
        require(request.user, "call.manage")
        try:
            self.query = saving.load_query(self.saved)
        except Invalid:
            return redirect(repair_url(request, {"query": str(self.saved.pk)}))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The calls depend on the user."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The query in words."""
        context = super().get_context_data(saved=self.saved, words=describe(self.query), **kwargs)
        return context | {"drafts": context["form"].fields["call"].queryset.exists()}

    def perform(self, form: TargetsForm) -> str:
        """Freeze the list."""
        if self.query.where.level >= Level.SENSITIVE:
            raise Invalid(SENSITIVE)
        user, call = self.request.user, form.cleaned_data["call"]
        found = people(self.query, user=user)
        targets = set_targets(call=call, people=found, words=describe(self.query), by=user)
        messages.success(
            self.request, f"已把{call.title}的推荐范围限定为查询“{self.saved.name}”的 {targets.count} 人。"
        )
        return reverse("call-detail", args=[call.pk])
