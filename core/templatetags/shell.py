"""Tags and filters of the portal: Chinese dates, time left, masked numbers, money, icons, personas."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import demo_personas, todo
from core.calendar import ZONE
from core.crypto import mask_identity
from core.partial_dates import PartialDate

register = template.Library()

_WEEKDAYS = "一二三四五六日"
_TEN_THOUSAND = Decimal(10000)
# The first sign found in a user agent names it; Chrome's own stands in most of the others.
_BROWSERS = (
    ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Edg", "Edge"), ("QQBrowser", "QQ 浏览器"),
    ("360", "360 浏览器"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"), ("Android", "安卓"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def _local(value: dt.datetime) -> dt.datetime:
    """A moment in Shanghai time; a naive one is taken to be there already."""
    return value.astimezone(ZONE) if timezone.is_aware(value) else value


@register.filter
def chinese_date(value: dt.date | dt.datetime | None, style: str = "") -> str:
    """Show a date as 2026年3月5日; with "weekday" 2026年3月5日（星期四）, with "short" 3月5日."""
    if not value:
        return ""
    day = _local(value).date() if isinstance(value, dt.datetime) else value
    short = f"{day.month}月{day.day}日"
    if style == "short":
        return short
    weekday = f"（星期{_WEEKDAYS[day.weekday()]}）" if style == "weekday" else ""
    return f"{day.year}年{short}{weekday}"


@register.filter
def chinese_datetime(value: dt.datetime | None, style: str = "") -> str:
    """Show a moment as 2026年3月5日 14:03; takes the styles of `chinese_date`."""
    if not value:
        return ""
    if not isinstance(value, dt.datetime):
        return chinese_date(value, style)
    return f"{chinese_date(value, style)} {_local(value):%H:%M}"


@register.filter
def share(part: float | None) -> str:
    """Show a part between 0 and 1 as 12.5%."""
    return "—" if part is None else f"{part:.1%}"


@register.filter
def chinese_time(value: dt.datetime | None) -> str:
    """Show the time of day of a moment as 14:03."""
    return f"{_local(value):%H:%M}" if value else ""


@register.filter
def remaining(due: dt.datetime | dt.date | None) -> str:
    """Say how long there is until a deadline: 还剩 2 天 3 小时, 已逾期 3 天."""
    return todo.remaining(due).text if due else ""


@register.filter
def remaining_tone(due: dt.datetime | dt.date | None) -> str:
    """Return the tone of a deadline's badge: over, urgent, soon, calm."""
    return todo.remaining(due).tone if due else "calm"


@register.filter
def as_moment(due: dt.datetime | dt.date | None) -> dt.datetime | None:
    """Turn a deadline that may be a bare date into its moment, the end of that day."""
    return todo.as_moment(due)


@register.filter
def partial(value: Any) -> str:
    """Show a PartialDate, or a pair (date, precision), as far as it is known: 1976年5月."""
    if not value:
        return ""
    if isinstance(value, PartialDate):
        return value.chinese()
    if isinstance(value, dt.date):
        return chinese_date(value)
    day, precision = value
    return PartialDate.of(day, precision).chinese() if day else ""


@register.filter
def mask_id(value: str | None) -> str:
    """Show an identity number masked: 3101********0311."""
    return mask_identity(value) if value else ""


@register.filter
def yuan(value: Any, style: str = "") -> str:
    """Show money with 元 (12,500 元, 12,500.50 元); with "wan" in ten thousands (1.25 万元)."""
    if value is None or value == "":
        return ""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return ""
    unit = "元"
    if style == "wan":
        amount, unit = amount / _TEN_THOUSAND, "万元"
    amount = amount.quantize(Decimal("0.01"))
    shown = f"{amount:,.2f}"
    if style == "wan":
        shown = shown.rstrip("0").rstrip(".")
    return f"{shown.removesuffix('.00')} {unit}"


@register.filter
def thousands(value: Any) -> str:
    """Show a whole number with commas (12,500); Django's own filter groups Chinese numbers by four."""
    return f"{value:,}" if isinstance(value, int) else "" if value is None else str(value)


@register.filter
def surname(name: Any) -> str:
    """Return the sign on a person's round badge: the last two characters of the name."""
    return str(name or "")[-2:]


@register.filter
def browser_words(agent: str) -> str:
    """Name browser and system of a user agent: "Chrome · Windows"."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "其他浏览器")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "其他系统")
    return f"{browser} · {system}"


@register.filter
def tone_icon(tone: str) -> str:
    """Return the icon that goes with a tone, so that no meaning hangs on colour alone."""
    return {
        "success": "circle-check", "danger": "circle-x", "warning": "alert-triangle", "info": "info-circle",
        "error": "alert-circle", "active": "progress", "muted": "circle-minus", "over": "clock-exclamation",
        "urgent": "clock-exclamation", "soon": "clock", "calm": "clock",
    }.get(tone, "circle-dot")  # fmt: skip


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """Show an icon of the sprite (static/vendor/icons/names.txt); without a label it is decoration."""
    spoken: str | SafeString = format_html('role="img" aria-label="{}"', label) if label else ""
    return format_html(
        '<svg class="icon {}" width="24" height="24" {}><use href="{}#{}"></use></svg>',
        css,
        spoken or SafeString('aria-hidden="true" focusable="false"'),
        static("vendor/icons/sprite.svg"),
        name,
    )


@register.simple_tag
def demo_persona_groups() -> dict[str, list[demo_personas.Persona]]:
    """Return the demo's personas by group; empty outside the demo."""
    return demo_personas.personas()


@register.simple_tag
def demo_password() -> str:
    """Return the one password of the demo's accounts; empty outside the demo."""
    return settings.DEMO_PASSWORD if settings.DEMO else ""
