"""What the beat starts: calls close when their window has passed, stays begin and end by the date."""

from celery import shared_task

from programs.services import calls, participations


@shared_task
def close_due_calls() -> int:
    """Close the calls whose window has passed."""
    return calls.close_due_calls()


@shared_task
def follow_calendar() -> dict[str, int]:
    """Start and end stays by the calendar, conclude 公示."""
    return participations.follow_calendar()
