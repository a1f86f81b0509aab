"""Fixtures shared by the roster's tests."""

from tests.cadres.rosters import codes, few_codes, roster

__all__ = ["codes", "few_codes", "roster"]
