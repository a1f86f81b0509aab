"""Which results the bureau may look at, words of raters after a reason, results taken along as a workbook.

Results of a person are C3: nobody looks at their own or their kin's here (the person has a page of their own),
words are opened for a reason, and nothing leaves without one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.db.models import F, QuerySet

from accounts.models import User
from accounts.scope import require
from assessment.models import Relation, RelationResult, ResultComment, Round, SubjectResult
from cadres.models import Cadre
from core import audit
from core.calendar import now
from core.errors import Invalid, NotFound
from core.sheets.books import BookColumn, BookSheet, write_book
from core.templatetags.shell import chinese_datetime

audit.register("result.read", "查看评价结果")
audit.register("result.comments_opened", "查看评价意见")
audit.register("result.export", "导出评价结果")

SHORTEST_REASON = 4
HELD_BACK, NOTHING = "人数不足，不显示", "没有收到"


def results_of(round: Round, user: User) -> QuerySet[SubjectResult]:
    """Return the results of a round that a user may look at, best first: those in scope, but for kin and oneself."""
    if not round.allows(user, "result.view"):
        return SubjectResult.objects.none()
    own = Cadre.objects.filter(user=user.pk).values("pk")  # they read it at a page of their own
    rows = SubjectResult.objects.visible_to(user).filter(subject__round=round).exclude(subject__cadre__in=own)
    people = rows.select_related("subject__cadre", "subject__unit")
    return people.order_by(F("rank").asc(nulls_last=True), "subject__unit_path", "pk")


def note_reading(*, by: User, round: Round | None = None, result: SubjectResult | None = None) -> None:
    """Note that somebody looked at the results of a round, of one person, or (the API's list) of several rounds.

    Individual results are C3: reading them is an entry of the trail (3-trust.md, data levels). One's own isn't.
    """
    if result is not None:
        if result.subject.cadre.user_id == by.pk:
            return
        round = result.subject.round
    name = result.subject.cadre.name if result is not None else ""
    unit = result.subject.unit if result is not None else round.unit if round is not None else None
    audit.record("result.read", by=by, obj=round, note=name, unit_name=unit.name if unit is not None else "")


def shown_score(line: RelationResult) -> str:
    """Return a relation's score in words: why there is none, where there is none."""
    if line.score is not None:
        return f"{line.score:.2f}"
    return HELD_BACK if line.received else NOTHING


def open_comments(*, result: SubjectResult, by: User, reason: str) -> list[ResultComment]:
    """Return what raters wrote about somebody, shuffled as it is kept, and note who looked, and why.

    Raises NotFound for a result that is out of sight, Invalid without a reason.
    """
    held = result.subject.round
    if not results_of(held, by).filter(pk=result.pk).exists():
        raise NotFound("没有找到这份结果。")
    words = f"{result.subject.cadre.name}（{require_reason(reason)}）"
    audit.record("result.comments_opened", by=by, obj=held, note=words, unit_name=result.subject.unit.name)
    rows = ResultComment.objects.filter(subject=result.subject_id).select_related("relation", "indicator")
    return list(rows.order_by("indicator__order", "pk"))


def require_reason(reason: str) -> str:
    """Return a reason in one line; raises Invalid when it is too short to be one."""
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        sentence = f"请写明用途，至少 {SHORTEST_REASON} 个字，会记入审计。"
        raise Invalid(sentence, errors={"reason": [sentence]})
    return reason


def write_results(target: IO[bytes], *, round: Round, by: User, reason: str) -> int:
    """Write the results of a round that a user may look at, with who took them along and what for on top.

    Returns how many people. Raises NotFound outside the scope, Invalid without a reason or before closing.
    """
    require(by, "result.view", round)
    reason = require_reason(reason)
    found = list(results_of(round, by))
    if not found:
        raise Invalid("还没有可以导出的结果。")
    relations = list(round.relations.order_by("id"))
    mark = f"{by.name} 于 {chinese_datetime(now())} 导出，含保密内容，用途：{reason}。请妥善保管，不得外传。"
    columns = [BookColumn("名次", 8, "integer"), BookColumn("姓名", 12), BookColumn("单位", 28),
               BookColumn("总分", 10, "number"), BookColumn("覆盖权重（%）", 14, "number"),
               *(BookColumn(f"{each}（{each.weight.normalize():f}%）", 18) for each in relations),
               BookColumn("本人确认时间", 20)]  # fmt: skip
    sheet = BookSheet("评价结果", columns, _lines(found, relations), title=round.title, notes=(mark,))
    write_book(target, [sheet])
    audit.record("result.export", by=by, obj=round, note=f"{len(found)} 人，用途：{reason}",
                 unit_name=round.unit.name)  # fmt: skip
    return len(found)


def lines_by_relation(results: list[SubjectResult]) -> dict[tuple[int, int], RelationResult]:
    """Return the lines of some people's results by (subject, relation); one query."""
    rows = RelationResult.objects.filter(subject__in=[each.subject_id for each in results])
    return {(each.subject_id, each.relation_id): each for each in rows}


def _lines(results: list[SubjectResult], relations: list[Relation]) -> Iterator[list[Any]]:
    lines = lines_by_relation(results)
    for each in results:
        scores = [lines.get((each.subject_id, relation.pk)) for relation in relations]
        yield [
            each.rank, each.subject.cadre.name, each.subject.unit.name,
            None if each.total is None else float(each.total), float(each.coverage),
            *(shown_score(line) if line else "没有评价人" for line in scores),
            chinese_datetime(each.confirmed_at) if each.confirmed_at else "",
        ]  # fmt: skip
