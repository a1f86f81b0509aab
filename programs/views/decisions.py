"""The party group's page: the candidates on the agenda side by side, decided in the row."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.views.generic import TemplateView

from accounts.views_base import CapabilityRequired
from cadres.summaries import summaries
from core.versions import version_of
from programs import presenting
from programs.eligibility import from_snapshot, visible_verdicts
from programs.models import Attestation, CallStep, Nomination, NominationDecision
from programs.services.pipelines import places_left

_SHOWN = 60


class Agenda(CapabilityRequired, TemplateView):
    """Every case that waits for the decision, by call: facts, rules and earlier opinions side by side."""

    capability = "nomination.decide"
    template_name = "programs/agenda.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Group the cases by call; one statement each for cases, people and opinions."""
        user = self.request.user
        cases = list(
            Nomination.objects.awaiting(user)
            .filter(step__kind=CallStep.Kind.DECIDE)
            .visible_to(user)
            .select_related("call__places_account", "call", "unit", "cadre", "step")
            .order_by("call_id", "central_list_id", "list_rank", "pk")[:_SHOWN]
        )
        people = {each["id"]: each for each in summaries([case.cadre_id for case in cases], user=user)}
        opinions = _opinions([case.pk for case in cases])
        declared = _declared([case.pk for case in cases])
        groups: dict[int, dict[str, Any]] = {}
        for case in cases:
            if case.call_id not in groups:
                left = places_left(case.call.places_account)
                groups[case.call_id] = {"call": case.call, "left": left, "rows": [], "due": case.step.due}
            verdicts = visible_verdicts(from_snapshot(case.snapshot), user, case)
            groups[case.call_id]["rows"].append(
                {
                    "case": case,
                    "version": version_of(case),
                    "person": people.get(case.cadre_id, {}),
                    "rules": presenting.rule_rows([each for each in verdicts if each.mode != "attested"]),
                    "declared": declared.get(case.pk, (0, 0)),
                    "opinions": opinions.get(case.pk, []),
                }
            )
        return super().get_context_data(groups=list(groups.values()), **kwargs)


def _opinions(ids: list[int]) -> dict[int, list[NominationDecision]]:
    """The verdicts given before the decision, by case."""
    found: dict[int, list[NominationDecision]] = {}
    rows = NominationDecision.objects.filter(obj__in=ids, action="pass").select_related("step").order_by("id")
    for each in rows:
        found.setdefault(each.obj_id, []).append(each)
    return found


def _declared(ids: list[int]) -> dict[int, tuple[int, int]]:
    """How many declarations each case carries, and how many of them inspection confirmed."""
    rows = (
        Attestation.objects.filter(nomination__in=ids, declared=True)
        .order_by()
        .values("nomination")
        .annotate(said=Count("id"), held=Count("id", filter=Q(confirmed=True)))
    )
    return {row["nomination"]: (row["said"], row["held"]) for row in rows}
