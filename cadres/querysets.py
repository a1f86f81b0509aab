"""Named filters over the roster."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan

from accounts.models import Unit
from accounts.scope import ScopedQuerySet, path_filter, paths
from cadres.names import Characters, Pinyin, name_columns, read_search
from core.calendar import today


class PathPart(models.Func):
    """One segment of a unit path: part 3 of "/1/5/12/" is "5", the unit right below the root.

    A subtree hangs on one segment, so an index on (segment, name) gives its people in order without a sort.
    """

    function = "split_part"
    template = "%(function)s(%(expressions)s, '/', %(part)s)"
    arity = 1
    output_field = models.CharField(db_collation="C")


# Which path segment has an index with the name behind it (see the indexes of Cadre).
_INDEXED_PARTS = (3, 4)
_WHOLE_TREE = "/"
# A mentor keeps sight of the plan this long after its last day (3-trust: +30 days).
MENTOR_TAIL = timedelta(days=30)


def subtree(path: str, *, as_range: bool = False) -> Q:
    """Return the condition that keeps the rows at or under a unit path, in the form the indexes know.

    A path consists of unit ids, so the segment of a unit tells its subtree. Only one condition is given:
    the planner would take two for independent and expect far too few rows. `as_range` gives the range of
    paths instead, for an order by path.
    """
    segments = path.strip("/").split("/")
    part = len(segments) + 1
    if part in _INDEXED_PARTS and not as_range:
        return Q(Exact(PathPart("unit_path", part=part), segments[-1]))
    return Q(unit_path__startswith=path)


class PostQuerySet(ScopedQuerySet):
    """Filters over posts."""

    view_capability = "unit.view"


class RosterImportQuerySet(ScopedQuerySet):
    """Filters over roster imports."""

    view_capability = "roster.import"


class CadreMergeQuerySet(ScopedQuerySet):
    """Filters over mergers of two records."""

    view_capability = "cadre.edit"


class CadreQuerySet(ScopedQuerySet):
    """Filters over cadres."""

    view_capability = "cadre.view"

    def visible_to(
        self, user: Any, capability: str = "", *, within: Unit | None = None, as_range: bool = False
    ) -> CadreQuerySet:
        """Cadres in the user's scope, of one unit and the units below it when one is given."""
        reach = paths(user, capability or self.view_capability)
        if within is not None:
            if any(within.path.startswith(path) for path in reach):
                reach = [within.path]
            else:
                reach = [path for path in reach if path.startswith(within.path)]
        if _WHOLE_TREE in reach:
            return self.all()
        condition = Q(pk__in=[])
        for path in reach:
            condition |= subtree(path, as_range=as_range)
        return self.filter(condition)

    def matching(self, text: str) -> CadreQuerySet:
        """Cadres whose name contains the text, or whose pinyin or initials begin with it; all without one."""
        reading = read_search(text)
        if reading is None:
            return self if not text.strip() else self.none()
        if isinstance(reading, Characters):
            return self.filter(grams__contains=list(reading.pieces), name__contains=reading.text)
        if isinstance(reading, Pinyin):
            found = self.filter(name_key__gte=reading.first, name_key__lt=reading.last)
            for first, last in reading.gaps:
                found = found.exclude(name_key__gte=first, name_key__lt=last)
            return found
        # As a range: the planner expects far too few rows of a prefix written with LIKE.
        return self.filter(initials__gte=reading.letters, initials__lt=f"{reading.letters}~")

    def in_service(self, day: date | None = None) -> CadreQuerySet:
        """Cadres whose personnel relation is open on a day (today when none is given)."""
        return self.filter(_serving(day or today(), "pk"))

    def avoided_by(self, user: Any) -> CadreQuerySet:
        """The cadres whom a user avoids (回避): the user's own record and confirmed kin, whoever recorded it."""
        from cadres.models import FamilyMember

        if user is None or not user.pk:
            return self.none()
        links = FamilyMember.objects.exclude(kin_confirmed_at=None).order_by()
        return self.filter(
            Q(user=user.pk)
            | Q(pk__in=links.filter(cadre__user=user.pk).values("kin"))
            | Q(pk__in=links.filter(kin__user=user.pk).values("cadre"))
        )


def _serving(day: date, cadre: str) -> Exists:
    """Whether the personnel relation of a row's cadre is open on a day; `cadre` leads to its key."""
    from cadres.models import PersonnelRelation

    return Exists(PersonnelRelation.objects.filter(cadre=OuterRef(cadre)).on(day))


class HistoryQuerySet(models.QuerySet):
    """Filters over histories, reached through their cadre's scope."""

    view_capability = "cadre.view"

    def visible_to(self, user: Any, capability: str = "") -> HistoryQuerySet:
        """Rows of cadres in the user's scope."""
        return self.filter(path_filter(user, capability or self.view_capability, "cadre__unit_path"))

    def on(self, day: date) -> HistoryQuerySet:
        """Rows in force on a day."""
        return self.filter(Q(start=None) | Q(start__lte=day), Q(end=None) | Q(end__gt=day))

    def overlapping(self, start: date | None, end: date | None) -> HistoryQuerySet:
        """Rows whose period meets a half-open period; None leaves a side open."""
        found = self
        if end is not None:
            found = found.filter(Q(start=None) | Q(start__lt=end))
        if start is not None:
            found = found.filter(Q(end=None) | Q(end__gt=start))
        return found


class _HalfAYearAfter(models.Func):
    """The day six months after a date: 31 August leads to the last of February."""

    template = "((%(expressions)s + interval '6 months')::date)"
    arity = 1
    output_field = models.DateField()


class OversightQuerySet(HistoryQuerySet):
    """Filters over acts of oversight."""

    def restricting(self, day: date) -> OversightQuerySet:
        """Acts that stand in the way of promotion on a day: a sanction in its period, 诫勉 in its half year.

        政务处分法 第8、19、20条; 中国共产党纪律处分条例; the half year of 诫勉 is common practice (未核对). A
        sanction without an end goes on; 诫勉 without one (an import's) ends by itself.
        """
        sanction = Q(kind="sanction") & (Q(end=None) | Q(end__gt=day))
        within = GreaterThan(_HalfAYearAfter(F("start")), day)
        admonition = Q(kind="admonition") & (Q(end__gt=day) | (Q(end=None) & Q(within)))
        return self.filter(sanction | admonition).filter(Q(start=None) | Q(start__lte=day))

    def due_by(self, day: date) -> OversightQuerySet:
        """Acts whose reply or follow-up is due until a day and hasn't been recorded."""
        return self.filter(done_on=None, due__lte=day)


class _MonthsAfter(models.Func):
    """The day some months after a date: 31 August and six months lead to the last of February."""

    template = "((%(expressions)s)::date)"
    arg_joiner = " + interval '1 month' * "
    arity = 2
    output_field = models.DateField()


class PlanQuerySet(HistoryQuerySet):
    """Filters over development plans."""

    def of_mentor(self, user: Any) -> PlanQuerySet:
        """Plans that a user mentors: from their first day until 30 days after the last, never of self or kin."""
        from cadres.models import Cadre

        if user is None or not user.pk:
            return self.none()
        day = today()
        begun = Q(start=None) | Q(start__lte=day)
        lasting = Q(end=None) | Q(end__gt=day - MENTOR_TAIL)
        return self.filter(begun, lasting, mentor=user.pk).exclude(cadre__in=Cadre.objects.avoided_by(user))

    def with_next_due(self) -> PlanQuerySet:
        """Add `last_review` and `next_due`: the plan's interval after the last review, or after its start."""
        from cadres.models import PlanReview

        last = Subquery(PlanReview.objects.filter(plan=OuterRef("pk")).order_by("-on").values("on")[:1])
        due = _MonthsAfter(Coalesce(last, F("start")), F("interval_months"))
        return self.annotate(last_review=last, next_due=due)

    def review_due_by(self, day: date) -> PlanQuerySet:
        """Plans in force of people in service whose next review is due until a day.

        A review that would fall after the plan's end isn't due any more.
        """
        rows = self.on(today()).with_next_due().filter(next_due__lte=day)
        return rows.filter(Q(end=None) | Q(next_due__lt=F("end")), _serving(today(), "cadre_id"))

    def mentored(self) -> PlanQuerySet:
        """Plans whose mentor has an account in use."""
        return self.filter(mentor__is_active=True)

    def unmentored(self) -> PlanQuerySet:
        """Plans that whoever keeps the record reviews: without a mentor's account, or with a disabled one."""
        return self.filter(Q(mentor=None) | Q(mentor__is_active=False))


class ReserveQuerySet(HistoryQuerySet):
    """Filters over entries of the reserve pool."""

    def under_review(self, year: int) -> ReserveQuerySet:
        """Open entries of people in service that take part in a year's review: listed before its October.

        Whoever was listed in the last quarter is reviewed the year after.
        """
        early = Q(start=None) | Q(start__lt=date(year, 10, 1))
        return self.on(today()).filter(early, _serving(today(), "cadre_id"))

    def reviewed_in(self, year: int, *, done: bool = True) -> ReserveQuerySet:
        """Entries with a review of a year, or those without one."""
        from cadres.models import ReserveReview

        held = Exists(ReserveReview.objects.filter(entry=OuterRef("pk"), year=year))
        return self.filter(held if done else ~held)


class CompetenceQuerySet(HistoryQuerySet):
    """Filters over competence profiles."""

    # What the person it is about doesn't read (yet): 3-trust, "published results".
    UNPUBLISHED = Q(published_on=None) & ~Q(source="self")

    def published(self) -> CompetenceQuerySet:
        """Profiles that the person may read."""
        return self.exclude(self.UNPUBLISHED)


class CorrectionQuerySet(HistoryQuerySet):
    """Filters over requests for correction."""

    view_capability = "cadre.edit"

    def in_view_of(self, user: Any) -> CorrectionQuerySet:
        """Requests about cadres in the user's scope once they are submitted, and the user's own."""
        reach = path_filter(user, self.view_capability, "cadre__unit_path")
        return self.filter((reach & ~Q(status="draft")) | Q(cadre__user=user.pk))

    def waiting(self) -> CorrectionQuerySet:
        """Requests that HR has to check."""
        return self.filter(status="submitted")


class AppointmentQuerySet(HistoryQuerySet):
    """Filters over appointments."""

    def main(self) -> AppointmentQuerySet:
        """Main appointments (主职务)."""
        return self.filter(is_main=True)


__all__ = [
    "AppointmentQuerySet",
    "CadreMergeQuerySet",
    "CadreQuerySet",
    "CompetenceQuerySet",
    "CorrectionQuerySet",
    "HistoryQuerySet",
    "OversightQuerySet",
    "PathPart",
    "PlanQuerySet",
    "PostQuerySet",
    "ReserveQuerySet",
    "RosterImportQuerySet",
    "name_columns",
    "subtree",
]
