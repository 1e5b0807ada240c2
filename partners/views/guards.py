"""Who may look at a Partner's portal: its members. Everybody else finds nothing (404)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from core.models import User
from partners.selectors import partners_visible_to


def for_members(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view gets the Partner that its route's ``partner_id`` names, in the place of that id."""

    @wraps(view)
    def guarded(request: HttpRequest, *, partner_id: str, **kwargs: Any) -> HttpResponseBase:
        partners = partners_visible_to(cast(User, request.user)).select_related("sandbox_organization")
        return view(request, get_object_or_404(partners, public_id=partner_id), **kwargs)

    return login_required(guarded)
