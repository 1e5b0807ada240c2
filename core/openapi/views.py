"""The reference as files: the OpenAPI document and the Postman collection, made once in a process. Open to anybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_safe

from core.openapi.postman import collection

# The first calls may come at the same moment, and drf-spectacular's registry is filled by whoever is first.
_making = Lock()


def document() -> dict[str, Any]:
    """The OpenAPI document, as drf-spectacular makes it with the hooks of the settings. Not to be changed."""
    with _making:
        return _document()


@cache
def _document() -> dict[str, Any]:
    # Here and not above: it would make every start a tenth of a second longer.
    from drf_spectacular.generators import SchemaGenerator

    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@cache
def _openapi() -> tuple[bytes, str]:
    return _written(document())


@cache
def _postman() -> tuple[bytes, str]:
    return _written(collection(document()))


def _written(value: dict[str, Any]) -> tuple[bytes, str]:
    """The JSON text, and its ETag."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _served(make: Callable[[], tuple[bytes, str]], name: str) -> Callable[[HttpRequest], HttpResponseBase]:
    @csrf_exempt
    @require_safe
    @condition(etag_func=lambda _request: make()[1])
    def view(_request: HttpRequest) -> HttpResponse:
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Cache-Control": "public, max-age=300",
            "Content-Disposition": f'inline; filename="{name}"',
        }
        return HttpResponse(make()[0], content_type="application/json", headers=headers)

    return view


openapi_json = _served(_openapi, "assay-openapi.json")
postman_json = _served(_postman, "assay-postman.json")
