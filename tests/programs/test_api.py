"""The engine's resources: the same services as the pages, one shape of refusal, entity tags, bulk."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.api.viewsets import etag
from programs.api import ParticipationViewSet
from programs.models import Appraisal, Base, Call, Nomination, Participation, Stint
from programs.services.nominations import start_nomination, take_action
from programs.services.participations import follow_calendar, place_participation
from tests.factories import make_holder
from tests.programs.factories import (
    TEXTS,
    at_decision,
    confirm_all,
    make_base,
    make_cadre,
    make_call,
    submitted,
)

pytestmark = pytest.mark.django_db
API = "/api/v1"


class Caller:
    """A person with a client that speaks JSON."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __call__(self, method, path, data=None, **headers):
        ask = getattr(self.client, method)
        if method == "get":
            return ask(f"{API}/{path}", data or {}, headers=headers)
        return ask(f"{API}/{path}", data or {}, content_type="application/json", headers=headers)


@pytest.fixture
def calls_as(signed_in):
    """Give a person's caller."""
    return lambda user: Caller(signed_in(user))


@pytest.fixture
def cadre(call, tree):
    """One of the East school's people."""
    return make_cadre(tree.school_east, "李青")


def declared(call):
    rules = call.rules.filter(mode="attested", group="")
    return [{"rule": rule.pk, "declared": True, "evidence": "本人档案"} for rule in rules]


def refused(answer, status, code):
    """The one shape of a refusal."""
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert set(body) == {"code", "message", "errors"}
    assert any("\u4e00" <= char <= "\u9fff" for char in body["message"])
    return body


def test_a_nomination_is_drafted_filled_and_submitted(calls_as, principal_east, call, cadre):
    ask = calls_as(principal_east)
    made = ask("post", "nominations/", {"call": call.pk, "cadre": cadre.pk, "statement": "好"})
    assert made.status_code == 201
    path = f"nominations/{made.json()['id']}/"
    body = refused(ask("post", path + "take/", {"action": "submit"}), 400, "invalid")
    assert "problems" in body["errors"]
    filled = ask("patch", path, TEXTS | {"declarations": declared(call)})
    assert (filled.status_code, filled.json()["statement"]) == (200, TEXTS["statement"])
    rules = {rule["name"]: rule["actual"] for rule in filled.json()["rules"]}
    assert rules["一般 35 周岁以下"] == "31 岁"
    receipts = [ask("post", path + "take/", {"action": "submit"}) for _ in range(2)]
    assert [each.status_code for each in receipts] == [200, 200]
    assert receipts[0].json() == receipts[1].json()
    read = ask("get", path).json()
    assert (read["status"], read["status_label"], read["step"]) == ("submitted", "已提交", "inspect")
    assert [each["action"] for each in read["history"]] == ["submit"]


def test_unknown_people_and_calls_are_said_at_their_fields(calls_as, principal_east, call, tree):
    ask = calls_as(principal_east)
    stranger = make_cadre(tree.school_west)
    body = refused(ask("post", "nominations/", {"call": call.pk, "cadre": stranger.pk}), 400, "invalid")
    assert list(body["errors"]) == ["cadre"]
    body = refused(ask("post", "nominations/", {"call": 999999, "cadre": stranger.pk}), 400, "invalid")
    assert list(body["errors"]) == ["call"]
    assert not Nomination.objects.exists()


def test_outside_404_inside_403_nothing_written(
    calls_as, call, cadre, principal_east, principal_west, hr, sysadmin
):
    case = submitted(call, cadre, principal_east)
    path, verdict = f"nominations/{case.pk}/", {"action": "reject", "comment": "不妥"}
    refused(calls_as(principal_west)("get", path), 404, "not_found")
    refused(calls_as(principal_west)("post", path + "take/", verdict), 404, "not_found")
    refused(calls_as(sysadmin)("post", path + "take/", verdict), 404, "not_found")
    refused(calls_as(hr)("post", path + "take/", verdict), 403, "forbidden")
    refused(calls_as(hr)("patch", path, {"statement": "改"}), 403, "forbidden")
    refused(calls_as(sysadmin)("get", "nominations/"), 403, "forbidden")
    assert Client().get(f"{API}/{path}").status_code == 401
    case.refresh_from_db()
    assert (case.status, case.statement) == ("submitted", TEXTS["statement"])


def test_a_stale_tag_is_412_and_overwrites_nothing(calls_as, principal_east, call, cadre, clock):
    case, ask = start_nomination(call=call, cadre=cadre, by=principal_east), calls_as(principal_east)
    path = f"nominations/{case.pk}/"
    tag = ask("get", path)["ETag"]
    assert tag == etag(case)
    clock("2026-11-20 09:01:00")
    fresh = ask("patch", path, {"statement": "先"}, **{"If-Match": tag})
    assert fresh.status_code == 200
    clock("2026-11-20 09:02:00")
    refused(ask("patch", path, {"statement": "后"}, **{"If-Match": tag}), 412, "stale")
    refused(ask("post", path + "take/", {"action": "withdraw"}, **{"If-Match": tag}), 412, "stale")
    assert ask("patch", path, {"statement": "后"}, **{"If-Match": fresh["ETag"]}).status_code == 200
    case.refresh_from_db()
    assert (case.status, case.statement) == ("draft", "后")


def test_a_returned_case_shows_how_its_rules_stand_now(calls_as, principal_east, central_east, call, cadre):
    """What the school puts right is judged at once, as on the page."""
    case = submitted(call, cadre, principal_east)
    take_action(
        nomination=case, action="return", by=central_east, comment="出生年月有误", due=dt.date(2026, 12, 1)
    )
    type(cadre).objects.filter(pk=cadre.pk).update(birth=dt.date(1985, 1, 1))
    rules = calls_as(principal_east)("get", f"nominations/{case.pk}/").json()["rules"]
    assert {rule["name"]: rule["verdict"] for rule in rules}["一般 35 周岁以下"] == "exceeded"


def test_papers_are_brought_through_the_api(calls_as, signed_in, principal_east, hr, call, cadre, settings):
    case = start_nomination(call=call, cadre=cadre, by=principal_east)
    read = calls_as(principal_east)("get", f"calls/{call.pk}/").json()
    assert read["places_left"] == 15
    wanted = {paper["name"]: paper["id"] for paper in read["attachments"]}["个人工作总结"]
    path = f"{API}/nominations/{case.pk}/papers/"

    def bring(content=b"%PDF-1.4\n%%EOF\n", **more):
        paper = SimpleUploadedFile("总结.pdf", content, "application/pdf")
        return signed_in(principal_east).post(path, {"file": paper, **more})

    answer = bring(attachment=wanted)
    assert answer.status_code == 201
    (paper,) = answer.json()["papers"]
    assert (paper["name"], paper["attachment"]) == ("总结.pdf", wanted)
    assert signed_in(principal_east).get(paper["url"]).status_code == 200
    refused(bring(attachment=999999), 400, "invalid")
    refused(bring(b"MZ\x90\x00"), 415, "wrong_type")
    refused(bring(b""), 400, "invalid")
    settings.UPLOAD_MAX_BYTES = 10
    refused(bring(), 413, "too_large")
    returned = submitted(call, make_cadre(cadre.unit), make_holder("pe2", "东二", "principal", cadre.unit))
    paper = SimpleUploadedFile("总结.pdf", b"%PDF", "application/pdf")
    answer = signed_in(hr).post(f"{API}/nominations/{returned.pk}/papers/", {"file": paper})
    refused(answer, 403, "forbidden")
    assert case.files.count() == 1


def test_the_wrong_moment_is_409(calls_as, central_east, call, cadre, principal_east):
    case = submitted(call, cadre, principal_east)
    confirm_all(case, central_east)
    ask, path = calls_as(central_east), f"nominations/{case.pk}/take/"
    bare = refused(ask("post", path, {"action": "pass", "step": "inspect"}), 400, "invalid")
    assert bare["errors"] == {"comment": ["请写明考察意见。"]}
    assert (
        ask("post", path, {"action": "pass", "step": "inspect", "score": 90, "comment": "同意"}).status_code
        == 200
    )
    refused(ask("post", path, {"action": "reject", "comment": "晚了", "step": "inspect"}), 409, "conflict")
    case.refresh_from_db()
    assert case.step.kind == "list"


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"action": "approve"}, {"action": "pass", "score": 101}, {"action": "return", "due": "明天"},
        {"action": "pass", "confirmations": {"x": True}}, {"action": "pass", "confirmations": [1]},
    ],
)  # fmt: skip
def test_bad_bodies_are_400(calls_as, central_east, call, cadre, principal_east, sent):
    case = submitted(call, cadre, principal_east)
    refused(calls_as(central_east)("post", f"nominations/{case.pk}/take/", sent), 400, "invalid")
    case.refresh_from_db()
    assert case.status == "submitted"


def test_bulk_answers_for_each_case(calls_as, party, hr, call, tree, principal_direct, cadre, principal_east):
    ready = at_decision(call, make_cadre(tree.direct_school, "可定"), principal_direct, hr)
    early = submitted(call, cadre, principal_east)
    answer = calls_as(party)(
        "post",
        "nominations/bulk/",
        {"ids": [ready.pk, early.pk, 999999], "action": "pass", "comment": "同意"},
    )
    body = answer.json()
    assert (answer.status_code, body["done"]) == (200, 1)
    assert [(each["name"], each["ok"]) for each in body["results"]] == [
        ("可定", True), ("李青", False), ("", False),
    ]  # fmt: skip
    assert all(each["message"] for each in body["results"])
    refused(calls_as(party)("post", "nominations/bulk/", {"ids": [], "action": "pass"}), 400, "invalid")


def test_lists_are_scoped_filtered_and_incremental(
    calls_as, hr, principal_west, central_east, call, cadre, principal_east
):
    case = submitted(call, cadre, principal_east)
    assert calls_as(principal_west)("get", "nominations/").json()["results"] == []
    body = calls_as(central_east)("get", "nominations/", {"status": "submitted", "search": "李青"}).json()
    assert (body["count"], [each["id"] for each in body["results"]]) == (1, [case.pk])
    assert calls_as(hr)("get", "nominations/", {"updated_since": "2026-11-21"}).json()["count"] == 0
    assert calls_as(hr)("get", "nominations/", {"updated_since": "2026-11-20"}).json()["count"] == 1
    refused(calls_as(hr)("get", "nominations/", {"updated_since": "gestern"}), 400, "invalid")


def test_calls_are_made_edited_opened_extended_closed(calls_as, hr, principal_east, program):
    ask, school = calls_as(hr), calls_as(principal_east)
    template = program.calls.templates().get(title__contains="秋季")
    made = ask("post", "calls/", {"template": template.pk, "year": 2026})
    assert made.status_code == 201
    path = f"calls/{made.json()['id']}/"
    refused(ask("post", "calls/", {"template": template.pk, "year": 2026}), 400, "invalid")
    refused(school("get", path), 404, "not_found")
    assert ask("patch", path, {"quota_per_unit": 2}).json()["quota_per_unit"] == 2
    opened = ask("post", path + "open/")
    assert (opened.status_code, opened.json()["status"]) == (200, "open")
    refused(ask("post", path + "open/"), 409, "conflict")
    refused(ask("patch", path, {"quota_per_unit": 3}), 409, "conflict")
    refused(school("post", path + "close/"), 403, "forbidden")
    assert school("get", path).json()["steps"][0]["kind"] == "recommend"
    late = {"closes_at": "2026-12-20T18:00:00+08:00", "comment": "应学校要求"}
    assert ask("post", path + "extend/", late).status_code == 200
    refused(ask("post", path + "extend/", late | {"closes_at": "2020-01-01T00:00:00Z"}), 400, "invalid")
    assert ask("post", path + "close/", {"comment": "报齐"}).json()["status"] == "closed"
    assert ask("post", path + "finish/").json()["status"] == "finished"
    assert Call.objects.real().get().quota_per_unit == 2


def test_a_template_is_no_call(calls_as, hr, program):
    assert calls_as(hr)("get", "calls/").json()["results"] == []
    refused(calls_as(hr)("get", f"calls/{program.calls.templates().first().pk}/"), 404, "not_found")


def test_a_list_is_filed(calls_as, central_east, principal_east, call, cadre, tree):
    case = submitted(call, cadre, principal_east)
    confirm_all(case, central_east)
    take_action(nomination=case, action="pass", by=central_east, comment="同意")
    ask, path = calls_as(central_east), f"calls/{call.pk}/file-list/"
    west = {"unit": tree.central_west.pk, "nominations": [case.pk]}
    assert "unit" in refused(ask("post", path, west), 400, "invalid")["errors"]
    answer = ask("post", path, {"unit": tree.central_east.pk, "nominations": [case.pk]})
    assert [(each["step"], each["list_rank"]) for each in answer.json()] == [("check", 1)]
    refused(ask("post", path, {"unit": tree.central_east.pk, "nominations": [case.pk]}), 409, "conflict")


@pytest.fixture
def pending(program, cadre):
    """A person who waits to be placed."""
    return Participation.objects.create(unit=cadre.unit, cadre=cadre, program=program, year=2026)


def test_a_participation_is_placed_and_rearranged(calls_as, hr, party, pending, tree, host, mentor):
    base = make_base(tree.bureau, host, host_unit=tree.section)
    ask, path = calls_as(hr), f"participations/{pending.pk}/"
    body = refused(ask("post", path + "take/", {"action": "place"}), 400, "invalid")
    assert set(body["errors"]) == {"base", "acting_post", "start"}
    sent = {
        "action": "place", "base": base.pk, "acting_post": "副股长", "start": "2027-03-01", "guide": mentor.pk,
    }  # fmt: skip
    refused(calls_as(party)("post", path + "take/", sent), 403, "forbidden")
    assert "base" in refused(ask("post", path + "take/", sent | {"base": 999999}), 400, "invalid")["errors"]
    refused(ask("post", path + "take/", sent | {"guide": 999999}), 404, "not_found")
    assert not Stint.objects.exists()
    placed = ask("post", path + "take/", sent).json()
    assert (placed["status"], placed["stints"][0]["base_name"], placed["end"]) == (
        "placed", base.name, "2027-08-31",
    )  # fmt: skip
    refused(ask("post", path + "take/", sent), 409, "conflict")
    moved = ask(
        "post", path + "take/", sent | {"action": "rearrange", "end": "2027-07-31", "comment": "工作需要"}
    )
    assert moved.json()["end"] == "2027-07-31"
    assert calls_as(mentor)("get", path).status_code == 200


def test_a_colleagues_change_between_reading_and_locking_is_seen(
    calls_as, hr, pending, tree, host, monkeypatch
):
    """If-Match is compared with the locked row: what was read before the lock may be old by then."""
    read = ParticipationViewSet.get_object

    def read_then_overtaken(view):
        row = read(view)
        Participation.objects.filter(pk=row.pk).update(updated_at=row.updated_at + dt.timedelta(seconds=1))
        return row

    monkeypatch.setattr(ParticipationViewSet, "get_object", read_then_overtaken)
    base, ask = make_base(tree.bureau, host, host_unit=tree.section), calls_as(hr)
    sent = {"action": "place", "base": base.pk, "acting_post": "副股长", "start": "2027-03-01"}
    answer = ask("post", f"participations/{pending.pk}/take/", sent, **{"If-Match": etag(pending)})
    refused(answer, 412, "stale")
    assert not Stint.objects.exists()
    monkeypatch.undo()
    pending.refresh_from_db()
    answer = ask("post", f"participations/{pending.pk}/take/", sent, **{"If-Match": etag(pending)})
    assert answer.status_code == 200
    pending.refresh_from_db()
    assert answer["ETag"] == etag(pending)


def test_an_appraisal_is_written_filed_and_returned(
    calls_as, hr, host, central_east, principal_east, pending, tree, clock
):
    base = make_base(tree.bureau, host)
    place_participation(
        participation=pending, base=base, acting_post="副股长", start=dt.date(2027, 3, 1), by=hr
    )
    clock("2027-03-01 08:00:00")
    follow_calendar()
    clock("2027-09-01 08:00:00")
    follow_calendar()
    row = Appraisal.objects.get()
    path, write = f"appraisals/{row.pk}/", calls_as(host)
    texts = [{"order": order, "text": "作风扎实"} for order in range(1, 6)]
    assert write("patch", path, {"sections": texts[:1]}).status_code == 200
    hidden = calls_as(central_east)("get", path).json()
    assert (hidden["grade"], hidden["sections"]) == (None, None), "a draft is the host's own"
    refused(calls_as(hr)("patch", path, {"sections": texts}), 403, "forbidden")
    refused(calls_as(principal_east)("get", path), 404, "not_found")
    refused(write("post", path + "take/", {"action": "file"}), 400, "invalid")
    filed = write("post", path + "take/", {"action": "file", "grade": "good", "sections": texts})
    assert (filed.status_code, filed.json()["status"]) == (200, "filed")
    assert calls_as(central_east)("get", path).json()["sections"][0]["text"] == "作风扎实"
    refused(write("patch", path, {"grade": "excellent"}), 409, "conflict")
    refused(write("post", path + "take/", {"action": "return", "comment": "我自己"}), 403, "forbidden")
    back = calls_as(hr)("post", path + "take/", {"action": "return", "comment": "请写具体些"})
    assert back.json()["status"] == "returned"
    refused(calls_as(hr)("post", "appraisals/", {}), 405, "method_not_allowed")


def test_bases_are_kept_by_hr(calls_as, hr, party, tree, program):
    ask = calls_as(hr)
    sent = {"unit": tree.bureau.pk, "name": "城关小学", "capacity": 2}
    made = ask("post", "bases/", sent)
    assert made.status_code == 201
    path = f"bases/{made.json()['id']}/"
    refused(ask("post", "bases/", sent), 400, "invalid")
    refused(calls_as(party)("patch", path, {"capacity": 9}), 403, "forbidden")
    assert ask("patch", path, {"capacity": 3}).json()["capacity"] == 3
    assert Base.objects.get().capacity == 3


def test_nobody_acts_on_a_draft_call_they_do_not_see(calls_as, program, hr, principal_east):
    draft = make_call(program, hr, is_open=False)
    refused(calls_as(principal_east)("post", f"calls/{draft.pk}/open/"), 404, "not_found")
    draft.refresh_from_db()
    assert draft.status == "draft"
