"""The lock files: universal, hashed, in step with each other, and without a trace of the machine they came from."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)(?: ; (.+?))? \\$")


def pins(name: str) -> set[tuple[str, str, str]]:
    """The packages of a lock: name, version, marker."""
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return {(found[1], found[2], found[3] or "") for line in lines if (found := PIN.match(line))}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_index_and_no_path_of_a_machine(lock):
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|--trusted-host", text)
    assert not re.search(r"(^|\s|=)/\w", text)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_of_a_lock_is_pinned_and_hashed(lock):
    packages = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8"))
    assert packages
    for package in packages:
        assert PIN.match(package.splitlines()[0]), package.splitlines()[0]
        assert "--hash=sha256:" in package, package.splitlines()[0]


def test_the_locks_hold_each_other_in_the_same_versions():
    base, demo, dev = pins("base.txt"), pins("demo.txt"), pins("dev.txt")
    assert base < demo < dev


def test_a_lock_serves_other_interpreters_and_systems_than_the_one_it_was_made_on():
    markers = {marker for _, _, marker in pins("dev.txt")}
    assert any("python_full_version < '3.11" in marker for marker in markers)
    assert any("sys_platform == 'win32'" in marker for marker in markers)


def test_production_has_every_dependency_and_no_embedded_server():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {re.match(r"[A-Za-z0-9_.-]+", name)[0].lower() for name in project["project"]["dependencies"]}
    locked = {name for name, _, _ in pins("base.txt")}
    assert wanted <= locked
    embedded = {re.match(r"[a-z-]+", name)[0] for name in project["dependency-groups"]["embedded"]}
    assert embedded
    assert not embedded & locked
    assert embedded <= {name for name, _, _ in pins("demo.txt")}
