"""The demo's further histories: certificates, honours, CV, development, family, oversight; written by COPY."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from cadres.codes import CodeMatcher
from cadres.models import (
    Appointment,
    BureauEvaluation,
    Code,
    Education,
    FamilyMember,
    Oversight,
    Petition,
    ReserveReview,
)
from cadres.services.oversight import SANCTIONS
from core.calendar import add_months, add_working_days
from core.crypto import encrypt
from reports.demo.loading import copy_rows, reserve_ids
from reports.demo.people import FEMALE, MALE, SURNAMES, Person, Roster

Rows = list[tuple[Any, ...]]
_LEADERS = ("head", "deputy")
_DATED = ("start", "start_precision", "end", "end_precision")
GOALS = (
    "三年内能够独立主持学校教学管理，具备副校长岗位的履职能力。",
    "熟悉学校全面工作，成为能够带队伍、抓改革的正职后备。",
    "提升课程领导力，主持完成一项区级以上课题。",
)
MEASURES = (
    "到优质学校跟岗学习一学期，承担一个年级的教学改革。",
    "轮岗德育、总务两个处室，参加区后备干部培训班。",
)
PROGRESS = (
    "按计划完成跟岗学习，课堂改革方案已在年级试行。",
    "参加培训班并结业，轮岗第二个处室，工作上手快。",
)
ADVICE = "加强数据分析和统筹协调能力，下一年度牵头一项全校性工作。"
HONOURS = (
    ("优秀教师", "county", "示例区人民政府"), ("优秀教育工作者", "county", "示例区教育局"),
    ("先进德育工作者", "city", "示例市教育局"), ("优秀共产党员", "county", "示例区教育工委"),
    ("教学能手", "city", "示例市教育局"), ("模范教师", "province", "示例省教育厅"),
)  # fmt: skip
JOBS = ("示例区人民医院护士", "示例区税务局干部", "个体经营", "示例区第二中学教师", "务农", "某建筑公司职员")
TALKS = {
    "reminder": ("考勤管理不够严格，提醒注意。", "已整改，考勤制度重新公布。"),
    "inquiry": ("群众反映课后服务收费公示不及时，请说明情况。", "书面说明属实，已公示。"),
    "admonition": ("食堂采购程序不规范，予以诫勉。", "本人作出书面检查，限期整改。"),
    "sanction": ("违规发放津贴补贴，受到处分。", "处分决定已宣布并装入本人档案。"),
}


class Histories:
    """Invents and writes what the roster's own tables don't hold yet."""

    def __init__(self, roster: Roster) -> None:
        self.people, self.random = roster.people, roster.random
        self.day, self.moment = roster.day, roster.moment
        self.relations = CodeMatcher(Code.List.RELATION)

    def write(self) -> None:
        """Everything, one COPY a table."""
        self._certificates()
        self._honours()
        self._career()
        self._talent()
        self._reserve()
        self._competences()
        self._evaluations()
        self._family()
        self._oversight()
        self._petitions()

    def _write(self, table: str, columns: tuple[str, ...], rows: Rows) -> None:
        stamped = (*columns, "created_at", "updated_at")
        copy_rows(f"cadres_{table}", stamped, ((*row, self.moment, self.moment) for row in rows))

    def _leaders(self) -> list[Person]:
        return [each for each in self.people if each.seat.category in _LEADERS]

    def _some(self, people: list[Person], count: int) -> list[Person]:
        return self.random.sample(people, min(count, len(people)))

    def _past(self, least: int, most: int) -> date:
        """A day some days ago."""
        return self.day - timedelta(days=self.random.randint(least, most))

    def _certificates(self) -> None:
        rows: Rows = []
        for p in self.people:
            number = f"2{p.pk:07}"
            rows.append(
                (p.pk, "teacher", "教师资格证书", number, "示例区教育局", None, p.work, "month", None, "day")
            )
            if p.seat.category in _LEADERS and self.random.random() < 0.85:
                trained = max(p.work, date(p.since.year, 6, 1))
                rows.append((p.pk, "qualification", "校长任职资格培训合格证书", f"R{p.pk:06}", "示例省教师培训中心",
                             300, trained, "month", None, "day"))  # fmt: skip
        columns = ("cadre_id", "kind", "name", "number", "issuer", "hours", *_DATED)
        self._write("certificate", columns, rows)

    def _honours(self) -> None:
        rows: Rows = []
        for p in self.people:
            for name, level, issuer in self._pick(HONOURS, (55, 33, 12)):
                first = min(max(p.work.year + 2, self.day.year - 9), self.day.year - 1)
                year = self.random.randint(first, self.day.year - 1)
                rows.append((p.pk, name, level, issuer, "", date(year, 9, 1), "month", None, "day"))
        self._write("honour", ("cadre_id", "name", "level", "issuer", "document_number", *_DATED), rows)

    def _pick(self, from_: Any, weights: tuple[int, ...]) -> list[Any]:
        """None, one or two of several, by weight."""
        return self.random.sample(from_, self.random.choices(range(len(weights)), weights)[0])

    def _career(self) -> None:
        """School, first years as a teacher, the posts held one after another; study beside work stands below its line."""
        rows: Rows = []
        ids = iter(reserve_ids("cadres_careerline", len(self.people) * 5))
        earlier, schools = _earlier_posts(), _schools()
        for p in self.people:
            posts = earlier.get(p.pk, [])
            present = max(p.since, p.work)
            years, school = schools.get(p.pk, (3, "示例师范学校"))
            periods = [(f"{school}学习", True, date(p.work.year - years, 9, 1), p.work)]
            first = posts[0][1] if posts else present
            if first > p.work:
                periods.append((f"{p.unit.name}教师", False, p.work, first))
            for (title, start), end in zip(
                posts, [*(start for _, start in posts[1:]), present], strict=False
            ):
                periods.append((f"{p.unit.name}{title}", False, start, end))
            periods.append((f"{p.unit.name}{'、'.join(p.seat.titles)}", False, present, None))
            own = [(next(ids), *period) for period in periods]
            rows += [(pk, p.pk, text, is_study, None, start, "month", end, "month" if end else "day")
                     for pk, text, is_study, start, end in own]  # fmt: skip
            later = date(p.work.year + 3, 9, 1)
            end = date(later.year + 3, 7, 1)
            if present > end and self.random.random() < 0.5:
                above = next(
                    pk for pk, _, _, start, until in own if start <= later and (not until or later < until)
                )
                text = "示例师范学院教育管理专业函授本科学习"
                rows.append((next(ids), p.pk, text, True, above, later, "month", end, "month"))
        columns = ("id", "cadre_id", "text", "is_study", "within_id", *_DATED, "order")
        self._write("careerline", columns, [(*row, 0) for row in rows])

    def _talent(self) -> None:
        heads = [p for p in self.people if p.seat.category == "head" and p.since.year < self.day.year - 2]
        size = len(self.people)
        wanted = (
            ("renowned", min(3, size // 300)),
            ("leading", min(8, size // 100)),
            ("backbone", min(30, size // 35)),
        )
        pool = iter(self._some(heads, sum(count for _, count in wanted)))
        rows: Rows = []
        for tier, count in wanted:
            for p in [p for p, _ in zip(pool, range(count), strict=False)]:
                year = self.day.year - self.random.randint(1, 3)
                rows.append((p.pk, tier, f"示教〔{year}〕{self.random.randint(10, 90)}号", date(year, 3, 1), "month",
                             None, "day"))  # fmt: skip
        self._write("talententry", ("cadre_id", "tier", "document_number", *_DATED), rows)

    def _reserve(self) -> None:
        """Deputies stand ready for heads, directors for deputies; half of them have a plan with a review."""
        chosen = [
            (p, {"deputy": "head", "middle": "deputy"}[p.seat.category])
            for p in self.people
            if p.seat.category in ("deputy", "middle") and self.random.random() < 0.16
        ]
        last_year = self.day.year - 1
        entries, reviews, plans, checks = [], [], [], []
        context = ReserveReview._meta.get_field("opinion").the_context()  # type: ignore[union-attr]
        ids = reserve_ids("cadres_reserveentry", len(chosen))
        plan_ids = reserve_ids("cadres_developmentplan", len(chosen))
        for pk, plan, (p, category) in zip(ids, plan_ids, chosen, strict=True):
            start = date(max(last_year - self.random.randint(0, 2), p.since.year), 12, 1)
            start = min(start, date(last_year, 12, 1))
            status = self.random.choices(("1", "4"), (40, 60))[0]
            source = self.random.choice(("民主推荐", "组织推荐"))
            entries.append((pk, p.pk, category, status, source, start, "month", None, "day"))
            if start.year < last_year:
                opinion = encrypt("履职情况良好，同意继续培养。", context=context)
                reviews.append((pk, last_year, "4", opinion, self.moment, self.moment))
            if self.random.random() < 0.5:
                begun = add_months(start, 1)
                plans.append((plan, p.pk, self.random.choice(GOALS), self.random.choice(MEASURES), "李明远",
                              begun, "month", None, "day"))  # fmt: skip
                # Reviewed each half year since; a few of the latest reviews are still to be written.
                for turn in range(1, 12):
                    on = add_months(begun, 6 * turn)
                    late = add_months(on, 6) > self.day and plan % 9 == 0
                    if on >= self.day or late:
                        break
                    checks.append((plan, on, PROGRESS[turn % 2], ADVICE, self.moment, self.moment))
        self._write("reserveentry", ("id", "cadre_id", "category", "status", "source", *_DATED), entries)
        stamps = ("created_at", "updated_at")
        copy_rows("cadres_reservereview", ("entry_id", "year", "status", "opinion", *stamps), reviews)
        columns = ("id", "cadre_id", "goals", "measures", "mentor_text", *_DATED)
        self._write("developmentplan", columns, plans)
        copy_rows("cadres_planreview", ("plan_id", "on", "progress", "advice", *stamps), checks)

    def _competences(self) -> None:
        """One's own and the superior's; two in three of the latter are published to the person."""
        published = date(self.day.year, 1, 8)
        rows: Rows = []
        for p in self._leaders():
            base = self.random.randint(68, 84)
            for source, shift in (("self", 4), ("superior", 0)):
                scores = [min(base + shift + self.random.randint(-9, 9), 98) for _ in range(6)]
                shown = published if source == "superior" and p.pk % 3 and published <= self.day else None
                rows.append((p.pk, date(self.day.year - 1, 12, 10), source, scores, "", shown))
        columns = ("cadre_id", "on", "source", "scores", "note", "published_on")
        self._write("competenceprofile", columns, rows)

    def _evaluations(self) -> None:
        context = BureauEvaluation._meta.get_field("opinion").the_context()  # type: ignore[union-attr]
        deputies = [
            p for p in self.people if p.seat.category == "deputy" and p.since.year < self.day.year - 2
        ]
        rows: Rows = []
        for p in self._some(deputies, max(len(self.people) // 40, 2)):
            start = date(self.day.year - 2, 3, 1)
            opinion = encrypt("挂职期间表现突出，专题报告质量高，建议返校后压担子。", context=context)
            grade = self.random.choice(("excellent", "good", "good", "qualified"))
            rows.append((p.pk, "市实验小学教育集团副校长", grade, self.random.randint(78, 95), opinion, start, "month",
                         add_months(start, 6), "month"))  # fmt: skip
        self._write("bureauevaluation", ("cadre_id", "place", "grade", "score", "opinion", *_DATED), rows)

    def _family(self) -> None:
        contexts = [_context(FamilyMember, name) for name in ("name", "birth", "political", "employment")]
        rows: Rows = []
        for p in self._leaders():
            child = max(p.birth.year + 26, 1975)
            members = [("妻子" if p.male else "丈夫", not p.male, p.birth.year + self.random.randint(-3, 3),
                        self.random.choice(("群众", "中共党员")), self.random.choice(JOBS))]  # fmt: skip
            if child < self.day.year - 3:
                male = self.random.random() < 0.5
                members.append(("儿子" if male else "女儿", male, child, "群众", "学生"))
            for order, (relation, male, year, political, work) in enumerate(members, start=1):
                given = "".join(self.random.choice(MALE if male else FEMALE) for _ in range(2))
                surname = (
                    p.name[0] if relation in ("儿子", "女儿") and p.male else self.random.choice(SURNAMES)
                )
                texts = (surname + given, f"{year}-{self.random.randint(1, 12):02}", political, work)
                sealed = [encrypt(text, context=at) for text, at in zip(texts, contexts, strict=True)]
                rows.append((p.pk, self._relation(relation), *sealed, order))
        columns = ("cadre_id", "relation_id", "name", "birth", "political", "employment", "order")
        self._write("familymember", columns, rows)

    def _relation(self, name: str) -> int:
        found = self.relations.match(name)
        if found is None:
            raise LookupError(f"relation {name} is missing: run manage.py load_codes first")
        return found.pk

    def _oversight(self) -> None:
        """A talk before every post of a head, audits of some, and a few acts of each sterner kind."""
        self._acts: Rows = []
        heads = [p for p in self.people if p.seat.category == "head"]
        for p in heads:
            self._act(p, "integrity_talk", p.since, "任前廉政谈话", "已签订廉政承诺书")
            if self.random.random() < 0.15:
                self._act(p, "audit", self._past(200, 900), "任期经济责任审计", "整改完毕", done=True)
        size = max(len(self.people) // 150, 1)
        for kind, least, most in (("reminder", 30, 400), ("inquiry", 5, 60), ("admonition", 100, 300),
                                  ("sanction", 60, 700)):  # fmt: skip
            for p in self._some(self._leaders(), size):
                self._act(p, kind, self._past(least, most), *TALKS[kind])
        for p in self._some(heads, size * 2):
            self._act(
                p, "personal_matters", date(self.day.year, 1, 20), "年度集中报告个人有关事项", "如实报告"
            )
            self._act(p, "dual_meeting", self._past(60, 300), "参加双重组织生活会", "")
        columns = (
            "cadre_id", "kind", "sanction", "authority", "document_number", "content", "result", "due", "done_on", *_DATED,
        )  # fmt: skip
        self._write("oversight", columns, self._acts)

    def _act(self, p: Person, kind: str, on: date, content: str, result: str, *, done: bool = False) -> None:
        sanction = self.random.choice(("admin_warning", "party_warning")) if kind == "sanction" else ""
        end, due = None, None
        if kind == "sanction":
            end = add_months(on, SANCTIONS[sanction].months or 0)
        if kind == "admonition":
            end = due = add_months(on, 6)
        if kind == "inquiry":
            due = add_working_days(on, 15)
        done_on = due if due and due < self.day else on if done else None
        self._acts.append((
            p.pk, kind, sanction, "示例区教育局党组", "",
            encrypt(content, context=_context(Oversight, "content")),
            encrypt(result, context=_context(Oversight, "result")) if result else "", due, done_on, on, "day", end, "day",
        ))  # fmt: skip

    def _petitions(self) -> None:
        rows: Rows = []
        words = (
            "申请调整工作岗位",
            "因家庭照顾困难，申请在离家较近的学校工作。",
            "已与学校沟通，纳入下学年交流轮岗统筹考虑。",
        )
        for p in self._some([p for p in self.people if p.seat.category], max(len(self.people) // 200, 1)):
            asked = self._past(90, 300)
            sealed = [
                encrypt(text, context=_context(Petition, name))
                for text, name in zip(words, ("subject", "content", "reply"), strict=True)
            ]
            rows.append((p.pk, *sealed, asked, asked + timedelta(days=21), asked + timedelta(days=12)))
        columns = ("cadre_id", "subject", "content", "reply", "submitted_on", "due", "replied_on")
        self._write("petition", columns, rows)


def _earlier_posts() -> dict[int, list[tuple[str, date]]]:
    """The main posts that are over, by person, the first one first."""
    found: dict[int, list[tuple[str, date]]] = {}
    over = Appointment.objects.filter(is_main=True, end__isnull=False, start__isnull=False).order_by(
        "start", "id"
    )
    for cadre, title, start in over.values_list("cadre_id", "title", "start"):
        if start is not None:
            found.setdefault(cadre, []).append((title, start))
    return found


def _schools() -> dict[int, tuple[int, str]]:
    """Years and school of everybody's full-time education."""
    rows = Education.objects.filter(mode=Education.Mode.FULL_TIME).values_list(
        "cadre_id", "level__code", "school"
    )
    return {cadre: (4 if level == "21" else 3, school) for cadre, level, school in rows}


def _context(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).the_context())
