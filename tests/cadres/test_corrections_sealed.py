"""What is sensitive in a request for correction: shown after a reason, one request at a time, with an audit entry."""

import json

import pytest
from django.urls import reverse

from cadres.models import FamilyMember
from cadres.services.corrections import take_on_correction
from cadres.services.histories import add_history
from core import files
from core.models import AuditEntry
from tests.cadres.asking import PDF, ask
from tests.cadres.factories import identity, make_cadre, make_code, own

pytestmark = pytest.mark.django_db
SECRET = "绝密之语"


@pytest.fixture
def cadre(tree, cadre_user):
    """Somebody with an account."""
    return own(cadre_user, make_cadre(tree.school_east, "甘步", phone="138"))


@pytest.fixture
def proof(db, cadre_user):
    """A stored proof."""
    return files.store(PDF, name="户口簿.pdf", kind="document", by=cadre_user)


@pytest.fixture
def row(cadre, proof, hr):
    """A request about a member of the family."""
    wife = make_code("relation", "1", "妻子")
    entry = add_history(FamilyMember, cadre=cadre, by=hr, relation=wife, name="王芳")
    return ask(cadre, proof, "family", entry, name=SECRET)


def opened():
    """The notes of what was opened."""
    return list(AuditEntry.objects.filter(action="correction.open").values_list("note", flat=True))


def test_the_page_asks_for_a_reason_and_shows_it_this_once(row, hr, signed_in):
    desk, page = signed_in(hr), reverse("correction-detail", args=[row.pk])
    closed = desk.get(page)
    text = closed.content.decode()
    for word in (SECRET, "王芳", "登记有误", row.proof.name):
        assert word not in text
    assert (closed.status_code, "姓名" in text, opened()) == (200, True, [])
    opening = reverse("correction-open", args=[row.pk])
    for reason in ("", " ", "x", "长" * 201):
        refused = desk.post(opening, {"reason": reason})
        assert (refused.status_code, SECRET in refused.content.decode()) == (422, False)
    assert not opened()
    shown = desk.post(opening, {"reason": "核对户口簿"})
    for word in (SECRET, "王芳", "登记有误", row.proof.name, "采纳"):
        assert word in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert opened() == [f"{row.cadre.name}：更正家庭成员（核对户口簿）"]
    assert SECRET not in desk.get(page).content.decode()


def test_the_proof_needs_the_reason_too(row, hr, signed_in):
    desk, proof = signed_in(hr), reverse("correction-proof", args=[row.pk])
    assert desk.get(proof).status_code == 302
    assert desk.post(proof).status_code == 400
    assert not opened()
    assert desk.post(proof, {"reason": "核对户口簿"}).status_code == 200
    assert len(opened()) == 1


def test_an_identity_number_is_sealed_and_other_data_are_not(cadre, proof, hr, signed_in):
    number = identity()
    row, desk = ask(cadre, proof, id_number=number), signed_in(hr)
    page = reverse("correction-detail", args=[row.pk])
    assert number not in desk.get(page).content.decode()
    assert (
        number
        in desk.post(reverse("correction-open", args=[row.pk]), {"reason": "核对身份"}).content.decode()
    )
    take_on_correction(correction=row, action="decline", by=hr, comment="证件不符")
    assert number not in desk.get(page).content.decode()
    plain = ask(cadre, proof, native_place="贵州遵义")
    assert "贵州遵义" in desk.get(reverse("correction-detail", args=[plain.pk])).content.decode()
    assert desk.get(reverse("correction-proof", args=[plain.pk])).status_code == 200


def test_ones_own_is_open_and_nobody_else_opens_it(row, cadre, principal_east, party, signed_in):
    mine = signed_in(cadre.user)
    assert SECRET in mine.get(reverse("correction-detail", args=[row.pk])).content.decode()
    assert mine.get(reverse("correction-proof", args=[row.pk])).status_code == 200
    assert not opened()
    for reader in (principal_east, party):
        client = signed_in(reader)
        for name in ("correction-open", "correction-proof"):
            assert client.post(reverse(name, args=[row.pk]), {"reason": "看看"}).status_code == 404
    assert not opened()


def test_the_api_seals_it_as_well(row, cadre, hr, signed_in):
    desk, url = signed_in(hr), f"/api/v1/corrections/{row.pk}/"

    def post(path: str, **body: str):
        return desk.post(f"{url}{path}/", json.dumps(body), content_type="application/json")

    closed = desk.get(url)
    assert SECRET not in closed.content.decode()
    answer = closed.json()
    assert (answer["sealed"], answer["differences"], answer["mark"]) == (True, [], "")
    assert (answer["explanation"], answer["proof_name"]) == ("", "")
    assert desk.get(f"{url}proof/").status_code == 400
    for path in ("reveal", "reveal-proof"):
        assert post(path).status_code == 400
    assert not opened()
    shown = post("reveal", reason="核对户口簿")
    assert shown.json()["differences"][0]["wanted"] == SECRET
    assert (shown.json()["sealed"], "no-store" in shown["Cache-Control"]) == (False, True)
    assert post("reveal-proof", reason="核对户口簿").status_code == 200
    assert len(opened()) == 2
    blind = post("take", action="accept")
    assert (blind.status_code, "请先查看档案现在的内容" in blind.json()["message"]) == (400, True)
    assert desk.get(url).json()["status"] == "submitted"
    done = post("take", action="accept", mark=shown.json()["mark"])
    assert (done.json()["status"], SECRET in done.content.decode()) == ("accepted", False)
    assert signed_in(cadre.user).get(url).json()["sealed"] is False
