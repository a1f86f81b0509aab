"""The demo's life on a machine: started from an odd path, twice, killed, started again, stopped."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from core.embedded.data import DataDirectory
from core.embedded.processes import signal_group, tail

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".*", "tests", "docs", "node_modules", "__pycache__", "staticfiles", "media"
)
SECONDS = 180.0


class Demo:
    """A checkout in a directory with a space and Chinese in its name, and the demo in it."""

    def __init__(self, home: Path) -> None:
        self.checkout = home / "干部 系统"
        shutil.copytree(ROOT, self.checkout, ignore=LEFT_OUT)
        (self.checkout / ".venv").symlink_to(sys.prefix)
        self.python = self.checkout / ".venv/bin/python"
        self.data = DataDirectory(self.checkout / ".demo")
        self.output = home / "output"
        dropped = ("TESTING", "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL", "TEST_DATABASE_TEMPLATE")
        self.env = {name: value for name, value in os.environ.items() if name not in dropped}

    def start(self, port: int) -> "subprocess.Popen[bytes]":
        command = [self.python, "manage.py", "demo", f"--port={port}", "--size=school", "--today=2026-12-30"]
        with self.output.open("wb") as output:
            return subprocess.Popen(
                command, cwd=self.checkout, env=self.env, stdout=output, stderr=output, start_new_session=True
            )

    def manage(self, *arguments: str) -> str:
        command = [self.python, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=self.checkout, env=self.env, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() or done.stderr.strip()

    def said(self, word: str) -> str:
        """What follows `word` on a line of its own; waits for it."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for line in self.output.read_text(encoding="utf-8", errors="replace").splitlines():
                if line.startswith(f"{word} "):
                    return line.removeprefix(f"{word} ")
            time.sleep(0.1)
        pytest.fail(f"never said {word!r}:\n{tail(self.output, 60)}")

    def children(self) -> list[int]:
        """Everything that was started for this data directory."""
        return [record.pid for record in self.data.children_of_before()]

    def clean_up(self) -> None:
        for pid in self.children():
            signal_group(pid, signal.SIGKILL)
        for name in self.data.note("run").get("sockets", []):
            shutil.rmtree(name, ignore_errors=True)


@pytest.fixture
def demo():
    """A checkout of this test's own, taken away at the end with everything that runs in it."""
    home = Path(tempfile.mkdtemp(prefix="cadres-life-", dir="/tmp"))
    home.chmod(0o711)
    made = Demo(home)
    yield made
    made.clean_up()
    shutil.rmtree(home, ignore_errors=True)


def status(address: str) -> int:
    """The answer of /readyz, 0 if there is none."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def wait_until(happened, seconds: float = 30.0) -> None:
    """Return once `happened()` is true."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_demo_lives_through_everything_that_happens_to_it(demo):
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        taken = occupied.getsockname()[1]
        first = demo.start(taken)
        address = demo.said("ready")
    password = demo.said("password")

    # The port was taken: the next free one, and a sentence.
    port = int(address.rsplit(":", 1)[1])
    assert port > taken
    assert f"端口 {taken} 已被占用，改用 {port}" in demo.output.read_text(encoding="utf-8")
    assert status(address) == 200

    # Started twice: the running address, exit code 0, and the first one goes on.
    again = subprocess.run(
        [demo.python, "manage.py", "demo"], cwd=demo.checkout, env=demo.env, capture_output=True, check=True
    )
    lines = again.stdout.decode().splitlines()
    assert f"ready {address}" in lines
    assert f"password {password}" in lines
    assert first.poll() is None

    # A one-off command reaches the running demo, with its keys and its clock.
    asked = "from core.calendar import today; from accounts.models import User; print(today(), User.objects.count())"
    assert demo.manage("shell", "--verbosity=0", "-c", asked).startswith("2026-12-30 ")

    # PostgreSQL killed: it comes back by itself.
    postgres = next(pid for name, pid, _ in demo.data.note("run")["children"] if name == "PostgreSQL")
    os.kill(postgres, signal.SIGKILL)
    wait_until(lambda: "PostgreSQL 已重新启动" in demo.output.read_text(encoding="utf-8"))
    wait_until(lambda: status(address) == 200)

    # The supervisor killed: nothing it left blocks the next start, nor is believed by one-off commands.
    before = set(demo.children()) - {first.pid}
    assert len(before) > 4
    first.kill()
    first.wait()
    assert set(demo.children()) & before
    assert "缺少环境变量" in demo.manage("check")
    second = demo.start(port)
    assert demo.said("ready") == address
    assert demo.said("password") == password
    assert "正在准备数据库" not in demo.output.read_text(encoding="utf-8")
    assert not set(demo.children()) & before

    # Started again while it is stopping, which takes its time here: the new one waits for the end, and serves.
    ended = demo.output.with_name("ended")
    demo.output.rename(ended)
    worker = next(pid for name, pid, _ in demo.data.note("run")["children"] if name == "后台任务")
    os.kill(worker, signal.SIGSTOP)
    second.send_signal(signal.SIGTERM)
    wait_until(lambda: "正在停止" in ended.read_text(encoding="utf-8"))
    third = demo.start(port)
    assert demo.said("ready") == address
    assert second.wait(60) == 0
    assert "已经在运行" not in demo.output.read_text(encoding="utf-8")
    assert third.poll() is None
    assert status(address) == 200

    # Asked to stop: everything ends, and nothing tells of a running demo any more.
    sockets = demo.data.note("run")["sockets"]
    assert sockets
    third.send_signal(signal.SIGTERM)
    assert third.wait(60) == 0
    assert demo.children() == []
    assert not any(Path(name).exists() for name in sockets)
    assert not (demo.data.path / "environment").exists()
    assert status(address) == 0
