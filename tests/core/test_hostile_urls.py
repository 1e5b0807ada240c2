"""URLs that try to reach what is not public: every spelling of an address, names that lie, names that change."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from core.addresses import is_public, literal
from core.errors import InvalidUrl
from core.http import Failure, Request, check_url, send
from tests.fakes.raw_server import Line, raw_server


@pytest.fixture(autouse=True)
def production(settings: Settings) -> None:
    settings.HTTP_ALLOW_LOOPBACK = False


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """The name server's answers, in turn; the last one stays."""
    left = list(answers)

    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00::1", "64:ff9b::808:808"]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_known_as_such(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_known_as_such(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_a_url_that_writes_out_such_an_address_is_refused_when_it_is_registered(text: str) -> None:
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(InvalidUrl) as refused:
        check_url(f"https://{host}/hooks")
    assert refused.value.detail == "The URL leads to an address that is not public."
    assert refused.value.problems == [
        {"pointer": "/url", "code": "refused_address", "message": refused.value.detail, "schema_pointer": ""}
    ]


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0X7F.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "0",
        "0x0",
        "00000000.1",
        "169.254.43518",
        "0xA9FEA9FE",
        "2852039166",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:7f00:1]",
        "[::1%25lo]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
    ],
)
def test_other_spellings_of_an_address_are_seen_through(host: str) -> None:
    with pytest.raises(InvalidUrl):
        check_url(f"https://{host}/")
    with pytest.raises(Failure) as failed:
        send(Request(method="GET", url=f"https://{host}/"))
    assert failed.value.kind == "refused_address"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Write an absolute URL that begins with https:// and names a host."),
        ("hooks.example", "Write an absolute URL that begins with https:// and names a host."),
        ("//hooks.example/a", "Write an absolute URL that begins with https:// and names a host."),
        ("https:///a", "Write an absolute URL that begins with https:// and names a host."),
        ("ftp://hooks.example", "Write an absolute URL that begins with https:// and names a host."),
        ("file:///etc/passwd", "Write an absolute URL that begins with https:// and names a host."),
        ("javascript:alert(1)", "Write an absolute URL that begins with https:// and names a host."),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "Write an absolute URL that begins with https:// and names a host."),
        ("http://hooks.example/", "The URL must begin with https://."),
        ("https://user:pass@hooks.example/", "The URL carries a user name or password; "),
        ("https://hooks.example@10.0.0.1/", "The URL carries a user name or password; "),
        ("https://hooks.example/a#b", "The URL has a fragment"),
        ("https://hooks.example:0/", "The port must be between 1 and 65535."),
        ("https://hooks.example:65536/", "The port must be between 1 and 65535."),
        ("https://hooks.example:http/", "This is not a URL."),
        ("https://hooks.example\\@10.0.0.1/", "The URL contains a space, a backslash or a control character."),
        ("https://hooks.example/\r\nX-A: 1", "The URL contains a space, a backslash or a control character."),
        ("https://hooks.example/\x00", "The URL contains a space, a backslash or a control character."),
        ("https://hooks .example/", "The URL contains a space, a backslash or a control character."),
        ("https://hooks..example/", "The host of the URL is not a name or an address."),
        ("https://.hooks.example/", "The host of the URL is not a name or an address."),
        ("https://-hooks.example/", "The host of the URL is not a name or an address."),
        ("https://%31%32%37.0.0.1/", "The host of the URL is not a name or an address."),
        ("https://１２７.0.0.1/", "This is not a URL."),
        ("https://0177.0.0.1/", "This is not a URL."),
        ("https://" + "a" * 64 + ".example/", "The host of the URL is not a name or an address."),
        ("https://hooks.example/" + "a" * 500, "The URL is longer than 500 characters."),
    ],
)
def test_what_cannot_be_called_is_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        check_url(url)
    assert refused.value.detail.startswith(sentence)
    with pytest.raises(Failure) as failed:
        send(Request(method="GET", url=url))
    assert (failed.value.kind, failed.value.proves_nothing_processed) == ("invalid_url", True)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example",
        "https://hooks.example:8443/a/b?c=d&e=%20",
        "HTTPS://Hooks.Example/",
        "https://münchen.example/straße",
        "https://a_b.hooks.example./",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/",
    ],
)
def test_an_ordinary_https_url_is_accepted_on_any_port(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_to_such_an_address_is_refused_at_the_call(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, [address])
    with pytest.raises(Failure) as failed:
        send(Request(method="GET", url="https://innocent.example/"))
    assert (failed.value.kind, failed.value.proves_nothing_processed) == ("refused_address", True)


def test_one_bad_address_among_good_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Failure) as failed:
        send(Request(method="GET", url="https://innocent.example/"))
    assert failed.value.kind == "refused_address"


def test_a_name_is_resolved_once_for_a_call_and_connected_to_where_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that says something harmless to the check and something else to the connection."""
    connected: list[str] = []

    async def sock_connect(_loop: object, _socket: object, address: tuple[str, int]) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError

    resolve_to(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", sock_connect)
    with pytest.raises(Failure) as failed:
        send(Request(method="GET", url="https://rebind.example/"))
    assert (failed.value.kind, connected) == ("connection_refused", ["8.8.8.8"])


def test_a_redirect_to_a_local_address_reaches_nothing(settings: Settings) -> None:
    settings.HTTP_ALLOW_LOOPBACK = True
    reached: list[bytes] = []

    def secret(line: Line) -> None:
        reached.append(line.hear())

    with raw_server(secret) as inside:

        def redirect(line: Line) -> None:
            line.hear()
            line.say(f"HTTP/1.1 307 Go\r\nLocation: {inside.url}/\r\nContent-Length: 0\r\n\r\n".encode())

        with raw_server(redirect) as server:
            assert send(Request(method="POST", url=server.url, body=b"{}")).status == 307
    assert reached == []


def test_the_proxies_of_the_environment_are_not_used(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HTTP_ALLOW_LOOPBACK = True
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    def talk(line: Line) -> None:
        line.hear()
        line.say(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw_server(talk) as server:
        assert send(Request(method="GET", url=server.url)).status == 204


def test_where_loopback_is_allowed_nothing_else_is(settings: Settings) -> None:
    settings.HTTP_ALLOW_LOOPBACK = True
    for url in ("http://127.0.0.1:8000/", "http://127.9.9.9/", "http://[::1]:8000/", "https://localhost/"):
        check_url(url)
    for url in ("http://10.0.0.1/", "http://169.254.169.254/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/"):
        with pytest.raises(InvalidUrl):
            check_url(url)


def test_where_loopback_is_allowed_the_world_is_still_called_by_https_only(settings: Settings) -> None:
    settings.HTTP_ALLOW_LOOPBACK = True
    for url in ("http://hooks.example/", "http://8.8.8.8/"):
        with pytest.raises(InvalidUrl):
            check_url(url)


@given(st.text(max_size=80))
def test_whatever_is_written_check_url_answers_or_refuses_in_one_way(text: str) -> None:
    for url in (text, f"https://{text}", f"https://hooks.example/{text}", f"https://hooks.example:{text}/"):
        with suppress(InvalidUrl):
            check_url(url)


@given(st.ip_addresses())
def test_an_address_is_found_however_it_is_written(address: object) -> None:
    assert literal(str(address)) == address
