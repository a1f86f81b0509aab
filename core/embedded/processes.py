"""Child processes that can be recognised and ended later, also by a supervisor that didn't start them."""

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

POLL_SECONDS = 0.02
PROC = Path("/proc")


@dataclass(frozen=True)
class ServiceUser:
    """The unprivileged user that servers run as when everything was started by root."""

    name: str
    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """What subprocess needs to become this user, without any of root's groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Whether this user can enter the directory `path`."""
        probe = ["/bin/sh", "-c", 'test -d "$1" && test -x "$1"', "sh", str(path)]
        return subprocess.run(probe, cwd="/", check=False, **self.popen_arguments()).returncode == 0


def service_user() -> ServiceUser | None:
    """Return the user to drop to, or None for an ordinary user, who stays who he is.

    Raises RuntimeError on a machine whose root has nobody to drop to.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return ServiceUser(name, entry.pw_uid, entry.pw_gid)
    raise RuntimeError("以 root 运行时需要一个普通用户（postgres 或 nobody）来运行数据库，本机没有找到。")


def hand_over_tree(tree: Path, user: ServiceUser) -> None:
    """Make `user` the owner of a whole tree."""
    for folder, _, files in os.walk(tree):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, user.uid, user.gid, follow_symlinks=False)


def identity(pid: int) -> str:
    """Return what tells this process from any other that ever had or will have its pid; "" if it is gone."""
    stat = PROC / str(pid) / "stat"
    try:
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "" if PROC.joinpath("self").exists() else _identity_by_ps(pid)
    return "" if fields[0] in ("Z", "X") else f"{boot[:8]}-{fields[19]}"


def _identity_by_ps(pid: int) -> str:
    """The start time as `ps` tells it, for systems without /proc."""
    asked = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, started = asked.stdout.strip().partition(" ")
    return "" if not state or state.startswith("Z") else "-".join(started.split())


@dataclass(frozen=True)
class Record:
    """A process as it is written down: enough to find it again, and to know that it is the same one."""

    name: str
    pid: int
    identity: str

    @property
    def alive(self) -> bool:
        """Whether this very process still runs (a reused pid doesn't count)."""
        return bool(self.identity) and identity(self.pid) == self.identity


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int | None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
    user: ServiceUser | None = None,
    stdin: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    """Start a child as the leader of its own group, so that Ctrl-C reaches only the supervisor."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=stdin,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        env=dict(env) if env is not None else None,
        cwd=str(cwd),
        start_new_session=True,
        pass_fds=tuple(pass_fds),
        **(user.popen_arguments() if user else {}),
    )


def signal_group(pid: int, number: int) -> bool:
    """Send a signal to a whole group; False if nobody is left in it."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(process: "subprocess.Popen[bytes]", *signals: tuple[int, float]) -> None:
    """Ask a child to stop with each (signal, seconds to wait) in turn; at last kill its whole group."""
    for number, seconds in signals:
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    signal_group(process.pid, signal.SIGKILL)
    process.wait()


def end_orphan(record: Record, *, number: int = signal.SIGTERM, seconds: float = 10.0) -> bool:
    """End a process that an earlier supervisor left behind; False if it wasn't there any more.

    Nothing is sent to a pid that belongs to somebody else by now.
    """
    if not record.alive:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(record.pid, number)
    deadline = time.monotonic() + seconds
    while record.alive and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    signal_group(record.pid, signal.SIGKILL)
    while record.alive:
        time.sleep(POLL_SECONDS)
    return True


def tail(path: Path, lines: int = 20) -> str:
    """Return the last lines of a log, "" if there is none."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 64 * 1024))
            text = log.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
