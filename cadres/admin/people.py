"""The people of the roster, their posts, and the codes that everything is named by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_base import BureauAdmin, SafeResource
from cadres.admin.base import GROUP, PartialForm, adopt
from cadres.fields import fields_for
from cadres.models import Cadre, Code, Post
from cadres.services import people, posts
from core.crypto import mask_identity


class CodeResource(SafeResource):
    """A code list as a workbook."""

    class Meta:
        model = Code
        fields = ("list", "code", "name", "short", "aliases", "level", "order", "is_active")


@admin.register(Code)
class CodeAdmin(BureauAdmin):
    """Code lists: a value may be added or retired; its list and code stay."""

    work_group, work_order = GROUP, 290
    view_capability = "cadre.view"
    edit_capability = export_capability = "cadre.edit"
    resource_class = CodeResource
    list_display = ("name", "list", "code", "short", "level", "is_active")
    list_filter = ("list", "is_active")
    search_fields = ("name", "short", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What other records hang on."""
        return ("list", "code") if obj else ()


class PostForm(forms.ModelForm):
    """A post."""

    class Meta:
        model = Post
        fields = ("unit", "title", "category", "level", "headcount")


class PostResource(SafeResource):
    """Posts as a workbook."""

    class Meta:
        model = Post
        fields = ("unit__code", "unit__name", "title", "category", "headcount", "closed_on")


@admin.register(Post)
class PostAdmin(BureauAdmin):
    """Posts; the unit of one that exists never changes."""

    work_group, work_order = GROUP, 210
    view_capability = "unit.view"
    edit_capability = "post.edit"
    export_capability = "roster.export"
    resource_class = PostResource
    form = PostForm
    list_display = ("title", "unit", "category", "headcount", "closed_on")
    list_filter = ("category", ("closed_on", admin.EmptyFieldListFilter))
    list_select_related = ("unit",)
    search_fields = ("title", "unit__name")
    autocomplete_fields = ("level",)
    raw_id_fields = ("unit",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A post stays at its unit."""
        return ("unit", "closed_on") if obj else ()

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.posts."""
        values = {name: form.cleaned_data[name] for name in form.changed_data if name != "unit"}
        if change:
            adopt(obj, posts.edit_post(post=obj, by=request.user, **values))
        else:
            adopt(obj, posts.create_post(unit=form.cleaned_data["unit"], by=request.user, **values))


class CadreForm(PartialForm):
    """A person's own data; the identity number masked."""

    dated = ("birth", "work_start")
    id_number = forms.CharField(
        label="身份证号", required=False, max_length=30, help_text="保留星号即不修改。"
    )

    class Meta:
        model = Cadre
        fields = (
            "name", "gender", "birth", "id_number", "ethnicity", "native_place", "birthplace", "work_start",
            "speciality", "retirement_limit", "phone", "note",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["id_number"] = mask_identity(self.instance.id_number)


@admin.register(Cadre)
class CadreAdmin(BureauAdmin):
    """People. They are entered, moved and ended on the work pages; here single data are corrected."""

    work_group, work_order = GROUP, 200
    view_capability = "cadre.view"
    edit_capability = "cadre.edit"
    may_add = False
    form = CadreForm
    list_display = ("name", "unit", "gender", "born", "updated_at")
    list_filter = ("gender",)
    list_select_related = ("unit",)
    search_fields = ("name", "initials__startswith", "unit__name")
    autocomplete_fields = ("ethnicity",)
    readonly_fields = ("unit", "user", "created_at", "updated_at")
    ordering = ("name_key", "id")

    @admin.display(description="出生年月", ordering="birth")
    def born(self, obj: Cadre) -> str:
        """The birth as far as it is known."""
        return obj.birth_date.chinese() if obj.birth_date else ""

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.people."""
        adopt(obj, people.edit_cadre(cadre=obj, by=request.user, **form.changed_values()).cadre)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Personal columns only for those who may see them everywhere they look."""
        personal = request.user.holds("cadre.view_personal")
        return self.list_display if personal else tuple(n for n in self.list_display if n != "born")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The whole form needs the personal level."""
        allowed = super().has_view_permission(request, obj)
        return allowed and (obj is None or "birth" in fields_for(request.user, obj))
