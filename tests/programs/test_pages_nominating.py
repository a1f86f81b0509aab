"""The pages on which a school nominates: what was typed is kept, nothing is sent twice, papers stay in scope."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import StoredFile
from core.versions import version_of
from programs.models import CallQuota, Nomination, NominationFile
from programs.services.nominations import start_nomination, take_action
from tests.programs.factories import TEXTS, confirm_all, make_cadre, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def cadre(call, tree):
    """One of the East school's people."""
    return make_cadre(tree.school_east, "李青")


@pytest.fixture
def draft(call, cadre, principal_east):
    """A draft of the East school's."""
    return start_nomination(call=call, cadre=cadre, by=principal_east)


@pytest.fixture
def school(signed_in, principal_east):
    """The East principal's browser."""
    return signed_in(principal_east)


def edit(case):
    return reverse("nomination-edit", args=[case.pk])


def filled(case, **changes):
    """What the form sends when everything is filled in."""
    sent = dict(TEXTS)
    for rule in case.call.rules.filter(mode="attested", group=""):
        sent |= {f"declared_{rule.pk}": "on", f"evidence_{rule.pk}": "本人档案"}
    return sent | changes


def paper(name="总结.pdf", content=b"%PDF-1.4\n%%EOF\n"):
    return SimpleUploadedFile(name, content, "application/pdf")


def test_every_rule_is_shown_with_its_value_before_anything_is_written(school, call, cadre):
    page = school.get(reverse("nominate", args=[call.pk]), {"cadre": cadre.pk}).content.decode()
    for words in (
        "一般 35 周岁以下",
        "31 岁",
        "大专及以上学历",
        "现任学校领导班子成员",
        "名额剩 15 个",
        "还剩",
        "还可推荐 1 人",
    ):
        assert words in page, words
    assert not Nomination.objects.exists()


def test_another_school_s_person_can_t_be_picked(school, call, tree):
    stranger = make_cadre(tree.school_west)
    answer = school.post(reverse("nominate", args=[call.pk]), {"cadre": stranger.pk})
    assert answer.status_code == 422
    assert "没有找到此人" in answer.content.decode()
    assert not Nomination.objects.exists()
    found = school.get(reverse("nominee-picker"), {"q": stranger.name}).content.decode()
    assert stranger.name not in found


def test_beginning_twice_finds_the_same_draft(school, call, cadre):
    for _ in range(2):
        answer = school.post(reverse("nominate", args=[call.pk]), {"cadre": cadre.pk})
        assert answer["Location"] == edit(Nomination.objects.get())


def test_a_refused_submission_keeps_what_was_typed(school, draft):
    answer = school.post(edit(draft), {"submit": "1", "statement": "很好的人", "problems": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写拟带着解决的问题。" in page
    assert "很好的人" in page
    draft.refresh_from_db()
    assert (draft.status, draft.statement) == ("draft", "很好的人")
    assert not draft.decisions.exists()


def test_the_autosave_keeps_and_says_so(school, draft):
    answer = school.post(edit(draft), {"statement": "写到一半"}, headers={"X-Autosave": "1"})
    draft.refresh_from_db()
    assert answer.json() == {"saved": True, "version": version_of(draft)}
    assert (draft.status, draft.statement) == ("draft", "写到一半")


def test_an_autosave_never_submits(school, draft):
    school.post(edit(draft), filled(draft, submit="1"), headers={"X-Autosave": "1"})
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_an_older_form_overwrites_nothing(school, draft, clock):
    old = version_of(draft)
    clock("2026-11-20 09:01:00")
    school.post(edit(draft), {"statement": "同事写的"}, headers={"X-Autosave": "1"})
    answer = school.post(edit(draft), {"statement": "我写的", "version": old, "draft": "1"})
    assert answer.status_code == 412
    draft.refresh_from_db()
    assert draft.statement == "同事写的"


def test_an_older_autosave_overwrites_nothing_and_ones_own_goes_on(school, draft, clock):
    old = version_of(draft)
    clock("2026-11-20 09:01:00")
    first = school.post(
        edit(draft), {"statement": "同事写的", "version": old}, headers={"X-Autosave": "1"}
    ).json()["version"]
    clock("2026-11-20 09:02:00")
    stale = school.post(edit(draft), {"statement": "我写的", "version": old}, headers={"X-Autosave": "1"})
    assert stale.status_code == 412
    draft.refresh_from_db()
    assert draft.statement == "同事写的"
    answer = school.post(edit(draft), filled(draft, submit="1", version=first))
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.status == "submitted"


def test_pressing_submit_twice_submits_once(school, draft, call):
    for _ in range(2):
        answer = school.post(edit(draft), filled(draft, submit="1"))
        assert answer["Location"] == reverse("nomination-detail", args=[draft.pk])
    draft.refresh_from_db()
    assert draft.status == "submitted"
    assert draft.decisions.filter(action="submit").count() == 1


def test_over_the_quota_the_page_says_why(school, draft, call, tree, principal_east):
    submitted(call, make_cadre(tree.school_east), principal_east)
    answer = school.post(edit(draft), filled(draft, submit="1"))
    assert answer.status_code == 422
    assert "名额" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"
    CallQuota.objects.create(call=call, unit=tree.school_east, quota=2)
    assert school.post(edit(draft), filled(draft, submit="1")).status_code == 302


def test_after_the_deadline_the_form_comes_back_with_the_reason(signed_in, principal_east, draft, clock):
    clock("2026-12-16 00:00:00")
    answer = signed_in(principal_east).post(edit(draft), filled(draft, submit="1"))
    assert answer.status_code == 422
    assert "截止" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_others_don_t_write_it(draft, signed_in, hr, central_west, principal_west):
    for user, status in ((hr, 404), (central_west, 404), (principal_west, 404)):
        assert signed_in(user).post(edit(draft), {"statement": "别人"}).status_code == status
    draft.refresh_from_db()
    assert draft.statement == ""


def test_a_returned_case_shows_what_is_wanted_and_comes_back_after_the_window(
    signed_in, call, cadre, principal_east, central_east, clock
):
    case = submitted(call, cadre, principal_east)
    take_action(
        nomination=case, action="return", by=central_east, comment="请补充业绩", due=dt.date(2026, 12, 20)
    )
    clock("2026-12-18 09:00:00")
    school = signed_in(principal_east)
    page = school.get(edit(case)).content.decode()
    assert "请补充业绩" in page
    assert "重新提交" in page
    assert school.post(edit(case), filled(case, submit="1", statement="补充了业绩")).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.step.kind, case.statement) == ("in_review", "inspect", "补充了业绩")


def test_papers_are_brought_fetched_and_taken_out_by_the_school_alone(
    school, draft, call, signed_in, principal_west, hr
):
    attachment = call.attachments.first()
    url = reverse("nomination-paper-add", args=[draft.pk])
    assert school.post(url, {"file": paper(), "attachment": attachment.pk}).status_code == 302
    kept = NominationFile.objects.get()
    assert (kept.attachment, kept.file.name) == (attachment, "总结.pdf")
    fetch = reverse("nomination-paper", args=[draft.pk, kept.pk])
    answer = school.get(fetch)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    for user in (principal_west, hr):
        client = signed_in(user)
        assert client.get(fetch).status_code == 404
        assert client.post(url, {"file": paper()}).status_code == 404
        assert client.post(reverse("nomination-paper-remove", args=[draft.pk, kept.pk])).status_code == 404
    assert NominationFile.objects.count() == 1
    assert school.post(reverse("nomination-paper-remove", args=[draft.pk, kept.pk])).status_code == 302
    assert not NominationFile.objects.exists()


@pytest.mark.parametrize(
    ("upload", "status"),
    [(None, 400), (lambda: paper("病毒.exe", b"MZ\x90\x00"), 415), (lambda: paper("空.pdf", b""), 400)],
)
def test_a_paper_that_is_none_is_refused(school, draft, upload, status):
    sent = {"file": upload()} if upload else {}
    answer = school.post(reverse("nomination-paper-add", args=[draft.pk]), sent)
    assert answer.status_code == status
    assert not NominationFile.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_paper_of_another_case_is_not_fetched_by_its_number(school, draft, call, tree, principal_east):
    other = start_nomination(call=call, cadre=make_cadre(tree.school_east), by=principal_east)
    school.post(reverse("nomination-paper-add", args=[other.pk]), {"file": paper()})
    kept = NominationFile.objects.get()
    assert school.get(reverse("nomination-paper", args=[draft.pk, kept.pk])).status_code == 404


def test_after_submission_papers_stay(school, call, cadre, principal_east):
    case = submitted(call, cadre, principal_east)
    assert school.post(reverse("nomination-paper-add", args=[case.pk]), {"file": paper()}).status_code == 409
    assert not NominationFile.objects.exists()


def test_the_nominee_follows_the_case_without_the_deciders_words(
    call, tree, principal_east, central_east, cadre_user, signed_in
):
    case = submitted(call, make_cadre(tree.school_east, "甘步", user=cadre_user), principal_east)
    client = signed_in(cadre_user)
    assert "考察" in client.get(reverse("nomination-detail", args=[case.pk])).content.decode()
    confirm_all(case, central_east)
    take_action(nomination=case, action="pass", by=central_east, comment="群众基础一般", score=80)
    page = client.get(reverse("nomination-detail", args=[case.pk])).content.decode()
    assert "群众基础一般" not in page
    assert "名单" in page
    assert client.get(reverse("nomination-list")).content.decode().count("甘步") >= 1
