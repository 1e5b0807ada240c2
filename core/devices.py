"""Known devices: a signed cookie says that somebody signed in to this account from this browser before.

It proves nothing about who is there now and opens nothing; it only gives its holder a count of wrong guesses of their
own, so that strangers at the same address, or with the same account's name, cannot keep them out.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from core.ids import fresh_token
from core.models import User

COOKIE = "known_device"
_SALT = "core.known_device"
_KEPT_FOR = 180 * 86_400


def device_of(request: HttpRequest, email: str) -> str | None:
    """The random name of the browser, if it was signed in to the account of this address."""
    try:
        known = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_KEPT_FOR)
    except signing.BadSignature:
        return None
    return str(known["device"]) if known["account"] == _account(email) else None


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Renews the cookie; the name stays, unless the browser knew another account."""
    device = device_of(request, user.email) or fresh_token(128)
    response.set_cookie(
        COOKIE,
        signing.dumps({"account": _account(user.email), "device": device}, salt=_SALT),
        max_age=_KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
        path="/login",
    )


def _account(email: str) -> str:
    """No address stands in the cookie."""
    return signing.Signer(salt=_SALT).signature(email.strip().lower())
