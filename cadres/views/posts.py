"""The leadership team of a unit: the panel on the unit's page, and the posts behind it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Unit
from accounts.scope import may_on, require
from accounts.views_base import ServiceForm
from accounts.views_versioned import Versioned
from cadres.forms.people import ClosePostForm, PostForm
from cadres.models import Post
from cadres.services.posts import close_post, create_post, edit_post
from cadres.teams import team_of
from cadres.views.units import visible_unit
from core.calendar import today
from core.errors import NotFound


@require_GET
def unit_team(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel: posts with their holders, vacancies, head-count, what is over or under, today or on a day."""
    unit = visible_unit(request.user, pk)
    day, problem = _day(request.GET.get("on", ""))
    past = day != today()
    return render(
        request, "cadres/_team.html",
        {
            "unit": unit, "team": team_of(unit, request.user, day), "day": day, "past": past, "problem": problem,
            "there": unit.exists_on(day),
            "edits": may_on(request.user, "post.edit", unit) and not past and not unit.is_closed,
        },
    )  # fmt: skip


def _day(text: str) -> tuple[date, str]:
    """The day asked for; today, with a sentence, for one that can't be read or is to come."""
    try:
        day = date.fromisoformat(text) if text else today()
    except ValueError:
        return today(), "日期请写成 2026-03-05 的样子，下面是今天的班子。"
    if day > today():
        return today(), "还没有到这一天，下面是今天的班子。"
    return day, ""


class PostPage(ServiceForm):
    """A form about a post, for those who maintain posts."""

    template_name = "cadres/form.html"
    title, submit_label = "", "保存"
    unit: Unit
    post_record: Post | None = None

    def find(self) -> None:
        """Load what the address names; 404 outside the scope."""
        found = Post.objects.visible_to(self.request.user).select_related("unit").filter(pk=self.kwargs["pk"])
        self.post_record = found.first()
        if self.post_record is None:
            raise NotFound("没有找到这个岗位。")
        self.unit = self.post_record.unit

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Out of view 404, in view without the right 403."""
        self.request, self.kwargs = request, kwargs
        self.find()
        require(request.user, "post.edit", self.unit)
        return super().dispatch(request, *args, **kwargs)

    def back(self) -> str:
        """The unit's page."""
        return reverse("unit-detail", args=[self.unit.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the page."""
        words = {"title": self.title, "submit_label": self.submit_label, "back_url": self.back()}
        return super().get_context_data(unit=self.unit, post_record=self.post_record, **words, **kwargs)


class PostCreate(PostPage):
    """A new post at a unit."""

    form_class = PostForm
    title, submit_label = "设立岗位", "设立"

    def find(self) -> None:
        """The address names the unit."""
        self.unit = visible_unit(self.request.user, self.kwargs["pk"])

    def perform(self, form: PostForm) -> str:
        """Set it up."""
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        post = create_post(unit=self.unit, by=self.request.user, **values)
        messages.success(self.request, f"{self.unit.name}已设立岗位“{post.title}”。")
        return self.back()


class PostEdit(Versioned, PostPage):
    """Title, category, level, head-count of a post."""

    form_class = PostForm
    title = "修改岗位"

    def current(self) -> Post:
        """The post as stored."""
        return Post.objects.select_related("level").get(pk=self.kwargs["pk"])

    def initial_of(self, record: Post) -> dict[str, Any]:
        """Its values."""
        return {name: getattr(record, name) for name in PostForm.base_fields if name != "version"}

    def perform(self, form: PostForm) -> str:
        """Save it."""
        values = dict(form.cleaned_data)
        post = edit_post(post=self.post_record, by=self.request.user, version=values.pop("version"), **values)
        messages.success(self.request, f"已保存岗位“{post.title}”。")
        return self.back()


class PostClose(PostPage):
    """A post that no longer exists."""

    form_class = ClosePostForm
    title, submit_label = "撤销岗位", "撤销"

    def perform(self, form: ClosePostForm) -> str:
        """Close it."""
        post = close_post(post=self.post_record, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"岗位“{post.title}”已撤销。")
        return self.back()
