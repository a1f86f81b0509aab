"""What the demo consists of: each process, how it starts, stops, and comes back after it died."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from core.embedded.data import DataDirectory
from core.embedded.postgres import EmbeddedServerError
from core.embedded.processes import Record, end, identity, spawn, tail

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_PAUSE = 30.0
# Who lived this long is well again: the next death counts as the first.
WELL_AFTER = 60.0


class Part(Protocol):
    """Something that runs as one child process of the supervisor."""

    log: Path
    process: "subprocess.Popen[bytes] | None"

    def start(self) -> None:
        """Start it; raises EmbeddedServerError if it doesn't come up."""

    def stop(self) -> None:
        """Stop it as it likes to be stopped."""


class Program:
    """A Python program of the project: the web server, the worker, the beat."""

    def __init__(
        self,
        arguments: list[str],
        *,
        log: Path,
        env: Mapping[str, str],
        pass_fds: tuple[int, ...] = (),
        patience: float = 8.0,
    ) -> None:
        self.command = [sys.executable, "-m", *arguments]
        self.log = log
        self.env = env
        self.pass_fds = pass_fds
        self.patience = patience
        self.asked = False
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; whether it serves is asked by the one who needs it."""
        self.asked = False
        with self.log.open("ab") as log:
            self.process = spawn(self.command, log=log, env=self.env, cwd=ROOT, pass_fds=self.pass_fds)

    def ask_to_stop(self) -> None:
        """Begin to stop; `stop` waits for the end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.asked = True

    def stop(self) -> None:
        """Stop it: what is at work may finish, for a while."""
        if self.process is not None:
            end(self.process, (0 if self.asked else signal.SIGTERM, self.patience))
            self.process = None


def web(data: DataDirectory, env: Mapping[str, str], listener: int) -> Program:
    """gunicorn on a socket that the supervisor holds, so that the address survives a restart."""
    return Program(
        ["gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"fd://{listener}"],
        log=data.logs / "web.log",
        env={**env, "WEB_GRACEFUL_SECONDS": "3"},
        pass_fds=(listener,),
    )


def worker(data: DataDirectory, env: Mapping[str, str]) -> Program:
    """A Celery worker with two processes."""
    options = ["--concurrency=2", "--loglevel=INFO", "--hostname=demo@localhost"]
    options += ["--without-gossip", "--without-mingle"]
    return Program(["celery", "-A", "config", "worker", *options], log=data.logs / "worker.log", env=env)


def beat(data: DataDirectory, env: Mapping[str, str]) -> Program:
    """The Celery beat; its note of last runs lies with the data."""
    options = [f"--schedule={data.path / 'beat-schedule'}", "--pidfile=", "--loglevel=INFO"]
    return Program(["celery", "-A", "config", "beat", *options], log=data.logs / "beat.log", env=env)


class Watched:
    """A part under supervision: noticed when it dies, started again after a pause that grows."""

    def __init__(self, name: str, part: Part, say: Callable[[str], None]) -> None:
        self.name = name
        self.part = part
        self.say = say
        self.deaths = 0
        self.started_at = 0.0
        self.retry_at: float | None = None

    def start(self) -> None:
        """Start it for the first time or again."""
        self.retry_at = None
        self.started_at = time.monotonic()
        self.part.start()

    @property
    def record(self) -> Record | None:
        """How the process is written down, None while there is none."""
        process = self.part.process
        return Record(self.name, process.pid, identity(process.pid)) if process else None

    def tend(self) -> bool:
        """Look after it once; True if its process changed."""
        now = time.monotonic()
        if self.retry_at is not None:
            if now < self.retry_at:
                return False
            try:
                self.start()
            except EmbeddedServerError as error:
                self.say(str(error))
                self._try_later(now)
                return False
            self.say(f"{self.name} 已重新启动。")
            return True
        process = self.part.process
        if process is None or process.poll() is None:
            return False
        if now - self.started_at > WELL_AFTER:
            self.deaths = 0
        self.say(f"{self.name} 意外退出（{_how(process.returncode)}），日志末尾：\n{tail(self.part.log)}")
        end(process)  # what is left of its group
        self._try_later(now)
        return False

    def _try_later(self, now: float) -> None:
        pause = min(0.5 * 2**self.deaths, LONGEST_PAUSE)
        self.deaths += 1
        self.retry_at = now + pause
        self.say(f"{self.name} 将在 {pause:g} 秒后重新启动。")


def _how(code: int) -> str:
    """An exit code in words."""
    return f"信号 {signal.Signals(-code).name}" if code < 0 else f"退出码 {code}"


def child_environment(values: Mapping[str, str]) -> dict[str, str]:
    """The environment of the demo's children: the caller's, without what belongs to tests, with ours."""
    dropped = ("TESTING", "DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PYTHONHOME")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", **values}
