"""Pages travel compressed; files that are compressed already, and readers who can't read it, are left alone."""

import gzip

import pytest

pytestmark = pytest.mark.django_db


def test_a_page_travels_compressed(client):
    answer = client.get("/accounts/login/", headers={"accept-encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "gzip"
    assert "登录" in gzip.decompress(answer.content).decode()
    assert "Accept-Encoding" in answer["Vary"]


def test_a_style_sheet_travels_compressed(client):
    answer = client.get("/static/vendor/tabler/tabler.min.css", headers={"accept-encoding": "gzip"})
    sent = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer["Content-Encoding"] == "gzip"
    assert len(sent) < 120_000
    assert len(gzip.decompress(sent)) > 500_000


def test_who_cannot_read_it_gets_plain_text(client):
    answer = client.get("/accounts/login/")
    assert "Content-Encoding" not in answer
    assert "登录" in answer.content.decode()


def test_a_file_handed_out_stays_as_it_is(client, someone):
    client.force_login(someone)
    answer = client.get("/static/img/mark.svg", headers={"accept-encoding": "gzip", "range": "bytes=0-99"})
    assert answer.status_code == 206
    assert "Content-Encoding" not in answer
