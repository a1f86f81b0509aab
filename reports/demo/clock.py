"""The demo's clock: past cases are made on their own days."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.conf import settings


@contextmanager
def on(day: date) -> Iterator[date]:
    """Let every rule see another day while the block runs; only the demo's and the tests' clock can move."""
    if settings.PRODUCTION:
        raise RuntimeError("the clock can't be moved in production")
    before = settings.DEMO_TODAY
    settings.DEMO_TODAY = day.isoformat()
    try:
        yield day
    finally:
        settings.DEMO_TODAY = before
