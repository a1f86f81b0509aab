"""The demo's people: a believable roster for every unit, invented from the seed and written by COPY."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import connection

from accounts.models import Unit
from cadres.codes import CodeMatcher
from cadres.models import Cadre, Code
from cadres.querysets import name_columns
from core.calendar import add_months, now, today
from core.crypto import blind_index, encrypt
from reports.demo.loading import copy_rows, reserve_ids
from reports.demo.tree import Tree

SURNAMES = list(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文"
)
MALE = list("伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆建国志文博海峰林龙")
FEMALE = list("芳娜敏静丽艳娟霞秀玲燕红梅萍颖慧琳洁倩雪佳莉莹璐瑶薇兰婷蓉")
PLACES = [
    "贵州遵义",
    "贵州道真",
    "贵州正安",
    "重庆南川",
    "四川泸州",
    "贵州贵阳",
    "湖南怀化",
    "贵州铜仁",
    "重庆武隆",
    "云南昭通",
]
TEACHERS = ["示例师范大学", "示例师范学院", "示例教育学院", "示例民族大学", "示例大学"]
MAJORS = [
    "汉语言文学",
    "数学与应用数学",
    "英语",
    "教育学",
    "小学教育",
    "学前教育",
    "物理学",
    "教育管理",
    "思想政治教育",
]
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "10X98765432"
# GB 11643 area codes that no real county uses, so that no invented number can be somebody's.
_AREA = "520399"


@dataclass(frozen=True)
class Seat:
    """A kind of place at a unit: its posts, category, and the ages and titles that go with it."""

    titles: tuple[str, ...]
    category: str
    youngest: int
    oldest: int
    title: str


HEAD = Seat(("校长",), "head", 38, 58, "T412")
PARTY_HEAD = Seat(("书记", "校长"), "head", 40, 58, "T412")
GARDEN_HEAD = Seat(("园长",), "head", 35, 54, "T420")
DEPUTY = Seat(("副校长",), "deputy", 30, 54, "T412")
GARDEN_DEPUTY = Seat(("副园长",), "deputy", 28, 50, "T420")
TEACHING = Seat(("教导主任",), "middle", 27, 50, "T420")
GENERAL = Seat(("总务主任",), "middle", 29, 55, "T420")
OFFICE = Seat(("办公室主任",), "middle", 28, 50, "T420")
MORAL = Seat(("德育主任",), "middle", 27, 45, "T420")
UNION = Seat(("工会主席",), "middle", 40, 57, "T412")
LEADER = Seat(("教研组长",), "", 25, 36, "T420")
YOUNG = Seat(("班主任",), "", 24, 34, "T434")
CHIEF = Seat(("股长",), "middle", 33, 56, "T420")
CHIEF_DEPUTY = Seat(("副股长",), "middle", 28, 50, "T420")
DIRECTOR = Seat(("局长",), "head", 45, 57, "T412")
DIRECTOR_DEPUTY = Seat(("副局长",), "deputy", 40, 57, "T412")

_SCHOOL = (PARTY_HEAD, DEPUTY, DEPUTY, DEPUTY, TEACHING, GENERAL, MORAL, OFFICE, UNION, LEADER, LEADER, YOUNG)
_GARDEN = (GARDEN_HEAD, GARDEN_DEPUTY, OFFICE, LEADER, LEADER, YOUNG)
_SMALL = (HEAD, DEPUTY, TEACHING, GENERAL, LEADER, YOUNG)
_SECTION = (CHIEF, CHIEF_DEPUTY, YOUNG)


def seats_of(unit: Unit, size: str) -> tuple[Seat, ...]:
    """Return the seats that a unit of the demo has."""
    if unit.kind == Unit.Kind.BUREAU:
        return (DIRECTOR, DIRECTOR_DEPUTY, DIRECTOR_DEPUTY)
    if unit.kind == Unit.Kind.SECTION:
        return _SECTION if size != "school" else _SECTION[:1]
    if unit.stage == Unit.Stage.KINDERGARTEN:
        return _GARDEN
    if size == "school" or unit.kind in (Unit.Kind.CENTRAL, Unit.Kind.TRAINING):
        return _SMALL
    return _SCHOOL * 3 if size == "city" else _SCHOOL


@dataclass
class Person:
    """An invented cadre before it is written."""

    pk: int
    unit: Unit
    seat: Seat
    name: str
    male: bool
    birth: date
    work: date
    since: date


class Roster:
    """Collects the rows of every table and writes each by one COPY."""

    def __init__(self, tree: Tree, size: str, random: Random) -> None:
        self.tree, self.size, self.random = tree, size, random
        self.moment = now()
        self.day = today()
        self.codes = {
            kind: CodeMatcher(kind)
            for kind in (Code.List.ETHNICITY, Code.List.POLITICAL, Code.List.EDUCATION, Code.List.DEGREE,
                         Code.List.TITLE)
        }  # fmt: skip
        self.posts: dict[tuple[int, str], int] = {}
        self.people: list[Person] = []

    def write(self) -> list[Person]:
        """Invent everybody and write them; return the people, in tree order."""
        self._posts()
        self._invent()
        self._cadres()
        self._relations()
        self._appointments()
        self._education()
        self._titles()
        self._politics()
        self._assessments()
        return self.people

    def _posts(self) -> None:
        wanted = {
            (unit.pk, title): (unit, title, seat.category)
            for unit in self.tree.all
            for seat in seats_of(unit, self.size)
            if seat.category
            for title in seat.titles
        }
        seats = Counter(
            (unit.pk, title)
            for unit in self.tree.all
            for seat in seats_of(unit, self.size)
            for title in seat.titles
        )
        ids = reserve_ids("cadres_post", len(wanted))
        rows = []
        for at, (pk, (key, (unit, title, category))) in enumerate(zip(ids, wanted.items(), strict=True)):
            self.posts[key] = pk
            # Not everything fits: here a place is free, there one too many was appointed.
            spare = 1 if at % 23 == 5 and category != "head" else -1 if at % 61 == 7 and seats[key] > 1 else 0
            rows.append((pk, unit.pk, unit.path, title, category, seats[key] + spare, self.moment))
        columns = ("id", "unit_id", "unit_path", "title", "category", "headcount", "updated_at")
        copy_rows("cadres_post", columns, rows)

    def _invent(self) -> None:
        places = [(unit, seat) for unit in self.tree.all for seat in seats_of(unit, self.size)]
        used: set[str] = set()
        for pk, (unit, seat) in zip(reserve_ids("cadres_cadre", len(places)), places, strict=True):
            male = self.random.random() < (0.15 if unit.stage == "kindergarten" else 0.52)
            age = self.random.randint(seat.youngest, seat.oldest)
            birth = date(self.day.year - age, self.random.randint(1, 12), self.random.randint(1, 28))
            if birth > add_months(self.day, -12 * age):
                birth = birth.replace(year=birth.year - 1)
            work = date(birth.year + self.random.randint(20, 23), 8, 1)
            earliest = max(work.year + 1, self.day.year - 9)
            since = date(self.random.randint(min(earliest, self.day.year - 1), self.day.year - 1),
                         self.random.choice((2, 8, 9)), 1)  # fmt: skip
            name = self._name(male, used if seat.category else set())
            self.people.append(Person(pk, unit, seat, name, male, birth, work, since))

    def _name(self, male: bool, used: set[str]) -> str:
        for _ in range(20):
            given = MALE if male else FEMALE
            length = 2 if self.random.random() < 0.72 else 1
            name = self.random.choice(SURNAMES) + "".join(self.random.choice(given) for _ in range(length))
            if name not in used:
                break
        used.add(name)
        return name

    def _identity(self, person: Person, serial: int) -> str:
        order = serial % 500 * 2 + (1 if person.male else 0)
        body = f"{_AREA}{person.birth:%Y%m%d}{order % 1000:03}"
        total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
        return body + _DIGITS[total % 11]

    def _cadres(self) -> None:
        context = Cadre._meta.get_field("id_number").the_context()
        taken: set[str] = set()
        rows = []
        for at, person in enumerate(self.people):
            number, shift = self._identity(person, at), 0
            while number in taken:
                shift += 1
                number = self._identity(person, at + shift)
            taken.add(number)
            words = name_columns(person.name)
            ethnic = self.random.choices(("01", "03", "04", "06", "15"), (70, 2, 1, 12, 15))[0]
            rows.append((
                person.pk, person.unit.pk, person.unit.path, person.name, words["name_key"], words["initials"],
                words["grams"], "1" if person.male else "2", person.birth, "day",
                encrypt(number, context=context), blind_index(number, context=context),
                self._code(Code.List.ETHNICITY, ethnic), self.random.choice(PLACES), person.work, "month", self._limit(person),
                f"1{self.random.choice('3589')}{self.random.randint(0, 999999999):09}", "", self.moment,
                self.moment,
            ))  # fmt: skip
        copy_rows("cadres_cadre", (
            "id", "unit_id", "unit_path", "name", "name_key", "initials", "grams", "gender",
            "birth", "birth_precision", "id_number", "id_index", "ethnicity_id", "native_place", "work_start",
            "work_start_precision", "retirement_limit", "phone", "note", "created_at", "updated_at",
        ), rows)  # fmt: skip

    def _limit(self, person: Person) -> str:
        """Women leaders who went on after 55 were to retire at 60."""
        leads = person.seat.category in ("head", "deputy")
        return "60" if not person.male and leads and self.day.year - person.birth.year >= 54 else ""

    def _code(self, kind: str, code: str) -> int:
        found = self.codes[kind].get(code)
        if found is None:
            raise LookupError(f"code {kind} {code} is missing: run manage.py load_codes first")
        return found.pk

    def _history(self, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        stamped = (*columns, "created_at", "updated_at")
        copy_rows(table, stamped, ((*row, self.moment, self.moment) for row in rows))

    def _relations(self) -> None:
        self._history(
            "cadres_personnelrelation",
            ("cadre_id", "unit_id", "unit_path", "start", "start_precision", "end_precision", "leaving"),
            [(p.pk, p.unit.pk, p.unit.path, p.work, "month", "day", "") for p in self.people],
        )

    def _appointments(self) -> None:
        columns = (
            "cadre_id", "unit_id", "unit_text", "title", "post_id", "kind", "is_main", "document_number",
            "removal_reason", "start", "start_precision", "end", "end_precision", "order", "term_number", "term_end",
        )  # fmt: skip
        rows: list[tuple[Any, ...]] = []
        for p in self.people:
            number = f"示教党发〔{p.since.year}〕{self.random.randint(1, 60)}号"
            for at, title in enumerate(p.seat.titles):
                kind = "regular" if at == 0 else "concurrent"
                post = self.posts.get((p.unit.pk, title))
                rows.append((p.pk, p.unit.pk, "", title, post, kind, at == 0, number, "", p.since, "month", None,
                             "day", at, *self._term(p)))  # fmt: skip
            earlier = self._earlier(p)
            if earlier:
                rows.append((p.pk, p.unit.pk, "", earlier[0], None, "regular", True, "", "职务变动", earlier[1],
                             "month", p.since, "month", 0, None, None))  # fmt: skip
        self._history("cadres_appointment", columns, rows)

    def _term(self, p: Person) -> tuple[int | None, date | None]:
        """Leaders serve terms of five years; the second follows the first."""
        if p.seat.category not in ("head", "deputy"):
            return None, None
        number = 1 if add_months(p.since, 60) > self.day else 2
        return number, add_months(p.since, 60 * number)

    def _earlier(self, p: Person) -> tuple[str, date] | None:
        """The post before the present one: heads were deputies, deputies were directors."""
        before = {"head": "副校长", "deputy": "教导主任", "middle": "教研组长"}.get(p.seat.category)
        start = date(p.since.year - self.random.randint(2, 5), 9, 1)
        if before is None or start <= p.work or self.random.random() < 0.2:
            return None
        return before, start

    def _education(self) -> None:
        columns = (
            "cadre_id", "mode", "level_id", "level_text", "degree_id", "degree_text", "school", "major",
            "start_precision", "end", "end_precision", "order",
        )  # fmt: skip
        rows: list[tuple[Any, ...]] = []
        for p in self.people:
            first = self.random.choices(
                ("41", "31", "21"), (25, 35, 40) if p.birth.year < 1985 else (3, 27, 70)
            )[0]
            major = self.random.choice(MAJORS)
            rows.append(self._schooling(p, "full_time", first, major, p.work.year))
            if first != "21" or self.random.random() < 0.12:
                later = "21" if first != "21" else "14"
                if first == "41" and self.random.random() < 0.25:
                    later = "31"
                year = min(p.work.year + self.random.randint(3, 8), self.day.year - 1)
                rows.append(self._schooling(p, "in_service", later, "教育管理", year))
        self._history("cadres_education", columns, rows)

    def _schooling(self, p: Person, mode: str, level: str, major: str, year: int) -> tuple[Any, ...]:
        words = {"41": "中专", "31": "大专", "21": "大学", "14": "研究生"}
        degree = {"21": ("404", "教育学学士"), "14": ("304", "教育学硕士")}.get(level)
        found = self.codes[Code.List.DEGREE].match(degree[1]) if degree and mode == "full_time" else None
        school = self.random.choice(TEACHERS) if level != "41" else "示例师范学校"
        return (
            p.pk, mode, self._code(Code.List.EDUCATION, level), words[level], found.pk if found else None,
            degree[1] if degree and found else "", f"{school}{major}专业", major, "day", date(year, 7, 1),
            "month", 0,
        )  # fmt: skip

    def _titles(self) -> None:
        rows: list[tuple[Any, ...]] = []
        words = {"T411": "正高级教师", "T412": "高级教师", "T420": "一级教师", "T434": "二级教师"}
        for p in self.people:
            age = self.day.year - p.birth.year
            code = p.seat.title
            if code == "T412" and age < 38:
                code = "T420"
            elif code == "T420" and age > 44 and self.random.random() < 0.6:
                code = "T412"
            elif code == "T412" and age > 50 and self.random.random() < 0.03:
                code = "T411"
            start = date(min(max(p.work.year + 5, self.day.year - 12), self.day.year - 1), 12, 1)
            rows.append((p.pk, self._code(Code.List.TITLE, code), words[code], start, "month", "day"))
        self._history(
            "cadres_professionaltitle",
            ("cadre_id", "title_id", "title_text", "start", "start_precision", "end_precision"), rows,
        )  # fmt: skip

    def _politics(self) -> None:
        rows = []
        for p in self.people:
            chance = 0.95 if p.seat.category == "head" else 0.75 if p.seat.category else 0.35
            if self.random.random() < chance:
                joined = p.work + timedelta(days=self.random.randint(200, 2500))
                joined = min(joined, self.day - timedelta(days=400))
                rows.append(
                    (p.pk, self._code(Code.List.POLITICAL, "01"), joined.replace(day=1), "month", "day")
                )
            elif self.random.random() < 0.15:
                rows.append((p.pk, self._code(Code.List.POLITICAL, "05"), None, "day", "day"))
            else:
                rows.append((p.pk, self._code(Code.List.POLITICAL, "13"), None, "day", "day"))
        self._history(
            "cadres_politicalstatus",
            ("cadre_id", "status_id", "start", "start_precision", "end_precision"), rows,
        )  # fmt: skip

    def _assessments(self) -> None:
        rows = []
        for p in self.people:
            civil = p.unit.kind in (Unit.Kind.BUREAU, Unit.Kind.SECTION)
            for year in range(self.day.year - 3, self.day.year):
                if year < p.work.year:
                    continue
                grade = self.random.choices(("excellent", "qualified", "basic"), (17, 81, 2))[0]
                rows.append((p.pk, year, grade, "civil" if civil else "institution", ""))
        self._history("cadres_annualassessment", ("cadre_id", "year", "grade", "labels", "note"), rows)


def analyse() -> None:
    """Tell the planner about the bulk rows."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
