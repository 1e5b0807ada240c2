"""Headers that every answer carries, beside those of Django and of the CSP middleware. Knows no page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.pages import is_call

# Nothing here uses a device of the visitor; what an injected script could ask for is refused beforehand.
_POWERS = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone")
_FEATURES = (*_POWERS, "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb")
_EVERYWHERE = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    "Cross-Origin-Resource-Policy": "same-origin",
    # The name that the policy's report-to gives.
    "Reporting-Endpoints": 'csp="/csp-reports"',
}


class HeadersMiddleware:
    """What comes with a session is somebody's: browsers ask again before they show it from their cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in _EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if is_call(request):
            response.headers.setdefault("Content-Security-Policy", _policy())
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


@cache
def _policy() -> str:
    """For what shows nothing in a browser: the product's own, once for all."""
    return build_policy() or ""
