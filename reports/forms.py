"""Forms of the reports app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import Unit, User
from accounts.scope import paths
from core.calendar import today
from core.errors import Invalid, NotFound
from core.widgets import PickerInput
from reports.forecast.outlook import LATEST_START, YEARS, Outlook
from reports.structure.dimensions import DIMENSIONS
from reports.structure.population import ANALYSIS, EVERYBODY, GROUPS, Population

YEARS_BACK = 10
NO_ENTRY = "-"
_DAY = {"invalid": "请填写为 2026-03-05 这样的形式。"}


class AnnualReportForm(forms.Form):
    """Which unit's report, and for which year."""

    unit = forms.ModelChoiceField(
        label="单位",
        queryset=Unit.objects.none(),
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
        help_text="包括该单位的所有下属单位。",
        error_messages={"invalid_choice": "没有找到这个单位，或者它不在您的权限范围内。"},
    )
    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the units in the user's reach, the highest one first, and the last years."""
        super().__init__(*args, **kwargs)
        this_year = today().year
        units = Unit.objects.visible_to(user, "report.annual")
        self.fields["unit"].queryset = units
        self.fields["year"].choices = [
            (year, f"{year}年") for year in range(this_year, this_year - YEARS_BACK, -1)
        ]
        self.fields["year"].initial = this_year
        top = top_unit(user, "report.annual")
        self.fields["unit"].initial = top.pk if top else None


class QuerySearchForm(forms.Form):
    """Which of the saved queries."""

    search = forms.CharField(label="搜索名称或共享人", required=False, max_length=60)


class StructureForm(forms.Form):
    """Whose structure, on which day, and what to compare it with: another day, another unit, or both."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="单位", required=False,
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
    )  # fmt: skip
    on = forms.DateField(
        label="统计日（不填为今天）", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        error_messages=_DAY,
    )  # fmt: skip
    group = forms.ChoiceField(label="对象", required=False, choices=list(GROUPS.items()))
    with_unit = forms.ModelChoiceField(
        Unit.objects.none(), label="对比单位", required=False,
        widget=PickerInput("unit-pick", placeholder="同一单位"),
    )  # fmt: skip
    with_on = forms.DateField(
        label="对比日期", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), error_messages=_DAY
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Only units whose people's personal facts the reader may see."""
        super().__init__(*args, **kwargs)
        for name in ("unit", "with_unit"):
            self.fields[name].queryset = Unit.objects.visible_to(user, ANALYSIS)
        # The one that is meant where none is chosen.
        self.top = None if self.data.get("unit") else top_unit(user, ANALYSIS)
        if self.top is not None:
            self.fields["unit"].widget.placeholder = self.top.name

    def populations(self) -> tuple[Population, Population | None]:
        """Return what is asked for and what it is compared with.

        Raises NotFound for a unit out of reach, Invalid for a day that can't be analysed.
        """
        self.is_valid()
        if "unit" in self.errors or "with_unit" in self.errors:
            raise NotFound("没有找到这个单位，或者它不在您的权限范围内。")
        names = {str(unit.pk): unit.name for unit in self.cleaned_data.values() if isinstance(unit, Unit)}
        for name in ("unit", "with_unit"):
            # The pickers needn't ask for the names again.
            self.fields[name].widget.text_for = lambda value: names.get(str(value), "")
        if self.errors:
            raise Invalid("日期请填写为 2026-03-05 这样的形式。")
        asked = self.cleaned_data
        unit, day = asked["unit"] or self.top, asked["on"] or today()
        if unit is None:
            raise NotFound("您还没有可以分析的单位。")
        group = asked["group"] or EVERYBODY
        chosen = chosen_bands(self.data)
        first = Population(unit, day, group, chosen)
        if not asked["with_unit"] and not asked["with_on"]:
            return first, None
        second = Population(asked["with_unit"] or unit, asked["with_on"] or day, group, chosen)
        return first, None if (second.unit, second.day) == (unit, day) else second


def chosen_bands(data: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the bands that an address chooses: `age=u35,36`; "-" stands for people without an entry."""
    return {
        name: tuple("" if band == NO_ENTRY else band for band in data[name].split(","))
        for name in DIMENSIONS
        if data.get(name)
    }


def top_unit(user: User, capability: str) -> Unit | None:
    """Return the highest unit within the user's reach."""
    reach = paths(user, capability)
    units = Unit.objects.visible_to(user, capability)
    return (
        units.order_by("path").first()
        if "/" in reach
        else units.filter(path__in=reach).order_by("path").first()
    )


class ForecastForm(forms.Form):
    """Whose posts, and from which year on."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="单位", required=False,
        widget=PickerInput("unit-pick", placeholder="输入单位名称、拼音或简拼"),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Only units whose people's personal facts the reader may see; this year and the next ones."""
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["unit"].queryset = Unit.objects.visible_to(user, ANALYSIS)
        self.top = None if self.data.get("unit") else top_unit(user, ANALYSIS)
        if self.top is not None:
            self.fields["unit"].widget.placeholder = self.top.name
        this_year = today().year
        years = [
            (year, f"{year}–{year + YEARS - 1} 年") for year in range(this_year, this_year + LATEST_START + 1)
        ]
        # Named as in the address: `from` is a word of the language.
        self.fields["from"] = forms.TypedChoiceField(label="年份", choices=years, coerce=int, required=False)

    def outlook(self) -> Outlook:
        """Return what is asked for.

        Raises NotFound for a unit out of reach, Invalid for years that can't be looked at.
        """
        self.is_valid()
        if "unit" in self.errors:
            raise NotFound("没有找到这个单位，或者它不在您的权限范围内。")
        chosen = self.cleaned_data.get("unit")
        self.fields["unit"].widget.text_for = lambda _: chosen.name if chosen else ""
        if self.errors:
            raise Invalid("没有这个年份可选。")
        unit = chosen or self.top
        if unit is None:
            raise NotFound("您还没有可以分析的单位。")
        return Outlook(unit, self.cleaned_data["from"] or today().year, self.user)
