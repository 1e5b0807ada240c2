"""E22: what is asked every day, at a thousand results and at a million, in turns.

Two servers, each before a database of its own; one caller asks both the same, one after the other.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import statistics
import time
from collections.abc import Iterator
from typing import Any

from tests.benchmarks import servers
from tests.benchmarks.documents import sixty_fields
from tests.benchmarks.load import Call

SMALL, LARGE = 1_000, 1_000_000
ROUNDS, WARM = 120, 12


def measure(server_url: str) -> dict[str, float]:
    with contextlib.ExitStack() as stack:
        small, large = (stack.enter_context(grown(server_url, count)) for count in (SMALL, LARGE))
        return compare(small, large)


@contextlib.contextmanager
def grown(server_url: str, count: int) -> Iterator[Site]:
    """A database with so many results, and a server before it."""
    with servers.database(server_url, f"grown_{count}") as url:
        env = servers.environment(url)
        servers.run("manage.py", "migrate", "--run-syncdb", "--verbosity=0", env=env)
        began = time.monotonic()
        seeded = json.loads(servers.run("-m", "tests.benchmarks.grow", str(count), env=env))
        print(f"  {count} results grown in {time.monotonic() - began:.0f} s", flush=True)
        with servers.gunicorn(env) as port:
            yield Site(port, seeded)


class Site:
    """One server with its database, and what to ask of it."""

    def __init__(self, port: int, seeded: dict[str, Any]) -> None:
        self._port, self._seeded = port, seeded
        self._orders = iter(seeded["orders"])
        self._asked_at = 0.0
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._program = {"Authorization": f"Bearer {seeded['token']}", "Content-Type": "application/json"}
        self._person = {"Cookie": f"sessionid={seeded['session']}"}
        self._since = {path: self._after_first_page(path) for path in ("events", "orders")}

    def call(self, name: str) -> tuple[str, Call]:
        """Method, and path with body and headers."""
        if name == "ingest":
            order = next(self._orders)
            body = json.dumps({"kind": "final", "document": sixty_fields()[1]}).encode()
            return "POST", (f"/api/v1/orders/{order}/results", body, self._program | {"Idempotency-Key": order})
        if name in PAGES:
            return "GET", (PAGES[name].format(**self._seeded), b"", self._person)
        return "GET", (CALLS[name].format(**self._since), b"", self._program)

    def ask(self, name: str) -> float:
        """Seconds until the whole answer is there."""
        began = time.monotonic()
        self._answer(*self.call(name))
        return time.monotonic() - began

    def _answer(self, method: str, call: Call) -> bytes:
        path, body, headers = call
        # A connection is kept for five seconds; the other server may have needed longer.
        if time.monotonic() - self._asked_at > 3:
            self._connection.close()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        self._asked_at = time.monotonic()
        text = answer.read()
        if answer.status not in (http.HTTPStatus.OK, http.HTTPStatus.CREATED):
            raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
        return text

    def _after_first_page(self, path: str) -> str:
        """A place in the feed to go on from."""
        since = "2000-01-01T00:00:00Z"
        page = json.loads(self._answer("GET", (f"/api/v1/{path}?since={since}", b"", self._program)))
        return str(page["next_since"])


PAGES = {
    "candidates": "/candidates?assessment=completed&stage=Assessment",
    "candidates_none": "/candidates?assessment=none",
    "search": "/candidates?q=person1",
    "profile": "/candidates/{profile}",
}
CALLS = {
    "queue": "/api/v1/orders?status=requested",
    "feed": "/api/v1/orders?since={orders}",
    "events": "/api/v1/events?since={events}",
}
NAMES = ("ingest", *PAGES, *CALLS)


def compare(small: Site, large: Site) -> dict[str, float]:
    """How many times what it takes at a thousand it takes at a million: ratios of the medians."""
    figures = {}
    for name in NAMES:
        for _ in range(WARM):
            small.ask(name), large.ask(name)
        pairs = [(small.ask(name), large.ask(name)) for _ in range(ROUNDS)]
        before, after = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
        figures[f"growth_{name}"] = after / before
        print(f"  {name}: {before:.1f} ms, {after:.1f} ms", flush=True)
    return figures
