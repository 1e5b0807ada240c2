"""Conditional requests (RFC 9110, section 13): what is read has an ETag, what is unchanged is 304, and a write that was
meant for something else is 412. Nothing here knows what is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import Page
from core.errors import PreconditionFailed

# A reader may keep it, and asks before each use; nobody in between keeps it.
KEPT = "private, no-cache"
# Given what is there in its JSON form, or None where there is nothing. Raises PreconditionFailed.
Condition = Callable[[Any], None]


def etag_of(value: Any, version: str) -> str:
    """Of what is answered with ``value`` in this dated version of the API."""
    written = json.dumps([version, value], cls=DjangoJSONEncoder, sort_keys=True)
    return f'"{hashlib.sha256(written.encode()).hexdigest()[:32]}"'


def answer(request: Request, value: Any, *, version: str, status: int = 200) -> Response:
    """The value with its ETag; 304 with nothing in it for a GET whose ``If-None-Match`` is that."""
    return _answer(request, value, etag_of(value, version), status)


def answer_page(request: Request, page: Page, *, version: str) -> Response:
    """The same for a page of a list. A cursor is another text each time, so its ETag is a weak one."""
    return _answer(request, page, _page_tag(page, version), 200)


def _page_tag(page: Page, version: str) -> str:
    alike = [page["data"], page["next_cursor"] is not None]
    return f"W/{etag_of(alike, version)}"


def condition_of(request: Request, version: str) -> Condition:
    """What the call's ``If-Match`` and ``If-None-Match`` ask of what it is about to change."""
    return lambda current: _check(request, None if current is None else etag_of(current, version))


def condition_of_list(request: Request, read: Callable[[], Page], *, version: str) -> Callable[[], None]:
    """The same of a list that it is about to change, which is there in any case, with the weak tag of this page.

    To be called where nobody else can change it. Raises PreconditionFailed.
    """

    def check() -> None:
        if any(name in request.headers for name in _CONDITIONS):
            _check(request, _page_tag(read(), version))

    return check


_CONDITIONS = ("If-Match", "If-None-Match")


def _check(request: Request, tag: str | None) -> None:
    wanted, unwanted = (request.headers.get(name) for name in _CONDITIONS)
    if wanted is not None and not _names(wanted, tag, weakly=False):
        raise PreconditionFailed
    if unwanted is not None and _names(unwanted, tag):
        raise PreconditionFailed


def _answer(request: Request, value: Any, tag: str, status: int) -> Response:
    known, headers = request.headers.get("If-None-Match"), {"ETag": tag, "Cache-Control": KEPT}
    if request.method in {"GET", "HEAD"} and known is not None and _names(known, tag):
        return Response(status=304, headers=headers)
    return Response(value, status=status, headers=headers)


def _names(header: str, tag: str | None, *, weakly: bool = True) -> bool:
    """Whether the header lists it; a star is whatever there is. What is no ETag names nothing.

    A reader compares weakly, a writer strongly (section 13.1): a weak tag is then none.
    """
    if tag is None:
        return False
    given = parse_etags(header)
    if not weakly:
        return given == ["*"] or (tag in given and not tag.startswith("W/"))
    return given == ["*"] or tag.removeprefix("W/") in {each.removeprefix("W/") for each in given}
