"""What the home page shows below the to-do list: what I started, and what is coming."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from assessment.models import Round
from core.calendar import now, today
from core.models import Job
from core.started import Line, started_by
from programs.models import Call, CallDecision, Nomination, Participation
from programs.presenting import CALL_TONES, state_words
from training.models import TrainingClass

_SHOWN = 8
_CALLS_SHOWN = 4
_JOB_DAYS = 3
_COMING_DAYS = 60


_TONES = {
    "approved": "success", "rejected": "danger", "withdrawn": "muted", "returned": "warning",
    "waiting": "info", "publicised": "info", "done": "success", "failed": "danger",
}  # fmt: skip


def started(user: Any) -> list[Line]:
    """Return the user's calls, cases and jobs, and what other apps have registered, with how each stands."""
    return [*_calls(user), *_cases(user), *started_by(user), *_jobs(user)]


def _calls(user: Any) -> list[Line]:
    """The newest calls with how many cases stand where: one statement, however many calls and cases."""
    opened = CallDecision.objects.filter(actor=user, action="open").values("obj")
    own = Call.objects.real().visible_to(user).filter(Q(created_by=user) | Q(pk__in=opened))
    newest = own.order_by("-created_at", "-pk").values("pk")[:_CALLS_SHOWN]
    rows = (
        Call.objects.filter(pk__in=newest)
        .order_by("-created_at", "-pk", "nominations__step__order", "nominations__status")
        .values_list("pk", "title", "status", "closes_at", "nominations__status", "nominations__step__name")
        .annotate(count=Count("nominations"))
    )
    heads: dict[int, tuple[str, str, datetime]] = {}
    numbers: dict[int, dict[str, int]] = {}
    for pk, title, status, closes_at, case_status, step, count in rows:
        heads[pk] = (title, status, closes_at)
        found = numbers.setdefault(pk, {})
        words = _standing(case_status, step)
        if words:
            found[words] = found.get(words, 0) + count
    return [
        Line(
            title=title,
            url=reverse("call-detail", args=[pk]),
            status=str(Call.Status(status).label),
            tone=CALL_TONES[status],
            detail=" · ".join(f"{words} {count}" for words, count in numbers[pk].items()) or "还没有推荐",
            due=closes_at if status == Call.Status.OPEN else None,
        )
        for pk, (title, status, closes_at) in heads.items()
    ]


def _standing(status: str | None, step: str | None) -> str:
    """Where a case stands, in words; a draft is its school's own, and an empty call has none."""
    if status in (None, Nomination.Status.DRAFT, Nomination.Status.WITHDRAWN):
        return ""
    if step and status in (Nomination.Status.SUBMITTED, Nomination.Status.IN_REVIEW):
        return f"待{step}"
    return str(Nomination.Status(status).label)


def _cases(user: Any) -> list[Line]:
    """The cases the user filed, or is the nominee of, newest first."""
    own = Nomination.objects.visible_to(user).filter(Q(filed_by=user) | Q(cadre__user=user))
    cases = own.select_related("cadre", "nominee_unit", "call", "step", "participation").order_by(
        "-updated_at"
    )[:_SHOWN]
    return [
        Line(
            title=f"{case.nominee} · {case.call.title}",
            url=reverse("nomination-detail", args=[case.pk]),
            status=state_words(case),
            tone="muted" if case.arrangement_cancelled else _TONES.get(case.status, "active"),
        )
        for case in cases
    ]


def _jobs(user: Any) -> list[Line]:
    """The jobs of the last days."""
    recent = now() - timedelta(days=_JOB_DAYS)
    return [
        Line(
            job.label,
            reverse("job", args=[job.pk]),
            job.get_status_display(),
            _TONES.get(job.status, "active"),
        )
        for job in Job.objects.asked_by(user).filter(created_at__gte=recent).order_by("-created_at")[:3]
    ]


def coming(user: Any) -> list[Line]:
    """Return the deadlines and starts of the next weeks, soonest first."""
    horizon = now() + timedelta(days=_COMING_DAYS)
    calls = (
        Call.objects.real()
        .visible_to(user)
        .filter(status="open", closes_at__gte=now(), closes_at__lte=horizon)
        .order_by("closes_at")[:_SHOWN]
    )
    lines = [
        Line(call.title, reverse("call-detail", args=[call.pk]), "推荐截止", "info", due=call.closes_at)
        for call in calls
    ]
    rounds = Round.objects.visible_to(user).filter(
        status="open", closes_at__gte=now(), closes_at__lte=horizon
    )
    lines += [
        Line(each.title, reverse("round-progress", args=[each.pk]), "评价截止", "info", due=each.closes_at)
        for each in rounds.order_by("closes_at")[:_SHOWN]
    ]
    lines += _classes(user, horizon)
    soon = Participation.objects.visible_to(user).select_related("cadre", "program")
    starts = soon.filter(status="placed", start__gte=today(), start__lte=horizon.date())
    for row in starts.order_by("start")[:_SHOWN]:
        lines.append(_undertaking(row, "开始", row.start))
    ends = soon.filter(status="active", end__gte=today(), end__lte=horizon.date())
    for row in ends.order_by("end")[:_SHOWN]:
        lines.append(_undertaking(row, "结束", row.end))
    lines.sort(key=lambda line: line.due.date() if isinstance(line.due, datetime) else line.due or date.max)
    return lines[:_SHOWN]


def _classes(user: Any, horizon: datetime) -> list[Line]:
    """Classes that one has a place in, and for whoever enrols people those whose window is about to end."""
    own = TrainingClass.objects.filter(
        enrolments__cadre__user=user.pk, enrolments__status="enrolled", status__in=["open", "settled"],
        starts_on__gte=today(), starts_on__lte=horizon.date(),
    )  # fmt: skip
    lines = [
        Line(row.title, reverse("class-detail", args=[row.pk]), "开班", "active", due=row.starts_on)
        for row in own.order_by("starts_on")[:_SHOWN]
    ]
    if not user.holds("enrolment.approve"):
        return lines
    ending = TrainingClass.objects.visible_to(user).filter(
        status="open", enrol_until__gte=now(), enrol_until__lte=horizon
    )
    return lines + [
        Line(row.title, reverse("class-detail", args=[row.pk]), "报名截止", "info", due=row.enrol_until)
        for row in ending.order_by("enrol_until")[:_SHOWN]
    ]


def _undertaking(row: Participation, what: str, day: date | None) -> Line:
    url = reverse("participation-detail", args=[row.pk])
    return Line(f"{row.cadre.name} · {row.program.name}", url, what, "muted", due=day)
