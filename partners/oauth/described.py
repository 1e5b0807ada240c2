"""What the API reference says of getting in: registration, tokens, discovery; and the scheme that all else needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import InvalidToken, NotAuthenticated, RateLimited
from core.openapi.operations import FORM, Answer, Body, Errors, Operation, Operations, Route
from core.openapi.schemas import Schema, choice, flag, identifier, listed, members, ref, text, url, whole
from partners.errors import (
    InvalidClientMetadata,
    InvalidRedirectUri,
    OtherClientNeeded,
    OwnCredentialsNeeded,
    PartnerSuspended,
    UnknownScope,
)
from partners.oauth.permissions import OwnCredentials, ScopeRequired
from partners.oauth.problems import (
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidTarget,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from partners.oauth.register import AUTH_METHODS, GRANTS, Metadata, RegisterView
from partners.scopes import ORGANIZATION_SCOPES, SCOPES

TAGS = {"Getting in": "Register, get a token, find the endpoints. Nobody has to be asked."}

_CLIENT = members(
    {
        "client_id": text(example="u3kXq0bWb8rTzV1n"),
        "client_secret": text("Shown this once.", example="pL5c7QmM0f8y"),
        "client_id_issued_at": whole("Seconds since 1970.", example=1796117415),
        "client_secret_expires_at": whole("0: never.", example=0),
        "client_name": text(example="CodeForge"),
        "contacts": listed(text(example="dev@codeforge.example")),
        "redirect_uris": listed(url(example="https://codeforge.example/callback")),
        "grant_types": listed(choice(GRANTS)),
        "response_types": listed(choice(["code"])),
        "scope": text("What you may ask for, separated by spaces.", example="orders:read orders:write results:write"),
        "token_endpoint_auth_method": choice(AUTH_METHODS),
        "partner": identifier("par"),
        "sandbox": members(
            {
                "organization": identifier("org"),
                "installation": identifier("ins"),
                "sign_in_url": url(
                    "Opens your sandbox in a browser, once, within an hour.", example="https://…/sandbox/Qk1x"
                ),
            }
        ),
    },
    description="Your client, by the names of RFC 7591, with your sandbox.",
)
_TOKEN = members(
    {
        "access_token": text("Send it as `Authorization: Bearer …`.", example="0f8yQmM7cpL5"),
        "token_type": choice(["Bearer"]),
        "expires_in": whole("Seconds.", example=36000),
        "scope": text("Separated by spaces.", example="orders:read orders:write results:write"),
    },
    {"refresh_token": text("From a consent only; it works once.", example="M7cpL50f8yQm")},
    description="A token.",
)
_TOKEN_FORM: Schema = members(
    {"grant_type": choice(GRANTS, "How the token is asked for.")},
    {
        "scope": text("Less than everything, separated by spaces."),
        "code": text("What the browser came back with (`authorization_code`)."),
        "redirect_uri": url(
            "The one that was asked with (`authorization_code`).", example="https://codeforge.example/callback"
        ),
        "code_verifier": text("RFC 7636 (`authorization_code`)."),
        "refresh_token": text("From the last answer (`refresh_token`)."),
        "client_id": text("Where you do not use HTTP Basic."),
        "client_secret": text("Where you do not use HTTP Basic."),
    },
)
_REVOCATION_FORM: Schema = members(
    {"token": text("An access token or a refresh token.")},
    {
        "token_type_hint": choice(["access_token", "refresh_token"], "Which of both it is; it may be left out."),
        "client_id": text("Where you do not use HTTP Basic."),
        "client_secret": text("Where you do not use HTTP Basic."),
    },
)
_METADATA = members(
    {
        "issuer": url(example="https://…"),
        "authorization_endpoint": url(example="https://…/oauth/authorize"),
        "token_endpoint": url(example="https://…/oauth/token"),
        "registration_endpoint": url(example="https://…/oauth/register"),
        "revocation_endpoint": url(example="https://…/oauth/revoke"),
        "scopes_supported": listed(choice({**ORGANIZATION_SCOPES, **SCOPES})),
        "response_types_supported": listed(text(example="code")),
        "grant_types_supported": listed(text(example="client_credentials")),
        "token_endpoint_auth_methods_supported": listed(text(example="client_secret_basic")),
        "code_challenge_methods_supported": listed(text(example="S256")),
    },
    {"authorization_response_iss_parameter_supported": flag()},
    description="RFC 8414.",
)

_BY_TOKEN = (NotAuthenticated, InvalidToken, PartnerSuspended)
OTHER_CALLER: Errors = (OtherClientNeeded,)
# What each permission refuses with, but for scopes.
GUARDS: dict[type[Any], Errors] = {ScopeRequired: _BY_TOKEN, OwnCredentials: (*_BY_TOKEN, OwnCredentialsNeeded)}

COMPONENTS: dict[str, Schema] = {
    # Not Client: generators call their own so.
    "RegisteredClient": _CLIENT,
    "Token": _TOKEN,
    "TokenForm": _TOKEN_FORM,
    "RevocationForm": _REVOCATION_FORM,
    "ServerMetadata": _METADATA,
}

OPERATIONS: Operations = {
    RegisterView: {
        "post": Operation(
            id="register",
            tag="Getting in",
            summary="Registers you, with a sandbox of your own.",
            description="The names are those of RFC 7591; only `client_name` is needed.",
            body=Body(
                shape=Metadata,
                example={
                    "client_name": "CodeForge",
                    "contacts": ["dev@codeforge.example"],
                    "redirect_uris": ["https://codeforge.example/callback"],
                },
            ),
            answers={201: Answer(sentence="Your client; keep its secret.", schema=ref("RegisteredClient"))},
            errors=(InvalidClientMetadata, InvalidRedirectUri, UnknownScope),
            gives={
                "client_id": "/client_id",
                "client_secret": "/client_secret",
                "sign_in_url": "/sandbox/sign_in_url",
            },
        )
    },
}

# By HTTP Basic, or with the credentials in the form.
_BY_CREDENTIALS: Sequence[Mapping[str, Sequence[str]]] = ({"client": []}, {})
_TOKEN_ERRORS = (InvalidClient, InvalidRequest, RateLimited)
ROUTES = (
    Route(
        path="/oauth/token",
        method="post",
        security=_BY_CREDENTIALS,
        operation=Operation(
            id="token",
            tag="Getting in",
            summary="Gives a token for your credentials, for a code, or for a refresh token.",
            body=Body(shape=ref("TokenForm"), example={"grant_type": "client_credentials"}, media=FORM),
            answers={200: Answer(sentence="The token.", schema=ref("Token"))},
            errors=(
                *_TOKEN_ERRORS,
                InvalidGrant,
                InvalidTarget,
                UnauthorizedClient,
                UnknownScope,
                UnsupportedGrantType,
            ),
            gives={"access_token": "/access_token"},
        ),
    ),
    Route(
        path="/oauth/revoke",
        method="post",
        security=_BY_CREDENTIALS,
        operation=Operation(
            id="token_revoke",
            tag="Getting in",
            summary="Revokes a token of yours; an unknown one is answered alike.",
            body=Body(shape=ref("RevocationForm"), example={"token": "{access_token}"}, media=FORM),
            answers={200: Answer(sentence="It works no more.", schema=None)},
            errors=_TOKEN_ERRORS,
            after=["token"],
            ends=["token"],
        ),
    ),
    Route(
        path="/.well-known/oauth-authorization-server",
        method="get",
        operation=Operation(
            id="oauth_metadata",
            tag="Getting in",
            summary="Says where the OAuth endpoints are and what they take.",
            answers={200: Answer(sentence="RFC 8414.", schema=ref("ServerMetadata"))},
        ),
    ),
)


def security_schemes(base: str) -> dict[str, Any]:
    """How a call proves whose it is. ``base`` is our public address."""
    token = {"tokenUrl": f"{base}/oauth/token", "scopes": dict(SCOPES)}
    consent = {**token, "authorizationUrl": f"{base}/oauth/authorize", "refreshUrl": f"{base}/oauth/token"}
    return {
        "oauth2": {
            "type": "oauth2",
            "description": "A bearer token: of your own credentials, or of one organization’s consent.",
            "flows": {"clientCredentials": token, "authorizationCode": consent},
        },
        "organization": {
            "type": "oauth2",
            "description": "A bearer token of a client that an organization’s admin made.",
            "flows": {"clientCredentials": {**token, "scopes": dict(ORGANIZATION_SCOPES)}},
        },
        "client": {"type": "http", "scheme": "basic", "description": "Your `client_id` and `client_secret`."},
    }
