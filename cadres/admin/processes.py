"""What happened to the roster: requests for correction, imports, mergers, forms that came in; worked on at their pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin_base import decisions, whether
from accounts.scope import path_filter
from cadres.admin.base import SEALED_SHOWN, PeopleSearch, ReadOnlyAdmin
from cadres.models import (
    ApprovalForm,
    Cadre,
    CadreMerge,
    Correction,
    CorrectionDecision,
    Reorganisation,
    RosterImport,
)
from cadres.models.collection import KEPT_BESIDE, KEPT_OF_PERSON, KeptCells
from cadres.services.collection_import.reporting import label_of
from cadres.services.correction_flow import model_of
from cadres.services.corrections import CORRECTABLE, subject_of
from cadres.services.sight import readable


class KindFilter(admin.SimpleListFilter):
    """Requests by what they are about, in words."""

    title = "项目"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The kinds that may be asked about."""
        kinds = [(kind, str(model_of(kind)._meta.verbose_name)) for kind in CORRECTABLE]
        return [(Correction.BASIC, "基本信息"), (Correction.PHOTO, "照片"), *kinds]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of a kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class KeptFilter(admin.SimpleListFilter):
    """Kept cells by the sheet they came from."""

    title = "工作表"
    parameter_name = "slug"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The sheets by what they are called."""
        return [(slug, label_of(slug)) for slug in ("unit", *KEPT_OF_PERSON, *KEPT_BESIDE)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of a sheet."""
        return queryset.filter(slug=self.value()) if self.value() else queryset


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    """Requests for correction with every decision; what they say is read and decided on their page."""

    work_order = 280
    view_capability = "cadre.edit"
    list_display = ("cadre", "home", "subject", "status", "due", "created_at")
    list_filter = ("status", KindFilter)
    list_select_related = ("cadre__unit",)
    search_fields = ("cadre__name", "cadre__initials__startswith", "cadre__unit__name")
    date_hierarchy = "created_at"
    fields = ("cadre", "subject", "status", "due", "sealed", "created_at", "updated_at", "page")
    readonly_fields = ("subject", "sealed", "page", "created_at", "updated_at")
    inlines = (decisions(CorrectionDecision),)

    def visible_rows(self, user: Any, capability: str) -> QuerySet[Correction]:
        """Those in scope that were submitted: a draft is the asker's own."""
        return Correction.objects.visible_to(user, capability).exclude(status=Correction.Status.DRAFT)

    @admin.display(description="单位", ordering="cadre__unit__path")
    def home(self, obj: Correction) -> str:
        """The unit of the person."""
        return obj.cadre.unit.name

    @admin.display(description="项目", ordering="kind")
    def subject(self, obj: Correction) -> str:
        """What it is about, without what it says."""
        return subject_of(obj)

    @admin.display(description="更正内容、说明、证明材料")
    def sealed(self, obj: Correction) -> str:
        """These are opened where the request is decided."""
        return "（加密保存，请在办理页面查看）"

    @admin.display(description="办理页面")
    def page(self, obj: Correction) -> SafeString:
        """Where it is decided."""
        return _link(reverse("correction-detail", args=[obj.pk]), "打开办理页面")


def _link(address: str, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, words)


@admin.register(ApprovalForm)
class ApprovalFormAdmin(ReadOnlyAdmin):
    """What 任免审批表 said beyond the histories; the words on reasons and rewards stay closed."""

    work_order = 278
    view_capability = "cadre.view_sensitive"
    list_display = ("cadre", "post_to_take", "post_to_leave", "reporting_unit", "filled_on", "updated_at")
    list_select_related = ("cadre",)
    search_fields = ("cadre__name", "cadre__initials__startswith", "reporting_unit")
    fields = (
        "cadre", "party_text", "post_text", "title_text", "post_to_take", "post_to_leave", "sealed",
        "reporting_unit", "age_reference", "filled_on", "filled_by", "updated_at",
    )  # fmt: skip
    readonly_fields = ("sealed", "updated_at")

    def visible_rows(self, user: Any, capability: str) -> QuerySet[ApprovalForm]:
        """As for the organisational record: those in scope, never one's own."""
        return readable(ApprovalForm.objects.all(), user, "reserve", capability=capability)

    @admin.display(description="简历、奖惩、考核、任免理由")
    def sealed(self, obj: ApprovalForm) -> str:
        """These words go out in the form alone."""
        return SEALED_SHOWN


@admin.register(KeptCells)
class KeptCellsAdmin(ReadOnlyAdmin):
    """What the national form said in columns without a home; the words go out in the form alone."""

    work_order = 279
    view_capability = "cadre.view_sensitive"
    list_display = ("cadre", "unit", "about", "updated_at")
    list_select_related = ("cadre", "unit")
    list_filter = (KeptFilter,)
    search_fields = ("cadre__name", "cadre__initials__startswith", "unit__name")
    fields = ("cadre", "unit", "about", "sealed", "updated_at")
    readonly_fields = ("about", "sealed", "updated_at")

    def visible_rows(self, user: Any, capability: str) -> QuerySet[KeptCells]:
        """As for the organisational record: those in scope, never one's own; and those of units in scope."""
        people = readable(
            KeptCells.objects.exclude(cadre=None), user, "reserve", capability=capability
        ).values("pk")
        units = path_filter(user, capability, "unit__path") & Q(unit__isnull=False)
        return KeptCells.objects.filter(Q(pk__in=people) | units)

    def named(self, obj: Any) -> str:
        """Whose it is: a person's or a unit's."""
        return str(obj.cadre or obj.unit)

    @admin.display(description="工作表", ordering="slug")
    def about(self, obj: KeptCells) -> str:
        """Which sheet of the form it came from."""
        return label_of(obj.slug)

    @admin.display(description="原文")
    def sealed(self, obj: KeptCells) -> str:
        """These words go out in the form alone."""
        return "（加密保存，随信息提取表导出）"


_VERDICTS = (
    ("new", "新增"),
    ("changed", "更新"),
    ("unchanged", "未变"),
    ("ask", "待确认"),
    ("rejected", "拒绝"),
)


@admin.register(RosterImport)
class RosterImportAdmin(ReadOnlyAdmin):
    """Imports, to look at: their rows are looked at, answered and confirmed on the import's own page."""

    work_order = 295
    view_capability = "roster.import"
    list_display = (
        "file",
        "kind",
        "unit",
        "uploaded_by",
        "uploaded_at",
        "counted",
        "committed_at",
        "discarded_at",
    )
    list_select_related = ("file", "unit", "uploaded_by")
    list_filter = (
        "kind", whether("committed_at", "是否写入", filled="已写入", empty="未写入"), whether("discarded_at", "是否放弃", filled="已放弃", empty="没有放弃"),
    )  # fmt: skip
    search_fields = ("file__name", "unit__name", "uploaded_by__name")
    date_hierarchy = "uploaded_at"
    owner = ""
    fields = (
        "file", "kind", "unit", "uploaded_by", "uploaded_at", "counted", "rows", "previewed_at", "confirmed_at",
        "renewed_because", "committed_at", "discarded_at",
    )  # fmt: skip
    readonly_fields = ("counted", "rows", "uploaded_at")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """By file, unit and who uploaded it: it is about no single person."""
        return super(PeopleSearch, self).get_search_results(request, queryset, search_term)

    @admin.display(description="行数")
    def counted(self, obj: RosterImport) -> str:
        """The summary in words."""
        found = [f"{word} {obj.summary[name]}" for name, word in _VERDICTS if obj.summary.get(name)]
        return "，".join(found)

    @admin.display(description="各行内容")
    def rows(self, obj: RosterImport) -> SafeString:
        """Where the rows are looked at."""
        return _link(reverse("cadre-import-detail", args=[obj.pk]), "打开导入页面")


@admin.register(CadreMerge)
class CadreMergeAdmin(ReadOnlyAdmin):
    """Mergers of two records of one person; they are taken back on their own page."""

    work_order = 296
    view_capability = "cadre.edit"
    list_display = ("gone_name", "kept", "unit", "merged_by", "merged_at", "undone_at")
    list_select_related = ("kept", "unit", "merged_by")
    list_filter = (whether("undone_at", "是否撤销", filled="已撤销", empty="没有撤销"),)
    search_fields = ("gone_name", "kept__name", "kept__initials__startswith")
    owner = "kept"
    date_hierarchy = "merged_at"
    fields = (
        "kept",
        "gone_name",
        "unit",
        "completed",
        "merged_by",
        "merged_at",
        "undone_by",
        "undone_at",
        "page",
    )
    readonly_fields = ("completed", "page")

    @admin.display(description="补上的内容")
    def completed(self, obj: CadreMerge) -> str:
        """Which fields the other record filled, never what they say."""
        return "、".join(str(Cadre._meta.get_field(group[0]).verbose_name) for group in obj.filled)

    @admin.display(description="撤销合并")
    def page(self, obj: CadreMerge) -> SafeString:
        """Where it is taken back."""
        return _link(reverse("cadre-mergers"), "打开合并记录")


@admin.register(Reorganisation)
class ReorganisationAdmin(ReadOnlyAdmin):
    """Mergers, splits and closings of units; they are made and taken back on the units' pages."""

    work_order = 297
    view_capability = "unit.view"
    list_display = ("unit", "kind", "into", "on", "people", "appointments", "made_by", "undone_at")
    list_select_related = ("unit", "into", "made_by")
    list_filter = ("kind", whether("undone_at", "是否撤回", filled="已撤回", empty="没有撤回"))
    search_fields = ("unit__name", "unit__initials__startswith", "into__name", "document_number")
    owner = ""
    date_hierarchy = "on"
    fields = (
        "unit", "kind", "into", "on", "document_number", "people", "appointments", "made_by", "made_at",
        "undone_by", "undone_at", "page",
    )  # fmt: skip
    readonly_fields = ("page",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """By unit and document: it is about no single person."""
        return super(PeopleSearch, self).get_search_results(request, queryset, search_term)

    @admin.display(description="单位页面")
    def page(self, obj: Reorganisation) -> SafeString:
        """Where it is taken back."""
        return _link(reverse("unit-changes", args=[obj.unit_id]), "打开机构沿革")
