"""Pages of the query builder: saved queries, putting one together, its people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Unit
from accounts.scope import require
from accounts.views_base import LONGEST_ID
from cadres.facts import FACTS
from core.calendar import today
from core.errors import DomainError, Invalid, NotFound
from core.versions import version_of
from reports.forms import QuerySearchForm
from reports.models import SavedQuery
from reports.queries import drafts, running, saving
from reports.queries.catalog import CodeNames
from reports.queries.presenting import number_of, present
from reports.queries.repairing import REPAIR, problems
from reports.queries.sql import check_reader
from reports.queries.tree import PEOPLE, Query, dump, parse, read_as_of
from reports.queries.uses import uses_for
from reports.queries.words import describe
from reports.views.lists import report_tabs

_KEPT_DRAFTS = 5
_DRAFTS = "query_drafts"
NO_UNIT = "没有找到这个单位，或者它不在您的权限范围内。"
_REFUSED = (400, 403, 409, 412)


@require_GET
def query_list(request: HttpRequest) -> HttpResponse:
    """One's own queries and those that colleagues share, each in words."""
    require(request.user, "cadre.view")
    form = QuerySearchForm(request.GET)
    wanted = form.cleaned_data.get("search", "") if form.is_valid() else ""
    rows = SavedQuery.objects.visible_to(request.user).select_related("owner", "unit", "within")
    if wanted:
        rows = rows.filter(Q(name__icontains=wanted) | Q(owner__name__icontains=wanted))
    codes, shown = CodeNames(), []
    for saved in rows:
        shown.append(
            {"saved": saved, "words": saving.words_of(saved, codes), "own": saved.owner_id == request.user.pk}
        )
    context = {"rows": shown, "tabs": report_tabs("query-list"), "filter_form": form, "wanted": wanted}
    return render(request, "reports/query_list.html", context)


@require_http_methods(["GET", "POST"])
def query_new(request: HttpRequest) -> HttpResponse:
    """Put a query together; `from` copies one that one may see, `draft` goes on with one that was run."""
    require(request.user, "cadre.view")
    if request.method == "POST":
        return _posted(request, None)
    values: dict[str, Any] = {"people": "in"}
    draft = drafts.new_group()
    copied = request.GET.get("from", "")
    if copied:
        saved = saved_query(request, copied)
        draft, values = drafts.from_tree(saved.where), _values_of(saved)
        values["name"] = f"{saved.name}（副本）"[:60]
    elif request.GET.get("draft"):
        stored = _stored(request, request.GET["draft"])
        draft, values = drafts.from_tree(stored["where"]), stored
    else:
        return _page(request, draft, values, None)
    return _opened(request, draft, values, None)


@require_http_methods(["GET", "POST"])
def query_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own query."""
    saved = saved_query(request, str(pk))
    if saved.owner_id != request.user.pk:
        return redirect(f"{reverse('query-new')}?from={pk}")
    if request.method == "POST":
        return _posted(request, saved)
    values = {**_values_of(saved), "version": version_of(saved)}
    return _opened(request, drafts.from_tree(saved.where), values, saved)


@require_POST
def query_builder(request: HttpRequest) -> HttpResponse:
    """The conditions after one small edit: a fragment."""
    require(request.user, "cadre.view")
    draft = drafts.read_form(request.POST)
    fresh = drafts.edit(draft, request.POST.get("act", "")[:80])
    return render(request, "reports/queries/_builder.html", _builder(request, draft, fresh))


@require_POST
def query_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own query."""
    saved = saved_query(request, str(pk))
    saving.delete_query(saved=saved, by=request.user)
    messages.success(request, f"已删除查询“{saved.name}”。")
    return redirect("query-list")


@require_GET
def query_run(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of a saved query; one that can't be run any more opens where it is mended."""
    saved = saved_query(request, str(pk))
    names = {"query": str(pk)}
    try:
        query = saving.load_query(saved)
    except Invalid:
        return redirect(repair_url(request, names))
    return _results(request, query, names, saved)


@require_GET
def query_results(request: HttpRequest) -> HttpResponse:
    """The people of a query that isn't saved; one that can't be run any more opens where it is mended."""
    require(request.user, "cadre.view")
    names = {"draft": request.GET.get("draft", "")}
    try:
        query = _draft_query(request, names["draft"])
    except Invalid:
        return redirect(repair_url(request, names))
    return _results(request, query, names, None)


@require_GET
def query_count(request: HttpRequest) -> HttpResponse:
    """How many people a query finds, at most „超过 1,000 人“."""
    try:
        query = asked_query(request)[0]
    except Invalid:
        return render(request, "cadres/_count.html", {"words": "条件已不能用"})
    number, more = running.count(query, user=request.user)
    words = f"超过 {running.COUNT_CAP:,} 人" if more else f"共 {number:,} 人"
    return render(request, "cadres/_count.html", {"words": words})


def asked_query(request: HttpRequest) -> tuple[Query, SavedQuery | None]:
    """The query that an address names: `query` a saved one, `draft` one that isn't saved."""
    require(request.user, "cadre.view")
    if request.GET.get("query"):
        saved = saved_query(request, request.GET["query"])
        return saving.load_query(saved), saved
    return _draft_query(request, request.GET.get("draft", "")), None


def repair_url(request: HttpRequest, names: Mapping[str, str]) -> str:
    """Where a query that can't be read any more is mended: one's own as it is, a colleague's as a copy."""
    if names.get("query"):
        saved = saved_query(request, names["query"])
        own = saved.owner_id == request.user.pk
        return reverse("query-edit", args=[saved.pk]) if own else f"{reverse('query-new')}?from={saved.pk}"
    return f"{reverse('query-new')}?{urlencode({'draft': names.get('draft', '')})}"


def _opened(
    request: HttpRequest, draft: drafts.Draft, values: dict[str, Any], saved: SavedQuery | None
) -> HttpResponse:
    """The form of a query made before: what no longer means anything is marked, the rest is as it was."""
    codes = CodeNames()
    drafts.settle(draft)
    is_broken = bool(problems(draft, codes)) or bool(_within(request, values)[1])
    return _page(request, draft, values, saved, error=Invalid(REPAIR) if is_broken else None, status=200)


def _results(
    request: HttpRequest, query: Query, names: dict[str, str], saved: SavedQuery | None
) -> HttpResponse:
    user = request.user
    back = reverse("query-edit", args=[saved.pk]) if saved else f"{reverse('query-new')}?{urlencode(names)}"
    sorts = running.sorts_for(user)
    sort = request.GET.get("sort", "") if request.GET.get("sort", "") in sorts else running.DEFAULT_SORT
    context: dict[str, Any] = {
        "saved": saved, "words": describe(query), "own": saved is not None and saved.owner_id == user.pk,
        "edit_url": back, "on": query.as_of or today(), "tabs": report_tabs("query-list"),
        "is_usable": bool(uses_for(user)),
    }  # fmt: skip
    try:
        page = running.run_page(query, user=user, cursor=request.GET.get("cursor", "")[:400], sort=sort)
    except DomainError as error:
        if error.status not in _REFUSED:
            raise
        return render(
            request, "reports/query_results.html", {**context, "refusal": error.message}, status=error.status
        )
    own = reverse("query-run", args=[saved.pk]) if saved else reverse("query-results")
    kept = ({} if saved else names) | ({"sort": sort} if sort != running.DEFAULT_SORT else {})
    rows = running.rows_of(page, query, user=user)
    context |= {
        "rows": rows,
        "sorts": [
            {"label": label, "url": f"{own}?{urlencode({**kept, 'sort': name})}", "active": name == sort}
            for name, label in sorts.items()
        ],
        "columns": [FACTS[name].label for name in running.shown_facts(query)],
        "known_count": len(rows) if not page.next and not page.previous else None,
        "count_url": f"{reverse('query-count')}?{urlencode(names)}",
        "pager": {
            "next_url": f"{own}?{urlencode({**kept, 'cursor': page.next})}" if page.next else "",
            "previous_url": f"{own}?{urlencode({**kept, 'cursor': page.previous})}" if page.previous else "",
            "summary": f"本页 {len(rows)} 人" if page.next or page.previous else "",
        },
        "exports": _exports(user, names, bool(rows)),
    }
    return render(request, "reports/query_results.html", context)


def _exports(user: Any, names: dict[str, str], any_rows: bool) -> list[dict[str, str]]:
    if not any_rows or not user.holds("roster.export"):
        return []
    return [
        {
            "label": "导出（Excel）",
            "url": f"{reverse('query-export')}?{urlencode(names)}",
            "detail": "选择列和指标",
        }
    ]


def _posted(request: HttpRequest, saved: SavedQuery | None) -> HttpResponse:
    """The whole form: an edit of the structure, 运行 or 保存."""
    draft, values = drafts.read_form(request.POST), _sent_values(request)
    action = request.POST.get("act", "")
    if action not in ("run", "save"):
        fresh = drafts.edit(draft, action[:80])
        return _page(request, draft, values, saved, fresh=fresh)
    try:
        query = _read(request, draft, values)
        check_reader(query, request.user)
        if action == "run":
            return redirect(f"{reverse('query-results')}?draft={_keep(request, query, values)}")
        kept = _save(request, query, values, saved)
    except DomainError as error:
        if error.status not in _REFUSED:
            raise
        return _page(request, draft, values, saved, error=error)
    messages.success(request, f"已保存查询“{kept.name}”。")
    return redirect("query-run", pk=kept.pk)


def _save(request: HttpRequest, query: Query, values: dict[str, Any], saved: SavedQuery | None) -> SavedQuery:
    options: dict[str, Any] = {
        "by": request.user, "name": values["name"], "query": query, "is_shared": values["is_shared"],
        "unit": _unit(request, values["unit"], saving.own_units(request.user)),
    }  # fmt: skip
    if saved is None:
        return saving.save_query(**options)
    return saving.change_query(saved=saved, version=values["version"], **options)


def _read(request: HttpRequest, draft: drafts.Draft, values: dict[str, Any]) -> Query:
    within = _unit(request, values["within"], Unit.objects.visible_to(request.user))
    as_of = read_as_of(values["as_of"])
    return saving.build_query(
        where=drafts.to_tree(draft), within=within, as_of=as_of, people=values["people"]
    )


def _unit(request: HttpRequest, text: str, units: Any) -> Unit | None:
    if not text:
        return None
    found = units.filter(pk=text).first() if _is_key(text) else None
    if found is None:
        raise Invalid(NO_UNIT, errors={"within": [NO_UNIT]})
    return found


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < LONGEST_ID


def _sent_values(request: HttpRequest) -> dict[str, Any]:
    sent = {name: request.POST.get(name, "")[:200] for name in ("name", "unit", "within", "as_of", "version")}
    people = request.POST.get("people", "in")
    return {
        **sent,
        "people": people if people in PEOPLE else "in",
        "is_shared": bool(request.POST.get("is_shared")),
    }


def _values_of(saved: SavedQuery) -> dict[str, Any]:
    return {
        "name": saved.name, "unit": str(saved.unit_id), "is_shared": saved.is_shared, "people": saved.people,
        "within": str(saved.within_id or ""), "as_of": saved.as_of.isoformat() if saved.as_of else "",
    }  # fmt: skip


def _page(
    request: HttpRequest, draft: drafts.Draft, values: dict[str, Any], saved: SavedQuery | None, *,
    fresh: str = "", error: DomainError | None = None, status: int = 422,
) -> HttpResponse:  # fmt: skip
    named, gone = _within(request, values)
    built = _builder(request, draft, fresh, is_whole=error is not None)
    context = {
        **built, "values": {**values, "within": values.get("within", "") if named else ""}, "saved": saved,
        "error": error, "others": _other_sentences(error, built["marked"]),
        "within_name": named.name if named else "", "within_gone": gone,
        "units": list(saving.own_units(request.user)),
        "people_choices": list(PEOPLE.items()), "tabs": report_tabs("query-list"),
    }  # fmt: skip
    return render(request, "reports/query_edit.html", context, status=status if error else 200)


def _other_sentences(error: DomainError | None, marked: list[Any]) -> list[str]:
    """What a refusal says beside the conditions that are marked."""
    if error is None:
        return []
    places = {
        name: texts for name, texts in error.errors.items() if not (marked and name.startswith("where"))
    }
    said = [text for texts in places.values() for text in texts]
    return said or ([] if marked and error.errors else [error.message])


def _within(request: HttpRequest, values: dict[str, Any]) -> tuple[Unit | None, str]:
    """The unit of the form, or why there is none although one was chosen."""
    text = values.get("within", "")
    named = Unit.objects.visible_to(request.user).filter(pk=text).first() if _is_key(text) else None
    return named, NO_UNIT if text and named is None else ""


def _builder(
    request: HttpRequest, draft: drafts.Draft, fresh: str, *, is_whole: bool = False
) -> dict[str, Any]:
    """The conditions as their template draws them, and in words where they can be read.

    `is_whole` marks what isn't filled in yet, too: somebody wanted to run or save it.
    """
    codes = CodeNames()
    drafts.settle(draft)
    wrong = problems(draft, codes, unfinished=is_whole)
    try:
        group, codes = parse(drafts.to_tree(draft), codes=codes)
        words, hint = describe(Query(group, codes=codes)), ""
    except Invalid as error:
        words, hint = "", error.message
    root = present(draft, user=request.user, codes=codes, fresh=fresh, problems=wrong)
    marked = [(place, number_of(place), sentence) for place, sentence in wrong.items()]
    return {"root": root, "words": words, "hint": hint, "marked": marked}


def saved_query(request: HttpRequest, key: str) -> SavedQuery:
    """Return a saved query of the reader's own or shared with them; raises NotFound for any other."""
    require(request.user, "cadre.view")
    rows = SavedQuery.objects.visible_to(request.user).select_related("owner", "unit", "within")
    found = rows.filter(pk=key).first() if _is_key(key) else None
    if found is None:
        raise NotFound("没有找到这个查询。")
    return found


def _keep(request: HttpRequest, query: Query, values: dict[str, Any]) -> str:
    """Keep what was run in the session, the last few; return the key."""
    stored = {
        "where": dump(query.where),
        **{name: values[name] for name in ("within", "as_of", "people", "name")},
    }
    text = json.dumps(stored, ensure_ascii=False, sort_keys=True)
    token = hashlib.sha256(text.encode()).hexdigest()[:16]
    known = {key: each for key, each in request.session.get(_DRAFTS, {}).items() if key != token}
    request.session[_DRAFTS] = dict([*known.items(), (token, stored)][-_KEPT_DRAFTS:])
    return token


def _stored(request: HttpRequest, token: str) -> dict[str, Any]:
    found = request.session.get(_DRAFTS, {}).get(token)
    if found is None:
        raise NotFound("这次查询的条件已经不在了，请重新填写。")
    return dict(found)


def _draft_query(request: HttpRequest, token: str) -> Query:
    stored = _stored(request, token)
    query = saving.build_query(
        where=stored["where"], as_of=read_as_of(stored["as_of"]), people=stored["people"]
    )
    return replace(query, within=_unit(request, stored["within"], Unit.objects.visible_to(request.user)))
