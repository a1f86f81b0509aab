"""Verbs on posts: create, edit, close, open again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import Unit, User
from accounts.scope import require
from cadres.models import Appointment, Post
from cadres.services.changes import check_version, save_changes, save_new, set_values
from core import audit
from core.errors import Invalid, WrongMoment

audit.register("post.create", "设立岗位")
audit.register("post.edit", "修改岗位")
audit.register("post.close", "撤销岗位")
audit.register("post.reopen", "恢复岗位")

FIELDS = ("title", "category", "level", "headcount", "opened_on")


def create_post(*, unit: Unit, by: User, **values: Any) -> Post:
    """Set up a post at a unit; raises Invalid when an open post of that name is there already."""
    with transaction.atomic():
        require(by, "post.edit", unit)
        post = Post(unit=unit, unit_path=unit.path)
        set_values(post, _known(values))
        post.title = post.title.strip()
        try:
            with transaction.atomic():
                save_new(post, action="post.create", by=by, fields=("unit", *FIELDS), unit_name=unit.name)
        except IntegrityError as error:
            raise _refused(post, error) from None
        return post


def edit_post(*, post: Post, by: User, version: str = "", **values: Any) -> Post:
    """Change a post; raises Stale for an older version. The unit of a post never changes."""
    with transaction.atomic():
        locked = _locked(post, by)
        check_version(locked, version)
        try:
            with transaction.atomic():
                save_changes(
                    locked, _known(values), action="post.edit", by=by, unit_name=locked.unit.name
                )  # fmt: skip
        except IntegrityError as error:
            raise _refused(locked, error) from None
        return locked


def close_post(*, post: Post, on: date, by: User) -> Post:
    """Close a post from a day on; raises Invalid while somebody holds it that day or later."""
    with transaction.atomic():
        locked = _locked(post, by)
        if locked.opened_on and on < locked.opened_on:
            raise Invalid("撤销日期早于设立日期。", errors={"on": ["不能早于设立日期。"]})
        holders = Appointment.objects.filter(Q(end=None) | Q(end__gt=on), post=locked).select_related("cadre")
        names = "、".join(appointment.cadre.name for appointment in holders[:5])
        if names:
            raise Invalid(f"还有人任这个岗位（{names}），请先登记免职。")
        save_changes(
            locked, {"closed_on": on}, action="post.close", by=by, unit_name=locked.unit.name
        )  # fmt: skip
        return locked


def reopen_post(*, post: Post, by: User) -> Post:
    """Open a closed post again.

    Raises WrongMoment for an open one, Invalid at a closed unit or where an open post has its name by now.
    """
    with transaction.atomic():
        locked = _locked(post, by)
        if locked.closed_on is None:
            raise WrongMoment("这个岗位没有撤销。")
        if locked.unit.is_closed:
            raise Invalid(f"“{locked.unit.name}”已经撤销，岗位不能恢复。")
        try:
            with transaction.atomic():
                save_changes(
                    locked, {"closed_on": None}, action="post.reopen", by=by, unit_name=locked.unit.name
                )  # fmt: skip
        except IntegrityError as error:
            raise _refused(locked, error) from None
        return locked


def _locked(post: Post, by: User) -> Post:
    locked = Post.objects.select_for_update(of=("self",)).select_related("unit").get(pk=post.pk)
    require(by, "post.edit", locked)
    return locked


def _known(values: dict[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"not a field of a post: {', '.join(sorted(unknown))}")
    return values


def _refused(post: Post, error: IntegrityError) -> Exception:
    if "post_unique_at_unit" in str(error):
        sentence = f"“{post.unit.name}”已经有名为“{post.title}”的岗位。"
        return Invalid(sentence, errors={"title": [sentence]})
    return error
