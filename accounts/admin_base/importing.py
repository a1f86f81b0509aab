"""The import of plain configuration in the admin: upload, preview, confirm; all rows or none, saved by services."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.admin_base.resources import ConfigResource
from accounts.admin_base.sheets_in import (
    CHANGED,
    MOST_ROWS,
    NEW,
    SAME,
    WRONG,
    Rows,
    Tried,
    read_rows,
    run,
    template_columns,
)
from accounts.admin_base.tables import BureauAdmin
from core import audit
from core.errors import DomainError
from core.files import disposition, forget, open_stored, store
from core.filetypes import XLSX
from core.models import StoredFile
from core.sheets.books import BookColumn, BookSheet, write_book

audit.register("admin.import", "在后台导入")

_SALT = "admin.import"
_HOUR = 3_600
_SHOWN = 200
OUTDATED = "预览已经过期，请重新上传文件。"
DIFFERENT = "预览之后数据有了变化，还没有写入。下面是现在的预览，请核对后再确认。"


class UploadForm(forms.Form):
    """The workbook."""

    file = forms.FileField(
        label="文件",
        help_text="Excel（.xlsx、.xls）或 .csv，第一行是列名，列的次序不限。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv", "data-upload-limit": str(settings.UPLOAD_MAX_BYTES)}),
        error_messages={"required": "请选择文件。", "empty": "文件是空的，没有可以导入的内容。"},
    )  # fmt: skip


class ImportingAdmin(BureauAdmin):
    """A table of plain configuration whose rows also come from a workbook; `resource_class` is a ConfigResource."""

    def may_import(self, user: Any) -> bool:
        """Whoever adds and changes rows by hand."""
        return self.holds(user, self.edit_capability)

    def tools(self, request: HttpRequest) -> list[dict[str, str]]:
        """The way to the import."""
        found = super().tools(request)
        if self.may_import(request.user):
            found.append({"url": self._url("import"), "label": "导入"})
        return found

    def get_urls(self) -> list[Any]:
        """The pages of the import beside Django's."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name=f"{name}_import"),
            path("import/template/", view(self.template_view), name=f"{name}_import_template"),
            *super().get_urls(),
        ]

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """The empty workbook with headings and drop-downs."""
        self._require(request)
        columns = [
            BookColumn(title, 18, choices=choices, required=required)
            for title, choices, required in template_columns(self._resource(request))
        ]
        content = io.BytesIO()
        write_book(content, [BookSheet(str(self.opts.verbose_name), columns)])
        answer = HttpResponse(content.getvalue(), content_type=XLSX)
        answer["Content-Disposition"] = disposition(f"{self.opts.verbose_name}导入模板.xlsx")
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Choose a file, look at what it would do, confirm."""
        self._require(request)
        form = (
            UploadForm(request.POST or None, request.FILES or None)
            if "file" in request.FILES
            else UploadForm()
        )
        context: dict[str, Any] = {"form": form}
        try:
            if request.method == "POST" and "token" in request.POST:
                done = self._confirm(request, context)
                if done is not None:
                    return done
            elif request.method == "POST":
                form = context["form"] = UploadForm(request.POST, request.FILES)
                if form.is_valid():
                    self._preview(request, context, form.cleaned_data["file"])
        except DomainError as error:
            context["refusal"] = error.message
        return self._page(request, context)

    def _preview(self, request: HttpRequest, context: dict[str, Any], uploaded: Any) -> None:
        with transaction.atomic():
            stored = store(uploaded, name=uploaded.name or "导入", kind="sheet", by=request.user)
        try:
            rows, tried = self._run(request, stored, dry=True)
            self._show(request, context, stored, rows, tried)
        finally:
            if "token" not in context:
                _drop(stored)

    def _confirm(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse | None:
        """Carry out what was previewed; when it would now do something else, show that first."""
        try:
            known = signing.loads(request.POST["token"], salt=_SALT, max_age=_HOUR)
        except signing.BadSignature:
            known = {}
        stored = StoredFile.objects.filter(pk=known.get("file"), uploaded_by=request.user.pk).first()
        if stored is None or known["table"] != self.opts.label:
            context["refusal"] = OUTDATED
            return None
        with transaction.atomic():
            rows, tried = self._run(request, stored, dry=False)
            if not tried.is_clean or tried.state != known["state"]:
                transaction.set_rollback(True)
            else:
                counted = {"新增": tried.count(NEW), "更新": tried.count(CHANGED)}
                audit.record(
                    "admin.import",
                    by=request.user,
                    after=counted,
                    note=f"{self.opts.verbose_name}，{stored.name}",
                )
                _drop(stored)
                sentence = f"已导入：新增 {counted['新增']} 条，更新 {counted['更新']} 条，{tried.count(SAME)} 条没有变化。"
                self.message_user(request, sentence, messages.SUCCESS)
                return redirect(self._url("changelist"))
        context["refusal"] = DIFFERENT
        self._show(request, context, stored, rows, tried)
        return None

    def _run(self, request: HttpRequest, stored: StoredFile, *, dry: bool) -> tuple[Rows, Tried]:
        resource = self._resource(request)
        with open_stored(stored) as file:
            rows = read_rows(file, resource)
        return rows, run(rows, resource, dry=dry)

    def _show(
        self, request: HttpRequest, context: dict[str, Any], stored: StoredFile, rows: Rows, tried: Tried
    ) -> None:
        wrong = [line for line in tried.lines if line.verdict == WRONG]
        shown = [line for line in tried.lines if line.verdict in (NEW, CHANGED)]
        context |= {
            "tried": tried, "rows": rows, "wrong": wrong[:_SHOWN], "shown": shown[:_SHOWN], "file": stored,
            "counts": [(word, tried.count(verdict)) for word, verdict in
                       (("新增", NEW), ("更新", CHANGED), ("没有变化", SAME), ("有错误", WRONG))],
            "hidden": max(0, len(shown) - _SHOWN) + max(0, len(wrong) - _SHOWN),
        }  # fmt: skip
        if tried.is_clean and shown:
            known = {"file": str(stored.pk), "table": self.opts.label, "state": tried.state}
            context["token"] = signing.dumps(known, salt=_SALT)

    def _page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        given = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": f"导入{self.opts.verbose_name}",
            "columns": template_columns(self._resource(request)), "most": MOST_ROWS,
            "list_url": self._url("changelist"), "template_url": self._url("import_template"), **context,
        }  # fmt: skip
        status = 400 if context.get("refusal") and "tried" not in context else 200
        return TemplateResponse(request, "admin/bureau_import.html", given, status=status)

    def _resource(self, request: HttpRequest) -> ConfigResource:
        assert self.resource_class is not None
        assert issubclass(self.resource_class, ConfigResource)
        return self.resource_class(by=request.user)

    def _require(self, request: HttpRequest) -> None:
        if not self.may_import(request.user):
            raise PermissionDenied

    def _url(self, name: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}")


def _drop(stored: StoredFile) -> None:
    """Delete an upload that isn't needed any more."""
    with transaction.atomic():
        StoredFile.objects.filter(pk=stored.pk).delete()
        transaction.on_commit(lambda: forget(stored))
