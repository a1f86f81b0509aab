"""Pytest plugin: one embedded PostgreSQL per run with a migrated template, and Valkey when a test asks.

Before Django is set up the controlling process copies a migrated cluster (kept under .test/, keyed by the
migrations and the lock) into a private directory and starts it without fsync; every xdist worker creates
its own database from the template in it. `DATABASE_URL` in the environment is used instead, then Django
migrates there as usual. The directory is removed at the end; what a killed run left goes with the next run.
Real Celery workers and the Redis they listen to are fixtures of tests/workers.py.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.embedded.postgres import UNSAFE_BUT_FAST, Postgres
from core.embedded.processes import Record, end_orphan, hand_over_tree, identity, service_user
from core.embedded.redis import free_port

pytest_plugins = ["tests.workers"]

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".test"
PREFIX = "cadres-test-"
TEMPLATE = "cadres_template"
LOCKS = ("requirements/dev.txt", "pyproject.toml")
KEPT_TEMPLATES = 3
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
server: Postgres | None = None


def chromium() -> str:
    """Return the path of a Chromium on this machine, "" if there is none."""
    named = os.environ.get("CHROMIUM", "")
    return named or next((found for name in BROWSERS if (found := shutil.which(name))), "")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Settle the environment before pytest-django reads the settings."""
    os.environ["TESTING"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
    # Nobody listens here until a test asks for Redis; a developer's own Redis never sees a test.
    os.environ["REDIS_URL"] = f"redis://:tests@127.0.0.1:{free_port()}/0"
    if "PYTEST_XDIST_WORKER" in os.environ or "DATABASE_URL" in os.environ:
        return
    if early_config.known_args_namespace.help or early_config.known_args_namespace.version:
        return
    _start_server()


def pytest_configure(config: pytest.Config) -> None:
    """Let Django create each worker's test database from the migrated template."""
    template = os.environ.get("TEST_DATABASE_TEMPLATE", "")
    if template:
        from django.conf import settings

        settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = template


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser journeys out where there is no browser; where one is required, stop instead.

    Whole installations and demos come first: they mostly wait, and nothing as long may be left for the end.
    """
    items.sort(key=lambda item: not item.nodeid.startswith("tests/bootstrap/"))
    journeys = [item for item in items if item.get_closest_marker("e2e")]
    if not journeys or chromium():
        return
    if os.environ.get("BROWSER_REQUIRED"):
        raise pytest.UsageError("the browser journeys must run here, but there is no Chromium")
    config.hook.pytest_deselected(items=journeys)
    items[:] = [item for item in items if item not in set(journeys)]
    config.stash[_left_out] = len(journeys)


_left_out = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in a sentence what did not run."""
    if left_out := config.stash.get(_left_out, 0):
        terminalreporter.write_line(
            f"No Chromium on this machine: {left_out} browser journeys did not run (install chromium)."
        )


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all journeys of the run: Playwright allows itself once in a process.

    Its event loop runs from then on, which Django takes for asynchronous code unless it is told otherwise.
    """
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _start_server() -> None:
    """Start this run's PostgreSQL and put its address into the environment of everything that follows."""
    global server
    _remove_leftovers()
    with _locked(CACHE):
        cached = _migrated_cluster()
        home = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        home.chmod(0o711)
        if cached is not None:
            _copy_cluster(cached, home / "data")
    server = Postgres(home, log=home / "log", options=UNSAFE_BUT_FAST)
    atexit.register(_stop_server, os.getpid())
    server.initialise()
    server.start()
    process = server.process
    if process is not None:
        note = f"{os.getpid()} {identity(os.getpid())} {process.pid} {identity(process.pid)}\n"
        (home / "run").write_text(f"{note}{server.socket_directory}\n", encoding="utf-8")
    os.environ["DATABASE_URL"] = server.url("cadres")
    if cached is not None:
        os.environ["TEST_DATABASE_TEMPLATE"] = TEMPLATE


def _stop_server(owner: int) -> None:
    """Take the run's server and its directory away; a forked child that ends must not."""
    if server is not None and os.getpid() == owner:
        server.kill()
        server.stop()
        shutil.rmtree(server.place, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One at a time, also when two runs start at once; a killed run holds no lock."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key() -> str:
    """Names the migrated state: all migrations of the project, and what is installed."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), *(ROOT / name for name in LOCKS)]:
        if path.exists():
            digest.update(f"\n{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _migrated_cluster() -> Path | None:
    """Return the data directory of a cluster that holds the migrated template; make it if it isn't there.

    None when the migrations fail: the tests that need no database can still run, the others say why.
    """
    target = CACHE / f"postgres-{_key()}"
    if target.exists():
        os.utime(target)
        return target
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir="/tmp") as home:
        os.chmod(home, 0o711)
        cluster = Postgres(Path(home), log=Path(home, "log"), options=UNSAFE_BUT_FAST)
        cluster.initialise()
        cluster.start()
        try:
            cluster.create_database(TEMPLATE)
            environment = {**os.environ, "DATABASE_URL": cluster.url(TEMPLATE)}
            for command in (
                ["migrate", "--run-syncdb", "--skip-checks", "--verbosity=0"],
                ["createcachetable"],
            ):
                done = subprocess.run(
                    [sys.executable, "-m", "django", *command],
                    env=environment,
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                if done.returncode:
                    print(f"The migrations fail; tests with a database will too.\n{done.stderr[-3000:]}")
                    return None
        finally:
            cluster.stop()
        for old in sorted(CACHE.glob("postgres-*"), key=lambda path: -path.stat().st_mtime)[
            KEPT_TEMPLATES - 1 :
        ]:
            shutil.rmtree(old, ignore_errors=True)
        unfinished = CACHE / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(cluster.data, unfinished)
        unfinished.rename(target)
    return target


def _copy_cluster(cached: Path, data: Path) -> None:
    """Copy the kept cluster to where the server's user can use it, and give it to him."""
    shutil.copytree(cached, data)
    data.chmod(0o700)
    if user := service_user():
        hand_over_tree(data, user)


def _remove_leftovers() -> None:
    """Take away what runs left that were killed: their servers and their directories."""
    for home in Path("/tmp").glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            if home.stat().st_uid != os.getuid():
                continue
            run, socket_directory = (home / "run").read_text(encoding="utf-8").splitlines()
            pid, started, server_pid, server_started = run.split()
            if Record("pytest", int(pid), started).alive:
                continue
            end_orphan(Record("postgres", int(server_pid), server_started), seconds=2)
            shutil.rmtree(socket_directory, ignore_errors=True)
            shutil.rmtree(home, ignore_errors=True)
