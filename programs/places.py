"""The two scarce things, each counted under the lock of one row: places of a year, nomination quotas."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from accounts.models import Unit
from accounts.scope import paths_above
from cadres.models import Cadre
from core.errors import WrongMoment
from programs.models import Call, CallQuota, Nomination, PlacesAccount


@dataclass(frozen=True)
class Used:
    """How much of a quota or account is used."""

    total: int
    used: int

    @property
    def left(self) -> int:
        """What is left, never below nothing."""
        return max(self.total - self.used, 0)


def lock_account(account_id: int) -> PlacesAccount:
    """Lock a places account until the transaction ends: whoever takes or gives a place waits here."""
    return PlacesAccount.objects.select_for_update(no_key=True).get(pk=account_id)


def lock_call(call_id: int) -> Call:
    """Lock a call until the transaction ends and read it afresh: submissions and closing wait here."""
    return Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=call_id)


def count_taken(account: PlacesAccount) -> int:
    """Return how many of the account's places are held."""
    return Nomination.objects.filter(place=account).count()


def places_left(account: PlacesAccount | None) -> int | None:
    """Return how many places are left of a programme's year; None where a call draws on no account."""
    if account is None:
        return None
    return Used(account.places, count_taken(account)).left


def require_place(nomination: Nomination, *, lock: bool) -> PlacesAccount | None:
    """Return the account a place can be taken from, under lock; None where the call draws on none.

    Raises WrongMoment when no place is left. The place is taken by writing it to the nomination, in the
    same transaction; without `lock` the answer is only good for showing.
    """
    account_id = nomination.call.places_account_id
    if account_id is None:
        return None
    account = lock_account(account_id) if lock else PlacesAccount.objects.get(pk=account_id)
    if count_taken(account) >= account.places:
        raise WrongMoment(f"{account.year}年的 {account.places} 个名额已用完，可以列为候补。")
    return account


def waiting_before(nomination: Nomination) -> int:
    """Return how many waiting cases come before this one on the account's waiting list."""
    since = nomination.waiting_since
    earlier = Q(waiting_since__lt=since) | Q(waiting_since=since, pk__lt=nomination.pk)
    return _waiting(nomination.call.places_account_id).filter(earlier).count()


def first_waiting(account: PlacesAccount) -> Nomination | None:
    """Return the next case of the waiting list, locked: the longest waiting, over all calls of the account.

    Call it under the account's lock. A case that somebody is deciding at this moment is passed over.
    """
    cases = _waiting(account.pk).order_by("waiting_since", "pk")
    return cases.select_for_update(skip_locked=True, of=("self",)).first()


def _waiting(account_id: int | None) -> QuerySet[Nomination]:
    """Cases on the waiting list of an account; none where there is no account.

    Whoever has left service meanwhile holds nobody up: the place goes to the next.
    """
    there = Q(cadre=None) | Q(cadre__in=Cadre.objects.in_service())
    cases = Nomination.objects.filter(there, status=Nomination.Status.WAITING)
    return cases.filter(call__places_account_id=account_id) if account_id else cases.none()


def unit_quota(call: Call, unit: Unit) -> Used:
    """Return a unit's nomination quota in a call and how much of it is used, for showing."""
    own = call.quotas.filter(unit=unit).values_list("quota", flat=True).first()
    used = Nomination.objects.counted().filter(call=call, unit=unit).count()
    return Used(call.quota_per_unit if own is None else own, used)


def require_quota(call: Call, unit: Unit) -> None:
    """Refuse a submission beyond the unit's quota, or beyond that of a group it belongs to.

    Call it under the call's lock. A quota set for a unit that has units below it bounds all of them
    together; the general quota bounds each filing unit by itself. Raises WrongMoment.
    """
    quota = unit_quota(call, unit)
    if not quota.left:
        raise WrongMoment(f"{unit.name}在本次征集中的推荐名额（{quota.total} 人）已用完。")
    groups = CallQuota.objects.filter(call=call, unit__path__in=paths_above(unit.path)).exclude(unit=unit)
    for group in groups.annotate(path=F("unit__path")).select_related("unit"):
        used = Nomination.objects.counted().filter(call=call, unit_path__startswith=group.path).count()
        if used >= group.quota:
            raise WrongMoment(f"{group.unit.name}所辖单位的推荐名额（{group.quota} 人）已用完。")
