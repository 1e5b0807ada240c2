"""Routes below ``/compat``, made from the doors that the dialects name."""

from __future__ import annotations

from collections import defaultdict

from django.urls import URLPattern, path

from assessments.api.compat import door_view
from assessments.dialects.base import Dialect, Door
from assessments.dialects.table import DIALECTS

PREFIX = "compat/"


def routes(dialect: Dialect) -> list[URLPattern]:
    """One route for each path of the dialect, whatever its methods."""
    doors: dict[str, dict[str, Door]] = defaultdict(dict)
    for door in dialect.doors:
        doors[door.path][door.method] = door
    return [path(_route(at), door_view(dialect, by_method)) for at, by_method in doors.items()]


def _route(at: str) -> str:
    return at.removeprefix(PREFIX).replace("{token}", "<str:token>").replace("{order}", "<str:order>")


urlpatterns = [route for dialect in DIALECTS.values() for route in routes(dialect)]
