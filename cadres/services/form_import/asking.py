"""Asking for the forms of chosen people as a zip, which a job makes."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from cadres.models import Cadre
from cadres.services.form_import.exporting import FormExport, check_form_export
from core import jobs
from core.errors import Invalid
from core.models import Job

FORMS_EXPORT, MOST_FORMS = "roster.export_forms", 2_000


def ask_for_forms(ids: Iterable[int], export: FormExport, *, by: User) -> Job:
    """Ask for the forms of people by their keys; those outside the asker's scope are left out.

    Raises Invalid for nobody or too many, and as check_form_export does.
    """
    check_form_export(export, by=by)
    chosen = Cadre.objects.visible_to(by, "roster.export").filter(pk__in=list(ids))
    found = list(
        chosen.order_by("unit_path", "name_key", "id").values_list("pk", flat=True)[: MOST_FORMS + 1]
    )
    if not found:
        raise Invalid("没有可以导出的干部。")
    if len(found) > MOST_FORMS:
        raise Invalid(f"一次最多导出 {MOST_FORMS} 份，请分批选择。")
    parameters = {
        "ids": found, "open_numbers": export.open_sensitive, "reason": export.reason, "format": "docx",
    }  # fmt: skip
    return jobs.enqueue(FORMS_EXPORT, by=by, parameters=parameters)
