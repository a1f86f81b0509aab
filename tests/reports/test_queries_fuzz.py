"""Whatever is sent as a query: a Chinese refusal or people, never an error; and trees find whom Python finds."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadres.facts import FACTS, values_of
from cadres.models import Cadre, Code
from core.errors import Invalid
from reports.queries.catalog import CodeNames, fact_field, histories
from reports.queries.operators import OPERATORS, operators_of, read_date
from reports.queries.sql import people
from reports.queries.tree import Group, Query, dump, parse
from reports.queries.words import conditions
from tests.cadres.factories import make_code
from tests.cadres.test_facts_conditions import people as forty_people
from tests.factories import make_holder, make_unit

pytestmark = pytest.mark.django_db
everybody = forty_people
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}
DAY = dt.date(2026, 2, 28)

names = st.sampled_from([*FACTS, *histories(), "join", "id", "user__password", "'; DROP TABLE x; --"])
operators = st.sampled_from(
    sorted({op for known in OPERATORS.values() for op in known} | {"unknown", "__in"})
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | names
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=4), scalars, max_size=2)
anything = st.recursive(
    values
    | st.fixed_dictionaries({"fact": names | values, "op": operators | values, "value": values})
    | st.fixed_dictionaries(
        {"history": names | values},
        optional={
            "where": st.lists(
                st.fixed_dictionaries(
                    {
                        "field": names | st.sampled_from(["level", "start", "unit"]),
                        "op": operators,
                        "value": values,
                    }
                ),
                max_size=3,
            )
            | values,
            "when": st.sampled_from(["ever", "in_force"]) | values,
            "count": values,
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {"items": st.lists(inner, max_size=4) | values},
        optional={"join": st.sampled_from(["and", "or"]) | values, "not": st.booleans() | values},
    ),
    max_leaves=12,
)


def read(data, codes=None):
    """What a tree is read as, and the refusal if it isn't."""
    try:
        return parse(data, codes=codes), None
    except Invalid as refusal:
        return None, refusal


@given(data=anything)
@settings(max_examples=400, **QUIET)
def test_anything_is_read_or_refused_in_chinese(data):
    found, refusal = read(data)
    if refusal is not None:
        assert refusal.message.endswith("。")
        assert list(refusal.errors)[0].startswith("where")
    else:
        assert isinstance(found[0], Group)
        assert conditions(*found)


texts = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20
) | st.sampled_from(["%", "_", "\\", "'", "'; DROP TABLE cadres_cadre; --", "%s", "%(x)s", "{0}", '"'])
days = st.dates(dt.date(1950, 1, 1), dt.date(2050, 12, 31)).map(
    lambda day: day.isoformat()
) | st.sampled_from(["1980", "2000-02", "2020-02-29"])


@st.composite
def comparisons(draw, field, codes, of_fact):
    """An operator of the field and a value that it takes."""
    op = draw(st.sampled_from(sorted(operators_of(field, of_fact=of_fact))))
    options = [value for value, _ in field.options or field.steps]
    if field.codes:
        options = [code for code, _ in codes.options(field.codes, with_level=field.kind == "level")]
    one = {
        "number": st.integers(-5, 120) | st.sampled_from([10**6, -(10**6)]),
        "flag": st.booleans(), "text": texts, "date": days,
        "choice": st.sampled_from(options or ["?"]), "level": st.sampled_from(options or ["?"]),
    }[field.kind]  # fmt: skip
    if op == "between":
        low, high = draw(one), draw(one)
        return op, sorted(
            [low, high], key=lambda each: read_date(each).date if field.kind == "date" else each
        )
    if op == "one_of":
        return op, draw(st.lists(one, min_size=1, max_size=3))
    return op, None if op == "unknown" else draw(one)


@st.composite
def leaves(draw, codes, facts_only=False):
    """A condition that is well formed."""
    negated = draw(st.booleans())
    if facts_only or draw(st.integers(0, 2)):
        fact = FACTS[draw(st.sampled_from(sorted(FACTS)))]
        op, value = draw(comparisons(fact_field(fact), codes, True))
        return {"fact": fact.name, "op": op, "value": value, "not": negated}
    history = histories()[draw(st.sampled_from(sorted(histories())))]
    where = []
    for name in draw(st.lists(st.sampled_from(sorted(history.fields)), max_size=3)):
        op, value = draw(comparisons(history.fields[name], codes, False))
        where.append({"field": name, "op": op, "value": value})
    when = draw(st.sampled_from(["ever", "in_force"])) if history.timing == "period" else "ever"
    return {
        "history": history.slug,
        "where": where,
        "when": when,
        "count": draw(st.integers(1, 3)),
        "not": negated,
    }


def trees(codes, facts_only=False):
    """Well-formed trees up to the deepest."""
    found = leaves(codes, facts_only)
    for _ in range(3):
        found = found | st.fixed_dictionaries(
            {
                "join": st.sampled_from(["and", "or"]),
                "items": st.lists(found, min_size=1, max_size=3),
                "not": st.booleans(),
            }
        )
    return found


@pytest.fixture
def ran():
    """Trees that were run; most that are made must be."""
    found = []
    yield found
    assert len(found) > 60


@given(data=st.data())
@settings(max_examples=120, **QUIET)
def test_every_well_formed_tree_runs(everybody, ran, data):
    reader, codes = _reader(), CodeNames()
    read_tree, refusal = read(data.draw(trees(codes)), codes)
    if refusal is not None:
        assert "40 个条件" in refusal.message
        return
    group, codes = read_tree
    assert parse(dump(group), codes=codes)[0] == group
    assert conditions(group, codes)
    on = data.draw(st.sampled_from([DAY, dt.date(2028, 2, 29), dt.date(2012, 1, 1)]))
    assert 0 <= people(Query(group, as_of=on, people="all"), user=reader).count() <= 40
    ran.append(group)


@given(data=st.data())
@settings(max_examples=150, **QUIET)
def test_a_tree_of_facts_finds_whom_python_finds(everybody, ran, data):
    reader, codes = _reader(), CodeNames()
    tree = data.draw(trees(codes, facts_only=True))
    group, codes = parse(tree, codes=codes)
    known = values_of(Cadre.objects.all(), {leaf["fact"] for leaf in _leaves(tree)}, DAY)
    levels = {(code.list, code.code): code.level for code in Code.objects.all()}
    wanted = {pk for pk, row in known.items() if _holds(tree, row, levels)}
    found = people(Query(group, as_of=DAY, people="all"), user=reader)
    assert set(found.values_list("pk", flat=True)) == wanted
    ran.append(group)


def _reader():
    from accounts.models import Unit, User

    known = User.objects.filter(username="reader").first()
    if known is None:
        for code_list in Code.List.values:
            make_code(code_list, "X30", "甲", level=30)
        root = make_unit("全区", kind="bureau")
        Unit.objects.exclude(pk=root.pk).update(parent=root)
        known = make_holder("reader", "读者", "hr", root)
        known.is_superuser = True  # every unit of the forty people
        known.save()
    return known


def _leaves(tree):
    if "items" not in tree:
        return [tree]
    return [leaf for item in tree["items"] for leaf in _leaves(item)]


def _holds(tree, row, levels):
    """A tree's truth in Python: what is unknown meets no comparison."""
    if "items" in tree:
        found = (all if tree["join"] == "and" else any)(_holds(item, row, levels) for item in tree["items"])
    else:
        found = _compared(tree, row[tree["fact"]].value, levels)
    return found != tree["not"]


def _compared(leaf, actual, levels):
    fact, op, value = FACTS[leaf["fact"]], leaf["op"], leaf["value"]
    if op == "unknown":
        return actual in (None, "")
    if actual is None:
        return False
    if fact.kind == "date":
        low, high = value if isinstance(value, list) else (value, value)
        first, text = read_date(low).date.isoformat(), actual
        if op == "between":
            return first <= text and (text[: len(high)] <= high)
        return text >= first if op == "since" else text < first
    if fact.kind == "text":
        return (value.strip().lower() in actual.lower()) if op == "contains" else actual == value.strip()
    if fact.code_list:
        value = levels[fact.code_list, value]
    if op == "between":
        return value[0] <= actual <= value[1]
    return {"at_least": lambda: actual >= value, "at_most": lambda: actual <= value, "is": lambda: actual == value,
            "one_of": lambda: actual in value}[op]()  # fmt: skip
