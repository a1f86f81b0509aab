"""Freezing the people that a query finds now as rows of a higher app: one statement however many they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models import QuerySet

from accounts.models import User
from cadres.models import Cadre
from cadres.models.chosen import ChosenPeople, ChosenPerson
from core import audit
from core.calendar import now
from core.errors import Invalid

_INSERT = "INSERT INTO {table} ({columns}) SELECT {values} FROM ({people}) found"


def insert_chosen(
    model: type[models.Model], people: QuerySet[Cadre], *, copied: tuple[str, ...] = (), **fixed: Any
) -> int:
    """Write a row of `model` for each person and return how many.

    `model` has a column `cadre_id`; `copied` names further columns taken over from the person under the same
    name (`unit_id`), `fixed` gives the value of the remaining ones by column name (`call_id=7`).
    """
    quote = connection.ops.quote_name
    try:
        sql, parameters = people.order_by().values("id", *copied).query.sql_with_params()
    except EmptyResultSet:  # conditions that nobody can meet
        return 0
    columns = ["cadre_id", *copied, *fixed]
    values = ["found.id", *(f"found.{quote(name)}" for name in copied), *("%s" for _ in fixed)]
    statement = _INSERT.format(
        table=quote(model._meta.db_table),
        columns=", ".join(map(quote, columns)),
        values=", ".join(values),
        people=sql,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*fixed.values(), *parameters])
        return int(cursor.rowcount)


@dataclass(frozen=True)
class Limit:
    """How one kind of thing (a call, a class) is limited to chosen people, and what it calls them.

    `kept` holds the words and the count, `person` one row for each of the chosen; both point to the thing by
    `owner`. `noun` is what the page calls them (推荐范围); `set_action`, `cleared_action` are audit names.
    The calling service has locked the thing, and asked whether it may still be limited and by whom.
    """

    kept: type[ChosenPeople]
    person: type[ChosenPerson]
    owner: str
    noun: str
    set_action: str
    cleared_action: str

    def set(self, thing: Any, people: QuerySet[Cadre], words: str, by: User) -> Any:
        """Replace the chosen people; returns the row of `kept`. Raises Invalid when nobody is found."""
        with transaction.atomic():
            self._people(thing).delete()
            count = insert_chosen(self.person, people, **{f"{self.owner}_id": thing.pk})
            if not count:
                raise Invalid(f"没有符合条件的干部，不能作为{self.noun}。")
            values = {"words": words, "count": count, "set_by": by, "set_at": now()}
            kept, _ = self._manager(self.kept).update_or_create(**{self.owner: thing}, defaults=values)
            audit.record(
                self.set_action, by=by, obj=thing, after={self.noun: words, "人数": count},
                unit_name=thing.unit.name,
            )  # fmt: skip
            return kept

    def clear(self, thing: Any, by: User) -> None:
        """Lift the limit, if there is one."""
        with transaction.atomic():
            self._people(thing).delete()
            if self._manager(self.kept).filter(**{self.owner: thing}).delete()[0]:
                audit.record(self.cleared_action, by=by, obj=thing, unit_name=thing.unit.name)

    def keeps_out(self, thing: Any, cadre: Cadre) -> str:
        """The words of the choice that leaves somebody out; empty where the person is chosen, or anybody may."""
        kept = self._manager(self.kept).filter(**{self.owner: thing}).first()
        if kept is None or self._people(thing).filter(cadre=cadre).exists():
            return ""
        return str(kept.words)

    def _people(self, thing: Any) -> QuerySet[Any]:
        return self._manager(self.person).filter(**{self.owner: thing})

    @staticmethod
    def _manager(model: type[models.Model]) -> Any:
        return model._default_manager
