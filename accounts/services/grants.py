"""Verbs on grants: give, propose, confirm, decline, revoke; a proposal counts for nothing until confirmed."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Grant, Unit, User
from accounts.roles import ROLES
from accounts.scope import forget, require
from core import audit, inbox
from core.calendar import now, today
from core.errors import Invalid, NotAllowed, WrongMoment

audit.register("grant.give", "授予权限")
audit.register("grant.propose", "提出授权")
audit.register("grant.confirm", "确认授权")
audit.register("grant.decline", "不予授权")
audit.register("grant.revoke", "收回权限")
audit.register("grant.end", "权限随任职结束")


def grant_role(
    *,
    by: User,
    user: User,
    role: str,
    unit: Unit,
    reason: str,
    start: date | None = None,
    end: date | None = None,
) -> Grant:
    """Give a user a role at a unit and everything below it, from a day (today) until before another.

    Needs `grant.manage`, never for oneself. Raises Invalid when role and account class or role and kind of
    unit don't fit, or the same role is held there already. Tells the user.
    """
    require(by, "grant.manage", unit)
    _not_oneself(by, user)
    start = start or today()
    if not reason.strip():
        raise Invalid("请写明授权依据。", errors={"reason": ["请写明授权依据。"]})
    with transaction.atomic():
        user = _lock_user(user)
        _check_fit(user, role, unit)
        _check_period(user, role, unit, start, end)
        grant = Grant.objects.create(
            user=user, role=role, unit=unit, start=start, end=end, reason=reason.strip(), granted_by=by,
            confirmed_at=now(),
        )  # fmt: skip
        _note("grant.give", by, grant)
        _tell(grant, "given", "您获得了新的权限")
    return grant


def propose_grant(
    *,
    user: User,
    role: str,
    unit: Unit,
    origin: str,
    start: date | None = None,
    reason: str = "",
    by: User | None = None,
) -> Grant | None:
    """Propose a role from a record elsewhere (`origin`, e.g. "appointment:12"); None if it is held already.

    The caller has checked that the record itself may be written; the proposal gives no right before the
    security administrator confirms it. `by` is the person who wrote the record, None for the system.
    """
    start = start or today()
    with transaction.atomic():
        user = _lock_user(user)
        _check_fit(user, role, unit)
        if _overlapping(user, role, unit, start, None).exists():
            return None
        grant = Grant.objects.create(
            user=user, role=role, unit=unit, start=start, reason=reason.strip()[:200], origin=origin
        )
        _note("grant.propose", by, grant)
    return grant


def confirm_grant(*, by: User, grant: Grant) -> Grant:
    """Make a proposal count. Needs `grant.manage`, never for oneself; WrongMoment if it is decided already."""
    require(by, "grant.manage", grant.unit)
    _not_oneself(by, grant.user)
    with transaction.atomic():
        grant = _lock_proposal(grant)
        if not grant.user.is_active:
            raise WrongMoment("这个账号已停用，不能授权。")
        if grant.unit.is_closed:
            raise WrongMoment("这个单位已撤销，不能授权。")
        grant.confirmed_at, grant.granted_by = now(), by
        grant.save(update_fields=["confirmed_at", "granted_by", "account_class"])
        _note("grant.confirm", by, grant)
        _tell(grant, "given", "您获得了新的权限")
    return grant


def decline_grant(*, by: User, grant: Grant, reason: str) -> Grant:
    """Decline a proposal with a reason. Needs `grant.manage`; WrongMoment if it is decided already."""
    require(by, "grant.manage", grant.unit)
    _not_oneself(by, grant.user)
    if not reason.strip():
        raise Invalid("请写明理由。", errors={"reason": ["请写明理由。"]})
    with transaction.atomic():
        grant = _lock_proposal(grant)
        grant.end = _ending(grant, today())
        grant.save(update_fields=["end", "account_class"])
        _note("grant.decline", by, grant, reason)
    return grant


def revoke_grant(*, by: User, grant: Grant, reason: str) -> Grant:
    """End a grant today, with a reason. Needs `grant.manage`, never one's own; tells the user."""
    require(by, "grant.manage", grant.unit)
    _not_oneself(by, grant.user)
    if not reason.strip():
        raise Invalid("请写明收回理由。", errors={"reason": ["请写明收回理由。"]})
    with transaction.atomic():
        grant = _lock(grant)
        if grant.confirmed_at is None or (grant.end is not None and grant.end <= today()):
            raise WrongMoment("这项授权已经结束。")
        grant.end = _ending(grant, today())
        grant.save(update_fields=["end", "account_class"])
        _note("grant.revoke", by, grant, reason)
        _tell(grant, "revoked", "您的一项权限已收回")
    return grant


def end_grants_of(*, origin: str, on: date, by: User | None = None) -> int:
    """End what hangs on a record elsewhere, proposals too, from a day on; returns how many grants.

    It only takes rights away, so the caller's right to end the record is enough; `by=None` is the system.
    """
    with transaction.atomic():
        grants = Grant.objects.select_for_update(of=("self",)).select_related("user", "unit")
        open_ones = list(grants.filter(origin=origin).filter(Q(end=None) | Q(end__gt=on)))
        for grant in open_ones:
            grant.end = _ending(grant, on)
            grant.save(update_fields=["end", "account_class"])
            _note("grant.end", by, grant)
            if grant.confirmed_at:
                _tell(grant, "ended", "您的一项权限已随任职结束")
    return len(open_ones)


def announce_ended(*, on: date) -> int:
    """Tell those whose grants run out on a day, once each; returns how many were told."""
    ended = Grant.objects.filter(end=on, confirmed_at__isnull=False).select_related("user", "unit")
    return sum(1 for grant in ended if grant.start < on and _tell(grant, "ended", "您的一项权限已到期"))


def _not_oneself(by: User, user: User) -> None:
    if by.pk == user.pk:
        raise NotAllowed("不能办理自己的授权，请由另一位安全管理员办理。")


def _check_fit(user: User, role: str, unit: Unit) -> None:
    found = ROLES.get(role)
    if found is None:
        raise Invalid("没有这个角色。", errors={"role": ["请重新选择。"]})
    if not user.is_active:
        raise Invalid("这个账号已停用。", errors={"user": ["这个账号已停用。"]})
    if found.account_class != user.account_class:
        sentence = f"{found.label}只能授予“{found.account_class.label}”类账号。"
        raise Invalid(sentence, errors={"role": [sentence]})
    if unit.kind not in found.unit_kinds:
        sentence = f"{found.label}不能授在{unit.get_kind_display()}。"
        raise Invalid(sentence, errors={"unit": [sentence]})
    if unit.is_closed:
        raise Invalid("这个单位已撤销。", errors={"unit": ["这个单位已撤销。"]})


def _check_period(user: User, role: str, unit: Unit, start: date, end: date | None) -> None:
    if end is not None and end <= start:
        raise Invalid("结束日期须晚于开始日期。", errors={"end": ["须晚于开始日期。"]})
    if end is not None and end <= today():
        raise Invalid("结束日期须晚于今天。", errors={"end": ["须晚于今天。"]})
    if _overlapping(user, role, unit, start, end).exists():
        raise Invalid(f"{user.name}在{unit.name}已有这个角色，或有待确认的提议。")


def _overlapping(user: User, role: str, unit: Unit, start: date, end: date | None) -> QuerySet[Grant]:
    rows = Grant.objects.filter(user=user, role=role, unit=unit).filter(Q(end=None) | Q(end__gt=start))
    return rows.filter(start__lt=end) if end is not None else rows


def _ending(grant: Grant, on: date) -> date:
    """A grant that had not begun ends where it would have begun."""
    return max(on, grant.start)


def _lock_user(user: User) -> User:
    """The account's row, locked, so that two grants of one role can't be given at once."""
    return User.objects.select_for_update().get(pk=user.pk)


def _lock(grant: Grant) -> Grant:
    rows = Grant.objects.select_for_update(of=("self",)).select_related("user", "unit")
    return rows.get(pk=grant.pk)


def _lock_proposal(grant: Grant) -> Grant:
    grant = _lock(grant)
    if grant.confirmed_at is not None or grant.end is not None:
        raise WrongMoment("这项提议已经处理过了。")
    return grant


def _note(action: str, by: User | None, grant: Grant, reason: str = "") -> None:
    forget(grant.user)
    after = {
        "user": grant.user.username, "role": grant.get_role_display(), "unit": grant.unit.name,
        "start": grant.start, "end": grant.end, "origin": grant.origin,
    }  # fmt: skip
    note = reason.strip() or grant.reason
    audit.record(action, by=by, obj=grant, after=after, note=note, unit_name=grant.unit.name)


def _tell(grant: Grant, what: str, title: str) -> bool:
    words = f"{grant.unit.name}，{grant.get_role_display()}"
    return bool(inbox.send(grant.user, f"grant:{grant.pk}:{what}", title=title, body=words, quiet=True))
