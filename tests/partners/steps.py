"""What a partner's program does over HTTP, step by step: ask for a token, send an admin to consent, exchange a code."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from core.models import Organization
from partners.models import Application

CALLBACK = "https://codeforge.example/callback"
VERIFIER = "a-verifier-of-forty-three-characters-at-least"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def basic(application: Application, secret: str) -> dict[str, str]:
    """The header of HTTP Basic."""
    pair = base64.b64encode(f"{application.client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def post_token(application: Application, secret: str, **form: str) -> Any:
    """The answer of the token endpoint."""
    return Client().post(
        "/oauth/token", urlencode(form), "application/x-www-form-urlencoded", headers=basic(application, secret)
    )


def own_token(application: Application, secret: str, scope: str = "") -> str:
    """A token of the client credentials grant."""
    answer = post_token(application, secret, grant_type="client_credentials", **({"scope": scope} if scope else {}))
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def asking(application: Application, **changes: str | None) -> str:
    """The URL to which the partner sends an admin's browser; a change to None leaves the parameter out."""
    query: dict[str, str | None] = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": CALLBACK,
        "scope": "orders:read candidates.name:read",
        "state": "s-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return "/oauth/authorize?" + urlencode({name: value for name, value in query.items() if value is not None})


def allow(browser: Client, url: str, organization: Organization) -> dict[str, str]:
    """Allows on the consent screen; returns the parameters with which the browser is sent back."""
    answer = browser.post(url, {"decision": "allow", "organization": organization.public_id})
    assert answer.status_code == 302, answer.content
    return query_of(answer["Location"])


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def exchange(application: Application, secret: str, code: str, **changes: str) -> Any:
    """The answer to the exchange of a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return post_token(application, secret, **{**form, **changes})
