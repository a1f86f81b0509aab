"""Saved queries of the demo's people: what they might look for, saved by the services."""

from __future__ import annotations

from typing import Any

from reports.demo.accounts import Accounts
from reports.queries.saving import build_query, save_query

_YOUNG = {
    "items": [
        {"fact": "age", "op": "at_most", "value": 35},
        {"fact": "on_team", "op": "is", "value": True},
        {
            "join": "or",
            "items": [
                {"fact": "education_level", "op": "at_least", "value": "21"},
                {"fact": "honours_city", "op": "at_least", "value": 1},
            ],
        },
        {"fact": "seconded_now", "op": "is", "value": True, "not": True},
    ]
}
PROMOTABLE = {
    "items": [
        {"fact": "post_category", "op": "one_of", "value": ["deputy"]},
        {"fact": "years_in_post", "op": "at_least", "value": 3},
        {"fact": "good_years_running", "op": "is", "value": True},
        {"fact": "restricted", "op": "is", "value": False},
    ]
}
_LONG_SERVING = {
    "items": [
        {
            "history": "appointment",
            "when": "in_force",
            "where": [
                {"field": "start", "op": "before", "value": "2018"},
                {"field": "is_main", "op": "is", "value": True},
            ],
        }
    ]
}
# Who, under which name, what, shared with the unit?
_SAVED: tuple[tuple[str, str, dict[str, Any], bool], ...] = (
    ("hr", "可参加挂职的年轻班子成员", _YOUNG, True),
    ("hr", "任副职满三年、可提拔", PROMOTABLE, True),
    ("party", "任现职超过八年", _LONG_SERVING, False),
    ("principal-east", "本校年轻班子成员", _YOUNG, False),
)


def save_queries(accounts: Accounts) -> None:
    """Save what each of them looks for."""
    for username, name, where, is_shared in _SAVED:
        save_query(by=accounts[username], name=name, query=build_query(where=where), is_shared=is_shared)
