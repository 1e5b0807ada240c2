"""A closed loop of clients over kept-alive connections: how many answers a second, and how long each took."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Call = tuple[str, bytes, dict[str, str]]


@dataclass
class Measured:
    """One round."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000


def post(port: int, calls: Iterator[Call], *, clients: int, seconds: float) -> Measured:
    """So many clients post what ``calls`` gives (path, body, headers), each as soon as it has its answer."""
    measured, lock, until = Measured(), threading.Lock(), time.monotonic() + seconds

    def take() -> Call | None:
        with lock:
            return next(calls, None)

    began = time.monotonic()
    threads = [
        threading.Thread(target=_client, args=(port, take, until, measured), daemon=True) for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    measured.seconds = time.monotonic() - began
    return measured


def _client(port: int, take: Callable[[], Call | None], until: float, measured: Measured) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < until and (call := take()) is not None:
        path, body, headers = call
        began = time.monotonic()
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status in (http.HTTPStatus.OK, http.HTTPStatus.CREATED):
            measured.latencies.append(time.monotonic() - began)
        else:
            measured.wrong.append(f"{answer.status} {text[:300]!r}")
    connection.close()
