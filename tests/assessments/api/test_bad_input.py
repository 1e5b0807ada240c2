"""What the API gets that nobody should send: a clear problem each time, never a 5xx, and nothing lost or broken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import Order, OrderUpdate, Result
from core.models import RequestLog
from tests.assessments import scene
from tests.assessments.scene import Shop

pytestmark = pytest.mark.django_db

WRITES = ("accept", "decline", "updates", "results")


def final(document: bytes) -> bytes:
    return b'{"kind": "final", "document": ' + document + b"}"


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"<xml/>", 400, "malformed_json"),
        (b"{'kind': 'final'}", 400, "malformed_json"),
        (b'{"a": 1} {"b": 2}', 400, "malformed_json"),
        (b'{"a": "\xff"}', 400, "malformed_json"),
        (b"[" * 10_000 + b"]" * 10_000, 400, "malformed_json"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "malformed_json"),
        (b'{"a": NaN}', 400, "malformed_json"),
        (b'{"a": -Infinity}', 400, "malformed_json"),
        (b'{"a": 1e400}', 400, "malformed_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", 400, "malformed_json"),
        (b'{"kind": "final", "kind": "partial"}', 400, "malformed_json"),
        (b'{"a": "\\ud800"}', 400, "malformed_json"),
        (b'{"a": "\\u0000"}', 400, "malformed_json"),
        (b'{"a": "' + b"x" * (1024 * 1024) + b'"}', 413, "payload_too_large"),
    ],
    ids=[
        "cut", "xml", "quotes", "two", "latin", "deep list", "deep object", "nan", "infinity", "1e400", "digits",
        "twice", "surrogate", "nul", "large",
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused_and_changes_nothing(
    shop: Shop, order: Order, subtests: pytest.Subtests, raw: bytes, status: int, code: str
) -> None:
    api = shop.api()
    for verb in WRITES:
        with subtests.test(verb):
            answer = api.send("POST", f"orders/{order.public_id}/{verb}", raw)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            assert answer["Content-Type"] == "application/problem+json"
            assert RequestLog.objects.get(request_id=answer["Request-Id"]).problem_code == code
    assert (scene.reread(order).status, order.updates.count()) == ("requested", 0)


@pytest.mark.parametrize(
    ("document", "pointer", "code"),
    [
        (b'{"score": NaN}', "/document/score", "not_finite"),
        (b'{"score": 1e400}', "/document/score", "not_finite"),
        (b'{"score": 1, "score": 2}', "/document/score", "duplicate_key"),
        (b'{"verdict": "\\udfff"}', "/document/verdict", "lone_surrogate"),
        (b'{"verdict": "a\\u0000b"}', "/document/verdict", "nul_character"),
        (b'{"a\\u0000": 1}', "/document/a\ufffd", "nul_character"),
    ],
)
def test_what_no_document_may_hold_is_named_by_pointer(
    shop: Shop, order: Order, document: bytes, pointer: str, code: str
) -> None:
    answer = shop.api().send("POST", f"orders/{order.public_id}/results", final(document))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert (pointer, code) in [(problem["pointer"], problem["code"]) for problem in answer.json()["problems"]]


def test_a_wrong_content_type_is_415(shop: Shop, order: Order, subtests: pytest.Subtests) -> None:
    api = shop.api()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/x"):
        for verb in WRITES:
            with subtests.test(kind, verb=verb):
                answer = api.send("POST", f"orders/{order.public_id}/{verb}", b'{"kind": "started"}', kind=kind)
                assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_method_that_is_not_there_is_405_with_those_that_are(shop: Shop, order: Order) -> None:
    api = shop.api()
    for method in ("PUT", "PATCH", "DELETE"):
        answer = api.send(method, f"orders/{order.public_id}/results", b"{}")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert {"GET", "POST"} <= set(answer["Allow"].split(", "))


HOSTILE = (
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% debug %}",
    "'; DROP TABLE assessments_order; --",
    "\u202etxt.exe",
    "%s%n\r\nSet-Cookie: x=1",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_everywhere_and_comes_back_as_it_came(shop: Shop, text: str) -> None:
    shop.schema.delete()
    order = scene.place(shop)
    api, path = shop.api(), f"orders/{order.public_id}"
    assert api.post(f"{path}/accept", {"reference": text}).status_code == 201
    assert api.get(path).json()["reference"] == text.strip()
    assert api.post(f"{path}/updates", {"kind": "note", "note": text}).status_code == 201
    document = {text: [text, {"deep": text}]}
    assert api.post(f"{path}/results", {"kind": "final", "document": document, "reason": text}).status_code == 201
    assert json.loads(Result.objects.get().document) == document
    assert api.get(f"{path}/results").json()["data"][0]["reason"] == text.strip()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


MEMBERS = ("kind", "document", "occurred_at", "reason", "note", "progress", "reference", "candidate_url", "message")
bodies = st.dictionaries(st.sampled_from(MEMBERS), json_values)
unhurried = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@unhurried
@given(body=bodies, verb=st.sampled_from(WRITES))
def test_no_body_is_answered_with_a_server_error(shop: Shop, order: Order, body: dict[str, Any], verb: str) -> None:
    answer = shop.api().post(f"orders/{order.public_id}/{verb}", body)
    assert answer.status_code < 500, (verb, body)


@unhurried
@given(document=json_values)
def test_whatever_document_comes_is_taken_or_explained_and_kept(shop: Shop, order: Order, document: Any) -> None:
    raw = json.dumps({"kind": "partial", "document": document}).encode()
    before = OrderUpdate.objects.count()
    answer = shop.api().send("POST", f"orders/{order.public_id}/results", raw)
    if answer.status_code == 400:
        assert answer.json()["code"] == "malformed_json"
    elif answer.status_code == 422:
        assert OrderUpdate.objects.filter(public_id=answer.json()["update"], outcome="rejected").exists()
    else:
        assert answer.status_code in {200, 201}
        assert OrderUpdate.objects.count() >= before
