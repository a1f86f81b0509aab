"""Requests for correction: asked with a proof, checked by somebody else, written by the services, told to both."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from cadres.models import Cadre, Correction, CorrectionDecision, Education, FamilyMember, Honour
from cadres.services.compared import mark_of
from cadres.services.corrections import (
    CORRECTABLE,
    differences_of,
    request_correction,
    subject_of,
    supplement_correction,
    take_on_correction,
)
from cadres.services.family import confirm_kin
from cadres.services.histories import add_history, delete_history
from cadres.todos import waiting
from core import files
from core.errors import DomainError, Invalid, NotAllowed, NotFound, WrongMoment
from core.models import AuditEntry, Message
from core.partial_dates import PartialDate
from tests.cadres.factories import identity, make_appointment, make_cadre, make_code, month, own

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def cadre(tree, cadre_user):
    """Somebody with an account."""
    return own(cadre_user, make_cadre(tree.school_east, "甘步", phone="138"))


@pytest.fixture
def proof(db, cadre_user):
    """A stored proof."""
    return files.store(PDF, name="proof.pdf", kind="document", by=cadre_user)


def ask(cadre, proof, kind="basic", record=None, **values):
    """A request of the cadre's own."""
    return request_correction(
        cadre=cadre, by=cadre.user, kind=kind, values=values or {"native_place": "贵州遵义"}, record=record,
        explanation="登记有误", proof=proof,
    )  # fmt: skip


def test_accepting_own_data_writes_them_and_tells_both(cadre, proof, hr):
    row = ask(cadre, proof, birth=month("1979-05"), native_place="贵州遵义")
    assert (row.status, row.due is not None) == ("submitted", True)
    assert Message.objects.get(recipient=hr).url == reverse("correction-detail", args=[row.pk])
    differences = {each.label: (each.stored, each.wanted) for each in differences_of(correction=row, by=hr)}
    assert differences["出生年月"] == ("1980年5月3日", "1979年5月")
    take_on_correction(correction=row, action="accept", by=hr)
    found = Cadre.objects.get(pk=cadre.pk)
    assert (found.native_place, found.birth_date) == ("贵州遵义", month("1979-05"))
    assert found.phone == "138"
    assert [each.action for each in row.decisions.all()] == ["submit", "accept"]
    assert Message.objects.filter(recipient=cadre.user, body__contains="已核实采纳").count() == 1
    assert AuditEntry.objects.filter(action="cadre.edit", actor_id=hr.pk).count() == 1
    with pytest.raises(WrongMoment):
        take_on_correction(correction=row, action="decline", by=hr, comment="晚了")


def test_accepting_an_entry_changes_only_what_was_asked(cadre, proof, hr):
    level = make_code("education", "21", "大学本科毕业", short="大学", level=50)
    entry = Education.objects.create(
        cadre=cadre, mode="full_time", level=level, level_text="大学", school="甲"
    )
    row = ask(cadre, proof, "education", entry, school="乙师范学院", end=month("1999-07"))
    Education.objects.filter(pk=entry.pk).update(major="数学")
    take_on_correction(correction=row, action="accept", by=hr)
    entry.refresh_from_db()
    assert (entry.school, entry.end_date, entry.major) == ("乙师范学院", month("1999-07"), "数学")


def test_accepting_a_missing_entry_adds_it_and_a_post_is_corrected(cadre, proof, hr):
    row = ask(
        cadre,
        proof,
        "honour",
        name="优秀教师",
        level="city",
        start=PartialDate.of(dt.date(2020, 1, 1), "year"),
    )
    take_on_correction(correction=row, action="accept", by=hr)
    assert Honour.objects.get(cadre=cadre).start_date == PartialDate.of(dt.date(2020, 1, 1), "year")
    post = make_appointment(cadre, "副校长")
    row = ask(cadre, proof, "appointment", post, start=month("2018-08"))
    take_on_correction(correction=row, action="accept", by=hr)
    post.refresh_from_db()
    assert post.start_date == month("2018-08")


def test_a_refusal_of_the_record_undoes_the_whole_verdict(cadre, proof, hr):
    number = identity()
    make_cadre(cadre.unit, "别人", id_number=number)
    row = ask(cadre, proof, id_number=number)
    with pytest.raises(Invalid):
        take_on_correction(correction=row, action="accept", by=hr)
    row.refresh_from_db()
    assert (row.status, row.decisions.count()) == ("submitted", 1)
    assert not Message.objects.filter(recipient=cadre.user).exists()


def test_an_entry_that_is_gone_cannot_be_corrected(cadre, proof, hr):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师")
    row = ask(cadre, proof, "honour", entry, name="模范教师")
    delete_history(record=entry, by=hr, reason="误登")
    with pytest.raises(WrongMoment):
        take_on_correction(correction=row, action="accept", by=hr)
    take_on_correction(correction=row, action="decline", by=hr, comment="原记录已删除")


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [("plan", {"goals": "x"}, NotAllowed), ("oversight", {"authority": "x"}, NotAllowed),
     ("reserve", {"status": "1"}, NotAllowed), ("evaluation", {"place": "x"}, NotAllowed),
     ("petition", {"reply": "x"}, NotAllowed), ("relation", {"unit": 1}, NotAllowed),
     ("competence", {"note": "x"}, Invalid), ("competence", {"source": "superior"}, NotAllowed),
     ("appointment", {"title": "校长"}, Invalid), ("appointment", {"post": 1}, NotAllowed),
     ("family", {"kin": 1}, NotAllowed), ("basic", {}, Invalid), ("basic", {"note": "x"}, NotAllowed)],
)  # fmt: skip
def test_what_isnt_ones_own_to_ask_is_refused(cadre, proof, kind, values, words):
    with pytest.raises(words):
        request_correction(
            cadre=cadre, by=cadre.user, kind=kind, values=values, explanation="登记有误", proof=proof
        )


def test_a_request_has_words_and_a_proof_and_is_ones_own(cadre, proof, hr):
    given = {"cadre": cadre, "kind": "basic", "values": {"native_place": "遵义"}}
    for changed in ({"explanation": " ", "proof": proof}, {"explanation": "有误", "proof": None}):
        with pytest.raises(Invalid):
            request_correction(by=cadre.user, **given, **changed)
    with pytest.raises(NotAllowed, match="本人申请"):
        request_correction(by=hr, **given, explanation="代办", proof=proof)
    made = request_correction(
        by=cadre.user, cadre=cadre, kind="basic", values={"phone": "139"}, explanation="换号"
    )
    assert made.status == "submitted"


def test_one_open_request_an_entry(cadre, proof, hr):
    entry = Honour.objects.create(cadre=cadre, name="优秀教师")
    first = ask(cadre, proof, "honour", entry, name="模范教师")
    with pytest.raises(WrongMoment):
        ask(cadre, proof, "honour", entry, name="先进教师")
    take_on_correction(correction=first, action="withdraw", by=cadre.user)
    assert ask(cadre, proof, "honour", entry, name="先进教师").status == "submitted"
    ask(cadre, proof)
    with pytest.raises(WrongMoment):
        ask(cadre, proof, native_place="贵州贵阳")
    other = Honour.objects.create(cadre=make_cadre(cadre.unit), name="别人的")
    with pytest.raises(NotFound):
        ask(cadre, proof, "honour", other, name="我的")


def test_nobody_decides_on_themselves_or_their_kin(tree, cadre, cadre_user, proof, hr):
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    row = request_correction(
        cadre=mine, by=hr, kind="basic", values={"native_place": "遵义"}, explanation="有误", proof=proof
    )
    with pytest.raises(NotAllowed):
        take_on_correction(correction=row, action="accept", by=hr)
    assert "更正" not in "".join(each.title for each in waiting(hr))
    row = ask(cadre, proof)
    sister = make_code("relation", "1", "姐妹")
    link = FamilyMember.objects.create(cadre=cadre, relation=sister, name="何", kin=mine)
    from tests.factories import make_holder

    confirm_kin(record=link, by=make_holder("hr-2", "贺人事", "hr", tree.bureau))
    with pytest.raises(NotAllowed, match="回避"):
        take_on_correction(correction=row, action="accept", by=hr)


def test_out_of_scope_a_request_isnt_there(cadre, proof, principal_east, party):
    row = ask(cadre, proof)
    for reader in (principal_east, party):
        with pytest.raises(NotFound):
            take_on_correction(correction=row, action="accept", by=reader)
        with pytest.raises(NotAllowed):
            differences_of(correction=row, by=reader)


def test_a_returned_request_is_completed_and_comes_back(cadre, proof, hr):
    row = ask(cadre, proof)
    with pytest.raises(WrongMoment):
        supplement_correction(correction=row, by=cadre.user, explanation="补充")
    with pytest.raises(Invalid):
        take_on_correction(correction=row, action="return", by=hr)
    take_on_correction(correction=row, action="return", by=hr, comment="请附户口簿")
    assert [(item.verb, item.detail) for item in waiting(cadre.user)] == [("补充", subject_of(row))]
    assert not waiting(hr)
    with pytest.raises(NotAllowed):
        supplement_correction(correction=row, by=hr, explanation="代办")
    supplement_correction(correction=row, by=cadre.user, explanation="已附户口簿")
    row.refresh_from_db()
    assert (row.status, row.explanation, row.proof) == ("submitted", "已附户口簿", proof)
    assert [item.verb for item in waiting(hr)] == ["核实"]
    assert Message.objects.filter(recipient=hr).count() == 2


def test_decisions_stay_and_the_trail_is_silent(cadre, proof, hr):
    wife = make_code("relation", "1", "妻子")
    entry = add_history(FamilyMember, cadre=cadre, by=hr, relation=wife, name="王芳")
    row = request_correction(
        cadre=cadre, by=cadre.user, kind="family", record=entry, values={"name": "绝密之语"},
        explanation="绝密之语", proof=proof,
    )  # fmt: skip
    with pytest.raises(Invalid, match="理由"):
        differences_of(correction=row, by=hr)
    assert differences_of(correction=row, by=hr, reason="核对户口簿")[0].wanted == "绝密之语"
    assert AuditEntry.objects.filter(action="correction.open").count() == 1
    differences_of(correction=row, by=cadre.user)
    assert "（核对户口簿）" in AuditEntry.objects.get(action="correction.open").note
    take_on_correction(correction=row, action="accept", by=hr, seen=mark_of(row))
    entry.refresh_from_db()
    assert entry.name == "绝密之语"
    trail = str(list(AuditEntry.objects.values_list("before", "after", "note", "object_label")))
    assert "绝密之语" not in trail
    assert "绝密之语" not in str(list(CorrectionDecision.objects.values()))
    with pytest.raises(DatabaseError), transaction.atomic():
        CorrectionDecision.objects.update(comment="改")


def test_sensitive_wishes_need_sight_of_what_is_sensitive(cadre, proof, hr, signed_in, monkeypatch):
    row = ask(cadre, proof, id_number=identity())
    from accounts.scope import may_on

    monkeypatch.setattr(
        "cadres.fields.may_on", lambda u, c, o: c != "cadre.view_sensitive" and may_on(u, c, o)
    )
    with pytest.raises(NotAllowed):
        differences_of(correction=row, by=hr)
    with pytest.raises(NotAllowed):
        take_on_correction(correction=row, action="accept", by=hr)
    assert signed_in(hr).get(reverse("correction-proof", args=[row.pk])).status_code == 403


def test_the_walk_through_the_pages(cadre, cadre_user, hr, signed_in):
    client, desk = signed_in(cadre_user), signed_in(hr)
    overview = client.get(reverse("cadre-detail", args=[cadre.pk])).content.decode()
    url = reverse("correction-add", args=[cadre.pk, "basic"])
    assert url in overview
    page = client.get(url)
    typed = {k: v for k, v in page.context["form"].initial.items() if v is not None}
    typed = {k: v.dotted() if isinstance(v, PartialDate) else v for k, v in typed.items()}
    typed |= {"explanation": "籍贯登记有误", "native_place": "贵州遵义"}
    assert client.post(url, typed).status_code == 422
    upload = SimpleUploadedFile("户口簿.pdf", PDF, "application/pdf")
    answer = client.post(url, {**typed, "proof": upload})
    row = Correction.objects.get()
    assert answer["Location"] == reverse("correction-detail", args=[row.pk])
    assert "native_place" in row.wanted
    assert "birth" not in row.wanted
    other = {**typed, "native_place": "贵州贵阳", "proof": SimpleUploadedFile("a.pdf", PDF)}
    assert client.post(url, other).status_code == 422
    assert "甘步" in desk.get(reverse("correction-list")).content.decode()
    detail = reverse("correction-detail", args=[row.pk])
    shown = desk.get(detail).content.decode()
    for words in ("贵州遵义", "籍贯登记有误", "户口簿.pdf", "采纳", "不予采纳"):
        assert words in shown
    assert desk.get(reverse("correction-proof", args=[row.pk])).status_code == 200
    take = reverse("correction-take", args=[row.pk])
    desk.post(take, {"action": "return", "comment": "请附全"})
    again = reverse("correction-supplement", args=[row.pk])
    assert "请附全" in client.get(again).content.decode()
    assert client.post(again, {**typed, "explanation": "附全了"}).status_code == 302
    desk.post(take, {"action": "accept"})
    cadre.refresh_from_db()
    assert cadre.native_place == "贵州遵义"
    assert (
        "已采纳" in client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "requests"}).content.decode()
    )


def test_a_verdict_that_the_record_refuses_says_why(cadre, proof, hr, signed_in):
    row = ask(cadre, proof, work_start=month("1970-01"))
    answer = signed_in(hr).post(reverse("correction-take", args=[row.pk]), {"action": "accept"}, follow=True)
    assert "参加工作时间应晚于出生年月" in answer.content.decode()
    assert Correction.objects.get().status == "submitted"


@pytest.mark.parametrize("kind", sorted(CORRECTABLE))
def test_every_kind_that_can_be_asked_for_has_a_form(cadre, cadre_user, signed_in, kind):
    client = signed_in(cadre_user)
    answer = client.get(reverse("correction-add", args=[cadre.pk, kind]))
    assert answer.status_code == (200 if CORRECTABLE[kind] else 404)
    if CORRECTABLE[kind]:
        assert "explanation" in answer.content.decode()
        assert "cadre-pick" not in answer.content.decode()


def test_ones_own_family_is_corrected_without_the_link_to_the_roster(tree, cadre, cadre_user, hr, signed_in):
    wife = make_code("relation", "1", "妻子")
    entry = add_history(
        FamilyMember, cadre=cadre, by=hr, relation=wife, name="王芳", kin=make_cadre(tree.school_west)
    )
    url = reverse("correction-ask", args=[cadre.pk, "family", entry.pk])
    client = signed_in(cadre_user)
    page = client.get(url)
    assert "王芳" in page.content.decode()
    assert "kin" not in page.context["form"].fields
    assert AuditEntry.objects.filter(action="history.reveal").count() == 1
    typed = {"relation": wife.pk, "name": "汪芳", "order": "0", "explanation": "姓写错了"}
    assert client.post(url, {**typed, "proof": SimpleUploadedFile("a.pdf", PDF)}).status_code == 302
    row = Correction.objects.get()
    take_on_correction(correction=row, action="accept", by=hr, seen=mark_of(row))
    entry.refresh_from_db()
    assert (entry.name, entry.kin is not None) == ("汪芳", True)


def test_others_neither_ask_nor_see(tree, cadre, proof, principal_east, signed_in):
    row = ask(cadre, proof)
    client = signed_in(principal_east)
    assert client.get(reverse("correction-add", args=[cadre.pk, "basic"])).status_code == 403
    for name in ("correction-detail", "correction-proof"):
        assert client.get(reverse(name, args=[row.pk])).status_code == 404
    with pytest.raises(DomainError):
        take_on_correction(correction=row, action="withdraw", by=principal_east)
