"""What people hear of a round: raters when it opens, moves and is about to end; those rated when it is published."""

import pytest

from assessment import messages
from assessment.models import SubjectResult
from assessment.services.invitations import invite
from assessment.services.rounds import take_round_action
from cadres.models import FamilyMember
from core.calendar import now
from core.models import Message
from reports.services import send_due_reminders
from tests.assessment.factories import invite_raters, open_round, relation_of
from tests.factories import make_user
from tests.programs.factories import make_cadre, make_code, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def raters(round, subject, hr):
    """Five peers, and a superior who is invited too; the round is open."""
    people = invite_raters(round, subject, "peer", 5, hr)
    people += invite_raters(round, subject, "superior", [make_user("shangji", "尚吉")], hr)
    open_round(round, hr)
    return people


def told(person, about):
    """How many messages about something a person has."""
    return Message.objects.filter(recipient=person, title__contains=about).count()


def test_an_opened_round_is_told_to_each_rater_once_and_names_nobody(round, subject, raters, hr):
    assert [told(each, "请参加“2026年度考核”") for each in raters] == [1] * 6
    message = Message.objects.filter(recipient=raters[0]).get()
    assert (message.url, message.due) == ("/ballots/", round.closes_at)
    assert "2026年11月30日 23:59" in message.body
    assert subject.cadre.name not in message.title + message.body
    late = make_user("later", "后来")
    invite(round=round, relation=relation_of(round, "peer"), subject=subject, raters=[late], by=hr)
    assert (told(late, "请参加"), told(raters[0], "请参加")) == (1, 1)


def test_more_time_is_told_to_whoever_still_needs_it(round, subject, raters, hr):
    subject.invitations.filter(rater=raters[0]).update(used=True)
    closes_at = moment("2026-12-05 18:00")
    take_round_action(round=round, action="extend", by=hr, comment="下雪", closes_at=closes_at)
    assert [told(each, "延长了截止时间") for each in raters] == [0, 1, 1, 1, 1, 1]
    assert "12月5日 18:00" in Message.objects.filter(recipient=raters[1]).latest("pk").body


def test_a_cancelled_round_is_told(round, raters, hr):
    take_round_action(round=round, action="cancel", by=hr, comment="另行组织")
    assert [told(each, "已取消") for each in raters] == [1] * 6


def test_whoever_still_has_ballots_is_reminded_two_days_before_the_end(round, subject, raters, clock):
    subject.invitations.filter(rater=raters[0]).update(used=True)
    clock("2026-11-27 08:00")
    send_due_reminders()
    assert told(raters[1], "没有提交") == 0
    clock("2026-11-28 08:00")
    send_due_reminders()
    send_due_reminders()
    assert [told(each, "还有 1 份评价票没有提交") for each in raters] == [0, 1, 1, 1, 1, 1]
    message = Message.objects.filter(recipient=raters[1]).latest("pk")
    assert "2026年11月30日 23:59" in message.body
    assert subject.cadre.name not in message.title + message.body


def test_an_end_that_was_moved_is_called_to_mind_anew(round, raters, hr, clock):
    clock("2026-11-29 08:00")
    send_due_reminders()
    take_round_action(
        round=round, action="extend", by=hr, comment="下雪", closes_at=moment("2026-12-05 18:00")
    )
    send_due_reminders()
    assert told(raters[0], "没有提交") == 1
    clock("2026-12-04 08:00")
    send_due_reminders()
    assert told(raters[0], "没有提交") == 2


def test_nobody_is_reminded_of_kin_or_after_the_end(round, subject, raters, clock):
    own = make_cadre(subject.unit, "同辈", user=raters[0])
    FamilyMember.objects.create(
        cadre=subject.cadre, relation=make_code("relation", "1", "妻子"), name="同辈", kin=own,
        kin_confirmed_at=now(),
    )  # fmt: skip
    raters[1].is_active = False
    raters[1].save()
    clock("2026-11-29 08:00")
    send_due_reminders()
    assert [told(each, "没有提交") for each in raters] == [0, 0, 1, 1, 1, 1]
    clock("2026-12-01 00:00")
    Message.objects.all().delete()
    send_due_reminders()
    assert not Message.objects.filter(title__contains="没有提交").exists()


def test_published_results_are_told_to_the_people_rated_without_a_figure(round, subject):
    result = SubjectResult.objects.create(subject=subject, total="87.5", coverage=100, rank=1)
    messages.results_published(round)
    messages.results_published(round)
    message = Message.objects.get(recipient=subject.cadre.user)
    assert message.url == f"/results/{result.pk}/"
    assert "87.5" not in message.title + message.body
