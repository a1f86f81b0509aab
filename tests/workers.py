"""Fixtures with real Celery workers, beats and the Redis between them: eager tasks prove nothing.

A test that uses them needs `@pytest.mark.django_db(transaction=True)` (workers see committed rows only)
and `@pytest.mark.workers`. Each pytest process has its own Redis and its own database.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.embedded.processes import end, signal_group, spawn, tail
from core.embedded.redis import Redis

ROOT = Path(__file__).resolve().parent.parent
READY = {"worker": " ready.", "beat": "beat: Starting..."}
START_SECONDS = 60.0


class RealProcess:
    """A Celery worker or beat in a process group of its own, working on the test's own database."""

    def __init__(self, kind: str, command: list[str], log: Path, environment: dict[str, str]) -> None:
        self.kind = kind
        self.log = log
        with log.open("ab") as output:
            self.process: subprocess.Popen[bytes] = spawn(command, log=output, env=environment, cwd=ROOT)

    @property
    def pid(self) -> int:
        """The main process; a prefork worker has children beside it."""
        return self.process.pid

    def wait_until_ready(self) -> None:
        """Return once the process says it is ready; fail with its log if it doesn't."""
        self.wait_for(READY[self.kind], seconds=START_SECONDS)

    def wait_for(self, words: str, *, seconds: float = 20.0) -> None:
        """Return once `words` stand in the log; fail with the log's tail if they don't in time."""
        deadline = time.monotonic() + seconds
        while words not in self.output():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{self.kind} never said {words!r}:\n{tail(self.log, 40)}")
            time.sleep(0.05)

    def output(self) -> str:
        """Everything it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill9(self) -> None:
        """kill -9 of the whole group: the worker and its pool children, as a power cut would."""
        signal_group(self.pid, signal.SIGKILL)
        self.process.wait()

    def kill9_main(self) -> None:
        """kill -9 of the main process alone; its pool children are left to themselves."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop as a deployment does: a warm shutdown, then by force."""
        end(self.process, (signal.SIGTERM, 10.0))


@pytest.fixture(scope="session")
def _session_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """One server per pytest process, at the address that the settings have had from the start."""
    address = urlsplit(os.environ["REDIS_URL"])
    place = tmp_path_factory.mktemp("redis")
    redis = Redis(place, log=place / "log", port=address.port or 0, password=address.password or "")
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture
def redis_server(_session_redis: Redis) -> Redis:
    """A running, empty Valkey; `.stop()`, `.kill()`, `.start()`, `.flush()` at will, it is mended after."""
    if _session_redis.ask("PING") != b"+PONG":
        _session_redis.kill()
        _session_redis.start()
    _session_redis.flush()
    return _session_redis


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """The address of a running, empty Valkey: the same as `settings.REDIS_URL` and the broker's."""
    return redis_server.url


def _environment(extra: dict[str, str]) -> dict[str, str]:
    """The environment of a child that must use this test's own database."""
    from django.db import connection

    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@".removeprefix(":@")
    host = f"{database['HOST']}:{database['PORT']}".removesuffix(":")
    separator = "/" if str(database["HOST"]).startswith("/") else ""
    url = f"postgres://{address}{separator}{host}/{database['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1", **extra}


@pytest.fixture
def real_worker(redis_url: str, tmp_path: Path) -> Iterator[Callable[..., RealProcess]]:
    """Start real Celery workers: `worker = real_worker()`; all are ended after the test.

    `concurrency=1`, `pool="prefork"` ("solo" starts quicker), `env={...}` for settings of this worker
    alone (JOB_STALE_SECONDS, DEMO_TODAY …), `wait=False` returns before it is ready. The result has
    `.kill9()`, `.kill9_main()`, `.stop()`, `.output()`, `.wait_for(words)`, `.process` (a Popen), `.pid`.
    """
    started: list[RealProcess] = []

    def start(
        *, concurrency: int = 1, pool: str = "prefork", env: dict[str, str] | None = None, wait: bool = True
    ) -> RealProcess:
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel=INFO"]
        command += [f"--concurrency={concurrency}", f"--pool={pool}", "--without-gossip", "--without-mingle"]
        command += [f"--hostname=worker{len(started)}-{os.getpid()}@localhost"]
        log = tmp_path / f"worker{len(started)}.log"
        started.append(RealProcess("worker", command, log, _environment(env or {})))
        if wait:
            started[-1].wait_until_ready()
        return started[-1]

    yield start
    for process in started:
        process.kill9()


@pytest.fixture
def real_beat(redis_url: str, tmp_path: Path) -> Iterator[Callable[..., RealProcess]]:
    """Start real Celery beats: `beat = real_beat()`; two calls are two beats; all are ended after the test.

    `env={...}` and `wait=` as for `real_worker`.
    """
    started: list[RealProcess] = []

    def start(*, env: dict[str, str] | None = None, wait: bool = True) -> RealProcess:
        schedule = tmp_path / f"schedule{len(started)}"
        command = [sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel=INFO"]
        command += [f"--schedule={schedule}", "--pidfile="]
        log = tmp_path / f"beat{len(started)}.log"
        started.append(RealProcess("beat", command, log, _environment(env or {})))
        if wait:
            started[-1].wait_until_ready()
        return started[-1]

    yield start
    for process in started:
        process.kill9()
