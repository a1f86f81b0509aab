"""Posts, and the codes that everything is named by: plain configuration, also by workbook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.fields import Field

from accounts.admin_base import ConfigResource, ImportingAdmin, whether
from accounts.admin_base.resources import RowCell, WordsCell, column
from accounts.models import Unit
from cadres.admin.base import GROUP, adopt, day_asked
from cadres.models import Code, Post
from cadres.services import configuring, posts
from core.errors import Invalid
from core.partial_dates import PartialDateFormField


class CodeResource(ConfigResource):
    """A code list as a workbook, both ways; a code is found by its list and number."""

    list = column(Code, "list")
    code = column(Code, "code")
    name = column(Code, "name")
    short = column(Code, "short")
    aliases = column(Code, "aliases", WordsCell())
    level = column(Code, "level")
    order = column(Code, "order")
    is_active = column(Code, "is_active")

    class Meta:
        model = Code
        fields = configuring.FIELDS[Code]
        import_id_fields = ("list", "code")

    def write(self, instance: Any, stored: Any, changed: tuple[str, ...]) -> None:
        """Through cadres.services.configuring."""
        configuring.save_row(row=instance, by=self.by)


@admin.register(Code)
class CodeAdmin(ImportingAdmin):
    """Code lists: a value may be added or retired; its list and code stay."""

    work_group, work_order = GROUP, 290
    view_capability = "cadre.view"
    edit_capability = export_capability = "cadre.edit"
    resource_class = CodeResource
    list_display = ("name", "list", "code", "short", "level", "is_active")
    list_filter = ("list", "is_active")
    search_fields = ("name", "short", "code", "aliases")
    actions = ("export_ticked", "retire_ticked", "use_ticked")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What other records hang on."""
        return ("list", "code") if obj else ()

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.configuring."""
        configuring.save_row(row=obj, by=request.user, version=self.seen(request))

    @admin.action(description="停用所选", permissions=["change"])
    def retire_ticked(self, request: HttpRequest, queryset: QuerySet[Code]) -> None:
        """Through cadres.services.configuring."""
        self._set_in_use(request, queryset, is_active=False)

    @admin.action(description="重新启用所选", permissions=["change"])
    def use_ticked(self, request: HttpRequest, queryset: QuerySet[Code]) -> None:
        """Through cadres.services.configuring."""
        self._set_in_use(request, queryset, is_active=True)

    def _set_in_use(self, request: HttpRequest, queryset: QuerySet[Code], *, is_active: bool) -> None:
        self.take_each(
            request, queryset,
            lambda row: configuring.set_in_use(code=row, is_active=is_active, by=request.user),
            "已重新启用" if is_active else "已停用，原有记录不变",
        )  # fmt: skip


class PostForm(forms.ModelForm):
    """A post."""

    class Meta:
        model = Post
        fields = ("unit", *posts.FIELDS)


class PostResource(ConfigResource):
    """Posts as a workbook, both ways; an open post is found by its unit and name."""

    unit = column(Post, "unit", RowCell(Unit.objects.all, "code", "单位编码"), "单位编码")
    unit_name = Field(attribute="unit__name", column_name="单位名称", readonly=True)
    title = column(Post, "title")
    category = column(Post, "category")
    level = column(
        Post,
        "level",
        RowCell(lambda: Code.objects.filter(list=Code.List.POST_LEVEL, is_active=True), "name", "职务级别"),
    )
    headcount = column(Post, "headcount")
    closed_on = Field(attribute="closed_on", column_name="撤销日期", readonly=True)

    class Meta:
        model = Post
        fields = ("unit", "unit_name", "title", "category", "level", "headcount", "closed_on")
        import_id_fields = ("unit", "title")

    def get_queryset(self) -> QuerySet[Post]:
        """Open posts in the importer's reach: a closed one stays as it is."""
        return Post.objects.visible_to(self.by, "post.edit").filter(closed_on=None)

    def write(self, instance: Any, stored: Any, changed: tuple[str, ...]) -> None:
        """Through cadres.services.posts."""
        if instance.unit is None:
            raise Invalid("请填写单位编码。", errors={"unit": ["请填写单位编码。"]})
        values = {name: getattr(instance, name) for name in changed if name in posts.FIELDS}
        if stored is not None:
            posts.edit_post(post=stored, by=self.by, **values)
        else:
            posts.create_post(unit=instance.unit, by=self.by, **values)


@admin.register(Post)
class PostAdmin(ImportingAdmin):
    """Posts; the unit of one that exists never changes."""

    work_group, work_order = GROUP, 210
    view_capability = "unit.view"
    edit_capability = "post.edit"
    export_capability = "roster.export"
    resource_class = PostResource
    form = PostForm
    list_display = ("title", "unit", "category", "headcount", "closed_on")
    list_filter = ("category", whether("closed_on", "是否撤销", filled="已撤销", empty="在用"))
    list_select_related = ("unit", "level")
    search_fields = ("title", "unit__name", "unit__initials__startswith")
    autocomplete_fields = ("unit", "level")
    actions = ("export_ticked", "close_ticked", "reopen_ticked")
    action_fields = {"on": PartialDateFormField(label="撤销日期", required=False)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A post stays at its unit."""
        return ("unit", "closed_on") if obj else ()

    def autocomplete_label(self, obj: Post) -> str:
        """A post with its unit: names repeat."""
        return f"{obj.title}（{obj.unit.name}）"

    def named(self, obj: Post) -> str:
        """As in the picker."""
        return self.autocomplete_label(obj)

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.posts."""
        values = {name: form.cleaned_data[name] for name in form.changed_data if name != "unit"}
        if change:
            adopt(obj, posts.edit_post(post=obj, by=request.user, version=self.seen(request), **values))
        else:
            adopt(obj, posts.create_post(unit=form.cleaned_data["unit"], by=request.user, **values))

    @admin.action(description="撤销所选岗位", permissions=["change"])
    def close_ticked(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        """Through cadres.services.posts, on the given day."""
        try:
            on = day_asked(request)
        except forms.ValidationError as problem:
            self.message_user(request, " ".join(problem.messages), messages.ERROR)
            return
        if on is None or on.precision != "day":
            self.message_user(request, "请先填写撤销日期，年月日都要写。", messages.ERROR)
            return
        self.take_each(
            request, queryset, lambda row: posts.close_post(post=row, on=on.date, by=request.user),
            f"岗位自{on.chinese()}起撤销",
        )  # fmt: skip

    @admin.action(description="恢复所选岗位", permissions=["change"])
    def reopen_ticked(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        """Through cadres.services.posts."""
        self.take_each(
            request, queryset, lambda row: posts.reopen_post(post=row, by=request.user), "岗位已恢复"
        )
