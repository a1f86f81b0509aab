"""Photo, plan, self-assessment and a missing post by request, and what stays closed."""

import datetime as dt
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from cadres.models import (
    Appointment,
    Cadre,
    CompetenceProfile,
    Correction,
    DevelopmentPlan,
    Oversight,
    ReserveEntry,
)
from cadres.services.compared import mark_of
from cadres.services.corrections import (
    differences_of,
    keep_draft,
    take_on_correction,
)
from cadres.services.people import set_photo
from core import files
from core.errors import Invalid, NotAllowed, WrongMoment
from core.models import Message, StoredFile
from tests.cadres.asking import PDF, ask, ask_photo, photo_of, picture
from tests.cadres.factories import make_appointment, make_cadre, month, own

pytestmark = pytest.mark.django_db
SCORES = [80, 70, None, 60, 75, 66]


@pytest.fixture
def cadre(tree, cadre_user):
    """Somebody with an account."""
    return own(cadre_user, make_cadre(tree.school_east, "甘步", phone="138"))


@pytest.fixture
def proof(db, cadre_user):
    """A stored proof."""
    return files.store(PDF, name="proof.pdf", kind="document", by=cadre_user)


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
    labels = [each.label for each in differences_of(correction=row, by=hr, reason="核对")]
    assert "课程领导" in labels
    take_on_correction(correction=row, action="accept", by=hr, seen=mark_of(row))
    profile = CompetenceProfile.objects.get()
    assert (profile.source, profile.scores, profile.on) == ("self", SCORES, on)
    row = ask(cadre, None, "competence", profile, scores=[81, *SCORES[1:]])
    found = differences_of(correction=row, by=hr, reason="核对")
    assert [(each.label, each.stored, each.wanted) for each in found] == [("课程领导", "80", "81")]
    take_on_correction(correction=row, action="accept", by=hr, seen=mark_of(row))
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
