"""`make bench`: runs the benchmarks side by side and prints goal · measured · holds?; exit 1 on a miss.

    python -m tests.bench [NAME …] [--rounds 3] [--list]

Every run of a side is a process of its own on an embedded PostgreSQL, where each benchmark has a fresh database.
CPU seconds count Python with its children and every process of that PostgreSQL.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

from core.embedded.postgres import Postgres
from tests.bench.registry import Bench, Measure, Step, Verdict, all_benches

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
POSTMASTER = "BENCH_POSTMASTER"
ANSWER = "bench-answer: "
EMPTY = "bench_empty"


def main() -> int:
    """Run what was asked for; 1 when a goal is missed or a side fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="benchmarks to run; all when none is named")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--list", action="store_true", help="only list the benchmarks")
    parser.add_argument("--step", nargs=2, metavar=("BENCH", "STEP"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    os.environ["TESTING"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:9/0")
    # One day for all processes: rights are kept for a day, and a run over midnight would mix two.
    os.environ.setdefault("DEMO_TODAY", datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat())
    if asked.step:
        return _run_step(*asked.step)
    verdicts: list[Verdict] = []
    with _server() as server:
        os.environ["DATABASE_URL"] = server.url(EMPTY)
        _set_up_django()
        benches = all_benches()
        if asked.list:
            print("\n".join(f"{bench.name}  {bench.title}" for bench in benches.values()))
            return 0
        unknown = [name for name in asked.names if name not in benches]
        if unknown:
            parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(benches)}")
        try:
            for name in asked.names or list(benches):
                with _database(server):
                    verdicts += _run(benches[name], asked.rounds)
        finally:
            _print_table(verdicts)
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def _run(bench: Bench, rounds: int) -> list[Verdict]:
    """Prepare, run the sides in turn, and judge the medians."""
    print(f"\n{bench.name}: {bench.title}", flush=True)
    if bench.prepare:
        _in_process(bench.name, "prepare")
    runs: dict[str, list[Measure]] = {side: [] for side in bench.sides}
    for number in range(1, rounds + 1):
        for side in bench.sides:
            if side in bench.once and number > 1:
                continue
            if bench.reset:
                _in_process(bench.name, "reset")
            measure = _in_process(bench.name, f"side:{side}")
            runs[side].append(measure)
            print(
                f"  round {number} {side}: {measure.cpu:.2f} s CPU (Python {measure.python_cpu:.2f}, PostgreSQL "
                f"{measure.postgres_cpu:.2f}), {measure.seconds:.1f} s, {measure.peak_mb:.0f} MB (idle {measure.idle_mb:.0f})",
                flush=True,
            )
    return bench.judge({side: _median(measures) for side, measures in runs.items()})


def _median(measures: list[Measure]) -> Measure:
    def of(name: str) -> float:
        return statistics.median(getattr(one, name) for one in measures)

    return Measure(
        of("python_cpu"), of("postgres_cpu"), of("seconds"), max(one.peak_mb for one in measures), of("idle_mb"),
        measures[-1].facts,
    )  # fmt: skip


def _in_process(bench: str, step: str) -> Measure:
    """Run one step in a process of its own. Raises SystemExit when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--step", bench, step],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        if line.startswith(ANSWER):
            return Measure(**json.loads(line.removeprefix(ANSWER)))
        print(f"    {line}")
    raise SystemExit(f"{bench} {step} failed")


def _run_step(name: str, step: str) -> int:
    """In the child: run a step and print what it cost."""
    _set_up_django()
    bench = all_benches()[name]
    kind, _, side = step.partition(":")
    function: Step | None = bench.sides[side] if kind == "side" else getattr(bench, kind)
    assert function is not None
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    before, started = _cpu(), time.monotonic()
    facts = function()
    seconds, after = time.monotonic() - started, _cpu()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    figures: dict[str, Any] = {
        "python_cpu": after[0] - before[0],
        "postgres_cpu": after[1] - before[1],
        "seconds": seconds,
        "peak_mb": peak / 1024,
        "idle_mb": idle / 1024,
        "facts": dict(facts or {}),
    }
    print(ANSWER + json.dumps(figures, ensure_ascii=False))
    return 0


def _cpu() -> tuple[float, float]:
    """CPU seconds so far: of this process with its children, and of all processes of PostgreSQL."""
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    postmaster = os.environ.get(POSTMASTER)
    if not postmaster:
        return own, 0.0
    total = sum(_stat(postmaster)[1:5])
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = _stat(entry.name)
                total += sum(stat[1:3]) if stat[0] == int(postmaster) else 0
    return own, total / TICKS


def _stat(pid: str) -> list[int]:
    """Parent, user and system time, those of ended children."""
    fields = Path("/proc", pid, "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return [int(fields[1]), *(int(value) for value in fields[11:15])]


@contextlib.contextmanager
def _server() -> Iterator[Postgres]:
    """An embedded PostgreSQL with an empty, migrated database that every benchmark's is copied from."""
    home = Path(tempfile.mkdtemp(prefix="cadres-bench-", dir="/tmp"))
    home.chmod(0o711)
    options = {
        "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off",
        "max_wal_size": "4GB",
    }  # fmt: skip
    server = Postgres(home, log=home / "log", options=options)
    try:
        server.initialise()
        server.start()
        server.create_database(EMPTY)
        os.environ["DATABASE_URL"] = server.url(EMPTY)
        os.environ["MEDIA_ROOT"] = str(home / "media")
        os.environ["BENCH_FILES"] = str(home)
        assert server.process is not None
        os.environ[POSTMASTER] = str(server.process.pid)
        _migrate()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _database(server: Postgres) -> Iterator[None]:
    """A benchmark's own database: what one has loaded is neither in the way of the next nor in its figures."""
    server.execute(f"CREATE DATABASE test_bench TEMPLATE {EMPTY}")
    os.environ["DATABASE_URL"] = server.url("test_bench")
    try:
        yield
    finally:
        server.execute("DROP DATABASE test_bench WITH (FORCE)")


def _migrate() -> None:
    for command in (["migrate", "--skip-checks", "--verbosity=0"], ["createcachetable"]):
        subprocess.run(
            [sys.executable, "-m", "django", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )


def _set_up_django() -> None:
    import django

    django.setup()


def _print_table(verdicts: list[Verdict]) -> None:
    """Goal · measured · holds?, aligned with Chinese counted as two columns."""
    rows: list[Mapping[str, str]] = [{"goal": "goal", "measured": "measured", "holds": "holds?"}]
    rows += [
        {"goal": one.goal, "measured": one.measured, "holds": "yes" if one.holds else "NO"}
        for one in verdicts
    ]
    widths = {name: max(_width(row[name]) for row in rows) for name in rows[0]}
    print()
    for row in rows:
        print("  ".join(row[name] + " " * (widths[name] - _width(row[name])) for name in rows[0]).rstrip())


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


if __name__ == "__main__":
    sys.exit(main())
