"""The bureau's pages of instruments: the editor's small edits, saving, publishing, the next version."""

from typing import Any

import pytest
from django.urls import reverse

from assessment.models import Instrument
from assessment.presenting import sums_of
from assessment.services.instruments import create_instrument
from assessment.views.indicator_rows import edit_rows
from core.versions import version_of
from tests.assessment.factories import make_instrument

pytestmark = pytest.mark.django_db


def row(level: int, name: str, kind: str = "score", weight: str = "") -> dict[str, Any]:
    return {"level": level, "name": name, "kind": kind, "weight": weight, "hint": "", "competence": ""}


def sent(rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """What the browser sends: the rows as parallel lists."""
    data: dict[str, Any] = {"name": "考核量表", "basis": "", "instructions": "", **more}
    for name in ("level", "name", "kind", "weight", "hint", "competence"):
        data[f"row_{name}"] = [each[name] for each in rows]
    return data


TREE = [
    row(1, "政治素质", "", "40"), row(2, "立场", "words", "60%"), row(2, "师德", "words", "40"),
    row(1, "实绩", "score", "60"), row(1, "意见", "text"),
]  # fmt: skip


@pytest.fixture
def draft(tree, hr) -> Instrument:
    return create_instrument(unit=tree.bureau, by=hr, name="考核量表")


def test_an_instrument_is_made_filled_in_and_published(tree, hr, signed_in):
    client = signed_in(hr)
    made = client.post(reverse("instrument-new"), {"name": "考核量表", "unit": tree.bureau.pk})
    draft = Instrument.objects.get()
    edit, page = reverse("instrument-edit", args=[draft.pk]), reverse("instrument-detail", args=[draft.pk])
    assert made["Location"] == edit
    assert "指标名称" in client.get(edit).content.decode()
    assert client.post(edit, sent(TREE, version=version_of(draft)))["Location"] == page
    rows = [(each.name, each.kind, str(each.weight)) for each in draft.indicators.all()]
    assert rows[0] == ("政治素质", "", "40.00")
    assert rows[1] == ("立场", "words", "60.00")
    assert rows[4] == ("意见", "text", "0.00")
    shown = client.get(page).content.decode()
    assert "24%" in shown  # 40 % of 60 %
    client.post(reverse("instrument-take", args=[draft.pk]), {"action": "publish"})
    draft.refresh_from_db()
    assert draft.status == "published"
    assert client.get(edit)["Location"] == page
    assert "修改</a>" not in client.get(page).content.decode()


def test_what_is_missing_stands_at_the_button(draft, hr, signed_in):
    signed_in(hr).post(reverse("instrument-edit", args=[draft.pk]), sent(TREE[:4]))
    page = signed_in(hr).get(reverse("instrument-detail", args=[draft.pk])).content.decode()
    assert "量表还不能定稿" not in page
    signed_in(hr).post(reverse("instrument-edit", args=[draft.pk]), sent([row(1, "实绩", weight="60")]))
    page = signed_in(hr).get(reverse("instrument-detail", args=[draft.pk])).content.decode()
    assert "权重合计须为 100%，现在是 60%。" in page
    assert "disabled" in page


def test_wrong_rows_come_back_as_they_were_typed(draft, hr, signed_in):
    wrong = [row(1, "甲", weight="50"), row(3, "乙", weight="五十")]
    answer = signed_in(hr).post(reverse("instrument-edit", args=[draft.pk]), sent(wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "第 2 行：" in page
    assert 'value="五十"' in page
    assert not draft.indicators.exists()


def test_a_stale_editor_writes_nothing_over_and_shows_both(draft, hr, signed_in):
    seen = version_of(draft)
    client, edit = signed_in(hr), reverse("instrument-edit", args=[draft.pk])
    client.post(edit, sent(TREE, version=seen))
    mine = [row(1, "别的", weight="100")]
    answer = client.post(edit, sent(mine, version=seen))
    page = answer.content.decode()
    assert answer.status_code == 412
    assert draft.indicators.count() == 5
    assert "师德" in page
    assert 'value="别的"' in page
    assert client.post(edit, sent(mine, version=answer.context["version"])).status_code == 302
    assert draft.indicators.get().name == "别的"


def test_a_small_edit_redraws_the_rows_and_stores_nothing(draft, hr, signed_in):
    client, edit = signed_in(hr), reverse("instrument-edit", args=[draft.pk])
    fragment = client.post(edit, sent(TREE, act="below:3"), headers={"HX-Request": "true"}).content.decode()
    assert fragment.count('name="row_name"') == 6
    assert "<html" not in fragment
    assert not draft.indicators.exists()
    whole = client.post(edit, sent(TREE, act="add")).content.decode()
    assert whole.count('name="row_name"') == 6
    assert "<html" in whole


def test_rows_move_and_get_rows_below_them():
    rows = [row(1, "甲"), row(2, "乙"), row(1, "丙")]
    edit_rows(rows, "below:0")
    assert [(each["level"], each["name"], each["kind"]) for each in rows] == [
        (1, "甲", ""), (2, "乙", "score"), (2, "", "score"), (1, "丙", "score"),
    ]  # fmt: skip
    edit_rows(rows, "up:3")
    edit_rows(rows, "remove:3")
    edit_rows(rows, "down:0")
    assert [each["name"] for each in rows] == ["乙", "甲", "丙"]
    for nonsense in ("remove:9", "up:x", "below:", "explode:0"):
        edit_rows(rows, nonsense)
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (TREE, ["合计 100%", "合计 100%"]),
        ([row(1, "甲", weight="60")], ["合计 60%，还差 40%"]),
        ([row(1, "甲", weight="60"), row(1, "乙", weight="60")], ["合计 120%，超出 20%"]),
        ([row(1, "甲", weight="六十")], ["有权重不是数字"]),
        ([row(1, "甲", weight="NaN")], ["有权重不是数字"]),
        ([row(1, "意见", "text")], []),
        ([row(1, "甲", "", "100"), row(2, "乙", weight="33.3"), row(2, "丙", weight="66.7")], ["合计 100%"] * 2),
        (
            [row(1, "话", "", ""), row(2, "意见", "text"), row(1, "丙", weight="100")],
            ["合计 100%"],
        ),
    ],
)  # fmt: skip
def test_sums_tell_what_siblings_add_up_to(rows, words):
    assert [each["words"] for each in sums_of(rows)] == words


def test_the_next_version_is_a_draft_of_its_own(tree, hr, signed_in):
    first = make_instrument(tree.bureau, hr)
    client, address = signed_in(hr), reverse("instrument-copy", args=[first.pk])
    assert "/edit/" in client.post(address)["Location"]
    assert Instrument.objects.get(status="draft").edition == 2
    assert client.post(address).status_code == 409
    page = client.get(reverse("instrument-detail", args=[first.pk])).content.decode()
    assert "第2版" in page


def test_the_list_finds_versions_by_name_and_state(tree, hr, party, signed_in):
    make_instrument(tree.bureau, hr)
    create_instrument(unit=tree.bureau, by=hr, name="民主测评票")
    found = signed_in(hr).get(reverse("instrument-list"), {"search": "民主"}).content.decode()
    assert "民主测评票" in found
    assert "考核表1" not in found
    seen = signed_in(party).get(reverse("instrument-list"), {"status": "published"}).content.decode()
    assert "考核表1" in seen
    assert "新建量表" not in seen
