"""Forms of what somebody learned, earned and did: education, titles, certificates, ranks, honours, CV."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from cadres.forms.histories.base import HistoryForm, long_text, short_text
from cadres.forms.people import check_year, code_field, partial_date
from cadres.models import AnnualAssessment, CareerLine, Certificate, Code, Education, Honour, Rank
from core.calendar import today


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


class CertificateForm(HistoryForm):
    """A certificate and how long it is valid."""

    kind = forms.ChoiceField(label="证书类别", choices=Certificate.Kind.choices)
    name = short_text("证书名称", longest=120, required=True)
    number = short_text("证书编号", longest=60)
    issuer = short_text("发证机构", longest=120)
    hours = forms.IntegerField(
        label="培训学时",
        required=False,
        min_value=0,
        max_value=9999,
        help_text="任职资格和提高培训的证书须写明学时。",
    )
    start = partial_date("发证时间")
    end = partial_date("失效时间", help_text="长期有效请留空。从这时起不再有效。")


class HonourForm(HistoryForm):
    """An honour or award."""

    name = short_text("荣誉名称", longest=160, required=True)
    level = forms.ChoiceField(label="级别", choices=Honour.Level.choices, initial=Honour.Level.COUNTY)
    issuer = short_text("批准机关", longest=120)
    document_number = short_text("文号", longest=60)
    start = partial_date("授予时间")
    end = partial_date("撤销时间", help_text="没有撤销请留空。")


class CareerForm(HistoryForm):
    """A line of the CV, or an （其间：…） line under another."""

    text = long_text(
        "经历",
        rows=2,
        longest=500,
        required=True,
        help_text="如 示例区东河镇中心小学教师、教导主任。不写起止时间。",
    )
    start = partial_date("起")
    end = partial_date("止", help_text="至今请留空。")
    is_study = forms.BooleanField(label="学习经历", required=False)
    within = forms.ModelChoiceField(
        CareerLine.objects.none(), label="属于哪一段（其间）", required=False, empty_label="独立成行",
        help_text="在职学习、挂职等写成某一段的“其间”时选择那一段。",
    )  # fmt: skip
    order = forms.IntegerField(
        label="顺序", required=False, min_value=0, max_value=999,
        help_text="一般留空，按起始时间排列；起始时间相同的各行数字小的在前。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = self.cadre.careerlines.filter(within=None)
        if self.record is not None:
            lines = lines.exclude(pk=self.record.pk)
            self.has_lines_within = self.record.meanwhile.exists()
        self.fields["within"].queryset = lines
        self.fields["within"].label_from_instance = lambda line: f"{line.period} {line.text}"[:60]

    def clean_order(self) -> int:
        """No number means: by the beginning."""
        return self.cleaned_data["order"] or 0

    def clean_within(self) -> CareerLine | None:
        """Lines stand one below the other in two levels at most."""
        within = self.cleaned_data["within"]
        if within is not None and self.record is not None and self.has_lines_within:
            raise forms.ValidationError("这一行下面还有“其间”的经历，不能再放到另一行下面。")
        return within
