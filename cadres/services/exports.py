"""The roster as rows for a sheet: one statement for any number of people, cut to what the asker may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import Unit, User
from accounts.scope import paths, require
from cadres.facts import FACTS, annotate_facts, fact_columns
from cadres.fields import LEVELS, Level
from cadres.identity import CONTEXT
from cadres.listing import Criteria, select
from cadres.models import Cadre
from cadres.services.roster_values import dotted, joins
from core import audit
from core.calendar import today
from core.crypto import mask_identity, opener
from core.errors import Invalid, NotAllowed

audit.register("roster.export", "导出名册")
audit.register("roster.export_open", "导出名册（含完整身份证号）")
audit.register("roster.export_sensitive", "导出名册（含敏感信息）")

_BATCH = 2_000
_SHORTEST_REASON = 4
# All rows are wanted, not the first ones soon; sorts of a whole roster stay in memory.
_ALL_ROWS = "SET LOCAL cursor_tuple_fraction = 1; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"

_OPEN = 'EXISTS (SELECT FROM cadres_personnelrelation r WHERE r.cadre_id = c.id AND r."end" IS NULL)'
_WHO = {"in": f"WHERE {_OPEN}", "left": f"WHERE NOT {_OPEN}", "all": ""}

# Column → the API's field, whose level decides who sees it.
FIELD_OF: dict[str, str] = {
    "id": "id_number", "full_level": "full_time_education", "full_degree": "full_time_degree",
    "full_school": "full_time_school", "service_level": "in_service_education",
    "service_degree": "in_service_degree", "service_school": "in_service_school",
    "category": "post_category",
}  # fmt: skip
EXPRESSIONS: dict[str, str] = {
    "unit": "u.name",
    "name": "c.name",
    "gender": "CASE c.gender WHEN '1' THEN '男' WHEN '2' THEN '女' ELSE '' END",
    "ethnicity": "eth.name",
    "native_place": "c.native_place",
    "birth": dotted("c.birth", "c.birth_precision"),
    "id": "c.id_number",
    "work": dotted("c.work_start", "c.work_start_precision"),
    "party": "concat_ws('；', po.party_text, po.democratic_text)",
    "party_join": dotted("po.member_start", "po.member_start_precision"),
    "full_level": "fe.level_text",
    "full_degree": "fe.degree_text",
    "full_school": "fe.school",
    "service_level": "se.level_text",
    "service_degree": "se.degree_text",
    "service_school": "se.school",
    "post": "a.post_text",
    "post_since": dotted("a.post_since", "a.post_since_precision"),
    "category": "CASE a.category WHEN 'head' THEN '正职' WHEN 'deputy' THEN '副职' WHEN 'middle' THEN '中层' END",
    "title": "ti.title_text",
    "rank": "ra.name",
    "phone": "c.phone",
    "note": "c.note",
    "level_since": dotted("le.start", "le.start_precision"),
    "age": "extract(year FROM age(%(today)s, c.birth))::int",
}  # fmt: skip


@dataclass(frozen=True)
class Export:
    """What an export holds: whom, which columns, and whether identity numbers are open.

    `facts` are further columns, counted on the day `on` (today when none is given). `people` are those of a
    query, already within what `by` may see; without them the criteria say whom.
    """

    criteria: Criteria
    columns: tuple[str, ...]
    open_numbers: bool = False
    reason: str = ""
    facts: tuple[str, ...] = ()
    on: date | None = None
    people: QuerySet[Cadre] | None = field(default=None, compare=False)

    @property
    def is_sensitive(self) -> bool:
        """Whether it has columns of the highest level, which leave only with a reason and a mark."""
        return any(fact_level(name) >= Level.SENSITIVE for name in self.facts)

    def whom(self, by: User) -> QuerySet[Cadre]:
        """The people it is about."""
        if self.people is not None:
            return self.people
        return select(by, self.criteria, capability="roster.export")


def fact_level(name: str) -> Level:
    """The level of a fact."""
    return Level(int(FACTS[name].level[1]))


def check_export(export: Export, *, by: User) -> None:
    """Refuse an export before anything is read.

    Raises NotAllowed without the right to export, to open numbers or to see sensitive facts, Invalid without
    columns or, for open numbers and sensitive facts, without a reason.
    """
    require(by, "roster.export")
    if not export.columns or any(name not in EXPRESSIONS for name in export.columns):
        raise Invalid("请至少选择一列。", errors={"columns": ["请至少选择一列。"]})
    if any(name not in FACTS for name in export.facts):
        raise Invalid("没有这个指标。", errors={"columns": ["没有这个指标。"]})
    if export.is_sensitive:
        if not by.holds("cadre.view_sensitive"):
            raise NotAllowed("所选的指标须由人事核实，您没有导出的权限。")
        if len(export.reason.strip()) < _SHORTEST_REASON:
            sentence = "导出敏感指标须写明用途。"
            raise Invalid(sentence, errors={"reason": [sentence]})
    if export.open_numbers:
        if not by.holds("cadre.view_sensitive"):
            raise NotAllowed("您没有导出完整身份证号的权限。")
        if len(export.reason.strip()) < _SHORTEST_REASON:
            sentence = "导出完整身份证号须写明用途。"
            raise Invalid(sentence, errors={"reason": [sentence]})


def note_export(export: Export, *, by: User, count: int) -> None:
    """Write the audit entry of an export that was made."""
    action = "roster.export_sensitive" if export.is_sensitive else "roster.export"
    audit.record(
        "roster.export_open" if export.open_numbers else action,
        by=by,
        after={"人数": count, "列": len(export.columns) + len(export.facts)},
        note=export.reason.strip(),
    )


def count_up_to(export: Export, *, by: User, most: int) -> int:
    """How many people an export holds, counted no further than one beyond `most`."""
    return export.whom(by).order_by()[: most + 1].count()


def export_rows(
    export: Export, *, by: User, progress: Callable[[int], None] | None = None
) -> Iterator[list[Any]]:
    """Yield the rows in tree order, without holding them; text as a roster sheet writes it.

    Fields above what the asker may see of a person are blank; identity numbers come masked unless they were
    asked for openly, with a reason.
    """
    sql, parameters = _statement(export, by)
    cut = _Cut(export, by)
    done = 0
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        with connection.cursor() as setting:
            setting.execute(_ALL_ROWS)
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(_BATCH):
            for row in rows:
                yield cut.row(row)
            done += len(rows)
            if progress is not None:
                progress(done)


def _statement(export: Export, by: User) -> tuple[str, list[Any]]:
    """The one statement of an export with its parameters."""
    listed = ", ".join(EXPRESSIONS[name] for name in export.columns).replace("%(today)s", "%s")
    further = "".join(f', p."{name}"' for name in fact_columns(export.facts))
    # Whose row is the asker's own: the organisation's record of oneself leaves for nobody.
    columns = f"SELECT c.unit_path, coalesce(c.user_id = %s, false), {listed}{further}"
    order = (
        "ORDER BY c.unit_path, CASE a.category WHEN 'head' THEN 1 WHEN 'deputy' THEN 2 WHEN 'middle' THEN 3 END, "
        "c.name_key, c.id"
    )
    asked = [by.pk, *([today()] if "age" in export.columns else [])]
    if export.people is None and not export.facts and _is_everybody(export, by):
        return f"{columns} {joins(everybody=True)} {_WHO[export.criteria.status]} {order}", asked
    people = annotate_facts(export.whom(by).order_by(), export.facts, export.on or today())
    wanted = people.values("id", "unit_id", *fact_columns(export.facts))
    try:
        inner, parameters = wanted.query.sql_with_params()
    except EmptyResultSet:
        nobody = annotate_facts(Cadre.objects.filter(pk=-1), export.facts, export.on or today())
        inner, parameters = nobody.values(
            "id", "unit_id", *fact_columns(export.facts)
        ).query.sql_with_params()
    statement = f"WITH people AS MATERIALIZED ({inner}) {columns} {joins('people')} {order}"
    return statement, [*parameters, *asked]


def _is_everybody(export: Export, by: User) -> bool:
    """Whether the export is of the whole tree, without a filter."""
    if export.criteria != Criteria(status=export.criteria.status):
        return False
    reach = paths(by, "roster.export")
    return "/" in reach or Unit.objects.filter(parent=None, path__in=reach).exists()


class _Cut:
    """Blanks what the asker may not see, and masks or opens identity numbers."""

    def __init__(self, export: Export, by: User) -> None:
        self._facts = [(FACTS[name], fact_level(name)) for name in export.facts]
        self._needed = [LEVELS[FIELD_OF.get(name, name)] for name in export.columns]
        self._needed += [level for _, level in self._facts]
        # As for conditions (reports.queries): what is sensitive of oneself isn't told by an export.
        first = len(export.columns)
        self._never_own = [
            first + at for at, (_, level) in enumerate(self._facts) if level >= Level.SENSITIVE
        ]
        self._number_at = export.columns.index("id") if "id" in export.columns else -1
        self._shown = str if export.open_numbers else mask_identity
        self._opened = opener(CONTEXT)
        self._reach: Sequence[tuple[Level, list[str]]] = (
            (Level.SENSITIVE, paths(by, "cadre.view_sensitive")),
            (Level.PERSONAL, paths(by, "cadre.view_personal")),
            (Level.INTERNAL, ["/"]),
        )
        self._known: dict[str, tuple[int, ...]] = {}

    def _hidden(self, path: str) -> tuple[int, ...]:
        """The positions to blank for people of a unit."""
        level = next(level for level, reach in self._reach if any(path.startswith(one) for one in reach))
        return tuple(at for at, needed in enumerate(self._needed) if needed > level)

    def row(self, row: Sequence[Any]) -> list[Any]:
        """A row as it may be written."""
        path, is_own, *cells = row
        if self._facts:
            cells = self._with_facts(cells)
        hidden = self._known.get(path)
        if hidden is None:
            hidden = self._known[path] = self._hidden(path)
        for at in (*hidden, *(self._never_own if is_own else ())):
            cells[at] = ""
        at = self._number_at
        if at >= 0 and cells[at]:
            cells[at] = self._shown(self._opened(cells[at]))
        return cells

    def _with_facts(self, cells: list[Any]) -> list[Any]:
        """The cells with the facts' raw columns (a value, perhaps its words) as one cell each."""
        raw = iter(cells[-len(fact_columns([fact.name for fact, _ in self._facts])) :])
        found = cells[: len(cells) - len(fact_columns([fact.name for fact, _ in self._facts]))]
        for fact, _ in self._facts:
            value = next(raw)
            words = next(raw) if fact.wording else ""
            plain = value.isoformat() if isinstance(value, date) else value
            known = plain is not None
            found.append(
                plain if fact.kind == "number" else fact.display(plain, words or "") if known else ""
            )
        return found


def as_parameters(export: Export) -> dict[str, Any]:
    """An export as a job's parameters."""
    criteria: dict[str, Any] = {**vars(export.criteria)}
    criteria["unit"] = export.criteria.unit.pk if export.criteria.unit else None
    return {
        "criteria": criteria,
        "columns": list(export.columns),
        "open_numbers": export.open_numbers,
        "reason": export.reason,
    }


def from_parameters(parameters: Mapping[str, Any]) -> Export:
    """The export of a job's parameters; a unit that is gone finds nobody."""
    criteria = dict(parameters["criteria"])
    if criteria["unit"]:
        criteria["unit"] = Unit.objects.get(pk=criteria["unit"])
    return Export(
        Criteria(**criteria), tuple(parameters["columns"]), parameters["open_numbers"], parameters["reason"]
    )
