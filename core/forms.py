"""What the inbox can be searched and narrowed by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from core import inbox
from core.calendar import today
from core.models import MessageQuerySet

_PERIODS = (("", "全部时间"), ("1", "今天"), ("7", "近 7 天"), ("30", "近 30 天"), ("older", "更早"))
_OLDER_THAN = 30


class InboxFilter(forms.Form):
    """Search, kind and period; all optional, all in the address."""

    search = forms.CharField(label="搜索消息", required=False, max_length=100)
    kind = forms.ChoiceField(label="类别", required=False)
    period = forms.ChoiceField(label="时间", required=False, choices=_PERIODS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The kinds are those that the apps have named."""
        super().__init__(*args, **kwargs)
        named = [(key, kind.label) for key, kind in inbox.kinds().items()]
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", "全部类别"), *named, (inbox.OTHER, "其他")]

    def narrow(self, rows: MessageQuerySet) -> MessageQuerySet:
        """Return the messages that are left; none for an address that makes no sense."""
        if not self.is_valid():
            return rows.none()
        chosen = self.cleaned_data
        if chosen["search"]:
            rows = rows.matching(chosen["search"])
        if chosen["kind"]:
            rows = inbox.of_kind(rows, chosen["kind"])
        period = chosen["period"]
        if period == "older":
            return rows.filter(created_at__date__lte=today() - timedelta(days=_OLDER_THAN))
        if period:
            rows = rows.filter(created_at__date__gt=today() - timedelta(days=int(period)))
        return rows
