"""What a reader may do with each entry on a person's page: the menus of the rows, the buttons of the sections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from accounts.scope import may_on
from cadres.fields import is_own
from cadres.kinds import KINDS, REVIEWS
from cadres.models import Cadre, Correction, CorrectionDecision
from cadres.services.askable import CORRECTABLE, may_ask
from cadres.services.corrections import subject_of
from cadres.services.mentoring import next_review
from cadres.services.oversight import follow_up_word
from cadres.services.reviews import may_edit
from cadres.tables import CORRECTION_TONES
from cadres.timeline import Row, Section

Entry = dict[str, str]


@dataclass(frozen=True)
class Reader:
    """What the reader of a page may do about this person."""

    user: Any
    cadre: Cadre
    own: bool
    edits: bool
    opens: bool

    @classmethod
    def of(cls, user: Any, cadre: Cadre) -> Reader:
        """Ask once per page."""
        return cls(
            user=user, cadre=cadre, own=is_own(user, cadre), edits=may_on(user, "cadre.edit", cadre),
            opens=may_on(user, "cadre.view_sensitive", cadre),
        )  # fmt: skip

    def writes(self, kind: str) -> bool:
        """Whether the reader may change a history; sealed ones need sight of what is sealed."""
        if kind == "relation" or not self.edits:
            return False
        return kind == "appointment" or not KINDS[kind].sealed or self.opens

    def address(self, name: str, *args: Any) -> str:
        """An address below the person's."""
        return reverse(name, args=[self.cadre.pk, *args])


def equip(sections: list[Section], reader: Reader) -> list[Section]:
    """Give every row its menu, every section its button; returns those that have something to show or to do."""
    under_way = _under_way(reader) if reader.own else {}
    for section in sections:
        if reader.writes(section.kind) and section.add_label:
            section.add_url = reader.address("history-add", section.kind)
        elif reader.own and section.kind == "petition":
            section.add_label, section.add_url = "提出诉求", reader.address("petition-submit")
        elif reader.own and CORRECTABLE.get(section.kind):
            word = "登记自评" if section.kind == "competence" else "申请补登"
            section.add_label, section.add_url = word, reader.address("correction-add", section.kind)
        for row in _all(section.rows):
            _equip_row(row, reader, under_way)
    return [section for section in sections if section.rows or section.add_url]


def _all(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from row.below


def _under_way(reader: Reader) -> dict[tuple[str, int | None], str]:
    """One's open requests: what each is about, and its page."""
    rows = reader.cadre.corrections.filter(status__in=Correction.OPEN).values_list("kind", "record_id", "pk")
    return {(kind, key): reverse("correction-detail", args=[pk]) for kind, key, pk in rows}


def _equip_row(row: Row, reader: Reader, under_way: dict[tuple[str, int | None], str]) -> None:
    key = row.record.pk
    if row.sealed and (reader.opens or reader.own):
        row.open_url = reader.address("history-open", row.kind, key)
    if row.kind == "plan":
        last = max((each.on for each in row.reviews), default=None)
        row.due, row.due_word = next_review(row.record, last).due, "下次评估 "
    if row.kind in REVIEWS:
        row.reviews = [_review(each, row, reader) for each in row.reviews]
    if reader.writes(row.kind):
        row.menu = [*_verbs(row, reader), *_usual(row, reader)]
    elif reader.own and may_ask(row.kind, row.record):
        url = under_way.get((row.kind, key))
        word = "更正申请办理中" if url else "申请更正"
        row.menu = [_link("pencil-check", word, url or reader.address("correction-ask", row.kind, key))]


def _usual(row: Row, reader: Reader) -> list[Entry]:
    args = (row.kind, row.record.pk)
    found = [_link("edit", "修改", reader.address("history-edit", *args))]
    if row.ends:
        word = "登记免职" if row.kind == "appointment" else "到期结束"
        found.append(_link("circle-minus", word, reader.address("history-end", *args)))
    found.append(_link("trash", "误登，删除", reader.address("history-delete", *args)))
    return found


def _verbs(row: Row, reader: Reader) -> list[Entry]:
    """What only this kind of history has."""
    record, key = row.record, row.record.pk
    if row.kind in REVIEWS:
        return [
            _link("clipboard-check", REVIEWS[row.kind].label, reader.address("review-add", row.kind, key))
        ]
    if row.kind == "oversight" and record.done_on is None:
        return [_link("circle-check", follow_up_word(record), reader.address("oversight-follow-up", key))]
    if row.kind == "competence" and record.source != "self" and not reader.own:
        out = record.published_on is not None
        word, action = ("收回，本人不再看到", "withdraw") if out else ("发布，本人可以看到", "publish")
        return [_link("eye-off" if out else "send", word, reader.address("competence-publish", key), action)]
    if row.kind == "petition" and record.replied_on is None and not reader.own:
        return [_link("send", "答复", reader.address("petition-answer", key))]
    if row.kind == "family" and record.kin_id and not reader.own:
        sure = record.kin_confirmed_at is not None
        word, action = ("撤销核实", "withdraw") if sure else ("核实亲属关系", "confirm")
        return [_link("user-check", word, reader.address("kin-confirm", key), action)]
    return []


def _review(review: Any, row: Row, reader: Reader) -> dict[str, Any]:
    """A review below its entry."""
    args = (row.kind, row.record.pk, review.pk)
    is_plan = row.kind == "plan"
    return {
        "when": review.on if is_plan else f"{review.year} 年度",
        "title": review.progress if is_plan else review.get_status_display(),
        "detail": review.advice if is_plan else "",
        "who": _author(review),
        "key": review.pk,
        "open_url": reader.address("review-open", *args)
        if not is_plan and review.opinion and reader.opens
        else "",
        "edit_url": reader.address("review-edit", *args)
        if reader.writes(row.kind) and may_edit(reader.user, review)
        else "",
        "delete_url": reader.address("review-delete", *args) if reader.writes(row.kind) else "",
    }


def _author(review: Any) -> str:
    """Who wrote it; a mentor is called one."""
    name = review.reviewed_by.name if review.reviewed_by else ""
    return f"导师{name}" if getattr(review, "by_mentor", False) else name


def requests_of(cadre: Cadre, *, own: bool) -> list[dict[str, Any]]:
    """A person's requests for correction, newest first, as the page lists them; drafts for their writer only."""
    rows = cadre.corrections.all() if own else cadre.corrections.exclude(status=Correction.Status.DRAFT)
    last = CorrectionDecision.objects.filter(obj=OuterRef("pk"), action__in=("return", "decline")).order_by(
        "-id"
    )
    return [_request(row, own) for row in rows.annotate(words=Subquery(last.values("comment")[:1]))]


def _request(row: Any, own: bool) -> dict[str, Any]:
    is_draft, page = row.status == Correction.Status.DRAFT, reverse("correction-detail", args=[row.pk])
    told = own and row.status in (Correction.Status.RETURNED, Correction.Status.DECLINED)
    return {
        "url": page, "subject": subject_of(row), "at": row.updated_at if is_draft else row.created_at,
        "status": row.get_status_display(), "tone": CORRECTION_TONES.get(row.status, "muted"),
        "detail": f"局人事：{row.words}" if told and row.words else "",
        "due": row.due if row.status == Correction.Status.SUBMITTED else None,
        "discard_url": reverse("correction-discard", args=[row.pk]) if is_draft else "",
    }  # fmt: skip


def _link(icon: str, label: str, url: str, action: str = "") -> Entry:
    """An entry of a menu; one with an action is a button that sends it."""
    return {"icon": icon, "label": label, "url": url, "action": action}
