"""Instruments: the tree and its weights, what may be published, versions, and that a published one is frozen."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from assessment.models import Indicator, Instrument
from assessment.services.instruments import (
    create_instrument,
    leaves,
    new_version,
    problems_of,
    set_indicators,
    take_instrument_action,
    update_instrument,
)
from core.errors import Invalid, NotAllowed, NotFound, Stale, WrongMoment
from core.models import AuditEntry
from core.versions import version_of
from tests.assessment.factories import ROWS, make_instrument


@pytest.fixture
def draft(tree, hr):
    return create_instrument(unit=tree.bureau, by=hr, name="校级干部综合考核表")


def test_an_instrument_is_made_as_the_draft_of_its_first_version(draft, hr):
    assert (draft.edition, draft.status, draft.created_by) == (1, "draft", hr)
    assert AuditEntry.objects.filter(action="instrument.created", object_id=str(draft.pk)).count() == 1


def test_a_name_is_used_once_a_unit(draft, tree, hr):
    with pytest.raises(Invalid, match="已有名为"):
        create_instrument(unit=tree.bureau, by=hr, name=" 校级干部综合考核表 ")
    assert Instrument.objects.count() == 1


def test_only_who_manages_rounds_makes_instruments(tree, party, principal_east):
    with pytest.raises(NotAllowed):
        create_instrument(unit=tree.bureau, by=party, name="甲")
    with pytest.raises((NotAllowed, NotFound)):
        create_instrument(unit=tree.school_east, by=principal_east, name="甲")
    assert not Instrument.objects.exists()


def test_rows_become_a_tree_whose_leaves_carry_the_product_of_the_weights(draft, hr):
    set_indicators(instrument=draft, rows=ROWS, by=hr)
    found = [(leaf.indicator.name, leaf.weight, leaf.place, leaf.headings) for leaf in leaves(draft)]
    assert found == [
        ("政治素质", Decimal(40), 0, ()),
        ("教学管理", Decimal(30), 1, ("工作实绩",)),
        ("队伍建设", Decimal(30), 2, ("工作实绩",)),
        ("意见建议", Decimal(0), None, ()),
    ]
    assert problems_of(draft) == []


def test_the_rows_replace_what_was_there(draft, hr):
    set_indicators(instrument=draft, rows=ROWS, by=hr)
    set_indicators(instrument=draft, rows=ROWS[:1], by=hr)
    assert list(draft.indicators.values_list("name", flat=True)) == ["政治素质"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"level": 3, "name": "丙", "kind": "score"}, "没有可以归属"),
        ({"level": 4, "name": "丙", "kind": "score"}, "级别须为"),
        ({"level": "x", "name": "丙", "kind": "score"}, "级别须为"),
        ({"level": 1, "name": " ", "kind": "score"}, "第 2 行"),
        ({"level": 1, "name": "丙", "kind": "stars"}, "第 2 行"),
        ({"level": 1, "name": "丙", "kind": "score", "weight": "101"}, "权重须是"),
        ({"level": 1, "name": "丙", "kind": "score", "weight": "NaN"}, "第 2 行"),
        ({"level": 1, "name": "丙", "kind": "score", "weight": "很多"}, "权重须是"),
        ({"level": 1, "name": "丙", "kind": "score", "weight": "33.333"}, "第 2 行"),
        ({"level": 1, "name": "丙", "kind": "text", "weight": 5}, "不占权重"),
    ],
)
def test_a_row_that_makes_no_sense_is_named_and_nothing_is_changed(draft, hr, row, words):
    set_indicators(instrument=draft, rows=ROWS, by=hr)
    with pytest.raises(Invalid, match=words) as refusal:
        set_indicators(instrument=draft, rows=[ROWS[0], row], by=hr)
    assert list(refusal.value.errors) == ["rows.2"]
    assert draft.indicators.count() == len(ROWS)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "还没有要回答的指标"),
        ([{"level": 1, "name": "甲", "kind": "score", "weight": 99}], "第一级各项指标的权重合计须为 100%，现在是 99%"),
        (
            [
                {"level": 1, "name": "甲", "weight": 100},
                {"level": 2, "name": "乙", "kind": "score", "weight": 60},
            ],
            "“甲”各项指标的权重合计",
        ),
        (
            [
                {"level": 1, "name": "甲", "kind": "five", "weight": 100},
                {"level": 2, "name": "乙", "kind": "score", "weight": 100},
            ],
            "不能自己作答",
        ),
        (
            [{"level": 1, "name": "甲", "kind": "score", "weight": 100}, {"level": 1, "name": "乙"}],
            "“乙”没有答题方式",
        ),
        (
            [
                {"level": 1, "name": "甲", "kind": "score", "weight": 100},
                {"level": 1, "name": "乙", "weight": 10},
                {"level": 2, "name": "丙", "kind": "text"},
            ],
            "“乙”只有文字意见",
        ),
    ],
)  # fmt: skip
def test_an_instrument_that_makes_no_sense_is_not_published(draft, hr, rows, words):
    set_indicators(instrument=draft, rows=rows, by=hr)
    with pytest.raises(Invalid, match=words):
        take_instrument_action(instrument=draft, action="publish", by=hr)
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert not draft.decisions.exists()


def test_a_published_version_is_frozen_by_the_services(tree, hr):
    instrument = make_instrument(tree.bureau, hr)
    for verb in (
        lambda: update_instrument(instrument=instrument, changes={"name": "乙"}, by=hr),
        lambda: set_indicators(instrument=instrument, rows=ROWS[:1], by=hr),
    ):
        with pytest.raises(WrongMoment, match="新版本"):
            verb()
    assert instrument.indicators.count() == len(ROWS)


def test_a_published_version_is_frozen_by_the_database(tree, hr):
    instrument = make_instrument(tree.bureau, hr)
    first = instrument.indicators.first()
    rows = Indicator.objects.filter(pk=first.pk)
    for change in (
        lambda: rows.update(weight=1),
        rows.delete,
        lambda: Indicator.objects.create(instrument=instrument, order=99, name="加"),
        lambda: Instrument.objects.filter(pk=instrument.pk).update(name="改"),
        lambda: Instrument.objects.filter(pk=instrument.pk).update(instructions="改"),
    ):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            change()


def test_a_new_version_is_a_copy_that_is_drafted(tree, hr):
    instrument = make_instrument(tree.bureau, hr)
    copy = new_version(instrument=instrument, by=hr)
    assert (copy.name, copy.edition, copy.status) == (instrument.name, 2, "draft")
    told = [(leaf.indicator.name, leaf.weight, leaf.headings) for leaf in leaves(copy)]
    assert told == [(leaf.indicator.name, leaf.weight, leaf.headings) for leaf in leaves(instrument)]
    with pytest.raises(WrongMoment, match="编制中"):
        new_version(instrument=instrument, by=hr)


def test_a_retired_version_takes_no_further_action(tree, hr):
    instrument = make_instrument(tree.bureau, hr)
    take_instrument_action(instrument=instrument, action="retire", by=hr)
    with pytest.raises(WrongMoment):
        take_instrument_action(instrument=instrument, action="publish", by=hr)


def test_a_stale_form_changes_nothing(draft, hr):
    seen = version_of(draft)
    update_instrument(instrument=draft, changes={"basis": "先改的"}, by=hr)
    with pytest.raises(Stale):
        set_indicators(instrument=draft, rows=ROWS, by=hr, version=seen)
    assert not draft.indicators.exists()
