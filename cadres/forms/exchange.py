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


class ManyFilesInput(forms.FileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several uploaded files; cleans to a list. Raises when there is none, or one is empty."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Check every file as a file field does."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(one, initial) for one in files or [None]]


def _many_files(label: str, accept: str, help_text: str, missing: str) -> ManyFilesField:
    return ManyFilesField(
        label=label,
        help_text=help_text,
        widget=ManyFilesInput(
            attrs={"accept": accept, "multiple": True, "data-upload-limit": str(settings.UPLOAD_MAX_BYTES)}
        ),
        error_messages={"required": missing, "empty": "有一个文件是空的，请检查后重新选择。"},
    )


class FormsUploadForm(UploadForm):
    """The 任免审批表 to import."""

    file = _many_files(
        "任免审批表文件",
        ".lrmx,.lrm,.pic,.zip",
        "可以一次选择多个 .lrmx、.lrm 文件（最多 100 个，.lrm 的照片 .pic 一并选上），或一个装有几百份的 .zip 压缩包。",
        "请选择任免审批表文件。",
    )


class PhotosUploadForm(UploadForm):
    """The photos to import."""

    file = _many_files(
        "照片文件",
        ".jpg,.jpeg,.png,.zip",
        "照片以身份证号或姓名命名，例如 张三.jpg；可以一次选择多张（最多 100 张），或一个 .zip 压缩包。",
        "请选择照片文件。",
    )


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
