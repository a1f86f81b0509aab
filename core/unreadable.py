"""Input that can't be read or stored at all: the sender's fault, whichever page or resource it reaches."""

from django.db import DataError


def unreadable(error: BaseException) -> bool:
    """Whether an exception comes from input such as a NUL, a lone surrogate, a number out of range, JSON too deep."""
    if isinstance(error, DataError | UnicodeEncodeError):
        return True
    if isinstance(error, RecursionError):
        return "JSON" in str(error)
    return isinstance(error, ValueError) and "NUL (0x00)" in str(error)
