"""Forms of handing out 任免审批表: in which format, whole or without what is sensitive, and for what."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User
from cadres.services.form_import.exporting import FormExport

FORMATS = (("docx", "Word 文件（.docx），按规定格式打印"), ("lrmx", "任免表编辑器文件（.lrmx）"))
WHOLE, CUT = "whole", "cut"


class FormFileForm(forms.Form):
    """How one form, or many, go out."""

    format = forms.ChoiceField(label="格式", choices=FORMATS, widget=forms.RadioSelect, initial="docx")
    content = forms.ChoiceField(
        label="内容",
        choices=(
            (CUT, "不含家庭成员、健康状况、奖惩、任免理由，身份证号只显示前后四位"),
            (WHOLE, "完整内容"),
        ),
        widget=forms.RadioSelect,
        initial=CUT,
    )
    reason = forms.CharField(
        label="用途", required=False, max_length=200, help_text="选“完整内容”时必填，至少 4 个字，记入审计。"
    )

    def __init__(self, *args: Any, user: User, may_open: bool | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        opens = user.holds("cadre.view_sensitive") if may_open is None else may_open
        if not opens:
            del self.fields["content"], self.fields["reason"]

    def export(self) -> FormExport:
        """What was asked for."""
        data = self.cleaned_data
        return FormExport(open_sensitive=data.get("content") == WHOLE, reason=data.get("reason", ""))
