"""The demo's cases: filed, inspected, listed, checked, decided, placed and appraised by the services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from accounts.models import Unit, User
from cadres.models import Appointment, Cadre
from core.calendar import ZONE, add_months, today
from programs.models import Base, Call, Nomination, Participation
from programs.services import appraisals, bases, calls, lists, nominations, participations
from reports.demo.accounts import Accounts
from reports.demo.clock import on
from reports.demo.tree import Tree
from reports.demo.windows import Window

DAY = timedelta(days=1)
STATEMENTS = (
    "分管教学工作，所带年级连续两年质量监测进入全片前列，群众基础好，有培养潜力。",
    "牵头校本研修和青年教师培养，组织协调能力强，作风扎实，教师认可。",
    "长期在教学一线，善于发现和解决问题，学校常规管理井井有条。",
    "主持德育和家校共育工作，创建区级特色项目，执行力强。",
)
PROBLEMS = (
    "如何在小规模学校开展有效的校本研修。",
    "如何建立可操作的教师评价办法，调动中年教师积极性。",
    "如何把课后服务办成学校特色。",
    "如何带好新教师，缩短成长周期。",
)
OPINIONS = (
    "经考察，政治素质好，工作实绩突出，同意推荐。",
    "个别谈话和民主测评反映良好，同意推荐。",
    "有培养潜力，建议列入名单。",
)
EVIDENCE = "近三年年度考核均为合格以上，师德考核无负面记录，学校支委会研究同意。"
APPRAISAL = (
    "政治立场坚定，遵守挂职纪律，为人谦和，师德表现好。",
    "按计划完成八项学习任务，参加行政会议和教研活动，工作日志记录完整。",
    "协助分管教学常规，主持两次校本研修活动，组织协调能力有明显提高。",
    "围绕带来的问题形成改进方案，已与派出学校对接试行。",
    "建议进一步加强数据分析和统筹能力，返校后发挥带动作用。",
)


@dataclass
class Desk:
    """Who acts in the demo's cases, and on what."""

    tree: Tree
    accounts: Accounts
    used: set[int]

    @property
    def hr(self) -> User:
        """Bureau HR."""
        return self.accounts["hr"]

    def candidate(self, unit: Unit) -> Cadre:
        """Return the youngest deputy (else director) of a unit whom no case has named yet."""
        found = (
            Appointment.objects.filter(unit=unit, is_main=True, end=None, cadre__user=None)
            .exclude(cadre__in=self.used)
            .exclude(post__category="head")
            .select_related("cadre")
            .order_by("post__category", "-cadre__birth")
        )
        deputies = [each for each in found if each.post and each.post.category == "deputy"]
        chosen = (deputies or list(found))[0].cadre
        self.used.add(chosen.pk)
        return chosen

    def central(self, unit: Unit) -> User:
        """Return who acts for the central school above a unit."""
        assert unit.parent is not None
        return self.accounts.filer(unit.parent)


def make_call(desk: Desk, window: Window) -> Call:
    """Make a window's call from its template, with the dates moved where the window was laid by hand."""
    call = calls.create_call_from_template(template=window.template, year=window.year, by=desk.hr)
    if not window.natural:
        dates = {
            "opens_at": _moment(window.opens, time(8)), "closes_at": _moment(window.closes, time(23, 59)),
            "list_due": window.list_due, "reference_date": window.list_due, "planned_start": window.start,
            "planned_end": add_months(window.start, 6) - DAY,
        }  # fmt: skip
        days = {"recommend": window.closes, "inspect": window.closes + 6 * DAY, "list": window.list_due,
                "check": window.list_due + 8 * DAY, "decide": window.list_due + 16 * DAY}  # fmt: skip
        steps = [
            {
                "order": each.order,
                "kind": each.kind,
                "name": each.name,
                "level": each.level,
                "due": days[each.kind],
            }
            for each in call.steps.all()
        ]
        calls.edit_call(call=call, by=desk.hr, changes=dates, steps=steps)
    return calls.open_call(call=call, by=desk.hr)


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=ZONE)


def nominate(desk: Desk, call: Call, unit: Unit, cadre: Cadre | None = None) -> Nomination:
    """File one nomination of a unit with everything the call asks for."""
    by = desk.accounts.filer(unit)
    person = cadre or desk.candidate(unit)
    case = nominations.start_nomination(call=call, cadre=person, by=by)
    declared = [
        nominations.Declaration(rule=each.rule_id, declared=True, evidence=EVIDENCE)
        for each in case.attestations.all()
    ]
    pick = person.pk % len(STATEMENTS)
    changes = {
        "statement": STATEMENTS[pick], "problems": PROBLEMS[pick],
        "advisory_reason": "年龄略超，但教学管理经验丰富、学习愿望强烈，学校支委会一致同意推荐。",
        "override_reason": "",
    }  # fmt: skip
    return nominations.submit_nomination(by=by, nomination=case, changes=changes, declarations=declared)


def verdict(case: Nomination, by: User, comment: str = "", score: int | None = None) -> None:
    """Pass a case at its step, confirming what was declared where that belongs to the step."""
    assert case.step is not None
    confirms = case.step.kind in ("inspect", "check")
    rules = case.attestations.filter(declared=True).exclude(confirmed=True).values_list("rule_id", flat=True)
    nominations.take_action(
        nomination=case, action="pass", by=by, comment=comment, score=score,
        confirmations=dict.fromkeys(rules, True) if confirms else None,
    )  # fmt: skip
    case.refresh_from_db()


def inspect(desk: Desk, case: Nomination) -> None:
    """Pass a case at the central school's inspection."""
    verdict(case, desk.central(case.unit), OPINIONS[case.pk % len(OPINIONS)], 86 + case.pk % 10)


def file_lists(desk: Desk, call: Call, cases: Sequence[Nomination]) -> None:
    """File the list of every central school that has inspected cases among these."""
    by_central: dict[int, list[Nomination]] = {}
    for case in cases:
        if case.step and case.step.kind == "list" and case.unit.parent_id:
            by_central.setdefault(case.unit.parent_id, []).append(case)
    for own in by_central.values():
        unit = own[0].unit.parent
        assert unit is not None
        lists.file_list(call=call, unit=unit, ids=[case.pk for case in own], by=desk.central(own[0].unit))
    for case in cases:
        case.refresh_from_db()


def decide(desk: Desk, cases: Sequence[Nomination]) -> list[Participation]:
    """Check and decide cases; return the undertakings they became."""
    for case in cases:
        verdict(case, desk.hr, "材料齐全，符合条件。")
        verdict(case, desk.accounts["party"], "同意。")
    return list(Participation.objects.filter(nomination__in=cases).order_by("pk"))


def past_batch(
    desk: Desk, window: Window, schools: Sequence[Unit], special: Cadre | None = None
) -> list[Participation]:
    """Walk a whole earlier batch through on its own days; the last two people stay to be placed."""
    with on(window.opens - 2 * DAY):
        call = calls.create_call_from_template(template=window.template, year=window.year, by=desk.hr)
    with on(window.opens):
        calls.open_call(call=call, by=desk.hr)
    with on(window.closes - 6 * DAY):
        cases = [
            nominate(desk, call, school, special if special and special.unit_id == school.pk else None)
            for school in schools
        ]
    with on(window.closes + 2 * DAY):
        calls.close_due_calls()
        for case in cases:
            if case.step and case.step.kind == "inspect":
                inspect(desk, case)
    with on(window.list_due - 2 * DAY):
        file_lists(desk, call, cases)
    with on(window.list_due + 10 * DAY):
        rows = decide(desk, cases)
        calls.finish_call(call=call, by=desk.hr)
    return rows


def make_bases(desk: Desk) -> list[Base]:
    """Register the bases: one outside the district, one school, one section of the bureau."""
    second = next(unit for unit in desk.tree.direct if unit.name == "示例区第二中学")
    section = next(unit for unit in desk.tree.sections if unit.name == "人事教育股")
    lead = desk.accounts["host"]
    other = desk.accounts.helper("host-2", "侯建平")
    wanted = (
        {"name": "市实验小学教育集团", "place": "市区", "lead": lead, "capacity": 6, "features": "校本研修、集团化办学"},
        {"name": "示例区第二中学", "host_unit": second, "place": "城区", "lead": other, "capacity": 3,
         "features": "教学管理、课程建设"},
        {"name": "人事教育股", "host_unit": section, "place": "局机关", "lead": desk.hr, "capacity": 3,
         "features": "人事与教师管理"},
    )  # fmt: skip
    return [bases.create_base(unit=desk.tree.bureau, by=desk.hr, **fields) for fields in wanted]


def place(desk: Desk, row: Participation, base: Base, start: date, end: date) -> None:
    """Place a person at a base; posts follow the kind of base."""
    section = base.host_unit is not None and base.host_unit.kind == Unit.Kind.SECTION
    guide = desk.accounts["mentor"] if base.host_unit is None else desk.accounts.helper("guide-2", "关志明")
    participations.place_participation(
        participation=row, base=base, acting_post="副股长" if section else "副校长", start=start, end=end,
        guide=guide, by=desk.hr,
    )  # fmt: skip


def appraise(row: Participation, grade: str) -> None:
    """Let the host file the appraisal of an ended stay."""
    for paper in row.appraisals.select_related("stint__host"):
        assert paper.stint.host is not None
        texts = {section.order: APPRAISAL[at] for at, section in enumerate(paper.sections.order_by("order"))}
        appraisals.file_appraisal(appraisal=paper, by=paper.stint.host, grade=grade, sections=texts)


def extend(desk: Desk, row: Participation, until: date) -> None:
    """Let a stay run longer, where and with whom it is: one stay with one appraisal."""
    stint = row.stints.select_related("base", "host", "guide").latest("start")
    participations.rearrange_participation(
        participation=row, base=stint.base, acting_post=stint.acting_post, start=stint.start, end=until,
        host=stint.host, guide=stint.guide, guide_name=stint.guide_name, by=desk.hr,
        comment="牵头的校本研修项目尚未结题，经基地和派出单位同意，延长一个月。",
    )  # fmt: skip


def break_off(desk: Desk, row: Participation) -> None:
    """End a stay before its time; the host still writes the appraisal of what there was."""
    participations.cancel_participation(
        participation=row, by=desk.hr, comment="派出学校副校长空缺，教学工作急需，经研究提前返校。"
    )


def earlier_years(desk: Desk, window: Window, schools: Sequence[Unit], stock: Sequence[Base]) -> None:
    """The batch before the last: placed, ended, appraised and closed; the last of them was called back early."""
    rows = past_batch(desk, window, schools)
    end = add_months(window.start, 6) - DAY
    for at, row in enumerate(rows):
        with on(window.start - 20 * DAY):
            place(desk, row, stock[at % 2], window.start, end)
    _walk(window.start)
    if (recalled := window.start + 75 * DAY) < today():
        with on(recalled):
            break_off(desk, rows[-1])
        with on(min(recalled + 4 * DAY, today())):
            appraise(rows[-1], "qualified")
    _walk(end + DAY)
    for at, row in enumerate(rows):
        row.refresh_from_db()
        if row.status != Participation.Status.ENDED:
            continue
        with on(min(end + 4 * DAY, today())):
            appraise(row, ("excellent", "good", "excellent", "qualified")[at % 4])
            participations.complete_participation(participation=row, by=desk.hr)


def running_batch(
    desk: Desk, window: Window, schools: Sequence[Unit], stock: Sequence[Base], special: Cadre
) -> None:
    """The last batch: most are away now (the persona for longer), one has just ended, one is late, two wait."""
    rows = past_batch(desk, window, schools, special)
    day = today()
    end = add_months(window.start, 6) - DAY
    just_ended, late = day - 3 * DAY, day - 16 * DAY
    rows.sort(key=lambda row: row.cadre_id != special.pk)
    for at, row in enumerate(rows[:-2]):
        last = {1: just_ended, 2: late}.get(at, max(end, day + 30 * DAY))
        begin = min(window.start, last - 60 * DAY)
        with on(begin - 10 * DAY):
            place(desk, row, stock[0] if at < 3 else stock[1 + at % 2], begin, last)
        _walk(begin)
        if row.cadre_id == special.pk:
            with on(min(begin + 60 * DAY, day)):
                extend(desk, row, add_months(last + DAY, 1) - DAY)
    _walk(just_ended + DAY, late + DAY, day)


def _walk(*days: date) -> None:
    """Let the calendar do its work on each of these days, none beyond today."""
    for day in sorted(days):
        if day <= today():
            with on(day):
                participations.follow_calendar()


def present_call(desk: Desk, window: Window) -> Call:
    """The open call, with cases at every step and something to do for each persona."""
    tree, accounts = desk.tree, desk.accounts
    opened = max(window.opens, today() - 18 * DAY)
    with on(opened):
        call = make_call(desk, window)
    townships = {
        central.pk: [u for u in tree.schools if u.parent_id == central.pk] for central in tree.centrals
    }
    east, west, *others = list(townships.values())
    with on(max(opened, today() - 9 * DAY)):
        at_east = [nominate(desk, call, school) for school in east[1:4]]
        back = nominate(desk, call, west[0])
        direct = [nominate(desk, call, school) for school in tree.direct[:2]]
        elsewhere = [nominate(desk, call, school) for township in others[:3] for school in township[:2]]
    with on(max(opened, today() - 4 * DAY)):
        for case in elsewhere:
            inspect(desk, case)
        for case in at_east[2:]:
            inspect(desk, case)
        nominations.take_action(
            nomination=back, action="return", by=accounts["central-west"], due=today() + 6 * DAY,
            comment="“带着的问题”写得较笼统，请结合本校实际补充后重新提交。",
        )  # fmt: skip
    with on(max(opened, today() - 2 * DAY)):
        file_lists(desk, call, elsewhere)
        for case in [*elsewhere[: len(elsewhere) // 2], *direct[:1]]:
            verdict(case, desk.hr, "材料齐全，符合条件。")
    return call
