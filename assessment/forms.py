"""Forms of the bureau's pages of assessment: shape and check input, nothing else."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms

from accounts.models import Unit, User
from assessment.models import Instrument, Round
from cadres.models import Cadre
from core.calendar import ZONE, today
from core.widgets import DateInput, MomentInput, PickerInput


class _OfUnit(forms.ModelForm):
    """A form for something that a unit owns: where the user has only one such unit, it isn't asked."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the units at which the user holds the right."""
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        unit.queryset = Unit.objects.visible_to(user, "round.manage").open()
        unit.initial = unit.queryset.order_by("path").first()

    def _post_clean(self) -> None:
        """The service writes and checks; the form only shapes."""


class InstrumentForm(_OfUnit):
    """What an instrument is called, and what raters read before they begin."""

    class Meta:
        model = Instrument
        fields = ("name", "basis", "instructions", "unit")
        widgets = {
            "instructions": forms.Textarea(attrs={"rows": 3}),
            "unit": PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
        }
        help_texts = {
            "name": "如：学校领导班子成员综合考核评价量表。",
            "basis": "依据的文件和条款。",
            "instructions": "评价人在评价票上方看到的话。",
        }


class RoundForm(_OfUnit):
    """What of a round in preparation may be changed."""

    class Meta:
        model = Round
        fields = ("title", "purpose", "instrument", "period_from", "period_to", "opens_at", "closes_at", "minimum",
                  "notice", "unit")  # fmt: skip
        widgets = {
            "period_from": DateInput(),
            "period_to": DateInput(),
            "opens_at": MomentInput(),
            "closes_at": MomentInput(),
            "notice": forms.Textarea(attrs={"rows": 4}),
            "unit": PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
        }
        help_texts = {
            "title": "评价人和评价对象看到的名称。",
            "instrument": "只列出已定稿的量表。",
            "period_from": "评价的是这段时间的表现。",
            "opens_at": "到时间后由您点“开始评价”，通知评价人。",
            "closes_at": "到时间自动截止并统计。",
            "minimum": "匿名评价的人数达到这个数才显示结果，最少 3 人。",
            "notice": "和量表的填写说明一起显示在评价票上方。",
            "unit": "评价对象须在这个单位及其下属单位。",
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer published instruments in scope, and a window of two weeks from tomorrow."""
        super().__init__(*args, user=user, **kwargs)
        known = Instrument.objects.visible_to(user).filter(status=Instrument.Status.PUBLISHED)
        if self.instance.instrument_id:
            known = known | Instrument.objects.filter(pk=self.instance.instrument_id)
        instrument = self.fields["instrument"]
        instrument.queryset = known.order_by("name", "-edition")
        instrument.empty_label = "请选择量表"
        self.fields["purpose"].choices = [("", "请选择用途"), *Round.Purpose.choices]
        if self.instance.pk is None:
            self._suggest()

    def groups(self) -> list[dict[str, Any]]:
        """The fields by what the person thinks of."""
        parts = (
            ("评什么", ("title", "purpose", "instrument", "unit")),
            ("时间", ("opens_at", "closes_at", "period_from", "period_to")),
            ("规则与说明", ("minimum", "notice")),
        )
        return [
            {"title": title, "fields": [self[name] for name in names if name in self.fields]}
            for title, names in parts
        ]

    def _suggest(self) -> None:
        first = today() + timedelta(days=1)
        suggested = {
            "period_from": today().replace(month=1, day=1),
            "period_to": today(),
            "opens_at": datetime.combine(first, time(8), tzinfo=ZONE),
            "closes_at": datetime.combine(first + timedelta(days=13), time(18), tzinfo=ZONE),
        }
        for name, value in suggested.items():
            self.fields[name].initial = value


class ExtendForm(forms.Form):
    """A later end of the window."""

    closes_at = forms.DateTimeField(label="新的截止时间", widget=MomentInput())
    comment = forms.CharField(label="原因", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, held: Round, **kwargs: Any) -> None:
        """Start from what holds now."""
        super().__init__(*args, **kwargs)
        self.fields["closes_at"].initial = held.closes_at.astimezone(ZONE)


class SubjectForm(forms.Form):
    """One more person to be rated."""

    cadre = forms.ModelChoiceField(
        label="增加评价对象", queryset=Cadre.objects.none(),
        widget=PickerInput("cadre-pick", placeholder="输入姓名、拼音或简拼"),
        error_messages={"invalid_choice": "没有找到此人，或者不在您的范围内。", "required": "请选择评价对象。"},
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Take people in view."""
        super().__init__(*args, **kwargs)
        self.fields["cadre"].queryset = Cadre.objects.visible_to(user).in_service()


class RaterForm(forms.Form):
    """One more rater of a subject, in one relation."""

    rater = forms.ModelChoiceField(
        label="评价人", queryset=User.objects.none(),
        widget=PickerInput("rater-pick", placeholder="输入姓名或账号"),
        error_messages={"invalid_choice": "没有找到这个账号。", "required": "请选择评价人。"},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take active business accounts."""
        super().__init__(*args, **kwargs)
        self.fields["rater"].queryset = User.objects.filter(is_active=True, account_class="business")


class ReasonForm(forms.Form):
    """Why confidential results are opened or taken along."""

    reason = forms.CharField(
        label="用途", max_length=200, help_text="会记入审计，并印在工作簿的标题行。",
        widget=forms.TextInput(attrs={"placeholder": "如：提交局党组会研究"}),
    )  # fmt: skip
