"""What becomes of rounds when a unit is merged, split or closed, in sentences; papers stay where they were filed."""

from __future__ import annotations

from collections.abc import Iterator

from assessment.models import Round, RoundSubject
from cadres.models import Reorganisation
from cadres.services.consequences import Change, Consequence

_NAMES_SHOWN = 3
_RUNNING = (Round.Status.DRAFT, Round.Status.OPEN)


def told_of_change(change: Change) -> Iterator[Consequence]:
    """Yield what a change of a unit means for the rounds it holds and the people of it who are being rated."""
    people = RoundSubject.objects.filter(unit=change.unit, round__status__in=_RUNNING)
    if change.kind == Reorganisation.Kind.SPLIT:
        people = people.filter(cadre__in=change.people)
    else:
        yield from _told_of_rounds(change)
    names = list(people.order_by("cadre__name_key").values_list("cadre__name", flat=True).distinct())
    if names:
        yield Consequence(
            f"{_short(names)}正在接受评价，评价照常进行，评价时的单位仍记为{change.unit.name}；"
            "评价人没有随之调整，需要时请到评价里核对。"
        )


def _told_of_rounds(change: Change) -> Iterator[Consequence]:
    titles = list(Round.objects.filter(unit=change.unit, status__in=_RUNNING).values_list("title", flat=True))
    if titles:
        named = "、".join(f"“{title}”" for title in titles[:_NAMES_SHOWN])
        yield Consequence(f"本单位组织的评价{named}没有结束，改由上级单位办理。")


def _short(names: list[str]) -> str:
    listed = list(dict.fromkeys(names))
    more = f"等 {len(listed)} 人" if len(listed) > _NAMES_SHOWN else ""
    return "、".join(listed[:_NAMES_SHOWN]) + more
