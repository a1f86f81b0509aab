"""Eligibility: each kind of rule at its boundary, alternatives, declarations, who may read which value."""

import datetime as dt

import pytest

from cadres.models import AnnualAssessment, Cadre
from core.errors import Invalid, WrongMoment
from programs.eligibility import (
    evaluate,
    from_snapshot,
    obstacles,
    required_text,
    to_snapshot,
    visible_verdicts,
)
from programs.models import EligibilityRule
from programs.services.nominations import Declaration, save_draft, start_nomination, take_action
from tests.programs.factories import TEXTS, confirm_all, declarations, make_cadre, submitted


def verdict(call, cadre, name):
    return next(each for each in evaluate(call, [cadre])[cadre.pk] if each.name.startswith(name))


def open_points(call, cadre, *, declared=None, advisory="", override=""):
    if declared is None:
        declared = {each.rule for each in declarations(call)}
    found = obstacles(
        evaluate(call, [cadre])[cadre.pk],
        declared=declared,
        advisory_reason=advisory,
        override_reason=override,
    )
    return [each.field for each in found]


@pytest.mark.parametrize(
    ("birth", "said", "actual"),
    [
        (dt.date(1991, 1, 1), "met", "35 岁"),
        (dt.date(1990, 12, 31), "exceeded", "36 岁"),
        (None, "unknown", "未登记"),
    ],
)
def test_age_counts_on_the_reference_date(call, tree, birth, said, actual):
    """一般 35 周岁以下: 35 on 31 December still fits, 36 needs a reason, and so does an unknown birth."""
    cadre = make_cadre(tree.school_east, birth=birth)
    found = verdict(call, cadre, "一般 35")
    assert (found.verdict, found.actual, found.required) == (said, actual, "不超过 35 岁")
    assert open_points(call, cadre) == ([] if said == "met" else ["advisory_reason"])
    assert open_points(call, cadre, advisory="实绩突出") == []


@pytest.mark.parametrize(("education", "said"), [("中专", "exceeded"), ("大专", "met"), ("大学", "met")])
def test_education_is_compared_by_level(call, tree, education, said):
    found = verdict(call, make_cadre(tree.school_east, education=education), "大专及以上")
    assert (found.verdict, found.actual, found.required) == (said, education, "不低于 大专")


def test_a_team_member_needs_no_declared_experience(call, tree):
    cadre = make_cadre(tree.school_east)
    assert verdict(call, cadre, "现任学校").verdict == "met"
    assert verdict(call, cadre, "有教研组长").verdict == "attest"
    assert open_points(call, cadre) == []


def test_an_excellent_teacher_declares_the_experience(call, tree):
    """One of the alternatives is enough; none of them is a binding rule unmet."""
    cadre = make_cadre(tree.school_east, title="")
    assert verdict(call, cadre, "现任学校").verdict == "failed"
    assert open_points(call, cadre) == ["attestations"]
    alternative = call.rules.get(mode="attested", group="身份").pk
    assert open_points(call, cadre, declared={each.rule for each in declarations(call)} | {alternative}) == []


def test_declared_rules_are_never_computed_as_true(call, tree):
    cadre = make_cadre(tree.school_east)
    attested = [each for each in evaluate(call, [cadre])[cadre.pk] if each.mode == "attested"]
    assert {each.verdict for each in attested} == {"attest"}
    assert open_points(call, cadre, declared=set()) == ["attestations", "attestations"]


@pytest.fixture
def strict_call(call):
    """The call with a binding rule on annual grades (C3) and one on years of work (C2)."""
    rule = {"mode": "required", "order": 9}
    EligibilityRule.objects.create(
        call=call, name="近三年一次优秀", fact="excellent_years_3", operator="at_least", value=1, **rule
    )
    EligibilityRule.objects.create(
        call=call, name="工作满五年", fact="years_of_work", operator="at_least", value=5, **rule
    )
    return call


def test_a_failing_required_rule_blocks_until_an_exception_is_asked_for(strict_call, tree):
    cadre = make_cadre(tree.school_east, work_start=dt.date(2022, 1, 1))
    AnnualAssessment.objects.create(cadre=cadre, year=2025, grade="excellent")
    assert verdict(strict_call, cadre, "工作满").verdict == "failed"
    assert open_points(strict_call, cadre) == ["override_reason"]
    assert open_points(strict_call, cadre, override="急需") == []


def test_an_unknown_required_value_says_what_is_missing(strict_call, tree):
    cadre = make_cadre(tree.school_east)
    AnnualAssessment.objects.create(cadre=cadre, year=2025, grade="excellent")
    found = obstacles(
        evaluate(strict_call, [cadre])[cadre.pk],
        declared={each.rule for each in declarations(strict_call)},
        advisory_reason="", override_reason="破格",
    )  # fmt: skip
    assert [(each.field, each.message) for each in found] == [
        ("cadre", "缺少“工作年限”的登记，请先补全干部信息。")
    ]


def test_a_value_above_the_readers_level_reads_to_be_verified_by_hr(strict_call, tree, hr, principal_east):
    """C3 values are HR's; the principal neither reads them nor is stopped by them."""
    cadre = make_cadre(tree.school_east, work_start=dt.date(2015, 1, 1))
    AnnualAssessment.objects.create(cadre=cadre, year=2025, grade="qualified")
    verdicts = evaluate(strict_call, [cadre])[cadre.pk]
    seen = {each.name: each for each in visible_verdicts(verdicts, principal_east, cadre)}
    hidden = seen["近三年一次优秀"]
    assert (hidden.verdict, hidden.actual, hidden.value) == ("hidden", "须由人事核实", None)
    assert seen["一般 35 周岁以下"].actual == "31 岁"
    assert visible_verdicts(verdicts, hr, cadre) == verdicts
    nobody = {each.name: each.verdict for each in visible_verdicts(verdicts, None, cadre)}
    assert nobody["一般 35 周岁以下"] == "hidden"


def test_nominees_read_their_own_personal_values_but_not_their_grades(strict_call, tree, cadre_user):
    cadre = make_cadre(tree.school_east, user=cadre_user, work_start=dt.date(2015, 1, 1))
    seen = {
        each.name: each.verdict
        for each in visible_verdicts(evaluate(strict_call, [cadre])[cadre.pk], cadre_user, cadre)
    }
    assert seen["一般 35 周岁以下"] == "met"
    assert seen["近三年一次优秀"] == "hidden"


def test_hr_stops_what_the_school_could_not_see(strict_call, tree, hr, principal_direct):
    """The school submits past a rule over a value it can't read; HR's check refuses to pass it."""
    cadre = make_cadre(tree.direct_school, work_start=dt.date(2015, 1, 1))
    nomination = submitted(strict_call, cadre, principal_direct)
    confirm_all(nomination, hr)
    with pytest.raises(WrongMoment, match="近三年一次优秀"):
        take_action(nomination=nomination, action="pass", by=hr)
    nomination.refresh_from_db()
    assert nomination.status == "submitted"


def test_the_snapshot_keeps_the_verdicts_and_the_rules_version(call, tree, principal_east):
    cadre = make_cadre(tree.school_east)
    nomination = submitted(call, cadre, principal_east)
    nomination.refresh_from_db()
    kept = from_snapshot(nomination.snapshot)
    assert kept == evaluate(call, [cadre])[cadre.pk]
    assert nomination.rules_version == call.rules_version
    Cadre.objects.filter(pk=cadre.pk).update(birth=dt.date(1970, 1, 1))
    nomination.refresh_from_db()
    assert from_snapshot(nomination.snapshot)[0].actual == "31 岁"


def test_a_reason_that_was_not_needed_is_dropped(call, tree, principal_east):
    """A request for an exception is one only where a binding rule fails."""
    nomination = submitted(
        call, make_cadre(tree.school_east), principal_east, override_reason="破格", advisory_reason="年长"
    )
    nomination.refresh_from_db()
    assert (nomination.override_reason, nomination.advisory_reason) == ("", "")
    assert not nomination.is_override


@pytest.mark.parametrize("people", [1, 3])
def test_many_people_cost_as_many_statements_as_one(call, tree, people, django_assert_num_queries):
    cadres = [make_cadre(tree.school_east) for _ in range(people)]
    with django_assert_num_queries(3):
        assert len(evaluate(call, cadres)) == people


def test_a_declaration_needs_evidence(call, tree, principal_east):
    nomination = start_nomination(call=call, cadre=make_cadre(tree.school_east), by=principal_east)
    rule = declarations(call)[0].rule
    with pytest.raises(Invalid, match="证明"):
        save_draft(nomination=nomination, by=principal_east, changes=TEXTS,
                   declarations=[Declaration(rule, True, "  ")])  # fmt: skip
    nomination.refresh_from_db()
    assert nomination.statement == ""


def test_rules_read_as_sentences(strict_call):
    words = {rule.name: required_text(rule) for rule in strict_call.rules.all()}
    assert words["现任学校领导班子成员"] == "是"
    assert words["政治素质好，师德表现好"] == "须承诺并附证明"
    choice = EligibilityRule(
        name="考核", mode="required", fact="last_annual_grade", operator="one_of", value=["excellent"]
    )
    assert required_text(choice) == "优秀"


def test_a_limit_that_no_code_table_knows_is_a_fault(call, tree):
    call.rules.filter(fact="education_level").update(value="博士后")
    with pytest.raises(LookupError, match="博士后"):
        evaluate(call, [make_cadre(tree.school_east)])


def test_snapshots_say_what_was_declared(call, tree):
    cadre = make_cadre(tree.school_east)
    verdicts = evaluate(call, [cadre])[cadre.pk]
    declared = {verdicts[-1].rule}
    assert [row["declared"] for row in to_snapshot(verdicts, declared)] == [False] * 5 + [True]
