"""Pages on which a class is made and changed: its data, more time, phases, timetable, whom it is for."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.models import Unit
from accounts.scope import paths, require
from accounts.views_base import CapabilityRequired, ServiceForm
from accounts.views_versioned import Versioned
from core.calendar import ZONE, today
from core.errors import DomainError, NotFound
from training.forms import (
    ClassForm,
    ExtendForm,
    LaterClassForm,
    NewClassForm,
    SessionForm,
    phase_rows,
    plain,
)
from training.models import ClassSession, TrainingClass
from training.services import classes, timetable
from training.services.targets import clear_class_targets
from training.views.shared import OfClass, class_in_view


class Managing(OfClass):
    """A page for whoever holds the class: others who see it get 403."""

    def admit(self, request: HttpRequest) -> None:
        """Ask before anything is shown."""
        require(request.user, "class.manage", self.training_class)


class NewClass(CapabilityRequired, ServiceForm):
    """A new class, drafted first."""

    capability = "class.manage"
    form_class = NewClassForm
    template_name = "training/class_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The units depend on the user."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        """The unit whose classes the reader manages."""
        held = paths(self.request.user, "class.manage")
        unit = Unit.objects.filter(path__in=held).order_by("path").first()
        morning = datetime.combine(today(), time(8), tzinfo=ZONE)
        return {"unit": unit, "self_enrolment": True, "enrol_from": morning}

    def perform(self, form: NewClassForm) -> str:
        """Make the draft; go on to its page."""
        made = classes.create_class(by=self.request.user, **form.changes())
        messages.success(
            self.request, "已建立，还没有开始报名。可以先排阶段和课程、限定培训对象，再点“开始报名”。"
        )
        return reverse("class-detail", args=[made.pk])


class EditClass(Managing, Versioned):
    """Changes to a class: everything while drafted, later what takes nothing away."""

    template_name = "training/class_form.html"

    def get_form_class(self) -> type[ClassForm]:
        """Fewer fields once people enrol."""
        drafted = self.training_class.status == TrainingClass.Status.DRAFT
        return ClassForm if drafted else LaterClassForm

    def current(self) -> TrainingClass:
        """The class as it is stored now."""
        return TrainingClass.objects.get(pk=self.training_class.pk)

    def initial_of(self, record: TrainingClass) -> dict[str, Any]:
        """The form's values for the class."""
        values = {name: getattr(record, name) for name in self.get_form_class().Meta.fields}
        # Moments as they are typed, so that the same moment isn't shown as a difference.
        return {
            name: value.astimezone(ZONE)
            if isinstance(value, datetime)
            else plain(value)
            if isinstance(value, Decimal)
            else value
            for name, value in values.items()
        }

    def perform(self, form: ClassForm) -> str:
        """Keep the changes."""
        classes.update_class(
            training_class=self.training_class, changes=form.changes(), by=self.request.user,
            version=form.cleaned_data["version"],
        )  # fmt: skip
        drafted = self.training_class.status == TrainingClass.Status.DRAFT
        messages.success(self.request, "已保存。核对无误后点“开始报名”。" if drafted else "已保存。")
        return reverse("class-detail", args=[self.training_class.pk])


class ExtendClass(Managing, ServiceForm):
    """A later end of the window."""

    form_class = ExtendForm
    template_name = "training/class_extend.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form starts from what holds."""
        return {**super().get_form_kwargs(), "training_class": self.training_class}

    def perform(self, form: ExtendForm) -> str:
        """Move the end."""
        classes.take_class_action(
            training_class=self.training_class, action="extend", by=self.request.user, **form.cleaned_data
        )
        messages.success(self.request, "报名时间已延长，已通知各单位。")
        return reverse("class-detail", args=[self.training_class.pk])


class EditPhases(Managing, TemplateView):
    """The phases of a drafted class, all at once."""

    template_name = "training/class_phases.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The phases with some empty rows."""
        return self._page(phase_rows(self.training_class))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep them, or show more rows with what was typed."""
        rows = phase_rows(self.training_class, request.POST)
        if "more" in request.POST:
            return self._page(rows)
        if not rows.is_valid():
            return self._page(rows, status=422)
        try:
            timetable.set_phases(training_class=self.training_class, rows=rows.rows(), by=request.user)
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            return self._page(rows, status=422, refusal=error.message)
        messages.success(request, "阶段已保存。")
        return redirect("class-detail", pk=self.training_class.pk)

    def _page(self, rows: Any, status: int = 200, refusal: str = "") -> HttpResponse:
        context = self.get_context_data(rows=rows, refusal=refusal)
        return self.render_to_response(context, status=status)


class _Session(Managing, ServiceForm):
    """What adding and changing a session share."""

    form_class = SessionForm
    template_name = "training/session_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The phases are those of the class."""
        return {**super().get_form_kwargs(), "training_class": self.training_class}

    def next_page(self, form: SessionForm) -> str:
        """The timetable, or the next session of the same day."""
        if "again" in self.request.POST:
            day = form.cleaned_data["day"].isoformat()
            return f"{reverse('class-session-add', args=[self.training_class.pk])}?day={day}"
        return f"{reverse('class-detail', args=[self.training_class.pk])}"


class AddSession(_Session):
    """A session more on the timetable."""

    def get_initial(self) -> dict[str, Any]:
        """The day of the session just added, else the first day."""
        return {"day": self.request.GET.get("day") or self.training_class.starts_on}

    def perform(self, form: SessionForm) -> str:
        """Add it."""
        timetable.add_session(training_class=self.training_class, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"已安排“{form.cleaned_data['topic']}”。")
        return self.next_page(form)


class EditSession(_Session):
    """Changes to a session."""

    def admit(self, request: HttpRequest) -> None:
        """The session has to be one of the class."""
        super().admit(request)
        self.session = _session(self.training_class, self.kwargs["session"])

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form shows what holds."""
        return {**super().get_form_kwargs(), "instance": self.session}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page names the session."""
        return super().get_context_data(session=self.session, **kwargs)

    def perform(self, form: SessionForm) -> str:
        """Keep the changes."""
        timetable.update_session(session=self.session, changes=form.cleaned_data, by=self.request.user)
        messages.success(self.request, f"“{form.cleaned_data['topic']}”已保存。")
        return self.next_page(form)


@require_POST
def remove_session(request: HttpRequest, pk: int, session: int) -> HttpResponse:
    """Take a session off the timetable."""
    found = _session(class_in_view(request, pk), session)
    timetable.remove_session(session=found, by=request.user)
    messages.success(request, f"已取消“{found.topic}”这次课。")
    return redirect(f"{reverse('class-detail', args=[pk])}")


def _session(training_class: TrainingClass, pk: int) -> ClassSession:
    """A session of a class; raises NotFound for any other."""
    found = ClassSession.objects.filter(training_class=training_class.pk, pk=pk)
    session = found.select_related("training_class").first()
    if session is None:
        raise NotFound("没有找到这次课程安排。")
    return session


@require_POST
def clear_targets(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift the limit of a drafted class."""
    clear_class_targets(training_class=class_in_view(request, pk), by=request.user)
    messages.success(request, "已取消限定，主办单位范围内在职的都可以报名。")
    return redirect("class-targets", pk=pk)
