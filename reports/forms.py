"""Forms of the reports app."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Unit, User
from accounts.scope import paths
from core.calendar import today
from core.widgets import PickerInput

YEARS_BACK = 10


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
        reach = paths(user, "report.annual")
        top = units.order_by("path").first() if "/" in reach else units.filter(path__in=reach).first()
        self.fields["unit"].initial = top.pk if top else None
