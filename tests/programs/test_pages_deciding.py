"""The pages on which cases are decided: one by one, in bulk, as a list, on the agenda; calls opened and closed."""

import datetime as dt
import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from core.errors import Invalid
from programs.models import Call, CallQuota, CentralList, NominationDecision, Participation
from programs.services.nominations import submit_nomination, take_action
from tests.factories import make_holder
from tests.programs.factories import at_decision, confirm_all, make_cadre, make_call, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(call, tree, principal_east):
    """A case that waits for inspection."""
    return submitted(call, make_cadre(tree.school_east, "李青"), principal_east)


def take(client, case, **sent):
    return client.post(reverse("nomination-take", args=[case.pk]), sent)


def said(answer):
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def inspected(case, by):
    confirm_all(case, by)
    take_action(nomination=case, action="pass", by=by, comment="同意")


def test_inspection_confirms_and_passes_in_one_press(case, signed_in, central_east):
    client = signed_in(central_east)
    page = client.get(reverse("nomination-detail", args=[case.pk])).content.decode()
    assert "本人档案及民主测评" in page
    rules = case.attestations.filter(declared=True).values_list("rule_id", flat=True)
    sent = {"action": "pass", "step": "inspect", "score": "92", "comment": "同意", "confirmable": list(rules)}
    assert take(client, case, **sent, **{f"confirm_{rule}": "yes" for rule in rules}).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.step.kind) == ("in_review", "list")
    decision = case.decisions.get(action="pass")
    assert (decision.comment, decision.data["score"]) == ("同意", 92)


def test_unconfirmed_declarations_hold_the_case_and_nothing_is_written(case, signed_in, central_east):
    rules = list(case.attestations.filter(declared=True).values_list("rule_id", flat=True))
    client = signed_in(central_east)
    sent = {
        "action": "pass",
        "step": "inspect",
        "score": "88",
        "comment": "谈话两次，反映良好",
        "confirmable": rules,
    }
    sent |= {f"confirm_{rule}": "yes" for rule in rules[1:]}
    sent["version"] = client.get(reverse("nomination-detail", args=[case.pk])).context["version"]
    answer = take(client, case, **sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    for kept in (
        "尚未经考察确认",
        "谈话两次，反映良好",
        'value="88"',
        f'name="version" value="{sent["version"]}"',
    ):
        assert kept in page, kept
    for rule in rules:
        chosen = f'name="confirm_{rule}" value="yes" checked' in page
        assert chosen == (rule in rules[1:]), rule
    case.refresh_from_db()
    assert (case.step.kind, case.decisions.filter(action="pass").count()) == ("inspect", 0)
    assert not case.attestations.exclude(confirmed=None).exists()


def test_an_inspection_carries_its_opinion(case, signed_in, central_east):
    confirm_all(case, central_east)
    answer = take(signed_in(central_east), case, action="pass", step="inspect", score="90", comment=" ")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请写明考察意见。" in page
    assert 'value="90"' in page
    with pytest.raises(Invalid) as caught:
        take_action(nomination=case, action="pass", by=central_east)
    assert list(caught.value.errors) == ["comment"]
    case.refresh_from_db()
    assert case.step.kind == "inspect"


def test_a_check_needs_no_opinion_and_its_refusal_comes_back_as_the_form_too(
    call, tree, signed_in, hr, principal_direct
):
    checked = submitted(call, make_cadre(tree.direct_school, "县直"), principal_direct)
    client = signed_in(hr)
    answer = take(client, checked, action="pass", step="check", comment="材料齐")
    assert answer.status_code == 422
    assert "材料齐</textarea>" in answer.content.decode()
    confirm_all(checked, hr)
    assert take(client, checked, action="pass", step="check").status_code == 302


def test_a_bulk_pass_at_inspection_takes_one_opinion_for_all(case, signed_in, central_east):
    confirm_all(case, central_east)
    client = signed_in(central_east)
    page = client.get(reverse("nomination-list") + "?tab=mine").content.decode()
    dialog = page.split('id="bulk-pass"')[1].split('id="bulk-return"')[0]
    assert re.search(r'<textarea[^>]* name="comment"[^>]* required[^>]* form="bulk"', dialog)
    assert "考察意见（写入每一份勾选的推荐）" in dialog
    url, sent = reverse("nomination-bulk"), {"ids": [case.pk], "action": "pass"}
    assert "李青：请写明考察意见。" in said(client.post(url, sent))
    assert "已办理1份" in said(client.post(url, sent | {"comment": "均经考察，同意"}))
    assert case.decisions.get(action="pass").comment == "均经考察，同意"


def test_a_bulk_pass_of_those_who_only_check_asks_for_no_opinion(call, tree, signed_in, hr, principal_direct):
    submitted(call, make_cadre(tree.direct_school, "县直"), principal_direct)
    page = signed_in(hr).get(reverse("nomination-list") + "?tab=mine").content.decode()
    dialog = page.split('id="bulk-pass"')[1].split('id="bulk-return"')[0]
    assert "<textarea" not in dialog


@pytest.mark.parametrize(
    "sent",
    [
        {"action": "return", "comment": "补正", "due": "2026-02-30"},
        {"action": "return", "comment": "补正", "due": "2026-11-01"},
        {"action": "return", "due": "2026-12-01"},
        {"action": "reject"},
    ],
)
def test_wrong_input_is_said_and_nothing_is_written(case, signed_in, central_east, sent):
    before = NominationDecision.objects.count()
    assert take(signed_in(central_east), case, **sent).status_code == 422
    case.refresh_from_db()
    assert (case.status, NominationDecision.objects.count()) == ("submitted", before)


def test_a_wrong_score_comes_back_as_the_form(case, signed_in, central_east):
    answer = take(signed_in(central_east), case, action="pass", score="120", comment="同意")
    assert answer.status_code == 422
    assert "0 到 100 的整数" in answer.content.decode()
    assert 'value="120"' in answer.content.decode()
    assert not case.decisions.filter(action="pass").exists()


@pytest.mark.parametrize(
    ("sent", "field", "kept"),
    [
        (
            {"action": "return", "comment": "请补充带着的问题", "due": "2026-11-01"},
            "refused-due-error",
            "请补充带着的问题",
        ),
        (
            {"action": "return", "comment": " ", "due": "2026-12-01"},
            "refused-comment-error",
            'value="2026-12-01"',
        ),
        ({"action": "reject", "comment": ""}, "refused-comment-error", "不予推荐"),
    ],
)
def test_a_refused_verdict_comes_back_with_the_sentence_at_the_field_and_the_text_kept(
    case, signed_in, central_east, sent, field, kept
):
    client = signed_in(central_east)
    answer = take(client, case, **sent, step="inspect")
    page = answer.content.decode()
    assert (answer.status_code, f'id="{field}"' in page) == (422, True)
    form = page.split('id="refused-title"')[1].split("</section>")[0]
    assert kept in form
    right = {**sent, "comment": "不符合要求", "step": "inspect"} | (
        {"due": "2026-12-01"} if "due" in sent else {}
    )
    assert take(client, case, **right).status_code == 302


def test_what_was_typed_survives_a_faster_colleague(case, signed_in, central_east, tree):
    inspected(case, make_holder("central-2", "钟二", "central", tree.central_east))
    answer = take(
        signed_in(central_east), case, action="return", comment="请补充材料", due="2026-12-01", step="inspect"
    )
    page = answer.content.decode()
    assert (answer.status_code, "请补充材料" in page, "钟二" in page) == (409, True, True)
    assert 'id="refused-comment"' not in page


def test_a_changed_case_offers_the_verdict_again_on_what_it_says_now(case, signed_in, central_east):
    client = signed_in(central_east)
    sent = {"action": "reject", "comment": "不妥", "step": "inspect", "version": "old"}
    answer = take(client, case, **sent)
    form = answer.content.decode().split('id="refused-title"')[1].split("</section>")[0]
    assert (answer.status_code, "不妥" in form) == (412, True)
    assert take(client, case, **{**sent, "version": answer.context["version"]}).status_code == 302


def test_the_words_of_a_bulk_verdict_that_failed_are_shown(case, signed_in, central_east):
    sent = {"ids": [case.pk], "action": "pass", "comment": "考察情况很好"}
    words = said(signed_in(central_east).post(reverse("nomination-bulk"), sent))
    assert ("承诺尚未经考察确认" in words, "考察情况很好" in words) == (True, True)


def test_a_colleague_was_faster(case, signed_in, central_east, tree):
    colleague = make_holder("central-2", "钟二", "central", tree.central_east)
    inspected(case, colleague)
    answer = take(signed_in(central_east), case, action="reject", comment="不妥", step="inspect")
    assert answer.status_code == 409
    assert "钟二" in answer.content.decode()


def test_a_verdict_meant_for_what_the_case_said_before_is_not_given(
    case, signed_in, central_east, principal_east, tree, clock
):
    """A colleague returned it, the school changed it, it stands at the same step again."""
    page = reverse("nomination-detail", args=[case.pk])
    seen = signed_in(central_east).get(page).context["version"]
    colleague = make_holder("central-east-3", "钟三", "central", tree.central_east)
    clock("2026-11-20 10:00")
    take_action(nomination=case, action="return", by=colleague, comment="请改", due=dt.date(2026, 12, 1))
    clock("2026-11-20 11:00")
    submit_nomination(nomination=case, by=principal_east, changes={"statement": "改写过"})
    sent = {"action": "reject", "comment": "不妥", "step": "inspect", "version": seen}
    assert take(signed_in(central_east), case, **sent).status_code == 412
    case.refresh_from_db()
    assert case.status == "in_review"
    sent["version"] = signed_in(central_east).get(page).context["version"]
    assert take(signed_in(central_east), case, **sent).status_code == 302


def test_outsiders_and_onlookers_write_nothing(case, signed_in, principal_west, party, auditor):
    for user, status in ((principal_west, 404), (auditor, 404), (party, 403)):
        answer = take(signed_in(user), case, action="reject", comment="不妥")
        assert answer.status_code == status
    case.refresh_from_db()
    assert (case.status, case.decisions.filter(action="reject").count()) == ("submitted", 0)


def test_bulk_does_what_can_be_done_and_says_why_the_rest_is_not(
    call, tree, case, signed_in, central_east, principal_east
):
    CallQuota.objects.create(call=call, unit=tree.school_east, quota=3)
    ready = submitted(call, make_cadre(tree.school_east, "可过"), principal_east)
    confirm_all(ready, central_east)
    western = make_cadre(tree.school_west, "外人")
    other = submitted(call, western, make_holder("pw2", "西二", "principal", tree.school_west))
    ids = [case.pk, ready.pk, other.pk, 999999]
    answer = signed_in(central_east).post(
        reverse("nomination-bulk"), {"ids": ids, "action": "pass", "comment": "同意"}
    )
    words = said(answer)
    assert "已办理1份：可过" in words
    assert "李青：以下承诺尚未经考察确认" in words
    assert "外人" not in words
    for each, status in ((ready, "in_review"), (case, "submitted"), (other, "submitted")):
        each.refresh_from_db()
        assert each.status == status


def test_a_bulk_return_asks_for_the_day_that_it_needs(
    call, tree, case, signed_in, central_east, principal_east
):
    client = signed_in(central_east)
    dialog = (
        client.get(reverse("nomination-list") + "?tab=mine").content.decode().split('id="bulk-return"')[1]
    )
    dialog = dialog.split('id="bulk-reject"')[0]
    fields = set(re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"[^>]* form="bulk"', dialog))
    assert fields == {"due", "comment"}
    sent = {"ids": [case.pk], "action": "return", "comment": "材料不全", "due": "2026-12-01"}
    assert "已办理1份" in said(client.post(reverse("nomination-bulk"), sent))
    case.refresh_from_db()
    assert (case.status, case.return_due) == ("returned", dt.date(2026, 12, 1))


def test_bulk_needs_a_tick(signed_in, central_east, call):
    assert signed_in(central_east).post(reverse("nomination-bulk"), {"action": "pass"}).status_code == 400


def test_the_list_is_filed_in_rank_order_once(call, tree, signed_in, central_east, principal_east):
    CallQuota.objects.create(call=call, unit=tree.school_east, quota=3)
    cases = [
        submitted(call, make_cadre(tree.school_east, name), principal_east) for name in ("甲", "乙", "丙")
    ]
    for each in cases:
        inspected(each, central_east)
    url, client = reverse("call-file-list", args=[call.pk]), signed_in(central_east)
    assert client.post(url, {}).status_code == 400
    first, second, third = cases
    sent = {"ids": [first.pk, third.pk], f"rank_{first.pk}": "2", f"rank_{third.pk}": "1"}
    assert client.post(url, sent).status_code == 302
    assert list(CentralList.objects.get().nominations.order_by("list_rank").values_list("cadre__name", flat=True)) == [
        "丙", "甲",
    ]  # fmt: skip
    second.refresh_from_db()
    assert second.step.kind == "list", "who isn't listed stays"
    assert client.post(url, {"ids": [second.pk]}).status_code == 409
    page = client.get(url).content.decode()
    assert page.index("丙") < page.index("甲")


def test_a_case_of_another_township_is_not_listed(call, tree, case, signed_in, central_east, central_west):
    inspected(case, central_east)
    answer = signed_in(central_west).post(reverse("call-file-list", args=[call.pk]), {"ids": [case.pk]})
    assert answer.status_code == 400
    assert not CentralList.objects.exists()


def test_the_agenda_compares_and_decides(call, tree, signed_in, party, hr, principal_direct):
    case = at_decision(call, make_cadre(tree.direct_school, "县直"), principal_direct, hr)
    client = signed_in(party)
    page = client.get(reverse("agenda")).content.decode()
    for words in ("县直", "名额剩 15 个", "31 岁", "核查"):
        assert words in page, words
    answer = take(client, case, action="pass", step="decide", comment="同意")
    assert answer.status_code == 302
    assert "等待局人事安排" in said(answer)
    assert Participation.objects.get(nomination=case).status == "pending"
    assert client.get(reverse("agenda")).context["groups"] == []


def test_without_places_the_agenda_offers_the_waiting_list(
    call, tree, signed_in, party, hr, principal_direct
):
    case = at_decision(call, make_cadre(tree.direct_school), principal_direct, hr)
    call.places_account.places = 0
    call.places_account.save()
    client = signed_in(party)
    assert take(client, case, action="pass", step="decide").status_code == 409
    assert not Participation.objects.exists()
    assert take(client, case, action="waitlist", step="decide").status_code == 302
    case.refresh_from_db()
    assert case.status == "waiting"


def test_a_call_is_made_edited_opened_and_extended(program, signed_in, hr):
    client = signed_in(hr)
    template = program.calls.templates().get(title__contains="秋季")
    answer = client.post(reverse("call-new"), {"template": template.pk, "year": 2026})
    call = Call.objects.real().get()
    assert answer["Location"] == reverse("call-edit", args=[call.pk])
    assert client.post(reverse("call-new"), {"template": template.pk, "year": 2026}).status_code == 422
    form = client.get(reverse("call-edit", args=[call.pk])).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    sent |= {"opens_at": "2026-11-01T08:00", "closes_at": "2026-10-01T08:00"}
    answer = client.post(reverse("call-edit", args=[call.pk]), sent)
    assert answer.status_code == 422, "an end before the beginning"
    sent["closes_at"] = "2026-12-10T18:00"
    assert client.post(reverse("call-edit", args=[call.pk]), sent).status_code == 302
    take_url = reverse("call-take", args=[call.pk])
    assert client.post(take_url, {"action": "nonsense"}).status_code == 400
    assert client.post(take_url, {"action": "open"}).status_code == 302
    assert client.post(take_url, {"action": "open"}).status_code == 409
    assert client.post(reverse("call-edit", args=[call.pk]), sent).status_code == 422
    extend = reverse("call-extend", args=[call.pk])
    assert client.post(extend, {"closes_at": "2026-11-01T08:00", "comment": "早"}).status_code == 422
    later = {"closes_at": "2026-12-20T18:00", "list_due": "2026-12-31", "comment": "应学校要求"}
    assert client.post(extend, later).status_code == 302
    call.refresh_from_db()
    assert (call.status, call.closes_at.day) == ("open", 20)


def test_a_drafted_call_is_hr_s_alone(program, hr, principal_east, signed_in):
    draft = make_call(program, hr, is_open=False)
    client = signed_in(principal_east)
    assert client.get(reverse("call-detail", args=[draft.pk])).status_code == 404
    assert client.post(reverse("call-take", args=[draft.pk]), {"action": "open"}).status_code == 404
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_more_time_for_the_lists_alone_is_said_as_such(signed_in, hr, call):
    url = reverse("call-extend", args=[call.pk])
    sent = {"closes_at": "2026-12-15T23:59", "list_due": "2027-01-08", "comment": "大雪"}
    assert "已通知中心校" in said(signed_in(hr).post(url, sent))
    call.refresh_from_db()
    assert (str(call.list_due), call.status) == ("2027-01-08", "open")
    assert "已通知各单位" in said(signed_in(hr).post(url, sent | {"closes_at": "2026-12-18T18:00"}))
