"""Scheduled work on accounts: tell whose grants ran out, drop dead activation codes."""

from celery import shared_task

from accounts.services.grants import announce_ended
from accounts.services.users import remove_dead_codes
from core.calendar import today


@shared_task
def end_grants() -> None:
    """Grants end by their date alone; this tells the holders, once each, and tidies up."""
    announce_ended(on=today())
    remove_dead_codes()
