"""Texts that PostgreSQL can't take: the sender's fault, whichever page or resource they reach."""

from django.db import DataError


def unreadable(error: BaseException) -> bool:
    """Whether an exception comes from input such as a NUL, a lone surrogate or a number out of range."""
    if isinstance(error, DataError | UnicodeEncodeError):
        return True
    return isinstance(error, ValueError) and "NUL (0x00)" in str(error)
