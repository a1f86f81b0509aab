"""Staged rows of workbooks of histories (their import is a RosterImport of its own kind), and what is kept of them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from accounts.models import Unit
from cadres.models.credentials import Honour
from cadres.models.histories import Appointment, Education, ProfessionalTitle, Rank
from cadres.models.imports import RosterImport, RosterImportRow
from cadres.models.oversight import Oversight
from cadres.models.people import Cadre
from core.crypto import EncryptedTextField


class CollectionRow(models.Model):
    """One row of a sheet of histories: whose it is, what it says, and what it would change.

    `person` is the ordinal of the staged roster row (RosterImportRow) that the person behind it is matched
    by. What the cells say stands in an envelope, since histories hold what nobody may read in clear.
    """

    Status = RosterImportRow.Status

    roster_import = models.ForeignKey(RosterImport, models.CASCADE, related_name="records", db_index=False)
    ordinal = models.PositiveIntegerField("次序")
    sheet = models.CharField(max_length=60)
    row = models.PositiveIntegerField()
    # A history of cadres.kinds, or appointment, person, unit.
    slug = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10, choices=RosterImportRow.Status.choices)
    is_faulty = models.BooleanField(default=False)
    person = models.PositiveIntegerField(null=True)
    # The staging follows no references: what it says is checked at the commit.
    cadre = models.ForeignKey(
        Cadre, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    record = models.BigIntegerField("对应的记录", null=True)
    changes = models.JSONField(null=True)
    problems = models.JSONField(null=True)
    findings = models.JSONField(null=True)
    name = models.TextField("姓名", null=True)
    id_cipher = models.TextField("身份证号", null=True)
    id_index = models.CharField(max_length=64, null=True, db_collation="C")
    birth = models.DateField("出生年月", null=True)
    birth_precision = models.CharField(max_length=5, null=True)
    unit = models.ForeignKey(
        Unit, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    unit_text = models.TextField("单位", null=True)
    # Another unit that the row names: where a post is held, or the unit itself.
    place = models.ForeignKey(
        Unit, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    place_text = models.TextField("机构", null=True)
    content = models.TextField("内容", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "信息集导入行"
        constraints = [
            models.UniqueConstraint(
                fields=["roster_import", "verdict", "ordinal"], name="collection_row_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet}!{self.row}"


# The histories whose rows of the national form have columns without a home.
KEPT_BESIDE = ("appointment", "rank", "title", "education", "honour", "oversight")
# What is kept of the person itself: the persons' sheet, and the supplement.
KEPT_OF_PERSON = ("person", "supplement")


def _beside_one() -> models.Q:
    """Kept of a unit, of a person, or of one row of the history that `slug` names, and of nothing else."""
    nothing = models.Q(**dict.fromkeys(KEPT_BESIDE))
    found = models.Q(slug="unit", cadre=None, unit__isnull=False) & nothing
    found |= models.Q(slug__in=KEPT_OF_PERSON, unit=None, cadre__isnull=False) & nothing
    for slug in KEPT_BESIDE:
        others = dict.fromkeys(one for one in KEPT_BESIDE if one != slug)
        found |= models.Q(slug=slug, unit=None, cadre__isnull=False, **{f"{slug}__isnull": False}, **others)
    return found


def _record(model: type[models.Model]) -> models.OneToOneField:
    """The row of a history that the cells stand beside; they go when it goes."""
    return models.OneToOneField(
        model, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=model._meta.verbose_name
    )


class KeptCells(models.Model):
    """What a row of the national form says in columns that have no home here: kept as it came, written again.

    `slug` is the history (cadres.kinds), or appointment, person, supplement, unit; the row of a history that the
    cells stand beside has a column of that name.
    """

    cadre = models.ForeignKey(
        Cadre, models.CASCADE, null=True, blank=True, related_name="kept_cells", verbose_name="干部"
    )
    unit = models.ForeignKey(
        Unit, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    slug = models.CharField("类别", max_length=20)
    appointment = _record(Appointment)
    rank = _record(Rank)
    title = _record(ProfessionalTitle)
    education = _record(Education)
    honour = _record(Honour)
    oversight = _record(Oversight)
    # {"cells": {heading: text}, "told": {heading: [text, what the records said then]}}
    content = EncryptedTextField("内容")
    updated_at = models.DateTimeField("更新时间", auto_now=True, db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "信息提取表的其他内容"
        constraints = [
            models.UniqueConstraint(
                fields=["cadre", "slug"], condition=models.Q(slug__in=KEPT_OF_PERSON), name="kept_cells_once"
            ),
            models.UniqueConstraint(fields=["unit", "slug"], name="kept_cells_once_a_unit"),
            models.CheckConstraint(condition=_beside_one(), name="kept_cells_beside_one"),
        ]

    def __str__(self) -> str:
        words = {"person": "人员", "supplement": "补充信息", "unit": "单位"}
        return str(words.get(self.slug) or self._meta.get_field(self.slug).verbose_name)

    @property
    def record(self) -> int:
        """The key of the row that the cells stand beside, 0 for the person or unit itself."""
        return getattr(self, f"{self.slug}_id") if self.slug in KEPT_BESIDE else 0
