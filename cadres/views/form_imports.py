"""Upload of 任免审批表 and of photos; from the preview on their imports go the way of a roster's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse

from cadres.forms.exchange import FormsUploadForm, PhotosUploadForm
from cadres.models import RosterImport
from cadres.personnel_form.archive import FORMS, PICTURES
from cadres.services import imports
from cadres.services.form_import.previewing import keep_upload
from cadres.views.imports import ImportStart
from core.errors import TooLarge
from core.files import MEGABYTE


class FilesStart(ImportStart):
    """Choose files; they are kept as one package until they are imported."""

    endings: tuple[str, ...] = ()

    def perform(self, form: Any) -> str:
        """Open, keep, and ask for the preview."""
        user = self.request.user
        unit = form.cleaned_data["unit"] or imports.importing_unit(user)
        kept = keep_upload(_contents(form.cleaned_data["file"]), endings=self.endings, by=user)
        started = imports.start_import(by=user, unit=unit, file=kept, kind=self.kind)
        return reverse("cadre-import-detail", args=[started.pk])


class FormsStart(FilesStart):
    """任免审批表: one, many, or a zip of hundreds."""

    template_name = "cadres/import/start_forms.html"
    form_class = FormsUploadForm
    kind = RosterImport.Kind.FORMS
    endings = FORMS


class PhotosStart(FilesStart):
    """Photos named by identity number or name."""

    template_name = "cadres/import/start_photos.html"
    form_class = PhotosUploadForm
    kind = RosterImport.Kind.PHOTOS
    endings = PICTURES


def _contents(files: list[Any]) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of uploaded files, together no larger than one upload may be."""
    if sum(one.size or 0 for one in files) > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(f"文件太大：一次最多 {settings.UPLOAD_MAX_BYTES // MEGABYTE} MB，请分几次上传。")
    for one in files:
        yield one.name or "文件", one.read()
