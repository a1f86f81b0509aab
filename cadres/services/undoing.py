"""Taking a merger, a split or a closing of units back, as long as nothing has been changed on top of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import Unit, User
from accounts.scope import may_on, require
from accounts.services import units
from cadres.models import Appointment, Cadre, PersonnelRelation, Post, Reorganisation
from cadres.services.leadership import end_leadership_grants, propose_leadership_grant
from core import audit
from core.calendar import now
from core.errors import WrongMoment

audit.register("unit.undo", "撤回机构变动")

_NAMES_SHOWN = 3


def undo_reorganisation(*, change: Reorganisation, by: User) -> Reorganisation:
    """Take a change back: people, appointments and posts return, a closed unit goes on.

    Grants that ended with the unit stay ended; those of heads are proposed again. Needs what making it needs.
    A closing with several successors is taken back whole, whichever of its rows is given. Raises WrongMoment
    when it was taken back already, or when people have been moved or appointed since.
    """
    with transaction.atomic():
        units.lock_unit(change.unit)
        change = Reorganisation.objects.select_for_update(of=("self",)).get(pk=change.pk)
        for capability, unit in _needed(change):
            require(by, capability, unit)
        if change.undone_at:
            raise WrongMoment("这次变动已经撤回。")
        relations, held = change.moved.get("relations", []), change.moved.get("held", [])
        _lock_people(relations, held)
        _refuse_changed(change, relations, held)
        if change.kind != Reorganisation.Kind.SPLIT:
            units.reopen_unit(by=by, unit=change.unit)
        Post.objects.filter(pk__in=change.moved.get("posts_closed", [])).update(
            closed_on=None, updated_at=now()
        )
        _return_appointments(held, by)
        _return_people(change, relations)
        _forget_posts(change)
        _close_rows(change, by)
        audit.record(
            "unit.undo", by=by, obj=change.unit, unit_name=change.unit.name,
            after={"撤回": str(change), "人数": change.people, "任职": change.appointments},
        )  # fmt: skip
        return change


def may_undo(user: User, change: Reorganisation) -> bool:
    """Say whether a user has the rights that taking a change back needs."""
    return all(may_on(user, capability, unit) for capability, unit in _needed(change))


def _needed(change: Reorganisation) -> list[tuple[str, Unit]]:
    """Which rights where: a closing moved nobody, so it asks for no more than closing did."""
    if change.kind == Reorganisation.Kind.CLOSE:
        return [("unit.edit", change.unit)]
    units_of_both = [unit for unit in (change.unit, change.into) if unit is not None]
    return [(capability, unit) for unit in units_of_both for capability in ("unit.edit", "cadre.edit")]


def _close_rows(change: Reorganisation, by: User) -> None:
    """Note that the change is taken back; a closing has a row for each successor."""
    rows = [change]
    if change.kind == Reorganisation.Kind.CLOSE:
        same = Reorganisation.objects.standing().filter(unit=change.unit_id, kind=change.kind, on=change.on)
        rows += same.exclude(pk=change.pk)
    change.undone_at, change.undone_by = now(), by
    for row in rows:
        row.undone_at, row.undone_by = change.undone_at, by
        row.save(update_fields=["undone_at", "undone_by"])
        _forget_heir(row)


def _lock_people(relations: list[dict[str, Any]], held: list[dict[str, Any]]) -> None:
    """Everybody concerned, locked in one order."""
    keys: set[int] = set()
    for model, rows in ((PersonnelRelation, relations), (Appointment, held)):
        keys |= set(model.objects.filter(pk__in=[row["old"] for row in rows]).values_list("cadre", flat=True))
    list(Cadre.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk").values_list("pk"))


def _refuse_changed(
    change: Reorganisation, relations: list[dict[str, Any]], held: list[dict[str, Any]]
) -> None:
    """What was written then stands as it was written."""
    names = dict.fromkeys(
        name
        for model, rows in ((PersonnelRelation, relations), (Appointment, held))
        for name in _changed(model, rows, change)
    )
    if names:
        shown = list(names)
        more = f"等 {len(shown)} 人" if len(shown) > _NAMES_SHOWN else ""
        raise WrongMoment(
            f"办理之后有人又有变动：{'、'.join(shown[:_NAMES_SHOWN])}{more}。不能整体撤回，请逐条更正。"
        )


def _changed(model: Any, rows: list[dict[str, Any]], change: Reorganisation) -> list[str]:
    """Whose rows no longer lie where, and end when, the change left them."""
    left: dict[int, tuple[int | None, date | None]] = {}
    for row in rows:
        left[row["old"]] = (change.unit_id, change.on)
        if row["new"]:
            left[row["new"]] = (change.into_id, _day(row["end"]))
        if row.get("twin"):
            left[row["twin"]["id"]] = (change.into_id, change.on)
    found = {each.pk: each for each in model.objects.filter(pk__in=left).select_related("cadre")}
    gone = ["有人的记录已删除"] if len(found) < len(left) else []
    return gone + [row.cadre.name for key, row in found.items() if (row.unit_id, row.end) != left[key]]


def _return_appointments(held: list[dict[str, Any]], by: User) -> None:
    for row in held:
        new = Appointment.objects.filter(pk=row["new"]).select_related("cadre", "unit", "post").first()
        if new is not None:
            end_leadership_grants(new, by=by)
            try:
                new.delete()
            except ProtectedError:
                raise WrongMoment(
                    f"{new.cadre.name}的新任职已被别的记录引用，不能整体撤回，请逐条更正。"
                ) from None
        for key, was in ((row["old"], row), *([(row["twin"]["id"], row["twin"])] if row.get("twin") else [])):
            old = Appointment.objects.select_related("cadre__user", "unit", "post").get(pk=key)
            old.end, old.end_precision = _day(was["end"]), was["precision"]
            old.removal_id, old.removal_reason = was["removal"], was["reason"]
            old.save()
            propose_leadership_grant(old, by=by)


def _return_people(change: Reorganisation, relations: list[dict[str, Any]]) -> None:
    PersonnelRelation.objects.filter(pk__in=[row["new"] for row in relations]).delete()
    for row in relations:
        PersonnelRelation.objects.filter(pk=row["old"]).update(
            end=_day(row["end"]), end_precision=row["precision"], leaving=row["leaving"]
        )
    unit = Unit.objects.get(pk=change.unit_id)
    back = PersonnelRelation.objects.filter(pk__in=[row["old"] for row in relations]).values("cadre")
    Cadre.objects.filter(pk__in=back, unit=change.into_id).update(
        unit=unit, unit_path=unit.path, updated_at=now()
    )


def _forget_posts(change: Reorganisation) -> None:
    """The posts that were set up for it, where nobody else has been appointed to one since."""
    made = Post.objects.filter(pk__in=change.moved.get("posts_made", []))
    made.exclude(pk__in=Appointment.objects.filter(post__in=made).values("post")).delete()


def _forget_heir(change: Reorganisation) -> None:
    others = Reorganisation.objects.standing().filter(unit=change.unit_id, into=change.into_id)
    if change.into_id and not others.exists():
        change.unit.successors.remove(change.into_id)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
