"""What a session may do: it ends when idle or old, and waits for a new password or a second factor."""

import time
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

STARTED = "signed_in_at"
SEEN = "last_seen_at"
HAS_FACTOR = "second_factor_of"

_IDLE = "您已较长时间没有操作，为了安全已退出，请重新登录。"
_OLD = "本次登录已到时限，为了安全已退出，请重新登录。"
_CHANGE_FIRST = "请先修改初始密码，再办理其他事项。"
_SET_UP_FACTOR = "您的账号须启用两步验证。请先用手机扫码设置，再办理其他事项。"

# What stays open while a password or a second factor is waited for.
_ALWAYS = {"account_logout", "account_reauthenticate", "healthz", "readyz"}
_FOR_PASSWORD = _ALWAYS | {"account_change_password"}
_FOR_FACTOR = _FOR_PASSWORD | {
    "mfa_index", "mfa_activate_totp", "mfa_reauthenticate", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
}  # fmt: skip

GetResponse = Callable[[HttpRequest], HttpResponse]


class SessionLimitsMiddleware:
    """Ends a session after idle or absolute time; holds it until password and second factor are in order."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Check before the page, and turn a fragment's way to the log-in into a whole page's."""
        held = None
        if request.user.is_authenticated:
            over = _time_out(request)
            if over:
                logout(request)
                if not request.path.startswith("/api/"):
                    messages.warning(request, over)
            else:
                held = _waits_for(request)
        return held or _whole_page(request, self.get_response(request))


def _time_out(request: HttpRequest) -> str:
    """Note that the session was used; return why it is over, "" while it isn't.

    The machine's clock counts, not the calendar's: that one may be moved in the demo.
    """
    session, now = request.session, time.time()
    if now - session.setdefault(STARTED, now) > settings.SESSION_ABSOLUTE_SECONDS:
        return _OLD
    idle = now - session.get(SEEN, now)
    if idle > settings.SESSION_IDLE_SECONDS:
        return _IDLE
    if SEEN not in session or idle > min(60, settings.SESSION_IDLE_SECONDS / 10):
        session[SEEN] = now
        UserSession.objects.create_from_request(request)
    return ""


def _waits_for(request: HttpRequest) -> HttpResponse | None:
    user = request.user
    if user.must_change_password:
        return _hold(request, _FOR_PASSWORD, "account_change_password", _CHANGE_FIRST)
    if settings.SECOND_FACTOR_ENFORCED and user.needs_second_factor and not _has_factor(request):
        return _hold(request, _FOR_FACTOR, "mfa_activate_totp", _SET_UP_FACTOR)
    return None


def _has_factor(request: HttpRequest) -> bool:
    """Whether the account has its second factor; asked once a session, since it can't be switched off."""
    if request.session.get(HAS_FACTOR) == request.user.pk:
        return True
    found = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists()
    if found:
        request.session[HAS_FACTOR] = request.user.pk
    return found


def _hold(request: HttpRequest, open_names: set[str], target: str, sentence: str) -> HttpResponse | None:
    try:
        name = resolve(request.path_info).url_name
    except Resolver404:
        name = None
    if name in open_names:
        return None
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "forbidden", "message": sentence, "errors": {}}, status=403)
    messages.warning(request, sentence)
    return _whole_page(request, redirect(target))


def _whole_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A redirect that would load the log-in or a set-up page into a fragment loads it as the page."""
    if request.headers.get("HX-Request") != "true" or response.status_code != 302:
        return response
    path = response["Location"].split("?")[0]
    login = reverse("account_login")
    if path not in (login, reverse("account_change_password"), reverse("mfa_activate_totp")):
        return response
    target = response["Location"]
    if path == login:
        here = request.headers.get("HX-Current-URL", "")
        safe = url_has_allowed_host_and_scheme(here, allowed_hosts={request.get_host()})
        target = f"{login}?{urlencode({'next': here})}" if safe else login
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = target
    return answer
