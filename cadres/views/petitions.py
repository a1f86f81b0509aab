"""The list of requests (诉求): who asked and until when an answer is due, never what was asked."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.views_base import ListPage
from cadres.filters import PetitionFilter
from cadres.models import Petition
from cadres.services.sight import keeps, kept
from cadres.tables import PetitionTable
from core.errors import NotAllowed

_TABS = (("", "待答复"), ("answered", "已答复"), ("all", "全部"))


class PetitionList(ListPage):
    """Requests of the people one keeps and may read sensitive data of; one's own and kin's are others' to answer.

    That somebody asked is sensitive: requests leave by the histories' export alone, with a reason and a mark.
    """

    capability = "cadre.edit"
    queryset = Petition.objects.select_related("cadre__unit", "replied_by").defer(
        "subject", "content", "reply"
    )
    table_class = PetitionTable
    filterset_class = PetitionFilter
    template_name = "cadres/petition_list.html"
    unit_word = "件"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Whoever keeps records without seeing what is sensitive has no list of it."""
        if not keeps(request.user):
            raise NotAllowed("您没有打开这个页面的权限。")
        return super().dispatch(request, *args, **kwargs)

    @property
    def tab(self) -> str:
        """The chosen tab."""
        asked = self.request.GET.get("tab", "")
        return asked if asked in dict(_TABS) else ""

    def get_queryset(self) -> QuerySet[Petition]:
        """Those of the chosen tab."""
        rows = kept(self.queryset.all(), self.request.user)
        return rows if self.tab == "all" else rows.filter(replied_on__isnull=self.tab != "answered")

    def get_tabs(self) -> list[dict[str, Any]]:
        """Saved views."""
        base = reverse("petition-list")
        return [
            {"label": label, "url": f"{base}?tab={key}" if key else base, "count": None, "active": key == self.tab}
            for key, label in _TABS
        ]  # fmt: skip
