"""What the suite's calls are held against: each answer of the API is one that the API's description names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from core.openapi.views import document

JSON, PROBLEM = "application/json", "application/problem+json"


class EveryAnswerIsDescribed:
    """Middleware: an undescribed status, code or shape of an answer below 500 is an AssertionError."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.resolver_match and (methods := document()["paths"].get(template(request.resolver_match.route))):
            method = {"HEAD": "get"}.get(str(request.method), str(request.method).lower())
            if method in methods and response.status_code < 500:
                check(methods[method], request, response)
        return response


def check(operation: dict[str, Any], request: HttpRequest, response: HttpResponseBase) -> None:
    name = f"{request.method} {request.path} ({operation['operationId']}) → {response.status_code}"
    described = operation["responses"].get(str(response.status_code))
    assert described is not None, f"{name} is not described"
    media = response.get("Content-Type", "").partition(";")[0]
    content = described.get("content", {})
    if "Deprecation" in response.headers:
        # In the words of an older version; the description is that of the current one.
        return
    if response.streaming or not content or request.method == "HEAD" or response.status_code == 304:
        return
    assert media in content, f"{name} is described as {list(content)}, and is {media}"
    value = json.loads(response.content)  # type: ignore[attr-defined]  # streaming ones are gone
    schema = json.dumps(content[media]["schema"])
    wrong = [f"{error.instance_path}: {error.message}" for error in validator(schema).iter_errors(value)]
    assert not wrong, f"{name}: {wrong}"
    if media == PROBLEM:
        assert value["code"] in content[media]["examples"], f"{name}: {value['code']} is not described"


@cache
def validator(schema: str) -> Any:
    schemas = {"components": {"schemas": document()["components"]["schemas"]}}
    return jsonschema_rs.validator_for({**json.loads(schema), **schemas})


def template(route: str) -> str:
    """A route of Django's as OpenAPI writes its path."""
    return "/" + "".join(
        f"{{{part.rpartition(':')[2]}}}" if place % 2 else part
        for place, part in enumerate(route.replace(">", "<").split("<"))
    )


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the URL conf, as a path of OpenAPI."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield template(route), pattern
