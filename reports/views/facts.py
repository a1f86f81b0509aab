"""The page of facts: what each counts, its unit and level, and which running calls ask for it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.scope import require
from cadres.facts import FACTS, TOPICS, Fact
from programs.models import Call, EligibilityRule
from reports.views.lists import report_tabs

KINDS = {
    "number": "数值", "flag": "是否", "text": "文字", "choice": "选项", "level": "等级", "date": "日期",
}  # fmt: skip
LEVELS = {"C1": "内部", "C2": "个人", "C3": "敏感"}
TONES = {"C1": "muted", "C2": "info", "C3": "warning"}


class FactFilterForm(forms.Form):
    """What to look for among the facts."""

    search = forms.CharField(label="搜索指标名称或口径", required=False, max_length=60)
    topic = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *TOPICS.items()])
    level = forms.ChoiceField(label="保密级别", required=False, choices=[("", "全部"), *LEVELS.items()])


@require_GET
def fact_list(request: HttpRequest) -> HttpResponse:
    """Every fact by topic, searchable."""
    require(request.user, "cadre.view")
    form = FactFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    uses = _uses(request.user)
    groups = []
    for topic, label in TOPICS.items():
        facts = [each for each in FACTS.values() if each.topic == topic and _fits(each, asked)]
        if facts:
            groups.append({"label": label, "facts": [_shown(each, uses) for each in facts]})
    number = sum(len(group["facts"]) for group in groups)
    context = {"form": form, "groups": groups, "number": number, "tabs": report_tabs("fact-list")}
    return render(request, "reports/fact_list.html", context)


def _fits(fact: Fact, asked: dict[str, str]) -> bool:
    words = asked.get("search", "").strip().lower()
    if asked.get("topic") and fact.topic != asked["topic"]:
        return False
    if asked.get("level") and fact.level != asked["level"]:
        return False
    return not words or words in f"{fact.label}{fact.definition}".lower()


def _uses(user: Any) -> dict[str, list[Call]]:
    """The running calls in view whose rules ask for each fact; one query."""
    calls = Call.objects.visible_to(user).real().filter(status=Call.Status.OPEN)
    rules = EligibilityRule.objects.filter(call__in=calls).exclude(fact="").select_related("call")
    found: dict[str, dict[int, Call]] = defaultdict(dict)
    for rule in rules:
        found[rule.fact][rule.call_id] = rule.call
    return {name: list(calls.values()) for name, calls in found.items()}


def _shown(fact: Fact, uses: dict[str, list[Call]]) -> dict[str, Any]:
    return {
        "fact": fact, "kind": KINDS[fact.kind], "level": LEVELS[fact.level], "tone": TONES[fact.level],
        "calls": uses.get(fact.name, []),
    }  # fmt: skip
