"""The supervisor behind `make demo`: services, preparation, web, worker and beat, from start to a clean stop."""

import argparse
import contextlib
import datetime as dt
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from core.embedded import announce, services
from core.embedded.data import MARK, DataDirectory, fingerprint
from core.embedded.postgres import EmbeddedServerError, Postgres
from core.embedded.processes import end, end_orphan, spawn, tail
from core.embedded.redis import Redis
from core.embedded.services import ROOT, Watched, child_environment

DATABASE = "cadres"
SIZES = ("school", "district", "city")
PORTS_TO_TRY = 200
SERVE_SECONDS = 90.0
# How long a second start waits for the first one to serve, or to be gone.
STARTING_SECONDS = 120.0
# A web server that dies this often before it ever served will not serve.
HOPELESS = 3
PATTERNS = {
    "database": ("*/migrations/*.py", "fixtures/**/*", "requirements/demo.txt"),
    "static": ("static/**/*", "requirements/demo.txt"),
}


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `manage.py demo`."""
    parser.add_argument("--port", type=int, default=8000, help="端口；被占用时改用其后第一个空闲的")
    parser.add_argument("--data", type=Path, default=ROOT / ".demo", help="数据目录")
    parser.add_argument("--size", choices=SIZES, default="district", help="示例数据的规模")
    parser.add_argument("--seed", type=int, default=1, help="示例数据的随机种子")
    parser.add_argument("--today", type=dt.date.fromisoformat, help="演示用的“今天”，如 2026-12-30")


def main(arguments: list[str]) -> int:
    """`manage.py demo` without loading Django into the supervisor; returns the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py demo", description="启动演示系统")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Run the demo until it is asked to stop; 0 if it stopped as asked, or if it runs already."""
    data = DataDirectory(options.data)
    try:
        data.make()
        deadline = time.monotonic() + STARTING_SECONDS
        while not data.lock():
            if announce.already_running(data):
                return 0
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"演示系统正在启动或停止，久未完成；日志在 {data.logs}。")
            time.sleep(0.1)
        return Supervisor(data, options).run()
    except EmbeddedServerError as error:
        announce.say(str(error))
        return 1


class Supervisor:
    """One run of the demo in one data directory."""

    def __init__(self, data: DataDirectory, options: argparse.Namespace) -> None:
        self.data = data
        self.options = options
        self.watched: list[Watched] = []
        self.postgres: Postgres | None = None
        self.listener: socket.socket | None = None
        self.helpers: list[subprocess.Popen[bytes]] = []
        self.stop_requested = False
        self.stopping = False
        self.address = ""

    def run(self) -> int:
        """Start, watch, stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self._clear_up_after_before()
            self._start()
            self._watch()
        except StopRequested:
            announce.say("正在停止……")
            return 0
        finally:
            self._stop()
        return 0

    def _on_signal(self, number: int, frame: object) -> None:
        """The first signal asks for a clean stop; one more during it ends everything at once."""
        self.stop_requested = True
        self._serve_no_more()
        if self.stopping:
            for each in self.watched:
                if each.part.process is not None:
                    each.part.process.send_signal(signal.SIGQUIT)

    def _serve_no_more(self) -> None:
        """From now on a second start waits for the end, instead of naming an address that is going away."""
        with contextlib.suppress(OSError):
            self.data.write_note("run", {**self.data.note("run"), "ready": False})

    def _pause(self, seconds: float) -> None:
        """Wait a moment. Raises StopRequested."""
        if self.stop_requested:
            raise StopRequested
        time.sleep(seconds)

    def _clear_up_after_before(self) -> None:
        """End what a killed supervisor left; nothing of it may block this start."""
        self.data.write_note("run", {**self.data.note("run"), "ready": False})
        for record in self.data.children_of_before():
            gently = record.name == "PostgreSQL"
            if end_orphan(record, number=signal.SIGINT if gently else signal.SIGKILL):
                announce.say(f"已结束上次运行遗留的进程：{record.name or '子进程'}（{record.pid}）。")
        self.data.remove_sockets_of_before()
        self.data.remove_environment()

    def _start(self) -> None:
        """Everything in order of need; returns when the site serves."""
        self.listener = open_port(self.options.port)
        port = self.listener.getsockname()[1]
        if self.options.port not in (0, port):
            announce.say(f"端口 {self.options.port} 已被占用，改用 {port}。")
        self.address = f"http://127.0.0.1:{port}"
        secrets = self.data.secrets()
        announce.say(f"password {secrets['DEMO_PASSWORD']}")
        self._write_run()
        values = {
            **secrets,
            "DEMO": "1",
            MARK: str(self.data.path),
            "DEMO_DATA": str(self.data.path),
            "DEMO_TODAY": self.options.today.isoformat() if self.options.today else "",
            "SITE_URL": self.address,
            "STATIC_ROOT": str(self.data.path / "static"),
            "MEDIA_ROOT": str(self.data.path / "media"),
        }
        static = self._collect_static(values)
        values["REDIS_URL"] = os.environ.get("REDIS_URL") or self._start_redis()
        values["DATABASE_URL"] = os.environ.get("DATABASE_URL") or self._start_postgres()
        self._prepare(values)
        self._finish(static, "静态文件", "static")
        self.data.write_environment(values)
        env = child_environment(values)
        self._watch_over("网站", services.web(self.data, env, self.listener.fileno()))
        self._wait_until_it_serves(port)
        self._watch_over("后台任务", services.worker(self.data, env))
        self._watch_over("定时任务", services.beat(self.data, env))
        announce.accounts(self.data, secrets["DEMO_PASSWORD"])
        announce.say(f"ready {self.address}")
        self.data.write_note("run", {**self.data.note("run"), "ready": True})

    def _watch_over(self, name: str, part: services.Part) -> None:
        """Start a part, and write it down before anything else happens."""
        watched = Watched(name, part, announce.say)
        self.watched.append(watched)
        try:
            watched.start()
        finally:
            self._write_run()
        self._pause(0)

    def _start_redis(self) -> str:
        place = self.data.path / "redis"
        place.mkdir(mode=0o700, exist_ok=True)
        env = child_environment({MARK: str(self.data.path)})
        redis = Redis(place, log=self.data.logs / "redis.log", env=env)
        self._watch_over("Redis", redis)
        return redis.url

    def _start_postgres(self) -> str:
        place, user = self.data.database_place()
        self.postgres = Postgres(place, log=self.data.logs / "postgres.log", user=user)
        self.postgres.end_previous()
        if self.postgres.initialise():
            announce.say("已建立内置数据库。")
        self._watch_over("PostgreSQL", self.postgres)
        self.postgres.create_database(DATABASE)
        return self.postgres.url(DATABASE)

    def _prepare(self, values: dict[str, str]) -> None:
        """Migrate and load what the demo shows, unless this very state was prepared before."""
        own = "DATABASE_URL" not in os.environ
        asked = {"size": self.options.size, "seed": self.options.seed}
        made = self.data.note("prepared") if own else {}
        if made and made.get("asked") != asked:
            announce.say(
                f"数据目录里已有示例数据（规模 {made['asked']['size']}，种子 {made['asked']['seed']}），继续使用；"
                "需要另一套时请用 --data 指定新的目录。"
            )
            asked = made["asked"]
        key = fingerprint(ROOT, PATTERNS["database"])
        if own and made.get("key") == key:
            return
        announce.say("正在准备数据库与示例数据……")
        command = [sys.executable, "manage.py", "demo", "--prepare"]
        command += [f"--size={asked['size']}", f"--seed={asked['seed']}", f"--data={self.data.path}"]
        log = self.data.logs / "prepare.log"
        self._finish(self._help(command, log, values), "数据库准备", "prepare")
        self.data.write_note("prepared", {"key": key, "asked": asked})

    def _collect_static(self, values: dict[str, str]) -> "subprocess.Popen[bytes] | None":
        """Begin to hash and compress the static files, unless nothing changed since they were."""
        self.static_key = fingerprint(ROOT, PATTERNS["static"], extra=sys.prefix)
        if self.data.note("static-collected").get("key") == self.static_key:
            return None
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity=0"]
        unused = {**values, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
        return self._help(command, self.data.logs / "static.log", unused)

    def _help(self, command: list[str], log: Path, values: dict[str, str]) -> "subprocess.Popen[bytes]":
        """Start a command that ends by itself."""
        with log.open("wb") as output:
            process = spawn(command, log=output, env=child_environment(values), cwd=ROOT)
        self.helpers.append(process)
        return process

    def _finish(self, process: "subprocess.Popen[bytes] | None", name: str, log: str) -> None:
        """Wait for such a command, meanwhile watching over the rest. Raises EmbeddedServerError if it failed."""
        if process is None:
            return
        while process.poll() is None:
            self._tend()
            self._pause(0.05)
        self.helpers.remove(process)
        if process.returncode:
            raise EmbeddedServerError(f"{name}失败，日志末尾：\n{tail(self.data.logs / f'{log}.log', 40)}")
        if log == "static":
            self.data.write_note("static-collected", {"key": self.static_key})

    def _wait_until_it_serves(self, port: int) -> None:
        deadline = time.monotonic() + SERVE_SECONDS
        while not serves(port):
            if time.monotonic() > deadline or any(each.deaths >= HOPELESS for each in self.watched):
                raise EmbeddedServerError(f"网站没有启动，日志末尾：\n{tail(self.data.logs / 'web.log', 40)}")
            self._tend()
            self._pause(0.05)

    def _watch(self) -> None:
        while True:
            self._tend()
            self._pause(0.2)

    def _tend(self) -> None:
        for each in self.watched:
            if each.tend():
                self._write_run()

    def _write_run(self) -> None:
        """Write down who runs, for the next supervisor should this one be killed."""
        records = [record for each in self.watched if (record := each.record)]
        sockets = [self.postgres.socket_directory] if self.postgres and self.postgres.socket_directory else []
        self.data.write_note(
            "run",
            {
                "address": self.address,
                "ready": False,
                **{
                    key: value
                    for key, value in self.data.note("run").items()
                    if key == "ready" and self.watched
                },
                "children": [[record.name, record.pid, record.identity] for record in records],
                "sockets": [str(path) for path in sockets],
            },
        )

    def _stop(self) -> None:
        """Stop everything, those first who need the others; leave nothing that tells of a running demo."""
        self.stopping = True
        self._serve_no_more()
        for helper in self.helpers:
            end(helper, (signal.SIGTERM, 2.0))
        for each in self.watched:
            if isinstance(each.part, services.Program):
                each.part.ask_to_stop()
        for each in reversed(self.watched):
            each.part.stop()
        if self.listener is not None:
            self.listener.close()
        self.data.remove_environment()
        self.data.write_note("run", {})


def open_port(wanted: int) -> socket.socket:
    """Return a listening loopback socket on the wanted port, or on the next one that is free."""
    for port in range(wanted, wanted + PORTS_TO_TRY) if wanted else [0]:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            continue
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
        except (OSError, OverflowError):
            listener.close()
            continue
        return listener
    raise EmbeddedServerError(f"端口 {wanted} 及其后的 {PORTS_TO_TRY} 个都不可用，请用 --port 另选一个。")


def serves(port: int) -> bool:
    """Whether the site answers and has its database."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
