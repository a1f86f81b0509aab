"""Publishing competence profiles: until then HR alone reads them, afterwards the person does too."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from cadres.models import CompetenceProfile
from cadres.services.changes import check_version, lock_cadre, lock_row, touch
from cadres.services.family import require_unrelated
from cadres.services.sealed import require_sight
from core import audit
from core.calendar import now, today
from core.errors import WrongMoment
from core.inbox import NewMessage, send_many

audit.register("competence.publish", "发布能力画像")
audit.register("competence.withdraw", "收回能力画像")

_OWN = "这是对您本人的评价，应当由他人办理。"
_KIN = "对方是您的亲属，应当回避。"


def publish_profile(*, record: CompetenceProfile, by: User, version: str = "") -> CompetenceProfile:
    """Let the person read a profile; they are told.

    Raises WrongMoment for a self-assessment and where it is published, NotAllowed for one's own and kin's.
    """
    return _set(record, by, version, published=True)


def withdraw_profile(*, record: CompetenceProfile, by: User, version: str = "") -> CompetenceProfile:
    """Take a published profile back from the person's sight; they are told. Raises as publishing does."""
    return _set(record, by, version, published=False)


def _set(record: CompetenceProfile, by: User, version: str, *, published: bool) -> CompetenceProfile:
    with transaction.atomic():
        cadre = lock_cadre(record.cadre, by=by)
        require_sight(by, cadre, "competences")
        require_unrelated(by, cadre, own=_OWN, kin=_KIN)
        locked = lock_row(CompetenceProfile.objects.all(), record.pk)
        check_version(locked, version)
        if locked.source == CompetenceProfile.Source.SELF:
            raise WrongMoment("自评本人一直可以看到，不需要发布。")
        if published == (locked.published_on is not None):
            raise WrongMoment("这份评价已经发布。" if published else "这份评价还没有发布。")
        before = locked.published_on
        locked.published_on = today() if published else None
        locked.save(update_fields=["published_on", "updated_at"])
        audit.record(
            "competence.publish" if published else "competence.withdraw", by=by, obj=locked,
            before={"发布日期": before.isoformat() if before else ""},
            after={"发布日期": locked.published_on.isoformat() if locked.published_on else ""},
            unit_name=cadre.unit.name, note=f"{cadre.name}：{locked}",
        )  # fmt: skip
        touch(cadre)
        _tell(locked, cadre, published)
        return locked


def _tell(record: CompetenceProfile, cadre: Any, published: bool) -> None:
    if cadre.user is None:
        return
    word = "发布" if published else "收回"
    body = "请在“我的档案”的“培养发展”中查看。" if published else "如有疑问，请向局人事了解。"
    send_many([NewMessage(
        cadre.user, f"profile:{record.pk}:{word}:{now():%Y%m%d%H%M%S%f}", f"您的一份能力画像已{word}", body,
        f"{reverse('cadre-detail', args=[cadre.pk])}?tab=growth#section-competence",
    )])  # fmt: skip
