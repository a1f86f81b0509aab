"""Writing ballots and invitations anew in random order, so that neither place nor transaction joins the two.

While a round is open, a ballot and the invitation it used share a transaction id and an order of writing. Closing
writes all of them again in one transaction; what the tables held before is dead and goes with the vacuum after it.
"""

from __future__ import annotations

import logging

from django.db import DatabaseError, connection, models

from assessment.models import Ballot, BallotDay, BallotDraft, Invitation, Round

logger = logging.getLogger(__name__)

# All rows are read and deleted before the first is written, since they are sorted; the order is a secure random one.
_SHUFFLE = """
WITH taken AS (
    DELETE FROM {table} USING assessment_roundsubject subject
     WHERE subject.id = {table}.subject_id AND subject.round_id = %s
 RETURNING {returned}
)
INSERT INTO {table} ({columns}) SELECT {values} FROM taken ORDER BY gen_random_uuid()
"""
_EMPTIED = (Ballot, Invitation, BallotDraft, BallotDay)


def shuffle(round: Round) -> None:
    """Write a round's invitations and ballots anew in random order; ballots get new keys as well."""
    _rewrite(Invitation, round)
    _rewrite(Ballot, round, key="gen_random_uuid()")


def drop_drafts(round: Round) -> None:
    """Delete what raters of a round were still writing."""
    BallotDraft.objects.filter(invitation__subject__round=round).delete()


def drop_ballots(round: Round) -> None:
    """Delete the ballots of a round that won't have a result."""
    Ballot.objects.filter(relation__round=round).delete()


def vacuum() -> None:
    """Clear away what deleted rows left in the tables; call it outside any transaction.

    A role that doesn't own the tables is only warned by the database; its own vacuum then does it later.
    """
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in _EMPTIED)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {tables}")
    except DatabaseError as error:
        logger.warning("ballots were not vacuumed: %s", error)


def _rewrite(model: type[models.Model], round: Round, **anew: str) -> None:
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = [str(field.column) for field in model._meta.concrete_fields]
    statement = _SHUFFLE.format(
        table=table,
        returned=", ".join(f"{table}.{quote(name)}" for name in columns),
        columns=", ".join(map(quote, columns)),
        values=", ".join(anew.get(name) or quote(name) for name in columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [round.pk])
