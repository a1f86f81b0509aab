"""Addresses for the shell's tests, so that they need no other app."""

from django.http import HttpResponse
from django.urls import path


def _page(request, **_):
    return HttpResponse()


urlpatterns = [
    path("", _page, name="home"),
    path("inbox/", _page, name="inbox"),
    *[path(f"{name}/", _page, name=name) for name in "abcdefghij"],
    path("a/deeper/", _page, name="deeper"),
    path("pick/", _page, name="pick"),
]
