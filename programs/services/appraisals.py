"""Verbs on the host's written appraisal: keep a draft, file it, ask for another version."""

from __future__ import annotations

from collections.abc import Container, Mapping

from django.db import transaction

from accounts.models import User
from accounts.scope import may
from core import audit
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.versions import require_version
from core.workflow import take
from programs.avoidance import must_avoid, require_unrelated
from programs.models import Appraisal, AppraisalSection

audit.register("appraisal.edited", "撰写鉴定")

Status = Appraisal.Status


def save_appraisal_draft(
    *,
    appraisal: Appraisal,
    by: User,
    grade: str | None = None,
    sections: Mapping[int, str] | None = None,
    version: str = "",
) -> Appraisal:
    """Keep what the host has written so far; `sections` maps a heading's number to its text.

    Raises NotAllowed for anybody but host and guide, WrongMoment once filed, Stale for an older version.
    """
    with transaction.atomic():
        locked = _locked(appraisal, by)
        if locked.status == Status.FILED:
            raise WrongMoment("鉴定已经提交，不能再修改；确需修改请联系局人事退回。")
        if version:
            require_version(locked, version)
        if grade is not None:
            if grade and grade not in Appraisal.Grade.values:
                raise Invalid("请选择等次。", errors={"grade": ["没有这个等次。"]})
            locked.grade = grade
        for order, text in (sections or {}).items():
            section = AppraisalSection.objects.filter(appraisal=locked, order=order).first()
            if section is None:
                raise Invalid("鉴定没有这一项。", errors={"sections": ["鉴定没有这一项。"]})
            section.text = text.strip()
            section.save(update_fields=["text"])
        locked.save(update_fields=["grade", "updated_at"])
        audit.record("appraisal.edited", by=by, obj=locked)
    appraisal.refresh_from_db()
    return appraisal


def _locked(appraisal: Appraisal, by: User) -> Appraisal:
    locked = Appraisal.objects.select_for_update(of=("self",)).get(pk=appraisal.pk)
    if not Appraisal.objects.visible_to(by).filter(pk=locked.pk).exists():
        raise NotFound
    if not locked.allows(by, "appraisal.file"):
        raise NotAllowed("书面鉴定由基地负责人或指导人撰写。")
    require_unrelated(by, locked.participation.cadre, "这是对您本人的鉴定，应当回避。")
    return locked


def file_appraisal(
    *,
    appraisal: Appraisal,
    by: User,
    grade: str | None = None,
    sections: Mapping[int, str] | None = None,
    version: str = "",
) -> Appraisal:
    """Sign and file an appraisal, with the last changes if given; the same person again gets it back.

    Raises Invalid with the headings still empty, WrongMoment before the last week of the stay.
    """
    try:
        with transaction.atomic():
            if grade is not None or sections:
                save_appraisal_draft(
                    appraisal=appraisal, by=by, grade=grade, sections=sections, version=version
                )
            elif not Appraisal.objects.visible_to(by).filter(pk=appraisal.pk).exists():
                raise NotFound
            take(appraisal, "file", by=by)
    except WrongMoment:
        appraisal.refresh_from_db()
        if appraisal.status != Status.FILED or appraisal.author_id != by.pk:
            raise
    return appraisal


def return_appraisal(*, appraisal: Appraisal, by: User, comment: str) -> Appraisal:
    """Ask the host for another version."""
    if not Appraisal.objects.visible_to(by).filter(pk=appraisal.pk).exists():
        raise NotFound
    take(appraisal, "return", by=by, comment=comment)
    return appraisal


def may_read(appraisal: Appraisal, user: User, avoided: Container[int] | None = None) -> bool:
    """Whether a person may read the text: its writers always, those with the capability once it is filed.

    Never the person it is about nor confirmed kin (回避), whatever office they hold; lists hand over whom the
    reader avoids.
    """
    about = appraisal.participation.cadre
    if must_avoid(user, about) if avoided is None else about.pk in avoided:
        return False
    if appraisal.allows(user, "appraisal.file"):
        return True
    filed = appraisal.status == Status.FILED
    return filed and may(user, "appraisal.view", appraisal.participation.unit_path)
