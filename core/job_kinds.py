"""The register of job kinds: what each is called in words, and the function that does its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.jobs import RunningJob

# What a function returns is the job's result: plain JSON. `message` becomes the job's last word, `next` and
# `next_label` say where its page leads on to.
JobFunction = Callable[["RunningJob"], "dict[str, Any] | None"]


@dataclass(frozen=True)
class JobKind:
    """A registered kind of job."""

    name: str
    label: str
    function: JobFunction


kinds: dict[str, JobKind] = {}


def job_kind(name: str, *, label: str) -> Callable[[JobFunction], JobFunction]:
    """Register a function as the work of a kind of job; it must be imported by its app's tasks module."""

    def decorate(function: JobFunction) -> JobFunction:
        if name in kinds and kinds[name].function is not function:
            raise ValueError(f"job kind {name!r} is registered twice")
        kinds[name] = JobKind(name, label, function)
        return function

    return decorate


def label_of(kind: str) -> str:
    """The words of a kind of job."""
    return kinds[kind].label if kind in kinds else kind
