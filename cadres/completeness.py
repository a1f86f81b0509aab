"""How complete a person's record is: the items of cadres.facts.completeness, what is missing, where it is filled in.

The fact `completeness` counts the same items in SQL for whole lists; this is its one-person side for pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.urls import reverse

from cadres.facts.completeness import ITEMS
from cadres.models import Cadre
from core.calendar import today

# Where an item is filled in: the history whose form adds it; all others belong to the person's own data.
_HISTORIES = {
    "main_post": "appointment",
    "political": "political",
    "education": "education",
    "title": "title",
}
# Who belongs where isn't added by a form but by returning somebody to the roster.
_RELATION = "relation"


@dataclass(frozen=True)
class Missing:
    """An item that isn't there: its words, and the history that it belongs to ("" for own data)."""

    name: str
    label: str
    history: str

    def add_url(self, cadre: Cadre) -> str:
        """The form that adds it."""
        if self.name == _RELATION:
            return reverse("cadre-return", args=[cadre.pk])
        if self.history:
            return reverse("history-add", args=[cadre.pk, self.history])
        return f"{reverse('cadre-edit', args=[cadre.pk])}#id_{self.name}"

    def ask_url(self, cadre: Cadre) -> str:
        """The form with which one asks for it oneself; "" for what only HR settles."""
        if self.name == _RELATION:
            return ""
        kind = self.history or ("photo" if self.name == "photo" else "basic")
        field = f"#id_{self.name}" if kind == "basic" else ""
        return f"{reverse('correction-add', args=[cadre.pk, kind])}{field}"


@dataclass(frozen=True)
class Completeness:
    """Whole percent of the items that are there, and those that aren't."""

    percent: int
    missing: list[Missing]


def with_items(cadres: QuerySet[Cadre], on: date) -> QuerySet[Cadre]:
    """Add a yes-or-no column `has_<item>` for every item to any number of people, in their one query."""
    columns = {
        f"has_{item.name}": ExpressionWrapper(item.present(on), output_field=BooleanField()) for item in ITEMS
    }
    return cadres.annotate(**columns)


def completeness_of(cadre: Cadre, on: date | None = None) -> Completeness:
    """Say how complete a person's record is on a day (today), by one query."""
    names = [f"has_{item.name}" for item in ITEMS]
    rows = with_items(Cadre.objects.filter(pk=cadre.pk), on or today()).order_by()
    present = rows.values(*names).get()
    missing = [
        Missing(item.name, item.label, _HISTORIES.get(item.name, ""))
        for item in ITEMS
        if not present[f"has_{item.name}"]
    ]
    return Completeness((len(ITEMS) - len(missing)) * 100 // len(ITEMS), missing)
