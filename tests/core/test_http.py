"""The door to the network: what goes out and comes back, which connections are kept, and whom it cannot reach."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from core.http import Door, Failure, Request, send, start, with_platform_headers
from tests.core.calls import OK, post, says, says_once
from tests.fakes.raw_server import Authority, Line, RawServer, raw_server


@pytest.fixture
def good() -> Iterator[RawServer]:
    with raw_server(says(OK)) as server:
        yield server


# --- What goes out, what comes back -------------------------------------------------------------------------


def test_the_answer_comes_back_with_status_headers_and_body(good: RawServer) -> None:
    reply = post(good.url)
    assert (reply.status, dict(reply.headers), reply.body, reply.truncated) == (
        200,
        {"content-length": "2", "x-trace": "a"},
        b"ok",
        False,
    )
    assert 0 <= reply.elapsed_ms < 5000


def test_the_call_carries_exactly_the_body_and_our_name(settings: Settings) -> None:
    heard: list[bytes] = []

    def talk(line: Line) -> None:
        heard.append(line.hear())
        line.say(OK)

    body = '{"note":"Zoë"}'.encode()
    with raw_server(talk) as server:
        headers = {"Content-Type": "application/json", "webhook-id": "evt_1"}
        send(Request(method="POST", url=server.url + "/hooks?a=%20b", headers=headers, body=body))
    head, _, sent = heard[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert (first, sent) == ("POST /hooks?a=%20b HTTP/1.1", body)
    assert {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)} == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": f"Assay/1 (+{settings.PUBLIC_URL})",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "webhook-id": "evt_1",
        "content-length": str(len(body)),
    }


def test_headers_of_the_caller_never_change_where_the_call_goes_or_ends() -> None:
    heard: list[bytes] = []

    def talk(line: Line) -> None:
        heard.append(line.hear())
        line.say(OK)

    hostile = {"HOST": "metadata.internal", "Content-Length": "0", "transfer-encoding": "chunked", "User-Agent": "x"}
    with raw_server(talk) as server:
        send(Request(method="POST", url=server.url, headers=hostile, body=b"abc"))
    text = heard[0].decode().lower()
    assert "metadata.internal" not in text
    assert "transfer-encoding" not in text
    assert "user-agent: x" not in text
    assert text.endswith("abc")


def test_the_platforms_headers_stand_over_custom_ones_of_any_case() -> None:
    custom = {"Webhook-Signature": "forged", "X-Team": "7"}
    assert with_platform_headers(custom, {"webhook-signature": "v1,…"}) == {
        "webhook-signature": "v1,…",
        "x-team": "7",
    }


@pytest.mark.parametrize(
    "headers", [{"X-A": "1\r\nX-B: 2"}, {"X-A": "1\x00"}, {"X A": "1"}, {"": "1"}, {"X-Ü": "1"}, {"X-A": "ü"}]
)
def test_a_header_that_is_not_one_is_refused_before_anything_is_sent(good: RawServer, headers: dict[str, str]) -> None:
    with pytest.raises(Failure) as failed:
        post(good.url, headers=headers)
    assert failed.value.kind == "invalid_request"
    assert failed.value.proves_nothing_processed


def test_nothing_secret_stands_in_the_repr() -> None:
    request = Request(method="POST", url="https://a.example", headers={"authorization": "s3cr3t"}, body=b"s3cr3t")
    assert "s3cr3t" not in repr(request)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(good: RawServer, status: int) -> None:
    answer = f"HTTP/1.1 {status} Go\r\nLocation: {good.url}/secret\r\nContent-Length: 0\r\n\r\n".encode()
    with raw_server(says(answer)) as server:
        reply = post(server.url)
    assert (reply.status, reply.headers["location"]) == (status, f"{good.url}/secret")
    assert good.connections == 0


def test_of_many_and_long_headers_a_bounded_part_is_kept() -> None:
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"v" * 1500) for number in range(60))
    with raw_server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + lines + b"\r\n")) as server:
        headers = post(server.url).headers
    assert len(headers) == 50
    assert {len(value) for name, value in headers.items() if name.startswith("x-")} == {1000}


# --- Connections --------------------------------------------------------------------------------------------


def test_connections_are_kept_for_the_next_call(good: RawServer) -> None:
    for _ in range(5):
        post(good.url)
    assert good.connections == 1


def test_a_call_that_must_not_be_repeated_gets_a_connection_of_its_own(good: RawServer) -> None:
    post(good.url)
    post(good.url, reuse_connection=False)
    post(good.url, reuse_connection=False)
    assert good.connections == 3


def test_a_kept_connection_that_was_closed_meanwhile_is_not_used() -> None:
    with raw_server(says_once(OK)) as server:
        for _ in range(3):
            assert post(server.url).status == 200
            time.sleep(0.02)
        assert server.connections == 3


def test_calls_that_are_begun_together_are_under_way_together() -> None:
    together = threading.Barrier(20)

    def talk(line: Line) -> None:
        line.hear()
        together.wait(5)
        line.say(OK)

    with raw_server(talk) as server:
        replies = start([Request(method="POST", url=server.url)] * 20, timeout=5)
        assert [reply.result().status for reply in replies] == [200] * 20


def test_many_threads_call_at_once(good: RawServer) -> None:
    with ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(lambda _: post(good.url).status, range(100)))
    assert replies == [200] * 100


# --- Reaching the server ------------------------------------------------------------------------------------


def test_a_refused_connection_proves_that_nothing_was_processed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Failure) as failed:
        post(f"http://127.0.0.1:{port}")
    assert (failed.value.kind, failed.value.proves_nothing_processed) == ("connection_refused", True)
    assert str(failed.value) == "the connection was refused"


def test_a_name_that_does_not_exist_proves_that_nothing_was_processed() -> None:
    with pytest.raises(Failure) as failed:
        post("https://nobody.invalid/hooks")
    assert (failed.value.kind, failed.value.proves_nothing_processed) == ("unresolvable", True)


def test_a_server_that_takes_no_connection_is_given_up_in_time() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        full = [socket.socket() for _ in range(4)]
        for waiting in full:
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        began = time.monotonic()
        with pytest.raises(Failure) as failed:
            send(Request(method="GET", url=f"http://127.0.0.1:{listener.getsockname()[1]}"), connect_timeout=0.4)
        for waiting in full:
            waiting.close()
    assert (failed.value.kind, failed.value.proves_nothing_processed) == ("timeout_connect", True)
    assert 0.3 < time.monotonic() - began < 10


def test_a_name_server_that_does_not_answer_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def never(*_: object, **__: object) -> list[object]:
        asked.wait(3)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(Failure) as failed:
        send(Request(method="GET", url="https://slow.example"), connect_timeout=0.2)
    asked.set()
    assert failed.value.kind == "unresolvable"
    assert failed.value.elapsed_ms < 4500


def test_the_next_address_is_tried_when_one_refuses(good: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, good.port)) for host in ("127.0.0.9", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert send(Request(method="GET", url=f"http://localhost:{good.port}")).status == 200


# --- TLS ----------------------------------------------------------------------------------------------------


def tls_failure(url: str, door: Door) -> Failure:
    with pytest.raises(Failure) as failed:
        door.send(Request(method="POST", url=url, body=b"{}"), timeout=2)
    door.close()
    return failed.value


def test_a_trusted_certificate_of_the_right_name_is_accepted() -> None:
    authority = Authority("localhost", "127.0.0.1")
    door = Door(allow_loopback=True, ssl_context=authority.client())
    with raw_server(says(OK), context=authority.server()) as server:
        for host in ("localhost", "127.0.0.1"):
            assert door.send(Request(method="GET", url=f"https://{host}:{server.port}"), timeout=2).status == 200
    door.close()


def test_a_certificate_of_another_name_is_refused_before_anything_is_sent() -> None:
    authority = Authority("somebody-else.example")
    with raw_server(says(OK), context=authority.server()) as server:
        door = Door(allow_loopback=True, ssl_context=authority.client())
        failure = tls_failure(f"https://localhost:{server.port}", door)
    assert (failure.kind, failure.proves_nothing_processed) == ("tls", True)


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with raw_server(says(OK), context=Authority("localhost").server()) as server:
        failure = tls_failure(f"https://localhost:{server.port}", Door(allow_loopback=True))
    assert (failure.kind, failure.proves_nothing_processed) == ("tls", True)


def test_a_plain_server_behind_an_https_url_is_a_tls_failure() -> None:
    with raw_server(lambda line: line.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        assert tls_failure(f"https://localhost:{server.port}", Door(allow_loopback=True)).kind == "tls"


def test_a_handshake_that_never_ends_counts_as_connecting() -> None:
    with raw_server(lambda line: line.wait(5)) as server, pytest.raises(Failure) as failed:
        Door(allow_loopback=True).send(
            Request(method="GET", url=f"https://localhost:{server.port}"), timeout=5, connect_timeout=0.3
        )
    assert (failed.value.kind, failed.value.proves_nothing_processed) == ("timeout_connect", True)
