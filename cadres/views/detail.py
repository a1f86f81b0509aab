"""One person's page: header, present state, histories as sections and as a timeline; the masked number."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from django.views.generic import TemplateView

from accounts.scope import may_on
from cadres.fields import fields_for, is_own
from cadres.forms.people import RevealForm
from cadres.models import Cadre
from cadres.services.people import reveal_identity
from cadres.summaries import summaries
from cadres.timeline import histories_of, timeline_of
from core.errors import DomainError, NotAllowed, NotFound
from core.files import download_response
from core.panels import panels_for

PLACE = "cadres.cadre"


def visible_cadre(user: Any, pk: int) -> Cadre:
    """Return a person in the user's scope, or the user's own record; raises NotFound for anybody else."""
    rows = Cadre.objects.select_related("unit", "ethnicity", "user")
    found = rows.visible_to(user).filter(pk=pk).first() or rows.filter(pk=pk, user_id=user.pk).first()
    if found is None:
        raise NotFound("没有找到这位干部。")
    return found


class CadreDetail(TemplateView):
    """One person on one page: 一人一页."""

    template_name = "cadres/cadre_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything the reader may see of the person."""
        user = self.request.user
        cadre = visible_cadre(user, self.kwargs["pk"])
        allowed = fields_for(user, cadre)
        summary = summaries([cadre.pk], user=user)[0]
        histories = histories_of(cadre, allowed)
        return super().get_context_data(
            cadre=cadre, own=is_own(user, cadre), person=summary, allowed=allowed,
            facts=_facts(cadre, summary, allowed), histories=histories,
            timeline=timeline_of(histories), panels=panels_for(PLACE, user, cadre),
            opens_unit=may_on(user, "unit.view", cadre), edits=may_on(user, "cadre.edit", cadre), left=summary["status"] != "在职",
            may_reveal=bool(cadre.id_number) and may_on(user, "cadre.view_sensitive", cadre),
            sections=[section for section in histories if section.rows or may_on(user, "cadre.edit", cadre)],
            **kwargs,
        )  # fmt: skip


@require_GET
def my_record(request: HttpRequest) -> HttpResponse:
    """The user's own page; a word where no record is tied to the account."""
    own = Cadre.objects.filter(user_id=request.user.pk).values_list("pk", flat=True).first()
    if own is not None:
        return redirect("cadre-detail", pk=own)
    return render(request, "cadres/no_record.html")


@require_http_methods(["GET", "POST"])
def reveal_id(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason, then show the identity number this once; the address is never cached."""
    cadre = visible_cadre(request.user, pk)
    if not may_on(request.user, "cadre.view_sensitive", cadre):
        raise NotAllowed("您没有查看身份证号的权限。")
    form = RevealForm(request.POST or None)
    number = ""
    if request.method == "POST" and form.is_valid():
        try:
            number = reveal_identity(cadre=cadre, by=request.user, reason=form.cleaned_data["reason"])
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error("reason", error.message)
    response = render(
        request, "cadres/_reveal.html", {"cadre": cadre, "form": form, "number": number},
        status=422 if request.method == "POST" and not number else 200,
    )  # fmt: skip
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def photo(request: HttpRequest, pk: int) -> FileResponse:
    """A person's photo, for those who may see the person."""
    cadre = visible_cadre(request.user, pk)
    if cadre.photo is None or "photo" not in fields_for(request.user, cadre):
        raise NotFound("没有照片。")
    response = download_response(cadre.photo)
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, max-age=300"
    return response


def _facts(cadre: Cadre, summary: dict[str, Any], allowed: frozenset[str]) -> list[dict[str, Any]]:
    """Label and value of what the reader may see, in the order people read a personnel form."""
    work = cadre.work_start_date
    birth = cadre.birth_date
    rows = (
        ("gender", "性别", summary["gender"]),
        ("birth", "出生年月", f"{birth.chinese()}（{summary['age']} 岁）" if birth else ""),
        ("ethnicity", "民族", summary["ethnicity_name"]),
        ("native_place", "籍贯", cadre.native_place),
        ("work", "参加工作", work.chinese() if work else ""),
        ("party", "政治面貌", summary["party"]),
        ("education", "最高学历", summary["education"]),
        ("title", "职称", summary["title"]),
        ("rank", "职级", summary["rank"]),
        ("phone", "手机号码", cadre.phone),
        ("note", "备注", cadre.note),
    )
    return [{"label": label, "value": value} for name, label, value in rows if name in allowed]


def detail_url(cadre: Cadre) -> str:
    """The address of a person's page."""
    return reverse("cadre-detail", args=[cadre.pk])
