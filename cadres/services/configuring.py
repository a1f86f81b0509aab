"""Verbs on plain configuration: codes, norms of structure, the retirement schedule; saved, ended, taken out of use."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.scope import require
from cadres.models import Code, Norm, RetirementRule
from cadres.services.changes import check, check_version, shown
from core import audit
from core.errors import Invalid, WrongMoment

audit.register("config.add", "新增基础数据")
audit.register("config.edit", "修改基础数据")

# What a row is made of.
FIELDS: dict[type[Any], tuple[str, ...]] = {
    Code: ("list", "code", "name", "short", "aliases", "level", "order", "is_active"),
    Norm: (
        "measure", "population", "unit_kind", "stage", "direction", "limit", "start", "end", "basis",
        "is_unverified",
    ),
    RetirementRule: ("category", "start", "step_months", "most_months", "basis", "is_unverified"),
}  # fmt: skip
# What the database refuses, in words: constraint → field and sentence.
_REFUSALS = {
    "code_unique_in_list": ("code", "这张代码表里已有这个代码。"),
    "norm_once_from_a_day": ("start", "同一指标、对象、适用范围和要求，从这一天起已有一条标准，请直接修改那一条。"),
    "norm_period_in_order": ("end", "“止”须晚于“起”。"),
    "norm_limit_not_negative": ("limit", "标准不能是负数。"),
    "norm_headcount_is_of_a_team": ("population", "正职、副职人数只对领导班子有标准。"),
    "retirement_rule_once_a_month": ("start", "这一类别从这个月起已有一条规则，请直接修改那一条。"),
    "retirement_rule_starts_a_month": ("start", "起算月请填当月 1 日。"),
    "retirement_rule_has_a_step": ("step_months", "每满几个月延迟一个月，最少填 1。"),
}  # fmt: skip


def save_row(*, row: Any, by: User, version: str = "") -> Any:
    """Save a row that is new or was changed; the trail says what it was and is.

    Needs `cadre.edit`. Raises Stale when `version` is given and isn't that of the stored row, Invalid for what its
    fields or the table's constraints refuse; a code keeps its list and number, since records hang on them.
    """
    require(by, "cadre.edit")
    names = FIELDS[type(row)]
    with transaction.atomic():
        stored = type(row).objects.select_for_update().filter(pk=row.pk).first() if row.pk else None
        if stored is not None:
            check_version(stored, version)
        if (
            isinstance(row, Code)
            and stored is not None
            and (stored.list, stored.code) != (row.list, row.code)
        ):
            raise Invalid("代码表和代码不能修改。", errors={"code": ["代码表和代码不能修改。"]})
        check(row)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise _refused(error) from None
        before = shown(stored, names) if stored is not None else None
        after = shown(row, names)
        if before is not None:
            after = {label: value for label, value in after.items() if before[label] != value}
            before = {label: before[label] for label in after}
        if after:
            audit.record(
                "config.edit" if stored else "config.add", by=by, obj=row, before=before, after=after
            )
        return row


def set_in_use(*, code: Code, is_active: bool, by: User) -> Code:
    """Take a code out of use, or into use again; records that have it keep it. Raises WrongMoment without a change."""
    with transaction.atomic():
        code = _locked(code)
        if code.is_active == is_active:
            raise WrongMoment("已经在用。" if is_active else "已经停用。")
        code.is_active = is_active
        return save_row(row=code, by=by)


def end_norm(*, norm: Norm, on: date, by: User) -> Norm:
    """Say from which day a norm no longer applies; earlier days keep it. Raises Invalid before its start."""
    with transaction.atomic():
        norm = _locked(norm)
        norm.end = on
        return save_row(row=norm, by=by)


def mark_verified(*, row: Norm | RetirementRule, by: User) -> Any:
    """Note that a row was compared with its source. Raises WrongMoment where it was."""
    with transaction.atomic():
        row = _locked(row)
        if not row.is_unverified:
            raise WrongMoment("已经核对过。")
        row.is_unverified = False
        return save_row(row=row, by=by)


def _locked(row: Any) -> Any:
    """The row as it is now, locked: a verb changes one column and writes over nothing that a colleague saved."""
    return type(row).objects.select_for_update().get(pk=row.pk)


def _refused(error: IntegrityError) -> Exception:
    """The database's refusal in words; any other as it came."""
    for constraint, (field, sentence) in _REFUSALS.items():
        if constraint in str(error):
            return Invalid(sentence, errors={field: [sentence]})
    return error
