"""Who may look at a Partner's portal: its members. Everybody else finds nothing (404)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from core.models import User
from partners.models import Partner
from partners.selectors import partners_visible_to

P = ParamSpec("P")
PortalView = Callable[Concatenate[HttpRequest, Partner, P], HttpResponseBase]
RoutedView = Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]


def for_members(view: PortalView[P]) -> RoutedView[P]:
    """The view gets the Partner that its route's ``partner_id`` names."""

    @wraps(view)
    def guarded(request: HttpRequest, partner_id: str, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        partners = partners_visible_to(cast(User, request.user)).select_related("sandbox_organization")
        return view(request, get_object_or_404(partners, public_id=partner_id), *args, **kwargs)

    return cast(RoutedView[P], login_required(guarded))
