"""Forms of requests for correction: the history's own form with explanation and proof below it."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from django import forms

from cadres.forms.histories import FORMS, HistoryForm
from cadres.forms.histories.base import long_text, short_text
from cadres.forms.people import CadreForm, partial_date
from cadres.models import Cadre, Correction
from cadres.services.corrections import BASIC

PROOF_HINT = "证书、文件或证件的照片、扫描件（PDF、JPG、PNG、Word、Excel）。只改手机号码的不需要。"


class ExplainForm(forms.Form):
    """Why, and what proves it."""

    explanation = long_text("说明", required=True, help_text="写明现在的记录哪里不对、依据是什么。加密保存。")
    proof = forms.FileField(label="证明材料", required=False, help_text=PROOF_HINT)


class _Asked(ExplainForm):
    """What every form of a request has; mixed in before the form of the history."""

    beside = ("version", *ExplainForm.base_fields)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [name for name in self.fields if name not in ExplainForm.base_fields]
        self.order_fields([*own, *ExplainForm.base_fields])

    def values(self) -> dict[str, Any]:
        """What is wished: of an entry that exists, what was changed, with what follows from it."""
        found: dict[str, Any] = super().values()  # type: ignore[misc]
        if self.record is None:  # type: ignore[attr-defined]
            return found
        changed = set(self.changed_data)
        return {name: value for name, value in found.items() if name in changed or name not in self.fields}


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


class _AppointmentForm(HistoryForm):
    """What of a post can be wrong in the record; unit and kind are the organisation's to say."""

    title = short_text("职务名称", longest=120, required=True)
    start = partial_date("任职时间", required=True)
    end = partial_date("免职时间", help_text="仍在任请留空。")
    document_number = short_text("任职文号", longest=60)


@cache
def form_for(kind: str) -> type[Any]:
    """Return the form with which one asks for a correction of a kind."""
    if kind == Correction.BASIC:
        fields = {name: deepcopy(CadreForm.base_fields[name]) for name in BASIC}
        fields["id_number"].help_text = "18 位；保留星号即不修改。"
        return type("BasicCorrectionForm", (_Asked, type("_Basic", (_BasicForm,), fields)), {})
    base = _AppointmentForm if kind == "appointment" else FORMS[kind][1]
    return type(f"{base.__name__}Correction", (_Asked, base), {})
