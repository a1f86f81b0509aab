"""Confidential requests (诉求): a cadre submits, HR answers by a date, each is told through the inbox."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.scope import users_who_may
from cadres.fields import is_own
from cadres.models import Cadre, Petition
from cadres.services.changes import check, check_version, lock_cadre, lock_row, save_changes, shown, touch
from cadres.services.family import require_unrelated
from cadres.services.sealed import require_sight
from core import audit
from core.calendar import add_working_days, today
from core.errors import Invalid, NotAllowed, WrongMoment
from core.inbox import NewMessage, send_many

audit.register("petition.submit", "提出诉求")
audit.register("petition.answer", "答复诉求")

# No source gives the period: a default that HR may change in each request.
REPLY_WORKING_DAYS = 15
_WRITTEN = ("subject", "content", "submitted_on", "due")


def complete(stored: Petition | None, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the date of the answer, where none was given."""
    submitted = values.get("submitted_on", stored.submitted_on if stored else None)
    due = values.get("due", stored.due if stored else None)
    if submitted is None or due is not None:
        return values
    return {**values, "due": add_working_days(submitted, REPLY_WORKING_DAYS)}


def submit_petition(*, cadre: Cadre, by: User, subject: str, content: str) -> Petition:
    """Submit one's own request; those who keep the person's record are told.

    Raises NotAllowed for anybody but the cadre, Invalid for empty words.
    """
    if not is_own(by, cadre):
        raise NotAllowed("诉求由本人提出。")
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by, capability="")
        values = {
            "subject": subject.strip(),
            "content": content.strip(),
            "submitted_on": today(),
            "due": None,
        }
        petition = Petition(cadre=locked, **complete(None, values))
        check(petition)
        petition.save(force_insert=True)
        audit.record(
            "petition.submit", by=by, obj=petition, after=shown(petition, _WRITTEN), unit_name=locked.unit.name,
            note=locked.name,
        )  # fmt: skip
        _tell_hr(petition)
        return petition


def answer_petition(*, record: Petition, by: User, reply: str, version: str = "") -> Petition:
    """Answer a request; the asker is told.

    Raises NotAllowed for one's own request, WrongMoment where it is answered, Invalid for empty words.
    """
    with transaction.atomic():
        cadre = lock_cadre(record.cadre, by=by)
        require_sight(by, cadre, "petitions")
        require_unrelated(
            by, cadre, own="这是您本人的诉求，应当由他人答复。", kin="提出诉求的是您的亲属，应当回避。"
        )
        locked = lock_row(Petition.objects.all(), record.pk)
        check_version(locked, version)
        if locked.replied_on is not None:
            raise WrongMoment("这一诉求已经答复。")
        if not reply.strip():
            raise Invalid("请填写答复。", errors={"reply": ["请填写答复。"]})
        values = {"reply": reply.strip(), "replied_on": today(), "replied_by": by}
        save_changes(
            locked, values, action="petition.answer", by=by, unit_name=cadre.unit.name, note=cadre.name
        )  # fmt: skip
        touch(cadre)
        if cadre.user is not None:
            send_many([NewMessage(
                cadre.user, f"petition:{locked.pk}:answered", "您的诉求已有答复",
                "请在“我的档案”的“诉求更正”中查看。", _url(cadre),
            )])  # fmt: skip
        return locked


def _tell_hr(petition: Petition) -> None:
    """Those who see sensitive information and keep the record; the message says nothing of the content."""
    unit = petition.cadre.unit
    editors = users_who_may("cadre.edit", unit).exclude(cadre=petition.cadre)
    people = editors.filter(pk__in=users_who_may("cadre.view_sensitive", unit).values("pk"))
    send_many(
        NewMessage(
            person, f"petition:{petition.pk}:submitted", "有干部提出诉求，等待答复",
            "内容保密，请在系统中查看和答复。", _url(petition.cadre), petition.due,
        )
        for person in people
    )  # fmt: skip


def _url(cadre: Cadre) -> str:
    return f"{reverse('cadre-detail', args=[cadre.pk])}?tab=requests"
