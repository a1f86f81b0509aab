"""What becomes of calls, cases, undertakings and bases when a unit is merged, split or closed, in sentences.

Papers stay where they were filed (a transfer doesn't move them), so that most of it is only to be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from cadres.models import Reorganisation
from cadres.services.consequences import Change, Consequence
from core.calendar import now
from programs.models import Base, Call, CallQuota, Nomination, Participation, Stint
from programs.routing import central_of

_NAMES_SHOWN = 3
_RUNNING = ("submitted", "in_review", "publicised", "waiting")
_OPEN = ("pending", "placed", "active", "ended")


def told_of_change(change: Change) -> Iterator[Consequence]:
    """Yield what a change of a unit means for the programmes."""
    if change.kind == Reorganisation.Kind.SPLIT:
        yield from _told_of_split(change)
        return
    yield from _told_of_cases(change)
    yield from _told_of_quotas(change)
    yield from _told_of_undertakings(change)
    yield from _told_of_bases(change)


def _told_of_cases(change: Change) -> Iterator[Consequence]:
    cases = Nomination.objects.filter(unit=change.unit).exclude(call__status=Call.Status.FINISHED)
    drafts, returned = cases.filter(status="draft"), cases.filter(status="returned")
    running = cases.filter(status__in=_RUNNING)
    if count := drafts.count():
        heir = f"{change.into.name}" if change.into else "现单位"
        yield Consequence(f"{count} 份没有提交的推荐（{_named(drafts)}）不能再提交，由{heir}另行推荐。")
    if count := returned.count():
        central = central_of(change.unit.path)
        if central is not None and central.pk != change.unit.pk:
            yield Consequence(f"{count} 份退回补正的推荐（{_named(returned)}）由{central.name}补正。")
        else:
            yield Consequence(
                f"{count} 份退回补正的推荐（{_named(returned)}）只有本单位能补正，请先补正或由本单位撤回。",
                blocks=True,
            )
    if count := running.count():
        yield Consequence(
            f"{count} 份办理中的推荐（{_named(running)}）继续办理，推荐单位仍是{change.unit.name}。"
        )


def _told_of_quotas(change: Change) -> Iterator[Consequence]:
    quotas = CallQuota.objects.filter(unit=change.unit, call__closes_at__gt=now(), call__is_template=False)
    quotas = quotas.exclude(call__status=Call.Status.FINISHED).select_related("call")
    for each in quotas:
        yield Consequence(
            f"“{each.call.title}”给本单位的 {each.quota} 个推荐名额不会自动转给承接单位，需要时请到征集里调整。"
        )


def _told_of_undertakings(change: Change) -> Iterator[Consequence]:
    open_ones = Participation.objects.filter(unit=change.unit, status__in=_OPEN)
    if count := open_ones.count():
        yield Consequence(
            f"{count} 人的培养经历（{_named(open_ones)}）照常进行，派出单位仍是{change.unit.name}，由上级单位跟踪。"
        )


def _told_of_bases(change: Change) -> Iterator[Consequence]:
    bases = list(Base.objects.filter(host_unit=change.unit, is_active=True).order_by("name"))
    if bases:
        names = "、".join(f"“{base.name}”" for base in bases)
        yield Consequence(f"基地{names}从那天起不再安排人员。")
    stays = Stint.objects.filter(base__host_unit=change.unit, end__gte=change.on)
    stays = stays.exclude(participation__status__in=("cancelled", "completed"))
    people = [stint.participation.cadre.name for stint in stays.select_related("participation__cadre")]
    if people:
        yield Consequence(f"还有人安排在本单位的基地（{_short(people)}），请先改派或提前结束。", blocks=True)


def _told_of_split(change: Change) -> Iterator[Consequence]:
    """A running case stays with the unit that filed it; a draft can't be submitted for somebody of another."""
    cases = Nomination.objects.filter(unit=change.unit, cadre__in=change.people)
    cases = cases.exclude(call__status=Call.Status.FINISHED)
    drafts, running = cases.filter(status="draft"), cases.filter(status__in=(*_RUNNING, "returned"))
    if count := drafts.count():
        yield Consequence(f"{count} 份没有提交的推荐（{_named(drafts)}）不能再由本单位提交。")
    if count := running.count():
        yield Consequence(f"{count} 份办理中的推荐（{_named(running)}）仍由{change.unit.name}办理。")


def _named(rows: QuerySet[Any]) -> str:
    found = rows.select_related("cadre").order_by("id")
    return _short([row.cadre.name if row.cadre_id else str(row) for row in found])


def _short(names: list[str]) -> str:
    listed = list(dict.fromkeys(names))
    more = f"等 {len(listed)} 人" if len(listed) > _NAMES_SHOWN else ""
    return "、".join(listed[:_NAMES_SHOWN]) + more
