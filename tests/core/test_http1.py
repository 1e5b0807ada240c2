"""HTTP/1.1 with servers on loopback ports that answer well, badly, slowly, or not at all."""

from __future__ import annotations

import socket
import struct
import time

import pytest

from core.http import BODY_LIMIT, Failure, Request, send
from tests.core.calls import OK, post, says, says_once
from tests.fakes.raw_server import Line, Talk, raw_server


def failure_of(talk: Talk, *, timeout: float = 0.5) -> Failure:
    with raw_server(talk) as server, pytest.raises(Failure) as failed:
        post(server.url, timeout=timeout)
    return failed.value


# --- Whole answers ------------------------------------------------------------------------------------------


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


# --- Slow ones ----------------------------------------------------------------------------------------------


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


# --- Broken ones --------------------------------------------------------------------------------------------


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


def test_an_answer_without_a_length_that_is_torn_off_is_not_whole() -> None:
    def talk(line: Line) -> None:
        line.hear()
        line.say(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")
        line.wait(0.1)
        line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert failure_of(talk, timeout=5).kind == "reset"


def test_an_answer_that_ends_too_early_is_a_reset() -> None:
    assert failure_of(says_once(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")).kind == "reset"


def test_a_server_that_speaks_first_is_garbage() -> None:
    def talk(line: Line) -> None:
        line.say(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        line.wait(2)

    for _ in range(10):
        assert failure_of(talk, timeout=5).kind == "garbage"


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


# --- The next call ------------------------------------------------------------------------------------------


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
