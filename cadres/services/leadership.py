"""Leadership grants hang on appointments: proposed when a head is appointed, ended when the post is left."""

from __future__ import annotations

from accounts.models import Unit, User
from accounts.roles import AccountClass
from accounts.scope import require
from accounts.services.grants import end_grants_of, propose_grant
from cadres.models import Appointment, Post
from core.calendar import today
from core.errors import WrongMoment

# The role that the head of a unit of a kind holds there; the bureau's own roles are granted by hand.
ROLE_OF_HEAD = {Unit.Kind.SCHOOL: "principal", Unit.Kind.TRAINING: "principal", Unit.Kind.CENTRAL: "central"}


def origin_of(appointment: Appointment) -> str:
    """What a grant proposed from an appointment says about where it comes from."""
    return f"appointment:{appointment.pk}"


def propose_leadership_grant(appointment: Appointment, *, by: User | None = None) -> bool:
    """Propose the head's role from an open main appointment to a head's post; says whether it was proposed.

    The security administrator confirms it. Without an account there is nothing to propose yet: that comes
    when the account is made (roster_accounts.create_accounts_for).
    """
    role = _role(appointment)
    user = appointment.cadre.user
    if role is None or user is None or appointment.unit is None:
        return False
    if not user.is_active or user.account_class != AccountClass.BUSINESS or appointment.unit.is_closed:
        return False
    grant = propose_grant(
        user=user, role=role, unit=appointment.unit, start=max(appointment.start or today(), today()),
        origin=origin_of(appointment), reason=f"任{appointment.unit.name}{appointment.title}", by=by,
    )  # fmt: skip
    return grant is not None


def ask_for_leadership_grant(*, appointment: Appointment, by: User) -> None:
    """Propose the head's role of an appointment by hand, where it wasn't: the account came later, say.

    Raises NotFound or NotAllowed outside the writer's own people, WrongMoment where there is nothing to propose.
    """
    require(by, "cadre.edit", appointment.cadre)
    if _role(appointment) is None:
        raise WrongMoment("不是学校、中心校或培训机构现任正职的主职务，没有随职务的权限。")
    if appointment.cadre.user is None:
        raise WrongMoment("还没有账号，开通账号时会自动提出。")
    if not propose_leadership_grant(appointment, by=by):
        raise WrongMoment("已经授权或提出过，或账号、单位已停用。")


def end_leadership_grants(appointment: Appointment, *, by: User | None = None) -> None:
    """End the grants that hang on an appointment on the day it ends (today, when it is taken out)."""
    end_grants_of(origin=origin_of(appointment), on=appointment.end or today(), by=by)


def _role(appointment: Appointment) -> str | None:
    if not appointment.is_main or appointment.post is None or appointment.unit is None:
        return None
    if appointment.post.category != Post.Category.HEAD:
        return None
    if appointment.end is not None and appointment.end <= today():
        return None
    return ROLE_OF_HEAD.get(Unit.Kind(appointment.unit.kind))
