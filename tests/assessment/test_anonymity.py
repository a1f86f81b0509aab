"""Anonymity is a storage promise: after closing, nothing that is stored anywhere leads from a ballot to its rater.

Raters and invitations get numbers of their own kind and every ballot a score of its own, so that each can be looked
for in every row of every table. The stage is set on real transactions, one a submission, as requests would.
"""

import logging
import re

import pytest
from django.apps import apps
from django.contrib import admin

from accounts.models import User
from assessment.models import Ballot, BallotDay, BallotDraft, Invitation, ResultComment
from assessment.tasks import close_due_rounds
from core.database_role import grants_for
from tests.assessment.factories import answers_of, relation_of
from tests.assessment.searching import (
    MANY,
    dump,
    in_an_order,
    mark,
    query,
    query_free,
    rate_with_words,
    traces_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_the_page_and_the_api_leave_nothing_else_behind(stage, clock, client):
    """Sessions, messages, technical rows: a score sent by the form or through the API stands in the ballot alone."""
    round, subject, raters, hr = stage
    leaf = next(iter(answers_of(round, 1)))
    for number, rater in enumerate(raters[:6]):
        client.force_login(rater)
        key = Invitation.objects.get(rater=rater).pk
        page, api = f"/ballots/{key}/", f"/api/v1/ballots/{key}/"
        if number % 2:
            client.post(page, {f"q{leaf}": mark(number)}, headers={"X-Autosave": "1"})
            assert client.post(page, {f"q{leaf}": mark(number)}).status_code == 302
        else:
            sent = {"answers": {str(leaf): mark(number)}}
            for verb in ("draft", "submit"):
                answer = client.post(f"{api}{verb}/", sent, content_type="application/json")
                assert answer.status_code == 200
                assert mark(number) not in answer.content.decode()
    clock("2026-12-01 00:01:00")
    close_due_rounds()
    rows = list(dump())
    for number in range(6):
        assert [table for table, text in rows if mark(number) in text] == ["assessment_ballot"]
