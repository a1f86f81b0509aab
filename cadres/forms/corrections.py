"""Forms of requests for correction: the history's own form with explanation and proof below it."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from accounts.models import Unit
from cadres.forms.histories import FORMS, HistoryForm
from cadres.forms.histories.base import long_text, short_text
from cadres.forms.people import CadreForm, partial_date
from cadres.models import Appointment, Cadre, Correction
from cadres.services.askable import ASKABLE, BASIC, subject_for
from core.calendar import today
from core.widgets import PickerInput

PROOF_HINT = "证书、文件或证件的照片、扫描件（PDF、JPG、PNG、Word、Excel）。"
PHONE_HINT = f"{PROOF_HINT}只改手机号码的不需要。"


class ExplainForm(forms.Form):
    """Why, and what proves it."""

    explanation = long_text("说明", required=True, help_text="写明现在的记录哪里不对、依据是什么。加密保存。")
    proof = forms.FileField(label="证明材料", required=False, help_text=PROOF_HINT)


class _Asked(ExplainForm):
    """What every form of a request has; mixed in before the form of the history."""

    beside = ("version", *ExplainForm.base_fields)
    asked_for = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ASKABLE[self.asked_for].needs_proof:
            self.fields["explanation"].required = False
            self.fields["explanation"].label = "给局人事的说明"
            self.fields["explanation"].help_text = "需要说明的情况，可以不填。加密保存。"
            del self.fields["proof"]
        elif self.asked_for == Correction.BASIC:
            self.fields["proof"].help_text = PHONE_HINT
        else:
            self.fields["proof"].required = True
        own = [name for name in self.fields if name not in ExplainForm.base_fields]
        self.order_fields([*own, *ExplainForm.base_fields])

    def clean(self) -> dict[str, Any]:
        """A period runs forward."""
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end.date < start.date:
            self.add_error("end", "结束的时间不能早于开始的时间。")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What is wished: of an entry that exists, what was changed, with what follows from it."""
        found: dict[str, Any] = super().values()  # type: ignore[misc]
        if self.record is None:  # type: ignore[attr-defined]
            return found
        changed = set(self.changed_data)
        return {name: value for name, value in found.items() if name in changed or name not in self.fields}

    def typed(self) -> dict[str, Any]:
        """What differs from the record, as the browser sent it, valid or not: a draft keeps that."""
        kept = [
            name for name in self.changed_data
            if name != "version" and not isinstance(self.fields[name], forms.FileField)
        ]  # fmt: skip
        return {
            name: self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name in kept
        }


class _BasicForm(HistoryForm):
    """One's own data, without what HR alone keeps."""

    periods = ("birth", "work_start")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gender"].choices = [("", "未填写"), *Cadre.Gender.choices]  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, record: Any) -> dict[str, Any]:
        """As HR's form shows them, the identity number masked."""
        return {name: value for name, value in CadreForm.initial_of(record).items() if name in BASIC}

    def clean_id_number(self) -> str:
        """A masked number is the number as it is."""
        number = self.cleaned_data["id_number"]
        if "*" in number and "id_number" in self.changed_data:
            raise forms.ValidationError("请填写完整的 18 位身份证号，或保留原来的星号。")
        return number


class _PhotoForm(HistoryForm):
    """A new photo."""

    photo = forms.FileField(
        label="新照片", help_text="JPG 或 PNG，不超过 2 MB；近期正面半身照，比例约 4:5。",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )  # fmt: skip

    @classmethod
    def initial_of(cls, record: Any) -> dict[str, Any]:
        """A file can't be filled in."""
        return {}


class _AppointmentForm(HistoryForm):
    """What of a post can be wrong in the record; unit and kind are the organisation's to say."""

    title = short_text("职务名称", longest=120, required=True)
    start = partial_date("任职时间", required=True)
    end = partial_date("免职时间", help_text="仍在任请留空。")
    document_number = short_text("任职文号", longest=60)


class _MissingAppointmentForm(HistoryForm):
    """A post that was held and isn't on the roster, told as the document of appointment says it."""

    unit = forms.ModelChoiceField(
        Unit.objects.all(), label="任职单位", required=False,
        widget=PickerInput("correction-unit-pick", placeholder="输入单位名称、拼音或简拼"),
        help_text="区外或已找不到的单位请留空，在下一项填写名称。",
    )  # fmt: skip
    unit_text = short_text("区外单位名称", longest=120)
    title = short_text("职务名称", longest=120, required=True, help_text="按任职文件填写，如 副校长。")
    kind = forms.ChoiceField(
        label="任职方式",
        choices=Appointment.Kind.choices,
        initial=Appointment.Kind.REGULAR,
        widget=forms.RadioSelect,
    )
    is_main = forms.BooleanField(
        label="当时的主职务", required=False, help_text="同一时间只能有一个主职务；兼任、挂任不是主职务。"
    )
    start = partial_date("任职时间", required=True)
    end = partial_date("免职时间", help_text="仍在任请留空。从这时起不再任此职。")
    document_number = short_text("任职文号", longest=60, help_text="如 示教党〔2019〕12 号。")

    def clean(self) -> dict[str, Any]:
        """A unit of the tree and a place outside exclude each other."""
        cleaned = super().clean() or {}
        if cleaned.get("unit") and cleaned.get("unit_text"):
            self.add_error("unit_text", "任职单位和区外单位只填一项。")
        return cleaned


class _PlanForm(HistoryForm):
    """The words and the period of one's plan; mentor and reviews are others' to write."""

    goals = long_text("培养目标", required=True)
    measures = long_text("培养措施")
    start = partial_date("开始时间", required=True)
    end = partial_date("结束时间")


class _SelfAssessmentForm(FORMS["competence"][1]):  # type: ignore[misc]
    """One's own judgement of the six competences."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["source"]
        self.fields["on"].label = "自评日期"
        self.fields["score_1"].help_text = "每项 0 到 100 分，没有把握的留空。"

    def values(self) -> dict[str, Any]:
        """Without the source, which is oneself."""
        return {name: value for name, value in super().values().items() if name != "source"}


_OWN_FORMS: dict[tuple[str, bool], type[HistoryForm]] = {
    (Correction.PHOTO, False): _PhotoForm,
    ("appointment", False): _AppointmentForm,
    ("appointment", True): _MissingAppointmentForm,
    ("plan", False): _PlanForm,
    ("competence", False): _SelfAssessmentForm,
    ("competence", True): _SelfAssessmentForm,
}


@cache
def form_for(kind: str, *, is_missing: bool = False) -> type[Any]:
    """Return the form with which one asks for a correction of a kind, or for a missing entry."""
    if kind == Correction.BASIC:
        fields = {name: deepcopy(CadreForm.base_fields[name]) for name in BASIC}
        fields["id_number"].help_text = "18 位；保留星号即不修改。"
        own = type("_Basic", (_BasicForm,), fields)
    else:
        own = _OWN_FORMS.get((kind, is_missing)) or FORMS[kind][1]
    return type(f"{own.__name__.strip('_')}Correction", (_Asked, own), {"asked_for": kind})


def _kinds() -> list[tuple[str, str]]:
    """What can be asked for, as people call it."""
    return [(kind, subject_for(kind, 1).removeprefix("更正").removeprefix("更换")) for kind in ASKABLE]


class CorrectionFilter(filters.FilterSet):
    """Filters of HR's list."""

    search = filters.CharFilter(method="by_name", label="搜索姓名、单位", max_length=60)
    kind = filters.ChoiceFilter(choices=_kinds(), label="事项", empty_label="全部事项")
    missing = filters.ChoiceFilter(
        choices=[("no", "更正"), ("yes", "补登")], method="by_missing", label="申请", empty_label="更正和补登"
    )
    due = filters.ChoiceFilter(
        choices=[("late", "已超期"), ("soon", "三天内到期")],
        method="by_due",
        label="期限",
        empty_label="全部期限",
    )

    class Meta:
        model = Correction
        fields = ("search", "kind", "missing", "due")

    def by_name(self, rows: QuerySet[Correction], name: str, value: str) -> QuerySet[Correction]:
        """Search by person (name, pinyin, initials) or unit."""
        people = Cadre.objects.matching(value).order_by().values("pk")
        return rows.filter(Q(cadre__in=people) | Q(cadre__unit__name__contains="".join(value.split())))

    def by_missing(self, rows: QuerySet[Correction], name: str, value: str) -> QuerySet[Correction]:
        """Whether an entry is said to be missing."""
        missing = Q(record_id=None) & ~Q(kind__in=Correction.PERSONAL)
        return rows.filter(missing if value == "yes" else ~missing)

    def by_due(self, rows: QuerySet[Correction], name: str, value: str) -> QuerySet[Correction]:
        """What waits beyond its day, or nearly."""
        day = today() if value == "late" else today() + timedelta(days=4)
        rows = rows.filter(status=Correction.Status.SUBMITTED, due__lt=day)
        return rows if value == "late" else rows.filter(due__gte=today())
