"""What the editing pages share: a form about one person, for those who may edit the person."""

from __future__ import annotations

from typing import Any

from accounts.scope import may_on
from accounts.views_base import ServiceForm
from accounts.views_versioned import Versioned
from cadres.models import Cadre
from cadres.services.sealed import reveal_record
from cadres.views.detail import detail_url, visible_cadre
from core.errors import NotAllowed, NotFound

OPENED_BY_FORM = "打开修改表单"


class CadreForm(ServiceForm):
    """A form about one person, for those who may edit the person."""

    template_name = "cadres/form.html"
    capability = "cadre.edit"
    title = ""
    submit_label = "保存"
    cadre: Cadre

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Out of view 404, in view without the right 403, before anything is read of the input."""
        self.cadre = visible_cadre(request.user, kwargs["pk"])
        if not may_on(request.user, self.capability, self.cadre):
            raise NotAllowed("您可以查看，但没有办理这件事的权限。")
        self.check_sight()
        return super().dispatch(request, *args, **kwargs)

    def check_sight(self) -> None:
        """Hook: refuse what the reader may not see of this person."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The person and the words of the page."""
        words = {"title": self.title, "submit_label": self.submit_label, "back_url": self.back_url()}
        return super().get_context_data(cadre=self.cadre, **words, **kwargs)

    def back_url(self) -> str:
        """Hook: where one comes from, and goes without saving."""
        return detail_url(self.cadre)


class NotedForm(Versioned):
    """A form that shows encrypted words in clear where `sealed`: each showing is an opening, and noted as one."""

    sealed = False

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Note the opening."""
        self.note_opening()
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> Any:
        """The answer that shows what a colleague has saved is an opening as well."""
        response = super().form_valid(form)
        if response.status_code == 412:
            self.note_opening()
        return response

    def note_opening(self) -> None:
        """Ask for the right to read and write it down."""
        if self.sealed:
            reveal_record(record=self.current(), by=self.request.user, reason=OPENED_BY_FORM)


def found_or_404(record: Any) -> Any:
    """Raise NotFound where there is no record."""
    if record is None:
        raise NotFound("没有找到这条记录。")
    return record
