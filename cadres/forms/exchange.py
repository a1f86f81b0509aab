"""Forms of import and export: the upload, the choice of columns."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from accounts.models import Unit, User
from cadres.sheets.columns import HEADINGS
from cadres.sheets.exporting import COLUMNS
from core.widgets import PickerInput

ACCEPTED = ".xlsx,.xls,.csv"


class UploadForm(forms.Form):
    """The roster file, and where its units must lie."""

    file = forms.FileField(
        label="名册文件",
        help_text="Excel（.xlsx、.xls）或 .csv。标题行、合并表头、单位分组行、合计和备注都可以保留，列的次序不限。",
        widget=forms.FileInput(
            attrs={"accept": ACCEPTED, "data-upload-limit": str(settings.UPLOAD_MAX_BYTES)}
        ),
        error_messages={"required": "请选择名册文件。", "empty": "文件是空的，没有可以导入的内容。"},
    )
    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label="只导入这个单位",
        required=False,
        help_text="不选时，文件里可以是您管理范围内的任何单位。",
        widget=PickerInput("unit-pick", placeholder="全部单位"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user, "roster.import").open()


class ExportForm(forms.Form):
    """Which columns an export has, and whether identity numbers are written out."""

    columns = forms.MultipleChoiceField(
        label="导出的列",
        choices=list(COLUMNS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一列。"},
    )
    open_numbers = forms.BooleanField(label="写出完整的身份证号", required=False)
    reason = forms.CharField(
        label="用途",
        required=False,
        max_length=200,
        help_text="写出完整身份证号时必填，记入审计，并写在工作簿的第一行。",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"columns": list(HEADINGS), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        if not user.holds("cadre.view_sensitive"):
            del self.fields["open_numbers"], self.fields["reason"]

    def chosen(self) -> tuple[str, ...]:
        """The chosen columns in the order of the sheet."""
        wanted = set(self.cleaned_data["columns"])
        return tuple(name for name in COLUMNS if name in wanted)
