"""Pages on which a school nominates: pick a person, see every rule, write, submit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET
from django.views.generic import View

from accounts.models import Unit
from accounts.scope import paths
from accounts.views_base import add_refusal
from cadres.models import Cadre
from cadres.summaries import summaries
from core.calendar import now
from core.errors import DomainError, NotAllowed, NotFound
from core.versions import version_of
from programs import places, presenting
from programs.avoidance import avoided_by
from programs.eligibility import evaluate, unmet_advisory, unmet_required, visible_verdicts
from programs.forms import NominationForm, PickCadreForm
from programs.models import Call, Nomination
from programs.services import nominations
from programs.services.pipelines import places_left
from programs.views.cases import case_in_view, paper_rows

_PICKED = 10


class Nominate(View):
    """Pick one of one's own people and see each rule with the actual value."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only for those who file, in a call they see."""
        if not request.user.holds("nomination.file"):
            raise NotAllowed("您没有推荐申报的权限。")
        self.call = Call.objects.real().visible_to(request.user).filter(pk=kwargs["pk"]).first()
        if self.call is None:
            raise NotFound("没有找到这次征集。")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The picker, and the rules of whoever was picked."""
        form = PickCadreForm(request.GET if "cadre" in request.GET else None, people=nominable(request.user))
        context: dict[str, Any] = {"call": self.call, "form": form, **_room(self.call, request.user)}
        if form.is_bound and form.is_valid():
            cadre = form.cleaned_data["cadre"]
            verdicts = evaluate(self.call, [cadre]).get(cadre.pk, [])
            shown = visible_verdicts(verdicts, request.user, cadre)
            context |= {
                "cadre": cadre,
                "person": summaries([cadre.pk], user=request.user)[0],
                "rules": presenting.rule_rows(shown),
                "over": unmet_advisory(shown, set()),
                "failed": unmet_required(shown, set()),
            }
        return render(request, "programs/nominate.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin the draft (or find the one begun before) and go on writing."""
        form = PickCadreForm(request.POST, people=nominable(request.user))
        context: dict[str, Any] = {"call": self.call, "form": form, **_room(self.call, request.user)}
        if form.is_valid():
            try:
                case = nominations.start_nomination(
                    call=self.call, cadre=form.cleaned_data["cadre"], by=request.user
                )
            except DomainError as error:
                add_refusal(form, error)
            else:
                return redirect("nomination-edit", pk=case.pk)
        return render(request, "programs/nominate.html", context, status=422)


def nominable(user: Any) -> QuerySet[Cadre]:
    """The people a user may nominate: in service, in scope, neither oneself nor kin (回避)."""
    people = Cadre.objects.visible_to(user, "nomination.file").in_service()
    return people.exclude(pk__in=avoided_by(user).values("pk"))


def _room(call: Call, user: Any) -> dict[str, Any]:
    """Places and time left, always in view; the quota of the reader's own unit where there is one."""
    unit = Unit.objects.filter(path__in=paths(user, "nomination.file")).exclude(kind="bureau").first()
    used = places.unit_quota(call, unit) if unit else None
    return {"places_left": places_left(call.places_account), "quota": used, "takes": call.takes_at(now())}


@require_GET
def nominee_picker(request: HttpRequest) -> HttpResponse:
    """Search among the people one may nominate: name, pinyin, initials."""
    if not request.user.holds("nomination.file"):
        raise NotAllowed("您没有推荐申报的权限。")
    text = request.GET.get("q", "").strip()
    found = nominable(request.user).matching(text).order_by("name_key", "id")[:_PICKED]
    people = summaries([each.pk for each in found], user=request.user)
    options = [
        {
            "value": each["id"],
            "text": each["name"],
            "detail": f"{each['unit_name']} · {each['post'] or '无职务'}",
        }
        for each in people
    ]
    return render(request, "components/_picker_options.html", {"options": options})


class EditNomination(View):
    """Write a draft or correct a returned case; autosaved; submit at the end."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only a case in view, and only for those who file."""
        self.case = case_in_view(request, kwargs["pk"])
        if not self.case.allows(request.user, "nomination.file"):
            raise NotAllowed("您可以查看这份推荐，但不能填写。")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form."""
        if self.case.status not in (Nomination.Status.DRAFT, Nomination.Status.RETURNED):
            return redirect("nomination-detail", pk=pk)
        return self._page(self._form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep, or keep and submit; an autosave answers without a page."""
        autosave = request.headers.get("X-Autosave") == "1"
        form = self._form(request.POST)
        if not form.is_valid():
            return JsonResponse({"saved": False}, status=422) if autosave else self._page(form, 422)
        declarations = [nominations.Declaration(**each) for each in form.declarations()]
        version = request.POST.get("version", "")
        try:
            if "submit" in request.POST and not autosave:
                nominations.submit_nomination(
                    by=request.user, nomination=self.case, changes=form.changes(), declarations=declarations,
                    version=version,
                )  # fmt: skip
                messages.success(
                    request, f"{self.case.nominee}的推荐已提交，现转下一步办理，进展会随时通知您。"
                )
                return redirect("nomination-detail", pk=pk)
            nominations.save_draft(
                nomination=self.case, by=request.user, changes=form.changes(), declarations=declarations,
                version=version,
            )  # fmt: skip
        except DomainError as error:
            if autosave or error.status not in (400, 409):
                raise
            self._refuse(form, error)
            return self._page(form, 422)
        if autosave:
            return JsonResponse({"saved": True, "version": version_of(self.case)})
        messages.success(request, "草稿已保存，可以稍后继续。")
        return redirect("nomination-edit", pk=pk)

    def _form(self, data: Any = None) -> NominationForm:
        verdicts = presenting.verdicts_for(self.case, self.request.user)
        self.verdicts = verdicts
        over, failed = unmet_advisory(verdicts, set()), unmet_required(verdicts, set())
        return NominationForm(data, instance=self.case, over=bool(over), failed=bool(failed))

    def _refuse(self, form: NominationForm, error: DomainError) -> None:
        """Show the service's refusal, and keep what was typed as a draft."""
        add_refusal(form, error)
        declarations = [nominations.Declaration(**each) for each in form.declarations()]
        self.case.refresh_from_db()
        if self.case.status in (Nomination.Status.DRAFT, Nomination.Status.RETURNED):
            nominations.save_draft(
                nomination=self.case, by=self.request.user, changes=form.changes(), declarations=declarations
            )

    def _page(self, form: NominationForm, status: int = 200) -> HttpResponse:
        case = self.case
        # A draft may be kept without them; the star says what submitting will ask for.
        for name in ("statement", "problems", "advisory_reason"):
            if name in form.fields:
                form.fields[name].required = True
        context = {
            "case": case,
            "call": case.call,
            "form": form,
            "person": summaries([case.cadre_id], user=self.request.user)[0],
            "rules": presenting.rule_rows(self.verdicts),
            "papers": paper_rows(case),
            "version": version_of(case),
            "returned": _last_return(case),
            **_room(case.call, self.request.user),
        }
        return render(self.request, "programs/nomination_edit.html", context, status=status)


def _last_return(case: Nomination) -> Any:
    """The decision that sent the case back, while it is back."""
    if case.status != Nomination.Status.RETURNED:
        return None
    return case.decisions.filter(action="return").order_by("-id").first()
