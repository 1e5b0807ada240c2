"""What templates know of the partners' side: whether the person is somebody of a partner."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from partners.selectors import is_somebodys


def portal(request: HttpRequest) -> dict[str, Callable[[], bool]]:
    """``has_portal``: asked only where a template wants to know."""
    return {"has_portal": lambda: request.user.is_authenticated and is_somebodys(request.user)}
