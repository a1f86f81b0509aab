"""The demo's instruments and rounds, one in every state: made, rated, closed and published by the services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from accounts.models import User
from assessment.leaves import leaves
from assessment.models import Instrument, Invitation, Relation, Round
from assessment.services import ballots, instruments, invitations, rounds
from cadres.models import Appointment, Cadre
from core.calendar import ZONE, now, today
from reports.demo.accounts import Accounts
from reports.demo.clock import on
from reports.demo.tree import Tree

_DAY = timedelta(days=1)
# level, name, kind, weight, competence
_LEADERS: tuple[tuple[int, str, str, int, str], ...] = (
    (1, "政治素质", "", 20, ""),
    (2, "政治立场", "words", 50, ""),
    (2, "师德师风", "words", 50, ""),
    (1, "履职能力", "", 40, ""),
    (2, "课程教学领导", "score", 30, "curriculum"),
    (2, "教师队伍培养", "score", 30, "teachers"),
    (2, "统筹谋划", "score", 20, "strategy"),
    (2, "发现和处置问题", "score", 20, "problems"),
    (1, "工作实绩", "", 30, ""),
    (2, "教育教学质量", "score", 60, ""),
    (2, "重点任务完成", "score", 40, ""),
    (1, "廉洁自律", "words", 10, ""),
    (1, "意见和建议", "text", 0, ""),
)
_BALLOT: tuple[tuple[int, str, str, int, str], ...] = (
    (1, "总体评价", "words", 40, ""),
    (1, "工作作风", "words", 30, ""),
    (1, "群众满意度", "five", 30, ""),
    (1, "意见和建议", "text", 0, ""),
)
_TEACHERS = ("陆文静", "秦晓峰", "贺春梅", "邵立新", "窦月华", "葛振国")
_WORDS = (
    "工作踏实，能和教师一起想办法。",
    "建议多进课堂，多听青年教师的意见。",
    "处理家校矛盾及时，群众基础好。",
    "希望在课程建设上投入更多精力。",
)


@dataclass
class _Desk:
    """Who acts, and the two instruments."""

    tree: Tree
    accounts: Accounts
    teachers: list[User]
    leaders: Instrument
    ballot: Instrument

    @property
    def hr(self) -> User:
        """Bureau HR."""
        return self.accounts["hr"]


def make_assessments(tree: Tree, accounts: Accounts) -> None:
    """A round published, one closed that waits to be published, one open, one that could begin."""
    hr = accounts["hr"]
    with on(today() - 60 * _DAY):
        desk = _Desk(
            tree, accounts,
            [accounts.helper(f"teacher-{at}", name) for at, name in enumerate(_TEACHERS, 1)],
            _instrument("校级领导干部综合考核评价量表", _LEADERS, tree, hr),
            _instrument("民主测评票", _BALLOT, tree, hr),
        )  # fmt: skip
    _published(desk)
    _closed(desk)
    _open(desk)
    _prepared(desk)
    with on(today() - 2 * _DAY):
        instruments.new_version(instrument=desk.ballot, by=hr)


def _instrument(
    name: str, rows: Sequence[tuple[int, str, str, int, str]], tree: Tree, hr: User
) -> Instrument:
    made = instruments.create_instrument(
        unit=tree.bureau, by=hr, name=name, basis="区教育局学校领导班子和领导干部考核办法（示例）",
        instructions="请按平时的了解如实评价；不了解的选“不了解”，不影响其他各项。",
    )  # fmt: skip
    names = ("level", "name", "kind", "weight", "competence")
    instruments.set_indicators(
        instrument=made, rows=[dict(zip(names, row, strict=True)) for row in rows], by=hr
    )
    instruments.take_instrument_action(instrument=made, action="publish", by=hr)
    return made


def _round(
    desk: _Desk, title: str, *, instrument: Instrument, purpose: str, opens: date, days: int,
    relations: Sequence[tuple[str, int, bool]],
) -> Round:  # fmt: skip
    """A drafted round with its relations; the clock stands on the day it is made."""
    made = rounds.create_round(
        unit=desk.tree.bureau, by=desk.hr, title=title, instrument=instrument, purpose=purpose,
        notice="感谢您参加评价。匿名评价不记录您的身份，提交后不能修改。",
        period_from=opens - 180 * _DAY, period_to=opens - _DAY,
        opens_at=datetime.combine(opens, time(0), tzinfo=ZONE),
        closes_at=datetime.combine(opens + days * _DAY, time(18), tzinfo=ZONE),
    )  # fmt: skip
    Round.objects.filter(pk=made.pk).update(created_at=now())
    rows = [{"kind": kind, "weight": weight, "anonymous": anonymous} for kind, weight, anonymous in relations]
    rounds.set_relations(round=made, rows=rows, by=desk.hr)
    return made


def _invite(desk: _Desk, held: Round, raters: dict[str, list[User]], people: Sequence[Cadre]) -> None:
    """Ask the same raters about everybody, each person about themselves."""
    relations: dict[str, Relation] = {each.kind: each for each in held.relations.all()}
    for cadre in people:
        subject = rounds.add_subject(round=held, cadre=cadre, by=desk.hr)
        if "self" in relations and cadre.user is not None:
            raters = {**raters, "self": [cadre.user]}
        for kind, users in raters.items():
            chosen = [user for user in users if kind == "self" or user.pk != cadre.user_id]
            invitations.invite(
                round=held, relation=relations[kind], subject=subject, raters=chosen, by=desk.hr
            )


def _fill_in(invitation: Invitation) -> dict[int, Any]:
    """Believable answers, the same each time for the same place in the round."""
    answers: dict[int, Any] = {}
    lean = invitation.subject_id % 5
    random = Random(invitation.pk)  # noqa: S311 - invented answers, no secret
    for leaf in leaves(invitation.subject.round.instrument):
        kind, drawn = leaf.indicator.kind, random.random()
        if kind == "text":
            answers[leaf.indicator.pk] = random.choice(_WORDS) if drawn < 0.4 else ""
        elif kind == "words":
            words = ("good", "fair", "plain") if drawn < 0.9 else ("fair", "plain", "plain")
            answers[leaf.indicator.pk] = words[min(2, int(random.random() * (1.3 + lean * 0.25)))]
        elif kind == "five":
            answers[leaf.indicator.pk] = str(5 if drawn < 0.85 - lean * 0.1 else 4)
        else:
            answers[leaf.indicator.pk] = str(98 - lean * 2 - int(drawn * 12))
    return answers


def _submit(held: Round, kinds: Sequence[str], *, leave: int = 0) -> None:
    """Let the raters of some relations submit, but for the last `leave` of each person and relation."""
    rows = Invitation.objects.filter(subject__round=held, relation__kind__in=kinds)
    asked = rows.select_related("rater", "relation", "subject__round__instrument").order_by("pk")
    by_place: dict[tuple[int, int], list[Invitation]] = {}
    for each in asked:
        by_place.setdefault((each.subject_id, each.relation_id), []).append(each)
    for found in by_place.values():
        for each in found[: len(found) - leave]:
            ballots.submit(invitation=each, answers=_fill_in(each), by=each.rater)


def _published(desk: _Desk) -> None:
    """Last half-year's round: read by the people rated; the peers were too few to be shown."""
    people = list(Cadre.objects.filter(user__username__in=["principal-east", "principal-west", "cadre"]))
    accounts, begun = desk.accounts, today() - 50 * _DAY
    with on(begun):
        held = _round(
            desk, f"{begun.year}年校级干部综合考核评价", instrument=desk.leaders, purpose="appraisal", opens=begun, days=10,
            relations=(("superior", 40, False), ("subordinate", 30, True), ("peer", 20, True), ("self", 10, False)),
        )  # fmt: skip
        raters = {
            "superior": [accounts["party"], accounts["central-east"]],
            "subordinate": desk.teachers,
            "peer": [accounts["host"], accounts["mentor"], accounts["central-west"]],
        }
        _invite(desk, held, raters, people)
        rounds.take_round_action(round=held, action="open", by=desk.hr)
    with on(begun + 3 * _DAY):
        _submit(held, ("superior", "subordinate", "peer", "self"))
    with on(begun + 11 * _DAY):
        rounds.take_round_action(round=held, action="close", by=desk.hr)
    with on(begun + 14 * _DAY):
        rounds.take_round_action(round=held, action="publish", by=desk.hr)


def _closed(desk: _Desk) -> None:
    """Closed three days ago: its results wait to be published."""
    heads = Appointment.objects.filter(unit__in=desk.tree.direct[:2], is_main=True, end=None)
    posts = heads.exclude(post__category="middle").select_related("cadre__user").order_by("unit_id", "pk")[:5]
    begun = today() - 14 * _DAY
    with on(begun):
        held = _round(
            desk, "直属学校班子民主测评", instrument=desk.ballot, purpose="democratic", opens=begun, days=11,
            relations=(("superior", 40, False), ("served", 60, True)),
        )  # fmt: skip
        raters = {"superior": [desk.accounts["party"]], "served": desk.teachers}
        _invite(desk, held, raters, [post.cadre for post in posts])
        rounds.take_round_action(round=held, action="open", by=desk.hr)
    with on(begun + 4 * _DAY):
        _submit(held, ("superior", "served"))
    with on(begun + 12 * _DAY):
        rounds.take_round_action(round=held, action="close", by=desk.hr)


def _open(desk: _Desk) -> None:
    """Open until next week: the expert and the rater have their ballots before them."""
    known = Appointment.objects.filter(unit__in=desk.tree.schools[:4], is_main=True, end=None)
    deputies = known.filter(post__category="deputy", cadre__user=None).select_related("cadre").order_by("pk")
    begun, accounts = today() - 4 * _DAY, desk.accounts
    with on(begun):
        held = _round(
            desk, "中心校副校长 360°评价", instrument=desk.leaders, purpose="all_around", opens=begun, days=11,
            relations=(("superior", 40, False), ("expert", 30, False), ("served", 30, True)),
        )  # fmt: skip
        raters = {
            "superior": [accounts["party"], accounts["central-east"]],
            "expert": [accounts["expert"]],
            "served": [accounts["rater"], *desk.teachers[:5]],
        }
        _invite(desk, held, raters, [post.cadre for post in deputies[:3]])
        rounds.take_round_action(round=held, action="open", by=desk.hr)
    with on(begun + 2 * _DAY):
        waiting = Invitation.objects.filter(subject__round=held, rater__in=desk.teachers[:2])
        for each in waiting.select_related("rater", "relation", "subject__round__instrument"):
            ballots.submit(invitation=each, answers=_fill_in(each), by=each.rater)


def _prepared(desk: _Desk) -> None:
    """In preparation, and its start has come: raters are still to be arranged."""
    east = desk.tree.centrals[0]
    with on(today() - _DAY):
        held = _round(
            desk, f"{east.name}片区班子成员评价", instrument=desk.leaders, purpose="appraisal", opens=today(), days=14,
            relations=(("superior", 50, False), ("peer", 40, True), ("self", 10, False)),
        )  # fmt: skip
        posts = Appointment.objects.main().on(today()).filter(post__category__in=["head", "deputy"])
        people = Cadre.objects.in_service().filter(
            unit_path__startswith=east.path, pk__in=posts.values("cadre")
        )
        rounds.set_subjects(round=held, people=people, words=f"{east.name}及所属学校的正职、副职", by=desk.hr)
