"""Tables of the lists behind the numbers of an analysis: people, posts, units."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

_TITLE = {"td": {"class": "cell-title"}}
_WRAP = {"td": {"class": "wrap"}}
_HIDE = {"td": {"class": "cell-hide"}}
_NUMBER = {"th": {"class": "num"}, "td": {"class": "num"}}
OUT_OF_VIEW = "（不在您的权限范围内）"


class PeopleTable(tables.Table):
    """People as reports.lists shows them; somebody out of view is counted without a name."""

    name = tables.Column("姓名", attrs=_TITLE, empty_values=())
    unit_name = tables.Column("单位")
    post = tables.Column("现任职务", attrs=_WRAP)
    since = tables.Column("任现职")
    gender = tables.Column("性别", attrs=_HIDE)
    age = tables.Column("年龄", attrs=_NUMBER)
    education = tables.Column("学历")
    title = tables.Column("职称", attrs=_HIDE)
    party = tables.Column("政治面貌", attrs=_HIDE)

    def render_name(self, record: dict[str, Any]) -> str:
        """The name, leading to the person's page."""
        if not record["name"]:
            return OUT_OF_VIEW
        url = reverse("cadre-detail", args=[record["id"]])
        return format_html('<a href="{}">{}</a>', url, record["name"])


class PostTable(tables.Table):
    """Posts with their places and holders."""

    unit = tables.Column(
        "单位", attrs=_TITLE, linkify=lambda record: reverse("unit-detail", args=[record["unit_id"]])
    )
    title = tables.Column("岗位")
    category = tables.Column("类别")
    places = tables.Column("职数", attrs=_NUMBER)
    held = tables.Column("在岗", attrs=_NUMBER)
    names = tables.Column("姓名", attrs=_WRAP)
    vacant = tables.Column("空缺", attrs=_NUMBER)
    over = tables.Column("超配", attrs=_NUMBER)


class UnitTable(tables.Table):
    """Units with what they are judged by."""

    name = tables.Column(
        "单位", attrs=_TITLE, linkify=lambda record: reverse("unit-detail", args=[record["id"]])
    )
    leaders = tables.Column("班子人数", attrs=_NUMBER)
    value = tables.Column("实际", attrs=_NUMBER)
    wanted = tables.Column("标准", attrs=_NUMBER)


class LeavingTable(PeopleTable):
    """People with the month in which they retire or their term ends."""

    on_day = tables.Column("退休或届满", attrs={"td": {"class": "cell-status"}})

    class Meta:
        sequence = ("name", "unit_name", "post", "on_day", "...")
