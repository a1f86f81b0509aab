"""Loads the national code tables from files: one statement a list, as often as one likes."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from cadres.models import Code

CODE_FILES = Path(settings.BASE_DIR, "fixtures", "codes")
_COPIED = ["name", "short", "aliases", "level", "order"]


@dataclass(frozen=True)
class LoadedList:
    """How many values of a list the file held."""

    list: str
    count: int


def load_codes(*, directory: Path = CODE_FILES) -> list[LoadedList]:
    """Insert or renew every code of the files; values that only the installation has stay as they are.

    Returns the lists with their sizes. Raises ValueError naming the file when a code stands in it twice.
    """
    loaded = []
    with transaction.atomic():
        for code_list in Code.List.values:
            rows = _read(directory / f"{code_list}.csv", code_list)
            Code.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["list", "code"], update_fields=_COPIED
            )
            loaded.append(LoadedList(code_list, len(rows)))
    return loaded


def _read(path: Path, code_list: str) -> list[Code]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            Code(
                list=code_list,
                code=row["code"],
                name=row["name"],
                short=row["short"],
                aliases=[alias for alias in row["aliases"].split("|") if alias],
                level=int(row["level"]) if row["level"] else None,
                order=number,
            )
            for number, row in enumerate(csv.DictReader(file), 1)
        ]
    numbers = [row.code for row in rows]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"{path.name}: a code stands in the file twice")
    return rows
