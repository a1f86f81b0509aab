"""The results of a closed round in set-based SQL; what may not be shown is neither kept nor reckoned with.

Each figure is worked out from figures that are shown, rounded to two decimals: indicator means make the relation's
score, relation scores the total. So nothing shown contains anything held back, and nothing can be subtracted:

* an anonymous relation with fewer ballots than the round's minimum has no score, no indicator, no comment, and
  its ballots are erased;
* within a shown anonymous relation an indicator that fewer than the minimum could judge is left out;
* the total and the overall means are re-weighted over what is left, and coverage says how much that is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import SystemRandom
from typing import Any

from django.db import connection

from assessment.leaves import leaves
from assessment.models import Ballot, ResultComment, Round

_RECEIVED = """
    SELECT b.subject_id, b.relation_id, count(*) AS received
      FROM assessment_ballot b JOIN assessment_relation r ON r.id = b.relation_id
     WHERE r.round_id = %(round)s
     GROUP BY b.subject_id, b.relation_id
"""

_COUNTS = f"""
INSERT INTO assessment_relationresult (subject_id, relation_id, invited, received)
SELECT i.subject_id, i.relation_id, count(*), coalesce(min(got.received), 0)
  FROM assessment_invitation i
  JOIN assessment_roundsubject s ON s.id = i.subject_id
  LEFT JOIN ({_RECEIVED}) got ON got.subject_id = i.subject_id AND got.relation_id = i.relation_id
 WHERE s.round_id = %(round)s
 GROUP BY i.subject_id, i.relation_id
"""  # noqa: S608

_HELD_BACK = f"""
    SELECT got.subject_id, got.relation_id
      FROM ({_RECEIVED}) got JOIN assessment_relation r ON r.id = got.relation_id
     WHERE r.anonymous AND got.received < %(minimum)s
"""  # noqa: S608

_ERASE = f"""
DELETE FROM assessment_ballot b USING ({_HELD_BACK}) few
 WHERE b.subject_id = few.subject_id AND b.relation_id = few.relation_id
"""  # noqa: S608

_INDICATORS = """
INSERT INTO assessment_indicatorresult (subject_id, relation_id, indicator_id, score)
SELECT b.subject_id, b.relation_id, leaf.indicator, round(avg(answer.score), 2)
  FROM assessment_ballot b
  JOIN assessment_relation r ON r.id = b.relation_id
 CROSS JOIN LATERAL unnest(b.answers) WITH ORDINALITY AS answer (score, place)
  JOIN unnest(%(indicators)s::bigint[]) WITH ORDINALITY AS leaf (indicator, place) ON leaf.place = answer.place
 WHERE r.round_id = %(round)s AND answer.score IS NOT NULL
 GROUP BY b.subject_id, b.relation_id, r.anonymous, leaf.indicator
HAVING NOT r.anonymous OR count(*) >= %(minimum)s
"""

_RELATIONS = """
UPDATE assessment_relationresult result SET score = means.score
  FROM (SELECT i.subject_id, i.relation_id, round(sum(i.score * leaf.weight) / sum(leaf.weight), 2) AS score
          FROM assessment_indicatorresult i
          JOIN assessment_relation r ON r.id = i.relation_id
          JOIN unnest(%(indicators)s::bigint[], %(weights)s::numeric[]) AS leaf (indicator, weight)
            ON leaf.indicator = i.indicator_id
         WHERE r.round_id = %(round)s
         GROUP BY i.subject_id, i.relation_id
        HAVING sum(leaf.weight) > 0) means
 WHERE result.subject_id = means.subject_id AND result.relation_id = means.relation_id
"""

_OVERALL = """
INSERT INTO assessment_indicatorresult (subject_id, relation_id, indicator_id, score)
SELECT i.subject_id, NULL, i.indicator_id, round(sum(i.score * r.weight) / sum(r.weight), 2)
  FROM assessment_indicatorresult i JOIN assessment_relation r ON r.id = i.relation_id
 WHERE r.round_id = %(round)s
 GROUP BY i.subject_id, i.indicator_id
"""

_TOTALS = """
INSERT INTO assessment_subjectresult (subject_id, total, coverage, rank)
SELECT summed.subject_id, summed.total, summed.coverage,
       CASE WHEN summed.total IS NOT NULL THEN rank() OVER (ORDER BY summed.total DESC NULLS LAST) END
  FROM (SELECT s.id AS subject_id, coalesce(sum(r.weight), 0) AS coverage,
               round(sum(shown.score * r.weight) / sum(r.weight), 2) AS total
          FROM assessment_roundsubject s
          LEFT JOIN assessment_relationresult shown ON shown.subject_id = s.id AND shown.score IS NOT NULL
          LEFT JOIN assessment_relation r ON r.id = shown.relation_id
         WHERE s.round_id = %(round)s
         GROUP BY s.id) summed
"""

_BATCH = 1000


def compute(round: Round) -> None:
    """Work out and store the results of a round whose row is locked, and erase the ballots that are held back."""
    scored = [leaf for leaf in leaves(round.instrument) if leaf.place is not None]
    values: dict[str, Any] = {
        "round": round.pk,
        "minimum": round.minimum,
        "indicators": [leaf.indicator.pk for leaf in scored],
        "weights": [leaf.weight for leaf in scored],
    }
    with connection.cursor() as cursor:
        for statement in (_COUNTS, _ERASE, _INDICATORS, _RELATIONS, _OVERALL, _TOTALS):
            cursor.execute(statement, values)
    _keep_comments(round)


def held_back(round: Round) -> int:
    """Return how many anonymous relations of subjects would not be shown, and be erased, if it closed now."""
    with connection.cursor() as cursor:
        values = {"round": round.pk, "minimum": round.minimum}
        cursor.execute(f"SELECT count(*) FROM ({_HELD_BACK}) few", values)  # noqa: S608
        return int(cursor.fetchone()[0])


def _keep_comments(round: Round) -> None:
    """Copy the words of the ballots that are left, over the whole round in random order: no two hang together."""
    comments = list(_comments(round))
    SystemRandom().shuffle(comments)
    ResultComment.objects.bulk_create(comments, batch_size=_BATCH)


def _comments(round: Round) -> Iterator[ResultComment]:
    rows: Any = Ballot.objects.filter(relation__round=round).exclude(comments="")
    for subject, relation, words in rows.values_list("subject_id", "relation_id", "comments").iterator():
        for indicator, text in json.loads(words).items():
            yield ResultComment(
                subject_id=subject, relation_id=relation, indicator_id=int(indicator), text=text
            )
