"""What somebody learned and earned: education, professional titles, certificates, honours."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin_base import whether
from cadres.admin.base import EndingAdmin, HistoryAdmin, form_for, resource_for
from cadres.models import Certificate, Education, Honour, ProfessionalTitle

_NO_END = whether("end", "是否结束", filled="已有结束时间", empty="未结束")


@admin.register(Education)
class EducationAdmin(HistoryAdmin):
    """Education."""

    work_order = 240
    form = form_for(Education)
    resource_class = resource_for(
        Education, "mode", "level__name", "level_text", "degree__name", "degree_text", "school", "major",
        "start", "end",
    )  # fmt: skip
    list_display = ("cadre", "home", "mode", "level_text", "degree_text", "school", "ends")
    list_filter = ("mode", "level")
    list_select_related = ("cadre__unit", "level", "degree")
    search_fields = ("cadre__name", "cadre__initials__startswith", "school")
    autocomplete_fields = ("level", "degree")


@admin.register(ProfessionalTitle)
class TitleAdmin(EndingAdmin):
    """Professional titles."""

    work_order = 245
    form = form_for(ProfessionalTitle)
    resource_class = resource_for(ProfessionalTitle, "title__name", "title_text", "start", "end")
    list_display = ("cadre", "home", "title_text", "begins", "ends")
    list_filter = (_NO_END,)
    list_select_related = ("cadre__unit", "title")
    search_fields = ("cadre__name", "cadre__initials__startswith", "title_text")
    autocomplete_fields = ("title",)


@admin.register(Certificate)
class CertificateAdmin(EndingAdmin):
    """Certificates; the end is the first day of no validity."""

    work_order = 250
    end_label = "标为失效（自填写的时间起）"
    ended = "已标为失效"
    form = form_for(Certificate)
    resource_class = resource_for(Certificate)
    list_display = ("cadre", "home", "kind", "name", "number", "hours", "begins", "ends")
    list_filter = ("kind", _NO_END)
    search_fields = ("cadre__name", "cadre__initials__startswith", "name", "number", "issuer")


@admin.register(Honour)
class HonourAdmin(EndingAdmin):
    """Honours; the end is their revocation."""

    work_order = 258
    end_label = "登记撤销（自填写的时间起）"
    ended = "已登记撤销"
    form = form_for(Honour)
    resource_class = resource_for(Honour)
    list_display = ("cadre", "home", "name", "level", "issuer", "begins", "ends")
    list_filter = ("level", _NO_END)
    search_fields = ("cadre__name", "cadre__initials__startswith", "name", "issuer", "document_number")
