"""The measures that norms are about: how each is taken from the counts, and by SQL for each unit's team."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cadres.models import Norm


@dataclass(frozen=True)
class Measure:
    """One measure: a share of the people in some bands of a dimension, a number of people, or an average."""

    name: str
    dimension: str
    bands: tuple[str, ...] = ()
    unit: str = "%"

    @property
    def sql(self) -> str:
        """The measure over the rows of one unit's team in `banded`, in the norm's own unit."""
        if self.name == "average_age":
            return "round((avg(%(day)s - birth) / 365.2425)::numeric, 1)"
        listed = ", ".join(f"'{band}'" for band in self.bands)
        number = f"count(*) FILTER (WHERE {self.dimension} IN ({listed}))"
        return f"round(100.0 * {number} / count(*), 1)" if self.unit == "%" else f"{number}::numeric"


_NON_PARTY = ("democratic", "league", "none")
MEASURES: dict[str, Measure] = {
    each.name: each
    for each in (
        Measure(Norm.Measure.WOMEN.value, "gender", ("2",)),
        Measure(Norm.Measure.MINORITY.value, "ethnicity", ("minority",)),
        Measure(Norm.Measure.UP_TO_35.value, "age", ("u35",)),
        Measure(Norm.Measure.UP_TO_45.value, "age", ("u35", "36", "41")),
        Measure(Norm.Measure.BACHELOR.value, "education", ("graduate", "bachelor")),
        Measure(Norm.Measure.SENIOR_TITLE.value, "title", ("senior", "associate")),
        Measure(Norm.Measure.NON_PARTY.value, "party", _NON_PARTY),
        Measure(Norm.Measure.AVERAGE_AGE.value, "age", unit="岁"),
        Measure(Norm.Measure.HEADS.value, "category", ("head",), unit="人"),
        Measure(Norm.Measure.DEPUTIES.value, "category", ("deputy",), unit="人"),
    )
}


def percentage(part: int, total: int) -> float:
    """Return a part of a whole in per cent with one decimal, halves up as the database rounds them."""
    exact = Decimal(100 * part) / Decimal(total)
    return float(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def measure_values(
    sections: list[dict[str, Any]], total: int, average_age: float | None
) -> dict[str, float | int | None]:
    """Return every measure from the counts of an analysis; None where there is nobody to measure."""
    counts = {each["key"]: {row["key"]: row["count"] for row in each["rows"]} for each in sections}
    found: dict[str, float | int | None] = {}
    for measure in MEASURES.values():
        if measure.name == "average_age":
            found[measure.name] = average_age
            continue
        number = sum(counts.get(measure.dimension, {}).get(band, 0) for band in measure.bands)
        if measure.unit == "%":
            found[measure.name] = percentage(number, total) if total else None
        else:
            found[measure.name] = number
    return found
