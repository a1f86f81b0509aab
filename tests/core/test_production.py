"""Production's start and its answers: what is missing or unusable stops it with one line; cookies and headers."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
COMPLETE = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "correct-horse-battery-staple-and-fifty-letters-more-8321",
    "FIELD_KEYS": f"2026:{KEY}",
    "INDEX_KEY": KEY,
    "ALLOWED_HOSTS": "cadres.example.gov.cn",
}
# As by a proxy that took TLS; the database isn't there.
ASK = """
import json, django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False, headers={"host": "cadres.example.gov.cn", "x-forwarded-proto": "https"})
answers = {path: client.get(path) for path in ("/", "/inbox/", "/api/v1/jobs/", "/api/v1/nowhere/", "/healthz", "/readyz")}
answers["large"] = client.generic("POST", "/api/v1/jobs/", CONTENT_LENGTH="2147483648")
answers["plain"] = Client(headers={"host": "cadres.example.gov.cn"}).get("/")
answers["elsewhere"] = client.get("/api/v1/jobs/", headers={"host": "evil.example"})
print(json.dumps({path: [each.status_code, dict(each.headers)] for path, each in answers.items()}))
"""


def production(code, **changes):
    """Run a piece of code with production's settings; gives the finished process."""
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    env |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DEMO_DATA": "/nonexistent", **COMPLETE, **changes}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "changes, named",
    [
        *[({name: ""}, name) for name in COMPLETE],
        ({"FIELD_KEYS": "2026:"}, "FIELD_KEYS"),
        ({"FIELD_KEYS": "2026:not base64"}, "FIELD_KEYS"),
        ({"FIELD_KEYS": KEY}, "FIELD_KEYS"),
        ({"INDEX_KEY": "???"}, "INDEX_KEY"),
        ({"INDEX_KEY": "c2hvcnQ="}, "INDEX_KEY"),
        ({"STORAGE_URL": "s3://bucket"}, "STORAGE_URL"),
        ({"STORAGE_URL": "file:relative"}, "STORAGE_URL"),
    ],
)
def test_a_setting_that_is_missing_or_unusable_stops_the_start_with_one_line(changes, named):
    done = production("import django; django.setup()", **changes)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert named in done.stderr


def test_the_place_of_stored_files_is_a_setting():
    code = "from django.conf import settings; print(settings.MEDIA_ROOT)"
    assert production(code, STORAGE_URL="file:///srv/stored%20files").stdout.strip() == "/srv/stored files"
    assert production(code, MEDIA_ROOT="/srv/media").stdout.strip() == "/srv/media"


def test_every_answer_carries_the_headers_also_without_a_database():
    done = production(ASK)
    answers = json.loads(done.stdout)
    statuses = {path: status for path, (status, _) in answers.items()}
    assert statuses == {
        "/": 302, "/inbox/": 302, "/api/v1/jobs/": 401, "/api/v1/nowhere/": 404, "/healthz": 200,
        "/readyz": 503, "large": 413, "plain": 301, "elsewhere": 400,
    }  # fmt: skip
    for path, (_, headers) in answers.items():
        assert headers["X-Content-Type-Options"] == "nosniff", path
        if path == "plain":  # sent on to TLS before anything else, without a body
            continue
        assert headers["Strict-Transport-Security"].startswith("max-age=31536000"), path
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path


def test_messages_need_no_cookie_of_their_own(settings):
    assert settings.MESSAGE_STORAGE.endswith("SessionStorage")
