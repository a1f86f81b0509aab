"""The rater's pages: whose a ballot is, what is kept and when, the receipt, and that a sealed one never opens."""

import pytest
from django.urls import reverse

from accounts.roles import AccountClass
from assessment.models import Ballot, BallotDraft, Invitation
from assessment.services.rounds import take_round_action
from assessment.todos import waiting
from cadres.models import FamilyMember
from core.calendar import now
from tests.assessment.factories import invite_raters, open_round
from tests.factories import make_user
from tests.programs.factories import make_cadre, make_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer(round, subject, hr):
    """One of five anonymous peers; a named superior is invited too; the round is open."""
    people = invite_raters(round, subject, "peer", 5, hr)
    invite_raters(round, subject, "superior", [make_user("superior", "尚吉")], hr)
    open_round(round, hr)
    return people[0]


def invitation_of(person):
    """The only invitation of a person."""
    return Invitation.objects.get(rater=person)


def ballot_url(person):
    """The address of a person's only ballot."""
    return reverse("ballot", args=[invitation_of(person).pk])


def filled_in(round, **changes):
    """A form with every scored indicator answered."""
    rows = {each.name: each for each in round.instrument.indicators.all()}
    given = {"政治素质": "good", "教学管理": "92", "队伍建设": "88", "意见建议": "多听课。", **changes}
    return {f"q{rows[name].pk}": value for name, value in given.items() if value is not None}


def autosaved(client, url, data):
    """The answer to what the form sends by itself."""
    return client.post(url, data, headers={"X-Autosave": "1"})


def test_the_list_says_who_is_to_be_rated_how_far_one_is_and_until_when(peer, subject, signed_in):
    page = signed_in(peer).get("/ballots/").content.decode()
    for words in (
        "2026年度考核",
        "贝平",
        "东河镇中心小学 · 副校长",
        "您是同级",
        "匿名",
        "已评 0 / 1",
        "2026年11月30日",
    ):
        assert words in page


def test_nothing_to_rate_says_so_and_administrators_have_no_business_here(signed_in, mentor, auditor):
    assert "没有需要您评价的人" in signed_in(mentor).get("/ballots/").content.decode()
    assert auditor.account_class == AccountClass.AUDIT
    assert signed_in(auditor).get("/ballots/").status_code == 403


@pytest.mark.parametrize("name", ["ballot", "ballot-receipt"])
def test_somebody_else_s_ballot_is_not_to_be_found(peer, hr, signed_in, name):
    url = reverse(name, args=[invitation_of(peer).pk])
    for person in (hr, make_user("superior2", "另一人")):
        assert signed_in(person).get(url).status_code == 404
        assert signed_in(person).post(url, {"submit": "1"}).status_code in (404, 405)
    assert not Ballot.objects.exists()


def test_a_ballot_of_a_round_that_has_not_opened_is_not_to_be_found(round, subject, hr, signed_in):
    person = invite_raters(round, subject, "peer", 1, hr)[0]
    assert signed_in(person).get(ballot_url(person)).status_code == 404
    assert "2026年度考核" not in signed_in(person).get("/ballots/").content.decode()


def test_anonymous_and_named_say_what_they_mean(peer, signed_in):
    page = signed_in(peer).get(ballot_url(peer)).content.decode()
    assert "匿名评价" in page
    assert "不保存这张票是谁填的" in page
    assert "收到至少 5 张" in page
    superior = invitation_of(peer).subject.invitations.get(relation__kind="superior").rater
    page = signed_in(superior).get(ballot_url(superior)).content.decode()
    assert "实名评价" in page
    assert "匿名" not in page.partition('class="modal')[0].partition('id="main"')[2]


def test_a_draft_is_kept_encrypted_and_comes_back(peer, round, signed_in):
    client, url = signed_in(peer), ballot_url(peer)
    answer = autosaved(client, url, filled_in(round, 队伍建设=None, 教学管理="77"))
    assert answer.json() == {"saved": True}
    draft = BallotDraft.objects.get()
    assert "多听课" in draft.content
    page = client.get(url).content.decode()
    assert 'value="77"' in page
    assert "多听课。" in page
    assert "草稿保存于 2026年11月20日 09:00" in page
    assert "填写中" in client.get("/ballots/").content.decode()
    assert not Ballot.objects.exists()


def test_what_was_not_answered_is_named_and_what_was_typed_stays(peer, round, signed_in):
    answer = signed_in(peer).post(ballot_url(peer), filled_in(round, 队伍建设=None, 教学管理="120"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "还有 2 项需要回答或改正" in page
    assert "“教学管理”请填 0 至 100 的分数" in page
    assert "请评价“队伍建设”" in page
    assert 'value="120"' in page
    assert "多听课。" in page
    assert not Ballot.objects.exists()


def test_an_anonymous_ballot_is_submitted_once_and_never_opens_again(peer, round, signed_in):
    client, url = signed_in(peer), ballot_url(peer)
    autosaved(client, url, filled_in(round, 教学管理="77"))
    answer = client.post(url, filled_in(round))
    receipt = reverse("ballot-receipt", args=[invitation_of(peer).pk])
    assert (answer.status_code, answer["Location"]) == (302, receipt)
    assert not BallotDraft.objects.exists()
    page = client.get(receipt).content.decode()
    for words in (
        "您对贝平（东河镇中心小学）的评价已经提交",
        "不能修改，也不能再打开",
        "已评 1 / 1",
        "您要评的都已提交",
    ):
        assert words in page
    assert "提交时间" not in page
    again = client.get(url)
    assert (again.status_code, again["Location"]) == (302, receipt)
    assert client.post(url, filled_in(round, 教学管理="1"))["Location"] == receipt
    late = autosaved(client, url, filled_in(round))
    assert late.status_code == 409
    assert "不能再" in late.json()["message"]
    assert Ballot.objects.count() == 1
    assert float(Ballot.objects.get().answers[1]) == 92
    assert not BallotDraft.objects.exists()
    row = client.get("/ballots/").content.decode()
    assert "已提交" in row
    assert url not in row


def test_a_named_ballot_is_changed_until_the_end(peer, round, signed_in, clock):
    superior = invitation_of(peer).subject.invitations.get(relation__kind="superior").rater
    client, url = signed_in(superior), ballot_url(superior)
    receipt = client.post(url, filled_in(round), follow=True).content.decode()
    assert "提交时间：2026年11月20日（星期五） 09:00" in receipt
    assert "修改后再次提交" in receipt
    page = client.get(url).content.decode()
    assert "您已经提交过这张票" in page
    assert 'value="92"' in page
    client.post(url, filled_in(round, 教学管理="60"))
    assert [float(each) for each in Ballot.objects.get().answers[1:]] == [60, 88]
    clock("2026-12-01 00:00:00")
    client = signed_in(superior)
    assert client.get(url).status_code == 409
    assert client.post(url, filled_in(round)).status_code == 409
    assert "修改后再次提交" not in client.get(f"{url}receipt/").content.decode()


def test_an_autosave_after_the_end_says_why(peer, round, signed_in, clock):
    clock("2026-12-01 00:00:00")
    answer = autosaved(signed_in(peer), ballot_url(peer), filled_in(round))
    assert answer.status_code == 409
    assert answer.json()["message"] == "评价已经截止，不能再提交。"
    page = signed_in(peer).get("/ballots/").content.decode()
    assert "已经截止的" in page
    assert "已评 0 / 1" in page
    assert ballot_url(peer) not in page


def test_unknown_is_an_answer_and_counts_for_nothing(peer, round, signed_in):
    indicator = round.instrument.indicators.get(name="教学管理")
    given = filled_in(round, 教学管理="", 政治素质="unknown") | {f"q{indicator.pk}_unknown": "1"}
    assert signed_in(peer).post(ballot_url(peer), given).status_code == 302
    assert Ballot.objects.get().answers[:2] == [None, None]


def test_the_next_one_follows(peer, round, subject, tree, hr, signed_in):
    take_round_action(round=round, action="cancel", by=hr, comment="重来")
    from assessment.services.rounds import add_subject
    from tests.assessment.factories import make_round

    other = make_round(tree.bureau, hr, title="民主测评")
    for name in ("甲某", "乙某"):
        one = add_subject(round=other, cadre=make_cadre(tree.school_east, name), by=hr)
        invite_raters(other, one, "peer", [peer], hr)
    open_round(other, hr)
    client = signed_in(peer)
    first = client.get("/ballots/").context["rounds"][0].invitations[0]
    page = client.post(reverse("ballot", args=[first.pk]), filled_in(other), follow=True).content.decode()
    second = Invitation.objects.filter(rater=peer, used=False, subject__round=other).get()
    assert f"接着评价{second.subject.cadre.name}" in page
    assert reverse("ballot", args=[second.pk]) in page
    assert "已评 1 / 2" in page


def test_kin_confirmed_after_the_invitation_is_nobody_s_to_rate(peer, subject, signed_in):
    own = make_cadre(subject.unit, "同辈", user=peer)
    FamilyMember.objects.create(
        cadre=subject.cadre, relation=make_code("relation", "1", "妻子"), name="同辈", kin=own,
        kin_confirmed_at=now(),
    )  # fmt: skip
    assert signed_in(peer).get(ballot_url(peer)).status_code == 404
    assert waiting(peer) == []


def test_what_waits_stands_on_the_first_page_until_it_is_submitted(peer, round, signed_in, clock):
    items = waiting(peer)
    assert [(each.title, each.url, each.due) for each in items] == [
        ("提交 1 份评价票", ballot_url(peer), round.closes_at)
    ]
    page = signed_in(peer).get("/").content.decode()
    assert "提交 1 份评价票" in page
    assert 'href="/ballots/"' in page
    clock("2026-11-30 23:59:59")
    assert len(waiting(peer)) == 1
    clock("2026-12-01 00:00:00")
    assert waiting(peer) == []


def test_nothing_of_a_ballot_stays_in_the_browser(peer, round, signed_in):
    client = signed_in(peer)
    for url in ("/ballots/", ballot_url(peer)):
        assert "no-store" in client.get(url)["Cache-Control"]
    done = client.post(ballot_url(peer), filled_in(round), follow=True)
    assert "no-store" in done["Cache-Control"]
