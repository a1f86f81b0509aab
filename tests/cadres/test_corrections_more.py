"""Photo, plan, self-assessment and a missing post by request; what changed meanwhile; drafts; the list; the API."""

import datetime as dt
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from cadres.models import (
    Appointment,
    Cadre,
    CompetenceProfile,
    Correction,
    CorrectionDecision,
    DevelopmentPlan,
    Honour,
    Oversight,
    ReserveEntry,
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
from tests.cadres.factories import identity, make_appointment, make_cadre, month, own

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n%%EOF\n"
SCORES = [80, 70, None, 60, 75, 66]


@pytest.fixture
def cadre(tree, cadre_user):
    """Somebody with an account."""
    return own(cadre_user, make_cadre(tree.school_east, "甘步", phone="138"))


@pytest.fixture
def proof(db, cadre_user):
    """A stored proof."""
    return files.store(PDF, name="proof.pdf", kind="document", by=cadre_user)


def picture(colour: str = "navy", *, tail: bytes = b"") -> bytes:
    """A small JPEG with location data and perhaps something hidden behind it."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "GPS-HERE"
    Image.new("RGB", (80, 100), colour).save(out, "JPEG", exif=exif)
    return out.getvalue() + tail


def photo_of(user, colour: str = "navy") -> StoredFile:
    """A stored photo."""
    return files.store(picture(colour), name="p.jpg", kind="image", by=user)


def ask(cadre, proof, about="basic", record=None, **values):
    """A request of the cadre's own."""
    return request_correction(
        cadre=cadre,
        by=cadre.user,
        kind=about,
        values=values,
        record=record,
        explanation="登记有误",
        proof=proof,
    )


def ask_photo(cadre, colour="red"):
    """A new photo asked for."""
    return request_correction(
        cadre=cadre,
        by=cadre.user,
        kind="photo",
        values={},
        explanation="",
        photo=photo_of(cadre.user, colour),
    )


# --- the photo -----------------------------------------------------------------------------------------------


def test_a_photo_is_asked_for_compared_and_set(cadre, hr, signed_in):
    set_photo(cadre=cadre, photo=photo_of(hr), by=hr)
    client, desk = signed_in(cadre.user), signed_in(hr)
    assert (
        reverse("correction-add", args=[cadre.pk, "photo"])
        in client.get(reverse("cadre-detail", args=[cadre.pk])).content.decode()
    )
    url = reverse("correction-add", args=[cadre.pk, "photo"])
    assert client.post(url, {"explanation": ""}).status_code == 422
    upload = SimpleUploadedFile("新.jpg", picture("red", tail=b"HIDDEN-BEHIND"), "image/jpeg")
    assert client.post(url, {"explanation": "", "photo": upload}).status_code == 302
    row = Correction.objects.get()
    cadre.refresh_from_db()
    assert cadre.photo != row.photo
    with files.open_stored(row.photo) as stored:
        kept = stored.read()
    assert b"GPS-HERE" not in kept
    assert b"HIDDEN-BEHIND" not in kept
    page = desk.get(reverse("correction-detail", args=[row.pk])).content.decode()
    for which in ("old", "new"):
        address = reverse("correction-photo", args=[row.pk, which])
        assert address in page
        assert desk.get(address).status_code == 200
    desk.post(reverse("correction-take", args=[row.pk]), {"action": "accept"})
    cadre.refresh_from_db()
    row.refresh_from_db()
    assert (row.status, cadre.photo) == ("accepted", row.photo)


def test_a_photo_that_is_none_is_refused_at_its_field_and_nothing_is_kept(cadre, signed_in):
    url = reverse("correction-add", args=[cadre.pk, "photo"])
    for name, data in (("a.jpg", b"<script>"), ("b.jpg", PDF), ("c.jpg", b"\xff\xd8\xff" + b"0" * 3_000_000)):
        answer = signed_in(cadre.user).post(url, {"photo": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422
        assert answer.context["form"].errors["photo"]
    assert not Correction.objects.exists()
    assert not StoredFile.objects.exists()


def test_the_same_photo_is_no_change_and_a_second_request_waits(cadre, hr):
    set_photo(cadre=cadre, photo=photo_of(hr, "red"), by=hr)
    with pytest.raises(Invalid, match="不同的照片"):
        ask_photo(Cadre.objects.get(pk=cadre.pk), "red")
    first = ask_photo(cadre, "blue")
    assert ask_photo(cadre, "blue") == first
    with pytest.raises(WrongMoment):
        ask_photo(cadre, "green")
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(cadre=cadre, kind="photo", wanted="{}", explanation="x", status="submitted")


def test_photos_are_for_those_who_may_read_the_request(cadre, hr, principal_east, party, signed_in):
    row = ask_photo(cadre)
    address = reverse("correction-photo", args=[row.pk, "new"])
    assert signed_in(cadre.user).get(address).status_code == 200
    assert signed_in(hr).get(reverse("correction-photo", args=[row.pk, "old"])).status_code == 404
    for reader in (principal_east, party):
        assert signed_in(reader).get(address).status_code == 404


# --- plan and self-assessment --------------------------------------------------------------------------------


def test_a_plan_is_corrected_but_not_its_mentor(cadre, proof, hr):
    plan = DevelopmentPlan.objects.create(
        cadre=cadre, goals="当校长", mentor_text="戴", start=dt.date(2026, 1, 1)
    )
    for name, value in (("mentor_text", "我"), ("mentor", cadre.user), ("interval_months", 12)):
        with pytest.raises(NotAllowed):
            ask(cadre, proof, "plan", plan, **{name: value})
    row = ask(cadre, proof, "plan", plan, goals="当好校长", end=month("2027-01"))
    take_on_correction(correction=row, action="accept", by=hr)
    plan.refresh_from_db()
    assert (plan.goals, plan.mentor_text, plan.end) == ("当好校长", "戴", dt.date(2027, 1, 1))


def test_a_self_assessment_is_entered_and_corrected_as_ones_own(cadre, hr):
    on = dt.date(2026, 11, 1)
    row = ask(cadre, None, "competence", on=on, scores=SCORES, note="")
    labels = [each.label for each in differences_of(correction=row, by=hr)]
    assert "课程领导" in labels
    take_on_correction(correction=row, action="accept", by=hr)
    profile = CompetenceProfile.objects.get()
    assert (profile.source, profile.scores, profile.on) == ("self", SCORES, on)
    row = ask(cadre, None, "competence", profile, scores=[81, *SCORES[1:]])
    found = differences_of(correction=row, by=hr)
    assert [(each.label, each.stored, each.wanted) for each in found] == [("课程领导", "80", "81")]
    take_on_correction(correction=row, action="accept", by=hr)
    profile.refresh_from_db()
    assert (profile.source, profile.scores[0]) == ("self", 81)


@pytest.mark.parametrize("source", ["superior", "expert", "assessment"])
def test_what_others_judged_is_not_ones_own_to_correct(cadre, signed_in, source):
    theirs = CompetenceProfile.objects.create(
        cadre=cadre, on=dt.date(2026, 1, 1), source=source, scores=[50] * 6
    )
    with pytest.raises(NotAllowed):
        ask(cadre, None, "competence", theirs, scores=[99] * 6)
    url = reverse("correction-ask", args=[cadre.pk, "competence", theirs.pk])
    client = signed_in(cadre.user)
    assert client.get(url).status_code == 403
    assert client.post(url, {"on": "2026-01-01", "score_1": "99"}).status_code == 403
    page = client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "growth"}).content.decode()
    assert url not in page
    assert reverse("correction-add", args=[cadre.pk, "competence"]) in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"on": dt.date(2035, 1, 1), "scores": SCORES}, "on"),
        ({"on": dt.date(2026, 1, 1), "scores": [None] * 6}, "scores"),
        ({"on": dt.date(2026, 1, 1), "scores": [101] * 6}, "scores"),
    ],
)
def test_a_self_assessment_keeps_the_rules_of_its_kind(cadre, values, field):
    with pytest.raises(Invalid) as refused:
        ask(cadre, None, "competence", **values)
    assert field in refused.value.errors


# --- a missing post ------------------------------------------------------------------------------------------


def post_values(tree, **changed):
    """A post held at the West school."""
    values = {
        "unit": tree.school_west, "unit_text": "", "title": "教导主任", "kind": "regular", "is_main": True,
        "start": month("2012-09"), "end": month("2015-08"), "document_number": "示教党〔2012〕9号",
    }  # fmt: skip
    return {**values, **changed}


def test_a_missing_post_is_entered_by_the_appointment_service(tree, cadre, proof, hr):
    row = ask(cadre, proof, "appointment", **post_values(tree))
    take_on_correction(correction=row, action="accept", by=hr)
    post = Appointment.objects.get()
    assert (post.unit, post.title, post.is_main, post.document_number) == (
        tree.school_west, "教导主任", True, "示教党〔2012〕9号",
    )  # fmt: skip
    outside = ask(
        cadre, proof, "appointment", **post_values(tree, unit=None, unit_text="邻县一中", is_main=False)
    )
    take_on_correction(correction=outside, action="accept", by=hr)
    assert Appointment.objects.filter(unit_text="邻县一中").count() == 1


def test_a_refusal_of_the_appointment_service_is_a_sentence_for_hr_and_writes_nothing(
    tree, cadre, proof, hr, signed_in
):
    make_appointment(cadre, "副校长", start=dt.date(2014, 1, 1))
    row = ask(cadre, proof, "appointment", **post_values(tree))
    answer = signed_in(hr).post(reverse("correction-take", args=[row.pk]), {"action": "accept"}, follow=True)
    page = answer.content.decode()
    assert "任期重叠" in page
    assert "档案没有改动" in page
    row.refresh_from_db()
    assert (row.status, Appointment.objects.count(), row.decisions.count()) == ("submitted", 1, 1)
    assert not Message.objects.filter(recipient=cadre.user).exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"unit": None}, "unit"), ({"kind": "concurrent"}, "is_main"), ({"end": month("2011-01")}, "end"),
     ({"title": ""}, "title")],
)  # fmt: skip
def test_a_missing_post_keeps_the_rules_of_a_post_by_itself(tree, cadre, proof, changed, field):
    with pytest.raises(Invalid) as refused:
        ask(cadre, proof, "appointment", **post_values(tree, **changed))
    assert field in refused.value.errors
    assert not Correction.objects.exists()


def test_the_missing_post_through_the_pages(tree, cadre, hr, signed_in):
    client, desk = signed_in(cadre.user), signed_in(hr)
    career = client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "career"}).content.decode()
    url = reverse("correction-add", args=[cadre.pk, "appointment"])
    assert url in career
    picked = client.get(reverse("correction-unit-pick"), {"q": "西山镇中心小"}).content.decode()
    assert f'data-value="{tree.school_west.pk}"' in picked
    typed = {
        "unit": tree.school_west.pk, "title": "教导主任", "kind": "regular", "start": "2012.09", "end": "2015.08",
        "explanation": "档案里没有这一段", "proof": SimpleUploadedFile("任命.pdf", PDF),
    }  # fmt: skip
    answer = client.post(url, typed)
    row = Correction.objects.get()
    assert answer["Location"] == reverse("correction-detail", args=[row.pk])
    make_appointment(cadre, "副校长", start=dt.date(2019, 8, 1))
    Oversight.objects.create(
        cadre=cadre,
        kind="sanction",
        sanction="admin_warning",
        start=dt.date(2026, 9, 1),
        end=dt.date(2027, 3, 1),
    )
    page = desk.get(reverse("correction-detail", args=[row.pk])).content.decode()
    for words in ("西山镇中心小学", "教导主任", "档案里已有的同类记录", "副校长", "影响期内不得晋升"):
        assert words in page
    mine = client.get(reverse("correction-detail", args=[row.pk])).content.decode()
    assert "影响期" not in mine
    desk.post(reverse("correction-take", args=[row.pk]), {"action": "accept"})
    assert Appointment.objects.filter(title="教导主任").exists()


# --- what is closed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["oversight", "reserve", "evaluation", "relation", "petition", "nonsense"])
def test_the_organisations_record_can_neither_be_asked_about_nor_seen(cadre, hr, signed_in, kind):
    if kind == "oversight":
        record = Oversight.objects.create(cadre=cadre, kind="reminder", start=dt.date(2025, 3, 1))
    elif kind == "reserve":
        record = ReserveEntry.objects.create(cadre=cadre, category="deputy", start=dt.date(2025, 3, 1))
    else:
        record = None
    client = signed_in(cadre.user)
    assert client.get(reverse("correction-add", args=[cadre.pk, kind])).status_code == 404
    if record is not None:
        assert client.get(reverse("correction-ask", args=[cadre.pk, kind, record.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        keep_draft(cadre=cadre, by=cadre.user, kind=kind, record=record, typed={"note": "x"})
    answer = client.post(
        "/api/v1/corrections/",
        json.dumps({"kind": kind, "values": {"x": 1}}),
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert not Correction.objects.exists()


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
