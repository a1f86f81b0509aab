"""Adding, correcting, ending and taking out the entries of a person's histories, appointments included."""

from __future__ import annotations

from typing import Any

from django.contrib import messages

from accounts.scope import may_on
from cadres.fields import fields_for, rows_seen
from cadres.forms.histories import FORMS, HistoryForm
from cadres.forms.people import EndForm, ReasonForm
from cadres.kinds import KINDS, HistoryKind
from cadres.models import Appointment
from cadres.services import appointments, histories
from cadres.services.oversight import promotion_restrictions
from cadres.services.sealed import REFUSED, require_sight
from cadres.views.base import CadreForm, NotedForm, found_or_404
from cadres.views.detail import tab_url
from core.calendar import today
from core.errors import NotAllowed, NotFound

SEALED_NOTICE = "这张表单显示了保密内容，打开已记入审计。"


class HistoryPage(CadreForm):
    """The base: `kind` of the address says which history."""

    record: Any = None
    history: HistoryKind | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """An unknown kind, or an entry that isn't this person's, is 404."""
        if kwargs["kind"] not in FORMS:
            raise NotFound("没有这种履历。")
        self.model, self.form_class = FORMS[kwargs["kind"]]
        self.history = KINDS.get(kwargs["kind"])
        self.word = str(self.model._meta.verbose_name)
        return super().dispatch(request, *args, **kwargs)

    def check_sight(self) -> None:
        """Nobody fills or changes a history they may not read."""
        if self.history is None:
            return
        require_sight(self.request.user, self.cadre, self.history.guard)
        if self.history.sealed and not may_on(self.request.user, "cadre.view_sensitive", self.cadre):
            raise NotAllowed(REFUSED)

    def back_url(self) -> str:
        """The history on the person's page."""
        return self.done()

    def done(self) -> str:
        """Where to go next: the history on the person's page."""
        return tab_url(self.cadre, self.kwargs["kind"])

    def load(self) -> Any:
        """The entry of the address, read afresh."""
        rows = self.model.objects.filter(cadre=self.cadre, pk=self.kwargs["record"])
        if self.history is not None:
            rows = rows_seen(rows, self.request.user, self.cadre, self.history.guard)
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
        """The title says what is added; a new post says what stands in the way of a promotion."""
        self.title = f"登记{self.word}"
        return super().get_context_data(notices=self.notices(), **kwargs)

    def notices(self) -> list[str]:
        """Running sanctions, for those who may read them."""
        if not self.is_appointment or "oversight" not in fields_for(self.request.user, self.cadre):
            return []
        found = promotion_restrictions(self.cadre, today())
        return [f"{each.words}：影响期内不得晋升职务、职级、职称。" for each in found]

    def perform(self, form: HistoryForm) -> str:
        """Add it."""
        if self.is_appointment:
            appointments.record_appointment(cadre=self.cadre, by=self.request.user, **form.values())
        else:
            histories.add_history(self.model, cadre=self.cadre, by=self.request.user, **form.values())
        messages.success(self.request, f"已登记{self.cadre.name}的{self.word}。")
        return self.done()


class HistoryEdit(NotedForm, HistoryPage):
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
        return self.form_class.initial_of(record)

    @property
    def sealed(self) -> bool:
        """Whether something encrypted stands in it."""
        return self.history is not None and bool(self.history.sealed)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The title says what is corrected."""
        self.title = f"修改{self.word}"
        notices = [SEALED_NOTICE] if self.history is not None and self.history.sealed else []
        return super().get_context_data(
            record=self.record, kind=self.kwargs["kind"], notices=notices, **kwargs
        )  # fmt: skip

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
        return self.done()


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
        elif KINDS[self.kwargs["kind"]].has_period:
            histories.end_history(record=record, on=on, by=self.request.user)
        else:
            raise NotFound("这种履历没有期限。")
        messages.success(self.request, f"已登记：{record} 到{on.chinese()}为止。")
        return self.done()


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
        return self.done()
