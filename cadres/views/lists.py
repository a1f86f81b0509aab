"""The roster list: filters in the address, keyset paging, a count that is asked for afterwards; the picker."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET
from django.views.generic import TemplateView

from accounts.models import Unit
from accounts.scope import require
from accounts.views_base import CapabilityRequired
from cadres.forms.lists import CadreFilterForm
from cadres.listing import COUNT_CAP, PAGE_SIZE, SORTS, count, list_page
from cadres.models import Appointment, Cadre, Post
from cadres.summaries import summaries
from core.calendar import today
from core.navigation import entries_for

MOST_OPTIONS = 10
MOST_UNITS = 5
TABS = (
    ("", "在职"),
    (Post.Category.HEAD, "正职"),
    (Post.Category.DEPUTY, "副职"),
    (Post.Category.MIDDLE, "中层"),
    ("hosted", "在外挂职"),
    ("left", "已离开"),
    ("all", "全部"),
)
# What a click on a column's heading asks for; a second click turns the order round where that makes sense.
_COLUMNS = {"name": ("name",), "unit": ("unit",), "birth": ("birth", "-birth"), "post": ("post", "-post")}


class CadreList(CapabilityRequired, TemplateView):
    """People in view, fifty at a time."""

    capability = "cadre.view"
    template_name = "cadres/cadre_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One page of rows; how many there are is asked for when the page stands."""
        user, asked = self.request.user, self.request.GET
        tab, sort = asked.get("tab", ""), asked.get("sort", "name")
        sort = sort if sort in SORTS else "name"
        form = CadreFilterForm(asked, user=user)
        criteria = form.criteria(tab, sort)
        page = list_page(user, criteria, cursor=asked.get("cursor", "")[:400])
        rows = [_shown(row) for row in summaries(page.ids, user=user)]
        kept = _kept(asked)
        units = _units_named(user, criteria.search) if criteria.search and not rows else []
        return super().get_context_data(
            rows=rows, form=form, filtered=bool(form.has_changed() or tab), units=units, sort=sort,
            tabs=_tabs(kept, tab), sorts=_sorts(kept, sort), headings=_headings(kept, sort),
            pager={
                "next_url": _url(kept, cursor=page.next) if page.next else "",
                "previous_url": _url(kept, cursor=page.previous) if page.previous else "",
                "summary": f"本页 {len(rows)} 人，每页 {PAGE_SIZE} 人" if page.next or page.previous else "",
            },
            clear_url=reverse("cadre-list"), count_url=f"{reverse('cadre-count')}?{urlencode(kept)}",
            known_count=len(rows) if not page.next and not page.previous else None,
            import_url=_address("cadre-import") if user.holds("roster.import") else "",
            exports=_exports(user, kept), tools=entries_for(user, place="roster"), may_add=user.holds("cadre.edit"), **kwargs,
        )  # fmt: skip


@require_GET
def count_cadres(request: HttpRequest) -> HttpResponse:
    """How many people the list's filters find, at most „超过 1,000 人“."""
    require(request.user, "cadre.view")
    form = CadreFilterForm(request.GET, user=request.user)
    number, more = count(request.user, form.criteria(request.GET.get("tab", ""), "name"))
    words = f"超过 {COUNT_CAP:,} 人" if more else f"共 {number:,} 人"
    return render(request, "cadres/_count.html", {"words": words})


@require_GET
def pick_cadre(request: HttpRequest) -> HttpResponse:
    """Options of the person picker: people in service in view, with unit and post, since names repeat."""
    require(request.user, "cadre.view")
    posts = Appointment.objects.main().on(today())
    found = (
        Cadre.objects.visible_to(request.user)
        .in_service()
        .matching(request.GET.get("q", "")[:60])
        .select_related("unit")
        .prefetch_related(Prefetch("appointments", posts, to_attr="main_posts"))
        .order_by("name_key", "id")[:MOST_OPTIONS]
    )
    options = [
        {
            "value": cadre.pk, "text": cadre.name,
            "detail": " · ".join([cadre.unit.name, *(post.title for post in cadre.main_posts)]),
        }
        for cadre in found
    ]  # fmt: skip
    return render(request, "components/_picker_options.html", {"options": options})


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A summary with what only the page needs: its address, the month of the post in words."""
    since = row["post_since"]
    row["url"] = f"/cadres/{row['id']}/"
    row["since"] = f"{since[:4]}年" + (f"{int(since[5:7])}月" if len(since) > 4 else "") if since else ""
    return row


def _kept(asked: Any) -> dict[str, str]:
    """The list's own parameters of the address, without the place in the list."""
    names = [*CadreFilterForm.base_fields, "tab", "sort"]
    return {name: asked[name] for name in names if asked.get(name)}


def _url(kept: dict[str, str], **changes: str) -> str:
    merged = {name: value for name, value in {**kept, **changes}.items() if value}
    return f"{reverse('cadre-list')}?{urlencode(merged)}" if merged else reverse("cadre-list")


def _tabs(kept: dict[str, str], chosen: str) -> list[dict[str, Any]]:
    rest = {name: value for name, value in kept.items() if name not in ("tab", "category")}
    return [
        {"label": label, "url": _url(rest, tab=str(name)), "count": None, "active": name == chosen}
        for name, label in TABS
    ]


def _sorts(kept: dict[str, str], chosen: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": _url(kept, sort=name), "active": name == chosen}
        for name, label in SORTS.items()
    ]


def _headings(kept: dict[str, str], chosen: str) -> dict[str, dict[str, str]]:
    """Where each heading leads and which way its column is sorted now."""
    found = {}
    for column, orders in _COLUMNS.items():
        following = orders[(orders.index(chosen) + 1) % len(orders)] if chosen in orders else orders[0]
        way = "" if chosen not in orders else "descending" if chosen.startswith("-") else "ascending"
        found[column] = {"url": _url(kept, sort=following), "way": way}
    return found


def _units_named(user: Any, text: str) -> list[Unit]:
    """Units a search that found nobody may have meant."""
    return list(Unit.objects.visible_to(user).open().filter(name__contains=text.strip())[:MOST_UNITS])


def _exports(user: Any, kept: dict[str, str]) -> list[dict[str, str]]:
    url = _address("cadre-export")
    if not url or not user.holds("roster.export"):
        return []
    label = "导出名册（Excel）"
    forms, histories = _address("cadre-forms"), _address("cadre-histories")
    return [
        {"label": label, "url": f"{url}?{urlencode(kept)}", "detail": "按当前条件，可再导入"},
        {
            "label": "任免审批表（压缩包）",
            "url": f"{forms}?{urlencode(kept)}",
            "detail": "每人一份 Word 或 .lrmx",
            "icon": "file-text",
        },
        {
            "label": "信息集（Excel）",
            "url": f"{histories}?{urlencode(kept)}",
            "detail": "履历工作簿或信息提取表",
            "icon": "school",
        },
    ]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
