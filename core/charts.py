"""Charts as data: one message, its numbers, and a fixed colour for each meaning (drawn by static/js/charts.js)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["bar", "bars_across", "stacked", "stacked_across", "line", "pie", "radar", "funnel", "heatmap"]
Size = Literal["small", "medium", "large"]

# The meanings that have a colour of their own on every page; static/js/charts.js holds the colours.
MEANINGS = frozenset(
    [
        "main",
        "compare",
        "target",
        "good",
        "fair",
        "poor",
        "female",
        "male",
        "pass",
        "return",
        "reject",
        "waiting",
        "rural",
        "town",
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
    ]
)
MAX_SLICES = 4


@dataclass(frozen=True)
class Series:
    """One row of numbers over the chart's categories; a gap is None."""

    name: str
    values: Sequence[float | None]
    meaning: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the chart's table."""

    category: str
    values: list[float | None]
    share: float | None = None
    links: list[str] = field(default_factory=list)

    @property
    def cells(self) -> list[tuple[float | None, str]]:
        """The numbers, each with the address that lists what it counts ("" without one)."""
        return list(zip(self.values, self.links or [""] * len(self.values), strict=True))


@dataclass(frozen=True)
class Chart:
    """A chart with its one message; `key` is unique on the page, `sentence` says what the chart shows.

    `meanings` colours single categories of a chart with one series (pie, funnel, bars). A pie has at most four
    slices; raises ValueError otherwise, and when a series' length differs from the categories'. `shares`
    (between 0 and 1, one a category) stand in the table only. `links` (per category, one a series) are the
    addresses that a number, or its bar, opens.
    """

    key: str
    title: str
    sentence: str
    kind: Kind
    categories: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    category_label: str = "项目"
    meanings: Sequence[str] = field(default_factory=tuple)
    maximum: float | None = None
    shares: Sequence[float | None] = field(default_factory=tuple)
    links: Sequence[Sequence[str]] = field(default_factory=tuple)
    size: Size = "medium"

    def __post_init__(self) -> None:
        """Refuse what can't be drawn honestly."""
        if self.kind == "pie" and len(self.categories) > MAX_SLICES:
            raise ValueError(f"a pie has at most {MAX_SLICES} slices")
        for series in self.series:
            if len(series.values) != len(self.categories):
                raise ValueError(
                    f"{series.name}: {len(series.values)} values, {len(self.categories)} categories"
                )
        if self.shares and len(self.shares) != len(self.categories):
            raise ValueError(f"{len(self.shares)} shares, {len(self.categories)} categories")
        if self.links and [len(own) for own in self.links] != [len(self.series)] * len(self.categories):
            raise ValueError("a link for each number, or none at all")
        unknown = {*self.meanings, *(s.meaning for s in self.series if s.meaning)} - MEANINGS
        if unknown:
            raise ValueError(f"no colour for {sorted(unknown)}")

    @property
    def data_id(self) -> str:
        """The id of the JSON beside the chart."""
        return f"{self.key}-data"

    @property
    def rows(self) -> list[Row]:
        """The chart as a table, one row per category."""
        return [
            Row(
                category,
                [series.values[index] for series in self.series],
                self.shares[index] if self.shares else None,
                list(self.links[index]) if self.links else [],
            )
            for index, category in enumerate(self.categories)
        ]

    def as_data(self) -> dict[str, Any]:
        """Return what the script draws from."""
        return {
            "kind": self.kind,
            "categories": list(self.categories),
            "series": [
                {"name": s.name, "values": list(s.values), "meaning": s.meaning or "abcdef"[i % 6]}
                for i, s in enumerate(self.series)
            ],
            "meanings": list(self.meanings),
            "links": [list(own) for own in self.links],
            "unit": self.unit,
            "maximum": self.maximum,
        }
