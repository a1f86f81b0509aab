"""The demo's data directory: its lock, its secrets, who runs in it, and the environment for one-off commands."""

import base64
import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import string
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.embedded.postgres import SOCKET_PREFIX, EmbeddedServerError
from core.embedded.processes import Record, ServiceUser, hand_over_tree, identity, service_user

# Where the database lives when root's checkout can't be entered by the user that the database runs as.
OUTSIDE = ("/var/lib", "/var/tmp", "/tmp")
PROC = Path("/proc")
MARK = "DEMO_RUN_IN"
SUPERVISOR = "DEMO_SUPERVISOR"


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner can read it, from the first byte on."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of ours; {} if it is missing or torn."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def running_environment(directory: Path) -> dict[str, str]:
    """Return what a demo that runs in `directory` wrote down for one-off commands; {} if none runs there.

    A file left behind by a killed supervisor is not believed.
    """
    try:
        lines = (directory / "environment").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    found = {name: value for name, _, value in (line.partition("=") for line in lines)}
    pid, _, known_as = found.pop(SUPERVISOR, "").partition(" ")
    return found if pid.isdigit() and Record("supervisor", int(pid), known_as).alive else {}


def fingerprint(root: Path, patterns: Iterable[str], extra: str = "") -> str:
    """Return what changes when any file that matches a pattern changes: names, sizes and times, not contents."""
    digest = hashlib.sha256(extra.encode())
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                stat = path.stat()
                digest.update(f"{path.relative_to(root)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class DataDirectory:
    """One directory, at most one running demo."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.logs = self.path / "logs"
        self._lock: int | None = None

    def make(self) -> None:
        """Make the directory, for its owner alone; under root others may pass through to the database.

        Raises EmbeddedServerError if it is somebody else's. An existing directory keeps its permissions.
        """
        mode = 0o711 if os.geteuid() == 0 else 0o700
        with suppress(FileExistsError):
            self.path.mkdir(mode=mode, parents=True)
            self.path.chmod(mode)
        try:
            self.logs.mkdir(mode=0o700, exist_ok=True)
            accessible = os.access(self.path, os.W_OK | os.X_OK) and os.access(self.logs, os.W_OK)
        except OSError:
            accessible = False
        if not accessible:
            raise EmbeddedServerError(
                f"数据目录 {self.path} 不可写（可能属于另一个用户），请用 --data 换一个目录。"
            )

    def lock(self) -> bool:
        """Take the directory for this process; False if a supervisor has it. A killed one has it no more."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def note(self, name: str) -> dict[str, Any]:
        """A small JSON file of this directory."""
        return read_json(self.path / f"{name}.json")

    def write_note(self, name: str, content: Mapping[str, Any]) -> None:
        """Write such a file in one step."""
        write_private(self.path / f"{name}.json", json.dumps(content, ensure_ascii=False))

    def secrets(self) -> dict[str, str]:
        """Return this demo's keys and its password; they are made once and stay with the data."""
        known = self.note("secrets")
        letters = string.ascii_lowercase.replace("l", "").replace("o", "")
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_KEYS": f"demo:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "DEMO_PASSWORD": f"Demo-{''.join(secrets.choice(letters) for _ in range(6))}"
            f"-{secrets.randbelow(9000) + 1000}",
        }
        if not set(made) <= set(known):
            known = {**made, **known}
            self.write_note("secrets", known)
        return {name: str(value) for name, value in known.items()}

    def database_place(self) -> tuple[Path, ServiceUser | None]:
        """Return where the database lives and which user it runs as.

        That is inside this directory, unless root started the demo and the unprivileged user can't enter
        here: then it is a directory of root's own elsewhere, remembered in `postgres.place`. Permissions
        of the way to this directory are never changed.
        """
        inside = self.path / "postgres"
        if os.geteuid() != 0:
            inside.mkdir(mode=0o700, exist_ok=True)
            return inside, None
        user = _owner_of(inside / "data") or service_user()
        assert user is not None
        outside = self._place_outside()
        if outside is None:
            inside.mkdir(mode=0o711, exist_ok=True)
            if user.reaches(inside):
                return inside, user
            outside = self._make_place_outside(inside, user)
        return outside, _owner_of(outside / "data") or user

    def _place_outside(self) -> Path | None:
        try:
            place = Path((self.path / "postgres.place").read_text(encoding="utf-8").strip())
            return place if place.stat().st_uid == 0 else None
        except OSError:
            return None

    def _make_place_outside(self, inside: Path, user: ServiceUser) -> Path:
        self._remove_forgotten_places()
        parent = next(place for place in OUTSIDE if os.access(place, os.W_OK) and user.reaches(Path(place)))
        outside = Path(tempfile.mkdtemp(prefix="cadres-demo-", dir=parent))
        (outside / "belongs-to").write_text(str(self.path), encoding="utf-8")
        if (inside / "data").exists():
            shutil.copytree(inside / "data", outside / "data", symlinks=True)
            hand_over_tree(outside / "data", user)
            shutil.rmtree(inside)
        outside.chmod(0o711)
        write_private(self.path / "postgres.place", f"{outside}\n")
        return outside

    def _remove_forgotten_places(self) -> None:
        """Take away databases outside whose data directory was deleted or has another one by now."""
        for parent in OUTSIDE:
            for place in Path(parent).glob("cadres-demo-*"):
                with suppress(OSError):
                    owner = Path((place / "belongs-to").read_text(encoding="utf-8"))
                    if place.stat().st_uid == 0 and (owner == self.path or not owner.exists()):
                        shutil.rmtree(place)

    def write_environment(self, values: Mapping[str, str]) -> None:
        """Let one-off commands reach the running demo (manage.py reads this)."""
        mine = {**values, SUPERVISOR: f"{os.getpid()} {identity(os.getpid())}"}
        write_private(self.path / "environment", "".join(f"{name}={value}\n" for name, value in mine.items()))

    def remove_environment(self) -> None:
        """The demo ends: one-off commands have nothing to reach."""
        (self.path / "environment").unlink(missing_ok=True)

    def children_of_before(self) -> list[Record]:
        """What an earlier supervisor of this directory left running: as written down, and by its mark."""
        noted = [Record(*child) for child in self.note("run").get("children", [])]
        known = {record.pid for record in noted}
        mark = f"{MARK}={self.path}".encode()
        for folder in PROC.glob("[0-9]*"):
            with suppress(OSError):
                if mark in (folder / "environ").read_bytes().split(b"\0") and int(folder.name) not in known:
                    noted.append(Record("", int(folder.name), identity(int(folder.name))))
        return [record for record in noted if record.alive and record.pid != os.getpid()]

    def remove_sockets_of_before(self) -> None:
        """Take away the socket directories that a killed supervisor couldn't."""
        for name in self.note("run").get("sockets", []):
            path = Path(name)
            if path.parent == Path("/tmp") and path.name.startswith(SOCKET_PREFIX):
                shutil.rmtree(path, ignore_errors=True)


def _owner_of(data: Path) -> ServiceUser | None:
    """The ordinary user that a cluster belongs to already, so that root goes on with what he began."""
    try:
        stat = data.stat()
        return (
            ServiceUser(pwd.getpwuid(stat.st_uid).pw_name, stat.st_uid, stat.st_gid) if stat.st_uid else None
        )
    except (OSError, KeyError):
        return None
