"""The bureau's pages of results: what is held back, whose are out of sight, words for a reason, the workbook."""

import io

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from assessment.models import Round, RoundSubject
from assessment.services.rounds import add_subject, take_round_action
from cadres.models import Cadre, FamilyMember
from core.calendar import now
from core.models import AuditEntry
from tests.assessment.factories import invite_raters, open_round, rate
from tests.factories import make_user
from tests.programs.factories import make_cadre, make_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(round: Round, subject: RoundSubject, hr) -> Round:
    """Superiors gave 好, 90, 80; of the peers five, of the subordinates only three submitted."""
    for kind, count in (("superior", 2), ("peer", 5), ("subordinate", 3)):
        invite_raters(round, subject, kind, count, hr)
    open_round(round, hr)
    for at, invitation in enumerate(subject.invitations.select_related("rater").order_by("pk")):
        rate(round, invitation.rater, words=f"意见{at}")
    take_round_action(round=round, action="close", by=hr)
    return round


def read(client, name: str, *args: int) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def test_totals_are_listed_and_what_is_held_back_says_why(closed, subject, hr, party, signed_in):
    for reader in (hr, party):
        shown = read(signed_in(reader), "round-results", closed.pk)
        assert "贝平" in shown
        assert "91.00" in shown
        assert "人数不足，不显示" in shown
        assert "70%" in shown
    one = read(signed_in(hr), "round-result", closed.pk, subject.pk)
    assert "人数不足，不显示" in one
    assert "意见" not in one.split('id="comments"')[1].split("查看文字意见")[0].replace("意见次序", "")


def test_no_result_is_shown_before_the_round_has_closed(round, subject, hr, signed_in):
    invite_raters(round, subject, "superior", 1, hr)
    open_round(round, hr)
    client = signed_in(hr)
    for name, args in (("round-results", [round.pk]), ("round-result", [round.pk, subject.pk]),
                       ("round-results-export", [round.pk])):  # fmt: skip
        assert client.get(reverse(name, args=args)).status_code == 404, name
    assert "结果</a>" not in read(client, "round-detail", round.pk)


def test_nobody_reads_their_own_or_their_kins_results_here(closed, subject, hr, party, tree, signed_in):
    Cadre.objects.filter(pk=subject.cadre_id).update(user=party)
    kin = make_cadre(tree.school_east, "何亲", user=hr)
    FamilyMember.objects.create(
        cadre=kin, relation=make_code("relation", "1", "妻子"), name="贝平", kin=subject.cadre, kin_confirmed_at=now()
    )  # fmt: skip
    for reader in (party, hr):
        client = signed_in(reader)
        assert "贝平" not in read(client, "round-results", closed.pk)
        for name in ("round-result", "round-result-comments"):
            assert client.get(reverse(name, args=[closed.pk, subject.pk])).status_code == 404
        sent = client.post(reverse("round-results-export", args=[closed.pk]), {"reason": "提交党组会"})
        assert sent.status_code == 422
    take_round_action(round=closed, action="publish", by=hr)
    assert "贝平" not in read(signed_in(party), "round-results", closed.pk), "their own has a page of its own"


def test_words_open_for_a_reason_and_are_noted(closed, subject, hr, signed_in):
    client, address = signed_in(hr), reverse("round-result-comments", args=[closed.pk, subject.pk])
    asked = client.get(address).content.decode()
    assert "意见0" not in asked
    refused = client.post(address, {"reason": "看"})
    assert refused.status_code == 422
    assert "意见0" not in refused.content.decode()
    assert not AuditEntry.objects.filter(action="result.comments_opened").exists()
    opened = client.post(address, {"reason": "准备反馈谈话"}).content.decode()
    assert [at for at in range(10) if f"意见{at}" in opened] == list(
        range(7)
    )  # the subordinates' are held back
    (entry,) = AuditEntry.objects.filter(action="result.comments_opened")
    assert "准备反馈谈话" in entry.note


def test_the_workbook_needs_a_reason_and_carries_its_mark(closed, hr, signed_in):
    client, address = signed_in(hr), reverse("round-results-export", args=[closed.pk])
    assert client.post(address, {"reason": "看看"}).status_code == 422
    answer = client.post(address, {"reason": "提交局党组会研究"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    told = ["".join(map(str, row)) for row in rows]
    assert closed.title in told[0]
    assert "提交局党组会研究" in told[1]
    assert rows[3][1] == "贝平"
    assert "人数不足，不显示" in told[3]
    (entry,) = AuditEntry.objects.filter(action="result.export")
    assert "提交局党组会研究" in entry.note


def test_several_results_are_summed_up_in_a_chart(round, subject, tree, hr, signed_in):
    other = add_subject(round=round, cadre=make_cadre(tree.school_west, "乙某"), by=hr)
    for each in (subject, other):
        invite_raters(round, each, "superior", 1, hr)
    open_round(round, hr)
    for each in (subject, other):
        invitation = each.invitations.select_related("rater").get()
        rate(round, invitation.rater, "fair", 60, 60) if each == other else rate(round, invitation.rater)
    take_round_action(round=round, action="close", by=hr)
    shown = read(signed_in(hr), "round-results", round.pk)
    assert "2 人有总分" in shown
    assert "1 / 2" in read(signed_in(hr), "round-result", round.pk, subject.pk)


def test_whoever_looks_at_results_is_noted(closed, subject, hr, party, signed_in):
    """Of one's own none is noted: reading it is what it is published for."""

    def noted() -> list[tuple[str, str]]:
        return list(
            AuditEntry.objects.filter(action="result.read").order_by("pk").values_list("actor_name", "note")
        )

    read(signed_in(hr), "round-results", closed.pk)
    read(signed_in(party), "round-result", closed.pk, subject.pk)
    assert noted() == [(hr.name, ""), (party.name, "贝平")]
    desk = signed_in(hr)
    row = desk.get("/api/v1/results/").json()["results"][0]
    desk.get(f"/api/v1/results/{row['id']}/")
    assert noted()[2:] == [(hr.name, ""), (hr.name, "贝平")]
    person = subject.cadre.user or make_user("rated", "贝平")
    Cadre.objects.filter(pk=subject.cadre_id).update(user=person)
    take_round_action(round=closed, action="publish", by=hr)
    assert signed_in(person).get(f"/api/v1/results/{row['id']}/").status_code == 200
    assert signed_in(person).get("/api/v1/results/").status_code == 200
    assert len(noted()) == 4
