"""How somebody is developed: talent tier, reserve pool, plans and competences, with their reviews."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse

from accounts.admin_base import whether
from accounts.models import User
from accounts.roles import AccountClass
from cadres.admin.base import (
    SEALED_SHOWN,
    EndingAdmin,
    HistoryAdmin,
    ReadOnlyAdmin,
    adopt,
    form_for,
    resource_for,
)
from cadres.fields import capability_for
from cadres.models import (
    Competence,
    CompetenceProfile,
    DevelopmentPlan,
    PlanReview,
    ReserveEntry,
    ReserveReview,
    TalentEntry,
)
from cadres.services import profiles, reviews
from cadres.services.sight import readable

_NO_END = whether("end", "是否结束", filled="已有结束时间", empty="未结束")
_OFFERED = 20
SCORES = tuple(f"score_{at}" for at in range(1, len(Competence) + 1))


@admin.register(TalentEntry)
class TalentAdmin(EndingAdmin):
    """The talent tier."""

    work_order = 260
    end_label = "退出梯队（自填写的时间起）"
    ended = "已退出梯队"
    form = form_for(TalentEntry)
    resource_class = resource_for(TalentEntry)
    list_display = ("cadre", "home", "tier", "document_number", "begins", "ends")
    list_filter = ("tier", _NO_END)


@admin.register(ReserveEntry)
class ReserveAdmin(EndingAdmin):
    """The reserve pool."""

    work_order = 262
    end_label = "退出后备（自填写的时间起）"
    ended = "已退出后备"
    form = form_for(ReserveEntry)
    resource_class = resource_for(ReserveEntry)
    list_display = ("cadre", "home", "category", "status", "source", "begins", "ends")
    list_filter = ("category", "status", _NO_END)


class MentorSelect(AutocompleteSelect):
    """Finds a mentor by name or account, among those who may mentor: accounts have no table here."""

    def get_url(self) -> str:
        """Where it asks."""
        return reverse("admin:cadres_developmentplan_mentors")


class PlanForm(form_for(DevelopmentPlan)):  # type: ignore[misc]
    """A plan; the mentor is a business account, or a name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "mentor" in self.fields:
            self.fields["mentor"].queryset = mentors()
            self.fields["mentor"].widget = MentorSelect(
                DevelopmentPlan._meta.get_field("mentor"), admin.site, choices=self.fields["mentor"].choices
            )  # fmt: skip


def mentors() -> QuerySet[User]:
    """The accounts that may mentor: business ones in use, as on the work pages."""
    return User.objects.filter(is_active=True, account_class=AccountClass.BUSINESS)


@admin.register(DevelopmentPlan)
class PlanAdmin(EndingAdmin):
    """Development plans."""

    work_order = 264
    form = PlanForm
    resource_class = resource_for(
        DevelopmentPlan, "goals", "measures", "mentor__name", "mentor_text", "start", "end"
    )
    list_display = ("cadre", "home", "goals", "guide", "begins", "ends")
    list_filter = (_NO_END,)
    list_select_related = ("cadre__unit", "mentor")
    search_fields = ("cadre__name", "cadre__initials__startswith", "mentor__name", "mentor_text", "goals")

    def get_urls(self) -> list[Any]:
        """Where the picker of mentors asks."""
        view = self.admin_site.admin_view(self.mentors_view)
        return [path("mentors/", view, name="cadres_developmentplan_mentors"), *super().get_urls()]

    def mentors_view(self, request: HttpRequest) -> HttpResponse:
        """Mentors by name or account, in the shape of the admin's autocomplete."""
        if not self.holds(request.user, self.edit_capability):
            raise PermissionDenied
        term = request.GET.get("term", "")[:60].replace("\x00", "")
        found = mentors().matching(term).order_by("name", "pk")[:_OFFERED]
        rows = [{"id": str(each.pk), "text": f"{each.name}（{each.username}）"} for each in found]
        return JsonResponse({"results": rows, "pagination": {"more": False}})

    @admin.display(description="导师")
    def guide(self, obj: DevelopmentPlan) -> str:
        """The mentor, by account or by name."""
        return obj.mentor.name if obj.mentor else obj.mentor_text


_SCORED = {
    name: forms.IntegerField(label=label, required=False, min_value=0, max_value=100)
    for name, label in zip(SCORES, Competence.labels, strict=True)
}


class ProfileForm(type("ScoredForm", (form_for(CompetenceProfile, "scores"),), _SCORED)):  # type: ignore[misc]
    """A profile with its six scores; what was not judged stays empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.scores or []
        for name, score in zip(SCORES, stored, strict=False):
            if name in self.fields:
                self.initial[name] = score

    def changed_values(self) -> dict[str, Any]:
        """The scores as the one column they are."""
        values = super().changed_values()
        if any(name in values for name in SCORES):
            values = {name: value for name, value in values.items() if name not in SCORES}
            values["scores"] = [self.cleaned_data[name] for name in SCORES]
        return values


@admin.register(CompetenceProfile)
class CompetenceAdmin(HistoryAdmin):
    """Competence profiles with their scores."""

    work_order = 266
    form = ProfileForm
    resource_class = resource_for(CompetenceProfile, "on", "source", "scores", "note", "published_on")
    list_display = ("cadre", "home", "on", "source", "judged", "published_on", "note")
    list_filter = ("source", whether("published_on", "是否发布", filled="已发布", empty="没有发布"))
    date_hierarchy = "on"
    readonly_fields = ("cadre", "published_on")
    actions = ("export_ticked", "publish_ticked", "withdraw_ticked")

    @admin.action(description="发布所选（本人可以看到）", permissions=["change"])
    def publish_ticked(self, request: HttpRequest, queryset: QuerySet[CompetenceProfile]) -> None:
        """Through cadres.services.profiles."""
        self.take_each(
            request,
            queryset,
            lambda row: profiles.publish_profile(record=row, by=request.user),
            "已发布，已通知本人",
        )

    @admin.action(description="收回所选的发布", permissions=["change"])
    def withdraw_ticked(self, request: HttpRequest, queryset: QuerySet[CompetenceProfile]) -> None:
        """Through cadres.services.profiles."""
        self.take_each(
            request,
            queryset,
            lambda row: profiles.withdraw_profile(record=row, by=request.user),
            "已收回发布",
        )

    @admin.display(description="得分")
    def judged(self, obj: CompetenceProfile) -> str:
        """The six scores in their order."""
        return "、".join("—" if score is None else str(score) for score in obj.scores)


class ReviewForm(forms.ModelForm):
    """What a review says, but for what is encrypted."""

    def _post_clean(self) -> None:
        """The service checks and writes; the instance isn't touched here."""


class ReserveReviewForm(ReviewForm):
    """The yearly review of a reserve entry."""

    class Meta:
        model = ReserveReview
        fields = ("year", "status")


class PlanReviewForm(ReviewForm):
    """A review of a plan."""

    class Meta:
        model = PlanReview
        fields = ("on", "progress", "advice")


class ReviewAdmin(ReadOnlyAdmin):
    """Reviews below the entries of a history: recorded on the person's page, corrected here."""

    edit_capability = "cadre.edit"

    guard = ""
    link = ""

    def __init__(self, model: type[Any], site: admin.AdminSite) -> None:
        self.view_capability = capability_for(self.guard)
        super().__init__(model, site)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes what they may not read, nor a mentor's signed words."""
        allowed = super().has_change_permission(request, obj) and self.has_view_permission(request, obj)
        return allowed and not (obj is not None and getattr(obj, "by_mentor", False))

    def service_save(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through cadres.services.reviews."""
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        if values:
            stored = type(obj).objects.get(pk=obj.pk)
            adopt(
                obj, reviews.edit_review(review=stored, by=request.user, version=self.seen(request), **values)
            )

    def visible_rows(self, user: Any, capability: str) -> QuerySet[Any]:
        """Those of people in scope that the reader may read."""
        owner = f"{self.link}__cadre"
        return readable(self.model.objects.all(), user, self.guard, owner=owner, capability=capability)


@admin.register(ReserveReview)
class ReserveReviewAdmin(ReviewAdmin):
    """Yearly reviews of the reserve; the opinion is encrypted."""

    work_order, guard, link = 263, "reserve", "entry"
    owner = "entry__cadre"
    list_display = ("person", "year", "status", "reviewed_by", "created_at")
    list_filter = ("year", "status")
    list_select_related = ("entry__cadre", "reviewed_by")
    search_fields = ("entry__cadre__name", "entry__cadre__initials__startswith")
    form = ReserveReviewForm
    fields = ("person", "entry", "year", "status", "sealed", "reviewed_by", "created_at")
    readonly_fields = ("person", "entry", "sealed", "reviewed_by", "created_at")

    @admin.display(description="干部", ordering="entry__cadre__name_key")
    def person(self, obj: ReserveReview) -> str:
        """Whose review it is."""
        return obj.entry.cadre.name

    @admin.display(description="意见")
    def sealed(self, obj: ReserveReview) -> str:
        """The opinion is opened on the person's page."""
        return SEALED_SHOWN


@admin.register(PlanReview)
class PlanReviewAdmin(ReviewAdmin):
    """Reviews of development plans."""

    work_order, guard, link = 265, "development", "plan"
    owner = "plan__cadre"
    list_display = ("person", "on", "progress", "advice", "reviewed_by")
    list_select_related = ("plan__cadre", "reviewed_by")
    search_fields = ("plan__cadre__name", "plan__cadre__initials__startswith", "progress")
    date_hierarchy = "on"
    form = PlanReviewForm
    fields = ("person", "plan", "on", "progress", "advice", "reviewed_by", "created_at")
    readonly_fields = ("person", "plan", "reviewed_by", "created_at")

    @admin.display(description="干部", ordering="plan__cadre__name_key")
    def person(self, obj: PlanReview) -> str:
        """Whose review it is."""
        return obj.plan.cadre.name
