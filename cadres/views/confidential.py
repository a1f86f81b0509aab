"""Lists of what is confidential and waits: requests (诉求), acts of oversight; who and until when, never what."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.views_base import ListPage
from cadres.filters import OversightFilter, PetitionFilter
from cadres.models import Oversight, Petition
from cadres.services.sight import keeps, kept
from cadres.tables import OversightTable, PetitionTable
from core.errors import NotAllowed


class ConfidentialList(ListPage):
    """Rows of the people one keeps and may read sensitive data of; one's own and kin's are others' to treat.

    That there is something is sensitive already: it leaves by the histories' export alone, with a reason and a
    mark. A child names `address` (of the list), `done` (the column that is filled once it is treated) and `words`
    (waiting, treated).
    """

    capability = "cadre.edit"
    address = ""
    done = ""
    words: tuple[str, str]
    unit_word = "件"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Whoever keeps records without seeing what is sensitive has no list of it."""
        if not keeps(request.user):
            raise NotAllowed("您没有打开这个页面的权限。")
        return super().dispatch(request, *args, **kwargs)

    @property
    def tabs(self) -> dict[str, str]:
        """The saved views by the word in the address."""
        return {"": self.words[0], "answered": self.words[1], "all": "全部"}

    @property
    def tab(self) -> str:
        """The chosen tab."""
        asked = self.request.GET.get("tab", "")
        return asked if asked in self.tabs else ""

    def get_queryset(self) -> QuerySet[Any]:
        """Those of the chosen tab."""
        rows = kept(self.queryset.all(), self.request.user)
        return rows if self.tab == "all" else rows.filter(**{f"{self.done}__isnull": self.tab != "answered"})

    def get_tabs(self) -> list[dict[str, Any]]:
        """Saved views."""
        base = reverse(self.address)
        return [
            {"label": label, "url": f"{base}?tab={key}" if key else base, "count": None, "active": key == self.tab}
            for key, label in self.tabs.items()
        ]  # fmt: skip


class PetitionList(ConfidentialList):
    """Requests."""

    address, done, words = "petition-list", "replied_on", ("待答复", "已答复")
    queryset = Petition.objects.select_related("cadre__unit", "replied_by").defer(
        "subject", "content", "reply"
    )
    table_class = PetitionTable
    filterset_class = PetitionFilter
    template_name = "cadres/petition_list.html"


class OversightList(ConfidentialList):
    """Acts of oversight that have a day by which something is to be done."""

    address, done, words = "oversight-list", "done_on", ("待办结", "已办结")
    queryset = (
        Oversight.objects.exclude(due=None)
        .select_related("cadre__unit")
        .only("cadre__name", "cadre__name_key", "cadre__unit__name", "due", "done_on")
    )
    table_class = OversightTable
    filterset_class = OversightFilter
    template_name = "cadres/oversight_list.html"
