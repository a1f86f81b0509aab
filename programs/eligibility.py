"""Eligibility: each rule of a call over the facts of many cadres, and what still stands against submitting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from accounts.scope import may
from cadres.facts import FACTS, FactValue, values_of
from cadres.models import Cadre, Code
from programs.models import Call, EligibilityRule

Mode = EligibilityRule.Mode
Operator = EligibilityRule.Operator

MET, EXCEEDED, FAILED, UNKNOWN, ATTEST, HIDDEN = "met", "exceeded", "failed", "unknown", "attest", "hidden"
VERDICTS = {
    MET: "符合",
    EXCEEDED: "超出一般条件",
    FAILED: "不符合",
    UNKNOWN: "未登记",
    ATTEST: "单位承诺",
    HIDDEN: "须由人事核实",
}
# What a reader must hold on the row to see a fact of a level (3-trust.md, data levels).
_LEVELS = {"C2": "cadre.view_personal", "C3": "cadre.view_sensitive"}


@dataclass(frozen=True)
class RuleVerdict:
    """What a rule says about one cadre: `value` is comparable, `actual` and `required` are to be read."""

    rule: int
    name: str
    mode: str
    group: str
    fact: str
    fact_label: str
    value: Any
    actual: str
    required: str
    verdict: str
    basis: str
    verified: bool
    level: str

    @property
    def label(self) -> str:
        """The verdict in words."""
        return VERDICTS[self.verdict]

    @property
    def mode_label(self) -> str:
        """How binding the rule is, in words."""
        return str(Mode(self.mode).label)


@dataclass(frozen=True)
class Obstacle:
    """What still stands against a submission, and the field of the form that removes it."""

    field: str
    message: str


def evaluate(
    call: Call, cadres: Iterable[Cadre] | QuerySet[Cadre], as_of: date | None = None
) -> dict[int, list[RuleVerdict]]:
    """Judge cadres by all rules of a call: cadre id → verdicts in the rules' order.

    All facts of all cadres come with one statement (beside one for the rules and one for named limits),
    counted on the call's reference date unless another day is given. Attested rules are never computed.
    """
    rules = list(call.rules.all())
    if not isinstance(cadres, QuerySet):
        cadres = Cadre.objects.filter(pk__in=[cadre.pk for cadre in cadres])
    limits = _limits(rules)
    facts = values_of(cadres, [rule.fact for rule in rules if rule.fact], as_of or call.reference_date)
    return {
        cadre: [_judge(rule, values.get(rule.fact), limits) for rule in rules]
        for cadre, values in facts.items()
    }


def _judge(rule: EligibilityRule, found: FactValue | None, limits: dict[tuple[str, str], int]) -> RuleVerdict:
    fact = FACTS.get(rule.fact)
    if fact is None or found is None:
        verdict, value, actual = ATTEST, None, ""
    else:
        verdict, value, actual = _verdict(rule, found.value, limits), found.value, found.text
    return RuleVerdict(
        rule=rule.pk,
        name=rule.name,
        mode=rule.mode,
        group=rule.group,
        fact=rule.fact,
        fact_label=fact.label if fact else "",
        value=value,
        actual=actual,
        required=required_text(rule),
        verdict=verdict,
        basis=rule.basis,
        verified=rule.verified,
        level=fact.level if fact else "C1",
    )


def _verdict(rule: EligibilityRule, value: Any, limits: dict[tuple[str, str], int]) -> str:
    if value is None:
        return UNKNOWN
    if _holds(rule.operator, value, _limit(rule, limits)):
        return MET
    return EXCEEDED if rule.mode == Mode.ADVISORY else FAILED


def _holds(operator: str, value: Any, limit: Any) -> bool:
    if operator == Operator.AT_MOST:
        return bool(value <= limit)
    if operator == Operator.AT_LEAST:
        return bool(value >= limit)
    if operator == Operator.ONE_OF:
        return value in limit
    return bool(value == limit)


def _limit(rule: EligibilityRule, limits: dict[tuple[str, str], int]) -> Any:
    """The rule's limit in the fact's own terms: a named code becomes its level."""
    code_list = FACTS[rule.fact].code_list
    return limits[code_list, str(rule.value)] if code_list else rule.value


def _limits(rules: Sequence[EligibilityRule]) -> dict[tuple[str, str], int]:
    """The levels of the codes that rules name as limits ("大专"), read with one statement."""
    named = {
        (FACTS[rule.fact].code_list, str(rule.value))
        for rule in rules
        if rule.fact and FACTS[rule.fact].code_list
    }
    if not named:
        return {}
    lists, names = {code_list for code_list, _ in named}, [name for _, name in named]
    fits = Q(code__in=names) | Q(name__in=names) | Q(short__in=names) | Q(aliases__overlap=names)
    limits: dict[tuple[str, str], int] = {}
    for code in Code.objects.filter(fits, list__in=lists, level__isnull=False).order_by("order", "code"):
        for name in (code.code, code.short, code.name, *code.aliases):
            if (code.list, name) in named and code.level is not None:
                limits.setdefault((code.list, name), code.level)
    missing = named - set(limits)
    if missing:
        raise LookupError(f"no such code in the code tables: {sorted(missing)}")
    return limits


def required_text(rule: EligibilityRule) -> str:
    """Return what a rule asks for, in words: `不超过 35 岁`."""
    fact = FACTS.get(rule.fact)
    if fact is None:
        return "须承诺并附证明"
    if rule.operator == Operator.IS:
        return fact.display(rule.value)
    if rule.operator == Operator.ONE_OF:
        return "、".join(fact.display(value) for value in rule.value or [])
    limit = str(rule.value) if fact.code_list else fact.display(rule.value)
    return f"{Operator(rule.operator).label} {limit}"


def settled_groups(verdicts: Sequence[RuleVerdict], declared: set[int]) -> set[str]:
    """Return the groups of alternatives of which one member holds, computed or declared."""
    return {
        each.group
        for each in verdicts
        if each.group and (each.verdict == MET or (each.verdict == ATTEST and each.rule in declared))
    }


def unmet_required(verdicts: Sequence[RuleVerdict], declared: set[int]) -> list[RuleVerdict]:
    """Return the computed rules that fail and bind: passing over them is 破格.

    In a group of alternatives none of which holds, the computed members that fail count.
    """
    settled = settled_groups(verdicts, declared)
    return [each for each in verdicts if each.verdict == FAILED and each.group not in settled]


def unmet_advisory(verdicts: Sequence[RuleVerdict], declared: set[int]) -> list[RuleVerdict]:
    """Return the advisory rules (原则上) that are exceeded or can't be told: each needs a reason."""
    settled = settled_groups(verdicts, declared)
    return [
        each
        for each in verdicts
        if each.mode == Mode.ADVISORY and each.verdict in (EXCEEDED, UNKNOWN) and each.group not in settled
    ]


def obstacles(
    verdicts: Sequence[RuleVerdict], *, declared: set[int], advisory_reason: str, override_reason: str
) -> list[Obstacle]:
    """Return what stands against submitting, given the declarations and reasons written so far.

    Pass the verdicts as the nominator may read them: what only HR may see is HR's to check.
    """
    settled = settled_groups(verdicts, declared)
    found: list[Obstacle] = []
    over = unmet_advisory(verdicts, declared)
    if over and not advisory_reason.strip():
        names = "；".join(f"{each.name}（{each.actual}）" for each in over)
        found.append(Obstacle("advisory_reason", f"超出一般条件，请说明理由：{names}。"))
    failed = unmet_required(verdicts, declared)
    if failed and not override_reason.strip():
        names = "；".join(dict.fromkeys(_failed_words(each, verdicts) for each in failed))
        field = "attestations" if any(each.group for each in failed) else "override_reason"
        found.append(Obstacle(field, f"不符合必备条件：{names}。确需推荐的，请填写破格理由，由局研究决定。"))
    open_groups = {each.group for each in failed}
    for each in verdicts:
        if each.group and (each.group in settled or each.group in open_groups):
            continue
        if each.verdict == UNKNOWN and each.mode == Mode.REQUIRED:
            found.append(Obstacle("cadre", f"缺少“{each.fact_label}”的登记，请先补全干部信息。"))
        if each.verdict == ATTEST and each.rule not in declared:
            words = f"须具备其一：{_group_words(each.group, verdicts)}" if each.group else each.name
            found.append(Obstacle("attestations", f"请承诺并写明证明：{words}。"))
    return list(dict.fromkeys(found))


def _failed_words(failed: RuleVerdict, verdicts: Sequence[RuleVerdict]) -> str:
    """The failing rule; in a group, all the alternatives of which one would do."""
    if failed.group:
        return f"{_group_words(failed.group, verdicts)}（须具备其一，可由推荐单位承诺的请承诺）"
    return f"{failed.name}（{failed.actual}）"


def _group_words(group: str, verdicts: Sequence[RuleVerdict]) -> str:
    return "，或".join(each.name for each in verdicts if each.group == group)


def visible_verdicts(verdicts: Sequence[RuleVerdict], user: Any, obj: Any) -> list[RuleVerdict]:
    """Return the verdicts as a reader may see them: above the reader's level they read 须由人事核实.

    `obj` is the nomination or the cadre. Nominees read their own C2 values, never C3.
    """
    cadre = obj if isinstance(obj, Cadre) else obj.cadre
    own = bool(user and cadre and user.pk and cadre.user_id == user.pk)
    open_levels = {"C1"} | {level for level, needed in _LEVELS.items() if may(user, needed, obj.unit_path)}
    if own:
        open_levels.add("C2")
    return [
        each
        if each.level in open_levels
        else replace(each, value=None, actual=VERDICTS[HIDDEN], verdict=HIDDEN)
        for each in verdicts
    ]


def to_snapshot(verdicts: Sequence[RuleVerdict], declared: set[int]) -> list[dict[str, Any]]:
    """Return the verdicts as the nomination keeps them: true whoever reads, with what was declared."""
    return [{**asdict(each), "declared": each.rule in declared} for each in verdicts]


def from_snapshot(snapshot: Sequence[dict[str, Any]]) -> list[RuleVerdict]:
    """Return the verdicts that a nomination kept on submission."""
    return [
        RuleVerdict(**{name: value for name, value in row.items() if name != "declared"}) for row in snapshot
    ]
