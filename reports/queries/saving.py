"""Verbs on saved queries and column choices: save, change, copy, delete; and a saved one as a query again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import Grant, Unit, User
from accounts.roles import roles_with
from accounts.scope import require
from cadres.facts import FACTS
from core import audit
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.versions import require_version
from reports.models import ColumnChoice, SavedQuery
from reports.queries.catalog import CodeNames
from reports.queries.sql import check_reader
from reports.queries.tree import PEOPLE, Query, dump, parse
from reports.queries.words import describe

audit.register("query.saved", "保存查询")
audit.register("query.changed", "修改查询")
audit.register("query.deleted", "删除查询")
audit.register("query.run", "按敏感信息查询干部")

MOST_SAVED = 200
FACT_PREFIX = "fact:"


def own_units(user: User) -> QuerySet[Unit]:
    """Return the units at which the user holds a role that sees the roster: a query belongs to one of them."""
    held = Grant.objects.in_force().filter(user_id=user.pk, role__in=roles_with("cadre.view"))
    return Unit.objects.filter(pk__in=held.values("unit_id")).order_by("path")


def save_query(
    *, by: User, name: str, query: Query, unit: Unit | None = None, is_shared: bool = False
) -> SavedQuery:
    """Save a query of one's own; `unit` is one of own_units (the highest when none is named).

    Raises Invalid for a name in use, too many queries, or a unit that isn't one's own; NotAllowed for a
    condition above one's own level.
    """
    require(by, "cadre.view")
    check_reader(query, by)
    values = {**_values(name, query), "unit": _own_unit(by, unit), "is_shared": is_shared}
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        if SavedQuery.objects.filter(owner=by).count() >= MOST_SAVED:
            raise Invalid(f"最多保存 {MOST_SAVED} 个查询，请先删除不用的。")
        saved = _store(SavedQuery(owner=by, **values))
        _note("query.saved", saved, query, by)
    return saved


def change_query(
    *, saved: SavedQuery, by: User, name: str, query: Query, unit: Unit | None = None,
    is_shared: bool = False, version: str = "",
) -> SavedQuery:  # fmt: skip
    """Change one's own query. Raises Stale for an older version, and as save_query does."""
    check_reader(query, by)
    with transaction.atomic():
        locked = _own(saved, by)
        if version:
            require_version(locked, version)
        values = {**_values(name, query), "is_shared": is_shared}
        values["unit"] = locked.unit if unit is None else _own_unit(by, unit)
        for field, value in values.items():
            setattr(locked, field, value)
        _store(locked)
        _note("query.changed", locked, query, by)
    return locked


def share_query(*, saved: SavedQuery, is_shared: bool, by: User) -> SavedQuery:
    """Share one's own query with its unit, or no longer. Raises WrongMoment without a change, else as change_query."""
    if saved.is_shared == is_shared:
        raise WrongMoment("已经共享。" if is_shared else "没有共享。")
    return change_query(saved=saved, by=by, name=saved.name, query=load_query(saved), is_shared=is_shared)


def delete_query(*, saved: SavedQuery, by: User) -> None:
    """Delete one's own query; nobody's data goes with it."""
    with transaction.atomic():
        locked = _own(saved, by)
        audit.record(
            "query.deleted", by=by, obj=locked, before={"条件": locked.where}, unit_name=locked.unit.name
        )
        locked.delete()


def load_query(saved: SavedQuery) -> Query:
    """Return a saved query as one that can be run. Raises Invalid when it names what no longer exists."""
    group, codes = parse(saved.where)
    return Query(group, saved.within, saved.as_of, saved.people, codes)


def words_of(saved: SavedQuery, codes: CodeNames | None = None) -> str:
    """Return a saved query in words; one that can't be run any more says so."""
    try:
        group, names = parse(saved.where, codes=codes)
    except Invalid as error:
        return f"这个查询已不能运行：{error.message}"
    return describe(Query(group, saved.within, saved.as_of, saved.people, names))


def build_query(
    *, where: Any, within: Unit | None = None, as_of: dt.date | None = None, people: str = "in"
) -> Query:
    """Return a query out of what somebody sent. Raises Invalid as reading the tree does."""
    if people not in PEOPLE:
        raise Invalid("没有这个选项。", errors={"people": ["没有这个选项。"]})
    group, codes = parse(where)
    return Query(group, within, as_of, people, codes)


def within_unit(query: Query, unit: Unit | None) -> Query:
    """The same query for another part of the tree."""
    return query if unit is None else replace(query, within=unit)


def save_columns(*, by: User, name: str, columns: Sequence[str]) -> ColumnChoice:
    """Save columns under a name; the same name again replaces them. Raises Invalid for an unknown fact."""
    require(by, "roster.export")
    clean = name.strip()
    if not clean or len(clean) > 60 or not columns:
        raise Invalid("请填写模板名称，并至少选择一列。", errors={"template": ["请填写模板名称。"]})
    unknown = [
        each for each in columns if each.startswith(FACT_PREFIX) and each[len(FACT_PREFIX) :] not in FACTS
    ]
    if unknown:
        raise Invalid("没有这个指标。", errors={"columns": ["没有这个指标。"]})
    choice, _ = ColumnChoice.objects.update_or_create(
        owner=by, name=clean, defaults={"columns": list(columns)}
    )
    return choice


def delete_columns(*, choice: ColumnChoice, by: User) -> None:
    """Delete one's own column choice; raises NotFound for another's."""
    if choice.owner_id != by.pk:
        raise NotFound("没有找到这个模板。")
    choice.delete()


def _values(name: str, query: Query) -> dict[str, Any]:
    clean = name.strip()
    if not clean or len(clean) > 60:
        raise Invalid("请填写查询的名称。", errors={"name": ["请填写 1 到 60 个字的名称。"]})
    return {
        "name": clean, "where": dump(query.where), "within": query.within, "as_of": query.as_of,
        "people": query.people,
    }  # fmt: skip


def _own_unit(by: User, unit: Unit | None) -> Unit:
    units = own_units(by)
    found = units.first() if unit is None else units.filter(pk=unit.pk).first()
    if found is None:
        sentence = "只能保存到您任职授权所在的单位。"
        raise Invalid(sentence, errors={"unit": [sentence]})
    return found


def _own(saved: SavedQuery, by: User) -> SavedQuery:
    """The row locked. Raises NotFound out of view, NotAllowed for somebody else's."""
    seen = SavedQuery.objects.visible_to(by).filter(pk=saved.pk).exists()
    locked = SavedQuery.objects.select_for_update().filter(pk=saved.pk).first() if seen else None
    if locked is None:
        raise NotFound("没有找到这个查询。")
    if locked.owner_id != by.pk:
        raise NotAllowed("这是同事共享的查询，只能查看和运行；需要修改可以另存为自己的。")
    return locked


def _store(saved: SavedQuery) -> SavedQuery:
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        if "query_name_once" not in str(error):
            raise
        sentence = "您已有同名的查询，请换一个名称。"
        raise Invalid(sentence, errors={"name": [sentence]}) from None
    return saved


def _note(action: str, saved: SavedQuery, query: Query, by: User) -> None:
    audit.record(
        action, by=by, obj=saved, after={"条件": describe(query), "共享": saved.is_shared},
        unit_name=saved.unit.name,
    )  # fmt: skip
