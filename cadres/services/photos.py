# ruff: noqa: S608 - statements are put together from constants of these modules; values are parameters
"""Photos in bulk: images named by identity number or name, through the stages of the roster import."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from cadres.identity import clean_identity, identity_index
from cadres.models import Cadre, RosterImport
from cadres.personnel_form.archive import Member, notes_of, unpack
from cadres.services.form_import.staged import seal_photo, unseal
from cadres.services.roster_import.columns import INCOMING, READ, SLOT
from cadres.services.roster_import.staging import Spool
from core.calendar import now
from core.crypto import mask_identities_in
from core.errors import WrongType
from core.files import open_stored, store
from core.filetypes import examine

MOST_CANDIDATES = 20
_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+(?:[·•][\u3400-\u9fff]+)*")
NOBODY = "名册中没有找到文件名所说的人：请以身份证号或姓名命名，先建立档案再导入照片。"
LEFT_OUT = "按您的答复，这张照片不导入。"
WHICH = "名册中有几位同名的干部，请确认是哪一位。"
TWICE = "与前面的文件“{}”是同一个人，只导入前面那一张。"

_ROWS = (
    f'SELECT ordinal, sheet, "row", name, id_index, form FROM {INCOMING} WHERE NOT is_faulty ORDER BY ordinal'
)
_VERDICTS = f"""
UPDATE {INCOMING} i
SET verdict = v.verdict, cadre_id = v.cadre_id, unit_id = c.unit_id, name = coalesce(c.name, i.name),
    candidates = (SELECT array_agg(x::bigint) FROM jsonb_array_elements_text(v.candidates) x),
    changes = v.changes, findings = v.findings
FROM jsonb_to_recordset(%s::jsonb) AS v (
    ordinal int, verdict text, cadre_id bigint, candidates jsonb, changes jsonb, findings jsonb)
LEFT JOIN cadres_cadre c ON c.id = v.cadre_id
WHERE i.ordinal = v.ordinal
"""
_FAULTY = f"UPDATE {INCOMING} SET verdict = 'rejected' WHERE is_faulty"
_GOING = f"""SELECT "row", cadre_id FROM {INCOMING} WHERE verdict = 'changed' ORDER BY ordinal"""


@dataclass(frozen=True)
class _Named:
    """What a file's name says: the words that may be names, and the identity number's index."""

    words: tuple[str, ...]
    index: str


def read_photos(roster_import: RosterImport, *, progress: Callable[[int], None] | None = None) -> Spool:
    """Read the kept package of an import into staged rows; fills the import's columns and notes."""
    spool = Spool()
    with open_stored(roster_import.file) as file:
        roster_import.notes = notes_of(file)
        for number, member in unpack(file):
            spool.add(_staged(member, number, spool.count + 1))
            if progress is not None:
                progress(spool.count)
    roster_import.columns = {"*": {"name": ["文件名", -1], "id": ["身份证号", -1]}}
    return spool


def match_photos(values: dict[str, Any]) -> None:
    """Find whose photos the incoming rows are, and which of them are new; unclear ones are asked about.

    `values`: `path` (LIKE pattern of the scope), `answers` as a JSON text. Four queries, whatever the number.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        rows = cursor.fetchall()
    answers = orjson.loads(values["answers"])
    people = _People(rows, values["path"].removesuffix("%"))
    taken: dict[int, str] = {}
    verdicts = []
    for ordinal, sheet, row, name, index, envelope in rows:
        key = f"row:{sheet}!{row}"
        found = people.of(_Named(tuple((name or "").split("\t")), index or ""))
        verdict = _judged(found, key in answers, answers.get(key))
        pk = verdict.get("cadre_id")
        if pk in taken:
            verdict = {"verdict": "rejected", "findings": _finding(TWICE.format(taken[pk]))}
        elif pk is not None:
            taken[pk] = sheet
            photo = unseal(envelope)
            old = people.photos.get(pk, "")
            same = old in (photo.photo, photo.photo_came)
            verdict |= {"verdict": "unchanged" if same else "changed"}
            if not same:
                verdict["changes"] = {"photo": [old[:24] or None, photo.photo[:24]]}
        verdicts.append({"ordinal": ordinal, **verdict})
    with connection.cursor() as cursor:
        cursor.execute(_VERDICTS, [orjson.dumps(verdicts).decode()])
        cursor.execute(_FAULTY)


def write_photos(roster_import: RosterImport) -> int:
    """Store the photos that are new and put them on their people; returns how many. In the commit's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_GOING)
        going = dict(cursor.fetchall())
    people = Cadre.objects.in_bulk(going.values())
    with open_stored(roster_import.file) as file:
        for number, member in unpack(file, set(going)):
            cadre = people[going[number]]
            cadre.photo = store(
                member.data, name=f"{cadre.name}.jpg", kind="image", by=roster_import.uploaded_by
            )
            cadre.updated_at = now()
    Cadre.objects.bulk_update(people.values(), ["photo", "updated_at"], batch_size=500)
    return len(people)


def named(file_name: str) -> _Named:
    """Read a file's name: `310107197605031315.jpg`, `01张三.jpg`, `示例区第二中学 张三.jpg`."""
    stem = file_name.rpartition(".")[0] or file_name
    number = _NUMBER.search(clean_identity(stem))
    return _Named(tuple(_WORD.findall(stem)), identity_index(number[0]) if number else "")


class _People:
    """The people that a batch of files may mean; two queries and one for their photos."""

    def __init__(self, rows: Iterable[tuple[Any, ...]], path: str) -> None:
        rows = list(rows)
        words = {word for row in rows for word in (row[3] or "").split("\t")}
        indexes = {row[4] for row in rows if row[4]}
        inside = Cadre.objects.filter(unit_path__startswith=path).select_related("unit", "photo")
        self.by_index = {one.id_index: one for one in inside.defer("id_number").filter(id_index__in=indexes)}
        self.by_name: dict[str, list[Cadre]] = defaultdict(list)
        for one in inside.defer("id_number").filter(name__in=words).order_by("id"):
            self.by_name[one.name].append(one)
        everybody = [*self.by_index.values(), *(one for found in self.by_name.values() for one in found)]
        self.photos = {one.pk: one.photo.sha256 for one in everybody if one.photo is not None}

    def of(self, told: _Named) -> list[Cadre]:
        """The people that a name may mean: by number, else by name, of the unit that is named beside it."""
        if told.index:
            found = self.by_index.get(told.index)
            return [found] if found else []
        people = [one for word in told.words for one in self.by_name.get(word, ())]
        at_unit = [one for one in people if one.unit.name in told.words]
        return at_unit or people


def _judged(found: list[Cadre], is_answered: bool, answer: Any) -> dict[str, Any]:
    ids = [one.pk for one in found]
    if is_answered and answer is None:
        return {"verdict": "rejected", "findings": _finding(LEFT_OUT)}
    if answer in ids:
        return {"cadre_id": answer, "candidates": ids[:MOST_CANDIDATES] if len(ids) > 1 else None}
    if len(ids) == 1:
        return {"cadre_id": ids[0]}
    if ids:
        return {"verdict": "ask", "candidates": ids[:MOST_CANDIDATES], "findings": _finding(WHICH, "warning")}
    return {"verdict": "rejected", "findings": _finding(NOBODY)}


def _finding(message: str, severity: str = "error") -> list[dict[str, Any]]:
    return [{"column": "", "value": "", "message": message, "severity": severity, "at": -1}]


def _staged(member: Member, number: int, ordinal: int) -> list[str]:
    told = named(member.name)
    out = [""] * len(READ)
    filled = {
        "ordinal": str(ordinal), "sheet": mask_identities_in(member.name), "row": str(number), "is_faulty": "f",
        "name": "\t".join(told.words), "id_index": told.index,
    }  # fmt: skip
    try:
        _, data = examine(member.data, "image")
    except WrongType as error:
        filled |= {"is_faulty": "t", "problems": orjson.dumps(_finding(error.message)).decode()}
    else:
        filled["form"] = seal_photo(member.data, data)
    for column, text in filled.items():
        out[SLOT[column]] = text
    return out
