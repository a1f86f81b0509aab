"""People chosen beforehand for something of a higher app: a call, a class; frozen with the words of the choice."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from cadres.models.people import Cadre


class ChosenPeople(models.Model):
    """That something is limited to certain people: how many were found, by whose choice, when."""

    count = models.PositiveIntegerField("人数")
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="设定人")
    set_at = models.DateTimeField("设定时间")

    class Meta:
        abstract = True


class ChosenPerson(models.Model):
    """One of the people chosen."""

    cadre = models.ForeignKey(
        Cadre, models.CASCADE, related_name="%(app_label)s_%(class)s_rows", verbose_name="干部"
    )

    class Meta:
        abstract = True
