"""What the beat starts: lists are settled when the window has passed, classes finish on the day after."""

from celery import shared_task

from training.services import classes


@shared_task
def settle_due_classes() -> int:
    """Settle the lists of the classes whose window has passed."""
    return classes.settle_due_classes()


@shared_task
def finish_past_classes() -> int:
    """Finish the classes whose last day has passed."""
    return classes.finish_past_classes()
