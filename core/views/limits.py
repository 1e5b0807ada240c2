"""Rate limits on pages: the decorator, and the page that says so. Counting is done by ``core.limits``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.errors import RateLimited
from core.limits import client_address, limit
from core.views.errors import too_many_requests

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def limited(scope: str) -> Callable[[View[P]], View[P]]:
    """POSTs from one client address count against ``settings.RATE_LIMITS[scope]``; looking at the form is free."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                if request.method == "POST":
                    limit(scope, client_address(request))
            except RateLimited as refusal:
                return too_many_requests(request, refusal.facts["retry_after"])
            return view(request, *args, **kwargs)

        return guarded

    return decorate
