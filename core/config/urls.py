"""Every URL of the product, floor by floor. API and OAuth paths have no trailing slash, nor have pages."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from core.api.views import NowhereView
from core.views.sign_in import support_desk

urlpatterns = [
    # First what is called most: patterns are tried in turn.
    path("api/v1/", include("assessments.api.urls")),
    path("api/v1/", include("partners.api.urls")),
    path("", include("core.urls")),
    path("", include("partners.urls")),
    path("", include("assessments.urls")),
    path("", include("partners.oauth.urls")),
    # After all else below it.
    path("api/v1/<path:rest>", NowhereView.as_view()),
    path("compat/", include("assessments.api.compat_urls")),
    path("admin/login/", support_desk),
    path("admin/", admin.site.urls),
    # Last: its pages of Markdown take every path below docs/ that nobody else has.
    path("", include("core.docs.urls")),
]

handler400 = "core.views.errors.bad_request"
handler403 = "core.views.errors.forbidden"
handler404 = "core.views.errors.not_found"
handler500 = "core.views.errors.server_error"
