"""Accounts for people on the roster: many at once, tied to their records, leadership proposed from posts."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from accounts.scope import require
from accounts.services.users import NewAccount, create_accounts
from cadres.models import Appointment, Cadre
from cadres.services.leadership import propose_leadership_grant
from core import audit
from core.calendar import today
from core.errors import Invalid

audit.register("cadre.account", "为干部开通账号")


def create_accounts_for(*, cadres: Sequence[Cadre], by: User) -> list[User]:
    """Make an account for each person who has none yet, and propose the roles that go with their posts.

    Needs `account.manage`. The accounts open with an activation code; the roles wait for the security
    administrator. People who already have an account, or have left, are passed over. Raises Invalid when
    nobody remains.
    """
    require(by, "account.manage")
    with transaction.atomic():
        wanted = Cadre.objects.select_for_update(of=("self",)).filter(
            pk__in=[c.pk for c in cadres], user=None
        )
        people = list(wanted.in_service().select_related("unit").order_by("name_key", "id"))
        if not people:
            raise Invalid("所选干部都已有账号或已离开，不需要开通。")
        users = create_accounts(by=by, people=[NewAccount(cadre.name) for cadre in people])
        for cadre, user in zip(people, users, strict=True):
            cadre.user = user
            cadre.save(update_fields=["user", "updated_at"])
            audit.record(
                "cadre.account", by=by, obj=cadre, after={"账号": user.username}, unit_name=cadre.unit.name
            )
        heads = Appointment.objects.main().on(today()).filter(cadre__in=people)
        for appointment in heads.select_related("cadre__user", "unit", "post"):
            propose_leadership_grant(appointment, by=by)
    return users
