"""Leaving a finding as it is, with a reason, and taking that back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import MD5, Cast, Coalesce, Concat

from accounts.models import User
from accounts.scope import require
from cadres.models import Cadre
from core import audit
from core.calendar import now, today
from core.errors import Invalid, NotFound
from reports.models import QualityFinding, QualityWaiver
from reports.quality.rules import RULES, Rule

audit.register("quality.waived", "忽略数据质量问题")
audit.register("quality.unwaived", "恢复已忽略的数据质量问题")

LONGEST_REASON = 200


def watched(rule: Rule, prefix: str = "") -> Combinable:
    """Return the digest (SQL) of what a rule watches of a person; `prefix` is the way from a row to its cadre."""
    text = TextField()
    parts: list[Combinable] = []
    for column in rule.watches:
        value = Coalesce(Cast(F(f"{prefix}{column}"), text), Value("", text))
        parts += [value, Value("|", text)]
    return MD5(Concat(*parts))


def drop_outdated(rule: Rule) -> None:
    """Forget the waivers of values that have changed since: the rule is asked anew."""
    if rule.watches:
        rows = QualityWaiver.objects.filter(rule=rule.name).exclude(seen="")
        rows.annotate(stands=watched(rule, "cadre__")).exclude(seen=F("stands")).delete()


def waive(*, finding: QualityFinding, reason: str, by: User) -> QualityWaiver:
    """Leave a finding as it is; no check finds it again until the waiver is taken back, or the values change.

    Needs `cadre.edit` where the record is. Raises Invalid without a reason, NotFound when it was seen to meanwhile.
    """
    clean = reason.strip()
    if not clean or len(clean) > LONGEST_REASON:
        sentence = f"请写明原因，不超过 {LONGEST_REASON} 个字。"
        raise Invalid(sentence, errors={"reason": [sentence]})
    with transaction.atomic():
        locked = QualityFinding.objects.select_for_update(of=("self",)).filter(pk=finding.pk).first()
        if locked is None:
            raise NotFound("这条问题已经处理，或名册刚刚重新检查过，请刷新列表。")
        about = locked.post or locked.cadre
        assert about is not None
        require(by, "cadre.edit", about)
        waiver, _ = QualityWaiver.objects.update_or_create(
            rule=locked.rule, cadre=locked.cadre, other=locked.other, post=locked.post,
            defaults={"reason": clean, "seen": _seen(locked), "waived_by": by, "waived_at": now()},
        )  # fmt: skip
        locked.delete()
        audit.record(
            "quality.waived", by=by, obj=about, after={"规则": RULES[waiver.rule].label}, note=clean,
            unit_name=about.unit.name,
        )  # fmt: skip
    return waiver


def _seen(finding: QualityFinding) -> str:
    rule = RULES.get(finding.rule)
    if rule is None or not rule.watches:
        return ""
    rows = Cadre.objects.filter(pk=finding.cadre_id).annotate(stands=watched(rule))
    return str(rows.values_list("stands", flat=True).get())


def take_back(*, waiver: QualityWaiver, by: User) -> bool:
    """Take a waiver back; returns whether the rule is broken still, which the list then shows at once.

    Needs `cadre.edit` where the record is. Raises NotFound when a colleague was faster.
    """
    about = waiver.post or waiver.cadre
    assert about is not None
    require(by, "cadre.edit", about)
    rule = RULES.get(waiver.rule)
    with transaction.atomic():
        # Locked: sent twice it is taken back once, and one finding comes of it.
        if QualityWaiver.objects.select_for_update(of=("self",)).filter(pk=waiver.pk).first() is None:
            raise NotFound("这一条已经恢复，请刷新列表。")
        waiver.delete()
        is_broken = rule is not None and about.pk in rule.broken(today(), [about.pk])
        if is_broken:
            QualityFinding.objects.create(
                rule=waiver.rule, unit=about.unit, cadre=waiver.cadre, other=waiver.other, post=waiver.post
            )
        audit.record(
            "quality.unwaived", by=by, obj=about, before={"规则": rule.label if rule else "", "原因": waiver.reason},
            unit_name=about.unit.name,
        )  # fmt: skip
    return is_broken
