"""Making two records of one person one: with a preview that is the merger itself rolled back, and an undo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core import serializers
from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction
from django.db.models.deletion import Collector

from accounts.models import User
from accounts.scope import ScopedModel, require
from cadres.models import Cadre, CadreMerge, PersonnelRelation
from cadres.models.collection import KEPT_BESIDE, KeptCells
from core import audit
from core.calendar import now
from core.errors import Invalid, WrongMoment

audit.register("cadre.merge", "合并重复干部")
audit.register("cadre.merge_undo", "撤销合并")

# What the kept record takes from the other where it has nothing itself; columns that go together stand together.
FILLED: tuple[tuple[str, ...], ...] = (
    ("gender",), ("birth", "birth_precision"), ("id_number", "id_index"), ("ethnicity_id",), ("native_place",),
    ("birthplace",), ("work_start", "work_start_precision"), ("health",), ("speciality",), ("phone",),
    ("retirement_limit",), ("photo_id",), ("user_id",), ("note",),
)  # fmt: skip
_OWN_APP = Cadre._meta.app_label
_NOT_COMPARED = {"id", "cadre", "created_at", "updated_at"}


@dataclass
class Report:
    """What a merger does: how many rows of which kind go over, what is double, what the record gains."""

    moved: Counter[str] = field(default_factory=Counter)
    doubles: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)


def preview_merge(*, kept: Cadre, gone: Cadre, by: User) -> Report:
    """Return what merging would do, by doing it and taking it back; raises as `merge_cadres` does."""
    with transaction.atomic():
        _, report = _merge(kept, gone, by)
        transaction.set_rollback(True)
    return report


def merge_cadres(*, kept: Cadre, gone: Cadre, by: User) -> CadreMerge:
    """Make `gone` a part of `kept`: histories and cases go over, doubles and the second record are kept aside.

    A row that equals one of `kept`, or that the database refuses beside its rows (two relations at a time),
    is a double. Needs `cadre.edit` on both. Raises Invalid when both have an identity number or an account
    of their own, or a case of one stands in the way of the other's.
    """
    with transaction.atomic():
        return _merge(kept, gone, by)[0]


def undo_merge(*, merge: CadreMerge, by: User) -> Cadre:
    """Take a merger back: the second record returns with what came from it. Returns that record.

    Raises WrongMoment when it was taken back already, Invalid when something done since stands in the way.
    """
    with transaction.atomic():
        merge = CadreMerge.objects.select_for_update().get(pk=merge.pk)
        kept = Cadre.objects.select_for_update(of=("self",)).get(pk=merge.kept_id)
        require(by, "cadre.edit", kept)
        if merge.undone_at:
            raise WrongMoment("这次合并已经撤销。")
        try:
            with transaction.atomic():
                _empty_again(kept, merge.filled)
                _restore(merge)
        except IntegrityError as error:
            raise Invalid("合并之后又有了相冲突的改动，不能整体撤销，请逐条更正。") from error
        merge.undone_at, merge.undone_by = now(), by
        merge.save(update_fields=["undone_at", "undone_by"])
        back = Cadre.objects.get(pk=merge.gone_id)
        audit.record("cadre.merge_undo", by=by, obj=kept, after={"恢复": back.name}, unit_name=kept.unit.name)
        return back


def _merge(kept: Cadre, gone: Cadre, by: User) -> tuple[CadreMerge, Report]:
    kept, gone = _locked(kept, gone, by)
    report, doubles, key = Report(), [], gone.pk
    moved: dict[str, Any] = {}
    for model, name in _references():
        keys, double = _take_over(model, name, kept, gone)
        if keys:
            moved[f"{model._meta.label}.{name}"] = keys
            report.moved[str(model._meta.verbose_name)] += len(keys)
        doubles += double
    report.doubles = [f"{row._meta.verbose_name}：{row}" for row in doubles]
    moved |= _hand_cells_over(doubles, kept)
    record = serializers.serialize("json", [gone, *doubles, *_hanging_on(doubles)])
    for row in doubles:
        row.delete()
    values = {name: getattr(gone, name) for group in FILLED for name in group}
    gone.delete()
    filled = _fill(kept, values)
    report.filled = [_label(group[0]) for group in filled]
    _follow_relation(kept)
    merge = CadreMerge.objects.create(
        unit=kept.unit, kept=kept, gone_id=key, gone_name=gone.name, moved=moved, gone=record,
        filled=[list(group) for group in filled], merged_at=now(), merged_by=by,
    )  # fmt: skip
    audit.record(
        "cadre.merge", by=by, obj=kept, unit_name=kept.unit.name,
        after={"并入": gone.name, "转入": dict(report.moved), "重复": len(doubles), "补上": report.filled},
    )  # fmt: skip
    return merge, report


def _locked(kept: Cadre, gone: Cadre, by: User) -> tuple[Cadre, Cadre]:
    if kept.pk == gone.pk:
        raise Invalid("请选择两条不同的记录。")
    rows = Cadre.objects.select_for_update(of=("self",)).select_related("unit").order_by("pk")
    found = {each.pk: each for each in rows.filter(pk__in=(kept.pk, gone.pk))}
    for each in found.values():
        require(by, "cadre.edit", each)
    kept, gone = found[kept.pk], found[gone.pk]
    if kept.id_index and gone.id_index:
        raise Invalid("两条记录各有一个不同的身份证号，不是同一个人，不能合并。")
    if kept.user_id and gone.user_id:
        raise Invalid("两条记录都关联了账号，请先解除其中一个。")
    return kept, gone


def _references() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of any app that points to a person, but for the mergers themselves."""
    for relation in Cadre._meta.related_objects:
        if relation.related_model is not CadreMerge:
            yield relation.related_model, relation.field.name


def _take_over(
    model: type[models.Model], name: str, kept: Cadre, gone: Cadre
) -> tuple[list[Any], list[models.Model]]:
    """Hand the rows of one column over; returns the keys that went, and the rows that are double."""
    keys, doubles = [], []
    mine = [_compared(row) for row in model._default_manager.filter(**{name: kept})]
    for row in model._default_manager.filter(**{name: gone}).order_by("pk"):
        own = model._meta.app_label == _OWN_APP and name == "cadre"
        if own and _compared(row) in mine:
            doubles.append(row)
            continue
        try:
            with transaction.atomic():
                model._default_manager.filter(pk=row.pk).update(**{name: kept})
            keys.append(row.pk)
        except IntegrityError:
            if not own:
                word = model._meta.verbose_name
                raise Invalid(f"两条记录在“{word}”里的内容互相冲突，请先处理其中一条。") from None
            doubles.append(row)
    return keys, doubles


def _hanging_on(doubles: list[models.Model]) -> list[models.Model]:
    """What goes with the doubles when these are deleted (their reviews, their kept cells), to bring it back with them."""
    collector = Collector(using=DEFAULT_DB_ALIAS)
    for row in doubles:
        collector.collect([row])
    gone = [row for rows in collector.data.values() for row in rows]
    gone += [row for rows in collector.fast_deletes for row in rows]
    own = {(type(row), row.pk) for row in doubles}
    return list({(type(row), row.pk): row for row in gone if (type(row), row.pk) not in own}.values())


def _hand_cells_over(doubles: list[models.Model], kept: Cadre) -> dict[str, dict[str, int]]:
    """Kept cells of a double go to the row it equals, unless that one has its own; where they were, by their keys."""
    moved: dict[str, dict[str, int]] = {}
    for slug in KEPT_BESIDE:
        model = KeptCells._meta.get_field(slug).related_model
        for row in doubles:
            if type(row) is not model:
                continue
            own = model._default_manager.filter(cadre=kept).exclude(
                pk__in=KeptCells.objects.filter(cadre=kept, slug=slug).exclude(**{slug: row}).values(slug)
            )
            twin = next((one for one in own.order_by("pk") if _compared(one) == _compared(row)), None)
            cells = KeptCells.objects.filter(**{slug: row}).first()
            if twin is not None and cells is not None:
                KeptCells.objects.filter(pk=cells.pk).update(**{slug: twin})
                moved.setdefault(f"{KeptCells._meta.label}.{slug}", {})[str(cells.pk)] = row.pk
    return moved


def _compared(row: models.Model) -> dict[str, Any]:
    fields = row._meta.concrete_fields
    return {each.attname: getattr(row, each.attname) for each in fields if each.name not in _NOT_COMPARED}


def _label(column: str) -> str:
    return str(getattr(Cadre._meta.get_field(column.removesuffix("_id")), "verbose_name", column))


def _fill(kept: Cadre, values: dict[str, Any]) -> list[tuple[str, ...]]:
    filled = [group for group in FILLED if not getattr(kept, group[0]) and values[group[0]]]
    for group in filled:
        for name in group:
            setattr(kept, name, values[name])
    kept.save()
    return filled


def _empty_again(kept: Cadre, filled: list[list[str]]) -> None:
    for group in filled:
        for name in group:
            if not name.endswith("_precision"):
                setattr(kept, name, None if Cadre._meta.get_field(name.removesuffix("_id")).null else "")
    kept.save()


def _follow_relation(kept: Cadre) -> None:
    """The unit of somebody whose open relation came with the other record."""
    relation = PersonnelRelation.objects.filter(cadre=kept, end=None).select_related("unit").first()
    if relation is not None and relation.unit_id != kept.unit_id:
        kept.unit = relation.unit
        kept.save(update_fields=["unit", "updated_at"])


def _restore(merge: CadreMerge) -> None:
    for each in serializers.deserialize("json", merge.gone):
        row = each.object
        if isinstance(row, ScopedModel):
            row.unit_path = row.unit.path  # the unit may have moved since
        each.save(force_insert=True)
    for place, keys in merge.moved.items():
        label, _, name = place.rpartition(".")
        if isinstance(keys, dict):
            for pk, before in keys.items():
                KeptCells.objects.filter(pk=pk).update(**{f"{name}_id": before})
            continue
        model = next(
            model for model, column in _references() if model._meta.label == label and column == name
        )
        model._default_manager.filter(pk__in=keys, **{name: merge.kept_id}).update(**{name: merge.gone_id})


def moved_words(merge: CadreMerge) -> str:
    """What went over in words, for the list of mergers."""
    count = sum(len(keys) for keys in merge.moved.values())
    return f"{count} 条记录" if count else "没有别的记录"
