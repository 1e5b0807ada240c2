"""Middleware that only pages need: each as its library has it, but a call of the API goes past it.

A call carries no session and no message, and is never a static file. As subclasses, so that Django's system checks find
what they look for; the one against forged requests stays Django's own, for its check looks for the very name.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_htmx import middleware as htmx
from whitenoise import middleware as whitenoise  # type: ignore[import-untyped]

from core import middleware as ours

API = "/api/"


def is_call(request: HttpRequest) -> bool:
    """Whether it is for the API, whose callers are programs with a token."""
    return request.path_info.startswith(API)


class _PagesOnly:
    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response if is_call(request) else super().__call__  # type: ignore[misc]  # of the library's
        response: HttpResponseBase = answer(request)
        return response


class WhiteNoiseMiddleware(_PagesOnly, whitenoise.WhiteNoiseMiddleware):  # type: ignore[misc]  # untyped
    """Static files."""


class SessionMiddleware(_PagesOnly, sessions.SessionMiddleware):
    """Who is signed in."""


class AuthenticationMiddleware(_PagesOnly, auth.AuthenticationMiddleware):
    """``request.user`` of the session."""


class SessionLifeMiddleware(_PagesOnly, ours.SessionLifeMiddleware):
    """Sessions end."""


class MembershipMiddleware(_PagesOnly, ours.MembershipMiddleware):
    """``request.membership``."""


class MessageMiddleware(_PagesOnly, messages.MessageMiddleware):
    """What the next page says."""


class HtmxMiddleware(_PagesOnly, htmx.HtmxMiddleware):
    """``request.htmx``."""
