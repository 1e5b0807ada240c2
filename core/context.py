"""What every template knows beside the request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, Any]:
    """The product's name; the person's Membership and Organizations (absent on pages made before the middleware)."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "membership": getattr(request, "membership", None),
        "memberships": getattr(request, "memberships", []),
        "is_demo": settings.DEMO,
    }
