"""Where one lands, and which Organization one looks at."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from core.middleware import SESSION_KEY
from core.permissions import member_required
from core.types import MemberRequest


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Members go to their candidates; a partner's people to the page that the settings name."""
    if getattr(request, "membership", None) is None:
        return redirect(settings.NO_MEMBERSHIP_URL_NAME)
    return redirect("core:candidates")


@require_POST
@member_required
def switch_organization(request: MemberRequest) -> HttpResponse:
    """From now on the session looks at this Organization; one that is not yours does not exist."""
    wanted = request.POST.get("organization", "")
    if wanted not in {row.organization.public_id for row in request.memberships}:
        raise Http404
    request.session[SESSION_KEY] = wanted
    return redirect("core:home")
