"""Pages, scripts and styles travel compressed, whatever stands in front of the site."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_COMPRESSED = (
    "text/",
    "application/json",
    "application/problem+json",
    "image/svg+xml",
    "application/javascript",
)


class CompressionMiddleware(GZipMiddleware):
    """Compress text answers; workbooks, pictures and what is handed out as a file stay as they are.

    Django's middleware adds a random number of bytes, so that the length of a page tells nothing about what is
    in it (BREACH). Production's static files come compressed from WhiteNoise and pass through.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer, compressed if it is text and the reader takes it."""
        kind = response.headers.get("Content-Type", "")
        if response.status_code == 206 or "Content-Disposition" in response.headers:
            return response
        return super().process_response(request, response) if kind.startswith(_COMPRESSED) else response
