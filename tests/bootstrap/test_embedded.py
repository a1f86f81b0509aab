"""The embedded servers and the processes behind them: start, stop, kill, and what is left behind."""

import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from core.embedded import data as data_module
from core.embedded.data import DataDirectory, fingerprint, running_environment
from core.embedded.postgres import UNSAFE_BUT_FAST, EmbeddedServerError, Postgres, reachable_binaries
from core.embedded.processes import Record, ServiceUser, end, end_orphan, identity, spawn, tail
from core.embedded.redis import Redis, find_server
from core.embedded.services import Watched
from tests import services as plugin

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def place(tmp_path):
    """A directory that the database's user reaches, with a space and Chinese in its name."""
    import shutil
    import tempfile

    outer = Path(tempfile.mkdtemp(prefix="cadres-embedded-", dir="/tmp"))
    outer.chmod(0o711)
    inner = outer / "数据 目录"
    inner.mkdir(mode=0o711)
    yield inner
    shutil.rmtree(outer, ignore_errors=True)


@pytest.fixture
def postgres(place):
    """A server of this test's own, not started."""
    server = Postgres(place, log=place / "log", options=UNSAFE_BUT_FAST)
    yield server
    server.kill()
    server.stop()


def test_postgres_serves_chinese_on_a_private_socket_only(postgres):
    assert postgres.initialise()
    assert not postgres.initialise()
    postgres.start()
    postgres.create_database("cadres")
    postgres.create_database("cadres")
    assert postgres.execute("SHOW listen_addresses") == [("",)]
    assert postgres.execute("SELECT length('干部')") == [(2,)]
    assert stat.S_IMODE(postgres.socket_directory.stat().st_mode) == 0o700
    if AS_ROOT:
        assert postgres.data.stat().st_uid != 0
    directory = postgres.socket_directory
    postgres.stop()
    assert not directory.exists()


def test_postgres_comes_back_after_a_kill_with_what_was_committed(postgres):
    postgres.options.clear()  # as in the demo: nothing that was committed may be lost
    postgres.initialise()
    postgres.start()
    postgres.execute("CREATE TABLE kept AS SELECT 7 AS number")
    postgres.kill()
    with pytest.raises(psycopg2.OperationalError):
        postgres.execute("SELECT 1")
    postgres.start()
    assert postgres.execute("SELECT number FROM kept") == [(7,)]


def test_a_server_whose_supervisor_was_killed_does_not_block_the_next(postgres, place):
    postgres.initialise()
    postgres.start()
    left = postgres.process
    following = Postgres(place, log=place / "log", options=UNSAFE_BUT_FAST)
    following.end_previous()
    assert left.wait(10) is not None
    following.start()
    assert following.execute("SELECT 1") == [(1,)]
    following.stop()


def test_a_cluster_of_another_version_is_refused_in_a_sentence(postgres):
    postgres.initialise()
    (postgres.data / "PG_VERSION").write_text("12\n", encoding="ascii")
    with pytest.raises(EmbeddedServerError, match="PostgreSQL 12"):
        postgres.initialise()


def test_a_server_that_cannot_start_shows_its_log(postgres):
    postgres.initialise()
    postgres.options["shared_buffers"] = "nonsense"
    with pytest.raises(EmbeddedServerError, match="shared_buffers"):
        postgres.start()


def closed_directory(tmp_path):
    """A directory only root may enter, however open its parents are."""
    closed = tmp_path / "私有"
    closed.mkdir(mode=0o700)
    return closed


def test_root_in_a_closed_directory_keeps_it_closed_and_the_database_elsewhere(tmp_path, monkeypatch, place):
    if not AS_ROOT:
        pytest.skip("only root can leave its own rights")
    monkeypatch.setattr(data_module, "OUTSIDE", (str(place.parent),))
    closed = closed_directory(tmp_path)
    data = DataDirectory(closed / "demo")
    data.make()
    found, user = data.database_place()
    assert found.parent == place.parent
    assert user.uid != 0
    assert user.reaches(found)
    assert data.database_place()[0] == found
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    binaries = reachable_binaries(user, found / "binaries")
    server = Postgres(found, log=found / "log", binaries=binaries, user=user, options=UNSAFE_BUT_FAST)
    server.initialise()
    server.start()
    assert server.data.stat().st_uid == user.uid
    server.stop()


def test_binaries_that_the_user_cannot_reach_are_copied_and_run(tmp_path, monkeypatch, place):
    if not AS_ROOT:
        pytest.skip("only root can leave its own rights")
    user = ServiceUser("nobody", pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
    monkeypatch.setattr(ServiceUser, "reaches", lambda self, path: False)
    copies = place / "binaries"
    old_umask = os.umask(0o077)
    try:
        binaries = reachable_binaries(user, copies)
    finally:
        os.umask(old_umask)
    assert binaries.is_relative_to(copies)
    for program in ("postgres", "initdb"):
        run = [str(binaries / program), "--version"]
        assert (
            b"PostgreSQL"
            in subprocess.run(run, cwd="/", capture_output=True, check=True, **user.popen_arguments()).stdout
        )
    marker = (copies / "copied").stat().st_mtime_ns
    reachable_binaries(user, copies)
    assert (copies / "copied").stat().st_mtime_ns == marker


def test_redis_answers_to_its_password_only_and_comes_back_on_its_port(tmp_path):
    redis = Redis(tmp_path, log=tmp_path / "log")
    redis.start()
    try:
        assert redis.ask("PING") == b"+PONG"
        with socket.create_connection(("127.0.0.1", redis.port)) as stranger:
            stranger.sendall(b"PING\r\n")
            assert stranger.recv(100).startswith(b"-NOAUTH")
        assert redis.password not in " ".join(
            Path(f"/proc/{redis.process.pid}/cmdline").read_text().split("\0")
        )
        redis.ask("SET a 1")
        redis.flush()
        assert redis.ask("DBSIZE") == b":0"
        port = redis.port
        redis.kill()
        assert redis.ask("PING") == b""
        redis.start()
        assert (redis.port, redis.ask("PING")) == (port, b"+PONG")
    finally:
        redis.stop()


def test_a_redis_on_path_comes_before_the_wheel(tmp_path, monkeypatch):
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server(tmp_path) == program
    monkeypatch.setenv("PATH", "")
    assert find_server(tmp_path).name == "valkey-server"


def test_a_process_is_told_from_another_of_its_pid():
    child = spawn(SLEEP, log=None)
    other = Record("other", child.pid, "00000000-1")
    assert not other.alive
    assert not end_orphan(other)
    assert child.poll() is None
    same = Record("same", child.pid, identity(child.pid))
    assert same.alive
    # Nobody waits for an orphan's exit code but init; here this test is the parent, so a zombie must count as gone.
    assert end_orphan(same)
    assert not same.alive
    assert child.wait() == -signal.SIGTERM
    assert identity(child.pid) == ""


def test_a_process_that_will_not_stop_is_killed_with_its_children(tmp_path):
    script = "trap '' TERM; sleep 60 & echo $! > pid; wait; sleep 60"
    child = spawn(["/bin/sh", "-c", script], log=None, cwd=tmp_path)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        os.sched_yield()
    grandchild = int((tmp_path / "pid").read_text())
    end(child, (signal.SIGTERM, 0.2))
    assert child.returncode == -signal.SIGKILL
    assert identity(grandchild) == ""


def test_the_tail_of_a_log_is_its_last_lines(tmp_path):
    log = tmp_path / "log"
    assert tail(log) == ""
    log.write_bytes("".join(f"第{number}行\n" for number in range(50)).encode() + b"\xff")
    assert tail(log, 2) == "第49行\n\ufffd"


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path):
    data = DataDirectory(tmp_path / "data")
    data.make()
    first = data.secrets()
    assert DataDirectory(tmp_path / "data").secrets() == first
    assert len(set(first.values())) == len(first) == 4
    assert stat.S_IMODE((data.path / "secrets.json").stat().st_mode) == 0o600
    data.write_environment({"SECRET_KEY": "x"})
    assert stat.S_IMODE((data.path / "environment").stat().st_mode) == 0o600


def test_one_demo_per_data_directory(tmp_path):
    first, second = DataDirectory(tmp_path / "data"), DataDirectory(tmp_path / "data")
    first.make()
    assert first.lock()
    assert not second.lock()


def test_the_environment_of_a_killed_demo_is_not_believed(tmp_path, monkeypatch):
    data = DataDirectory(tmp_path)
    assert running_environment(tmp_path) == {}
    data.write_environment({"DATABASE_URL": "postgres://x", "DEMO": "1"})
    assert running_environment(tmp_path) == {"DATABASE_URL": "postgres://x", "DEMO": "1"}
    monkeypatch.setattr(data_module, "identity", lambda pid: "of-another-boot")
    data.write_environment({"DATABASE_URL": "postgres://x"})
    assert running_environment(tmp_path) == {}


def test_children_of_a_killed_demo_are_found_by_note_and_by_mark(tmp_path):
    data = DataDirectory(tmp_path)
    noted = spawn(SLEEP, log=None)
    marked = spawn(SLEEP, log=None, env={**os.environ, data_module.MARK: str(data.path)})
    stranger = spawn(SLEEP, log=None, env={**os.environ, data_module.MARK: str(data.path / "other")})
    try:
        data.write_note("run", {"children": [["网站", noted.pid, identity(noted.pid)], ["旧", 1, "gone"]]})
        assert {record.pid for record in data.children_of_before()} == {noted.pid, marked.pid}
    finally:
        for child in (noted, marked, stranger):
            end(child)


def test_a_fingerprint_changes_with_any_file(tmp_path):
    (tmp_path / "a.py").write_text("1")
    first = fingerprint(tmp_path, ["*.py"])
    assert fingerprint(tmp_path, ["*.py"]) == first
    (tmp_path / "b.py").write_text("1")
    assert fingerprint(tmp_path, ["*.py"]) != first


class Fragile:
    """A part that dies at once, as often as it is started."""

    def __init__(self, log):
        self.log = log
        self.process = None
        self.starts = 0

    def start(self):
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = spawn(["/bin/sh", "-c", "echo the last words; exit 3"], log=log)
        self.process.wait()

    def stop(self):
        pass


def test_a_dead_part_is_shown_with_its_log_and_started_again_after_a_growing_pause(tmp_path, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("core.embedded.services.time.monotonic", lambda: clock[0])
    said = []
    part = Fragile(tmp_path / "log")
    watched = Watched("网站", part, said.append)
    watched.start()
    pauses = []
    for _ in range(4):
        watched.tend()
        pauses.append(watched.retry_at - clock[0])
        assert not watched.tend()
        clock[0] = watched.retry_at
        assert watched.tend()
    assert part.starts == 5
    assert pauses == [0.5, 1, 2, 4]
    assert "退出码 3" in said[0]
    assert "the last words" in said[0]
    watched.tend()
    clock[0] += 1000
    watched.tend()
    clock[0] += 100
    watched.tend()
    assert watched.retry_at - clock[0] == 0.5


def test_what_killed_test_runs_left_goes_with_the_next(tmp_path, monkeypatch):
    server = spawn(SLEEP, log=None)
    living, dead = (
        Path("/tmp", f"{plugin.PREFIX}living-{os.getpid()}"),
        Path("/tmp", f"{plugin.PREFIX}dead-{os.getpid()}"),
    )
    for home, run_by in ((living, identity(os.getpid())), (dead, "of-another-boot")):
        home.mkdir()
        note = f"{os.getpid()} {run_by} {server.pid} {identity(server.pid)}\n{tmp_path / 'socket'}\n"
        (home / "run").write_text(note, encoding="utf-8")
    try:
        plugin._remove_leftovers()
        assert living.exists()
        assert not dead.exists()
        assert server.wait(5) is not None
    finally:
        end(server)
        (living / "run").unlink()
        living.rmdir()
