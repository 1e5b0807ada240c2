"""OAuth's endpoints, under our paths and the toolkit's names, by which it finds them for its metadata document.

Left out on purpose: the toolkit's management pages (anybody signed in could make applications there) and its
introspection (any client could look into any other's tokens).
"""

from __future__ import annotations

from django.urls import include, path

from partners.oauth.authorize import AuthorizeView
from partners.oauth.metadata import MetadataView
from partners.oauth.register import RegisterView
from partners.oauth.token import RevokeTokenView, TokenView

_routes = [
    path(".well-known/oauth-authorization-server", MetadataView.as_view(), name="oauth-server-metadata"),
    path("oauth/register", RegisterView.as_view(), name="dcr-register"),
    path("oauth/authorize", AuthorizeView.as_view(), name="authorize"),
    path("oauth/token", TokenView.as_view(), name="token"),
    path("oauth/revoke", RevokeTokenView.as_view(), name="revoke-token"),
]

urlpatterns = [path("", include((_routes, "oauth2_provider")))]
