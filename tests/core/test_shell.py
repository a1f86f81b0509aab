"""The shell: who sees which entry, what waits until when, and the words for dates, money and numbers."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from core import context, demo_personas, navigation, todo
from core.calendar import ZONE
from core.navigation import Entry, Search
from core.partial_dates import PartialDate
from core.templatetags import shell
from core.todo import TodoItem

pytestmark = pytest.mark.urls("tests.core.shell_urls")
NOON = dt.datetime(2026, 3, 5, 12, 0, tzinfo=ZONE)


class Person:
    """Someone signed in with some capabilities."""

    is_authenticated = True

    def __init__(self, *capabilities):
        self.capabilities = capabilities
        self.asked = 0

    def holds(self, capability):
        self.asked += 1
        return capability in self.capabilities


@pytest.fixture(autouse=True)
def empty_registries(monkeypatch):
    """Registries of the test's own."""
    monkeypatch.setattr(navigation, "_entries", {})
    monkeypatch.setattr(navigation, "_searches", [])
    monkeypatch.setattr(todo, "_sources", [])
    monkeypatch.setattr(demo_personas, "_providers", [])


def labels(user, **extra):
    return [entry.label for entry in navigation.entries_for(user, **extra)]


def test_entries_come_in_their_order_to_who_may():
    navigation.register(Entry("乙", "home", "b", capability="x", order=20))
    navigation.register(Entry("甲", "home", "a", order=10))
    navigation.register(Entry("丙", "home", "c", capability=("x", "y"), order=30))
    assert labels(Person()) == ["甲"]
    assert labels(Person("y")) == ["甲", "丙"]
    assert labels(Person("x")) == ["甲", "乙", "丙"]
    assert labels(AnonymousUser()) == []


def test_an_entry_may_hang_on_the_person():
    navigation.register(Entry("我的", "home", "a", when=lambda user: "mine" in user.capabilities))
    assert labels(Person("mine")) == ["我的"]
    assert labels(Person()) == []


def test_never_more_than_seven_entries():
    for index, name in enumerate("abcdefghij"):
        navigation.register(Entry(name, "home", name, order=index))
    assert labels(Person()) == list("abcdefg")


def test_an_entry_of_an_app_that_is_not_installed_is_left_out():
    navigation.register(Entry("无", "home", "nowhere"))
    assert labels(Person()) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/", "根"), ("/a/", "甲"), ("/a/7/", "甲"), ("/a/deeper/x/", "深"), ("/z/", None)],
)
def test_the_closest_entry_is_marked(path, expected):
    for label, name in (("根", "home"), ("甲", "a"), ("深", "deeper")):
        navigation.register(Entry(label, "home", name))
    marked = [entry.label for entry in navigation.entries_for(Person(), path) if entry.active]
    assert marked == ([expected] if expected else [])


def test_a_page_that_lies_elsewhere_belongs_to_the_entry_that_covers_it():
    navigation.register(Entry("甲", "home", "a", covers=("deeper", "nowhere")))
    navigation.register(Entry("乙", "home", "b"))
    for path, expected in (("/a/deeper/x/", ["甲"]), ("/b/", ["乙"]), ("/z/", [])):
        assert [each.label for each in navigation.entries_for(Person(), path) if each.active] == expected


def test_the_person_menu_is_apart():
    navigation.register(Entry("甲", "home", "a"))
    navigation.register(Entry("档案", "id", "b", place="person"))
    assert labels(Person()) == ["甲"]
    assert labels(Person(), place="person") == ["档案"]


def test_the_search_is_for_those_who_may():
    navigation.register_search(Search("a", "x"))
    assert navigation.search_for(Person("x"))["url"] == "/a/"
    assert navigation.search_for(Person()) is None
    assert navigation.search_for(AnonymousUser()) is None


def test_todos_come_by_deadline_and_those_without_last():
    @todo.register
    def source(user):
        return [
            TodoItem("无期", "办", "/1"),
            TodoItem("明天", "办", "/2", due=dt.date(2026, 3, 6)),
            TodoItem("今天", "办", "/3", due=NOON),
        ]

    todo.register(source)
    assert [item.title for item in todo.todos_for(Person())] == ["今天", "明天", "无期"]
    assert todo.todos_for(AnonymousUser()) == []


@pytest.mark.parametrize(
    ("delta", "text", "tone"),
    [
        (dt.timedelta(days=2, hours=3, minutes=5), "还剩 2 天 3 小时", "soon"),
        (dt.timedelta(days=3), "还剩 3 天", "calm"),
        (dt.timedelta(days=12, hours=5), "还剩 12 天", "calm"),
        (dt.timedelta(hours=23, minutes=59), "还剩 23 小时 59 分钟", "urgent"),
        (dt.timedelta(hours=24), "还剩 1 天", "soon"),
        (dt.timedelta(hours=2), "还剩 2 小时", "urgent"),
        (dt.timedelta(seconds=10), "还剩 1 分钟", "urgent"),
        (dt.timedelta(0), "还剩 1 分钟", "urgent"),
        (dt.timedelta(seconds=-1), "已逾期 1 分钟", "over"),
        (dt.timedelta(hours=-5, minutes=-10), "已逾期 5 小时", "over"),
        (dt.timedelta(days=-3, hours=-4), "已逾期 3 天", "over"),
    ],
)
def test_the_time_left_in_words(delta, text, tone):
    left = todo.remaining(NOON + delta, NOON)
    assert (left.text, left.tone, left.is_over) == (text, tone, tone == "over")


def test_a_date_means_the_end_of_that_day():
    assert todo.remaining(NOON.date(), NOON).text == "还剩 11 小时 59 分钟"
    assert todo.remaining(NOON.date() - dt.timedelta(days=1), NOON).is_over


def test_dates_in_words():
    evening = dt.datetime(2026, 3, 5, 16, 30, tzinfo=dt.UTC)  # already the sixth in Shanghai
    assert shell.chinese_date(dt.date(2026, 3, 5)) == "2026年3月5日"
    assert shell.chinese_date(dt.date(2026, 3, 5), "weekday") == "2026年3月5日（星期四）"
    assert shell.chinese_date(dt.date(2026, 3, 8), "weekday") == "2026年3月8日（星期日）"
    assert shell.chinese_date(dt.date(2026, 3, 5), "short") == "3月5日"
    assert shell.chinese_date(evening) == "2026年3月6日"
    assert shell.chinese_datetime(evening) == "2026年3月6日 00:30"
    assert shell.chinese_datetime(dt.date(2026, 3, 5)) == "2026年3月5日"
    assert shell.chinese_time(evening) == "00:30"
    for show in (shell.chinese_date, shell.chinese_datetime, shell.chinese_time, shell.remaining):
        assert show(None) == ""


def test_partly_known_dates():
    assert shell.partial(PartialDate.of(dt.date(1976, 5, 1), "month")) == "1976年5月"
    assert shell.partial((dt.date(1976, 5, 3), "year")) == "1976年"
    assert shell.partial((None, "day")) == ""
    assert shell.partial(dt.date(1976, 5, 3)) == "1976年5月3日"
    assert shell.partial(None) == ""


@pytest.mark.parametrize(
    ("value", "style", "shown"),
    [
        (12500, "", "12,500 元"),
        ("12500.5", "", "12,500.50 元"),
        (0, "", "0 元"),
        (-3, "", "-3 元"),
        (12500, "wan", "1.25 万元"),
        (1000000, "wan", "100 万元"),
        (None, "", ""),
        ("", "", ""),
        ("many", "", ""),
    ],
)
def test_money(value, style, shown):
    assert shell.yuan(value, style) == shown


def test_numbers_names_and_browsers():
    assert shell.thousands(12500) == "12,500"
    assert shell.thousands("很多") == "很多"
    assert shell.mask_id("310107197605030311") == "3101********0311"
    assert shell.mask_id(None) == ""
    assert shell.surname("欧阳晓明") == "晓明"
    assert (
        shell.browser_words("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120")
        == "Edge · Windows"
    )
    assert shell.browser_words("curl") == "其他浏览器 · 其他系统"


def test_an_icon_is_decoration_unless_named():
    assert 'aria-hidden="true"' in shell.icon("home")
    assert 'role="img" aria-label="&lt;首页&gt;"' in shell.icon("home", label="<首页>")


def test_personas_are_shown_in_the_demo_only(settings):
    card = {"username": "hr", "label": "局人事", "about_to_do": "核查", "group": "教育局", "icon": "user"}
    demo_personas.register_provider(lambda: [card])
    settings.DEMO, settings.DEMO_PASSWORD = False, "secret-of-the-demo"
    assert demo_personas.personas() == {}
    assert shell.demo_password() == ""
    settings.DEMO = True
    assert demo_personas.personas() == {"教育局": [card]}
    assert shell.demo_password() == "secret-of-the-demo"


def test_the_context_reads_nothing_before_the_page_asks(monkeypatch, settings):
    counted = []
    monkeypatch.setattr(context, "unread_count", lambda user: counted.append(user) or 3)
    navigation.register(Entry("甲", "home", "a", capability="x"))
    request = RequestFactory().get("/")
    request.user = Person("x")
    found = context.shell(request)
    assert (request.user.asked, counted) == (0, [])
    assert int(str(found["shell"].unread)) == 3
    assert len(found["shell"].entries) == 1
    assert found["demo"] is None
    settings.DEMO, settings.DEMO_TODAY = True, "2026-03-05"
    assert context.shell(request)["demo"]["date"] == dt.date(2026, 3, 5)


def test_a_page_without_a_user_still_has_a_shell():
    found = context.shell(RequestFactory().get("/"))["shell"]
    assert (list(found.entries), bool(found.search), int(str(found.unread))) == ([], False, 0)
