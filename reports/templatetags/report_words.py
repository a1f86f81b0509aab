"""Words and numbers as the report pages show them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.timezone import localtime

register = template.Library()


@register.filter
def daypart(moment: datetime) -> str:
    """Name the part of the day for the greeting."""
    hour = localtime(moment).hour
    return "上午" if hour < 12 else "中午" if hour < 14 else "下午" if hour < 18 else "晚上"
