"""The page behind ``sandbox.sign_in_url``: looking does nothing, pressing the button signs in, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.views.limits import limited
from core.views.sign_in import enter
from partners.services import sign_in_links


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("sandbox_sign_in")
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Unknown, used and outdated links look alike. Its person belongs to one organization: the sandbox."""
    if request.method != "POST":
        is_open = sign_in_links.is_open(token)
        return render(request, "partners/sign_in.html", {"is_open": is_open}, status=200 if is_open else 404)
    person = sign_in_links.use(token)
    if person is None:
        return render(request, "partners/sign_in.html", {"is_open": False}, status=404)
    return enter(request, person, reverse("core:candidates"))
