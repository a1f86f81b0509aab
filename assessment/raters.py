"""Who would rate whom by the organisation chart: one statement over today's posts, for all subjects of a round.

A person stands where the main post is. Superiors hold a higher category of post there or, for heads and deputies,
head the unit above; peers hold the same category there or, for heads, head a unit of the same kind beside it
(in the same 片区, where it has one: a district's hundred schools don't all rate each other);
subordinates hold a lower category there. Only accounts in use count; neither the person nor kin (回避), nobody twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from assessment.models import Round
from core.calendar import today

_CHART = """
WITH appointment AS (
    SELECT a.cadre_id, a.unit_id, a.is_main,
           CASE p.category WHEN 'head' THEN 0 WHEN 'deputy' THEN 1 ELSE 2 END AS rung
      FROM cadres_appointment a
      JOIN cadres_post p ON p.id = a.post_id
     WHERE a.kind <> 'seconded' AND (a.start IS NULL OR a.start <= %(today)s)
       AND (a."end" IS NULL OR a."end" > %(today)s)
), seat AS (
    SELECT DISTINCT held.cadre_id, held.unit_id, held.rung, u.id AS user_id
      FROM appointment held
      JOIN cadres_cadre c ON c.id = held.cadre_id
      JOIN accounts_user u ON u.id = c.user_id AND u.is_active AND u.account_class = 'business'
), stands AS (
    SELECT s.id AS subject_id, s.cadre_id, own.unit_id, own.rung, unit.parent_id, unit.kind, unit.cluster
      FROM assessment_roundsubject s
      JOIN appointment own ON own.cadre_id = s.cadre_id AND own.is_main
      JOIN accounts_unit unit ON unit.id = own.unit_id
     WHERE s.round_id = %(round)s
), related AS (
    SELECT s.id AS subject_id, u.id AS user_id, 'self' AS kind, 0 AS choice
      FROM assessment_roundsubject s
      JOIN cadres_cadre c ON c.id = s.cadre_id
      JOIN accounts_user u ON u.id = c.user_id AND u.is_active AND u.account_class = 'business'
     WHERE s.round_id = %(round)s
    UNION ALL
    SELECT me.subject_id, seat.user_id, 'superior', 1
      FROM stands me JOIN seat ON seat.unit_id = me.unit_id AND seat.rung < me.rung
    UNION ALL
    SELECT me.subject_id, seat.user_id, 'superior', 1
      FROM stands me JOIN seat ON seat.unit_id = me.parent_id AND seat.rung = 0 AND me.rung <= 1
    UNION ALL
    SELECT me.subject_id, seat.user_id, 'peer', 2
      FROM stands me JOIN seat ON seat.unit_id = me.unit_id AND seat.rung = me.rung
    UNION ALL
    SELECT me.subject_id, seat.user_id, 'peer', 2
      FROM stands me
      JOIN accounts_unit beside ON beside.parent_id = me.parent_id AND beside.kind = me.kind
       AND beside.id <> me.unit_id AND (me.cluster = '' OR beside.cluster = me.cluster)
      JOIN seat ON seat.unit_id = beside.id AND seat.rung = 0 AND me.rung = 0
    UNION ALL
    SELECT me.subject_id, seat.user_id, 'subordinate', 3
      FROM stands me JOIN seat ON seat.unit_id = me.unit_id AND seat.rung > me.rung
), proposed AS (
    SELECT DISTINCT ON (related.subject_id, related.user_id)
           related.subject_id, relation.id AS relation_id, related.user_id AS rater_id
      FROM related
      JOIN assessment_relation relation ON relation.round_id = %(round)s AND relation.kind = related.kind
      JOIN assessment_roundsubject s ON s.id = related.subject_id
     WHERE (related.kind = 'self' OR NOT EXISTS (
               SELECT FROM cadres_cadre rater
                WHERE rater.user_id = related.user_id
                  AND (rater.id = s.cadre_id OR EXISTS (
                          SELECT FROM cadres_familymember kin
                           WHERE kin.kin_confirmed_at IS NOT NULL
                             AND ((kin.cadre_id = s.cadre_id AND kin.kin_id = rater.id)
                               OR (kin.kin_id = s.cadre_id AND kin.cadre_id = rater.id))))))
       AND NOT EXISTS (SELECT FROM assessment_invitation present
                        WHERE present.subject_id = related.subject_id AND present.rater_id = related.user_id)
       AND s.cadre_id <> ALL (%(avoided)s::bigint[])
     ORDER BY related.subject_id, related.user_id, related.choice
)
"""

_READ = """
SELECT proposed.subject_id, proposed.relation_id, proposed.rater_id, u.name
  FROM proposed JOIN accounts_user u ON u.id = proposed.rater_id
 ORDER BY proposed.subject_id, proposed.relation_id, u.name, u.id
"""

_INSERT = """
INSERT INTO assessment_invitation (subject_id, relation_id, rater_id, used)
SELECT subject_id, relation_id, rater_id, false FROM proposed
ON CONFLICT (subject_id, rater_id) DO NOTHING
"""


@dataclass(frozen=True)
class Proposed:
    """A rater that the organisation chart proposes for a subject in a relation."""

    subject_id: int
    relation_id: int
    rater_id: int
    name: str


def proposed(round: Round, avoided: set[int]) -> list[Proposed]:
    """Return the raters proposed beyond those invited, without subjects whose cadres are `avoided`."""
    with connection.cursor() as cursor:
        cursor.execute(_CHART + _READ, _values(round, avoided))
        return [Proposed(*row) for row in cursor.fetchall()]


def insert_proposed(round: Round, avoided: set[int]) -> int:
    """Invite everybody proposed, in one statement; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_CHART + _INSERT, _values(round, avoided))
        return int(cursor.rowcount)


def _values(round: Round, avoided: set[int]) -> dict[str, Any]:
    return {"round": round.pk, "today": today(), "avoided": sorted(avoided)}
