"""One person's page: header, tabs with the histories as sections, the timeline over all of them."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.generic import TemplateView

from accounts.scope import may_on
from cadres.completeness import Missing, completeness_of
from cadres.fields import fields_for
from cadres.models import Cadre
from cadres.radar import competence_chart
from cadres.summaries import summaries
from cadres.timeline import Tab, chapters_of, histories_of, tab_of, tabs_for, timeline_of
from cadres.views.rows import Reader, equip, requests_of
from core.errors import NotFound
from core.files import download_response
from core.panels import happenings_for, panels_for

PLACE = "cadres.cadre"


def visible_cadre(user: Any, pk: int) -> Cadre:
    """Return a person in the user's scope, or the user's own record; raises NotFound for anybody else."""
    rows = Cadre.objects.select_related("unit", "ethnicity", "user")
    found = rows.visible_to(user).filter(pk=pk).first() or rows.filter(pk=pk, user_id=user.pk).first()
    if found is None:
        raise NotFound("没有找到这位干部。")
    return found


class CadreDetail(TemplateView):
    """One person on one page (一人一档), a tab an address of its own."""

    template_name = "cadres/cadre_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything of the tab that the reader may see of the person."""
        user = self.request.user
        cadre = visible_cadre(user, self.kwargs["pk"])
        allowed = fields_for(user, cadre)
        reader = Reader.of(user, cadre)
        tabs = tabs_for(allowed)
        asked = self.request.GET.get("tab", "")
        tab = next((each for each in tabs if each.key == asked), tabs[0])
        summary = summaries([cadre.pk], user=user)[0]
        context = {
            "cadre": cadre, "own": reader.own, "person": summary, "allowed": allowed, "tab": tab,
            "opens_unit": may_on(user, "unit.view", cadre), "hands_out": may_on(user, "roster.export", cadre), "edits": reader.edits,
            "left": summary["status"] != "在职", "tabs": _tabs(cadre, tabs, tab),
        }  # fmt: skip
        filled = (
            self._overview(reader, summary, allowed)
            if not tab.kinds
            else self._histories(reader, tab, allowed)
        )
        return super().get_context_data(**context, **filled, **kwargs)

    def _overview(self, reader: Reader, summary: dict[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
        cadre = reader.cadre
        return {
            "facts": facts_of(cadre, summary, allowed),
            **self._timeline(reader, allowed),
            "panels": panels_for(PLACE, reader.user, cadre),
            "may_reveal": bool(cadre.id_number) and reader.opens,
            "completeness": _completeness(reader),
        }

    def _timeline(self, reader: Reader, allowed: frozenset[str]) -> dict[str, Any]:
        """Everything dated by years, all of it or of one kind."""
        happenings = happenings_for(PLACE, reader.user, reader.cadre)
        sections = histories_of(reader.cadre, allowed, reader=reader.user)
        entries = timeline_of(sections, happenings)
        labels = {section.kind: section.label for section in sections}
        labels |= {each.kind: each.label for each in happenings}
        told = {each["kind"] for each in entries}
        kinds = {kind: label for kind, label in labels.items() if kind in told}
        asked = self.request.GET.get("kind", "")
        chosen = asked if asked in kinds else ""
        base = detail_url(reader.cadre)
        links = [{"label": "全部", "url": f"{base}#timeline", "active": not chosen, "count": len(entries)}]
        links += [
            {
                "label": label, "url": f"{base}?kind={kind}#timeline", "active": kind == chosen,
                "count": sum(1 for each in entries if each["kind"] == kind),
            }
            for kind, label in kinds.items()
        ]  # fmt: skip
        shown = [each for each in entries if not chosen or each["kind"] == chosen]
        return {"chapters": chapters_of(shown), "timeline_kinds": links if len(kinds) > 1 else []}

    def _histories(self, reader: Reader, tab: Tab, allowed: frozenset[str]) -> dict[str, Any]:
        sections = equip(histories_of(reader.cadre, allowed, tab.kinds, reader=reader.user), reader)
        profiles = next((each.rows for each in sections if each.kind == "competence"), [])
        requests = requests_of(reader.cadre, own=reader.own) if tab.key == "requests" else None
        return {
            "requests": requests,
            "sections": sections,
            "radar": competence_chart(row.record for row in profiles),
        }


def _completeness(reader: Reader) -> dict[str, Any]:
    """How complete the record is; what is missing leads whoever may fill it in to the form that does.

    One's own record is filled in by asking for it.
    """
    found = completeness_of(reader.cadre)
    missing = [{"label": each.label, "url": _filling(each, reader)} for each in found.missing]
    return {"percent": found.percent, "missing": missing}


def _filling(missing: Missing, reader: Reader) -> str:
    if reader.edits:
        return missing.add_url(reader.cadre)
    return missing.ask_url(reader.cadre) if reader.own else ""


def _tabs(cadre: Cadre, tabs: list[Tab], chosen: Tab) -> list[dict[str, Any]]:
    """The tabs as links."""
    base = detail_url(cadre)
    return [
        {"label": tab.label, "url": f"{base}?tab={tab.key}" if tab.key else base, "active": tab is chosen}
        for tab in tabs
    ]


@require_GET
def my_record(request: HttpRequest) -> HttpResponse:
    """The user's own page; a word where no record is tied to the account."""
    own = Cadre.objects.filter(user_id=request.user.pk).values_list("pk", flat=True).first()
    if own is not None:
        return redirect("cadre-detail", pk=own)
    return render(request, "cadres/no_record.html")


@require_GET
def photo(request: HttpRequest, pk: int) -> FileResponse:
    """A person's photo, for those who may see the person."""
    cadre = visible_cadre(request.user, pk)
    if cadre.photo is None or "photo" not in fields_for(request.user, cadre):
        raise NotFound("没有照片。")
    response = download_response(cadre.photo)
    response["Content-Disposition"] = "inline"
    return response


def facts_of(cadre: Cadre, summary: dict[str, Any], allowed: frozenset[str]) -> list[dict[str, Any]]:
    """Label and value of what the reader may see, in the order people read a personnel form."""
    work = cadre.work_start_date
    birth = cadre.birth_date
    rows = (
        ("gender", "性别", summary["gender"]),
        ("birth", "出生年月", f"{birth.chinese()}（{summary['age']} 岁）" if birth else ""),
        ("ethnicity", "民族", summary["ethnicity_name"]),
        ("native_place", "籍贯", cadre.native_place),
        ("birthplace", "出生地", cadre.birthplace),
        ("work", "参加工作", work.chinese() if work else ""),
        ("party", "政治面貌", summary["party"]),
        ("education", "最高学历", summary["education"]),
        ("title", "职称", summary["title"]),
        ("rank", "职级", summary["rank"]),
        ("speciality", "专长", cadre.speciality),
        ("retirement_limit", "改革前退休年龄", cadre.get_retirement_limit_display()),
        ("phone", "手机号码", cadre.phone),
        ("note", "备注", cadre.note),
    )
    return [{"label": label, "value": value} for name, label, value in rows if name in allowed]


def detail_url(cadre: Cadre) -> str:
    """The address of a person's page."""
    return reverse("cadre-detail", args=[cadre.pk])


def tab_url(cadre: Cadre, kind: str) -> str:
    """The address of a history on a person's page."""
    tab = tab_of(kind)
    return f"{detail_url(cadre)}?tab={tab}#section-{kind}" if tab else detail_url(cadre)
