"""Oversight: the months of sanctions, deadlines that follow from the kind, follow-ups, restrictions of promotion."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from cadres.models import Cadre, Oversight
from cadres.services.changes import check_version, lock_cadre, lock_row, save_changes, touch
from cadres.services.family import require_unrelated
from cadres.services.sealed import require_sight
from core import audit
from core.calendar import add_months, add_working_days, today
from core.errors import Invalid, WrongMoment
from core.partial_dates import PartialDate

audit.register("oversight.follow_up", "登记监督办结")

Sanction, Kind = Oversight.Sanction, Oversight.Kind


@dataclass(frozen=True)
class Period:
    """How long an act's effect lasts; no months means until somebody ends it. `basis` names the rule."""

    months: int | None
    basis: str


_ADMIN = "《公职人员政务处分法》第八、十九条；《事业单位人事管理条例》第二十九条"
_PARTY = "《中国共产党纪律处分条例》"
SANCTIONS: dict[str, Period] = {
    Sanction.ADMIN_WARNING: Period(6, _ADMIN),
    Sanction.ADMIN_DEMERIT: Period(12, _ADMIN),
    Sanction.ADMIN_MAJOR_DEMERIT: Period(18, _ADMIN),
    Sanction.ADMIN_DEMOTION: Period(24, _ADMIN),
    Sanction.ADMIN_REMOVAL: Period(24, _ADMIN),
    Sanction.ADMIN_DISMISSAL: Period(None, _ADMIN),
    Sanction.PARTY_WARNING: Period(12, _PARTY),
    Sanction.PARTY_SERIOUS: Period(18, _PARTY),
    Sanction.PARTY_POSTS: Period(24, _PARTY),
    # Two years on probation, and two more after membership is restored.
    Sanction.PARTY_PROBATION: Period(48, _PARTY),
    Sanction.PARTY_EXPULSION: Period(None, _PARTY),
}
# The half year of 诫勉 is common practice, not read in a source (未核对): HR may set another end in the row.
ADMONITION = Period(6, "诫勉影响期按六个月计（未核对）")
FOLLOW_UP_MONTHS = 6
REPLY_WORKING_DAYS = 15


@dataclass(frozen=True)
class Restriction:
    """Why somebody can't be promoted on a day, and until when (None: no end is known)."""

    label: str
    until: dt.date | None
    basis: str

    @property
    def words(self) -> str:
        """In one line: 记过（影响期至2026年8月1日前）."""
        if self.until is None:
            return f"{self.label}（影响期未定）"
        return f"{self.label}（{self.until.year}年{self.until.month}月{self.until.day}日起不再受影响）"


def promotion_restrictions(cadre: Cadre, on: dt.date) -> list[Restriction]:
    """Return what restricts a cadre's promotion on a day: running sanctions and 诫勉, the longest last."""
    acts = Oversight.objects.filter(cadre=cadre).restricting(on)
    found = [Restriction(str(act), act.end, _period_of(act).basis) for act in acts]
    return sorted(found, key=lambda each: each.until or dt.date.max)


def complete(stored: Oversight | None, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the dates that follow from kind, sanction and beginning, where none were given.

    A date that was worked out before and is sent back unchanged follows a corrected beginning. Raises
    Invalid for a sanction without a beginning, or an end of work in the future.
    """
    # Without a manager row: only the columns that the rules ask for.
    before = _Act.of(stored) if stored is not None else None
    after = _Act.merged(before, values)
    if after.kind == Kind.SANCTION and after.start is None:
        sentence = "处分须填写生效日期，影响期从这一天起算。"
        raise Invalid(sentence, errors={"start": [sentence]})
    if after.done_on is not None and after.done_on > today():
        raise Invalid("办结日期不能晚于今天。", errors={"done_on": ["办结日期不能晚于今天。"]})
    completed = dict(values)
    if after.end is None or (before and after.end == before.end == before.usual_end()):
        completed["end"] = after.usual_end()
    if after.due is None or (before and after.due == before.due == before.usual_due()):
        completed["due"] = after.usual_due()
    return completed


@dataclass(frozen=True)
class _Act:
    """The columns of an act that its dates follow from."""

    kind: str
    sanction: str
    start: PartialDate | None
    end: PartialDate | None
    due: dt.date | None
    done_on: dt.date | None

    @classmethod
    def of(cls, row: Oversight) -> _Act:
        return cls(row.kind, row.sanction, row.start_date, row.end_date, row.due, row.done_on)

    @classmethod
    def merged(cls, before: _Act | None, values: dict[str, Any]) -> _Act:
        empty = cls("", "", None, None, None, None)
        own = {name: values.get(name, getattr(before or empty, name)) for name in cls.__dataclass_fields__}
        for name in ("start", "end"):
            if isinstance(own[name], dt.date):
                own[name] = PartialDate.of(own[name])
        return cls(**own)

    def usual_end(self) -> PartialDate | None:
        """The first day without effect, known as precisely as the beginning."""
        months = _months(self.kind, self.sanction)
        if months is None or self.start is None:
            return None
        return PartialDate.of(add_months(self.start.date, months), self.start.precision)

    def usual_due(self) -> dt.date | None:
        """When the follow-up or the reply is due; nothing follows from a day that isn't known."""
        if self.start is None or self.start.precision == "year":
            return None
        if self.kind == Kind.ADMONITION:
            return add_months(self.start.date, FOLLOW_UP_MONTHS)
        if self.kind == Kind.INQUIRY and self.start.precision == "day":
            return add_working_days(self.start.date, REPLY_WORKING_DAYS)
        return None


def record_follow_up(
    *, record: Oversight, by: User, on: dt.date, result: str, version: str = ""
) -> Oversight:
    """Record what came of an act: the talk after six months, the reply, the correction carried out.

    Words that stand there already are kept above the new ones. Raises WrongMoment where it is done already,
    Invalid for an empty result or a day before the act or after today.
    """
    with transaction.atomic():
        cadre = lock_cadre(record.cadre, by=by)
        require_sight(by, cadre, "oversight")
        require_unrelated(
            by, cadre, own="这是您本人的监督记录，应当由他人办理。", kin="对方是您的亲属，应当回避。"
        )
        locked = lock_row(Oversight.objects.all(), record.pk)
        check_version(locked, version)
        if locked.done_on is not None:
            raise WrongMoment("这一条已经办结，内容有误请直接修改。")
        if not result.strip():
            raise Invalid("请写明结果。", errors={"result": ["请写明结果。"]})
        if on > today() or (locked.start is not None and on < locked.start):
            sentence = "办结日期应在监督日期之后、今天之前。"
            raise Invalid(sentence, errors={"on": [sentence]})
        words = "\n".join(filter(None, [locked.result, result.strip()]))
        save_changes(
            locked, {"done_on": on, "result": words}, action="oversight.follow_up", by=by,
            unit_name=cadre.unit.name, note=f"{cadre.name}：{locked}",
        )  # fmt: skip
        touch(cadre)
        return locked


def follow_up_word(record: Oversight) -> str:
    """What closing an act is called."""
    words = {Kind.ADMONITION: "登记回访", Kind.INQUIRY: "登记回复", Kind.AUDIT: "登记整改"}
    return words.get(Kind(record.kind), "登记办结")


def _months(kind: str, sanction: str) -> int | None:
    if kind == Kind.ADMONITION:
        return ADMONITION.months
    return SANCTIONS[sanction].months if kind == Kind.SANCTION and sanction in SANCTIONS else None


def _period_of(act: Oversight) -> Period:
    return SANCTIONS[act.sanction] if act.kind == Kind.SANCTION else ADMONITION
