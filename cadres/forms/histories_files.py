"""Forms of workbooks of histories: the upload, and what an export holds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from accounts.models import User
from cadres.collection.exporting import sheets_for
from cadres.forms.exchange import UploadForm

OWN, NATIONAL = "own", "national"
ACCEPTED = ".xlsx,.xls"


class HistoriesUploadForm(UploadForm):
    """The workbook to import."""

    file = forms.FileField(
        label="工作簿",
        help_text="履历工作簿或《干部大数据信息提取表》，Excel（.xlsx、.xls）。",
        widget=forms.FileInput(
            attrs={"accept": ACCEPTED, "data-upload-limit": str(settings.UPLOAD_MAX_BYTES)}
        ),
        error_messages={"required": "请选择工作簿。", "empty": "文件是空的，没有可以导入的内容。"},
    )


class HistoriesExportForm(forms.Form):
    """Which workbook, which of its sheets, and what for."""

    workbook = forms.ChoiceField(
        label="工作簿",
        choices=[(OWN, "履历工作簿（每类履历一个工作表）"), (NATIONAL, "干部大数据信息提取表（全部工作表）")],
        widget=forms.RadioSelect,
        initial=OWN,
    )
    sheets = forms.MultipleChoiceField(
        label="履历工作簿的工作表", widget=forms.CheckboxSelectMultiple, required=False
    )
    open_numbers = forms.BooleanField(label="写出完整的身份证号", required=False)
    reason = forms.CharField(
        label="用途",
        required=False,
        max_length=200,
        help_text="导出保密内容、完整身份证号或信息提取表时必填，记入审计，并写在每个工作表的最上面。",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        usual = [one.code for one in sheets_for(None, open_only=True)]
        kwargs["initial"] = {"sheets": usual, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["sheets"].choices = [(one.code, one.name) for one in sheets_for(user)]
        if not user.holds("cadre.view_sensitive"):
            del self.fields["open_numbers"], self.fields["reason"], self.fields["workbook"]

    @property
    def national(self) -> bool:
        """Whether the national workbook was chosen."""
        return bool(self.cleaned_data.get("workbook") == NATIONAL)
