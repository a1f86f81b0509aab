"""Forms of the nomination engine: shape and check input, nothing else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Unit, User
from cadres.models import Cadre
from core.calendar import ZONE, today
from core.widgets import DateInput, MomentInput, PickerInput
from programs.models import Appraisal, Attestation, Base, Call, Nomination


class NewCallForm(forms.Form):
    """A new call: from which template, for which year."""

    template = forms.ModelChoiceField(
        label="方案",
        queryset=Call.objects.none(),
        empty_label=None,
        help_text="步骤、条件和所需材料从方案复制，开始前可以修改。",
    )
    year = forms.IntegerField(
        label="年度", min_value=2000, max_value=2100, help_text="两批共用这一年的名额。"
    )
    title = forms.CharField(
        label="标题", max_length=120, required=False, help_text="不填则按方案和年度命名。"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the templates of the user's bureau."""
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = Call.objects.templates().visible_to(user, "call.manage")
        self.fields["year"].initial = today().year


class CallForm(forms.ModelForm):
    """What of a drafted call may be changed."""

    class Meta:
        model = Call
        fields = ("title", "notice", "opens_at", "closes_at", "list_due", "reference_date", "planned_start",
                  "planned_end", "quota_per_unit")  # fmt: skip
        widgets = {
            "notice": forms.Textarea(attrs={"rows": 5}),
            "opens_at": MomentInput(),
            "closes_at": MomentInput(),
            "list_due": DateInput(),
            "reference_date": DateInput(),
            "planned_start": DateInput(),
            "planned_end": DateInput(),
        }


class ExtendForm(forms.Form):
    """A later end of the window."""

    closes_at = forms.DateTimeField(
        label="新的截止时间", widget=MomentInput(), required=False,
        help_text="保持不变或不填，则只延长名单报送，学校的提交时间不变。",
    )  # fmt: skip
    list_due = forms.DateField(label="新的名单报送截止", widget=DateInput(), required=False)
    comment = forms.CharField(label="原因", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        """Start from what holds now."""
        super().__init__(*args, **kwargs)
        self.fields["closes_at"].initial = call.closes_at.astimezone(ZONE)
        self.fields["list_due"].initial = call.list_due


class PickCadreForm(forms.Form):
    """Whom to nominate: one of one's own people."""

    cadre = forms.ModelChoiceField(
        label="被推荐人",
        queryset=Cadre.objects.none(),
        widget=PickerInput("nominee-picker", placeholder="输入姓名、拼音或简拼"),
        help_text="只列出本单位在职人员。",
        error_messages={
            "invalid_choice": "没有找到此人，或者不是您可以推荐的人员。",
            "required": "请选择被推荐人。",
        },
    )

    def __init__(self, *args: Any, people: QuerySet[Cadre], **kwargs: Any) -> None:
        """Take only the people the user may nominate."""
        super().__init__(*args, **kwargs)
        self.fields["cadre"].queryset = people


class NominationForm(forms.ModelForm):
    """The texts of a nomination, and one box with evidence for each attested rule."""

    class Meta:
        model = Nomination
        fields = ("statement", "problems", "advisory_reason", "override_reason")
        widgets = {
            "statement": forms.Textarea(attrs={"rows": 5}),
            "problems": forms.Textarea(attrs={"rows": 4}),
            "advisory_reason": forms.Textarea(attrs={"rows": 3}),
            "override_reason": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "statement": "工作实绩、发展潜力、群众基础。",
            "problems": "带着问题去学习：学校目前最想解决的一两个问题。",
            "advisory_reason": "超出“原则上”条件时必填。",
            "override_reason": "不符合必备条件仍要推荐的，说明理由，由局研究决定。",
        }

    def __init__(self, *args: Any, over: bool = False, failed: bool = False, **kwargs: Any) -> None:
        """Ask for a reason only where a rule needs one."""
        super().__init__(*args, **kwargs)
        for name in ("statement", "problems"):
            self.fields[name].required = False
        if not over and not self.instance.advisory_reason:
            del self.fields["advisory_reason"]
        if not failed and not self.instance.override_reason:
            del self.fields["override_reason"]
        self.attested: list[Attestation] = list(
            self.instance.attestations.select_related("rule").order_by("rule__order", "rule_id")
        )
        for each in self.attested:
            self.fields[f"declared_{each.rule_id}"] = forms.BooleanField(
                label=each.rule.name, required=False, initial=each.declared
            )
            self.fields[f"evidence_{each.rule_id}"] = forms.CharField(
                label="证明说明", required=False, initial=each.evidence,
                widget=forms.Textarea(attrs={"rows": 2}), help_text="何时、何地、何事可以证明。",
            )  # fmt: skip

    def attested_fields(self) -> list[tuple[Any, Any]]:
        """Return the pairs of box and evidence, bound."""
        return [
            (self[f"declared_{each.rule_id}"], self[f"evidence_{each.rule_id}"]) for each in self.attested
        ]

    def text_fields(self) -> list[Any]:
        """Return the bound fields of the texts."""
        return [self[name] for name in self.Meta.fields if name in self.fields]

    def changes(self) -> dict[str, str]:
        """Return the texts that were sent."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.cleaned_data}

    def declarations(self) -> list[dict[str, Any]]:
        """Return what was declared, rule by rule."""
        return [
            {
                "rule": each.rule_id,
                "declared": self.cleaned_data.get(f"declared_{each.rule_id}", False),
                "evidence": self.cleaned_data.get(f"evidence_{each.rule_id}", ""),
            }
            for each in self.attested
        ]

    def _post_clean(self) -> None:
        """The service writes; the form never touches its instance."""


class PlaceForm(forms.Form):
    """Where a person goes: base, host, guide, acting post, from–to."""

    base = forms.ModelChoiceField(
        label="基地", queryset=Base.objects.none(), empty_label="请选择基地",
        error_messages={"invalid_choice": "这个基地已停用或基地单位已撤销，不能安排，请选择其他基地。"},
    )  # fmt: skip
    acting_post = forms.CharField(
        label="拟挂职务", max_length=60, help_text="副校长、副主任或副股长。",
        widget=forms.TextInput(attrs={"list": "acting-posts"}),
    )  # fmt: skip
    start = forms.DateField(label="开始", widget=DateInput())
    end = forms.DateField(
        label="结束（最后一天）", widget=DateInput(), required=False, help_text="不填则按项目期限计算。"
    )
    host = forms.ModelChoiceField(
        label="基地负责人", queryset=User.objects.none(), required=False,
        widget=PickerInput("person-picker", placeholder="不填则为基地登记的负责人"),
    )  # fmt: skip
    guide = forms.ModelChoiceField(
        label="指导人", queryset=User.objects.none(), required=False,
        widget=PickerInput("person-picker", placeholder="输入姓名"), help_text="一般由挂职岗位的现任者担任。",
    )  # fmt: skip
    guide_name = forms.CharField(
        label="指导人姓名", max_length=60, required=False, help_text="指导人没有账号时填写。"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer usable bases in scope and active business accounts."""
        super().__init__(*args, **kwargs)
        self.fields["base"].queryset = Base.objects.visible_to(user).usable()
        people = User.objects.filter(is_active=True, account_class="business")
        self.fields["host"].queryset = people
        self.fields["guide"].queryset = people


class RearrangeForm(PlaceForm):
    """A change of an arrangement, with its reason."""

    comment = forms.CharField(label="调整原因", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Both ends are needed here; whoever is at a base may stay there until its unit is closed."""
        super().__init__(*args, **kwargs)
        bases = self.fields["base"]
        bases.queryset = bases.queryset | Base.objects.filter(pk=self.initial.get("base") or 0)
        self.fields[
            "start"
        ].help_text = "只改起止、提前结束或延长的，原阶段照改；换基地、岗位或指导人的，从这一天起算新的阶段。"
        self.fields["end"].required = True
        self.fields["end"].help_text = ""


class BaseForm(forms.ModelForm):
    """A base."""

    class Meta:
        model = Base
        fields = ("name", "host_unit", "place", "lead", "capacity", "features", "is_active")
        widgets = {
            "host_unit": PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
            "lead": PickerInput("person-picker", placeholder="输入姓名"),
            "features": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer units in scope and active business accounts."""
        super().__init__(*args, **kwargs)
        self.fields["host_unit"].queryset = Unit.objects.visible_to(user).open()
        self.fields["lead"].queryset = User.objects.filter(is_active=True, account_class="business")

    def _post_clean(self) -> None:
        """The service writes and checks; the form only shapes."""


class AppraisalForm(forms.Form):
    """The headings of an appraisal and its grade."""

    grade = forms.ChoiceField(
        label="等次", choices=Appraisal.Grade.choices, widget=forms.RadioSelect, required=False
    )

    def __init__(self, *args: Any, appraisal: Appraisal, **kwargs: Any) -> None:
        """One text per heading, then the grade."""
        super().__init__(*args, **kwargs)
        grade = self.fields.pop("grade")
        self.sections = list(appraisal.sections.all())
        for each in self.sections:
            self.fields[f"section_{each.order}"] = forms.CharField(
                label=each.heading,
                initial=each.text,
                required=False,
                widget=forms.Textarea(attrs={"rows": 5}),
            )
        grade.initial = appraisal.grade
        self.fields["grade"] = grade

    def texts(self) -> dict[int, str]:
        """Return the texts by heading number."""
        return {each.order: self.cleaned_data.get(f"section_{each.order}", "") for each in self.sections}
