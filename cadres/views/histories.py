"""Adding, correcting, ending and taking out the entries of a person's histories, appointments included."""

from __future__ import annotations

from typing import Any

from django.contrib import messages

from cadres.forms.histories import FORMS, HistoryForm
from cadres.forms.people import EndForm, ReasonForm
from cadres.models import Appointment
from cadres.services import appointments, histories
from cadres.views.base import CadreForm, Versioned, found_or_404
from cadres.views.detail import detail_url
from core.errors import NotFound


class HistoryPage(CadreForm):
    """The base: `kind` of the address says which history."""

    record: Any = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """An unknown kind, or an entry that isn't this person's, is 404."""
        if kwargs["kind"] not in FORMS:
            raise NotFound("没有这种履历。")
        self.model, self.form_class = FORMS[kwargs["kind"]]
        self.word = str(self.model._meta.verbose_name)
        return super().dispatch(request, *args, **kwargs)

    def load(self) -> Any:
        """The entry of the address, read afresh."""
        rows = self.model.objects.filter(cadre=self.cadre, pk=self.kwargs["record"])
        return found_or_404(rows.first())

    @property
    def is_appointment(self) -> bool:
        """Appointments have verbs of their own."""
        return self.model is Appointment


class HistoryAdd(HistoryPage):
    """A new entry."""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The person it is about."""
        return {**super().get_form_kwargs(), "cadre": self.cadre, "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        """A first appointment is a main one at the person's own unit."""
        if not self.is_appointment:
            return super().get_initial()
        has_main = Appointment.objects.main().filter(cadre=self.cadre, end=None).exists()
        return {
            "unit": self.cadre.unit,
            "kind": "concurrent" if has_main else "regular",
            "is_main": not has_main,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title says what is added."""
        self.title = f"登记{self.word}"
        return super().get_context_data(**kwargs)

    def perform(self, form: HistoryForm) -> str:
        """Add it."""
        if self.is_appointment:
            appointments.record_appointment(cadre=self.cadre, by=self.request.user, **form.values())
        else:
            histories.add_history(self.model, cadre=self.cadre, by=self.request.user, **form.values())
        messages.success(self.request, f"已登记{self.cadre.name}的{self.word}。")
        return detail_url(self.cadre)


class HistoryEdit(Versioned, HistoryPage):
    """A correction."""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The entry as it is."""
        self.record = self.load()
        given = super().get_form_kwargs()
        return {**given, "cadre": self.cadre, "user": self.request.user, "record": self.record}

    def current(self) -> Any:
        """The entry as stored."""
        return self.load()

    def initial_of(self, record: Any) -> dict[str, Any]:
        """Its values, as the form names them."""
        names = [name for name in self.form_class.base_fields if name != "version"]
        dated = self.form_class.periods
        return {name: getattr(record, f"{name}_date" if name in dated else name) for name in names}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title says what is corrected."""
        self.title = f"修改{self.word}"
        return super().get_context_data(record=self.record, kind=self.kwargs["kind"], **kwargs)

    def perform(self, form: HistoryForm) -> str:
        """Save it."""
        version = form.cleaned_data["version"]
        if self.is_appointment:
            appointments.correct_appointment(
                appointment=self.record, by=self.request.user, version=version, **form.values()
            )
        else:
            histories.edit_history(record=self.record, by=self.request.user, version=version, **form.values())
        messages.success(self.request, f"已保存{self.cadre.name}的{self.word}。")
        return detail_url(self.cadre)


class HistoryEnd(HistoryPage):
    """From when an entry no longer holds."""

    submit_label = "登记"

    def get_form_class(self) -> Any:
        """Only a date; appointments say how and why too when they are corrected."""
        return EndForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names the entry."""
        self.title = f"{'登记免职' if self.is_appointment else '结束'}：{self.load()}"
        return super().get_context_data(**kwargs)

    def perform(self, form: EndForm) -> str:
        """End it."""
        record, on = self.load(), form.cleaned_data["on"]
        if self.is_appointment:
            appointments.end_appointment(appointment=record, on=on, by=self.request.user)
        elif hasattr(record, "end"):
            histories.end_history(record=record, on=on, by=self.request.user)
        else:
            raise NotFound("这种履历没有期限。")
        messages.success(self.request, f"已登记：{record} 到{on.chinese()}为止。")
        return detail_url(self.cadre)


class HistoryDelete(HistoryPage):
    """An entry made by mistake goes; the audit keeps what it said."""

    submit_label = "删除这一条"
    extra_context = {"danger": True}

    def get_form_class(self) -> Any:
        """Only a reason."""
        return ReasonForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title names the entry."""
        self.title = f"删除误登的{self.word}：{self.load()}"
        return super().get_context_data(**kwargs)

    def perform(self, form: ReasonForm) -> str:
        """Take it out."""
        record, reason = self.load(), form.cleaned_data["reason"]
        if self.is_appointment:
            appointments.delete_appointment(appointment=record, by=self.request.user, reason=reason)
        else:
            histories.delete_history(record=record, by=self.request.user, reason=reason)
        messages.success(self.request, f"已删除误登的{self.word}，原内容留在审计记录中。")
        return detail_url(self.cadre)
