"""RFC 8414: the document names our own paths, and nothing that is not mounted."""

from __future__ import annotations

import pytest
from django.test import Client

from partners.scopes import SCOPES

pytestmark = pytest.mark.django_db


def test_the_document_names_what_is_there() -> None:
    answer = Client().get("/.well-known/oauth-authorization-server")
    assert answer.json() == {
        "issuer": "http://testserver",
        "authorization_endpoint": "http://testserver/oauth/authorize",
        "token_endpoint": "http://testserver/oauth/token",
        "revocation_endpoint": "http://testserver/oauth/revoke",
        "registration_endpoint": "http://testserver/oauth/register",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": sorted(SCOPES),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": False,
    }
    assert answer["Access-Control-Allow-Origin"] == "*"
