"""One's own published result: only one's own, only once published, held-back figures said so, confirmed once."""

import datetime as dt

import pytest
from django.urls import reverse

from assessment.models import IndicatorResult, RelationResult, ResultComment, Round, SubjectResult
from assessment.todos import waiting
from core.calendar import now
from tests.assessment.factories import relation_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def result(round, subject):
    """A published result: the superior's score, peers too few to be shown, a text."""
    Round.objects.filter(pk=round.pk).update(status="published")
    made = SubjectResult.objects.create(subject=subject, total="87.50", coverage=40, rank=1)
    superior, peer = relation_of(round, "superior"), relation_of(round, "peer")
    RelationResult.objects.create(subject=subject, relation=superior, invited=1, received=1, score="87.50")
    RelationResult.objects.create(subject=subject, relation=peer, invited=5, received=3)
    for indicator in round.instrument.indicators.exclude(kind__in=["", "text"]):
        IndicatorResult.objects.create(subject=subject, indicator=indicator, score="87.50")
    ResultComment.objects.create(
        subject=subject, relation=superior, indicator=round.instrument.indicators.get(kind="text"),
        text="多深入课堂。",
    )  # fmt: skip
    return made


def url_of(result):
    """The address of a result."""
    return reverse("own-result", args=[result.pk])


def test_the_person_rated_reads_the_figures_and_the_words(result, subject, signed_in):
    client = signed_in(subject.cadre.user)
    assert "2026年度考核" in client.get("/results/").content.decode()
    page = client.get(url_of(result)).content.decode()
    for words in (
        "87.5",
        "覆盖权重",
        "第 1",
        "人数不足，不显示",
        "3 / 5",
        "多深入课堂。",
        "政治素质",
        "确认已阅",
    ):
        assert words in page


def test_nobody_else_reads_it_there(result, hr, party, principal_east, signed_in):
    for person in (hr, party, principal_east, make_user()):
        assert signed_in(person).get(url_of(result)).status_code == 404
        assert signed_in(person).post(f"{url_of(result)}confirm/").status_code == 404


@pytest.mark.parametrize("status", ["closed", "open", "cancelled"])
def test_before_it_is_published_it_is_not_there(result, round, subject, signed_in, status):
    Round.objects.filter(pk=round.pk).update(status=status)
    client = signed_in(subject.cadre.user)
    assert client.get(url_of(result)).status_code == 404
    assert "还没有测评反馈" in client.get("/results/").content.decode()
    assert waiting(subject.cadre.user) == []


def test_it_waits_until_it_is_confirmed_and_then_says_when(result, subject, signed_in, clock):
    person = subject.cadre.user
    assert [each.title for each in waiting(person)] == ["查看并确认测评反馈"]
    client = signed_in(person)
    assert client.post(f"{url_of(result)}confirm/")["Location"] == url_of(result)
    clock("2026-11-25 10:00")
    client = signed_in(person)
    client.post(f"{url_of(result)}confirm/")
    result.refresh_from_db()
    assert result.confirmed_by == person
    assert result.confirmed_at == now() - dt.timedelta(days=5, hours=1)
    page = client.get(url_of(result)).content.decode()
    assert "2026年11月20日 09:00 确认阅读" in page
    assert "确认已阅" not in page
    assert waiting(person) == []


def test_a_held_back_total_says_so(result, subject, signed_in):
    SubjectResult.objects.update(total=None, coverage=0, rank=None)
    page = signed_in(subject.cadre.user).get(url_of(result)).content.decode()
    assert "不显示" in page
    assert "覆盖权重" not in page


def test_the_panel_of_a_person_shows_results_in_scope_only(
    result, round, subject, hr, party, principal_east, principal_west, signed_in
):
    url = reverse("panel-cadre-results", args=[subject.cadre_id])
    for person in (hr, party):
        assert "87.50 分" in signed_in(person).get(url).content.decode()
    assert "87.5" not in signed_in(principal_east).get(url).content.decode()
    assert "87.50 分" in signed_in(subject.cadre.user).get(url).content.decode()
    assert signed_in(principal_west).get(url).status_code == 404
    Round.objects.filter(pk=round.pk).update(status="closed")
    assert "87.5" not in signed_in(subject.cadre.user).get(url).content.decode()


def test_whoever_administers_rounds_does_not_see_the_own_result_early(result, round, subject, hr):
    subject.cadre.user = None
    subject.cadre.save()
    assert SubjectResult.objects.visible_to(hr).count() == 1
    subject.cadre.user = hr
    subject.cadre.save()
    assert SubjectResult.objects.visible_to(hr).count() == 1
    Round.objects.filter(pk=round.pk).update(status="closed")
    assert SubjectResult.objects.visible_to(hr).count() == 0
