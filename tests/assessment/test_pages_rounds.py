"""The bureau's pages of rounds: preparing, raters, what is shown while they rate, and to whom."""

import pytest
from django.urls import reverse

from assessment.models import Invitation, Round
from assessment.services.invitations import invite
from assessment.services.rounds import add_subject, take_round_action
from core.navigation import MAX_ENTRIES, entries_for, tabs_of
from core.todo import todos_for
from reports.home import coming, started
from tests.assessment.factories import (
    WINDOW,
    invite_raters,
    make_instrument,
    make_round,
    open_round,
    rate,
    relation_of,
)
from tests.factories import make_user
from tests.programs.factories import make_cadre

pytestmark = pytest.mark.django_db


def page_of(client, name: str, *args: int, **query: str) -> str:
    return client.get(reverse(name, args=args), query).content.decode()


def test_a_round_is_prepared_opened_closed_and_published(clock, tree, hr, signed_in):
    instrument = make_instrument(tree.bureau, hr)
    cadre, superior = make_cadre(tree.school_east, "贝平"), make_user(name="上官一")
    client = signed_in(hr)
    sent = {
        "title": "年度考核", "purpose": "appraisal", "instrument": instrument.pk, "unit": tree.bureau.pk, "minimum": 5,
        "period_from": "2026-01-01", "period_to": "2026-12-31", "opens_at": "2026-11-10T08:00",
        "closes_at": "2026-11-30T18:00",
    }  # fmt: skip
    made = client.post(reverse("round-new"), sent)
    held = Round.objects.get()
    assert made["Location"] == reverse("round-relations", args=[held.pk])
    weights = {"weight_superior": "100", "anonymous_superior": "0"}
    client.post(reverse("round-relations", args=[held.pk]), weights)
    assert "还没有选定评价对象" in page_of(client, "round-detail", held.pk)
    client.post(reverse("round-subject-add", args=[held.pk]), {"cadre": cadre.pk})
    subject = held.subjects.get()
    assert "1 人还没有评价人" in page_of(client, "round-detail", held.pk)
    relation = relation_of(held, "superior")
    address = reverse("round-rater-add", args=[held.pk, subject.pk])
    client.post(address, {"relation": relation.pk, "rater": superior.pk})
    assert "每人都有评价人" in page_of(client, "round-detail", held.pk)
    take = reverse("round-take", args=[held.pk])
    assert client.post(take, {"action": "open"})["Location"] == reverse("round-progress", args=[held.pk])
    rate(held, superior)
    client.post(take, {"action": "close"})
    client.post(take, {"action": "publish"})
    held.refresh_from_db()
    assert held.status == "published"
    assert "公布结果" in page_of(client, "round-history", held.pk)


def test_a_stale_round_form_shows_both_versions(round, hr, signed_in, clock):
    client, address = signed_in(hr), reverse("round-edit", args=[round.pk])
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {"version": form.initial["version"]}
    sent |= {
        "instrument": round.instrument_id,
        "opens_at": "2026-11-10T08:00",
        "closes_at": "2026-11-30T23:59",
    }
    clock("2026-11-20 09:00:01")
    assert client.post(address, sent | {"title": "第一人的"}).status_code == 302
    clock("2026-11-20 09:00:02")
    stale = client.post(address, sent | {"title": "第二人的"})
    page = stale.content.decode()
    assert stale.status_code == 412
    assert "第一人的" in page
    assert "第二人的" in page
    again = {**sent, "title": "第二人的", "version": stale.context["version"]}
    assert client.post(address, again).status_code == 302
    round.refresh_from_db()
    assert round.title == "第二人的"


def test_weights_that_do_not_sum_up_are_refused_and_kept(round, hr, signed_in):
    address = reverse("round-relations", args=[round.pk])
    answer = signed_in(hr).post(address, {"weight_peer": "60", "anonymous_peer": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "权重合计须为 100%" in page
    assert 'value="60"' in page
    assert round.relations.count() == 3
    summed = signed_in(hr).post(address, {"weight_peer": "60", "act": "sum"})
    assert summed.status_code == 200
    assert "合计 60%，还差 40%" in summed.content.decode()


def test_stale_relations_are_not_written_over(round, hr, signed_in, clock):
    client, address = signed_in(hr), reverse("round-relations", args=[round.pk])
    seen = client.get(address).context["version"]
    clock("2026-11-20 09:00:01")
    assert client.post(address, {"weight_self": "100", "version": seen}).status_code == 302
    clock("2026-11-20 09:00:02")
    stale = client.post(address, {"weight_expert": "100", "anonymous_expert": "0", "version": seen})
    assert stale.status_code == 412
    assert "现在保存着的是：自评 100%" in stale.content.decode()
    assert round.relations.get().kind == "self"
    again = {"weight_expert": "100", "anonymous_expert": "0", "version": stale.context["version"]}
    assert client.post(address, again).status_code == 302
    assert round.relations.get().kind == "expert"


def test_an_anonymous_relation_with_too_few_raters_is_said(round, subject, hr, signed_in):
    invite_raters(round, subject, "peer", 2, hr)
    assert "1 处匿名评价安排的人数不足 5 人" in page_of(signed_in(hr), "round-raters", round.pk)
    assert "2 人，不足 5 人" in page_of(signed_in(hr), "round-subject-raters", round.pk, subject.pk)


def test_the_chart_proposes_and_one_press_invites(round, subject, tree, hr, signed_in):
    head = make_user("east-head", "校长甲")
    make_cadre(tree.school_east, "校长甲", title="校长", category="head", user=head)
    client = signed_in(hr)
    assert "安排 1 人次" in page_of(client, "round-raters", round.pk)
    client.post(reverse("round-raters-propose", args=[round.pk]))
    assert Invitation.objects.get().rater == head
    page = page_of(client, "round-raters", round.pk)
    assert "没有更多可以安排的人" in page
    assert "2 处没有安排评价人" in page


def test_kin_and_unknown_raters_are_refused_in_a_sentence(round, subject, hr, signed_in):
    client, address = signed_in(hr), reverse("round-rater-add", args=[round.pk, subject.pk])
    own = {"relation": relation_of(round, "peer").pk, "rater": subject.cadre.user_id}
    assert "回避" in client.post(address, own, follow=True).content.decode()
    nobody = {"relation": relation_of(round, "peer").pk, "rater": 999_999}
    assert "没有找到这个账号" in client.post(address, nobody, follow=True).content.decode()
    assert client.post(address, {"relation": "7x"}).status_code == 404
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("page", ["round-raters", "round-subject-raters", "round-progress", "round-detail"])
def test_once_open_nobody_reads_who_rates_anonymously_nor_who_has(page, round, subject, hr, party, signed_in):
    peers = invite_raters(round, subject, "peer", 5, hr)
    (named,) = invite_raters(round, subject, "superior", [make_user(name="上官一")], hr)
    open_round(round, hr)
    rate(round, peers[0])
    args = [round.pk, subject.pk] if page == "round-subject-raters" else [round.pk]
    for reader in (hr, party):
        shown = page_of(signed_in(reader), page, *args)
        assert not [each.name for each in peers if each.name in shown]
        if page == "round-progress":
            assert named.name in shown
            assert "1 / 5 份" in shown
        else:
            assert "1 / 5" not in shown


def test_before_it_opens_the_raters_can_be_read_and_taken_out(round, subject, hr, signed_in):
    (rater,) = invite_raters(round, subject, "peer", 1, hr)
    client = signed_in(hr)
    assert rater.name in page_of(client, "round-subject-raters", round.pk, subject.pk)
    invitation = Invitation.objects.get()
    client.post(reverse("round-rater-remove", args=[round.pk, subject.pk, invitation.pk]))
    assert not Invitation.objects.exists()


def test_a_self_rating_asks_the_person(clock, tree, hr, signed_in):
    held = make_round(tree.bureau, hr, [{"kind": "self", "weight": 100, "anonymous": False}])
    alone = add_subject(round=held, cadre=make_cadre(tree.school_east, "无账号"), by=hr)
    known = add_subject(round=held, cadre=make_cadre(tree.school_east, "有账号", user=make_user()), by=hr)
    client, relation = signed_in(hr), relation_of(held, "self")
    for subject in (alone, known):
        address = reverse("round-rater-add", args=[held.pk, subject.pk])
        client.post(address, {"relation": relation.pk})
    assert Invitation.objects.get().subject == known


def test_subjects_go_one_by_one_or_all_at_once(round, subject, tree, hr, signed_in):
    other = add_subject(round=round, cadre=make_cadre(tree.school_west, "别人"), by=hr)
    client = signed_in(hr)
    client.post(reverse("round-subject-remove", args=[round.pk, other.pk]))
    assert [each.pk for each in round.subjects.all()] == [subject.pk]
    client.post(reverse("round-subjects-clear", args=[round.pk]))
    assert not round.subjects.exists()


def test_the_list_has_tabs_with_numbers_and_party_sees_no_drafts(round, hr, party, signed_in):
    assert round.title in page_of(signed_in(hr), "round-list", tab="draft")
    assert round.title not in page_of(signed_in(hr), "round-list", tab="open")
    seen = page_of(signed_in(party), "round-list")
    assert round.title not in seen
    assert "筹备中" not in seen


def test_the_window_is_extended_with_a_reason(round, subject, hr, signed_in):
    invite(round=round, relation=relation_of(round, "superior"), subject=subject, raters=[make_user()], by=hr)
    open_round(round, hr)
    client, address = signed_in(hr), reverse("round-extend", args=[round.pk])
    early = client.post(address, {"closes_at": "2026-11-21T08:00", "comment": "放假"})
    assert early.status_code == 422
    assert client.post(address, {"closes_at": "2026-12-05T18:00", "comment": "放假"}).status_code == 302
    round.refresh_from_db()
    assert round.closes_at > WINDOW["closes_at"]


def test_the_picker_shows_the_unit_of_those_on_the_roster(round, subject, hr, signed_in):
    make_user("nobody", "贝闲")
    options = page_of(signed_in(hr), "rater-pick", q="贝")
    assert subject.cadre.unit.name in options
    assert "账号 nobody" in options


def test_home_tells_hr_what_to_begin_what_to_publish_and_where_rounds_stand(
    round, subject, hr, party, signed_in
):
    assert ("开始评价", reverse("round-detail", args=[round.pk])) in [
        (each.title, each.url) for each in todos_for(hr)
    ]
    invite_raters(round, subject, "superior", 1, hr)
    open_round(round, hr)
    assert "开始评价" not in [each.title for each in todos_for(hr)]
    (line,) = (each for each in started(hr) if each.title == round.title)
    assert (line.detail, line.status) == ("1 人 · 已收 0 / 1 份", "评价中")
    assert round.title in [each.title for each in coming(party)]
    take_round_action(round=round, action="close", by=hr)
    (item,) = (each for each in todos_for(hr) if each.title == "公布评价结果")
    assert item.url == reverse("round-results", args=[round.pk])
    assert "公布评价结果" not in [each.title for each in todos_for(party)]
    assert signed_in(hr).get("/").status_code == 200


def test_closing_says_what_would_be_erased(round, subject, hr, party, signed_in):
    peers = invite_raters(round, subject, "peer", 5, hr)
    open_round(round, hr)
    rate(round, peers[0])
    assert "1 处匿名评价收到的不足 5 人" in page_of(signed_in(hr), "round-progress", round.pk)
    assert "不足 5 人" not in page_of(signed_in(party), "round-progress", round.pk)


def test_the_bureau_keeps_its_last_entries_and_the_tabs_lead_on(tree, hr, party):
    for reader in (hr, party):
        labels = [each.label for each in entries_for(reader)]
        assert {"培养项目", "考核", "报表"} <= set(labels)
        assert len(labels) <= MAX_ENTRIES
    found = entries_for(hr, reverse("instrument-list"))
    assert [each.label for each in found if each.active] == ["考核"]
    assert [each["label"] for each in tabs_of(hr, "/", "programs")] == ["征集", "推荐", "培养经历", "基地"]


def test_schools_keep_their_own_entries(principal_east):
    labels = [each.label for each in entries_for(principal_east)]
    assert {"征集", "推荐", "培养经历"} <= set(labels)
    assert "考核" not in labels
    assert tabs_of(principal_east, "/", "programs") == []
