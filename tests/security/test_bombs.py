"""Little that is sent and would be much if it were unpacked, expanded or counted: it costs what it is, and no more."""

from __future__ import annotations

import gzip
import json
import struct
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from assessments.models import Attachment
from core.http import Request, send
from partners.scopes import ALL
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.fakes.raw_server import Line, raw_server
from tests.world import World

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024
UNPACKED = 64 * MIB


@pytest.fixture
def shop(world: World) -> Shop:
    return scene.shop_of(world)


@contextmanager
def cheaply(*, memory: int = UNPACKED // 2, seconds: float = 5) -> Iterator[None]:
    began = time.process_time()
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < memory, f"{peak / MIB:.1f} MiB"
    assert time.process_time() - began < seconds


def pdf() -> bytes:
    """One stream of 64 MiB of nothing."""
    packed = zlib.compress(b"\0" * UNPACKED, 9)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    return b"%PDF-1.7\n1 0 obj\n" + stream + b"\nendobj\n%%EOF\n"


def png() -> bytes:
    """65,535 by 65,535 points, of which the first 64 MiB are there."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 65535, 65535, 8, 6, 0, 0, 0)
    packed = zlib.compress(b"\0" * UNPACKED, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize("make", [pdf, png])
def test_a_report_is_kept_as_it_came_and_never_unpacked(shop: Shop, make: Any) -> None:
    order, bomb = scene.place(shop), make()
    assert len(bomb) < UNPACKED / 500
    with cheaply():
        answer = shop.api().upload(f"orders/{order.public_id}/attachments", bomb)
    assert answer.status_code == 201
    assert Attachment.objects.get().size == len(bomb)


@pytest.mark.parametrize("path", ["results:batch", "assessment-types/coding/result-schemas"])
def test_a_packed_body_is_refused_as_it_is(shop: Shop, path: str) -> None:
    bomb = gzip.compress(b'{"results": [' + b" " * UNPACKED, 9)
    headers = {"Authorization": f"Bearer {scene.token(shop.application, ALL)}", "Content-Encoding": "gzip"}
    with cheaply():
        answer = Client().generic("POST", f"/api/v1/{path}", bomb, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_packed_answer_of_a_partner_is_read_as_it_is(settings: Settings) -> None:
    settings.HTTP_ALLOW_LOOPBACK = True
    bomb = gzip.compress(b"\0" * UNPACKED, 9)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)

    def talk(line: Line) -> None:
        line.hear()
        line.say(head + bomb)

    with raw_server(talk) as server, cheaply():
        reply = send(Request(method="GET", url=server.url))
    assert reply.body == bomb[: len(reply.body)]


def test_many_parts_of_a_form_are_not_all_read(shop: Shop) -> None:
    order = scene.place(shop)
    headers = {"Authorization": f"Bearer {scene.token(shop.application, ALL)}"}
    fields = {f"f{number}": "x" for number in range(2000)}
    files = {f"f{number}": SimpleUploadedFile("a.pdf", b"%PDF-") for number in range(200)}
    for form in (fields, files):
        answer = Client().post(f"/api/v1/orders/{order.public_id}/attachments", form, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_many_fields_of_a_token_request_are_not_all_read(db: None) -> None:
    form = urlencode({f"f{number}": "x" for number in range(2000)})
    answer = Client().post("/oauth/token", form, "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


# A million strings, in six steps.
LAUGHS = {
    "type": "object",
    "properties": {"value": {"$ref": "#/$defs/l6"}},
    "$defs": {
        "l0": {"type": "string"},
        **{f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n - 1}"}] * 10} for n in range(1, 7)},
    },
}


def test_a_schema_that_multiplies_itself_is_refused_at_once(shop: Shop) -> None:
    with cheaply():
        answer = shop.api().post("assessment-types/coding/result-schemas", {"schema": LAUGHS})
    assert answer.status_code == 422
    assert "too_many_nodes" in {problem["code"] for problem in answer.json()["problems"]}


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_nesting_is_refused_wherever_it_comes_in(shop: Shop, bracket: str, subtests: pytest.Subtests) -> None:
    deep = bracket * 100_000
    order = scene.place(shop).public_id
    bodies = {
        f"orders/{order}/results": '{"kind": "final", "document": %s',
        "assessment-types/coding/result-schemas": '{"schema": %s',
        "assessment-types/coding/result-schemas/1/validate": '{"document": %s',
        "results:batch": '{"results": [{"order": "x", "document": %s',
    }
    for path, body in bodies.items():
        with subtests.test(path), cheaply():
            answer = shop.api().send("POST", path, (body % deep).encode())
            assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


def test_the_pages_that_take_json_refuse_the_same(world: World) -> None:
    """The playground, which is open to anybody, and what browsers report."""
    client = Client()
    deep = "[" * 50_000
    page = client.post("/docs/playground", {"schema": deep, "document": deep, "role": "recruiter"})
    assert page.status_code == 200
    assert client.post("/csp-reports", deep, "application/csp-report").status_code in (400, 413)
    with cheaply():
        page = client.post("/docs/playground", {"schema": json.dumps(LAUGHS), "document": "{}", "role": "recruiter"})
    assert page.status_code == 200
