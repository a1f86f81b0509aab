"""What is encrypted opens one row at a time, after a reason, with an entry in the trail; the trail stays silent."""

import datetime as dt

import pytest
from django.urls import reverse

from cadres.kinds import KINDS
from cadres.models import BureauEvaluation, FamilyMember, Oversight, Petition, ReserveEntry, ReserveReview
from cadres.services.family import confirm_kin, is_kin_of, withdraw_kin
from cadres.services.histories import add_history, delete_history, edit_history
from cadres.services.petitions import answer_petition, submit_petition
from cadres.services.sealed import reveal_record
from core.calendar import now
from core.errors import Invalid, NotAllowed, WrongMoment
from core.models import AuditEntry, Message
from core.versions import version_of
from tests.cadres.factories import make_cadre, make_code, own

pytestmark = pytest.mark.django_db
SECRET = "绝密之语"


@pytest.fixture
def cadre(tree, cadre_user):
    """Somebody with an account."""
    return own(cadre_user, make_cadre(tree.school_east, "甘步"))


def sealed_rows(cadre):
    """A row of every history with encrypted columns, each holding the same words."""
    wife = make_code("relation", "1", "妻子")
    day = dt.date(2025, 3, 1)
    return {
        "family": FamilyMember.objects.create(
            cadre=cadre, relation=wife, name=SECRET, birth="1980", political=SECRET, employment=SECRET
        ),
        "oversight": Oversight.objects.create(
            cadre=cadre, kind="reminder", start=day, content=SECRET, result=SECRET
        ),
        "evaluation": BureauEvaluation.objects.create(
            cadre=cadre, place="市小", grade="good", opinion=SECRET
        ),
        "petition": Petition.objects.create(
            cadre=cadre,
            subject=SECRET,
            content=SECRET,
            submitted_on=day,
            due=day,
            reply=SECRET,
            replied_on=day,
        ),
    }


def entries(action="history.reveal"):
    return AuditEntry.objects.filter(action=action).order_by("pk")


def test_every_sealed_history_is_tried_here(cadre):
    assert set(sealed_rows(cadre)) == {slug for slug, kind in KINDS.items() if kind.sealed}


@pytest.mark.parametrize("kind", ["family", "oversight", "evaluation", "petition"])
def test_a_row_opens_after_a_reason_and_not_before(cadre, hr, principal_east, signed_in, kind):
    row = sealed_rows(cadre)[kind]
    client, url = signed_in(hr), reverse("history-open", args=[cadre.pk, kind, row.pk])
    for tab in ("", "honours", "family", "oversight", "requests"):
        page = client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": tab})
        assert SECRET not in page.content.decode()
    assert SECRET not in client.get(url).content.decode()
    refused = client.post(url, {"reason": " "})
    assert (refused.status_code, SECRET in refused.content.decode()) == (422, False)
    assert not entries().exists()
    answer = client.post(url, {"reason": "办理任免"})
    assert SECRET in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert "办理任免" in entries().get().note
    for ask in (signed_in(principal_east).get, signed_in(principal_east).post):
        assert ask(url, {"reason": "看看"}).status_code == 403


@pytest.mark.parametrize("reason", ["", "  ", "看"])
def test_without_a_real_reason_nothing_opens(cadre, hr, reason):
    for row in sealed_rows(cadre).values():
        with pytest.raises(Invalid):
            reveal_record(record=row, by=hr, reason=reason)
    assert not entries().exists()


def test_the_service_itself_refuses_whoever_may_not_see(cadre, cadre_user, principal_east):
    rows = sealed_rows(cadre)
    for kind, row in rows.items():
        with pytest.raises(NotAllowed):
            reveal_record(record=row, by=principal_east, reason="核对情况")
        if kind in ("oversight", "evaluation"):
            with pytest.raises(NotAllowed):
                reveal_record(record=row, by=cadre_user, reason="核对情况")
    with pytest.raises(NotAllowed):
        reveal_record(record=cadre, by=cadre_user, reason="核对情况")
    assert not AuditEntry.objects.exists()


def test_one_opens_ones_own_family_and_requests_and_nothing_else(cadre, cadre_user, signed_in):
    rows, client = sealed_rows(cadre), signed_in(cadre_user)
    for kind, status in (("family", 200), ("petition", 200), ("oversight", 403), ("evaluation", 403)):
        answer = client.post(reverse("history-open", args=[cadre.pk, kind, rows[kind].pk]))
        assert (answer.status_code, SECRET in answer.content.decode()) == (status, status == 200)
    assert [each.note.split("（")[1] for each in entries()] == ["本人查看）", "本人查看）"]
    page = client.get(reverse("cadre-detail", args=[cadre.pk])).content.decode()
    assert "?tab=family" in page
    assert "?tab=requests" in page
    assert "?tab=oversight" not in page
    honours = client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "honours"}).content.decode()
    assert "市小" not in honours


def test_rows_without_encrypted_columns_and_rows_of_others_are_not_opened(tree, cadre, hr, signed_in):
    rows, client = sealed_rows(cadre), signed_in(hr)
    other = make_cadre(tree.school_west, "李四")
    url = reverse("history-open", args=[other.pk, "family", rows["family"].pk])
    assert client.post(url, {"reason": "看看"}).status_code == 404
    for kind in ("honour", "nonsense"):
        assert client.get(reverse("history-open", args=[cadre.pk, kind, 1])).status_code == 404


def test_a_reviews_opinion_opens_too(cadre, hr, cadre_user, signed_in):
    entry = ReserveEntry.objects.create(cadre=cadre, category="deputy", start=dt.date(2022, 1, 1))
    review = ReserveReview.objects.create(entry=entry, year=2025, status="4", opinion=SECRET)
    url = reverse("review-open", args=[cadre.pk, "reserve", entry.pk, review.pk])
    client = signed_in(hr)
    page = client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "growth"}).content.decode()
    assert (SECRET in page, url in page) == (False, True)
    assert SECRET in client.post(url, {"reason": "年度审核"}).content.decode()
    assert entries().count() == 1
    assert signed_in(cadre_user).post(url, {"reason": "看看"}).status_code == 403


def test_a_form_that_shows_it_says_so_and_is_noted(cadre, hr, signed_in):
    row, client = sealed_rows(cadre)["oversight"], signed_in(hr)
    url = reverse("history-edit", args=[cadre.pk, "oversight", row.pk])
    page = client.get(url).content.decode()
    assert SECRET in page
    assert "打开已记入审计" in page
    assert "打开修改表单" in entries().get().note
    typed = {"kind": "reminder", "start": "2025.3.1", "content": "别的", "version": "old"}
    assert client.post(url, typed).status_code == 412
    assert entries().count() == 2


def test_the_trail_never_holds_the_words(cadre, hr):
    for kind, row in sealed_rows(cadre).items():
        names = KINDS[kind].sealed
        changed = {name: f"{SECRET}{name}" for name in names if name != "birth"}
        edit_history(record=row, by=hr, **changed)
        reveal_record(record=row, by=hr, reason="核对")
        copied = {name: getattr(row, name) for name in KINDS[kind].fields if name not in KINDS[kind].dated}
        copied |= {"kin": None} if kind == "family" else {}
        delete_history(record=row, by=hr, reason="误登")
        add_history(KINDS[kind].model, cadre=cadre, by=hr, **copied)
    trail = str(list(AuditEntry.objects.values_list("before", "after", "note", "object_label")))
    assert SECRET not in trail
    assert "加密保存" in trail


def test_kin_counts_once_hr_has_confirmed_it_and_no_longer_when_the_link_changes(
    tree, cadre, cadre_user, hr, signed_in
):
    sister = own(hr_like(tree), make_cadre(tree.school_west, "甘霖"))
    cousin = make_cadre(tree.school_west, "甘露")
    wife = make_code("relation", "1", "姐妹")
    row = add_history(FamilyMember, cadre=cadre, by=hr, relation=wife, name="甘霖", kin=sister)
    assert not is_kin_of(sister.user, cadre)
    client, url = signed_in(hr), reverse("kin-confirm", args=[cadre.pk, row.pk])
    assert client.post(url, {"action": "confirm"}).status_code == 302
    row.refresh_from_db()
    assert row.kin_confirmed_by == hr
    assert is_kin_of(sister.user, cadre)
    assert is_kin_of(cadre_user, sister)
    assert not is_kin_of(hr, cadre)
    assert AuditEntry.objects.filter(action="family.confirm_kin").count() == 1
    assert client.post(url, {"action": "confirm"}).status_code == 409
    edit_history(record=row, by=hr, order=2)
    assert is_kin_of(sister.user, cadre)
    edit_history(record=row, by=hr, kin=cousin)
    assert not is_kin_of(sister.user, cadre)
    row.refresh_from_db()
    assert row.kin_confirmed_at is None
    confirm_kin(record=row, by=hr)
    assert client.post(url, {"action": "withdraw"}).status_code == 302
    with pytest.raises(WrongMoment):
        withdraw_kin(record=row, by=hr)
    assert client.post(url, {"action": "x"}).status_code == 400
    assert signed_in(cadre_user).post(url, {"action": "confirm"}).status_code == 403


def hr_like(tree):
    """Another account."""
    from tests.factories import make_user

    return make_user("sister", "甘霖")


def test_nobody_confirms_their_own_kin(tree, cadre, hr):
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    wife = make_code("relation", "1", "姐妹")
    row = add_history(FamilyMember, cadre=cadre, by=hr, relation=wife, name="何", kin=mine)
    with pytest.raises(NotAllowed):
        confirm_kin(record=row, by=hr)


def test_a_request_is_submitted_answered_and_told(tree, cadre, cadre_user, hr, party, signed_in):
    client = signed_in(cadre_user)
    url = reverse("petition-submit", args=[cadre.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"subject": "", "content": SECRET}).status_code == 422
    assert client.post(url, {"subject": SECRET, "content": SECRET}).status_code == 302
    row = Petition.objects.get()
    told = Message.objects.get()
    assert (told.recipient, SECRET in f"{told.title}{told.body}") == (hr, False)
    assert told.due is not None
    answer = reverse("petition-answer", args=[cadre.pk, row.pk])
    desk = signed_in(hr)
    assert SECRET in desk.get(answer).content.decode()
    assert entries().count() == 1
    assert desk.post(answer, {"reply": " "}).status_code == 422
    assert desk.post(answer, {"reply": "已研究"}).status_code == 302
    assert desk.post(answer, {"reply": "已研究"}).status_code == 422
    row.refresh_from_db()
    assert (row.reply, row.replied_by) == ("已研究", hr)
    assert Message.objects.filter(recipient=cadre_user, title__contains="诉求").count() == 1
    assert signed_in(party).get(answer).status_code == 403
    trail = str(list(AuditEntry.objects.values_list("before", "after", "note")))
    assert SECRET not in trail


def test_a_request_is_ones_own_and_answered_by_somebody_else(tree, cadre, hr):
    with pytest.raises(NotAllowed):
        submit_petition(cadre=cadre, by=hr, subject="代提", content="不行")
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    row = submit_petition(cadre=mine, by=hr, subject="本人", content="本人的")
    with pytest.raises(NotAllowed):
        answer_petition(record=row, by=hr, reply="同意")
    assert not Message.objects.filter(recipient=hr).exists()
    with pytest.raises(Invalid):
        submit_petition(cadre=mine, by=hr, subject=" ", content="无题")


def test_a_correction_of_an_answered_request_keeps_its_answer(cadre, hr, signed_in):
    row = sealed_rows(cadre)["petition"]
    client, url = signed_in(hr), reverse("history-edit", args=[cadre.pk, "petition", row.pk])
    typed = {
        "subject": "调动", "content": "内容", "submitted_on": "2025-03-01", "due": "2025-03-20", "reply": "已复",
        "version": version_of(row),
    }  # fmt: skip
    assert client.post(url, typed).status_code == 302
    row.refresh_from_db()
    assert (row.reply, row.replied_on, row.due) == ("已复", dt.date(2025, 3, 1), dt.date(2025, 3, 20))


def test_kin_of_the_asker_answer_no_request(tree, cadre, hr):
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    row = submit_petition(cadre=cadre, by=cadre.user, subject="调动", content="申请")
    FamilyMember.objects.create(
        cadre=mine,
        relation=make_code("relation", "1", "姐妹"),
        name="甘步",
        kin=cadre,
        kin_confirmed_at=now(),
    )
    with pytest.raises(NotAllowed, match="回避"):
        answer_petition(record=row, by=hr, reply="同意")
