"""Forms of training: shape and check input, nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Unit, User
from core.calendar import ZONE
from core.widgets import DateInput, MomentInput, PickerInput
from training.models import ClassPhase, ClassSession, TrainingClass
from training.models.classes import Mode

_SPARE_ROWS = 3


def plain(number: Decimal) -> Decimal | int:
    """A number as a person types it: 3, not 3.0."""
    return int(number) if number == number.to_integral_value() else number.normalize()


class TimeInput(forms.TimeInput):
    """The browser's own picker of a time of day."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """To the minute."""
        super().__init__(attrs, format="%H:%M")


class ClassForm(forms.ModelForm):
    """A class while it is drafted: everything."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = TrainingClass
        fields = ("title", "summary", "mode", "venue", "hours", "starts_on", "ends_on", "capacity",
                  "enrol_from", "enrol_until", "self_enrolment")  # fmt: skip
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 5}),
            "starts_on": DateInput(),
            "ends_on": DateInput(),
            "enrol_from": MomentInput(),
            "enrol_until": MomentInput(),
        }
        help_texts = {
            "summary": "学什么、怎么学、要带什么。报名的人会看到。",
            "enrol_from": "开始报名后，到这个时间才能报名。",
            "enrol_until": "精确到分，不晚于开班日期。过后名单自动确定。",
            "capacity": "录取人数上限；报满后的按先后候补。",
            "hours": "结束后记入每位学员的学时。",
        }

    def changes(self) -> dict[str, Any]:
        """Return the values that were sent, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def groups(self) -> list[dict[str, Any]]:
        """Return the fields as a person thinks of them."""
        wanted = (
            ("内容", ("unit", "title", "summary", "mode", "venue", "hours")),
            ("时间与名额", ("starts_on", "ends_on", "capacity")),
            ("报名", ("enrol_from", "enrol_until", "self_enrolment")),
        )
        found = [
            {"title": title, "fields": [self[name] for name in names if name in self.fields]}
            for title, names in wanted
        ]
        return [each for each in found if each["fields"]]

    def _post_clean(self) -> None:
        """The service writes and checks; the form only shapes."""


class NewClassForm(ClassForm):
    """A new class: also which unit holds it."""

    unit = forms.ModelChoiceField(
        label="主办单位", queryset=Unit.objects.none(),
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
        help_text="面向这个单位和它下属各单位的人员。",
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer units in scope; the fields of a class follow the unit."""
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user, "class.manage").open()


class LaterClassForm(ClassForm):
    """What of a class may still change once people enrol: nothing they have enrolled for gets less."""

    class Meta(ClassForm.Meta):
        fields = ("summary", "venue", "capacity")
        help_texts = {
            "summary": ClassForm.Meta.help_texts["summary"],
            "venue": "改了地点，已录取的学员会收到通知。",
            "capacity": "只能增加；增加后按候补顺序递补。",
        }


class ExtendForm(forms.Form):
    """A later end of the window."""

    enrol_until = forms.DateTimeField(
        label="新的报名截止", widget=MomentInput(), help_text="晚于现在的截止时间，不晚于开班日期。"
    )
    comment = forms.CharField(label="原因", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, training_class: TrainingClass, **kwargs: Any) -> None:
        """Start from what holds now."""
        super().__init__(*args, **kwargs)
        self.fields["enrol_until"].initial = training_class.enrol_until.astimezone(ZONE)


class PhaseForm(forms.Form):
    """One phase; a row left without a name is none."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label="阶段", max_length=60, required=False)
    days = forms.DecimalField(label="天数", max_digits=4, decimal_places=1, required=False, min_value=0)
    mode = forms.ChoiceField(label="方式", choices=Mode.choices, required=False)

    def clean(self) -> dict[str, Any]:
        """A named phase has days."""
        found = super().clean() or {}
        if found.get("name") and not found.get("days") and "days" not in self.errors:
            self.add_error("days", "请填写天数。")
        if found.get("days") and not found.get("name"):
            self.add_error("name", "请填写阶段名称。")
        return found


class _PhaseRows(forms.BaseFormSet):
    """The phases in their order."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows that name a phase."""
        found = []
        for form in self.forms:
            values = form.cleaned_data
            if values.get("name"):
                found.append({**values, "mode": values.get("mode") or Mode.BLOCK})
        return found


PhaseFormSet = forms.formset_factory(PhaseForm, formset=_PhaseRows, extra=_SPARE_ROWS, max_num=100)


def phase_rows(training_class: TrainingClass, data: Any = None) -> Any:
    """Return the formset of a class's phases; a request for more rows keeps what was typed."""
    if data is not None:
        return PhaseFormSet(_with_more(data) if "more" in data else data, prefix="phases")
    known = training_class.phases.order_by("order")
    initial = [
        {"id": each.pk, "name": each.name, "days": plain(each.days), "mode": each.mode} for each in known
    ]
    return PhaseFormSet(initial=initial, prefix="phases")


def _with_more(data: Any) -> Any:
    more = data.copy()
    total = data.get("phases-TOTAL_FORMS", "")
    more["phases-TOTAL_FORMS"] = (int(total) if total.isdecimal() else 0) + _SPARE_ROWS
    return more


class SessionForm(forms.ModelForm):
    """One session on the timetable."""

    class Meta:
        model = ClassSession
        fields = ("day", "begins", "ends", "topic", "trainer", "venue", "phase")
        widgets = {"day": DateInput(), "begins": TimeInput(), "ends": TimeInput()}
        help_texts = {"venue": "与培训班的地点相同的可以不填。"}

    def __init__(self, *args: Any, training_class: TrainingClass, **kwargs: Any) -> None:
        """The phases are those of the class; the day lies within it."""
        super().__init__(*args, **kwargs)
        phases = ClassPhase.objects.filter(training_class=training_class)
        self.fields["phase"].queryset = phases
        self.fields["phase"].empty_label = "不属于哪个阶段"
        if not phases.exists():
            del self.fields["phase"]
        first, last = training_class.starts_on, training_class.ends_on
        self.fields["day"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def _post_clean(self) -> None:
        """The service writes and checks; the form only shapes."""


class ApplyForm(forms.Form):
    """One's own application."""

    reason = forms.CharField(
        label="报名理由", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="学校同意时会看到，不超过 200 字。",
    )  # fmt: skip
