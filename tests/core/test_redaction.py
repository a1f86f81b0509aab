"""Logs, error reports and technical logs name nobody."""

import logging
import time

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string

from core.redaction import GONE, RedactingFormatter, redact_event, redacted

ROW = (
    'new row for relation "cadres_cadre" violates check constraint "c"\n'
    "DETAIL:  Failing row contains (7, 张三, 1975-10-01,\n  北京路 1 号, 13800138000).\n"
)


def test_a_row_that_an_error_quotes_is_left_out():
    text = redacted(f"constraint refused: {ROW}")
    assert "张三" not in text
    assert "北京路" not in text
    assert 'check constraint "c"' in text


def test_what_follows_the_row_stays():
    trace = (
        f"psycopg2.errors.CheckViolation: {ROW}\n\nThe above exception was the direct cause\n\nTraceback: x"
    )
    assert redacted(trace).endswith("The above exception was the direct cause\n\nTraceback: x")
    assert redacted("LINE 1: SELECT '张三'\n       ^\nHINT:  ask") == f"LINE 1: {GONE}\nHINT:  ask"


def test_numbers_of_people_are_left_out():
    text = redacted("号码 310107199505200018、31010719950520001X，手机 13912345678；任务 1391234567890")
    assert text == f"号码 {GONE}、{GONE}，手机 {GONE}；任务 1391234567890"


def test_long_texts_take_no_time():
    start = time.perf_counter()
    redacted("DETAIL: " * 20_000 + "1" * 200_000)
    assert time.perf_counter() - start < 5


def test_every_log_goes_through_it():
    formatters = {handler["formatter"] for handler in settings.LOGGING["handlers"].values()}
    for name in formatters:
        assert import_string(settings.LOGGING["formatters"][name]["()"]) is RedactingFormatter


def test_workers_logs_go_through_it():
    from config.celery import redact_logs

    logger, handler = logging.Logger("worker"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
    logger.addHandler(handler)
    redact_logs(logger)
    record = logger.makeRecord("worker", logging.ERROR, "f", 1, "号码 %s", ("310107199505200018",), None)
    assert handler.format(record) == f"[ERROR] 号码 {GONE}"


def test_an_error_report_goes_through_it():
    event = {"exception": {"values": [{"value": ROW}]}, "extra": ["310107199505200018", 5]}
    sent = redact_event(event)
    assert "张三" not in str(sent)
    assert sent["extra"] == [GONE, 5]


@pytest.mark.django_db
def test_the_database_s_own_words_go_through_it(someone):
    """What PostgreSQL really says, as an exception's traceback carries it."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET username = NULL")
    trace = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "job failed", None, trace)
    assert someone.name in logging.Formatter().format(record)
    said = RedactingFormatter().format(record)
    assert someone.name not in said
    assert "not-null constraint" in said
