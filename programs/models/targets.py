"""The people a call is limited to: frozen when they were chosen, with the words of the choice."""

from __future__ import annotations

from django.db import models

from cadres.models.chosen import ChosenPeople, ChosenPerson
from programs.models.calls import Call


class CallTargets(ChosenPeople):
    """That a call is limited to certain people, by whose choice and by which conditions."""

    call = models.OneToOneField(Call, models.CASCADE, related_name="targets", verbose_name="征集")
    words = models.TextField("推荐范围")

    class Meta:
        verbose_name = verbose_name_plural = "推荐范围"

    def __str__(self) -> str:
        return f"{self.call}：{self.words}"


class CallTarget(ChosenPerson):
    """One of the people a call is limited to."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="target_people", verbose_name="征集")

    class Meta:
        verbose_name = verbose_name_plural = "推荐范围内的人员"
        indexes = [models.Index(fields=["call", "cadre"], name="call_target")]

    def __str__(self) -> str:
        return f"{self.call} {self.cadre}"
