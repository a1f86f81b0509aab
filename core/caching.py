"""What a browser or a proxy may keep of an answer: nothing that is about people (spec: trust, shared computers)."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]
NOTHING_KEPT = "private, no-store"
ASKED_AGAIN = "private, no-cache"


class CachingMiddleware:
    """Says on every answer what may be kept of it; a view can't forget it, nor ask for more.

    * behind the sign-in: nothing. On a shared computer neither the back button nor the browser's files bring
      back what the last person read, and no proxy in between keeps it;
    * the few pages in settings.PAGES_WITHOUT_PEOPLE (forms for things, descriptions): kept for the back button,
      which so gives back what was typed, but asked about again before they are shown anew;
    * open to everybody (`login_not_required`): what the view says; where it says nothing, not by a proxy, since
      a page's form carries its visitor's CSRF token, and nothing of what a reader with a session gets.

    Static files never come here: WhiteNoise answers for them first and lets hashed ones be kept for good.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer with its Cache-Control."""
        response = self.get_response(request)
        said = response.headers.get("Cache-Control", "")
        if "no-store" in said:
            return response
        if _is_open(request):
            has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
            response.headers.setdefault("Cache-Control", NOTHING_KEPT if has_session else ASKED_AGAIN)
        elif _shows_no_people(request) and "Content-Disposition" not in response.headers:
            response["Cache-Control"] = ASKED_AGAIN
        else:
            response["Cache-Control"] = NOTHING_KEPT
        return response


def _is_open(request: HttpRequest) -> bool:
    """Whether everybody may read the page without signing in; the API's answers are never that."""
    match = request.resolver_match
    if match is None or request.path.startswith("/api/"):
        return False
    return not getattr(match.func, "login_required", True)


def _shows_no_people(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.view_name in settings.PAGES_WITHOUT_PEOPLE
