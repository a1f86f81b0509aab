"""Forms of the dated histories: one per kind, each naming its service's values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from accounts.models import Unit, User
from cadres.forms.people import check_year, code_field, day_input, partial_date
from cadres.models import (
    AnnualAssessment,
    Appointment,
    Cadre,
    Code,
    Education,
    PoliticalStatus,
    Post,
    ProfessionalTitle,
    Rank,
)
from core.calendar import today
from core.widgets import PickerInput


class HistoryForm(forms.Form):
    """The base: made for a person, and with `record` for an entry that exists."""

    periods: tuple[str, ...] = ("start", "end")
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cadre: Cadre, user: User, record: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cadre, self.user, self.record = cadre, user, record
        if record is None:
            del self.fields["version"]
        self.order_fields([name for name in self.fields if name != "version"])

    def initial_values(self, record: Any) -> dict[str, Any]:
        """The present values of an entry."""
        found = {}
        for name in self.fields:
            if name == "version":
                continue
            found[name] = getattr(record, f"{name}_date" if name in self.periods else name)
        return found

    def values(self) -> dict[str, Any]:
        """The cleaned values as the service takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class AppointmentForm(HistoryForm):
    """A post held: at a unit of the tree, or at a place outside it."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="任职单位", required=False,
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
        help_text="区外单位请留空，在下一项填写名称。",
    )  # fmt: skip
    unit_text = forms.CharField(label="区外单位名称", required=False, max_length=120)
    title = forms.CharField(label="职务名称", max_length=120, help_text="按任职文件填写，如 副校长。")
    post = forms.ModelChoiceField(
        Post.objects.none(), label="对应岗位", required=False, empty_label="未对应",
        help_text="对应后计入单位班子的职数；正职还会向安全管理员提出授权。",
    )  # fmt: skip
    kind = forms.ChoiceField(label="任职方式", choices=Appointment.Kind.choices, widget=forms.RadioSelect)
    is_main = forms.BooleanField(
        label="主职务", required=False, help_text="同一时间只能有一个主职务；兼任、挂任不是主职务。"
    )
    start = partial_date("任职时间", required=True)
    end = partial_date("免职时间", help_text="仍在任请留空。从这时起不再任此职。")
    document_number = forms.CharField(label="任职文号", required=False, max_length=60)
    selection = code_field("选拔任用方式", Code.List.SELECTION)
    probation_end = forms.DateField(label="试用期满", required=False, widget=day_input())
    term_number = forms.IntegerField(label="第几任期", required=False, min_value=1, max_value=20)
    term_end = forms.DateField(label="任期届满", required=False, widget=day_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.visible_to(self.user)
        self.fields["unit"].queryset = units
        here = {self.cadre.unit_id}
        if self.record is not None:
            here.add(self.record.unit_id)
        chosen = str(self.data.get("unit", ""))
        if chosen.isascii() and chosen.isdecimal() and len(chosen) < 18:
            here.add(int(chosen))
        posts = Post.objects.visible_to(self.user).filter(unit__in=[pk for pk in here if pk], closed_on=None)
        self.fields["post"].queryset = posts.select_related("unit")
        self.fields["post"].label_from_instance = lambda post: f"{post.title}（{post.unit.name}）"

    def clean(self) -> dict[str, Any]:
        """A unit of the tree and a place outside exclude each other."""
        cleaned = super().clean() or {}
        if cleaned.get("unit") and cleaned.get("unit_text"):
            self.add_error("unit_text", "任职单位和区外单位只填一项。")
        return cleaned


class EducationForm(HistoryForm):
    """An education record."""

    mode = forms.ChoiceField(label="教育类别", choices=Education.Mode.choices, widget=forms.RadioSelect)
    level = code_field("学历", Code.List.EDUCATION)
    degree = code_field("学位", Code.List.DEGREE, empty="无")
    school = forms.CharField(label="毕业院校系及专业", required=False, max_length=200)
    start = partial_date("入学时间")
    end = partial_date("毕业时间")

    def values(self) -> dict[str, Any]:
        """The words beside the codes follow the codes."""
        values = super().values()
        for code, text in (("level", "level_text"), ("degree", "degree_text")):
            changed = self.record is None or getattr(self.record, code) != values[code]
            if changed:
                values[text] = str(values[code]) if values[code] else ""
        return values


class TitleForm(HistoryForm):
    """A professional title."""

    title = code_field("职称", Code.List.TITLE, empty="表中没有")
    title_text = forms.CharField(
        label="职称（原文）", required=False, max_length=60, help_text="表中没有的职称在这里填写。"
    )
    start = partial_date("取得时间")
    end = partial_date("终止时间", help_text="晋升或失效时填写，现在的职称请留空。")

    def clean(self) -> dict[str, Any]:
        """One of the two says what the title is."""
        cleaned = super().clean() or {}
        if not cleaned.get("title") and not cleaned.get("title_text"):
            self.add_error("title", "请选择职称，或在下一项填写。")
        return cleaned


class RankForm(HistoryForm):
    """A rank, or a post level held since a date."""

    kind = forms.ChoiceField(label="类别", choices=Rank.Kind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label="职级（层次）", required=False, max_length=60, help_text="如 一级校长、正科级。"
    )
    start = partial_date("起始时间", required=True)
    end = partial_date("终止时间", help_text="现在的职级请留空。")


class PoliticalForm(HistoryForm):
    """A political affiliation and since when."""

    status = code_field("政治面貌", Code.List.POLITICAL, required=True, empty="请选择")
    start = partial_date("加入时间")
    end = partial_date("终止时间", help_text="现在的政治面貌请留空。")


def grade_label_sets() -> list[tuple[str, str]]:
    """The label sets of the settings, as choices."""
    return [(code, labels["name"]) for code, labels in settings.GRADE_LABELS.items()]


class AssessmentForm(HistoryForm):
    """The grade of a year."""

    periods = ()
    year = forms.IntegerField(label="年度", validators=[check_year])
    grade = forms.ChoiceField(label="等次", choices=AnnualAssessment.Grade.choices, widget=forms.RadioSelect)
    labels = forms.ChoiceField(
        label="用语", choices=grade_label_sets, initial="institution",
        help_text="学校等事业单位用“合格”，公务员用“称职”。",
    )  # fmt: skip
    note = forms.CharField(label="说明", required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = today().year - 1


FORMS: dict[str, tuple[type[Any], type[HistoryForm]]] = {
    "appointment": (Appointment, AppointmentForm),
    "education": (Education, EducationForm),
    "title": (ProfessionalTitle, TitleForm),
    "rank": (Rank, RankForm),
    "political": (PoliticalStatus, PoliticalForm),
    "assessment": (AnnualAssessment, AssessmentForm),
}
