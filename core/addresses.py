"""Where a request comes from: the visitor's own address, also behind the proxies that stand before the site."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The visitor's address: the lock-out, the audit and the rate limits all ask here.

    Each of the PROXY_COUNT proxies adds the address it was called from at the end of X-Forwarded-For, so
    the visitor's is that many places from the end; whatever stands before it the visitor may have written.
    Without a proxy, and where the header is too short or no address, it is the connection's own.
    """
    nearest: str | None = request.META.get("REMOTE_ADDR") or None
    proxies: int = settings.PROXY_COUNT
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if not proxies or len(hops) < proxies:
        return nearest
    try:
        return str(ipaddress.ip_address(hops[-proxies]))
    except ValueError:
        return nearest
