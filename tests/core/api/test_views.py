"""The base of the API's views: what it takes, what it answers, and in which order it decides."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import Organization
from tests.core.api.site import Echo

pytestmark = [pytest.mark.urls("tests.core.api.site"), pytest.mark.django_db]


def test_answers_are_compact_json_in_utf_8(client: Client) -> None:
    answer = client.post("/api/t/echo", '{"a": "é", "b": [1, 2]}', "application/json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.content == '{"got":{"a":"é","b":[1,2]},"text":null}'.encode()


def test_a_post_without_a_body_is_an_empty_object(client: Client) -> None:
    assert client.post("/api/t/echo", content_type="application/json").status_code == 200


def test_who_may_not_come_in_is_told_before_the_body_is_read(client: Client) -> None:
    headers = {"Authorization": "Client unknown"}
    answer = client.generic("POST", "/api/t/echo", b"{", content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_options_describes_nothing(client: Client) -> None:
    answer = client.options("/api/t/echo")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_what_a_call_held_is_gone_with_its_answer(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    held: list[weakref.ref[Any]] = []

    def echo(_view: Echo, request: Request) -> Response:
        held.append(weakref.ref(request))
        return Response(request.data)

    monkeypatch.setattr(Echo, "post", echo)
    gc.disable()
    try:
        assert client.post("/api/t/echo", '{"a": 1}', "application/json").json() == {"a": 1}
        assert held
        assert held[0]() is None
    finally:
        gc.enable()


def upload(client: Client, size: int, **extra: Any) -> Any:
    file = SimpleUploadedFile("report.pdf", b"x" * size, "application/pdf")
    return client.post("/api/t/upload", {"name": "Initech", "file": file}, **extra)


def test_a_view_for_files_takes_multipart_and_nothing_else(client: Client) -> None:
    answer = upload(client, 500)
    assert (answer.status_code, answer.json()) == (201, {"size": 500})
    assert client.post("/api/t/upload", {"name": "x"}, "application/json").status_code == 415


def test_a_file_over_the_views_limit_is_refused_by_its_length_alone(client: Client) -> None:
    answer = upload(client, 20_000)
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (413, "payload_too_large", 10_000)
    assert not Organization.objects.exists()
