"""Searching a whole database for what leads from a ballot to its rater: marks, traces, every row of every table."""

from django.db import connection

from assessment.models import Invitation
from assessment.services.ballots import submit
from tests.assessment.factories import answers_of

MANY = 12
ROWS = [
    {"level": 1, "name": "总体评价", "kind": "score", "weight": 100},
    {"level": 1, "name": "优点", "kind": "text"},
    {"level": 1, "name": "不足", "kind": "text"},
]


def query(statement, *values):
    """What a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def query_free(statement):
    """Run a statement that answers nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def mark(number):
    """The score that only one rater gives."""
    return f"{61 + number}.{37 + number}"


def in_an_order(raters):
    """The raters in an order of submission that is neither that of their numbers nor its reverse."""
    return raters[1::2] + raters[::2]


def rate_with_words(round, rater, number):
    """Submit a rater's ballot with marks of its own in figure and words."""
    keys = list(answers_of(round, 1))
    answers = {keys[0]: mark(number), keys[1]: f"优{number:02}", keys[2]: f"缺{number:02}"}
    submit(invitation=Invitation.objects.get(rater=rater), answers=answers, by=rater)


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
