"""Running a query: a page of people by one statement, with the facts it asks about beside them."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from cadres.facts import FACTS, FactValue, values_of
from cadres.fields import Level, level_for
from cadres.listing import COUNT_CAP, PAGE_SIZE, SORTS, phases
from cadres.models import Cadre
from cadres.paging import Page, walk
from cadres.summaries import summaries
from core import audit
from core.calendar import today
from reports.queries.catalog import fact_level
from reports.queries.sql import people
from reports.queries.tree import FactCondition, Query, leaves
from reports.queries.words import describe

MOST_COLUMNS = 6
DEFAULT_SORT = "name"
# What the list's own columns tell already.
_SHOWN_ANYWAY = frozenset({"age", "post_title", "gender"})


def sorts_for(user: User) -> dict[str, str]:
    """Return the orders of a result that a reader may ask for: who doesn't see ages isn't told their order."""
    personal = user.holds("cadre.view_personal")
    return {name: label for name, label in SORTS.items() if personal or not name.endswith("birth")}


def run_page(
    query: Query, *, user: User, cursor: str = "", size: int = PAGE_SIZE, sort: str = DEFAULT_SORT
) -> Page:
    """Return one page of the people a query finds, in one of `sorts_for` (by name for any other).

    By name or unit a page is one statement; by age or time in post those without it follow with a second one.

    The first page of a query over sensitive information leaves an entry in the audit trail. Raises
    NotAllowed for a condition above the reader's level.
    """
    rows = people(query, user=user)
    if not cursor:
        note_sensitive(query, by=user)
    return walk(phases(rows, sort if sort in sorts_for(user) else DEFAULT_SORT), cursor, size)


def note_sensitive(query: Query, *, by: User) -> None:
    """Reading by confidential data is an entry too (3-trust.md, data levels)."""
    if query.where.level >= Level.SENSITIVE:
        audit.record("query.run", by=by, note=describe(query)[:2000])


def count(query: Query, *, user: User, most: int = COUNT_CAP) -> tuple[int, bool]:
    """Return how many people a query finds, at most `most`, and whether there are more."""
    number = people(query, user=user).order_by().values("pk")[: most + 1].count()
    return min(number, most), number > most


def shown_facts(query: Query) -> list[str]:
    """Return the facts that stand beside the people: those asked about, as far as a list may show them."""
    asked = [leaf.fact.name for leaf in leaves(query.where) if isinstance(leaf, FactCondition)]
    open_facts = [name for name in dict.fromkeys(asked) if fact_level(FACTS[name]) < Level.SENSITIVE]
    return [name for name in open_facts if name not in _SHOWN_ANYWAY][:MOST_COLUMNS]


def rows_of(page: Page, query: Query, *, user: User) -> list[dict[str, Any]]:
    """Return the people of a page as the list shows them; `facts` are shown_facts with their words.

    A value above what the reader may know of that person stays empty.
    """
    names, on = shown_facts(query), query.as_of or today()
    known = values_of(Cadre.objects.filter(pk__in=page.ids), names, on) if names else {}
    people_shown = summaries(page.ids, user=user)
    paths = dict(Cadre.objects.filter(pk__in=page.ids).values_list("pk", "unit_path")) if names else {}
    for row in people_shown:
        found = known.get(row["id"], {})
        level = level_for(user, _At(paths.get(row["id"], ""))) if names else 0
        row["facts"] = [(FACTS[name].label, _words(name, found.get(name), level)) for name in names]
    return people_shown


class _At:
    """What scope asks of a row: where it is."""

    user_id = None

    def __init__(self, unit_path: str) -> None:
        self.unit_path = unit_path


def _words(name: str, value: FactValue | None, level: int) -> str:
    if value is None or fact_level(FACTS[name]) > level:
        return ""
    return value.text
