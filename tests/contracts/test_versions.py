"""Every route of the API speaks dated versions alike: found from the routes, so that a new one is in it at once."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from core.api import versions
from core.api.views import ApiView
from tests.described import routes

CALLS = [
    (method, re.sub(r"\{\w+\}", "1", path))
    for path, pattern in routes()
    if isinstance(view := getattr(pattern.callback, "cls", None), type) and issubclass(view, ApiView)
    if path.startswith("/api/")
    for method in ("get", "post", "put", "patch", "delete")
    if hasattr(view, method)
]
each_call = pytest.mark.parametrize(("method", "path"), CALLS)


def test_there_are_many() -> None:
    assert len(CALLS) > 30


@each_call
@pytest.mark.django_db
def test_a_version_that_there_is_not_is_refused(method: str, path: str, client: Client) -> None:
    answer = client.generic(method.upper(), path, b"{}", "application/json", headers={"Api-Version": "2000-01-01"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_api_version")
    assert answer.headers["Api-Version"] == versions.CURRENT


@each_call
@pytest.mark.django_db
def test_an_answer_says_its_version_whatever_it_is(method: str, path: str, client: Client) -> None:
    for version in versions.VERSIONS:
        answer = client.generic(method.upper(), path, b"{}", "application/json", headers={"Api-Version": version.name})
        assert answer.status_code < 500
        assert versions.headers_of(version.name).items() <= dict(answer.headers).items()
