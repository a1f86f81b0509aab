"""Anonymity is a storage promise: after closing, nothing that is stored anywhere leads from a ballot to its rater.

Raters and invitations get numbers of their own kind and every ballot a score of its own, so that each can be looked
for in every row of every table. The stage is set on real transactions, one a submission, as requests would.
"""

import datetime as dt
import logging
import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection

from accounts.models import User
from assessment.models import (
    Ballot,
    BallotDay,
    BallotDraft,
    Invitation,
    ResultComment,
    Round,
)
from assessment.services.ballots import save_draft, submit
from assessment.services.rounds import add_subject, take_round_action, tell_ballot_days
from assessment.tasks import close_due_rounds
from assessment.tasks import tell_ballot_days as tell_ballot_days_task
from core import audit
from core.database_role import grants_for
from core.models import AuditEntry
from tests.assessment.factories import (
    answers_of,
    invite_raters,
    make_instrument,
    make_round,
    open_round,
    rate,
    relation_of,
)
from tests.conftest import make_tree
from tests.factories import make_holder, make_user
from tests.programs.factories import make_cadre

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 12
ROWS = [
    {"level": 1, "name": "总体评价", "kind": "score", "weight": 100},
    {"level": 1, "name": "优点", "kind": "text"},
    {"level": 1, "name": "不足", "kind": "text"},
]


def query(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def mark(number):
    """The score that only one rater gives."""
    return f"{61 + number}.{37 + number}"


@pytest.fixture
def stage(transactional_db, clock):
    """An open round with twelve anonymous peers and a named superior."""
    tree = make_tree()
    hr = make_holder("hr", "何人事", "hr", tree.bureau)
    instrument = make_instrument(tree.bureau, hr, ROWS)
    relations = [
        {"kind": "peer", "weight": 60, "anonymous": True},
        {"kind": "superior", "weight": 40, "anonymous": False},
    ]
    round = make_round(tree.bureau, hr, relations, instrument=instrument)
    subject = add_subject(round=round, cadre=make_cadre(tree.school_east, "贝平"), by=hr)
    query_free("ALTER SEQUENCE assessment_invitation_id_seq RESTART WITH 800000001")
    raters = [make_user(f"rater-x{n}", f"评者{n}号", pk=900000001 + n) for n in range(MANY)]
    invite_raters(round, subject, "peer", raters, hr)
    invite_raters(round, subject, "superior", 1, hr)
    open_round(round, hr)
    return round, subject, raters, hr


def query_free(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def in_an_order(raters):
    """The raters in an order of submission that is neither that of their numbers nor its reverse."""
    return raters[1::2] + raters[::2]


@pytest.fixture
def submitted(stage):
    """Everybody has submitted, each as a request of its own at a time of its own, with a draft before it."""
    round, subject, raters, hr = stage
    for rater in in_an_order(raters):
        number = raters.index(rater)
        token = audit.facts.set(
            audit.RequestFacts(ip=f"10.9.8.{number + 1}", request_id=f"request-{number:03}")
        )
        try:
            invitation = Invitation.objects.get(rater=rater)
            draft = answers_of(round, mark(number), words="草稿")
            save_draft(invitation=invitation, answers=draft, by=rater)
            rate_with_words(round, rater, number)
        finally:
            audit.facts.reset(token)
    rate(round, Invitation.objects.get(relation__kind="superior").rater, 90)
    return stage


def rate_with_words(round, rater, number):
    keys = list(answers_of(round, 1))
    answers = {keys[0]: mark(number), keys[1]: f"优{number:02}", keys[2]: f"缺{number:02}"}
    submit(invitation=Invitation.objects.get(rater=rater), answers=answers, by=rater)


@pytest.fixture
def closed(submitted, clock):
    """The clock has closed the round."""
    clock("2026-12-01 00:01:00")
    assert close_due_rounds() == 1
    return submitted


def dump():
    """Every row of every table as (table, text)."""
    for (table,) in query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"):
        for (text,) in query(f'SELECT t::text FROM "{table}" t'):
            yield table, text


def traces_of(number, rater, invitation):
    """What leads to a rater: account, name, invitation, address, request."""
    return [
        str(rater.pk),
        rater.username,
        rater.name,
        str(invitation),
        f"10.9.8.{number + 1}\\b",
        f"request-{number:03}",
    ]


def test_no_row_of_any_table_holds_a_ballot_together_with_its_rater(closed):
    round, subject, raters, hr = closed
    rows = list(dump())
    peers = relation_of(round, "peer")
    for number, rater in enumerate(raters):
        mine = [(table, text) for table, text in rows if mark(number) in text]
        assert [table for table, _ in mine] == ["assessment_ballot"]
        invitation = Invitation.objects.get(rater=rater, relation=peers).pk
        pattern = re.compile("|".join(traces_of(number, rater, invitation)))
        assert not [text for _, text in mine if pattern.search(text)]
        tables = {table for table, text in rows if pattern.search(text)}
        assert tables == {"accounts_user", "assessment_invitation", "core_auditentry", "core_message"}


def test_the_scan_would_find_a_link(closed):
    """The companion: a ballot that kept its invitation's number is found by the same scan."""
    round, subject, raters, hr = closed
    invitation = Invitation.objects.get(rater=raters[0])
    ballot = next(each for each in Ballot.objects.all() if str(each.answers[0]) == mark(0))
    Ballot.objects.filter(pk=ballot.pk).delete()
    ballot.comments = ""
    ballot.key = f"00000000-0000-4000-8000-000{invitation.pk}"
    ballot.save(force_insert=True)
    mine = [text for _, text in dump() if mark(0) in text]
    assert [text for text in mine if str(invitation.pk) in text]


def test_a_ballot_has_no_column_for_a_person_a_time_or_a_request():
    columns = {each.name for each in Ballot._meta.concrete_fields}
    assert columns == {
        "key", "subject", "relation", "anonymous", "invitation", "submitted_at", "answers", "comments",
    }  # fmt: skip
    assert {each.name for each in Invitation._meta.concrete_fields} == {
        "id", "subject", "relation", "rater", "used",
    }  # fmt: skip
    assert {each.name for each in BallotDay._meta.concrete_fields} == {"id", "round", "rater", "day"}


def test_whatever_points_to_an_account_or_an_invitation_is_known():
    """A new column that names a person has to be thought about here."""
    found = set()
    for model in apps.get_app_config("assessment").get_models():
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model in (User, Invitation):
                found.add(f"{model.__name__}.{field.name}")
    assert found == {
        "Ballot.invitation", "BallotDay.rater", "BallotDraft.invitation", "Instrument.created_by",
        "InstrumentDecision.actor", "Invitation.rater", "Round.created_by", "RoundDecision.actor",
        "SubjectResult.confirmed_by",
    }  # fmt: skip


def written(table):
    return query(f"SELECT t.xmin::text, t.ctid, t.* FROM {table} t ORDER BY t.ctid")


def transactions():
    return {row[0] for table in ("assessment_ballot", "assessment_invitation") for row in written(table)}


def test_while_open_the_transaction_joins_ballot_and_invitation_which_is_why_closing_rewrites(submitted):
    used = {
        row[0]
        for row in query("SELECT xmin::text FROM assessment_invitation WHERE used AND rater_id >= 900000001")
    }
    ballots = {row[0] for row in query("SELECT xmin::text FROM assessment_ballot WHERE anonymous")}
    assert ballots == used
    assert len(ballots) == MANY


def test_once_closed_one_transaction_wrote_them_all(closed):
    assert len(transactions()) == 1


def place_order():
    """The raters' numbers as their ballots lie in the table."""
    rows = query("SELECT answers[1]::text FROM assessment_ballot WHERE anonymous ORDER BY ctid")
    numbers = {mark(number): number for number in range(MANY)}
    return [numbers[text] for (text,) in rows]


def invitation_order(raters):
    keys = [rater.pk for rater in raters]
    rows = query("SELECT rater_id FROM assessment_invitation WHERE rater_id >= 900000001 ORDER BY ctid")
    return [keys.index(key) for (key,) in rows]


def test_neither_table_keeps_the_order_of_submission_nor_the_others(submitted, clock):
    round, subject, raters, hr = submitted
    order = [raters.index(rater) for rater in in_an_order(raters)]
    assert place_order() == invitation_order(raters) == order
    clock("2026-12-01 00:01:00")
    close_due_rounds()
    ballots, invitations = place_order(), invitation_order(raters)
    assert sorted(ballots) == sorted(invitations) == sorted(order)
    known = [order, sorted(order), order[::-1], sorted(order, reverse=True)]
    assert ballots not in known
    assert invitations not in known
    assert ballots != invitations


def test_ballots_get_new_keys_so_that_what_was_seen_before_finds_nothing(submitted, clock):
    before = set(Ballot.objects.values_list("key", flat=True))
    clock("2026-12-01 00:01:00")
    close_due_rounds()
    after = set(Ballot.objects.values_list("key", flat=True))
    assert len(after) == len(before) == MANY + 1
    assert not before & after


def test_a_named_ballot_keeps_its_invitation(closed):
    ballot = Ballot.objects.get(anonymous=False)
    assert ballot.invitation.relation.kind == "superior"
    assert ballot.submitted_at is not None


def test_drafts_are_gone_and_the_tables_are_vacuumed(submitted, clock):
    def vacuumed():
        rows = query(
            "SELECT relname, vacuum_count FROM pg_stat_user_tables WHERE relname = ANY (%s) ORDER BY 1",
            ["assessment_ballot", "assessment_ballotday", "assessment_ballotdraft", "assessment_invitation"],
        )
        return [count for _, count in rows]

    assert not BallotDraft.objects.exists()
    before = vacuumed()
    clock("2026-12-01 00:01:00")
    close_due_rounds()
    assert vacuumed() == [count + 1 for count in before]


def test_the_words_of_one_ballot_are_not_side_by_side(closed):
    numbers = {}
    for name in ("优点", "不足"):
        rows = ResultComment.objects.filter(indicator__name=name).order_by("id")
        numbers[name] = [int(str(each.text)[1:]) for each in rows]
    order = in_an_order(list(range(MANY)))
    assert sorted(numbers["优点"]) == sorted(numbers["不足"]) == list(range(MANY))
    assert numbers["优点"] != numbers["不足"]
    assert numbers["优点"] != order
    assert numbers["不足"] != order


def entries():
    return AuditEntry.objects.filter(action="ballot.submitted", actor_id__gte=900000001).order_by("id")


def test_the_trail_says_that_somebody_submitted_in_the_round_and_on_which_day(closed):
    round, subject, raters, hr = closed
    assert sorted(each.actor_id for each in entries()) == [rater.pk for rater in raters]
    for each in entries():
        assert each.at == dt.datetime.fromisoformat("2026-11-20T00:00:00+08:00")
        assert (each.object_type, each.object_id) == ("assessment.round", str(round.pk))
        assert (each.ip, each.request_id, each.before, each.after, each.note) == (None, "", None, None, "")
        assert subject.cadre.name not in each.object_label + each.unit_name
    assert list(audit.verify(AuditEntry.objects.all())) == []


def test_the_trails_running_numbers_dont_tell_who_came_first(closed):
    round, subject, raters, hr = closed
    order = [rater.pk for rater in in_an_order(raters)]
    told = [each.actor_id for each in entries()]
    assert told not in (order, sorted(order), order[::-1])


def test_the_trail_is_told_of_a_day_once_it_is_over_and_only_once(submitted, clock):
    clock("2026-11-20 23:59:59")
    assert tell_ballot_days() == 0
    clock("2026-11-21 00:40:00")
    assert tell_ballot_days_task() == MANY
    assert tell_ballot_days() == 0
    assert entries().count() == MANY
    assert not BallotDay.objects.exists()


def test_several_ballots_of_a_day_are_one_entry(stage, clock):
    round, subject, raters, hr = stage
    first = Round.objects.get()
    second = make_round(
        first.unit, hr, [{"kind": "peer", "weight": 100, "anonymous": True}], instrument=first.instrument
    )
    for name in ("甲", "乙"):
        each = add_subject(round=second, cadre=make_cadre(subject.unit, name), by=hr)
        invite_raters(second, each, "peer", raters[:1], hr)
    open_round(second, hr)
    for each in Invitation.objects.filter(subject__round=second):
        submit(invitation=each, answers=answers_of(second, 90), by=raters[0])
    clock("2026-11-21 00:40:00")
    assert tell_ballot_days() == 1


def test_closing_by_hand_leaves_no_address_of_the_closer_on_others_entries(submitted):
    round, subject, raters, hr = submitted
    token = audit.facts.set(audit.RequestFacts(ip="10.1.1.1", request_id="closing-request"))
    try:
        take_round_action(round=round, action="close", by=hr)
    finally:
        audit.facts.reset(token)
    assert entries().count() == MANY
    assert not entries().exclude(ip=None, request_id="").exists()


def test_nothing_about_a_ballot_is_logged(stage, clock, caplog):
    round, subject, raters, hr = stage
    with caplog.at_level(logging.INFO):
        for number, rater in enumerate(raters):
            rate_with_words(round, rater, number)
        clock("2026-12-01 00:01:00")
        close_due_rounds()
    assert not [mark(n) for n in range(MANY) if mark(n) in caplog.text]
    assert not [rater.name for rater in raters if rater.name in caplog.text]


def test_no_admin_shows_ballots_drafts_invitations_or_comments():
    for model in (Ballot, BallotDay, BallotDraft, Invitation, ResultComment):
        assert model not in admin.site._registry


@pytest.fixture
def application_role(transactional_db):
    """A role with what `database_role` gives the site, which owns no table."""
    name = "cadres_app_that_rates"
    query_free(f"CREATE ROLE {name} NOLOGIN NOSUPERUSER")
    try:
        for statement in grants_for(name):
            query_free(statement)
        yield name
    finally:
        query_free("RESET ROLE")
        query_free(f"DROP OWNED BY {name}")
        query_free(f"DROP ROLE {name}")


def test_the_sites_own_role_closes_rounds_too(stage, application_role, clock):
    """Rewriting needs no more than rows; the vacuum of a table that isn't its own is a warning of the database."""
    round, subject, raters, hr = stage
    query_free(f"SET ROLE {application_role}")
    for number, rater in enumerate(raters):
        rate_with_words(round, rater, number)
    clock("2026-12-01 00:01:00")
    assert close_due_rounds() == 1
    assert len(transactions()) == 1
    assert query("SELECT current_user") == [(application_role,)]
