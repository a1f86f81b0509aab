"""The admin's site and base class: closed by default, scoped, status read-only, saving through services."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.forms import BaseModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import lazy
from django.utils.http import url_has_allowed_host_and_scheme

from core import audit
from core.errors import DomainError, NotAllowed
from core.workflow import workflow_of

audit.register("admin.add", "在后台新增")
audit.register("admin.change", "在后台更正")
audit.register("admin.delete", "在后台删除")


def _label(name: str) -> str:
    from django.conf import settings

    return settings.LABELS[name]


class BureauAdminSite(admin.AdminSite):
    """Django's admin behind the project's own log-in, showing only what derives from ScopedAdmin.

    Libraries register their tables (users, groups, tokens, log-in attempts) with whatever the default
    site is; they are not taken in, so that accounts, grants and the audit trail can't be edited here.
    """

    site_header = lazy(lambda: f"{_label('product')}·数据维护", str)()
    site_title = lazy(lambda: _label("product"), str)()
    index_title = "数据维护"
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take in only classes made for this site."""
        if admin_class is None or not issubclass(admin_class, ScopedAdmin):
            return
        super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whoever the account says may open the admin; nobody else."""
        user = request.user
        return bool(user.is_active and getattr(user, "may_open_admin", False))

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The project's own log-in (second factor, lockout) instead of the admin's."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        target = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
            target = reverse("admin:index")
        return redirect(target) if self.has_permission(request) else redirect_to_login(target)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The project's own log-out page."""
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The project's own page for changing one's password."""
        return redirect("account_change_password")

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Django's pickers, with the words that a table gives its rows."""
        return _Picked.as_view(admin_site=self)(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The tables in the order of the work: grouped by `work_group`, sorted by `work_order`."""
        if app_label:
            return super().get_app_list(request, app_label)
        groups: dict[str, dict[str, Any]] = {}
        entries = [entry for app in self._build_app_dict(request).values() for entry in app["models"]]
        for entry in sorted(entries, key=lambda each: (self._order_of(each["model"]), str(each["name"]))):
            table: Any = self._registry[entry["model"]]
            name = table.work_group or str(entry["model"]._meta.app_config.verbose_name)
            group = groups.setdefault(
                name,
                {
                    "name": name,
                    "app_label": entry["model"]._meta.app_label,
                    "app_url": reverse("admin:index", current_app=self.name),
                    "has_module_perms": True,
                    "models": [],
                },
            )
            group["models"].append(entry)
        return list(groups.values())

    def _order_of(self, model: type[models.Model]) -> int:
        return getattr(self._registry[model], "work_order", 1000)


class _Picked(AutocompleteJsonView):
    """What a picker offers; names repeat, so a table may add what tells two of them apart."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """The key and the words of a row."""
        label = getattr(self.model_admin, "autocomplete_label", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}


class ScopedAdmin(admin.ModelAdmin):
    """The base of every table in the admin.

    A child names `view_capability` and `edit_capability`. Rows come from the manager's
    `visible_to(user, capability)`; a table without one (code lists) is whole to whoever holds the
    capability. `service_save` and `service_delete` are where a child calls its app's services. Nothing
    can be deleted unless `deletable` says so, and never in bulk. Status fields are read-only.
    """

    view_capability = ""
    edit_capability = ""
    may_add = True
    deletable = False
    work_group = ""
    work_order = 1000
    actions = None
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 500

    def holds(self, user: Any, capability: str) -> bool:
        """Whether the person holds a capability anywhere; no capability named means nobody."""
        return bool(capability and user.is_active and user.holds(capability))

    def visible_rows(self, user: Any, capability: str) -> models.QuerySet[Any]:
        """The rows the person may reach with a capability."""
        manager = self.model._default_manager
        if hasattr(manager, "visible_to"):
            return manager.visible_to(user, capability)
        return manager.all() if self.holds(user, capability) else manager.none()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Only visible rows, so that any other id answers 404."""
        rows = self.visible_rows(request.user, self.view_capability)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        """See has_view_permission."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """By the view capability, on the row when there is one."""
        return self._may(request, self.view_capability, obj)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """By the edit capability, where rows may be added by hand at all."""
        return self.may_add and self.holds(request.user, self.edit_capability)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """By the edit capability, on the row when there is one."""
        return self._may(request, self.edit_capability, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Only where the table allows deleting."""
        return self.deletable and self._may(request, self.edit_capability, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The status is read-only: only a workflow writes it."""
        return (*super().get_readonly_fields(request, obj), *status_fields(self.model))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, which shows a service's refusal as its own error and keeps what was typed."""
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal: DomainError | None = getattr(request, "refusal", None)
        if refusal is None:
            return form
        return type(form.__name__, (_Refused, form), {"refusal": refusal})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As Django's, but a rule's refusal comes back into the form."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            if request.method != "POST":
                raise
            request.refusal = error  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save through the service, then make sure the row is still in the writer's own scope."""
        before = {name: form.initial.get(name) for name in form.changed_data} if change else None
        self.service_save(request, obj, form, change)
        if not self.visible_rows(request.user, self.edit_capability).filter(pk=obj.pk).exists():
            raise NotAllowed("保存后这条记录不在您的管理范围内，没有保存。")
        audit.record(
            "admin.change" if change else "admin.add",
            by=request.user,
            obj=obj,
            before=before,
            after={name: form.cleaned_data.get(name) for name in form.changed_data},
        )

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Hook: a child calls its service here; plain code lists are saved as they are."""
        obj.save()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete through the service, with an entry in the trail."""
        audit.record("admin.delete", by=request.user, obj=obj)
        self.service_delete(request, obj)

    def service_delete(self, request: HttpRequest, obj: Any) -> None:
        """Hook: a child calls its service here."""
        obj.delete()

    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        """The one trail is core.audit: Django's own log of the admin isn't written."""

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""

    def log_deletions(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""

    def _may(self, request: HttpRequest, capability: str, obj: models.Model | None) -> bool:
        if not self.holds(request.user, capability):
            return False
        return obj is None or self.visible_rows(request.user, capability).filter(pk=obj.pk).exists()


class CalendarDayAdmin(ScopedAdmin):
    """Exceptions to the published holidays: what a bureau corrects by hand."""

    view_capability = edit_capability = "admin.open"
    deletable = True
    work_group = "设置"
    work_order = 900
    list_display = ("date", "is_working", "name")
    list_filter = ("is_working",)
    date_hierarchy = "date"


class _Refused(BaseModelForm):
    """A form that has been to the service and came back with a refusal."""

    refusal: DomainError

    def clean(self) -> Any:
        """Show the refusal at its fields, or on top."""
        cleaned = super().clean()
        for name, texts in self.refusal.errors.items():
            self.add_error(name if name in self.fields else None, ValidationError(list(texts)))
        if not self.errors:
            raise ValidationError(self.refusal.message)
        return cleaned


def status_fields(model: type[models.Model]) -> tuple[str, ...]:
    """The fields only a workflow may write."""
    try:
        return (workflow_of(model).status_field,)
    except KeyError:
        return ()


__all__ = ["BureauAdminSite", "CalendarDayAdmin", "ScopedAdmin", "status_fields"]
