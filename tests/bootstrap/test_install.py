"""bootstrap.py: what it installs, when, from where, and what it says where it can't."""

import importlib.util
import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load():
    """bootstrap.py as a module of its own, changed freely by one test."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", ROOT / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path, monkeypatch):
    """bootstrap.py working on a project of three tiny locks; what it runs is noted instead."""
    bootstrap = load()
    root = tmp_path / "目录 空格"
    (root / "requirements").mkdir(parents=True)
    for name in bootstrap.GROUPS.values():
        (root / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(bootstrap, "ROOT", root)
    monkeypatch.setattr(bootstrap, "VENV", root / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", root / ".venv/bin/python")
    monkeypatch.setattr(bootstrap, "STAMP", root / ".venv/installed.json")
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    bootstrap.installed = []
    monkeypatch.setattr(bootstrap, "make_environment", lambda: None)
    monkeypatch.setattr(bootstrap, "install_by_uv", lambda lock: bootstrap.installed.append(lock) or True)
    return bootstrap


def test_an_installation_happens_once_per_lock(project):
    project.install("demo")
    project.install("demo")
    assert project.installed == ["requirements/demo.txt"]
    (project.ROOT / "requirements/demo.txt").write_text("changed", encoding="utf-8")
    project.install("demo")
    assert project.installed == ["requirements/demo.txt"] * 2


def test_the_larger_group_covers_the_smaller_and_not_the_other_way(project):
    project.install("dev")
    project.install("demo")
    assert project.installed == ["requirements/dev.txt"]
    project.STAMP.write_text(json.dumps({"group": "demo", "hash": project.lock_hash()}), encoding="utf-8")
    project.install("dev")
    assert project.installed == ["requirements/dev.txt"] * 2


def test_an_installation_that_broke_off_is_done_again(project, monkeypatch):
    project.install("demo")
    monkeypatch.setattr(project, "install_by_uv", lambda lock: False)
    monkeypatch.setattr(project, "pip", lambda *arguments: 1)
    with pytest.raises(SystemExit, match="依赖安装失败"):
        project.install("dev")
    assert not project.is_installed("demo")


def test_without_uv_pip_installs_and_checks_the_hashes(project, monkeypatch):
    asked = []
    monkeypatch.setattr(project, "install_by_uv", lambda lock: False)
    monkeypatch.setattr(project, "pip", lambda *arguments: asked.append(arguments) or 0)
    project.install("demo")
    assert asked == [("install", "--require-hashes", "--no-deps", "-r", "requirements/demo.txt")]
    assert project.is_installed("demo")


def hold_the_lock(root, held, seconds):
    """Another process that installs for a while."""
    bootstrap = load()
    bootstrap.ROOT = root
    with bootstrap.alone():
        held.set()
        time.sleep(seconds)


def test_a_second_installation_waits_for_the_first(project, capsys):
    held = multiprocessing.get_context("spawn").Event()
    other = multiprocessing.get_context("spawn").Process(target=hold_the_lock, args=(project.ROOT, held, 0.5))
    other.start()
    assert held.wait(30)
    started = time.monotonic()
    project.install("demo")
    assert time.monotonic() - started > 0.3
    assert "另一个安装正在进行" in capsys.readouterr().out
    other.join()


def test_a_killed_installation_blocks_nobody(project):
    held = multiprocessing.get_context("spawn").Event()
    other = multiprocessing.get_context("spawn").Process(target=hold_the_lock, args=(project.ROOT, held, 60))
    other.start()
    assert held.wait(30)
    other.kill()
    other.join()
    project.install("demo")
    assert project.is_installed("demo")


def test_uv_is_told_what_pip_is_told(monkeypatch):
    bootstrap = load()
    listing = "\n".join(
        [
            "global.index-url='https://mirror.example/simple'",
            "global.extra-index-url='file:///a/simple https://b.example/simple'",
            "global.find-links='/wheels\\n/more'",
            "install.trusted-host='mirror.example'",
            "download.proxy='http://not-for-install'",
            ":env:.cert='/etc/ca.pem'",
            ":env:.no-index='false'",
            "global.progress-bar='off'",
        ]
    )
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *a, **k: SimpleNamespace(stdout=listing))
    for name in ("SSL_CERT_FILE", "UV_INSECURE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_FIND_LINKS", "/what-the-person-said")
    found = bootstrap.uv_environment()
    assert found["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert found["UV_INDEX"] == "file:///a/simple https://b.example/simple"
    assert found["UV_INSECURE_HOST"] == "mirror.example"
    assert found["SSL_CERT_FILE"] == "/etc/ca.pem"
    assert found["UV_FIND_LINKS"] == "/what-the-person-said"
    assert "UV_NO_INDEX" not in found
    assert found.get("ALL_PROXY") != "http://not-for-install"


def test_a_python_that_cannot_make_an_environment_is_told_the_one_package(tmp_path, monkeypatch):
    bootstrap = load()
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "none")
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(bootstrap.Path, "exists", lambda path: str(path) == "/etc/debian_version")
    with pytest.raises(SystemExit) as stopped:
        bootstrap.make_environment()
    words = str(stopped.value)
    assert f"python{sys.version_info.major}.{sys.version_info.minor}-venv" in words
    assert "请先安装" in words
    assert "install the package" in words


def test_an_old_python_hands_over_to_a_newer_one_or_says_so(monkeypatch):
    bootstrap = load()
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"3\.11"):
        bootstrap.need_python()
    started = []
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/x/python3.12" if "3.12" in name else None)
    monkeypatch.setattr(bootstrap.os, "execv", lambda path, words: started.append(path))
    with pytest.raises(SystemExit):
        bootstrap.need_python()
    assert started == ["/x/python3.12"]


def test_bootstrap_needs_nothing_but_the_standard_library():
    command = [sys.executable, "-I", "-S", str(ROOT / "bootstrap.py"), "--help"]
    assert subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0
