"""The histories through the API: absent above the reader's level, written by the services, encrypted words null."""

import datetime as dt

import pytest
from django.urls import reverse

from cadres.api.histories import PLURALS
from cadres.fields import fields_for
from cadres.kinds import KINDS
from cadres.models import Certificate, DevelopmentPlan, FamilyMember, Honour, Oversight
from cadres.services.sight import may_read, readable
from core.models import AuditEntry
from tests.cadres.everything import SECRET, make_histories
from tests.cadres.factories import make_cadre, make_code, own

pytestmark = pytest.mark.django_db
JSON = "application/json"
SEALED = [slug for slug, kind in KINDS.items() if kind.sealed]


def url(slug, name="list", *args):
    return reverse(f"api-{PLURALS[slug]}-{name}", args=args)


@pytest.fixture
def cadre(tree):
    return make_cadre(tree.school_east, "张三")


@pytest.fixture
def entries(cadre):
    return make_histories(cadre)


def test_the_rows_one_may_read_are_those_whose_field_one_may_see(
    tree, cadre, hr, party, central_east, principal_east, principal_west, cadre_user
):
    """The condition on rows and the answer for one person never differ."""
    make_histories(cadre)
    make_histories(own(principal_east, make_cadre(tree.school_east, "李校长")))
    make_histories(own(cadre_user, make_cadre(tree.school_west, "甘步")))
    make_histories(own(hr, make_cadre(tree.bureau, "何人事")))
    for user in (hr, party, central_east, principal_east, principal_west, cadre_user):
        for kind in KINDS.values():
            rows = kind.model.objects.select_related("cadre")
            seen = {row.pk for row in rows if kind.guard in fields_for(user, row.cadre)}
            assert set(readable(rows, user, kind.guard).values_list("pk", flat=True)) == seen, kind.slug
            assert may_read(user, kind.guard) or not seen


@pytest.mark.parametrize("slug", SEALED)
def test_encrypted_words_are_null_wherever_rows_are_read(entries, hr, signed_in, slug):
    client = signed_in(hr)
    listed, one = client.get(url(slug)), client.get(url(slug, "detail", entries[slug].pk))
    for answer in (listed, one):
        assert SECRET not in answer.content.decode()
    assert all(one.json()[name] is None for name in KINDS[slug].sealed)
    changed = client.patch(url(slug, "detail", entries[slug].pk), {}, content_type=JSON)
    assert SECRET not in changed.content.decode()
    assert getattr(type(entries[slug]).objects.get(), KINDS[slug].sealed[0]) == SECRET


def test_a_person_reads_what_is_theirs_and_not_the_organisation_s_record(
    entries, cadre, cadre_user, principal_east, signed_in
):
    own(cadre_user, cadre)
    client = signed_in(cadre_user)
    for slug in ("education", "family", "petition", "competence"):
        assert client.get(url(slug)).json()["count"] == 1
        assert client.patch(url(slug, "detail", entries[slug].pk), {}, content_type=JSON).status_code == 403
    for slug in ("oversight", "evaluation", "reserve"):
        assert client.get(url(slug)).status_code == 403
        assert client.get(url(slug, "detail", entries[slug].pk)).status_code == 404
    school = signed_in(principal_east)
    assert school.get(url("education")).json()["count"] == 1
    assert school.get(url("family")).status_code == 403
    assert school.get(url("family", "detail", entries["family"].pk)).status_code == 404


def test_an_entry_is_made_corrected_ended_and_taken_out(cadre, hr, signed_in):
    client = signed_in(hr)
    typed = {"cadre": cadre.pk, "name": "优秀校长", "level": "city", "start": "2025-09", "issuer": "市教育局"}
    created = client.post(url("honour"), typed, content_type=JSON)
    assert created.status_code == 201
    row = created.json()
    assert (row["start"], row["level_name"], row["cadre_name"]) == ("2025-09", "市级", "张三")
    address, tag = url("honour", "detail", row["id"]), created["ETag"]
    changed = client.patch(address, {"issuer": "省教育厅"}, content_type=JSON, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["issuer"]) == (200, "省教育厅")
    stale = {"headers": {"If-Match": tag}, "content_type": JSON}
    assert client.patch(address, {"issuer": "某局"}, **stale).status_code == 412
    assert client.post(url("honour", "end", row["id"]), {"on": "2026"}, **stale).status_code == 412
    assert client.post(url("honour", "delete", row["id"]), {"reason": "误登"}, **stale).status_code == 412
    ended = client.post(url("honour", "end", row["id"]), {"on": "2026"}, content_type=JSON)
    assert ended.json()["end"] == "2026"
    assert client.post(url("honour", "end", row["id"]), {"on": ""}, content_type=JSON).status_code == 400
    assert client.post(url("honour", "delete", row["id"]), {}, content_type=JSON).status_code == 400
    gone = client.post(url("honour", "delete", row["id"]), {"reason": "误登"}, content_type=JSON)
    assert (gone.status_code, Honour.objects.count()) == (204, 0)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["history.add", "history.edit", "history.end", "history.delete"]


def test_what_follows_from_an_entry_is_worked_out_as_on_the_page(cadre, hr, signed_in):
    client = signed_in(hr)
    typed = {"cadre": cadre.pk, "kind": "sanction", "sanction": "admin_demerit", "start": "2026-03-01",
             "content": SECRET}  # fmt: skip
    created = client.post(url("oversight"), typed, content_type=JSON)
    assert (created.status_code, created.json()["end"], created.json()["content"]) == (
        201,
        "2027-03-01",
        None,
    )
    assert Oversight.objects.get().content == SECRET
    refused = client.post(url("oversight"), typed | {"sanction": ""}, content_type=JSON)
    assert refused.status_code == 400
    asked = {"cadre": cadre.pk, "subject": "调动", "content": "照顾老人", "submitted_on": "2026-03-02"}
    assert client.post(url("petition"), asked, content_type=JSON).json()["due"] > "2026-03-16"


@pytest.mark.parametrize(
    ("slug", "typed", "field"),
    [
        ("honour", {"name": "甲", "level": "world"}, "level"),
        ("political", {}, "status"),
        ("assessment", {"year": 1970, "grade": "excellent"}, "year"),
        ("competence", {"on": "2026-01-01", "source": "self", "scores": [1, 2]}, "scores"),
        ("family", {"relation": "777", "name": "甲"}, "relation"),
        ("family", {"relation": "11", "name": "甲", "birth": "何时"}, "birth"),
        ("petition", {"subject": "甲", "content": "乙", "submitted_on": "9999-12-31"}, "submitted_on"),
        ("career", {"text": "教师", "within": 0}, "within"),
    ],
)
def test_wrong_input_names_the_field(cadre, hr, signed_in, slug, typed, field):
    make_code("relation", "11", "夫妻")
    answer = signed_in(hr).post(url(slug), {"cadre": cadre.pk} | typed, content_type=JSON)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not KINDS[slug].model.objects.exists()


def test_family_and_plans_travel_whole(cadre, tree, hr, mentor, signed_in):
    client = signed_in(hr)
    make_code("relation", "11", "夫妻")
    other = make_cadre(tree.school_west, "李四")
    typed = {"cadre": cadre.pk, "relation": "11", "name": "李四", "birth": "1981-02", "kin": other.pk}
    row = client.post(url("family"), typed, content_type=JSON).json()
    assert (row["relation"], row["relation_name"], row["kin_name"]) == ("11", "夫妻", "李四")
    assert (FamilyMember.objects.get().birth, FamilyMember.objects.get().name) == ("1981-02", "李四")
    moved = client.patch(url("family", "detail", row["id"]), {"cadre": other.pk}, content_type=JSON)
    assert "cadre" in moved.json()["errors"]
    plan = {"cadre": cadre.pk, "goals": "主持工作", "mentor": mentor.pk, "start": "2026"}
    made = client.post(url("plan"), plan, content_type=JSON).json()
    assert (made["mentor_name"], made["reviews"]) == (mentor.name, [])
    assert DevelopmentPlan.objects.get().mentor == mentor


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"张三", "李四"}),
        ({"kind": "teacher"}, {"李四"}),
        ({"on": "2025-01-01"}, {"张三"}),
        ({"search": "李"}, {"李四"}),
        ({"updated_since": "2099-01-01"}, set()),
        ({"kind": "nothing"}, None),
    ],
)
def test_filters(entries, tree, hr, signed_in, asked, found):
    Certificate.objects.create(
        cadre=make_cadre(tree.school_west, "李四"),
        kind="teacher",
        name="教师资格证书",
        start=dt.date(2026, 6, 1),
    )
    answer = signed_in(hr).get(url("certificate"), asked)
    assert answer.status_code == (200 if found is not None else 400)
    if found is not None:
        assert {row["cadre_name"] for row in answer.json()["results"]} == found


def test_filters_by_person_unit_and_deadline(entries, cadre, tree, hr, principal_east, signed_in):
    client = signed_in(hr)
    for asked, number in (
        ({"cadre": cadre.pk}, 1), ({"cadre": cadre.pk + 1}, 0), ({"unit": tree.central_east.pk}, 1),
        ({"unit": tree.central_west.pk}, 0), ({"open": "true"}, 1), ({"open": "false"}, 0),
        ({"due_until": "2024-03-01"}, 0), ({"due_until": "2024-12-31"}, 1),
    ):  # fmt: skip
        assert client.get(url("petition"), asked).json()["count"] == number, asked
    west = signed_in(principal_east).get(url("rank"), {"unit": tree.school_west.pk})
    assert west.json()["count"] == 0


@pytest.mark.parametrize(
    ("slug", "changes", "field", "sentence"),
    [
        ("plan", {"mentor": "own"}, "mentor", "导师不能是本人"),
        ("plan", {"mentor": "other", "mentor_text": "周导师"}, "mentor_text", "导师只填一项"),
        ("competence", {"on": "2199-01-01"}, "on", "评价日期不能晚于今天"),
    ],
)
def test_a_rule_is_the_same_through_page_and_api(
    tree, cadre, hr, party, cadre_user, signed_in, slug, changes, field, sentence
):
    own(cadre_user, cadre)
    people = {"own": cadre_user.pk, "other": party.pk}
    given = {
        "plan": {"goals": "能主持学校工作", "start": "2026-01"},
        "competence": {"on": "2026-01-01", "source": "self", "scores": [80] * 6},
    }[slug] | {name: people.get(value, value) for name, value in changes.items()}
    client = signed_in(hr)
    answer = client.post(url(slug), {"cadre": cadre.pk, **given}, content_type=JSON)
    assert answer.status_code == 400
    assert sentence in answer.json()["errors"][field][0]
    typed = dict(given)
    for at, score in enumerate(typed.pop("scores", []), start=1):
        typed[f"score_{at}"] = score
    page = client.post(reverse("history-add", args=[cadre.pk, slug]), typed)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not KINDS[slug].model.objects.filter(cadre=cadre).exists()
