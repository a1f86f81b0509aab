"""What a benchmark is: sides measured in turn, each run in a process of its own, and goals over the figures."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import tests.bench as package


@dataclass(frozen=True)
class Measure:
    """The median of a side's rounds: CPU of Python and its children, of PostgreSQL, time, peak memory.

    `idle_mb` is what the process held before the side began: Django and everything it imports.
    `facts` are whatever the side returned in its last round (counts of statements, times of its own …).
    """

    python_cpu: float
    postgres_cpu: float
    seconds: float
    peak_mb: float
    idle_mb: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cpu(self) -> float:
        """CPU seconds of Python and PostgreSQL together."""
        return self.python_cpu + self.postgres_cpu

    @property
    def own_mb(self) -> float:
        """Memory beyond what the idle process held."""
        return self.peak_mb - self.idle_mb


@dataclass(frozen=True)
class Verdict:
    """One line of the table: what is wanted, what was measured, whether it holds."""

    goal: str
    measured: str
    holds: bool


Step = Callable[[], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Bench:
    """A benchmark.

    `prepare` runs once before all rounds, `reset` before each run of a side; neither is measured. `sides`
    are run one after the other in every round. `judge` turns the medians into lines of the table. Sides
    named in `once` run in the first round only (a slow baseline).
    """

    name: str
    title: str
    sides: Mapping[str, Step]
    judge: Callable[[Mapping[str, Measure]], list[Verdict]]
    prepare: Step | None = None
    reset: Step | None = None
    once: frozenset[str] = frozenset()


def at_most(goal: str, value: float, most: float, shown: str = "") -> Verdict:
    """A line for a figure that must not exceed a bound."""
    return Verdict(goal, shown or f"{value:.2f}", value <= most)


def at_least(goal: str, value: float, least: float, shown: str = "") -> Verdict:
    """A line for a figure that must reach a bound."""
    return Verdict(goal, shown or f"{value:.2f}", value >= least)


def all_benches() -> dict[str, Bench]:
    """Every benchmark of the modules named bench_*, each of which lists its own in BENCHES."""
    found: dict[str, Bench] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        if module.startswith("bench_"):
            for bench in importlib.import_module(f"tests.bench.{module}").BENCHES:
                found[bench.name] = bench
    return found
