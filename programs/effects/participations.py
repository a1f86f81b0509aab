"""What the actions on an undertaking write: stints, the acting appointment, the appraisal to come."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accounts.models import User
from cadres.models import Appointment
from cadres.services.appointments import close_appointment, correct_appointment, open_appointment
from core.calendar import add_months, today
from core.workflow import Move
from programs import messages
from programs.effects.nominations import release_place
from programs.models import Appraisal, AppraisalSection, Nomination, Participation, Stint

# 挂职学习实施方案: the host's written appraisal is due one week after the end.
APPRAISAL_DAYS = 7
_DAYS = ("start", "end")
HEADINGS = ("思想政治与师德表现", "学习任务完成情况", "工作能力与实绩", "带着问题学习的收获", "不足与建议")


def last_day_of_stay(start: date, months: int) -> date:
    """Return the last day of a stay of some months: 1 March + 6 → 31 August.

    Where the day has no counterpart in the last month, that month's end is the last day (民法典 art. 202):
    31 August + 6 → 28 or 29 February.
    """
    end = add_months(start, months)
    return end if end.day < start.day else end - timedelta(days=1)


def place_columns(participation: Participation, move: Move) -> dict[str, Any]:
    """The period of the whole undertaking."""
    return {"start": move.data["start"], "end": move.data["end"]}


def after_place(participation: Participation, move: Move) -> None:
    """Open the stay, its acting appointment and its appraisal; tell person, host and guide."""
    messages.placed(participation, open_stint(participation, move.data, by=move.by))


def open_stint(participation: Participation, data: dict[str, Any], *, by: User | None) -> Stint:
    """Create a stint with its acting appointment and the appraisal that its host will owe."""
    stint = Stint(participation=participation, **_stint_values(data))
    stint.appointment = _open_acting_appointment(participation, stint, by)
    stint.save()
    appraisal = Appraisal.objects.create(
        participation=participation, stint=stint, due=stint.end + timedelta(days=APPRAISAL_DAYS)
    )
    AppraisalSection.objects.bulk_create(
        AppraisalSection(appraisal=appraisal, order=order, heading=heading)
        for order, heading in enumerate(HEADINGS, start=1)
    )
    return stint


def _stint_values(data: dict[str, Any]) -> dict[str, Any]:
    names = ("base", "host", "guide", "guide_name", "acting_post", "start", "end")
    return {name: data[name] for name in names}


def _open_acting_appointment(participation: Participation, stint: Stint, by: User | None) -> Appointment:
    """Open the 挂任 appointment of a stay; the personnel relation stays where it is.

    Appointments end on the first day that no longer counts, so a stay's last day plus one.
    """
    return open_appointment(
        cadre=participation.cadre,
        by=by,
        kind=Appointment.Kind.SECONDED,
        title=stint.acting_post,
        start=stint.start,
        end=stint.end + timedelta(days=1),
        **_place_of(stint),
    )


def _place_of(stint: Stint) -> dict[str, Any]:
    """A unit of the tree, or the base's name where it lies outside."""
    host = stint.base.host_unit
    return {"unit": host, "unit_text": "" if host else stint.base.name}


def latest_stint(participation: Participation) -> Stint | None:
    """Return the stay that runs last: the one a change of the arrangement is about."""
    return participation.stints.order_by("-start").first()


def corrects(stint: Stint, data: dict[str, Any]) -> bool:
    """Whether a change is about the stay itself (its period, its people) and doesn't open another one.

    It is when it begins no later than the stay, and when only the days differ: a longer or shorter stay at
    the same base, in the same post, with the same people is one stay with one appraisal.
    """
    same = all(getattr(stint, name) == data[name] for name in _stint_values(data) if name not in _DAYS)
    return same or bool(data["start"] <= stint.start)


def rearranged_start(stint: Stint, data: dict[str, Any]) -> date:
    """The first day a changed stay gets: the one it had once it has begun, else the one asked for."""
    moves = not corrects(stint, data) or stint.start > today() or data["start"] < stint.start
    return data["start"] if moves else stint.start


def rearrange_columns(participation: Participation, move: Move) -> dict[str, Any]:
    """The period after a change: the last day moves; the first one only with the first stay itself."""
    first, latest = participation.stints.order_by("start").first(), latest_stint(participation)
    replaced = latest is None or (first == latest and corrects(latest, move.data))
    return {
        "start": move.data["start"] if replaced else participation.start,
        "end": move.data["end"],
    }


def after_rearrange(participation: Participation, move: Move) -> None:
    """Change the arrangement: what ran before ends the day before; everybody concerned is told."""
    current = latest_stint(participation)
    if current is not None and corrects(current, move.data):
        former = [current.host, current.guide]
        for earlier in participation.stints.filter(start__lt=move.data["start"], end__gte=move.data["start"]):
            if earlier.pk != current.pk:
                _shorten(earlier, move.data["start"] - timedelta(days=1), move.by)
        _correct(current, move)
        messages.rearranged(participation, current, former)
        return
    if current is not None:
        _shorten(current, move.data["start"] - timedelta(days=1), move.by)
    messages.placed(participation, open_stint(participation, move.data, by=move.by))
    if current is not None:
        messages.rearranged(participation, current, [current.host, current.guide])


def _correct(stint: Stint, move: Move) -> None:
    """Give a stay its new days and people; its appointment and the appraisal's due date follow."""
    for name, value in _stint_values(move.data).items():
        setattr(stint, name, value)
    stint.save()
    if stint.appointment is not None:
        correct_appointment(
            appointment=stint.appointment,
            by=move.by,
            title=stint.acting_post,
            start=stint.start,
            end=stint.end + timedelta(days=1),
            **_place_of(stint),
        )
    _unfiled(stint).update(due=stint.end + timedelta(days=APPRAISAL_DAYS))


def _shorten(stint: Stint, last_day: date, by: User | None) -> None:
    """End a stay early: its appointment ends the day after, its appraisal is due a week later."""
    stint.end = max(last_day, stint.start)
    stint.save(update_fields=["end"])
    if stint.appointment is not None:
        close_appointment(appointment=stint.appointment, on=stint.end + timedelta(days=1), by=by)
    _unfiled(stint).update(due=stint.end + timedelta(days=APPRAISAL_DAYS))


def _unfiled(stint: Stint) -> Any:
    return Appraisal.objects.filter(stint=stint).outstanding()


def after_end(participation: Participation, move: Move) -> None:
    """Tell host and guide that the appraisal is due in a week."""
    messages.appraisal_due(participation)


def cancel_columns(participation: Participation, move: Move) -> dict[str, Any]:
    """An undertaking broken off has lasted until today; one that never began keeps its planned period."""
    if participation.start is None or participation.start >= today():
        return {}
    return {"end": min(participation.end or today(), today())}


def after_cancel(participation: Participation, move: Move) -> None:
    """End or void the stays; before the start the place goes back and the waiting list moves.

    A stay that had begun has used its place, and its host still owes the appraisal.
    """
    began = participation.start is not None and participation.start < today()
    for stint in participation.stints.all():
        if stint.start < today():
            _shorten(stint, min(stint.end, today()), move.by)
        else:
            _void(stint, move.by)
    messages.broken_off(participation)
    if not began and participation.nomination_id:
        nomination = Nomination.objects.select_for_update(of=("self",)).get(pk=participation.nomination_id)
        release_place(nomination)


def _void(stint: Stint, by: User | None) -> None:
    """A stay that never began: its appointment is empty (ended on its first day), no appraisal is owed."""
    _unfiled(stint).delete()
    if stint.appointment is not None:
        close_appointment(
            appointment=stint.appointment, on=stint.start, by=by, removal_reason="挂职取消，未到任"
        )


def file_columns(appraisal: Appraisal, move: Move) -> dict[str, Any]:
    """Who signed the appraisal, and when."""
    return {"author": move.by, "filed_at": move.at}


def after_file(appraisal: Appraisal, move: Move) -> None:
    """Tell HR that an appraisal waits to be read."""
    messages.appraisal_filed(appraisal)


def after_return(appraisal: Appraisal, move: Move) -> None:
    """Tell the host what HR asks for."""
    messages.appraisal_returned(appraisal)
