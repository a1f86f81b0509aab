"""Made-up rosters as workbooks, and the bare limit they are measured against."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stdnum.cn import ric

from accounts.models import Unit
from cadres.services.codes import load_codes
from cadres.sheets.columns import HEADINGS
from core.sheets.writing import Column, write_table
from tests.bench.roster_data import GIVEN, SURNAMES, WEIGHTS

UNITS = 2_000
TITLES = ("高级教师", "一级教师", "正高级教师", "二级教师")
POSTS = ("副校长", "校长", "教导主任", "总务主任", "党支部书记、校长", "工会主席")
COLUMNS = ["序号", *HEADINGS.values(), "任同级时间"]


def folder() -> Path:
    """Where the files of this run lie."""
    return Path(os.environ["BENCH_FILES"])


def make_units() -> None:
    """One bureau with its schools, and the code tables; once."""
    if Unit.objects.exists():
        return
    load_codes()
    bureau = Unit.objects.create(pk=1, code="B", name="示例区教育局", kind="bureau", path="/1/")
    Unit.objects.bulk_create(
        Unit(pk=pk, code=f"S{pk}", name=f"示例区第{pk}小学", kind="school", parent=bureau, path=f"/1/{pk}/")
        for pk in range(2, UNITS + 2)
    )


def make_roster(rows: int) -> Path:
    """A workbook of people with every column filled as rosters are; made once."""
    path = folder() / f"roster-{rows}.xlsx"
    if not path.exists():
        columns = [Column(title, 14) for title in COLUMNS]
        write_table(path, "干部名册", columns, _people(rows))
    return path


def _people(rows: int) -> Iterator[list[Any]]:
    chance = random.Random(7)
    surnames = chance.choices(SURNAMES, WEIGHTS, k=rows)
    for number in range(rows):
        born = f"{chance.randint(1966, 1995)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        body = f"5225{number // 1000 % 100:02}{born}{number % 1000:03}"
        given = "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2))))
        year = int(born[:4]) + 22
        party = chance.random() < 0.6
        yield [
            number + 1, f"示例区第{2 + number % UNITS}小学", surnames[number] + given,
            "男" if int(body[-1]) % 2 else "女", chance.choice(("汉族", "汉族", "汉", "布依族", "苗族")), "贵州道真",
            f"{born[:4]}.{born[4:6]}", body + ric.calc_check_digit(body + "0"), f"{year}.0{chance.randint(7, 9)}",
            "中共党员" if party else "群众", f"{year + 3}.0{chance.randint(1, 9)}" if party else "",
            chance.choice(("大学", "大专", "中专")), chance.choice(("文学学士", "理学学士", "")),
            "示例师范大学中文系", chance.choice(("大学", "研究生", "无")), "", "示例大学教育管理",
            chance.choice(POSTS), f"{year + 12}.0{chance.randint(1, 9)}", chance.choice(("正职", "副职", "中层")),
            chance.choice(TITLES), "", f"138{number:08}", "", f"{year + 10}.0{chance.randint(1, 9)}",
        ]  # fmt: skip
