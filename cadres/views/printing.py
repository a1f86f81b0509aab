"""A person's record on paper: what the reader sees, with who printed it and when on every sheet."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from cadres.fields import fields_for
from cadres.services.sealed import note_print
from cadres.summaries import summaries
from cadres.timeline import histories_of, tabs_for
from cadres.views.detail import detail_url, facts_of, visible_cadre
from core.calendar import now

# Requests are between the person and HR: they don't leave on paper.
NOT_PRINTED = ("petition",)
# How often the mark stands on a sheet.
MARKS = range(12)


class CadrePrint(TemplateView):
    """The whole record the reader may see, nothing encrypted, ready for the printer."""

    template_name = "cadres/print.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """All sections with entries; opening the page counts as printing."""
        user = self.request.user
        cadre = visible_cadre(user, self.kwargs["pk"])
        allowed = fields_for(user, cadre)
        summary = summaries([cadre.pk], user=user)[0]
        kinds = [kind for tab in tabs_for(allowed) for kind in tab.kinds if kind not in NOT_PRINTED]
        sections = [each for each in histories_of(cadre, allowed, kinds, reader=user) if each.rows]
        note_print(cadre=cadre, by=user)
        return super().get_context_data(
            cadre=cadre, person=summary, facts=facts_of(cadre, summary, allowed), sections=sections,
            allowed=allowed, printed_at=now(), marks=MARKS, back_url=detail_url(cadre), **kwargs,
        )  # fmt: skip
