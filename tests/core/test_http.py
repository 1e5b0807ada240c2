"""The door to the network, against real servers on loopback ports that answer well, badly, slowly, or not at all."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from core.http import BODY_LIMIT, Door, Failure, Reply, Request, send, start, with_platform_headers
from tests.fakes.raw_server import Authority, Line, RawServer, Talk, raw_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Trace: a\r\n\r\nok"


def says(answer: bytes) -> Talk:
    """Answers every request of a connection with these bytes, then closes when the caller does."""

    def talk(line: Line) -> None:
        while True:
            line.hear()
            line.say(answer)

    return talk


def says_once(answer: bytes) -> Talk:
    """Answers one request and hangs up."""

    def talk(line: Line) -> None:
        line.hear()
        line.say(answer)

    return talk


@pytest.fixture
def good() -> Iterator[RawServer]:
    with raw_server(says(OK)) as server:
        yield server


def post(url: str, *, timeout: float = 5.0, **fields: object) -> Reply:
    return send(Request(method="POST", url=url, body=b"{}", **fields), timeout=timeout)  # type: ignore[arg-type]  # passed on


def failure_of(talk: Talk, *, timeout: float = 0.5) -> Failure:
    with raw_server(talk) as server, pytest.raises(Failure) as failed:
        post(server.url, timeout=timeout)
    return failed.value


# --- What goes out, what comes back ---------------------------------------------------------------------------


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


def test_a_huge_answer_is_cut_at_the_limit_and_read_no_further() -> None:
    written: list[int] = []

    def talk(line: Line) -> None:
        line.hear()
        line.say(b"HTTP/1.1 200 OK\r\n\r\n")
        while not line.wait(0):
            line.say(b"x" * 65536)
            written.append(65536)

    with raw_server(talk) as server:
        reply = post(server.url)
    assert (len(reply.body), reply.truncated) == (BODY_LIMIT, True)
    assert sum(written) < 50 * 1024 * 1024


def test_an_answer_of_exactly_the_limit_is_whole() -> None:
    body = b"x" * BODY_LIMIT
    with raw_server(says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))) as server:
        reply = post(server.url)
    assert (reply.body, reply.truncated) == (body, False)


def test_a_compressed_answer_is_not_unpacked() -> None:
    bomb = b"\x1f\x8b\x08\x00" + b"\x00" * 50
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with raw_server(says(head + bomb)) as server:
        assert post(server.url).body == bomb


def test_of_many_and_long_headers_a_bounded_part_is_kept() -> None:
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"v" * 1500) for number in range(60))
    with raw_server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + lines + b"\r\n")) as server:
        headers = post(server.url).headers
    assert len(headers) == 50
    assert {len(value) for name, value in headers.items() if name.startswith("x-")} == {1000}


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


def test_a_connection_on_which_more_came_than_was_asked_for_is_not_used_again() -> None:
    forged = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    answers = iter([OK + forged, OK])

    def talk(line: Line) -> None:
        line.hear()
        line.say(next(answers))
        line.wait(5)

    with raw_server(talk) as server:
        assert [post(server.url).body, post(server.url).body] == [b"ok", b"ok"]
        assert server.connections == 2


def test_a_connection_on_which_something_comes_between_two_calls_is_not_used_again() -> None:
    def talk(line: Line) -> None:
        line.hear()
        line.say(OK)
        line.wait(0.05)
        line.say(OK)
        line.wait(5)

    with raw_server(talk) as server:
        assert post(server.url).body == b"ok"
        time.sleep(0.3)
        assert post(server.url).body == b"ok"
        assert server.connections == 2


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


# --- What goes wrong ------------------------------------------------------------------------------------------


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


def test_a_server_that_never_answers_may_have_processed_it() -> None:
    def talk(line: Line) -> None:
        line.hear()
        line.wait(5)

    failure = failure_of(talk)
    assert (failure.kind, failure.proves_nothing_processed) == ("timeout_sent", False)
    assert 400 < failure.elapsed_ms < 4500


def test_a_server_that_reads_nothing_cannot_hold_us() -> None:
    def talk(line: Line) -> None:
        line.wait(5)

    with raw_server(talk) as server, pytest.raises(Failure) as failed:
        send(Request(method="POST", url=server.url, body=b"x" * 50_000_000), timeout=0.5)
    assert (failed.value.kind, failed.value.proves_nothing_processed) == ("timeout_sent", False)
    assert failed.value.elapsed_ms < 4500


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 100 Continue\r\n",
    ],
    ids=["body", "header", "informational"],
)
def test_a_dripping_server_cannot_hold_us(beginning: bytes) -> None:
    def talk(line: Line) -> None:
        line.hear()
        line.say(beginning)
        while not line.wait(0.05):
            line.say(b".")

    failure = failure_of(talk)
    assert (failure.kind, failure.proves_nothing_processed) == ("too_slow", False)
    assert failure.elapsed_ms < 4500


def test_endless_informational_answers_end_with_the_deadline() -> None:
    def talk(line: Line) -> None:
        line.hear()
        while not line.wait(0.01):
            line.say(b"HTTP/1.1 103 Early Hints\r\n\r\n")

    assert failure_of(talk).kind == "too_slow"


def test_a_torn_connection_may_have_processed_it() -> None:
    def talk(line: Line) -> None:
        line.hear()
        line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    failure = failure_of(talk)
    assert (failure.kind, failure.proves_nothing_processed) == ("reset", False)


def test_hanging_up_without_a_word_is_a_reset() -> None:
    assert failure_of(lambda line: line.hear()).kind == "reset"


def test_hanging_up_at_once_is_a_reset() -> None:
    for _ in range(10):
        assert failure_of(lambda _: None, timeout=5).kind == "reset"


def test_a_server_that_speaks_first_is_garbage() -> None:
    def talk(line: Line) -> None:
        line.say(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        line.wait(2)

    for _ in range(10):
        assert failure_of(talk, timeout=5).kind == "garbage"


def test_an_answer_without_a_length_that_is_torn_off_is_not_whole() -> None:
    def talk(line: Line) -> None:
        line.hear()
        line.say(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")
        line.wait(0.1)
        line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert failure_of(talk, timeout=5).kind == "reset"


def test_an_answer_that_ends_too_early_is_a_reset() -> None:
    assert failure_of(says_once(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")).kind == "reset"


@pytest.mark.parametrize(
    "noise",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"\x00\xff\x15\x03\x01",
        b"HTTP/1.1 99999 What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
    ],
)
def test_what_is_not_http_is_garbage(noise: bytes) -> None:
    failure = failure_of(says_once(noise), timeout=2)
    assert (failure.kind, failure.proves_nothing_processed) == ("garbage", False)


def test_a_broken_connection_is_not_used_again() -> None:
    answers = iter([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok", OK])

    def talk(line: Line) -> None:
        line.hear()
        line.say(next(answers))
        line.wait(0.2)

    with raw_server(talk) as server:
        with pytest.raises(Failure):
            post(server.url, timeout=0.1)
        assert post(server.url).body == b"ok"


# --- TLS ------------------------------------------------------------------------------------------------------


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


# --- Names that resolve slowly, or to several addresses ---------------------------------------------------------


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
