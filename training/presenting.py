"""How classes and enrolments look on pages: tones, words of the present state, steps, what a person's page tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from core.calendar import now, today
from core.panels import Happening
from core.templatetags.shell import chinese_date
from training.models import Enrolment, TrainingClass

Status = TrainingClass.Status
CLASS_TONES = {
    "draft": "muted", "open": "active", "settled": "info", "finished": "success", "cancelled": "danger",
}  # fmt: skip
ENROLMENT_TONES = {
    "applied": "warning", "enrolled": "success", "waiting": "info", "refused": "danger", "lapsed": "muted",
    "withdrawn": "muted",
}  # fmt: skip
DECISION_TONES = {
    "open": "active", "extend": "active", "settle": "info", "finish": "success", "cancel": "danger",
    "approve": "success", "refuse": "danger", "promote": "success", "apply": "active", "enrol": "success",
}  # fmt: skip
# The steps of a class, each with the state in which it is under way.
_STEPS = (("筹备", "draft"), ("报名", "open"), ("名单与培训", "settled"), ("结束", "finished"))


def days_of(row: TrainingClass) -> str:
    """Return the days of a class in words, with how many they are."""
    first, last = row.starts_on, row.ends_on
    if first == last:
        return f"{chinese_date(first, 'weekday')}，1 天"
    until = chinese_date(last, "short") if first.year == last.year else chinese_date(last)
    return f"{chinese_date(first)} 至 {until}，共 {(last - first).days + 1} 天"


def state_of(row: TrainingClass, moment: datetime | None = None) -> tuple[str, str]:
    """Return the state of a class in words with its tone: an open one says where its window stands."""
    at = moment or now()
    if row.status == Status.OPEN and at < row.enrol_from:
        return "即将报名", "info"
    if row.status == Status.OPEN and at >= row.window_end:
        return "报名已截止", "warning"
    if row.status == Status.SETTLED and row.starts_on <= localdate(at) <= row.ends_on:
        return "正在培训", "active"
    return row.get_status_display(), CLASS_TONES[row.status]


def steps_of(row: TrainingClass, decisions: list[Any]) -> list[dict[str, Any]]:
    """Return the steps of a class for the stepper; one that was cancelled ends where it was."""
    reached = [state for _, state in _STEPS]
    cancelled = next((each for each in decisions if each.to_status == Status.CANCELLED), None)
    stood = cancelled.from_status if cancelled else row.status
    here = reached.index(stood) if stood in reached else 0
    done = row.status == Status.FINISHED
    steps = [
        {"label": label, "state": "done" if at < here or done else "current" if at == here else "todo"}
        for at, (label, _) in enumerate(_STEPS)
    ]
    if row.status == Status.CANCELLED:
        steps = [*steps[:here], {"label": "已取消", "state": "rejected"}]
    return steps


def by_day(sessions: Any) -> list[dict[str, Any]]:
    """Return sessions in their order, one entry a day."""
    days: dict[Any, list[Any]] = {}
    for each in sessions:
        days.setdefault(each.day, []).append(each)
    return [{"day": day, "sessions": rows} for day, rows in days.items()]


def decision_entries(decisions: Any) -> list[dict[str, Any]]:
    """Return decisions, newest first, for the timeline."""
    return [
        {
            "at": each.at,
            "title": each.label,
            "who": each.actor_name,
            "text": each.comment,
            "tone": DECISION_TONES.get(each.action, "muted"),
        }
        for each in decisions
    ]


def enrolment_entries(row: Enrolment) -> list[dict[str, Any]]:
    """Return what was done with an enrolment, newest first, down to who entered it."""
    is_own = row.applied_by_id == row.cadre.user_id
    entered = {
        "at": row.created_at,
        "title": "本人报名" if is_own else "代为报名",
        "who": row.applied_by.name,
        "text": row.reason,
        "tone": "active",
    }
    return [*decision_entries(row.decisions.order_by("-id")), entered]


def enrolment_steps(row: Enrolment) -> list[dict[str, Any]]:
    """Return the steps of an enrolment: applied, consented, on the list."""
    held = row.status in (Enrolment.Status.ENROLLED, Enrolment.Status.WAITING)
    first = {"label": "报名", "state": "done"}
    consent = {"label": "学校同意", "state": "done" if row.queued_at else "current"}
    listed = {"label": "录取", "state": "current" if held else "todo"}
    if row.status == Enrolment.Status.ENROLLED:
        listed["state"] = "done"
    elif row.status == Enrolment.Status.WAITING:
        listed["label"] = "候补中"
    elif row.status == Enrolment.Status.REFUSED:
        consent = {"label": "学校不同意", "state": "rejected"}
    elif row.status == Enrolment.Status.LAPSED:
        consent["state"] = "done" if row.queued_at else "skipped"
        listed = {"label": "未录取", "state": "rejected"}
    elif row.status == Enrolment.Status.WITHDRAWN:
        consent["state"] = "done" if row.queued_at else "skipped"
        listed = {"label": "已退出", "state": "rejected"}
    return [first, consent, listed]


def happenings_of(user: Any, cadre: Any) -> list[Happening]:
    """Return the classes a person was enrolled in for the timeline, as far as the reader sees them."""
    rows = Enrolment.objects.visible_to(user).filter(cadre=cadre, status=Enrolment.Status.ENROLLED)
    rows = rows.exclude(training_class__status=Status.CANCELLED)
    return [
        Happening(
            each.training_class.starts_on, "class", "培训", each.training_class.title,
            _words_of(each), "certificate", _tone_of(each), reverse("enrolment-detail", args=[each.pk]),
        )
        for each in rows.select_related("training_class")
    ]  # fmt: skip


def _words_of(row: Enrolment) -> str:
    """The days and hours of a class one has a place in, and how far it got."""
    held = row.training_class
    state = "已录取，还没有开班" if held.starts_on > today() else state_of(held)[0]
    return f"{days_of(held)}；{held.hours.normalize():f} 学时；{state}"


def _tone_of(row: Enrolment) -> str:
    return "success" if row.training_class.status == Status.FINISHED else ENROLMENT_TONES[row.status]


def enrolment_lines(rows: Any) -> list[dict[str, Any]]:
    """Return a person's enrolments for a panel, whatever their state."""
    return [
        {
            "at": chinese_date(each.training_class.starts_on),
            "title": each.training_class.title,
            "who": f"{standing_of(each)[0]}　{days_of(each.training_class)}",
            "url": reverse("enrolment-detail", args=[each.pk]),
            "tone": standing_of(each)[1],
        }
        for each in rows
    ]


def standing_of(row: Enrolment) -> tuple[str, str]:
    """Return the state of an enrolment in words with its tone: in a cancelled class there is no place any more."""
    if row.training_class.status == Status.CANCELLED:
        return "培训班已取消", "muted"
    return row.get_status_display(), ENROLMENT_TONES[row.status]
