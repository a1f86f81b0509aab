"""What stays of a page on a shared computer and in a proxy: nothing that is about people."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from core.caching import CachingMiddleware
from tests.routes import all_routes

pytestmark = pytest.mark.django_db


def kept(answer):
    return answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    "address",
    ["/", "/cadres/", "/inbox/", "/accounts/me/", "/api/v1/units/", "/nothing/", "/cadres/999999/"],
)
def test_nothing_behind_the_sign_in_is_kept(hr, signed_in, address):
    assert kept(signed_in(hr).get(address)) == "private, no-store"


def test_a_token_s_answers_are_not_kept_either(hr):
    body = {"username": "hr", "password": "Long-password-1"}
    assert kept(Client().post("/api/v1/auth/token/", body)) == "private, no-store"
    assert kept(Client().get("/api/v1/units/")) == "private, no-store"


def test_a_list_s_workbook_is_not_kept(hr, signed_in):
    answer = signed_in(hr).get("/units/?export=xlsx")
    assert "attachment" in answer["Content-Disposition"]
    assert kept(answer) == "private, no-store"


def test_a_form_for_things_is_there_for_the_back_button(hr, signed_in):
    assert kept(signed_in(hr).get(reverse("unit-create"))) == "private, no-cache"


def test_the_pages_without_people_exist():
    assert {route.name for route in all_routes()} >= settings.PAGES_WITHOUT_PEOPLE


def test_the_log_in_is_never_kept_and_a_session_s_cookie_goes_to_no_proxy(hr):
    assert "no-store" in kept(Client().get("/accounts/login/"))
    assert "private" in kept(Client().get("/accounts/inactive/"))


def test_an_open_page_may_say_itself_what_is_kept(rf):
    def public(request):
        return HttpResponse(headers={"Cache-Control": "public, max-age=60"})

    class Match:
        func, view_name = public, "notices"

    public.login_required = False
    request = rf.get("/public/notices/")
    request.resolver_match = Match
    assert kept(CachingMiddleware(public)(request)) == "public, max-age=60"
    public.login_required = True
    assert kept(CachingMiddleware(public)(request)) == "private, no-store"


def test_static_files_stay_with_the_reader(client):
    answer = client.get("/static/js/app.js")
    assert answer.status_code == 200
    assert "no-store" not in kept(answer)
