"""Forms of the roster's pages: shape and words of the input; the rules stand in the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Unit, User
from accounts.scope import may_on
from cadres.models import Cadre, Code, PersonnelRelation, Post
from core.calendar import today
from core.crypto import mask_identity
from core.files import StoredFile, store
from core.partial_dates import PartialDateFormField
from core.pinyin import surname_readings
from core.widgets import PickerInput

HEALTH = [("", "未填写"), ("健康", "健康"), ("良好", "良好"), ("一般", "一般"), ("较差", "较差")]


def day_input() -> forms.DateInput:
    """A calendar input for a day that must be known."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def partial_date(label: str, *, help_text: str = "", required: bool = False) -> PartialDateFormField:
    """A date as far as it is known, typed in any usual way."""
    hint = help_text or "年、年月或年月日都可以，如 1998.07、1998年7月1日。"
    return PartialDateFormField(label=label, help_text=hint, required=required)


def code_field(
    label: str, code_list: str, *, required: bool = False, empty: str = "未填写"
) -> forms.ModelChoiceField:
    """A choice out of a code list, in the list's order."""
    queryset = Code.objects.filter(list=code_list, is_active=True)
    return forms.ModelChoiceField(queryset, label=label, required=required, empty_label=empty)


def open_units(user: User, capability: str) -> Any:
    """The open units in a user's reach."""
    return Unit.objects.visible_to(user, capability).open()


class CadreForm(forms.Form):
    """A person's own data; with `cadre` the form of somebody already on the roster."""

    name = forms.CharField(label="姓名", max_length=60)
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="人事关系所在单位",
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
    )  # fmt: skip
    relation_start = partial_date("从何时起在本单位")
    surname_reading = forms.ChoiceField(
        label="姓氏读音",
        required=False,
        help_text="这个姓有几种读法，请按本人的读法选定；名册据此排序和检索。",
    )
    id_number = forms.CharField(
        label="身份证号", required=False, max_length=30,
        help_text="18 位。填写后可自动得出出生年月和性别。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    gender = forms.ChoiceField(
        label="性别", required=False, choices=[("", "按身份证号"), *Cadre.Gender.choices],
        widget=forms.RadioSelect,
    )  # fmt: skip
    birth = partial_date("出生年月")
    ethnicity = code_field("民族", Code.List.ETHNICITY)
    native_place = forms.CharField(
        label="籍贯", required=False, max_length=60, help_text="省、市或县，如 贵州遵义。"
    )
    birthplace = forms.CharField(label="出生地", required=False, max_length=60, help_text="省、市或县。")
    work_start = partial_date("参加工作时间")
    speciality = forms.CharField(label="熟悉专业有何专长", required=False, max_length=200)
    retirement_limit = forms.ChoiceField(
        label="改革前退休年龄", required=False, choices=[("", "按性别推算"), *Cadre.RetirementLimit.choices],
        help_text="不填按男 60 岁、女 55 岁推算，用于测算退休时间。",
    )  # fmt: skip
    health = forms.ChoiceField(label="健康状况", required=False, choices=HEALTH)
    phone = forms.CharField(
        label="手机号码", required=False, max_length=30, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    photo = forms.FileField(
        label="照片", required=False, help_text="JPG 或 PNG，不超过 2 MB；建议 4:5 的半身照。",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )  # fmt: skip
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    namesake_confirmed = forms.BooleanField(
        label="确认是同名的另一个人", required=False, widget=forms.HiddenInput
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    groups = (
        (
            "基本信息",
            "",
            (
                "name",
                "surname_reading",
                "id_number",
                "gender",
                "birth",
                "ethnicity",
                "native_place",
                "birthplace",
                "photo",
            ),
        ),
        ("工作", "", ("unit", "relation_start", "work_start", "speciality", "retirement_limit")),
        ("联系方式与备注", "", ("phone", "health", "note")),
    )

    def __init__(self, *args: Any, user: User, cadre: Cadre | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.cadre = user, cadre
        self.fields["unit"].queryset = open_units(user, "cadre.edit")
        readings = surname_readings(cadre.name) if cadre is not None else ()
        if cadre is None or not readings:
            del self.fields["surname_reading"]
        else:
            self._offer_readings(readings)
        if cadre is None:
            del self.fields["version"]
            return
        for name in ("unit", "relation_start", "namesake_confirmed"):
            del self.fields[name]
        self.fields["gender"].choices = [("", "未填写"), *Cadre.Gender.choices]
        if may_on(user, "cadre.view_sensitive", cadre):
            # What is stored isn't shown here: it opens on the page, with a reason.
            kept = "已填写，不修改" if cadre.health else "未填写"
            self.fields["health"].choices = [("", kept), *HEALTH[1:]]
        else:
            del self.fields["health"]
        if cadre.id_number:
            masked = mask_identity(cadre.id_number)
            self.fields["id_number"].help_text = f"现为 {masked}；保留星号即不修改，清空即删除。"

    def _offer_readings(self, readings: tuple[str, ...]) -> None:
        """The readings of the surname to choose from."""
        unread = ("", f"未核对（暂按 {readings[0]}）")
        self.fields["surname_reading"].choices = [unread, *((each, each) for each in readings)]

    @staticmethod
    def initial_of(cadre: Cadre) -> dict[str, Any]:
        """The present values, the identity number masked."""
        plain = (
            "name", "surname_reading", "gender", "ethnicity", "native_place", "birthplace", "speciality", "retirement_limit", "phone",
            "note",
        )  # fmt: skip
        return {
            **{name: getattr(cadre, name) for name in plain},
            "birth": cadre.birth_date,
            "work_start": cadre.work_start_date,
            "id_number": mask_identity(cadre.id_number),
        }

    def ask_about_namesake(self) -> None:
        """Show the box that says „another person“, once the service has found a namesake."""
        self.fields["namesake_confirmed"].widget = forms.CheckboxInput()

    def shown_groups(self) -> list[dict[str, Any]]:
        """The sections of the page with the fields this form has."""
        found = []
        for title, text, names in self.groups:
            fields = [self[name] for name in names if name in self.fields]
            if fields:
                found.append({"title": title, "text": text, "fields": fields})
        if "namesake_confirmed" in self.fields and not self.fields["namesake_confirmed"].widget.is_hidden:
            found[0]["fields"].append(self["namesake_confirmed"])
        return found

    def values(self) -> dict[str, Any]:
        """The cleaned values as the service takes them; a new photo is stored."""
        values = {k: v for k, v in self.cleaned_data.items() if k not in ("photo", "version")}
        if not values.get("health"):
            values.pop("health", None)  # nothing chosen leaves what is stored
        if values.get("surname_reading") not in surname_readings(values.get("name", "")):
            values.pop("surname_reading", None)  # the name changed in the same form: it is read afresh
        photo = self.cleaned_data.get("photo")
        if photo:
            values["photo"] = self._stored(photo)
        return values

    def _stored(self, photo: Any) -> StoredFile:
        return store(photo, name=photo.name, kind="image", by=self.user, limit=2 * 1024 * 1024)


class TransferForm(forms.Form):
    """Where a personnel relation moves."""

    to_unit = forms.ModelChoiceField(
        Unit.objects.none(), label="调入单位", widget=PickerInput("unit-pick", placeholder="输入单位名称")
    )
    on = forms.DateField(
        label="从哪天起", initial=today, widget=day_input(), help_text="人事关系从这一天起在新单位。"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_unit"].queryset = open_units(user, "cadre.edit")


class LeaveForm(forms.Form):
    """How and when a personnel relation ends."""

    leaving = forms.ChoiceField(
        label="离开原因", widget=forms.RadioSelect,
        choices=[c for c in PersonnelRelation.Leaving.choices if c[0] != "transfer"],
    )  # fmt: skip
    on = forms.DateField(
        label="从哪天起", initial=today, widget=day_input(),
        help_text="从这一天起不再属于本单位；未结束的任职同日结束，随任职授予的权限一并收回。",
    )  # fmt: skip


class ReturnForm(forms.Form):
    """Where and from when somebody who had left belongs again."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="单位", widget=PickerInput("unit-pick", placeholder="输入单位名称")
    )
    on = forms.DateField(label="从哪天起", initial=today, widget=day_input())

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = open_units(user, "cadre.edit")


class RevealForm(forms.Form):
    """Why somebody looks at an identity number."""

    reason = forms.CharField(
        label="查看理由", max_length=200, help_text="会与您的姓名、时间一起记入审计。",
        widget=forms.TextInput(attrs={"placeholder": "如：办理任免审批表"}),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why an entry is taken out."""

    reason = forms.CharField(label="删除理由", max_length=200, help_text="原来的内容会留在审计记录中。")


class EndForm(forms.Form):
    """From when an entry no longer holds."""

    on = PartialDateFormField(label="结束时间", help_text="从这时起不再有效。")


class PostForm(forms.Form):
    """A post at a unit."""

    title = forms.CharField(label="岗位名称", max_length=60, help_text="如 校长、党支部书记、教导主任。")
    category = forms.ChoiceField(label="岗位类别", choices=Post.Category.choices, widget=forms.RadioSelect)
    level = code_field("职务级别", Code.List.POST_LEVEL)
    headcount = forms.IntegerField(
        label="职数", required=False, min_value=0, max_value=99, help_text="留空表示不限。"
    )
    opened_on = forms.DateField(
        label="设立日期",
        required=False,
        widget=day_input(),
        help_text="以前的统计从这一天起才算有这个岗位，留空表示一直都有。",
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)


class ClosePostForm(forms.Form):
    """From when a post no longer exists."""

    on = forms.DateField(label="撤销日期", initial=today, widget=day_input())


def check_year(value: int) -> None:
    """A year in which an assessment can have been held."""
    if not 1980 <= value <= today().year:
        raise ValidationError(f"请填写 1980 到 {today().year} 之间的年度。")
