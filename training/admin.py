"""The admin of training: classes are corrected as far as their state allows, enrolments found and looked at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from accounts.admin_base import BureauAdmin, decisions
from cadres.avoidance import avoided_by
from training.models import (
    ClassDecision,
    ClassPhase,
    ClassSession,
    Enrolment,
    EnrolmentDecision,
    TrainingClass,
)
from training.services import classes, enrolments, timetable

GROUP = "培训学习"
_OVER = (TrainingClass.Status.FINISHED, TrainingClass.Status.CANCELLED)


class ClassInline(admin.TabularInline):
    """Rows of a class that may be edited while it is drafted."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the class sees its rows."""
        return True

    def may_change(self, obj: TrainingClass) -> bool:
        """Hook: whether the state of the class allows it."""
        return obj.status == TrainingClass.Status.DRAFT

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever manages the class, as long as it allows it."""
        return bool(obj and self.may_change(obj) and obj.allows(request.user, "class.manage"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As adding."""
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As adding."""
        return self.has_add_permission(request, obj)


class PhaseInline(ClassInline):
    """Phases."""

    model = ClassPhase
    fields = ("order", "name", "days", "mode")
    ordering = ("order",)


class SessionInline(ClassInline):
    """The timetable, until the class is over; which phase a session belongs to is chosen on the class's page."""

    model = ClassSession
    fields = ("day", "begins", "ends", "topic", "trainer", "venue")
    ordering = ("day", "begins", "id")

    def may_change(self, obj: TrainingClass) -> bool:
        """Rooms and lecturers change until the last day."""
        return obj.status not in _OVER


@admin.register(TrainingClass)
class TrainingClassAdmin(BureauAdmin):
    """Classes: changed until they are over, opened and settled on their page."""

    work_group, work_order = GROUP, 400
    view_capability = edit_capability = "class.manage"
    may_add = False
    list_display = ("title", "unit", "status", "starts_on", "ends_on", "capacity", "taken", "enrol_until")
    list_filter = ("status", "mode")
    list_select_related = ("unit",)
    search_fields = ("title", "unit__name")
    date_hierarchy = "starts_on"
    fields = ("unit", "status", *classes.EDITABLE)
    readonly_fields = ("unit",)
    inlines = (PhaseInline, SessionInline, decisions(ClassDecision))

    def visible_rows(self, user: Any, capability: str) -> QuerySet[TrainingClass]:
        """Those in scope, with the number of places that are taken."""
        enrolled = Q(enrolments__status=Enrolment.Status.ENROLLED)
        rows = TrainingClass.objects.visible_to(user, capability)
        return rows.annotate(in_use=Count("enrolments", filter=enrolled))

    @admin.display(description="已录取")
    def taken(self, training_class: TrainingClass) -> int:
        """How many places are taken."""
        return training_class.in_use  # type: ignore[attr-defined]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A class that is over is changed no more."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status not in _OVER)

    def service_save(self, request: HttpRequest, obj: TrainingClass, form: Any, change: bool) -> None:
        """Through training.services.classes."""
        names = [name for name in form.changed_data if name in classes.EDITABLE]
        changes = {name: form.cleaned_data[name] for name in names}
        classes.update_class(
            training_class=TrainingClass.objects.get(pk=obj.pk), changes=changes, by=request.user
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Phases are set as a whole, sessions one by one, both through training.services.timetable."""
        for formset in formsets:
            if not formset.has_changed():
                continue
            if formset.model is ClassPhase:
                rows = _rows(formset)
                timetable.set_phases(training_class=form.instance, rows=rows, by=request.user)
            elif formset.model is ClassSession:
                self._set_sessions(request, form.instance, formset)

    def construct_change_message(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Nothing: what changed stands in the one trail, and the rows weren't saved by the formsets."""
        return []

    def _set_sessions(
        self, request: HttpRequest, training_class: TrainingClass, formset: BaseInlineFormSet
    ) -> None:
        for each in formset.forms:
            if not each.has_changed():
                continue
            key, data = each.instance.pk, each.cleaned_data
            values = {name: data[name] for name in SessionInline.fields if name in each.changed_data}
            if key is None:
                if not data.get("DELETE"):
                    timetable.add_session(training_class=training_class, by=request.user, **values)
                continue
            session = ClassSession.objects.get(pk=key)
            if data.get("DELETE"):
                timetable.remove_session(session=session, by=request.user)
            else:
                timetable.update_session(session=session, changes=values, by=request.user)


def _rows(formset: BaseInlineFormSet) -> list[dict[str, Any]]:
    """The phases that stay, in their order, as the service takes them."""
    rows = [
        {"id": each.instance.pk, **{name: each.cleaned_data[name] for name in PhaseInline.fields}}
        for each in formset.forms
        if each.cleaned_data and not each.cleaned_data.get("DELETE")
    ]
    return sorted(rows, key=lambda row: row["order"] or 0)


@admin.register(Enrolment)
class EnrolmentAdmin(BureauAdmin):
    """Enrolments, with every decision; consent and withdrawal through the workflow."""

    work_group, work_order = GROUP, 410
    view_capability = "class.view"
    edit_capability = ""
    may_add = False
    list_display = ("cadre", "unit", "training_class", "status", "queued_at", "created_at")
    list_filter = ("status", "training_class__status")
    list_select_related = ("cadre", "unit", "training_class")
    search_fields = ("cadre__name", "cadre__initials__startswith", "unit__name", "training_class__title")
    fields = ("training_class", "unit", "cadre", "status", "reason", "applied_by", "queued_at", "created_at")
    inlines = (decisions(EnrolmentDecision),)
    actions = ("consent", "withdraw")
    action_fields = {"comment": forms.CharField(label="说明（退出时必填）", required=False, max_length=200)}

    def visible_rows(self, user: Any, capability: str) -> QuerySet[Enrolment]:
        """Those in scope but one's own and kin's (回避)."""
        return Enrolment.objects.visible_to(user, capability).exclude(cadre__in=avoided_by(user))

    @admin.action(description="同意报名")
    def consent(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        """Consent to the ticked applications, all or none."""
        self._take_each(request, queryset, "approve", "已同意报名")

    @admin.action(description="退出培训班")
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        """Take the ticked people off their lists, all or none."""
        self._take_each(request, queryset, "withdraw", "已退出")

    def _take_each(self, request: HttpRequest, queryset: QuerySet[Enrolment], action: str, done: str) -> None:
        comment = " ".join(request.POST.get("comment", "").split())

        def verb(enrolment: Enrolment) -> None:
            enrolments.take_enrolment_action(
                enrolment=enrolment, action=action, by=request.user, comment=comment
            )

        self.take_each(request, queryset, verb, done)
