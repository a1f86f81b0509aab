"""Verbs of the API: opening with a reason, follow-ups, kin, requests, reviews; all histories of a person; units."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Unit
from cadres.api.histories import PLURALS
from cadres.kinds import KINDS
from cadres.models import Appointment, Cadre, FamilyMember, Petition, PlanReview, ReserveReview
from core.models import AuditEntry, Message
from tests.cadres.everything import SECRET, make_histories
from tests.cadres.factories import make_appointment, make_cadre, make_post, own

pytestmark = pytest.mark.django_db
JSON = "application/json"
SEALED = [slug for slug, kind in KINDS.items() if kind.sealed]


@pytest.fixture
def cadre(tree):
    return make_cadre(tree.school_east, "张三")


@pytest.fixture
def entries(cadre):
    return make_histories(cadre)


def take(client, slug, record, verb, **sent):
    url = reverse(f"api-{PLURALS[slug]}-{verb}", args=[record.pk])
    return client.post(url, sent, content_type=JSON)


def histories_of(client, cadre):
    return client.get(reverse("api-cadres-histories", args=[cadre.pk]))


@pytest.mark.parametrize("slug", SEALED)
def test_opening_takes_a_reason_and_leaves_an_entry(entries, hr, signed_in, slug):
    client = signed_in(hr)
    assert take(client, slug, entries[slug], "reveal").status_code == 400
    assert not AuditEntry.objects.exists()
    opened = take(client, slug, entries[slug], "reveal", reason="核对情况")
    assert [column["text"] for column in opened.json()] == [SECRET] * len(KINDS[slug].sealed)
    assert opened["Cache-Control"] == "no-store"
    assert "核对情况" in AuditEntry.objects.get(action="history.reveal").note


def test_opening_is_closed_to_who_may_not_read(entries, cadre, cadre_user, principal_east, signed_in):
    own(cadre_user, cadre)
    for slug in SEALED:
        assert (
            take(signed_in(principal_east), slug, entries[slug], "reveal", reason="看看").status_code == 404
        )
    client = signed_in(cadre_user)
    assert take(client, "family", entries["family"], "reveal").json()[0]["text"] == SECRET
    assert take(client, "oversight", entries["oversight"], "reveal", reason="看看").status_code == 404
    assert [entry.note for entry in AuditEntry.objects.all()] == ["张三：家庭成员（本人查看）"]


def test_the_histories_of_a_person_are_those_the_reader_may_see(
    entries, cadre, hr, principal_east, principal_west, cadre_user, signed_in
):
    make_appointment(cadre, "副校长")
    whole = histories_of(signed_in(hr), cadre)
    assert set(whole.json()) == {"appointment", "relation", *KINDS}
    assert SECRET not in whole.content.decode()
    assert [row["title"] for row in whole.json()["appointment"]] == ["副校长"]
    school = histories_of(signed_in(principal_east), cadre).json()
    sensitive = {"family", "oversight", "evaluation", "petition", "reserve", "competence"}
    assert set(school) == {"appointment", "relation", *KINDS} - sensitive
    assert histories_of(signed_in(principal_west), cadre).status_code == 404
    assert histories_of(signed_in(cadre_user), cadre).status_code == 404
    own(cadre_user, cadre)
    assert set(KINDS) - set(histories_of(signed_in(cadre_user), cadre).json()) == {
        "oversight", "evaluation", "reserve",
    }  # fmt: skip


def test_the_histories_cost_the_same_however_many(
    entries, cadre, hr, signed_in, django_assert_max_num_queries
):
    client, costs = signed_in(hr), []
    histories_of(client, cadre)
    for category in ("deputy", "middle"):
        with django_assert_max_num_queries(60) as caught:
            histories_of(client, cadre)
        costs.append(len(caught))
        KINDS["certificate"].model.objects.create(cadre=cadre, kind="other", name="证书")
        KINDS["honour"].model.objects.create(cadre=cadre, name="荣誉")
        KINDS["reserve"].model.objects.create(cadre=cadre, category=category)
    assert costs[0] == costs[1]


def test_a_follow_up_is_recorded_once(entries, hr, signed_in):
    client, act = signed_in(hr), entries["oversight"]
    sent = {"on": "2026-01-05", "result": "已整改"}
    done = take(client, "oversight", act, "follow-up", **sent)
    assert (done.json()["done_on"], done.json()["result"]) == ("2026-01-05", None)
    act.refresh_from_db()
    assert act.result == f"{SECRET}\n已整改"
    assert take(client, "oversight", act, "follow-up", **sent).status_code == 409


def test_kin_is_confirmed_and_withdrawn(entries, tree, hr, signed_in):
    client, row = signed_in(hr), entries["family"]
    assert take(client, "family", row, "confirm-kin").status_code == 409
    FamilyMember.objects.update(kin=make_cadre(tree.school_west, "李四"))
    assert take(client, "family", row, "confirm-kin").json()["kin_confirmed_at"]
    assert take(client, "family", row, "withdraw-kin").json()["kin_confirmed_at"] is None


def test_one_asks_for_oneself_and_hr_answers(cadre, hr, cadre_user, signed_in):
    address = reverse("api-petitions-submit")
    sent = {"subject": "调动", "content": "照顾老人"}
    assert signed_in(hr).post(address, sent, content_type=JSON).status_code == 403
    own(cadre_user, cadre)
    made = signed_in(cadre_user).post(address, sent, content_type=JSON)
    assert (made.status_code, made.json()["subject"]) == (201, None)
    petition = Petition.objects.get()
    assert petition.content == "照顾老人"
    assert take(signed_in(cadre_user), "petition", petition, "answer", reply="可以").status_code == 403
    answered = take(signed_in(hr), "petition", petition, "answer", reply="已安排")
    assert answered.json()["replied_on"]
    assert take(signed_in(hr), "petition", petition, "answer", reply="又答").status_code == 409
    assert Message.objects.filter(recipient=cadre_user).count() == 1


def test_reviews_are_recorded_and_read_below_their_entry(entries, hr, signed_in):
    client = signed_in(hr)
    row = take(client, "reserve", entries["reserve"], "review", year=2026, status="3", opinion=SECRET).json()
    assert (row["status"], [review["year"] for review in row["reviews"]]) == ("3", [2026, 2025])
    assert row["reviews"][0]["opinion"] is None
    assert ReserveReview.objects.get(year=2026).opinion == SECRET
    plan = take(client, "plan", entries["plan"], "review", on="2026-01-05", progress="很好").json()
    assert [review["progress"] for review in plan["reviews"]] == ["很好", "按期推进"]
    again = take(client, "plan", entries["plan"], "review", on="2026-01-05", progress="很好")
    assert (again.status_code, PlanReview.objects.count()) == (400, 2)


def change(client, unit, verb, *, tag="", **sent):
    headers = {"If-Match": tag} if tag else {}
    url = reverse(f"api-units-{verb}", args=[unit.pk])
    return client.post(url, sent, content_type=JSON, headers=headers)


def test_units_merge_with_their_people(tree, hr, principal_east, signed_in, cadre):
    make_appointment(cadre, "校长", post=make_post(tree.school_east))
    sent = {"into": tree.school_west.pk, "on": "2026-03-01", "document_number": "示教〔2026〕9号"}
    assert change(signed_in(principal_east), tree.school_east, "merge", **sent).status_code == 403
    client = signed_in(hr)
    assert change(client, tree.school_east, "merge", tag='"1-2"', **sent).status_code == 412
    assert change(client, tree.school_east, "merge", **sent | {"into": 0}).status_code == 400
    assert Unit.objects.get(pk=tree.school_east.pk).valid_to is None
    moved = change(client, tree.school_east, "merge", **sent)
    assert moved.json() == {"people": 1, "appointments": 1}
    assert Unit.objects.get(pk=tree.school_east.pk).valid_to == dt.date(2026, 3, 1)
    assert Cadre.objects.get().unit == tree.school_west
    assert change(client, tree.school_east, "merge", **sent).status_code == 409


def test_units_split_and_close(tree, hr, signed_in, cadre):
    client, other = signed_in(hr), make_cadre(tree.school_east, "李四")
    make_appointment(other, "副校长")
    sent = {"into": tree.school_west.pk, "on": "2026-03-01"}
    assert change(client, tree.school_east, "split", cadres=[10**9], **sent).status_code == 400
    assert change(client, tree.school_east, "close", on="2026-03-02").status_code == 409
    split = change(client, tree.school_east, "split", cadres=[other.pk], **sent)
    assert split.json() == {"people": 1, "appointments": 1}
    assert Appointment.objects.get(end=None).unit == tree.school_west
    assert change(client, tree.school_east, "split", cadres=[cadre.pk], **sent).status_code == 200
    closed = change(client, tree.school_east, "close", on="2026-03-02", successor=tree.school_west.pk)
    assert (closed.status_code, closed.json()["valid_to"]) == (200, "2026-03-02")
