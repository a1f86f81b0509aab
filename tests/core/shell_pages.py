"""A page with every component for the browser's tests, and the addresses it talks to."""

import datetime as dt
import time
from types import SimpleNamespace

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import RequestContext, Template
from django.urls import path

from core.charts import Chart, Series
from core.todo import TodoItem
from core.widgets import PickerInput
from tests.core.test_shell_components import Filters, List, row

received: list[tuple[str, dict]] = []

PAGE = """{% extends "base.html" %}{% load django_tables2 shell %}
{% block title %}样张{% endblock %}{% block heading %}样张{% endblock %}
{% block content %}
{% include "components/_tabs.html" %}{% include "components/_filter_bar.html" with form=filters %}
{% render_table table %}{% include "components/_bulk_bar.html" with bulk_url="/take/" %}
<div class="case-layout"><div>
{% include "components/_form.html" with submit_label="提交推荐" autosave_url="/draft/" action_url="/take/" %}
{% include "components/_chart.html" %}{% include "components/_job_progress.html" with poll_url="/poll/" title="导入" %}
{% include "components/_stepper.html" %}{% include "components/_timeline.html" %}
<div class="card">{% include "components/_todo_list.html" %}</div>{% include "components/_key_figures.html" %}
</div><aside class="case-side" aria-label="办理">{% include "components/_actions.html" with take_url="/take/" %}</aside></div>
{% endblock %}"""


class Short(forms.Form):
    """A form to be kept while typing."""

    who = forms.CharField(label="推荐谁", widget=PickerInput("pick"))
    why = forms.CharField(label="理由", widget=forms.Textarea, help_text="三百字以内")


def action(name, label, **values):
    """An open action."""
    given = {"tone": "success", "needs_comment": False, "refusal": "", **values}
    return SimpleNamespace(name=name, label=label, **given)


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    """Everything at once."""
    steps = [{"label": "推荐", "state": "done", "who": "李芳", "verdict": "已提交", "comment": "很好"},
             {"label": "考察", "state": "current", "waiting_for": "中心校", "due": dt.date(2099, 1, 1)},
             {"label": "决定", "state": "todo"}]  # fmt: skip
    context = {
        "tabs": [{"label": "待我处理", "url": "?", "count": 2, "active": True}, {"label": "已结束", "url": "?t=2"}],
        "filters": Filters(request.GET), "table": List([row(pk=1), row(pk=2), row(pk=3)]), "form": Short(),
        "bulk_actions": [{"name": "pass", "label": "通过", "tone": "success"},
                         {"name": "return", "label": "退回", "needs_comment": True, "confirm": "退回补正。"}],
        "chart": Chart("c", "进度", "共 38 人。", "bar", ["推荐", "考察"], [Series("人数", [38, 31], "main")], "人"),
        "job": SimpleNamespace(pk=1, status="running", progress=10, message="", error=""), "steps": steps,
        "entries": [{"at": dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC), "title": "提交", "tone": "success"}],
        "todos": [TodoItem("写鉴定", "去写", "/x/", dt.date(2020, 1, 1))],
        "figures": [{"label": "推荐", "value": 38, "unit": "人", "detail": "多 6 人", "tone": "success", "url": "/"}],
        "open_actions": [action("approve", "同意"), action("reject", "不予推荐", tone="danger", needs_comment=True),
                         action("withdraw", "撤回", tone="secondary", refusal="已报送。")],
    }  # fmt: skip
    return HttpResponse(Template(PAGE).render(RequestContext(request, context)))


@login_not_required
def take(request: HttpRequest) -> HttpResponse:
    """Note what was sent; an approval takes its time, so that one may press again."""
    received.append((request.path, {key: request.POST.getlist(key) for key in request.POST}))
    if request.POST.get("action") == "approve":
        time.sleep(1)
    return HttpResponse(status=204)


@login_not_required
def pick(request: HttpRequest) -> HttpResponse:
    """Two namesakes, and one who can't be taken."""
    options = [
        {"value": 1, "text": "张文涛", "detail": "东风小学 · 副校长"},
        {"value": 2, "text": "张文涛", "detail": "实验中学 · 教务主任"},
        {"value": 3, "text": "章文", "refusal": "已被推荐"},
    ]
    return render(request, "components/_picker_options.html", {"options": options})


@login_not_required
def poll(request: HttpRequest) -> HttpResponse:
    """The job has ended meanwhile."""
    job = SimpleNamespace(pk=1, status="done", progress=100, message="新增 12", error="")
    return render(request, "components/_job_progress.html", {"job": job, "title": "导入"})


@login_not_required
def refuse(request: HttpRequest) -> HttpResponse:
    """A sign-in for the shell's links."""
    return HttpResponse("ok")


names = (
    "account_login",
    "account_logout",
    "account_change_password",
    "mfa_index",
    "usersessions_list",
    "inbox",
)
urlpatterns = [
    path("", page, name="home"),
    path("take/", take),
    path("draft/", take),
    path("pick/", pick, name="pick"),
    path("poll/", poll),
    *[path(f"{name}/", refuse, name=name) for name in names],
]
