#!/usr/bin/env python3
"""Makes .venv from the committed lock and runs the project in it: standard library only, Python 3.11 or later.

    python3 bootstrap.py demo       everything a machine needs, then the demo
    python3 bootstrap.py test       the whole suite (further words go to pytest)
    python3 bootstrap.py install    only the environment
    python3 bootstrap.py check | e2e | bench | format | lock | vendor

Packages come from whatever index pip is set up for on this machine, each checked against the hash in the
lock: by uv where that works (quicker), else by pip.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
NEEDED = (3, 11)
# From the smallest: each lock holds everything of those before it, in the same versions.
GROUPS = {"base": "requirements/base.txt", "demo": "requirements/demo.txt", "dev": "requirements/dev.txt"}
LOCK_GROUPS = {"dev": ("embedded", "test", "check"), "demo": ("embedded",), "base": ()}
UV_LOCK = "requirements/uv.txt"
# Whoever has nothing left takes half of what the other still has: the slow tests lie together at the end.
TWO_PROCESSES = ("-n", "2", "--dist", "worksteal")
# What pip is told, and how uv wants to hear it (uv does not read pip's configuration).
UV_NAMES = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "no-index": ("UV_NO_INDEX", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "client-cert": ("SSL_CLIENT_CERT", " "),
    "proxy": ("ALL_PROXY", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
    "keyring-provider": ("UV_KEYRING_PROVIDER", " "),
}
PRODUCTION_LIKE = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "used-by-the-deployment-check-only-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "FIELD_KEYS": "check:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "INDEX_KEY": "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=",
    "ALLOWED_HOSTS": "cadres.example",
}


def say(words: str) -> None:
    """Print one line at once."""
    print(words, flush=True)


def need_python() -> None:
    """Go on with a newer Python of this machine where `python3` is too old; say so where there is none."""
    if sys.version_info >= NEEDED:
        return
    for minor in range(14, 10, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])
    sys.exit("需要 Python 3.11 或更高版本。 Python 3.11 or later is needed.")


@contextlib.contextmanager
def alone():
    """One installation at a time: a lock on the project's directory itself, which a killed process loses."""
    import fcntl

    directory = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个安装正在进行，请稍候……")
            fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def environment(**more: str) -> dict[str, str]:
    """The environment of everything that runs in .venv."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    return {**kept, "PYTHONUTF8": "1", "VIRTUAL_ENV": str(VENV), **more}


def run(*command: str, **more: str) -> int:
    """Run a command in the project's directory and return its exit code."""
    return subprocess.run(command, cwd=ROOT, env=environment(**more), check=False).returncode


def lock_hash() -> str:
    """What an installation depends on: all locks and the interpreter."""
    digest = hashlib.sha256(sys.version.encode())
    for name in GROUPS.values():
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_installed(group: str) -> bool:
    """Whether .venv holds `group` from the locks as they are now."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        order = list(GROUPS)
        enough = order.index(stamp["group"]) >= order.index(group)
    except (OSError, ValueError, KeyError):
        return False
    return enough and stamp["hash"] == lock_hash() and PYTHON.exists()


def install(group: str) -> None:
    """Make .venv and install a group into it; nothing to do when the lock is the one installed."""
    if is_installed(group):
        return
    with alone():
        if is_installed(group):
            return
        make_environment()
        STAMP.unlink(missing_ok=True)
        lock = GROUPS[group]
        say(f"正在安装依赖（{lock}）……")
        if not install_by_uv(lock) and pip("install", "--require-hashes", "--no-deps", "-r", lock):
            sys.exit("依赖安装失败，原因见上。 The packages could not be installed, see above.")
        STAMP.write_text(json.dumps({"group": group, "hash": lock_hash()}), encoding="utf-8")


def pip(*arguments: str) -> int:
    """Run the environment's pip."""
    return run(str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments)


def make_environment() -> None:
    """Make .venv; keep one that works, replace one that was left half made or whose Python has gone."""
    probe = [str(PYTHON), "-c", f"import pip, sys; sys.exit(sys.version_info < {NEEDED})"]
    if PYTHON.exists() and not subprocess.run(probe, capture_output=True, check=False).returncode:
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    package = f"python{version}-venv" if Path("/etc/debian_version").exists() else "python3-pip"
    hint = (
        f"Python {version} 缺少建立虚拟环境所需的 pip，请先安装系统软件包 {package}，再运行一次。\n"
        f"This Python {version} cannot make an environment with pip: install the package {package}, "
        f"then run this again (Debian, Ubuntu: apt install {package})."
    )
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(hint)
    say("正在建立虚拟环境 .venv ……")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(hint)


def uv_environment() -> dict[str, str]:
    """Translate what pip is set up with into uv's variables, for uv's process only."""
    asked = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    found: dict[str, str] = {}
    for line in asked.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section not in ("global", "install", ":env:") or key not in UV_NAMES:
            continue
        target, separator = UV_NAMES[key]
        with contextlib.suppress(ValueError, SyntaxError):
            found[target] = separator.join(str(ast.literal_eval(value)).split())
    if found.get("UV_NO_INDEX", "").lower() in ("0", "false", "no", "off"):
        del found["UV_NO_INDEX"]
    # pip takes all its indexes together; the hashes of the lock decide which file is right.
    found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    found["UV_PYTHON_DOWNLOADS"] = "never"
    if not os.access(Path.home(), os.W_OK):
        found["UV_NO_CACHE"] = "1"
    return {**environment(), **{name: os.environ.get(name, value) for name, value in found.items()}}


def uv(*arguments: str, without: tuple[str, ...] = ()) -> int:
    """Run the environment's uv with pip's settings, those named in `without` left out."""
    settings = {name: value for name, value in uv_environment().items() if name not in without}
    command = [str(PYTHON), "-m", "uv", *arguments]
    return subprocess.run(command, cwd=ROOT, env=settings, check=False).returncode


def get_uv() -> bool:
    """Install uv itself, from its own lock; False where this machine's index has none."""
    locked = ["--require-hashes", "--no-deps", "-r", UV_LOCK] if (ROOT / UV_LOCK).exists() else ["uv"]
    return pip("install", "-qq", *locked) == 0


def install_by_uv(lock: str) -> bool:
    """Install a lock by uv; False if that doesn't work here (then pip does it, only slower)."""
    if get_uv() and not uv(
        "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "--no-deps", "-r", lock
    ):
        return True
    say("uv 在本机不可用，改用 pip 安装（稍慢）……")
    return False


def make_locks(upgrade: bool) -> int:
    """Write the lock files from pyproject.toml: universal, with hashes, without an address of any index."""
    make_environment()
    if not get_uv():
        return 1
    common = ["--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"]
    common += ["--no-emit-index-url", "--no-emit-find-links", "--no-header"]
    common += ["--upgrade"] if upgrade else []
    jobs = [["--group", "pyproject.toml:lock", "-o", UV_LOCK]]
    for group, extras in LOCK_GROUPS.items():
        job = ["pyproject.toml", "-o", GROUPS[group]]
        for extra in extras:
            job += ["--group", extra]
        jobs.append([*job, *([] if group == "dev" else ["-c", GROUPS["dev"]])])
    # Only the main index: a machine's extra ones may hold some of a version's files, and so of its hashes.
    return max(uv("pip", "compile", *common, *job, without=("UV_INDEX", "UV_FIND_LINKS")) for job in jobs)


def check() -> int:
    """Run every static check, two at a time, and print each one's words in order; 1 if any failed."""
    python = str(PYTHON)
    services = sorted(
        str(path.relative_to(ROOT)) for path in ROOT.glob("*/services*") if path.suffix in ("", ".py")
    )
    imports = "from importlinter.cli import lint_imports_command as lint; lint()"
    manage = [python, "-W", "ignore:Got an error checking", "manage.py"]
    steps = {
        "types": ([python, "-m", "mypy", "core", *services], {"TESTING": "1"}),
        "format": ([python, "-m", "ruff", "format", "--check", "."], {}),
        "lint": ([python, "-m", "ruff", "check", "."], {}),
        "import layers": ([python, "-c", imports], {}),
        "missing migrations": ([*manage, "makemigrations", "--check", "--dry-run"], PRODUCTION_LIKE),
        "deployment": ([*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION_LIKE),
    }

    def one(step: tuple[list[str], dict[str, str]]) -> subprocess.CompletedProcess[str]:
        command, more = step
        cleared = {name: value for name, value in environment(**more).items() if name != "DEMO"}
        return subprocess.run(
            command,
            cwd=ROOT,
            env=cleared,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    failed = []
    with ThreadPoolExecutor(2) as pool:
        for name, done in zip(steps, pool.map(one, steps.values()), strict=True):
            say(f"== {name}: {'ok' if done.returncode == 0 else 'FAILED'}")
            if done.returncode:
                failed.append(name)
                say(done.stdout.strip())
    say(f"make check: {'failed: ' + ', '.join(failed) if failed else 'all passed'}")
    return 1 if failed else 0


def vendor() -> int:
    """Fetch the vendored front-end files anew with npm."""
    return run(sys.executable, "static/vendor/update.py")


def format_code() -> int:
    """Format the code and mend what can be mended."""
    install("dev")
    return run(str(PYTHON), "-m", "ruff", "format", ".") or run(
        str(PYTHON), "-m", "ruff", "check", "--fix", "."
    )


def pytest(arguments: list[str], **more: str) -> int:
    """Run the suite, on two processes unless told otherwise."""
    install("dev")
    return run(str(PYTHON), "-m", "pytest", *arguments, **more)


def main() -> int:
    """Do what the first word says; the rest goes to the command behind it."""
    need_python()
    parser = argparse.ArgumentParser(usage="python3 bootstrap.py COMMAND [ARGUMENTS]", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = ("install", "demo", "test", "check", "e2e", "bench", "format", "lock", "vendor")
    parser.add_argument("command", choices=commands, metavar="COMMAND", help=" | ".join(commands))
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    command, arguments = asked.command, asked.arguments
    if command == "install":
        group = arguments[0] if arguments else "dev"
        if group not in GROUPS:
            parser.error(f"unknown group {group!r}: one of {', '.join(GROUPS)}")
        install(group)
    elif command == "demo":
        install("demo")
        os.chdir(ROOT)
        os.execve(str(PYTHON), [str(PYTHON), "manage.py", "demo", *arguments], environment())
    elif command == "test":
        return pytest(arguments or list(TWO_PROCESSES))
    elif command == "e2e":
        return pytest(["-m", "e2e", *arguments], BROWSER_REQUIRED="1")
    elif command == "check":
        install("dev")
        return check()
    elif command == "bench":
        install("dev")
        return run(str(PYTHON), "-m", "tests.bench", *arguments)
    elif command == "format":
        return format_code()
    elif command == "lock":
        return make_locks("--upgrade" in arguments)
    elif command == "vendor":
        return vendor()
    return 0


if __name__ == "__main__":
    sys.exit(main())
