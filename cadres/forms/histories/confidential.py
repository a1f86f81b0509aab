"""Forms of what is confidential: family, oversight, bureau evaluations, requests, and the verbs on them."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.scope import may
from cadres.forms.histories.base import HistoryForm, long_text, short_text
from cadres.forms.people import code_field, day_input, partial_date
from cadres.models import BureauEvaluation, Cadre, Code, FamilyMember, Oversight
from core.calendar import today
from core.partial_dates import parse
from core.widgets import PickerInput

SEALED_HINT = "加密保存，查看须写明理由。"


class EvaluationForm(HistoryForm):
    """The bureau's evaluation of a secondment."""

    place = short_text(
        "挂职单位及职务", longest=160, required=True, help_text="如 市实验小学教育集团 副校长。"
    )
    grade = forms.ChoiceField(label="等次", choices=BureauEvaluation.Grade.choices, widget=forms.RadioSelect)
    score = forms.DecimalField(label="得分", required=False, min_value=0, max_value=100, decimal_places=2)
    opinion = long_text("评语", help_text=SEALED_HINT)
    start = partial_date("挂职开始")
    end = partial_date("挂职结束")


class FamilyForm(HistoryForm):
    """A family member; whoever may look people up can link one to the roster."""

    periods = ()
    relation = code_field("称谓", Code.List.RELATION, required=True, empty="请选择")
    name = short_text("姓名", longest=60, required=True, help_text=SEALED_HINT)
    birth = partial_date("出生年月")
    political = short_text("政治面貌", longest=30)
    employment = short_text("工作单位及职务", longest=160)
    order = forms.IntegerField(
        label="排序", required=False, min_value=0, max_value=99, help_text="任免审批表按此排列，小的在前。"
    )
    kin = forms.ModelChoiceField(
        Cadre.objects.none(), label="本名册中的干部", required=False,
        widget=PickerInput("cadre-pick", placeholder="输入姓名、拼音或简拼"),
        help_text="这位亲属也在名册中时选择；另行核实之后才作为回避的依据。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may(self.user, "cadre.edit"):
            del self.fields["kin"]
            return
        people = Cadre.objects.visible_to(self.user).exclude(pk=self.cadre.pk)
        self.fields["kin"].queryset = people.select_related("unit")
        self.fields["kin"].label_from_instance = lambda cadre: f"{cadre.name}（{cadre.unit.name}）"

    @classmethod
    def initial_of(cls, record: FamilyMember) -> dict[str, Any]:
        """The birth stands as text in its encrypted column."""
        return {**super().initial_of(record), "birth": parse(record.birth).value}

    def clean_order(self) -> int:
        """No number means first."""
        return self.cleaned_data["order"] or 0

    def values(self) -> dict[str, Any]:
        """The birth as text."""
        values = super().values()
        return {**values, "birth": values["birth"].iso() if values["birth"] else ""}


class OversightForm(HistoryForm):
    """An act of oversight; deadlines and the end of a sanction's period are worked out when left empty."""

    kind = forms.ChoiceField(label="类别", choices=Oversight.Kind.choices)
    sanction = forms.ChoiceField(
        label="处分种类", required=False, choices=[("", "不是处分"), *Oversight.Sanction.choices],
        help_text="类别为“处分”时选择。",
    )  # fmt: skip
    authority = short_text("实施机关", longest=120)
    document_number = short_text("文号", longest=60)
    start = partial_date("日期", required=True, help_text="谈话、发函、审计、处分决定生效的日期。")
    content = long_text("事由", help_text=SEALED_HINT)
    result = long_text("结果", help_text=SEALED_HINT)
    due = forms.DateField(
        label="应办日期", required=False, widget=day_input(),
        help_text="留空时自动推算：诫勉六个月后回访，函询十五个工作日内回复。",
    )  # fmt: skip
    done_on = forms.DateField(label="办结日期", required=False, widget=day_input())
    end = partial_date(
        "影响期满", help_text="留空时按处分种类推算；影响期内不得晋升职务、职级、职称。从这时起不再受影响。"
    )

    def clean(self) -> dict[str, Any]:
        """A sanction is named, and nothing else is."""
        cleaned = super().clean() or {}
        is_sanction = cleaned.get("kind") == Oversight.Kind.SANCTION
        if is_sanction and not cleaned.get("sanction"):
            self.add_error("sanction", "请选择处分种类。")
        if not is_sanction and cleaned.get("sanction"):
            self.add_error("sanction", "只有处分才选择处分种类。")
        return cleaned


class FollowUpForm(forms.Form):
    """What came of an act of oversight: a follow-up talk, a reply, a correction carried out."""

    on = forms.DateField(label="办结日期", initial=today, widget=day_input())
    result = long_text("结果", required=True, help_text=SEALED_HINT)


class PetitionForm(HistoryForm):
    """A request that HR enters for somebody, or corrects."""

    periods = ()
    subject = short_text("事项", longest=120, required=True)
    content = long_text("内容", rows=6, required=True, help_text=SEALED_HINT)
    submitted_on = forms.DateField(label="提出日期", initial=today, widget=day_input())
    due = forms.DateField(
        label="答复期限", required=False, widget=day_input(), help_text="留空时为提出后十五个工作日。"
    )
    reply = long_text("答复", rows=6)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record is None or self.record.replied_on is None:
            del self.fields["reply"]


class AskForm(forms.Form):
    """A cadre's own request."""

    subject = short_text("事项", longest=120, required=True, help_text="一句话说明，如 申请调回县城工作。")
    content = long_text(
        "内容", rows=8, required=True, help_text="只有局人事负责的人员能看到，加密保存；每次查看都有记录。"
    )


class ReplyForm(forms.Form):
    """HR's answer."""

    reply = long_text("答复", rows=8, required=True, help_text="提出诉求的人会收到消息，可以看到全文。")
