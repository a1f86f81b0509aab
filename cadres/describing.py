"""How an entry of each history reads on a page: title, detail, when; sealed columns never appear here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cadres.models import Appointment, Competence, Oversight
from core.calendar import today


@dataclass(frozen=True)
class Words:
    """The words of an entry; `period`, `day` and `since` where they aren't simply the row's own from–to.

    `day` places it on the timeline, `since` says so; `badge` is a pill (label, tone); `due` a deadline that
    is still open.
    """

    title: str
    detail: str = ""
    period: str | None = None
    day: date | None = None
    since: str = ""
    badge: tuple[str, str] | None = None
    due: date | None = None


def words_of(slug: str, record: Any) -> Words:
    """Return the words of an entry of a history."""
    return _WORDS[slug](record)


def related_of(slug: str) -> tuple[str, ...]:
    """Return what the words of a history need to be read along."""
    return _RELATED.get(slug, ())


def chinese(day: date) -> str:
    """A day in words."""
    return f"{day.year}年{day.month}月{day.day}日"


def _join(*words: Any, by: str = " · ") -> str:
    return by.join(str(word) for word in words if word)


def _appointment(record: Appointment) -> Words:
    words = [] if record.kind == Appointment.Kind.REGULAR else [record.get_kind_display()]
    words += ["主职务"] if record.is_main else []
    words += [record.document_number, str(record.selection or "")]
    if record.probation_end and record.probation_end > today():
        words.append(f"试用期至{chinese(record.probation_end)}")
    if record.end is not None:
        words += [str(record.removal or ""), record.removal_reason]
    return Words(f"{record.place} {record.title}", _join(*words))


def _education(record: Any) -> Words:
    start = record.start_date.chinese() if record.start_date else ""
    end = f"{record.end_date.chinese()}毕业" if record.end_date else ""
    when = record.end_date or record.start_date
    return Words(
        f"{record.get_mode_display()} {_join(record.level_text, record.degree_text, by='，')}",
        record.school,
        _join(start, end, by=" – "),
        when.date if when else None,
        when.chinese() if when else "",
    )


def _title(record: Any) -> Words:
    return Words(record.title_text)


def _certificate(record: Any) -> Words:
    issued = f"{record.start_date.chinese()}发证" if record.start_date else ""
    until = f"有效期至{record.end_date.chinese()}" if record.end_date else ""
    expired = record.end is not None and record.end <= today()
    hours = f"{record.hours} 学时" if record.hours else ""
    return Words(
        record.name,
        _join(record.get_kind_display(), record.number, record.issuer, hours),
        _join(issued, until, by="，"),
        badge=("已失效", "muted") if expired else None,
    )


def _rank(record: Any) -> Words:
    return Words(record.name or record.get_kind_display(), record.get_kind_display())


def _political(record: Any) -> Words:
    return Words(str(record.status))


def _assessment(record: Any) -> Words:
    year = f"{record.year} 年度"
    return Words(record.grade_label, record.note, year, date(record.year, 12, 31), year)


def _honour(record: Any) -> Words:
    granted = record.start_date.chinese() if record.start_date else ""
    revoked = ("已撤销", "muted") if record.end is not None else None
    detail = _join(record.get_level_display(), record.issuer, record.document_number)
    return Words(record.name, detail, granted, badge=revoked)


def _career(record: Any) -> Words:
    return Words(record.text, "学习经历" if record.is_study else "")


def _talent(record: Any) -> Words:
    return Words(record.get_tier_display(), record.document_number)


def _reserve(record: Any) -> Words:
    return Words(str(record), record.source, badge=(record.get_status_display(), "info"))


def _plan(record: Any) -> Words:
    mentor = record.mentor.name if record.mentor else record.mentor_text
    measures = f"措施：{record.measures}" if record.measures else ""
    often = f"每 {record.interval_months} 个月评估"
    return Words(record.goals, _join(f"导师：{mentor}" if mentor else "", measures, often))


def _competence(record: Any) -> Words:
    published = ("已发布", "success") if record.published_on else ("未发布", "muted")
    scores = zip(Competence.labels, record.scores, strict=False)
    return Words(
        record.get_source_display(),
        _join(*(f"{label} {score}" for label, score in scores if score is not None), record.note),
        chinese(record.on),
        record.on,
        chinese(record.on),
        badge=None if record.source == "self" else published,
    )


def _evaluation(record: Any) -> Words:
    score = f"{record.score.normalize():f} 分" if record.score is not None else ""
    end = record.end_date
    since = end.chinese() if end else ""
    return Words(f"{record.place} {record.get_grade_display()}", score, None, record.end, since)


def _family(record: Any) -> Words:
    if record.kin is None:
        return Words(str(record.relation), period="")
    sure = record.kin_confirmed_at is not None
    badge = ("亲属关系已核实", "success") if sure else ("亲属关系待核实", "warning")
    return Words(str(record.relation), f"本名册中的干部：{record.kin.name}", "", badge=badge)


def _oversight(record: Oversight) -> Words:
    title = record.get_kind_display()
    if record.sanction:
        title = f"{title}：{record.get_sanction_display()}"
    start = record.start_date.chinese() if record.start_date else ""
    effect = f"影响期到{record.end_date.chinese()}为止" if record.end_date else ""
    running = record.end is not None and record.start is not None and record.start <= today() < record.end
    done = f"{chinese(record.done_on)}办结" if record.done_on else ""
    badge = ("影响期内", "danger") if running else None
    return Words(
        title,
        _join(record.authority, record.document_number, effect, done),
        start,
        badge=badge,
        due=record.due if record.done_on is None else None,
    )


def _petition(record: Any) -> Words:
    asked = chinese(record.submitted_on)
    if record.replied_on:
        return Words("诉求", f"{chinese(record.replied_on)}答复", asked, record.submitted_on, asked,
                     badge=("已答复", "success"))  # fmt: skip
    return Words("诉求", "", asked, record.submitted_on, asked, badge=("待答复", "warning"), due=record.due)


_WORDS: dict[str, Callable[[Any], Words]] = {
    "appointment": _appointment, "education": _education, "title": _title, "certificate": _certificate,
    "rank": _rank, "political": _political, "assessment": _assessment, "honour": _honour, "career": _career,
    "talent": _talent, "reserve": _reserve, "plan": _plan, "competence": _competence,
    "evaluation": _evaluation, "family": _family, "oversight": _oversight, "petition": _petition,
}  # fmt: skip
_RELATED: dict[str, tuple[str, ...]] = {
    "appointment": ("unit", "post", "selection", "removal"), "education": ("level", "degree"),
    "title": ("title",), "political": ("status",), "plan": ("mentor",), "family": ("relation", "kin"),
}  # fmt: skip
