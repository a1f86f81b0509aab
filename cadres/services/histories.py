"""Verbs on the histories of cadres.kinds: add, correct, end, take out; appointments have verbs of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from cadres.fields import is_own
from cadres.kinds import REFUSALS, HistoryKind, kind_of
from cadres.models import (
    AnnualAssessment,
    Cadre,
    CareerLine,
    Competence,
    CompetenceProfile,
    DevelopmentPlan,
    Education,
    FamilyMember,
    Oversight,
    Petition,
)
from cadres.services import family, oversight, petitions
from cadres.services.changes import (
    check,
    check_version,
    lock_cadre,
    lock_row,
    save_changes,
    set_values,
    shown,
    touch,
)
from cadres.services.sealed import require_sight
from core import audit
from core.calendar import today
from core.errors import Invalid, NotAllowed
from core.partial_dates import PartialDate

audit.register("history.add", "登记履历")
audit.register("history.edit", "修改履历")
audit.register("history.end", "结束履历")
audit.register("history.delete", "删除误登的履历")

# A row of any history in cadres.kinds.
History = Any
# What follows from the values given: (row as stored or None, values) → values.
_COMPLETIONS: dict[type[Any], Callable[[Any, dict[str, Any]], dict[str, Any]]] = {
    Oversight: oversight.complete,
    FamilyMember: family.complete,
    Petition: petitions.complete,
}


def add_history(kind: type[Any], /, *, cadre: Cadre, by: User, **values: Any) -> History:
    """Add a row to one of a person's histories.

    Raises Invalid for a period in disorder, a political status held already, a year assessed already, and
    what the fields themselves refuse; NotFound or NotAllowed as for editing the person.
    """
    with transaction.atomic():
        locked = lock_cadre(cadre, by=by)
        require_sight(by, locked, kind_of(kind).guard)
        record = kind(cadre=locked)
        set_values(record, worded(kind_of(kind), None, values))
        _check_judge(record, by, locked)
        check_record(record)
        try:
            with transaction.atomic():
                record.save(force_insert=True)
        except IntegrityError as error:
            raise _refused(record, error) from None
        touch(locked)
        audit.record(
            "history.add", by=by, obj=record, after=shown(record, values), unit_name=locked.unit.name,
            note=f"{locked.name}：{record._meta.verbose_name}",
        )  # fmt: skip
        return record


def edit_history(*, record: History, by: User, version: str = "", **values: Any) -> History:
    """Correct a row of a history; raises Stale for an older version, Invalid as adding does."""
    with transaction.atomic():
        cadre, locked = _locked(record, by)
        check_version(locked, version)
        _check_judge(locked, by, cadre)
        probe = type(locked).objects.get(pk=locked.pk)
        full = worded(kind_of(locked), locked, values)
        set_values(probe, full)
        _check_judge(probe, by, cadre)
        check_record(probe)
        try:
            with transaction.atomic():
                save_changes(
                    locked, full, action="history.edit", by=by, unit_name=cadre.unit.name,
                    note=f"{cadre.name}：{locked._meta.verbose_name}",
                )  # fmt: skip
        except IntegrityError as error:
            raise _refused(probe, error) from None
        touch(cadre)
        return locked


def end_history(*, record: History, on: PartialDate | date, by: User, version: str = "") -> History:
    """Say until when a row held: `on` is the first day it no longer counts."""
    if not kind_of(record).has_period:
        raise TypeError(f"{type(record).__name__} has no period")
    with transaction.atomic():
        cadre, locked = _locked(record, by)
        check_version(locked, version)
        end = PartialDate.of(on) if isinstance(on, date) else on
        if locked.start is not None and end.date < locked.start:
            sentence = "结束时间不能早于开始时间。"
            raise Invalid(sentence, errors={"on": [sentence]})
        save_changes(
            locked, {"end": end}, action="history.end", by=by, unit_name=cadre.unit.name,
            note=f"{cadre.name}：{locked._meta.verbose_name}",
        )  # fmt: skip
        touch(cadre)
        return locked


def delete_history(*, record: History, by: User, reason: str) -> None:
    """Take out a row that was entered by mistake; the audit keeps what it said."""
    if not reason.strip():
        raise Invalid("请写明删除的理由。", errors={"reason": ["请写明删除的理由。"]})
    with transaction.atomic():
        cadre, locked = _locked(record, by)
        _check_judge(locked, by, cadre)
        audit.record(
            "history.delete", by=by, obj=locked, before=shown(locked, kind_of(locked).fields),
            unit_name=cadre.unit.name, note=f"{cadre.name}：{reason.strip()}",
        )  # fmt: skip
        locked.delete()
        touch(cadre)


def _locked(record: History, by: User) -> tuple[Cadre, History]:
    cadre = lock_cadre(record.cadre, by=by)
    require_sight(by, cadre, kind_of(record).guard)
    return cadre, lock_row(type(record).objects.all(), record.pk)


def worded(kind: HistoryKind, stored: History | None, values: dict[str, Any]) -> dict[str, Any]:
    """Check the names, fill the text beside a code (a title keeps the words of its code) and what follows.

    For the verbs of one row and for imports of many; asks the database nothing. Raises TypeError for a name
    that isn't the kind's, Invalid for values that can't follow from each other.
    """
    unknown = set(values) - set(kind.fields)
    if unknown:
        raise TypeError(f"not a field of {kind.slug}: {', '.join(sorted(unknown))}")
    found = dict(values)
    for code, text in (("level", "level_text"), ("degree", "degree_text"), ("title", "title_text")):
        if text in kind.fields and found.get(code) is not None and not found.get(text):
            found[text] = str(found[code])
    complete = _COMPLETIONS.get(kind.model)
    return complete(stored, found) if complete else found


def check_record(record: History, *, links: bool = True) -> None:
    """The rules in words; the database holds the periods and the once-only ones too. Raises Invalid.

    Without `links` nothing is asked of the database: whoever filled them in looked them up.
    """
    if isinstance(record, AnnualAssessment) and record.year is not None and record.year > today().year:
        raise Invalid("考核年度不能晚于今年。", errors={"year": ["考核年度不能晚于今年。"]})
    if kind_of(record).has_period and record.start and record.end and record.end < record.start:
        sentence = "结束时间不能早于开始时间。"
        raise Invalid(sentence, errors={"end": [sentence]})
    if isinstance(record, CompetenceProfile):
        _check_scores(record)
    if isinstance(record, DevelopmentPlan):
        _check_mentor(record, links=links)
    if isinstance(record, CareerLine):
        _check_line(record)
    if isinstance(record, Education) and not (record.level_text or record.degree_text):
        raise Invalid("请填写学历或学位。", errors={"level": ["学历和学位至少填写一项。"]})
    check(record, links=links)


def _check_scores(profile: CompetenceProfile) -> None:
    """Six scores between 0 and 100, at least one of them judged, on a day that has come."""
    if profile.on is not None and profile.on > today():
        raise Invalid("评价日期不能晚于今天。", errors={"on": ["评价日期不能晚于今天。"]})
    scores = profile.scores or []
    given = [score for score in scores if score is not None]
    if len(scores) != len(Competence) or not given or not all(0 <= score <= 100 for score in given):
        sentence = "请填写六项得分，每项 0 到 100，没有评价的留空，至少填写一项。"
        raise Invalid(sentence, errors={"scores": [sentence], "score_1": [sentence]})


def _check_judge(record: History, by: User, cadre: Cadre) -> None:
    """What the organisation thinks of one's competences is for others to enter."""
    if (
        isinstance(record, CompetenceProfile)
        and record.source != CompetenceProfile.Source.SELF
        and is_own(by, cadre)
    ):
        raise NotAllowed("这是对您本人的评价，应当由他人登记。")


def _check_mentor(plan: DevelopmentPlan, *, links: bool) -> None:
    """One mentor, by account or by name, and neither oneself nor kin (回避)."""
    if plan.mentor_id and plan.mentor_text:
        sentence = "导师只填一项：有账号的在上一项选择。"
        raise Invalid(sentence, errors={"mentor_text": [sentence]})
    if plan.mentor_id and plan.mentor_id == plan.cadre.user_id:
        raise Invalid("导师不能是本人。", errors={"mentor": ["导师不能是本人。"]})
    if links and plan.mentor is not None and family.is_kin_of(plan.mentor, plan.cadre):
        raise Invalid("导师不能是亲属，应当回避。", errors={"mentor": ["导师不能是亲属，应当回避。"]})


def _check_line(line: CareerLine) -> None:
    """A line stands within a line of the same person's, and that one within none."""
    if line.within is None:
        return
    if line.within.cadre_id != line.cadre_id or line.within.within_id or line.within_id == line.pk:
        sentence = "“其间”只能写在本人另一行独立的简历下面。"
        raise Invalid(sentence, errors={"within": [sentence]})
    if line.pk and line.meanwhile.exists():
        sentence = "这一行下面还有“其间”的经历，不能再放到另一行下面。"
        raise Invalid(sentence, errors={"within": [sentence]})


def _refused(record: History, error: IntegrityError) -> Exception:
    """The database's refusal in words; any other as it came."""
    for constraint, (field, sentence) in REFUSALS.items():
        if constraint in str(error):
            return Invalid(sentence, errors={field: [sentence]})
    return error
