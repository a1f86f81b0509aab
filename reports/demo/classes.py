"""The demo's training: classes that are over, about to begin, open and being prepared, made by the services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.models import User
from cadres.models import Appointment, Cadre
from core.calendar import ZONE, now, today
from reports.demo.accounts import Accounts
from reports.demo.clock import on
from reports.demo.queries import PROMOTABLE
from reports.demo.tree import Tree
from reports.queries.saving import build_query
from reports.queries.sql import people
from reports.queries.words import describe
from training.models import Enrolment, TrainingClass
from training.services import classes, enrolments, timetable
from training.services.targets import set_class_targets

DAY = timedelta(days=1)
# The phases of the county's action plan.
PHASES = (("政策法规", "3"), ("领导力", "5"), ("教育教学", "7"), ("沟通协调", "3"), ("专业素养", "5"))
MORNING, AFTERNOON = (time(9), time(11, 30)), (time(14, 30), time(17))
TOPICS = (
    ("学校发展规划怎样落到学期", "文立德"), ("课堂观察与听评课", "白映雪"), ("教师评价改革案例研讨", "文立德"),
    ("校园安全与应急处置", "江平"), ("家校沟通情景演练", "白映雪"), ("学校走访与现场诊断", ""),
)  # fmt: skip
REASONS = ("分管教学，想系统学习校本研修的组织。", "新任现职，希望补上学校管理的课。")


class School:
    """Who makes the demo's classes, and the people that it has not used yet."""

    def __init__(self, tree: Tree, accounts: Accounts) -> None:
        self.tree, self.accounts = tree, accounts
        self.hr: User = accounts["hr"]

    def make(self, title: str, begins: date, length: int, **fields: Any) -> TrainingClass:
        """Make a drafted class whose window opens today and ends some days before it begins."""
        until = fields.pop("until", begins - 5 * DAY)
        values = {
            "title": title, "venue": "示例区教师进修学校", "mode": "block", "capacity": 30, "hours": 6 * length, "summary": "",
            "starts_on": begins, "ends_on": begins + (length - 1) * DAY,
            "enrol_from": datetime.combine(today(), time(8), tzinfo=ZONE),
            "enrol_until": datetime.combine(until, time(17, 30), tzinfo=ZONE),
        } | fields  # fmt: skip
        return classes.create_class(unit=self.tree.bureau, by=self.hr, **values)

    def take(self, row: TrainingClass, action: str, comment: str = "") -> None:
        """Take an action as HR."""
        classes.take_class_action(training_class=row, action=action, by=self.hr, comment=comment)

    def plan(self, row: TrainingClass) -> None:
        """Fill the days with sessions, mornings and afternoons, leaving out weekends."""
        day, at = row.starts_on, 0
        while day <= row.ends_on:
            for begins, ends in (MORNING, AFTERNOON) if day.weekday() < 5 else ():
                topic, trainer = TOPICS[at % len(TOPICS)]
                timetable.add_session(
                    training_class=row, by=self.hr, day=day, begins=begins, ends=ends, topic=topic,
                    trainer=trainer,
                )  # fmt: skip
                at += 1
            day += DAY

    def deputies(self, number: int, skip: int = 0) -> list[int]:
        """Deputies of all over the district."""
        rows = Appointment.objects.filter(
            is_main=True, end=None, post__category="deputy", unit__kind="school"
        )
        rows = rows.filter(cadre__in=Cadre.objects.in_service()).order_by("cadre__name_key", "pk")
        return list(rows.values_list("cadre_id", flat=True)[skip : skip + number])

    def enrol(self, row: TrainingClass, ids: Iterable[int], by: User | None = None) -> None:
        """Enrol people; the day of enrolling is the demo's."""
        enrolments.enrol_many(training_class=row, cadres=ids, by=by or self.hr)
        Enrolment.objects.filter(training_class=row, created_at__gt=now()).update(created_at=now())


def make_classes(tree: Tree, accounts: Accounts, special: Cadre) -> None:
    """Make a class of every state, with something to do for HR, the East and the persona cadre."""
    desk = School(tree, accounts)
    _finished(desk)
    _settled(desk, special)
    _full(desk)
    _open(desk)
    _drafted(desk)


def _finished(desk: School) -> None:
    begins = today() - 60 * DAY
    with on(begins - 25 * DAY):
        row = desk.make(
            "学校安全与依法治校专题班",
            begins,
            3,
            capacity=40,
            summary="依法治校、校园安全责任与应急处置，含一天现场演练。",
        )
        desk.plan(row)
        desk.take(row, "open")
    with on(begins - 15 * DAY):
        desk.enrol(row, desk.deputies(24))
    with on(begins - 4 * DAY):
        desk.take(row, "settle")
    with on(begins + 3 * DAY):
        desk.take(row, "finish")


def _settled(desk: School, special: Cadre) -> None:
    day = today()
    begins = day + 9 * DAY
    with on(day - 20 * DAY):
        row = desk.make(
            "新任副校长岗位培训班", begins, 5, capacity=15, until=day - 2 * DAY,
            summary="面向任现职不满两年的副校长：学校规划、教学管理、队伍建设，带着本校的一个问题来，带着方案回去。",
        )  # fmt: skip
        desk.plan(row)
        desk.take(row, "open")
    with on(day - 12 * DAY):
        desk.enrol(row, [special.pk, *desk.deputies(16, skip=24)])
    with on(day - DAY):
        desk.take(row, "settle", "报名已满，名单已核对。")


def _full(desk: School) -> None:
    day = today()
    with on(day - 6 * DAY):
        query = build_query(where=PROMOTABLE)
        found = people(query, user=desk.hr)
        row = desk.make(
            "副职领导力提升班", day + 20 * DAY, 5, capacity=10, until=day + 4 * DAY,
            self_enrolment=False, summary="领导力与团队建设、沟通协调、学校变革案例，小班研讨。",
        )  # fmt: skip
        set_class_targets(training_class=row, people=found, words=describe(query), by=desk.hr)
        desk.take(row, "open")
    with on(day - 3 * DAY):
        meant = row.target_people.order_by("cadre__name_key", "pk").values_list("cadre_id", flat=True)
        desk.enrol(row, list(meant[:13]))


def _open(desk: School) -> None:
    day = today()
    with on(day - 5 * DAY):
        row = desk.make(
            "教学管理数字化能力班", day + 30 * DAY, 2, mode="online", venue="网络研修平台", capacity=60, hours=16,
            until=day + 12 * DAY, summary="学情数据怎样看、怎样用到教研里。每天一次直播，其余时间完成作业。",
        )  # fmt: skip
        desk.plan(row)
        desk.take(row, "open")
    with on(day - 2 * DAY):
        desk.enrol(row, desk.deputies(6, skip=3))
    with on(day - DAY):
        _apply(desk, row)
        Enrolment.objects.filter(training_class=row, created_at__gt=now()).update(created_at=now())


def _apply(desk: School, row: TrainingClass) -> None:
    """Two of the East school ask their principal for consent; the principal's own goes to the central school."""
    unit = desk.tree.named("east-school")
    serving = Cadre.objects.in_service().filter(unit=unit, user=None).order_by("name_key", "pk")
    there = Enrolment.objects.filter(training_class=row).values("cadre")
    for at, cadre in enumerate(serving.exclude(pk__in=there)[:2]):
        user = desk.accounts.helper(f"staff-{at + 1}", cadre.name)
        Cadre.objects.filter(pk=cadre.pk).update(user=user)
        enrolments.apply(training_class=row, by=user, reason=REASONS[at])
    enrolments.apply(
        training_class=row, by=desk.accounts["principal-east"], reason="想把数据用到学校教研里。"
    )


def _drafted(desk: School) -> None:
    row = desk.make(
        "后备干部行动学习班", today() + 75 * DAY, 23, capacity=25, hours=138, mode="spread",
        until=today() + 60 * DAY, summary="按行动计划分五个阶段，每个阶段结束交一份行动方案。",
    )  # fmt: skip
    timetable.set_phases(
        training_class=row, by=desk.hr, rows=[{"name": name, "days": days, "mode": "block"} for name, days in PHASES]
    )  # fmt: skip
