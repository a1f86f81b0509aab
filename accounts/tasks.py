"""Scheduled work on accounts: tell whose grants ran out, drop dead codes, sessions and tokens."""

from celery import shared_task

from accounts.services.grants import announce_ended
from accounts.services.purging import purge_sign_ins as purge
from accounts.services.users import remove_dead_codes
from core.calendar import today


@shared_task
def end_grants() -> None:
    """Grants end by their date alone; this tells the holders, once each, and tidies up."""
    announce_ended(on=today())
    remove_dead_codes()


@shared_task
def purge_sign_ins() -> None:
    """Remove sessions and tokens that have ended, and attempts and logs that are no longer needed."""
    purge()
