"""Checks the whole roster by every rule and keeps what was found: one statement a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from accounts.models import Grant, Unit, User
from accounts.scope import require
from cadres.models import Cadre
from core import audit
from core.calendar import now, today
from core.errors import Invalid, NotFound
from core.inbox import NewMessage, send_many
from core.jobs import enqueue
from core.models import Job
from reports.models import QualityCheck, QualityFinding
from reports.quality.rules import GROUPS, RULES, Rule
from reports.quality.waiving import drop_outdated

audit.register("quality.reminded", "提醒核对名册")
audit.register("quality.rechecked", "重新检查所选干部")

KIND = "quality.check"
# One check at a time: two would each write all findings.
_LOCK = 7_301_177
_BATCH = 5_000
_NO_CHECK = "还没有检查过名册，请先检查。"
_INSERT = (
    "INSERT INTO reports_qualityfinding (rule, unit_id, unit_path, cadre_id, other_id, post_id) "
    "SELECT %s, unit_id, unit_path, {columns} FROM ({rows}) found "
    # What somebody left as it is, with a reason, isn't found again.
    "WHERE NOT EXISTS (SELECT FROM reports_qualitywaiver waiver WHERE waiver.rule = %s AND {same})"
)


def request_check(*, by: User) -> Job:
    """Ask for a check now; the one under way is returned when there is one. Needs `cadre.edit`."""
    require(by, "cadre.edit")
    running = Job.objects.filter(kind=KIND, status__in=[Job.Status.QUEUED, Job.Status.RUNNING], asked_by=by)
    return running.first() or enqueue(KIND, by=by, parameters={})


def check_roster(*, progress: Callable[[int, str], None] | None = None) -> dict[str, int]:
    """Check all rules and replace the findings of the last check; returns how many broke each rule."""
    found: dict[str, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        QualityFinding.objects.all().delete()
        for number, rule in enumerate(RULES.values()):
            if progress is not None:
                progress(100 * number // len(RULES), rule.label)
            found[rule.name] = _write(cursor, rule)
        QualityCheck.objects.all().delete()
        QualityCheck.objects.create(checked_at=now(), on=today())
    return found


def recheck_people(*, cadres: QuerySet[Cadre], by: User) -> tuple[int, int]:
    """Check chosen people anew by every rule about people; returns how many findings there were, and are now.

    Needs `cadre.edit`; people outside the asker's scope are left out. Raises Invalid before the first check of all.
    """
    require(by, "cadre.edit")
    if not QualityCheck.objects.exists():
        raise Invalid(_NO_CHECK)
    keys = list(
        Cadre.objects.visible_to(by, "cadre.edit")
        .filter(pk__in=cadres.order_by().values("pk"))
        .values_list("pk", flat=True)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        before, _ = QualityFinding.objects.filter(cadre__in=keys).delete()
        after = sum(_write(cursor, rule, keys) for rule in RULES.values() if rule.about == "cadre")
        audit.record("quality.rechecked", by=by, after={"人数": len(keys), "之前": before, "现在": after})
    return before, after


def _write(cursor: Any, rule: Rule, people: list[int] | None = None) -> int:
    drop_outdated(rule)
    rows = rule.rows(today())
    if people is not None:
        rows = rows.filter(pk__in=people)
    if rule.sift is None:
        return _insert(cursor, rule, rows)
    keys = list(rule.sift(rows))
    batches = [keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH)]
    return sum(_insert(cursor, rule, Cadre.objects.filter(pk__in=batch).order_by()) for batch in batches)


def _insert(cursor: Any, rule: Rule, rows: QuerySet[Any]) -> int:
    columns, same = "NULL, NULL, id", "waiver.post_id = found.id"
    values = ["id", "unit_id", "unit_path"]
    if rule.about == "cadre":
        twins = "earlier" in rows.query.annotations
        columns = "id, earlier, NULL" if twins else "id, NULL, NULL"
        same = "waiver.cadre_id = found.id" + (" AND waiver.other_id = found.earlier" if twins else "")
        values += ["earlier"] if twins else []
    sql, parameters = rows.values(*values).query.sql_with_params()
    cursor.execute(_INSERT.format(columns=columns, rows=sql, same=same), [rule.name, *parameters, rule.name])
    return int(cursor.rowcount)


@dataclass(frozen=True)
class RuleCount:
    """A rule with how many rows in somebody's reach break it."""

    rule: Rule
    count: int

    @property
    def group(self) -> str:
        """The group in words."""
        return GROUPS[self.rule.group]


def counts_for(user: User, *, within: Unit | None = None) -> list[RuleCount]:
    """Return all rules with their counts in a user's reach (and within a unit), those broken most first."""
    rows = findings(user, within=within).order_by().values("rule").annotate(count=Count("pk"))
    counts = dict(rows.values_list("rule", "count"))
    found = [RuleCount(rule, counts.get(rule.name, 0)) for rule in RULES.values()]
    return sorted(found, key=lambda each: -each.count)


def findings(user: User, rule: str = "", *, within: Unit | None = None) -> QuerySet[QualityFinding]:
    """Return what a user may see of the findings, of one rule or all. Raises NotFound for an unknown rule."""
    if rule and rule not in RULES:
        raise NotFound("没有这条规则。")
    rows = QualityFinding.objects.visible_to(user)
    if rule:
        rows = rows.filter(rule=rule)
    return rows.filter(unit_path__startswith=within.path) if within else rows


def still_broken(rows: Iterable[QualityFinding], rule: Rule) -> set[int]:
    """Return the keys of those findings of a page that hold now: a record may have been mended since."""
    page = list(rows)
    about = [row.post_id if rule.about == "post" else row.cadre_id for row in page]
    broken = rule.broken(today(), about)
    return {row.pk for row, key in zip(page, about, strict=True) if key in broken}


def remind_units(*, rule: str, by: User, unit: Unit | None = None) -> int:
    """Tell the leaders of the units in whose records a rule is broken; returns how many were told.

    Once per check, unit and rule. Needs `cadre.edit`. Raises Invalid without a check, or when
    nobody there has an account.
    """
    require(by, "cadre.edit", unit)
    broken = findings(by, rule, within=unit).order_by().values("unit").annotate(count=Count("pk"))
    counts = dict(broken.values_list("unit", "count"))
    check = QualityCheck.objects.first()
    if check is None:
        raise Invalid(_NO_CHECK)
    leaders = Grant.objects.in_force().filter(unit__in=counts, role__in=("principal", "central"))
    messages = [
        NewMessage(
            grant.user, f"quality:{check.pk}:{rule}:{grant.unit_id}",
            title=f"{grant.unit.name}有 {counts[grant.unit_id]} 条名册信息待核对：{RULES[rule].label}",
            body=RULES[rule].advice, url=f"/reports/quality/{rule}/?unit={grant.unit_id}",
        )
        for grant in leaders.select_related("user", "unit").filter(user__is_active=True)
    ]  # fmt: skip
    if not messages:
        sentence = "这些单位还没有开通账号的负责人，没有人可以提醒。"
        raise Invalid(sentence)
    with transaction.atomic():
        told = len(send_many(messages))
        audit.record("quality.reminded", by=by, after={"规则": RULES[rule].label, "人数": told})
    return told
