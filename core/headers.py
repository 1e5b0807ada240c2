"""Headers that every answer carries, beside those of Django. Knows no page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Nothing here uses a device of the visitor; what an injected script could ask for is refused beforehand.
_POWERS = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone")
_FEATURES = (*_POWERS, "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb")
_EVERYWHERE = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    "Cross-Origin-Resource-Policy": "same-origin",
    # The name that the policy's report-to gives.
    "Reporting-Endpoints": 'csp="/csp-reports"',
}


# Django's pages of what went wrong, which bring styles and scripts of their own.
_SHOWN_WHILE_DEBUGGING = frozenset({404, 500})


class HeadersMiddleware:
    """What comes with a session is somebody's: browsers ask again before they show it from their cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in _EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if not (settings.DEBUG and response.status_code in _SHOWN_WHILE_DEBUGGING):
            response.headers.setdefault("Content-Security-Policy", _policy_for(response))
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


def _policy_for(response: HttpResponseBase) -> str:
    """The product's own, by django-csp; with what a page allows beside it, as the library's decorator says so."""
    update = getattr(response, "_csp_update", None)
    return build_policy(update=update) if update else _policy()


# The library's own middleware builds it for every answer, in case that one has a nonce; none of ours has.
@cache
def _policy() -> str:
    return build_policy()
