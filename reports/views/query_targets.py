"""Handing the people of a saved query to a call, a class or a round that is being prepared."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse

from accounts.views_base import ServiceForm
from core.errors import Invalid, NotAllowed
from reports.models import SavedQuery
from reports.queries import saving
from reports.queries.tree import Query
from reports.queries.uses import Use, hand_over, uses_for
from reports.queries.words import describe
from reports.views.queries import repair_url, saved_query


class TargetsForm(forms.Form):
    """Which call, class or round."""

    def __init__(self, *args: Any, use: Use, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"] = forms.ModelChoiceField(
            use.drafted(user), label=f"选择{use.noun}", empty_label="请选择",
            help_text=f"只列出还没有开始的{use.noun}。名单按此刻的查询结果固定下来，开始后不再改变。",
        )  # fmt: skip


class QueryTargets(ServiceForm):
    """A saved query as the people of a call, class or round; `?for=` says of which."""

    form_class = TargetsForm
    template_name = "reports/query_targets.html"
    saved: SavedQuery
    query: Query
    use: Use
    uses: list[Use]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Only for who prepares one of them; the query in the reader's own view."""
        self.saved = saved_query(request, str(kwargs["pk"]))
        self.uses = uses_for(request.user)
        if not self.uses:
            raise NotAllowed("您没有打开这个页面的权限。")
        wanted = request.GET.get("for", "")
        self.use = next((use for use in self.uses if use.code == wanted), self.uses[0])
        try:
            self.query = saving.load_query(self.saved)
        except Invalid:
            return redirect(repair_url(request, {"query": str(self.saved.pk)}))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """What may be chosen depends on the use and the user."""
        return {**super().get_form_kwargs(), "use": self.use, "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The query in words, and a tab for each use."""
        context = super().get_context_data(
            saved=self.saved, words=describe(self.query), use=self.use, **kwargs
        )
        tabs = [
            {"label": f"用于{use.noun}", "url": f"?for={use.code}", "active": use is self.use}
            for use in self.uses
        ]
        drafts = context["form"].fields["target"].queryset.exists()
        return context | {"tabs": tabs, "drafts": drafts, "new_url": reverse(self.use.new)}

    def perform(self, form: TargetsForm) -> str:
        """Freeze the list."""
        target = form.cleaned_data["target"]
        count = hand_over(self.use, to=target, query=self.query, by=self.request.user)
        messages.success(
            self.request, f"已把查询“{self.saved.name}”的 {count} 人作为{target}的{self.use.purpose}。"
        )
        return reverse(self.use.page, args=[target.pk])
