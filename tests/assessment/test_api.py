"""The API of assessment: prepared, rated and read by the same services and with the same refusals as the pages."""

import json

import pytest

from assessment.models import Ballot, BallotDraft, Instrument, Invitation, Round
from tests.assessment.factories import RELATIONS, ROWS, invite_raters, open_round, relation_of
from tests.factories import make_user
from tests.programs.factories import make_cadre

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(signed_in):
    """Ask as a person; the answer's status and body."""

    def ask(person, method, path, body=None):
        data = "" if body is None else json.dumps(body)
        answer = getattr(signed_in(person), method)(
            f"/api/v1/{path}",
            **({} if method == "get" else {"data": data, "content_type": "application/json"}),
        )
        return answer.status_code, answer.json()

    return ask


@pytest.fixture
def peer(round, subject, hr):
    """One of five anonymous peers in an open round that a named superior rates in too."""
    people = invite_raters(round, subject, "peer", 5, hr)
    invite_raters(round, subject, "superior", [make_user("superior", "尚吉")], hr)
    open_round(round, hr)
    return people[0]


def path_of(person, verb=""):
    """The address of a person's only ballot."""
    return f"ballots/{Invitation.objects.get(rater=person).pk}/{verb}"


def answers(round, **changes):
    """Every scored indicator answered, by its number."""
    rows = {each.name: str(each.pk) for each in round.instrument.indicators.all()}
    given = {"政治素质": "good", "教学管理": 92, "队伍建设": None, "意见建议": "多听课。", **changes}
    return {"answers": {rows[name]: value for name, value in given.items()}}


def test_an_instrument_is_written_published_and_copied(tree, hr, party, clock, api):
    body = {"unit": tree.bureau.pk, "name": "中层考核表"}
    assert api(party, "post", "instruments/", body)[0] == 403
    status, made = api(hr, "post", "instruments/", body)
    assert (status, made["edition"], made["status"]) == (201, 1, "draft")
    path = f"instruments/{made['id']}/"
    status, refused = api(hr, "post", f"{path}publish/", {})
    assert status == 400
    assert refused["errors"]["indicators"]
    status, shown = api(hr, "post", f"{path}indicators/", {"indicators": ROWS})
    assert [(each["level"], each["name"]) for each in shown["indicators"]] == [
        (each["level"], each["name"]) for each in ROWS
    ]
    assert api(hr, "post", f"{path}publish/", {})[1]["status"] == "published"
    assert api(hr, "patch", path, {"name": "另一个"})[0] == 409
    status, copy = api(hr, "post", f"{path}new-version/")
    assert (status, copy["edition"], len(copy["indicators"])) == (201, 2, len(ROWS))
    assert api(hr, "post", f"{path}retire/", {})[1]["status"] == "retired"
    assert Instrument.objects.count() == 2


def test_a_round_is_prepared_and_opened(tree, round, hr, party, api):
    path, cadre = f"rounds/{round.pk}/", make_cadre(tree.school_east, "贝平")
    assert api(hr, "patch", path, {"title": "民主测评"})[1]["title"] == "民主测评"
    assert api(hr, "post", f"{path}subjects/", {"cadres": [cadre.pk]}) == (200, {"count": 1})
    assert api(party, "post", f"{path}subjects/", {"cadres": [cadre.pk]})[0] == 403
    assert api(hr, "post", f"{path}subjects/", {"cadres": [999999]})[0] == 400
    (subject,) = api(hr, "get", f"{path}subjects/")[1]["results"]
    assert subject["cadre_name"] == "贝平"
    rows = [{"kind": "peer", "weight": 50, "anonymous": True}]
    assert "100%" in api(hr, "post", f"{path}relations/", {"relations": rows})[1]["message"]
    shown = api(hr, "post", f"{path}relations/", {"relations": RELATIONS})[1]["relations"]
    assert [(each["kind"], each["anonymous"]) for each in shown] == [
        ("superior", False), ("peer", True), ("subordinate", True),
    ]  # fmt: skip
    assert "还没有评价人" in api(hr, "post", f"{path}open/", {})[1]["message"]
    invited = {"subject": subject["id"], "relation": relation_of(round, "peer").pk, "raters": ["guest"]}
    assert "没有账号 guest" in str(api(hr, "post", f"{path}raters/", invited))
    make_user("guest", "嘉宾")
    assert api(hr, "post", f"{path}raters/", invited) == (200, {"invited": 1})
    assert api(hr, "post", f"{path}raters/", invited) == (200, {"invited": 0})
    assert api(hr, "post", f"{path}open/", {})[1]["status"] == "open"
    later = {"closes_at": "2026-12-05T18:00:00+08:00", "comment": "下雪"}
    assert api(hr, "post", f"{path}extend/", later)[1]["closes_at"].startswith("2026-12-05T18:00")
    assert api(hr, "post", f"{path}publish/", {})[0] == 409


def test_a_round_is_made_and_an_older_version_refused(tree, round, hr, api, signed_in):
    body = {
        "unit": tree.bureau.pk, "title": "360°评价", "purpose": "all_around", "instrument": round.instrument_id,
        "period_from": "2026-01-01", "period_to": "2026-12-31", "opens_at": "2026-11-25T08:00:00+08:00",
        "closes_at": "2026-11-24T08:00:00+08:00",
    }  # fmt: skip
    status, refused = api(hr, "post", "rounds/", body)
    assert (status, list(refused["errors"])) == (400, ["closes_at"])
    status, made = api(hr, "post", "rounds/", {**body, "closes_at": "2026-12-01T18:00:00+08:00"})
    assert (status, made["status"]) == (201, "draft")
    stale = signed_in(hr).patch(
        f"/api/v1/rounds/{made['id']}/", json.dumps({"title": "乙"}), content_type="application/json",
        headers={"If-Match": '"1-old"'},
    )  # fmt: skip
    assert stale.status_code == 412
    assert api(hr, "post", f"rounds/{made['id']}/cancel/", {"comment": "不办了"})[1]["status"] == "cancelled"


def test_a_rater_reads_keeps_and_submits_an_anonymous_ballot_once(peer, round, hr, api):
    (row,) = api(peer, "get", "ballots/")[1]["results"]
    assert (row["subject_name"], row["anonymous"], row["used"], row["open"]) == ("贝平", True, False, True)
    shown = api(peer, "get", path_of(peer))[1]
    assert [each["answer"] for each in shown["questions"]] == [None] * 4
    assert [each["value"] for each in shown["questions"][0]["options"]] == [
        "good", "fair", "plain", "poor", "unknown",
    ]  # fmt: skip
    assert api(peer, "post", path_of(peer, "draft/"), answers(round, 教学管理=77)) == (200, {"saved": True})
    shown = api(peer, "get", path_of(peer))[1]
    assert [each["answer"] for each in shown["questions"]] == ["good", "77", "unknown", "多听课。"]
    status, refused = api(peer, "post", path_of(peer, "submit/"), {"answers": {}})
    assert (status, len(refused["errors"])) == (400, 3)
    receipt = api(peer, "post", path_of(peer, "submit/"), answers(round))
    assert receipt == (200, {"submitted": True, "message": "匿名票已收到，不能再修改。"})
    assert api(peer, "post", path_of(peer, "submit/"), answers(round, 教学管理=1)) == receipt
    assert float(Ballot.objects.get().answers[1]) == 92
    assert not BallotDraft.objects.exists()
    assert api(peer, "get", path_of(peer))[0] == 409
    assert api(peer, "post", path_of(peer, "draft/"), answers(round))[0] == 409
    (row,) = api(peer, "get", "ballots/")[1]["results"]
    assert (row["used"], row["open"]) == (True, False)


def test_nobody_else_reaches_a_ballot(peer, round, hr, auditor, api):
    for person in (hr, make_user()):
        assert api(person, "get", "ballots/")[1]["count"] == 0
        assert api(person, "get", path_of(peer))[0] == 404
        assert api(person, "post", path_of(peer, "submit/"), answers(round))[0] == 404
    assert api(auditor, "get", "ballots/")[0] == 403
    assert not Ballot.objects.exists()


def test_what_isn_t_the_instrument_s_or_no_number_is_refused(peer, round, api):
    for key in ("x", "-1", "99999999999999999999", "999999"):
        status, refused = api(peer, "post", path_of(peer, "submit/"), {"answers": {key: "good"}})
        assert status == 400, key
        assert refused["code"] == "invalid"
    assert "0 至 100" in str(api(peer, "post", path_of(peer, "submit/"), answers(round, 教学管理=101))[1])
    assert api(peer, "get", "ballots/?updated_since=2026-01-01")[0] == 200


def test_results_are_the_person_s_once_published_and_their_words_nobody_else_s(
    peer, round, subject, hr, party, principal_east, api
):
    superior = Invitation.objects.get(subject=subject, relation__kind="superior").rater
    api(superior, "post", path_of(superior, "submit/"), answers(round))
    assert api(hr, "post", f"rounds/{round.pk}/close/", {})[1]["status"] == "closed"
    person = subject.cadre.user
    assert api(person, "get", "results/")[1]["count"] == 0
    (row,) = api(hr, "get", "results/")[1]["results"]
    path = f"results/{row['id']}/"
    assert api(person, "get", path)[0] == 404
    assert api(hr, "post", f"rounds/{round.pk}/publish/", {})[1]["status"] == "published"
    shown = api(person, "get", path)[1]
    assert shown["words"] == [{"question": "意见建议", "texts": ["多听课。"]}]
    by_label = {each["label"]: each for each in shown["relations"]}
    assert by_label["上级"]["score"] is not None
    assert by_label["同级"]["score"] is None
    assert (shown["total"], shown["coverage"]) == (by_label["上级"]["score"], "40.00")
    assert api(party, "get", path)[1]["words"] is None
    assert api(principal_east, "get", path)[0] == 404
    assert api(hr, "post", f"{path}confirm/")[0] == 403
    assert api(person, "post", f"{path}confirm/")[1]["confirmed_at"]
    assert Round.objects.get(pk=round.pk).status == "published"
