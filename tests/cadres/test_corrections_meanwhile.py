"""What changes while a request waits; drafts and replays; HR's list; the API of requests."""

import datetime as dt
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cadres.models import (
    Appointment,
    Cadre,
    Correction,
    CorrectionDecision,
    Honour,
)
from cadres.services.compared import mark_of
from cadres.services.corrections import (
    differences_of,
    discard_draft,
    find_draft,
    keep_draft,
    request_correction,
    supplement_correction,
    take_on_correction,
    typed_in,
)
from cadres.services.histories import edit_history
from cadres.services.people import edit_cadre, set_photo
from core import files
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.models import Message, StoredFile
from tests.cadres.asking import PDF, ask, ask_photo, photo_of, picture
from tests.cadres.factories import identity, make_cadre, own

pytestmark = pytest.mark.django_db


@pytest.fixture
def cadre(tree, cadre_user):
    """Somebody with an account."""
    return own(cadre_user, make_cadre(tree.school_east, "甘步", phone="138"))


@pytest.fixture
def proof(db, cadre_user):
    """A stored proof."""
    return files.store(PDF, name="proof.pdf", kind="document", by=cadre_user)


# --- what changed in the meantime ----------------------------------------------------------------------------


def test_a_newer_change_is_shown_and_never_overwritten_unseen(cadre, proof, hr, signed_in):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师", issuer="县局")
    row = ask(cadre, proof, "honour", entry, name="模范教师")
    edit_history(record=entry, by=hr, name="先进教师")
    desk = signed_in(hr)
    page = desk.get(reverse("correction-detail", args=[row.pk]))
    (shown,) = page.context["differences"]
    assert (shown.before, shown.stored, shown.wanted, shown.moved) == (
        "优秀教师", "先进教师", "模范教师", True,
    )  # fmt: skip
    for words in ("申请时的记录", "现在的记录", "申请更正为", "申请后已改", "仍按申请改写"):
        assert words in page.content.decode()
    take = reverse("correction-take", args=[row.pk])
    desk.post(take, {"action": "accept", "version": page.context["version"]})
    entry.refresh_from_db()
    assert entry.name == "先进教师"
    with pytest.raises(WrongMoment, match="已改过"):
        take_on_correction(correction=row, action="accept", by=hr)
    with pytest.raises(Invalid):
        take_on_correction(correction=row, action="accept_over", by=hr, seen=mark_of(row))
    desk.post(take, {"action": "accept_over", "version": page.context["version"], "comment": "以证书为准"})
    entry.refresh_from_db()
    row.refresh_from_db()
    assert (entry.name, entry.issuer, row.status) == ("模范教师", "县局", "accepted")


def test_what_changed_after_the_page_was_opened_is_looked_at_first(cadre, proof, hr):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师")
    row = ask(cadre, proof, "honour", entry, name="模范教师")
    edit_history(record=entry, by=hr, name="先进教师")
    seen = mark_of(row)
    edit_history(record=entry, by=hr, name="劳动模范")
    for given in (seen, ""):
        with pytest.raises((WrongMoment, Invalid)):
            take_on_correction(correction=row, action="accept_over", by=hr, comment="改", seen=given)
    entry.refresh_from_db()
    assert entry.name == "劳动模范"


def test_other_fields_may_change_and_the_same_change_is_no_conflict(cadre, proof, hr):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师")
    row = ask(cadre, proof, "honour", entry, name="模范教师")
    edit_history(record=entry, by=hr, issuer="县局")
    edit_history(record=entry, by=hr, name="模范教师")
    take_on_correction(correction=row, action="accept", by=hr)
    entry.refresh_from_db()
    assert (entry.name, entry.issuer) == ("模范教师", "县局")


def test_own_data_and_the_photo_changed_meanwhile_too(cadre, proof, hr):
    row = ask(cadre, proof, native_place="贵州遵义")
    edit_cadre(cadre=cadre, by=hr, native_place="贵州贵阳")
    row = Correction.objects.get(pk=row.pk)
    with pytest.raises(WrongMoment):
        take_on_correction(correction=row, action="accept", by=hr)
    photo = ask_photo(Cadre.objects.get(pk=cadre.pk))
    set_photo(cadre=cadre, photo=photo_of(hr, "green"), by=hr)
    photo = Correction.objects.get(pk=photo.pk)
    with pytest.raises(WrongMoment):
        take_on_correction(correction=photo, action="accept", by=hr)
    take_on_correction(correction=photo, action="accept_over", by=hr, comment="本人新照", seen=mark_of(photo))
    assert Cadre.objects.get(pk=cadre.pk).photo == photo.photo


def test_a_form_opened_before_a_change_comes_back_with_both_versions(cadre, hr, signed_in):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师")
    client = signed_in(cadre.user)
    url = reverse("correction-ask", args=[cadre.pk, "honour", entry.pk])
    version = client.get(url).context["form"].initial["version"]
    edit_history(record=entry, by=hr, issuer="市局")
    typed = {
        "name": "模范教师", "level": entry.level, "issuer": "", "explanation": "有误", "version": version,
        "proof": SimpleUploadedFile("a.pdf", PDF),
    }  # fmt: skip
    answer = client.post(url, typed)
    assert answer.status_code == 412
    assert "市局" in answer.content.decode()
    assert not Correction.objects.exists()


def test_the_asker_sees_the_own_number_masked_where_it_stands(tree, cadre_user, proof):
    number = identity()
    cadre = own(cadre_user, make_cadre(tree.school_east, "甘步", id_number=number))
    row = ask(cadre, proof, id_number=identity())
    (mine,) = differences_of(correction=row, by=cadre_user)
    assert number not in (mine.stored, mine.before)
    assert "*" in mine.stored


# --- drafts and replays --------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_becomes_the_request(cadre, hr, signed_in):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师", issuer="县局")
    client, desk = signed_in(cadre.user), signed_in(hr)
    url = reverse("correction-ask", args=[cadre.pk, "honour", entry.pk])
    typed = {"name": "模范教师", "level": entry.level, "issuer": "县局", "start": "不是日期"}
    kept = client.post(url, typed, headers={"X-Autosave": "1"})
    assert kept.json() == {"saved": True}
    draft = Correction.objects.get()
    assert typed_in(draft) == {"name": "模范教师", "start": "不是日期"}
    edit_history(record=entry, by=hr, issuer="市局")
    form = client.get(url).context["form"]
    assert (form.initial["name"], form.initial["issuer"]) == ("模范教师", "市局")
    page = reverse("correction-detail", args=[draft.pk])
    assert client.get(page)["Location"] == url
    assert desk.get(page).status_code == 404
    assert "模范教师" not in desk.get(reverse("correction-list")).content.decode()
    tab = {"tab": "requests"}
    assert page not in desk.get(reverse("cadre-detail", args=[cadre.pk]), tab).content.decode()
    assert page in client.get(reverse("cadre-detail", args=[cadre.pk]), tab).content.decode()
    assert not Message.objects.exists()
    proof = {"explanation": "有误", "proof": SimpleUploadedFile("a.pdf", PDF), "start": "", "issuer": "市局"}
    assert client.post(url, {**typed, **proof}).status_code == 302
    row = Correction.objects.get()
    assert (row.pk, row.status, row.typed, json.loads(row.wanted)) == (
        draft.pk, "submitted", "", {"name": "模范教师"},
    )  # fmt: skip


def test_a_draft_is_its_writers_to_throw_away(cadre, proof, hr, signed_in):
    draft = keep_draft(cadre=cadre, by=cadre.user, kind="honour", typed={"name": "x"})
    assert keep_draft(cadre=cadre, by=cadre.user, kind="honour", typed={"name": "y"}) == draft
    assert keep_draft(cadre=cadre, by=cadre.user, kind="title", typed={}) is None
    for call in (
        lambda: keep_draft(cadre=cadre, by=hr, kind="honour", typed={"name": "z"}),
        lambda: discard_draft(correction=draft, by=hr),
    ):
        with pytest.raises(NotAllowed):
            call()
    with pytest.raises(NotFound):
        take_on_correction(correction=draft, action="accept", by=hr)
    url = reverse("correction-discard", args=[draft.pk])
    assert signed_in(hr).post(url).status_code == 404
    assert signed_in(cadre.user).post(url).status_code == 302
    assert find_draft(cadre=cadre, kind="honour") is None
    sent = ask(cadre, proof, native_place="遵义")
    with pytest.raises(WrongMoment):
        discard_draft(correction=sent, by=cadre.user)


def test_the_same_request_sent_twice_is_one(tree, cadre, proof):
    first = ask(cadre, proof, "honour", name="优秀教师", level="county", start=None)
    assert ask(cadre, proof, "honour", name="优秀教师", level="county", start=None) == first
    assert ask(cadre, proof, "honour", name="模范教师", level="county", start=None) != first
    assert ask(cadre, proof, native_place="遵义") == ask(cadre, proof, native_place="遵义")


def test_what_the_record_says_already_is_no_wish(cadre, proof):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师", issuer="")
    with pytest.raises(Invalid, match="没有修改"):
        ask(cadre, proof, "honour", entry, name="优秀教师", issuer=None, end=None)


def test_a_returned_request_is_changed_and_comes_back(cadre, proof, hr, signed_in):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师")
    row = ask(cadre, proof, "honour", entry, name="模范教师")
    take_on_correction(correction=row, action="return", by=hr, comment="名称以证书为准")
    assert "名称以证书为准" in Message.objects.get(recipient=cadre.user).body
    url = reverse("correction-supplement", args=[row.pk])
    client = signed_in(cadre.user)
    form = client.get(url).context["form"]
    assert (form.initial["name"], form.initial["explanation"]) == ("模范教师", "登记有误")
    client.post(url, {"name": "先进", "level": "county", "explanation": "再写"}, headers={"X-Autosave": "1"})
    assert client.get(url).context["form"].initial["name"] == "先进"
    edit_history(record=entry, by=hr, issuer="县局")
    typed = {"name": "先进教师", "level": entry.level, "issuer": "县局", "explanation": "按证书改正"}
    assert client.post(url, typed).status_code == 302
    row.refresh_from_db()
    assert (row.status, json.loads(row.wanted), row.proof, row.typed) == (
        "submitted", {"name": "先进教师"}, proof, "",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        supplement_correction(correction=row, by=hr, explanation="x")


def test_a_second_form_for_what_is_under_way_leads_to_it(cadre, proof, signed_in):
    row = ask(cadre, proof, native_place="遵义")
    client = signed_in(cadre.user)
    answer = client.get(reverse("correction-add", args=[cadre.pk, "basic"]))
    assert answer["Location"] == reverse("correction-detail", args=[row.pk])
    entry = Honour.objects.create(cadre=cadre, name="优秀教师")
    open_one = ask(cadre, proof, "honour", entry, name="x")
    tab = client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "honours"}).content.decode()
    assert "更正申请办理中" in tab
    assert reverse("correction-detail", args=[open_one.pk]) in tab


def test_a_wrong_proof_is_refused_at_its_field(cadre, signed_in):
    url = reverse("correction-add", args=[cadre.pk, "honour"])
    typed = {"name": "优秀教师", "level": "county", "explanation": "缺"}
    answer = signed_in(cadre.user).post(url, {**typed, "proof": SimpleUploadedFile("a.exe", b"MZ\x90\x00")})
    assert answer.status_code == 422
    assert answer.context["form"].errors["proof"]
    assert not StoredFile.objects.exists()


# --- HR's list -----------------------------------------------------------------------------------------------


def test_the_list_is_searched_filtered_and_ordered_by_its_deadlines(tree, cadre, proof, hr, signed_in):
    from tests.factories import make_user

    late = ask(cadre, proof, native_place="遵义")
    other = own(make_user("second", "易人"), make_cadre(tree.school_west, "易人"))
    request_correction(
        cadre=other, by=other.user, kind="honour", values={"name": "优秀", "level": "county"},
        explanation="缺", proof=proof,
    )  # fmt: skip
    Correction.objects.filter(pk=late.pk).update(due=dt.date(2020, 1, 1))
    desk, url = signed_in(hr), reverse("correction-list")

    def names(**asked):
        return [row.record.cadre.name for row in desk.get(url, asked).context["table"].rows]

    assert names() == ["甘步", "易人"]
    assert names(search="yr") == ["易人"]
    assert names(search="西山镇") == ["易人"]
    assert names(kind="basic") == ["甘步"]
    assert names(missing="yes") == ["易人"]
    assert names(due="late") == ["甘步"]
    assert names(due="soon") == []
    assert names(tab="done") == []
    assert "超期" in desk.get(url).content.decode() or "已过" in desk.get(url).content.decode()
    assert desk.get(url, {"export": "xlsx"}).status_code == 200


# --- the API -------------------------------------------------------------------------------------------------


def post(client, url, body):
    """Send JSON."""
    return client.post(url, json.dumps(body), content_type="application/json")


def test_the_api_asks_shows_and_decides(tree, cadre, hr, signed_in):
    mine, desk = signed_in(cadre.user), signed_in(hr)
    base = "/api/v1/corrections/"
    values = {
        "unit": tree.school_west.pk, "title": "教导主任", "start": "2012-09", "end": "2015-08", "is_main": True,
    }  # fmt: skip
    body = {"kind": "appointment", "values": values, "explanation": "缺一段"}
    refused = post(mine, base, body)
    assert (refused.status_code, "proof" in refused.json()["errors"]) == (400, True)
    with_file = {**body, "values": json.dumps(values), "proof": SimpleUploadedFile("a.pdf", PDF)}
    made = mine.post(base, with_file)
    assert made.status_code == 201, made.content
    url = f"{base}{made.json()['id']}/"
    shown = desk.get(url).json()
    assert {each["label"]: each["wanted"] for each in shown["differences"]}["职务名称"] == "教导主任"
    assert desk.get(f"{url}proof/").status_code == 200
    assert {each["name"] for each in shown["actions"]} == {"accept", "return", "decline"}
    assert post(desk, f"{url}take/", {"action": "return"}).status_code == 400
    assert post(desk, f"{url}take/", {"action": "return", "comment": "写明文号"}).status_code == 200
    again = {"values": {**values, "document_number": "示教〔2012〕1号"}, "explanation": "已写"}
    assert post(desk, f"{url}supplement/", again).status_code == 403
    assert post(mine, f"{url}supplement/", again).status_code == 200
    mark = desk.get(url).json()["mark"]
    assert post(desk, f"{url}take/", {"action": "accept", "mark": mark}).json()["status"] == "accepted"
    assert Appointment.objects.get().document_number == "示教〔2012〕1号"
    assert [each["action"] for each in mine.get(url).json()["decisions"]] == [
        "submit", "return", "submit", "accept",
    ]  # fmt: skip


def test_the_api_refuses_what_the_page_refuses(tree, cadre, proof, hr, principal_east, signed_in):
    base = "/api/v1/corrections/"
    mine = signed_in(cadre.user)
    for body in (
        {"kind": "basic", "values": {"note": "x"}, "explanation": "x"},
        {"kind": "family", "values": {"kin": cadre.pk}, "explanation": "x"},
        {"kind": "competence", "values": {"source": "superior"}},
        {"kind": "honour", "values": ["name"], "explanation": "x"},
        {"kind": "honour", "values": {"name": "x", "level": "nonsense"}, "explanation": "x"},
        {"kind": "honour", "record": 10**9, "values": {"name": "x"}, "explanation": "x"},
    ):
        assert post(mine, base, body).status_code == 400, body
    assert post(signed_in(hr), base, {"kind": "basic", "values": {"phone": "1"}}).status_code == 403
    row = ask(cadre, proof, native_place="遵义")
    outsider = signed_in(principal_east)
    assert outsider.get(f"{base}{row.pk}/").status_code in (403, 404)
    assert post(outsider, f"{base}{row.pk}/take/", {"action": "accept"}).status_code in (403, 404)
    assert post(mine, f"{base}{row.pk}/take/", {"action": "accept"}).status_code == 403
    assert not CorrectionDecision.objects.filter(action="accept").exists()
    keep_draft(cadre=cadre, by=cadre.user, kind="honour", typed={"name": "x"})
    assert len(mine.get(base).json()["results"]) == 1


def test_the_api_takes_a_photo(cadre, hr, signed_in):
    mine, desk = signed_in(cadre.user), signed_in(hr)
    bad = mine.post("/api/v1/corrections/", {"kind": "photo", "photo": SimpleUploadedFile("a.jpg", b"no")})
    assert (bad.status_code, "photo" in bad.json()["errors"]) == (400, True)
    made = mine.post(
        "/api/v1/corrections/", {"kind": "photo", "photo": SimpleUploadedFile("a.jpg", picture("red"))}
    )
    assert (made.status_code, made.json()["has_photo"]) == (201, True)
    url = f"/api/v1/corrections/{made.json()['id']}/"
    assert desk.get(f"{url}photo/").status_code == 200
    assert post(desk, f"{url}take/", {"action": "accept"}).status_code == 200
    assert Cadre.objects.get(pk=cadre.pk).photo_id == Correction.objects.get().photo_id


def test_a_returned_request_about_what_is_gone_asks_for_nothing_else(cadre, proof, hr):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师")
    row = ask(cadre, proof, "honour", entry, name="模范教师")
    take_on_correction(correction=row, action="return", by=hr, comment="补")
    entry.delete()
    with pytest.raises(NotFound):
        supplement_correction(correction=row, by=cadre.user, explanation="x", values={"name": "y"})
