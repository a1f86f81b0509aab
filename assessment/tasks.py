"""What the beat starts: rounds close when their window has passed, the trail learns of days that are over."""

from celery import shared_task

from assessment.services import rounds


@shared_task
def close_due_rounds() -> int:
    """Close the rounds whose window has passed and work out their results."""
    return rounds.close_due_rounds()


@shared_task
def tell_ballot_days() -> int:
    """Tell the trail who submitted anonymously on the days before today."""
    return rounds.tell_ballot_days()
