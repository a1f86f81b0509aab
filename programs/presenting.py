"""How the engine's states look on pages: tones, pipeline cells, stepper rows, rule rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.scope import may_on
from core.panels import Happening
from programs.eligibility import (
    ATTEST,
    EXCEEDED,
    FAILED,
    HIDDEN,
    MET,
    UNKNOWN,
    RuleVerdict,
    evaluate,
    from_snapshot,
    visible_verdicts,
)
from programs.models import Call, Nomination, Participation
from programs.services.pipelines import CallPipeline, CaseHistory

CALL_TONES = {"draft": "muted", "open": "active", "closed": "info", "finished": "success"}
NOMINATION_TONES = {
    "draft": "muted", "submitted": "active", "in_review": "active", "returned": "warning", "publicised": "info",
    "waiting": "info", "approved": "success", "rejected": "danger", "withdrawn": "muted",
}  # fmt: skip
PARTICIPATION_TONES = {
    "pending": "warning", "placed": "info", "active": "active", "ended": "warning", "completed": "success",
    "cancelled": "muted",
}  # fmt: skip
APPRAISAL_TONES = {"draft": "warning", "filed": "success", "returned": "danger"}
_VERDICT_TONES = {
    MET: "success", EXCEEDED: "warning", FAILED: "danger", UNKNOWN: "warning", ATTEST: "info", HIDDEN: "muted",
}  # fmt: skip
_STEP_STATES = {
    "done": "done",
    "current": "current",
    "waiting": "current",
    "returned": "returned",
    "skipped": "skipped",
}


def state_words(nomination: Nomination) -> str:
    """Return the state of a case in words, with the step for one under way."""
    if nomination.step and nomination.status in (Nomination.Status.SUBMITTED, Nomination.Status.IN_REVIEW):
        return f"待{nomination.step.name}"
    return nomination.get_state_display()


def state_tone(nomination: Nomination) -> str:
    """Return the tone of a case's state: a called-off arrangement is nothing to be glad of."""
    return "muted" if nomination.arrangement_cancelled else NOMINATION_TONES[nomination.status]


def happenings_of(user: Any, cadre: Any) -> list[Happening]:
    """Return a person's nominations and undertakings for the timeline, as far as the reader sees them."""
    cases = Nomination.objects.visible_to(user).filter(cadre=cadre).exclude(submitted_at=None)
    rows = Participation.objects.visible_to(user).filter(cadre=cadre).select_related("program")
    found = [
        Happening(
            localdate(each.submitted_at), "nomination", "推荐", each.call.title, state_words(each),  # type: ignore[arg-type]
            "user-plus", state_tone(each), reverse("nomination-detail", args=[each.pk]),
        )
        for each in cases.select_related("call", "step", "participation")
    ]  # fmt: skip
    return found + [
        Happening(
            each.start or localdate(each.created_at), "participation", "培养经历", each.program.name,
            "；".join([each.get_status_display(), *(f"{stint.base.name} {stint.acting_post}" for stint in each.stints.all())]),
            "school", PARTICIPATION_TONES[each.status], reverse("participation-detail", args=[each.pk]),
        )
        for each in rows.prefetch_related("stints__base")
    ]  # fmt: skip


def stepper(story: CaseHistory) -> list[dict[str, Any]]:
    """Return the rows of the stepper (components/_stepper.html)."""
    rows = []
    for entry in story.steps:
        last = entry.last
        state = _STEP_STATES.get(entry.state, "todo")
        if last and last.action == "reject":
            state = "rejected"
        rows.append(
            {
                "label": entry.step.name,
                "state": state,
                "verdict": last.label if last and state != "skipped" else "",
                "who": last.actor_name if last and state != "skipped" else "",
                "at": last.at if last and state != "skipped" else None,
                "comment": last.comment if last and state != "skipped" else "",
                "waiting_for": "、".join(entry.people[:3]) if state in ("current", "returned") else "",
                "due": entry.due,
            }
        )
    return rows


def timeline(story: CaseHistory) -> list[dict[str, Any]]:
    """Return every decision, newest first (components/_timeline.html)."""
    tones = {"pass": "success", "submit": "active", "return": "warning", "reject": "danger"}
    return [
        {
            "at": each.at,
            "title": f"{each.step.name}：{each.label}" if each.step else each.label,
            "who": each.actor_name,
            "text": each.comment,
            "tone": tones.get(each.action, "muted"),
        }
        for each in reversed(story.decisions)
    ]


def verdicts_for(nomination: Nomination, user: Any) -> list[RuleVerdict]:
    """Return the verdicts a reader may see: as kept on submission, or as they stand while it is a draft."""
    if nomination.cadre is None:
        return []
    if nomination.snapshot and nomination.status not in (Nomination.Status.DRAFT, Nomination.Status.RETURNED):
        found = from_snapshot(nomination.snapshot)
    else:
        found = evaluate(nomination.call, [nomination.cadre]).get(nomination.cadre.pk, [])
    return visible_verdicts(found, user, nomination)


def rule_rows(verdicts: Sequence[RuleVerdict]) -> list[dict[str, Any]]:
    """Return the rules as rows of a table: what is asked, the actual value, the verdict with its tone."""
    return [
        {
            "rule": each.rule,
            "name": each.name,
            "mode": each.mode,
            "mode_label": each.mode_label,
            "group": each.group,
            "required": each.required,
            "actual": each.actual or ("—" if each.verdict != ATTEST else "考察时确认"),
            "label": each.label,
            "tone": _VERDICT_TONES[each.verdict],
            "basis": each.basis,
            "verified": each.verified,
        }
        for each in verdicts
    ]


def pipeline_cells(line: CallPipeline) -> list[dict[str, Any]]:
    """Return the board's cells of a call: each step and outcome with its number and the way to its people."""
    base = f"{reverse('nomination-list')}?call={line.call.pk}&tab=all"
    cells = [
        {
            "label": f"待{each.step.name}",
            "count": each.count,
            "url": f"{base}&step={each.step.kind}",
            "tone": "danger" if each.is_late else "active" if each.count else "muted",
            "late": each.is_late,
            "due": each.step.due,
        }
        for each in line.steps
        if each.step.kind != "recommend"
    ]
    for status in ("returned", "waiting", "publicised", "approved", "rejected"):
        count = line.outcomes.get(status, 0)
        if count or status in ("returned", "approved", "rejected"):
            label = Nomination.Status(status).label
            tone = NOMINATION_TONES[status] if count else "muted"
            cells.append(
                {
                    "label": label,
                    "count": count,
                    "url": f"{base}&status={status}",
                    "tone": tone,
                    "late": False,
                }
            )
    return cells


def own_cells(call: Call, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Return the cells of a reader who sees only part of a call: the states of their own cases."""
    base = f"{reverse('nomination-list')}?call={call.pk}&tab=all"
    return [
        {"label": Nomination.Status(status).label, "count": counts[status], "url": f"{base}&status={status}",
         "tone": NOMINATION_TONES[status], "late": False}
        for status in Nomination.Status.values
        if counts.get(status)
    ]  # fmt: skip


def call_rows(
    lines: dict[int, CallPipeline], calls: Sequence[Call], user: Any, own: dict[int, dict[str, int]]
) -> list[dict[str, Any]]:
    """Return the board: one entry a call, with the whole pipeline for those who see all of it."""
    return [
        {
            "call": call,
            "line": lines[call.pk],
            "whole": may_on(user, "nomination.view", call),
            "cells": pipeline_cells(lines[call.pk])
            if may_on(user, "nomination.view", call)
            else own_cells(call, own.get(call.pk, {})),
            "tone": CALL_TONES[call.status],
            "late": any(each.is_late for each in lines[call.pk].steps),
            "waits_for_list": any(
                each.count for each in lines[call.pk].steps if each.step.level == "central"
            ),
        }
        for call in calls
    ]
