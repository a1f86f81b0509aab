"""What the demo prints: addresses and accounts, in lines that scripts can read and tables that people can."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.embedded.data import DataDirectory


def say(words: str) -> None:
    """Print at once."""
    print(words, flush=True)


def width(text: str) -> int:
    """The columns that a text takes on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def table(rows: list[tuple[str, ...]]) -> str:
    """Lay rows out in aligned columns."""
    columns = [max(width(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell + " " * (column - width(cell)) for cell, column in zip(row, columns, strict=True)
        ).rstrip()
        for row in rows
    )


def accounts(data: DataDirectory, password: str) -> None:
    """Print the demo's accounts, as the preparation wrote them down."""
    try:
        personas = json.loads((data.path / "personas.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    rows = [(f"  {each['username']}", each["label"], each["about_to_do"]) for each in personas]
    if rows:
        say(f"演示账号（密码都是 {password}）：\n{table([('  账号', '身份', '可以做什么'), *rows])}")


def already_running(data: DataDirectory) -> bool:
    """Print the address of the demo that runs in this directory; False if it doesn't serve (yet)."""
    run = data.note("run")
    if not run.get("ready"):
        return False
    password = data.secrets()["DEMO_PASSWORD"]
    say("演示系统已经在运行：")
    accounts(data, password)
    say(f"password {password}")
    say(f"ready {run['address']}")
    return True


def write_personas(path: Path, personas: Sequence[Mapping[str, object]]) -> None:
    """Keep the list of accounts for later starts, which don't load the application to print it."""
    path.write_text(json.dumps(personas, ensure_ascii=False), encoding="utf-8")
