"""What HR's desk has left behind in the demo: an imported roster with a row sent back, a merger, a column template."""

from __future__ import annotations

import io
from datetime import timedelta

from django.db import transaction

from accounts.models import Unit, User
from cadres.identity import check_digit
from cadres.models import Cadre, RosterImport
from cadres.services.imports import importing_unit
from cadres.services.merging import merge_cadres
from cadres.services.people import create_cadre
from cadres.services.roster_import.committing import commit
from cadres.sheets.columns import HEADINGS
from cadres.sheets.previewing import preview
from cadres.tasks import keep_rejected
from core.calendar import now, today
from core.files import store
from core.sheets.writing import Column, write_table
from reports.demo.accounts import Accounts
from reports.demo.clock import on
from reports.demo.tree import Tree
from reports.queries.saving import save_columns

_COLUMNS = (
    "unit",
    "name",
    "gender",
    "birth",
    "post",
    "post_since",
    "fact:age",
    "fact:years_in_post",
    "phone",
)
_BIRTHS = ("19860412", "19880923", "19910105")


def make_desk_records(tree: Tree, accounts: Accounts) -> None:
    """Let HR import, merge and save what a clerk does in an ordinary month."""
    hr = accounts["hr"]
    school = tree.schools[-3]
    with on(today() - timedelta(days=15)), transaction.atomic():
        _import(hr, school)
    with on(today() - timedelta(days=12)):
        _merge(hr, school)
    save_columns(by=hr, name="考察对象一览", columns=_COLUMNS)


def _import(hr: User, school: Unit) -> None:
    """Two teachers who joined the school's middle management; the third's number was mistyped and came back."""
    first, second, third = (_number(birth, serial) for serial, birth in enumerate(_BIRTHS, 701))
    mistyped = third[:-1] + ("0" if third[-1] != "0" else "1")
    rows = [
        _row(school, "闻家骏", "男", first, "总务副主任"),
        _row(school, "柳思源", "女", second, "教导副主任"),
        _row(school, "田雨禾", "女", mistyped, "德育副主任"),
    ]
    book = io.BytesIO()
    write_table(book, "名册", [Column(title) for title in HEADINGS.values()], rows)
    file = store(book.getvalue(), name=f"{school.name}中层名册.xlsx", kind="sheet", by=hr)
    made = RosterImport.objects.create(unit=importing_unit(hr), file=file, uploaded_by=hr)
    RosterImport.objects.filter(pk=made.pk).update(uploaded_at=now())
    preview(made)
    commit(made.pk, by=hr)
    keep_rejected(RosterImport.objects.select_related("file").get(pk=made.pk))


def _row(school: Unit, name: str, gender: str, number: str, post: str) -> list[str]:
    values = {
        "unit": school.name, "name": name, "gender": gender, "ethnicity": "汉族", "id": number,
        "birth": f"{number[6:10]}.{number[10:12]}", "work": f"{int(number[6:10]) + 23}.09", "post": post,
        "post_since": f"{today().year - 1}.09", "category": "中层",
    }  # fmt: skip
    return [values.get(name, "") for name in HEADINGS]


def _number(birth: str, serial: int) -> str:
    body = f"520326{birth}{serial}"
    return body + check_digit(body)


def _merge(hr: User, school: Unit) -> None:
    """Somebody was on the roster twice, the second time without a number; HR made the two records one."""
    kept = Cadre.objects.filter(unit=school).exclude(id_index=None).order_by("pk").first()
    if kept is not None:
        twin = create_cadre(
            by=hr, unit=school, name=kept.name, gender=kept.gender, birth=kept.birth_date, phone="13985200417",
            namesake_confirmed=True,
        ).cadre  # fmt: skip
        merge_cadres(kept=kept, gone=twin, by=hr)
