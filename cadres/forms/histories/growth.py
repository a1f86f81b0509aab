"""Forms of how a cadre is developed: tier, reserve pool, individual plan, competences, and the yearly reviews."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import ValidationError

from accounts.models import User
from cadres.forms.histories.base import HistoryForm, long_text, short_text
from cadres.forms.people import check_year, day_input, partial_date
from cadres.models import (
    Competence,
    CompetenceProfile,
    DevelopmentPlan,
    Post,
    ReserveEntry,
    TalentEntry,
)
from core.calendar import today
from core.widgets import PickerInput

USUAL_INTERVAL = DevelopmentPlan._meta.get_field("interval_months").default


class TalentForm(HistoryForm):
    """A place in the talent tier."""

    tier = forms.ChoiceField(label="梯队", choices=TalentEntry.Tier.choices, widget=forms.RadioSelect)
    document_number = short_text("文号", longest=60)
    start = partial_date("认定时间", required=True)
    end = partial_date("退出时间", help_text="现在的梯队请留空；同一时间只在一个梯队。")


class ReserveForm(HistoryForm):
    """Membership of the reserve pool."""

    category = forms.ChoiceField(label="后备类别", choices=Post.Category.choices, widget=forms.RadioSelect)
    status = forms.ChoiceField(
        label="状态", choices=ReserveEntry.Status.choices, initial=ReserveEntry.Status.RESERVE
    )
    source = short_text("产生方式", longest=60, help_text="如 民主推荐、组织推荐。")
    start = partial_date("列入时间", required=True)
    end = partial_date("退出时间", help_text="仍在后备之中请留空。")


class PlanForm(HistoryForm):
    """An individual development plan."""

    goals = long_text("培养目标", required=True)
    measures = long_text("培养措施", help_text="如 跟岗学习、承担课题、轮岗、参加培训班。")
    mentor = forms.ModelChoiceField(
        User.objects.none(), label="导师（有账号的）", required=False,
        widget=PickerInput("mentor-pick", placeholder="输入姓名或账号"), help_text="没有账号的导师请在下一项填写姓名。",
    )  # fmt: skip
    mentor_text = short_text("导师姓名（没有账号的）", longest=60)
    interval_months = forms.IntegerField(
        label="评估间隔（月）", initial=USUAL_INTERVAL, required=False, min_value=DevelopmentPlan.SHORTEST_INTERVAL,
        max_value=DevelopmentPlan.LONGEST_INTERVAL, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="每隔几个月评估一次，不填按 6 个月；从开始或上次评估算起，到期前 30 天提醒导师，没有导师账号的提醒局人事。",
    )  # fmt: skip
    start = partial_date("开始时间", required=True)
    end = partial_date("结束时间", help_text="同一时间只有一份计划。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mentor"].queryset = User.objects.filter(is_active=True, account_class="business")

    def clean_interval_months(self) -> int:
        """Left empty it is the usual one."""
        return self.cleaned_data["interval_months"] or USUAL_INTERVAL


def _score(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip


class CompetenceForm(HistoryForm):
    """Six scores of a day; what was not judged stays empty."""

    periods = ()
    on = forms.DateField(label="评价日期", initial=today, widget=day_input())
    source = forms.ChoiceField(
        label="来源", choices=CompetenceProfile.Source.choices, initial=CompetenceProfile.Source.SUPERIOR,
        widget=forms.RadioSelect,
    )  # fmt: skip
    score_1 = _score(Competence.CURRICULUM.label)
    score_2 = _score(Competence.TEACHERS.label)
    score_3 = _score(Competence.CULTURE.label)
    score_4 = _score(Competence.STRATEGY.label)
    score_5 = _score(Competence.PROBLEMS.label)
    score_6 = _score(Competence.INFORMATION.label)
    note = short_text("说明", longest=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "score_1"
        ].help_text = "每项 0 到 100 分，没有评价的留空。登记后再“发布”，本人才能看到；自评不需要发布。"

    @classmethod
    def initial_of(cls, record: CompetenceProfile) -> dict[str, Any]:
        """The scores one by one."""
        scores = {f"score_{at}": score for at, score in enumerate(record.scores, start=1)}
        return {"on": record.on, "source": record.source, "note": record.note, **scores}

    def values(self) -> dict[str, Any]:
        """The scores as the one column."""
        values = super().values()
        scores = [values.pop(f"score_{at}") for at in range(1, 7)]
        return {**values, "scores": scores}


class ReviewForm(forms.Form):
    """The base: `version` where a review that exists is corrected."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def initial_of(cls, record: Any) -> dict[str, Any]:
        """The present values of a review, as the form names them."""
        return {name: getattr(record, name) for name in cls.base_fields if name != "version"}

    def values(self) -> dict[str, Any]:
        """The cleaned values as the service takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ReserveReviewForm(ReviewForm):
    """The yearly review of a reserve entry."""

    year = forms.IntegerField(label="年度", validators=[check_year])
    status = forms.ChoiceField(label="结论", choices=ReserveEntry.Status.choices, initial="4")
    opinion = long_text("意见", help_text="加密保存，查看须写明理由。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = today().year


class PlanReviewForm(ReviewForm):
    """A periodic review of a plan."""

    on = forms.DateField(label="评估日期", initial=today, widget=day_input())
    progress = long_text("进展", required=True)
    advice = long_text("下一步建议")

    def clean_on(self) -> Any:
        """A review has been held."""
        return _not_later(self.cleaned_data["on"], "评估日期")


def _not_later(day: Any, word: str) -> Any:
    if day > today():
        raise ValidationError(f"{word}不能晚于今天。")
    return day
