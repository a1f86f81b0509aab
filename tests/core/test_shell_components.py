"""The components: what each shows for the cases that matter, and that what people wrote stays text."""

import datetime as dt
from types import SimpleNamespace

import django_tables2 as tables
import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from core.charts import MEANINGS, Chart, Series
from core.tables import ChineseDateColumn, DeadlineColumn, PartialDateColumn, SelectColumn, StatusColumn
from core.todo import TodoItem
from core.widgets import PickerInput

pytestmark = pytest.mark.urls("tests.core.shell_urls")
EVIL = "<script>alert(1)</script>"


def component(component_name, query="", **context):
    """A component's HTML, as a page at /list/?query would show it."""
    request = RequestFactory().get(f"/list/?{query}")
    return render_to_string(f"components/{component_name}.html", context, request=request)


def action(**values):
    given = {"name": "pass", "label": "通过", "tone": "success", "needs_comment": False, "refusal": ""}
    return SimpleNamespace(**{**given, **values})


class Filters(forms.Form):
    """A list's filters."""

    search = forms.CharField(label="姓名", required=False)
    status = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), ("组", [("a", "待考察")]), ("b", "已通过")]
    )
    stage = forms.MultipleChoiceField(label="学段", required=False, choices=[("p", "小学"), ("j", "初中")])


class Paper(forms.Form):
    """A form with every kind of control."""

    who = forms.CharField(label="推荐谁", widget=PickerInput("pick"), help_text="本校干部")
    why = forms.CharField(label="理由", widget=forms.Textarea, help_text="三百字以内")
    term = forms.ChoiceField(label="期限", choices=[("6", "六个月")], widget=forms.RadioSelect)
    proof = forms.FileField(label="材料", required=False)
    agreed = forms.BooleanField(label="本人同意")


class Row(SimpleNamespace):
    def __str__(self):
        return self.name


class List(tables.Table):
    select = SelectColumn()
    name = tables.Column("姓名")
    state = StatusColumn({"a": "success"}, verbose_name="状态")
    due = DeadlineColumn(verbose_name="期限")
    since = ChineseDateColumn(verbose_name="任职")
    born = PartialDateColumn(verbose_name="出生")


def row(**values):
    given = {
        "pk": 7, "name": "张文涛", "state": "a", "due": dt.date(2020, 1, 1), "since": dt.date(2023, 8, 1),
        "born": (dt.date(1986, 5, 1), "month"),
    }  # fmt: skip
    return Row(**{**given, **values})


def table_html(rows, query=""):
    request = RequestFactory().get(f"/list/?{query}")
    table = List(rows, order_by=request.GET.get("sort", ()))
    tables.RequestConfig(request, paginate={"per_page": 2}).configure(table)
    return table.as_html(request)


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("_status", {"label": EVIL}),
        ("_empty", {"title": EVIL, "text": EVIL}),
        ("_person", {"name": EVIL, "unit": EVIL}),
        ("_timeline", {"entries": [{"title": EVIL, "text": EVIL, "at": EVIL}]}),
        ("_stepper", {"steps": [{"label": EVIL, "state": "done", "comment": EVIL}]}),
        ("_description_list", {"items": [{"label": EVIL, "value": EVIL}]}),
        ("_picker_options", {"options": [{"value": EVIL, "text": EVIL, "detail": EVIL}]}),
        ("_todo_list", {"todos": [TodoItem(EVIL, EVIL, "/x/")]}),
        ("_actions", {"open_actions": [action(refusal=EVIL)], "take_url": "/x/"}),
    ],
)
def test_what_people_wrote_stays_text(name, context):
    assert "<script>" not in component(name, **context)


def test_an_action_is_one_click_or_asks_first():
    html = component(
        "_actions", open_actions=[action(), action(name="return", needs_comment=True)], take_url="/x/"
    )
    assert '<button class="btn btn-success w-100" name="action" value="pass">' in html
    assert 'data-bs-target="#act-return"' in html
    assert 'id="act-return"' in html
    assert "required" in html


def test_a_refused_action_says_why_and_cannot_be_pressed():
    html = component("_actions", open_actions=[action(refusal="名额已满。")], take_url="/x/")
    assert "disabled" in html
    assert "名额已满。" in html
    assert 'value="pass"' not in html


def test_nothing_to_do_is_said():
    assert "没有需要您办理的事" in component("_actions", open_actions=[], take_url="/x/")
    assert 'id="todo"' in component("_todo_list", todos=[])


def test_a_deadline_says_more_than_a_colour():
    html = component("_deadline", due=dt.date(2020, 1, 1))
    assert "已逾期" in html
    assert "tone-over" in html
    assert "逾期" not in component("_deadline", due=dt.date(2020, 1, 1), done=True)


@pytest.mark.parametrize(
    ("status", "polls"), [("queued", True), ("running", True), ("done", False), ("failed", False)]
)
def test_a_job_is_followed_until_it_is_over(status, polls):
    job = SimpleNamespace(pk="1", status=status, progress=40, message="第 3 步", error="表头不对。")
    html = component("_job_progress", job=job, poll_url="/poll/")
    assert ("hx-get" in html) is polls
    assert ("表头不对。" in html) is (status == "failed")


def test_errors_lead_to_their_fields():
    form = Paper({})
    html = component("_form", form=form, submit_label="提交", autosave_url="/draft/")
    assert "还有 4 处需要改正" in html
    for name in ("who", "why", "agreed"):
        assert f'href="#id_{name}"' in html
        assert f'id="id_{name}"' in html
    assert 'aria-describedby="id_why_helptext id_why_error"' in html
    assert 'id="id_why_helptext"' in html
    assert 'id="id_why_error"' in html
    assert 'enctype="multipart/form-data"' in html
    assert 'data-autosave="/draft/"' in html


def test_a_picker_names_what_is_chosen():
    picker = PickerInput("pick", text_for=lambda value: f"张文涛 {value}")
    html = picker.render("who", 7, {"id": "id_who"})
    assert 'name="who" value="7"' in html
    assert 'value="张文涛 7"' in html
    assert 'data-picker-url="/pick/"' in html
    assert 'value=""' in PickerInput("pick").render("who", None)


def test_filters_keep_the_rest_of_the_address():
    query = "tab=mine&sort=-name&page=3&status=a&stage=p&stage=j"
    request = RequestFactory().get(f"/list/?{query}")
    html = component("_filter_bar", query, form=Filters(request.GET))
    assert '<input type="hidden" name="tab" value="mine">' in html
    assert '<input type="hidden" name="sort" value="-name">' in html
    assert 'name="page"' not in html
    assert "状态：待考察" in html
    assert '<select name="status"' in html
    assert "学段：小学、初中" in html
    assert 'href="?tab=mine&amp;sort=-name&amp;stage=p&amp;stage=j"' in html
    assert 'class="filter-clear" href="?tab=mine&amp;sort=-name"' in html


def test_paging_keeps_the_address_too():
    page = Paginator(range(1203), 50).page(3)
    html = component("_pagination", "tab=mine&page=3", page_obj=page)
    assert "第 101–150 条，共 1,203 条" in html
    assert 'href="?tab=mine&amp;page=4"' in html
    assert "超过 10,000 条" in component("_pagination", page_obj=page, count_text="超过 10,000 条")
    keyset = {"previous_url": "", "next_url": "?after=7", "summary": "共 8 条"}
    assert 'href="?after=7"' in component("_pagination", pager=keyset)


def test_a_table_is_also_cards():
    html = table_html([row(), row(pk=8, name=EVIL), row(pk=9)], "sort=-name&tab=mine")
    assert "<script>" not in html
    assert 'data-label="姓名"' in html
    assert 'aria-sort="descending"' in html
    assert 'name="ids" form="bulk" value="7"' in html or 'value="9"' in html
    assert 'aria-label="选择 张文涛"' in html
    for words in ("2023年8月1日", "1986年5月", "已逾期", "tone-success", "第 1–2 条，共 3 条"):
        assert words in html
    assert "tab=mine" in html


def test_an_empty_table_included_in_a_page_says_what_to_do():
    html = component(
        "table", table=List([]), empty_title="没有等您办理的推荐", empty_text="到了您的步骤会出现在这里。"
    )
    assert "没有等您办理的推荐" in html
    assert "到了您的步骤会出现在这里。" in html


def test_the_summary_counts_what_it_lists():
    form = Paper({"who": "", "why": "短"})
    form.full_clean()
    form.add_error(None, "条件不符合。")
    form.add_error(None, "请承诺并写明证明。")
    html = component("_form_errors", form=form)
    assert f"还有 {html.count('<li>')} 处需要改正" in html
    assert html.count("<li>") > len(form.errors)


def test_a_chart_has_its_shares_in_the_table_only():
    chart = Chart(
        key="age", title="年龄", sentence="三成。", kind="bar", categories=["35 岁以下", "其他"],
        series=[Series("人数", [1526, 0])], shares=[0.3, None],
    )  # fmt: skip
    html = component("_chart", chart=chart)
    assert "1,526" in html
    assert "30.0%" in html
    assert '<td class="num">0</td>' in html
    assert "shares" not in chart.as_data()


def test_shares_belong_to_categories():
    with pytest.raises(ValueError, match="shares"):
        Chart("k", "年龄", "三成。", "bar", ["甲", "乙"], [Series("人数", [1, 2])], shares=[0.5])


def test_a_number_of_a_chart_opens_what_it_counts():
    given = {"kind": "bar", "categories": ["甲", "乙"], "series": [Series("人数", [3, 0])]}
    chart = Chart("k", "年龄", "三成。", links=[["/people/?a=1&b=2"], ["/people/?c=3"]], **given)
    html = component("_chart", chart=chart)
    assert '<td class="num"><a href="/people/?a=1&amp;b=2">3</a></td>' in html
    assert '<td class="num">0</td>' in html  # nobody to list
    assert chart.as_data()["links"] == [["/people/?a=1&b=2"], ["/people/?c=3"]]
    with pytest.raises(ValueError, match="link"):
        Chart("k", "年龄", "三成。", links=[["/people/"]], **given)


def test_an_empty_table_says_what_to_do():
    request = RequestFactory().get("/list/")
    source = "{% load django_tables2 %}{% render_table table %}"
    context = {
        "request": request,
        "table": List([]),
        "empty_title": "还没有推荐",
        "empty_action_url": "/new/",
    }
    html = Template(source).render(Context(context))
    assert "还没有推荐" in html
    assert 'href="/new/"' in html
    assert "<table" not in html


def test_a_chart_carries_its_table_and_its_sentence():
    chart = Chart(
        "c", "进度", f"共 38 人{EVIL}", "bar", ["推荐", "考察"], [Series("人数", [38, None], "main")], "人"
    )
    html = component("_chart", chart=chart)
    assert html.count("<tr>") == 3
    assert "—" in html
    assert f"共 38 人{EVIL}" not in html
    assert 'id="c-data" type="application/json"' in html


def test_a_chart_refuses_what_misleads():
    with pytest.raises(ValueError, match="at most 4"):
        Chart("c", "t", "s", "pie", list("abcde"), [Series("n", [1, 2, 3, 4, 5])])
    with pytest.raises(ValueError, match="2 values, 1 categories"):
        Chart("c", "t", "s", "bar", ["a"], [Series("n", [1, 2])])
    with pytest.raises(ValueError, match="no colour"):
        Chart("c", "t", "s", "bar", ["a"], [Series("n", [1], "mauve")])


def test_every_meaning_has_its_colour_in_the_script():
    from django.contrib.staticfiles import finders

    with open(finders.find("js/charts.js")) as script:
        block = script.read().split("const COLOURS = {")[1].split("};")[0]
    written = {part.split(":")[0].strip() for part in block.replace("\n", " ").split(",") if ":" in part}
    assert written == MEANINGS
