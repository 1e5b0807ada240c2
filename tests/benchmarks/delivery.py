"""E23: deliveries through the whole outbox by two workers, beside a raw loop of signed, kept-alive httpx POSTs (L)."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import psycopg

from core import signing
from tests.benchmarks import servers
from tests.benchmarks.documents import NEWS

ROUNDS, LOOPED, OWED, SINGLY, DEAD = 3, 1_500, 4_000, 200, 10_000
WORKERS = 2
# With the dead endpoint and without; a call to it ends after so long.
TURNS, HANGING_SECONDS = 3, 21


def measure(server_url: str) -> dict[str, float]:
    with servers.database(server_url, "delivery") as url, receiver() as port:
        env = servers.environment(url)
        servers.run("manage.py", "migrate", "--run-syncdb", "--verbosity=0", env=env)
        owe = _Owe(env)
        owe("open", port)
        with servers.celery_workers(env, WORKERS):
            return {**_throughput(url, port, owe), **_latency(url, port, owe)}


class _Owe:
    def __init__(self, env: dict[str, str]) -> None:
        self._env = env

    def __call__(self, command: str, number: int) -> list[tuple[str, float]]:
        found: list[tuple[str, float]] = json.loads(
            servers.run("-m", "tests.benchmarks.owe", command, str(number), env=self._env)
        )
        return found


@contextlib.contextmanager
def receiver() -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.receiver"], cwd=servers.ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=10)


def _throughput(url: str, port: int, owe: _Owe) -> dict[str, float]:
    """The rounds take turns; from the first call that came to the last settlement."""
    _drained(url, port, owe)
    pairs = [(_looped(port), _drained(url, port, owe)) for _ in range(ROUNDS)]
    loop, ours = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    print(f"  loop: {loop:.0f}/s, ours: {ours:.0f}/s", flush=True)
    return {"delivery_vs_loop": ours / loop, "loop_per_second": loop, "delivery_per_second": ours}


def _looped(port: int) -> float:
    """L, in calls a second."""
    secret, body = signing.new_signing_secret(), NEWS.encode()
    with httpx.Client(trust_env=False) as client:
        began = time.monotonic()
        for number in range(LOOPED):
            signed = signing.sign([secret], message_id=f"evt_{number}", timestamp=datetime.now(UTC), body=body)
            headers = {"content-type": "application/json", **signed}
            client.post(f"http://127.0.0.1:{port}/loop", content=body, headers=headers).raise_for_status()
        return LOOPED / (time.monotonic() - began)


def _drained(url: str, port: int, owe: _Owe) -> float:
    _came(port)
    owe("backlog", OWED)
    with psycopg.connect(url, autocommit=True) as connection:
        _wait_until_settled(connection)
        last = connection.execute("SELECT extract(epoch FROM max(settled_at)) FROM partners_delivery").fetchone()
    came = _came(port)
    assert last is not None
    assert len(came) == OWED, len(came)
    return OWED / (float(last[0]) - min(came.values()))


def _wait_until_settled(connection: psycopg.Connection[tuple[int]]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        row = connection.execute("SELECT 1 FROM partners_delivery WHERE state = 'due' LIMIT 1").fetchone()
        if row is None:
            return
        time.sleep(0.05)
    raise RuntimeError("What was owed is not delivered.")


def _came(port: int) -> dict[str, float]:
    came: dict[str, float] = httpx.get(f"http://127.0.0.1:{port}/").json()
    return came


def _latency(url: str, port: int, owe: _Owe) -> dict[str, float]:
    """From commit to receipt, one at a time: on a quiet outbox, and beside a dead endpoint that much is owed to. They
    take turns; between two of them the calls that hang come to their end.
    """
    turns = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_REST)
        owe("backlog-dead", DEAD)
        for _ in range(TURNS):
            quiet = _singly(port, owe)
            connection.execute(_REVIVE)
            connection.execute("UPDATE partners_delivery SET next_at = now() WHERE state = 'due'")
            time.sleep(1)
            turns.append((quiet, _singly(port, owe)))
            connection.execute(_REST)
            time.sleep(HANGING_SECONDS)
    quiet_p50, quiet_p95 = (statistics.median(found[at] for found, _ in turns) for at in (0, 1))
    dead_p95 = statistics.median(found[1] for _, found in turns)
    print(f"  p50 {quiet_p50:.0f} ms, p95 {quiet_p95:.0f} ms; beside a dead endpoint p95 {dead_p95:.0f} ms", flush=True)
    return {
        "delivery_p50_ms": quiet_p50,
        "delivery_p95_ms": quiet_p95,
        "dead_endpoint_p95_ratio": dead_p95 / quiet_p95,
    }


_REST = "UPDATE partners_endpoint SET enabled = false WHERE url LIKE '%/hang'"
_REVIVE = (
    "UPDATE partners_endpoint SET enabled = true, consecutive_failures = 0, open_until = NULL WHERE url LIKE '%/hang'"
)


def _singly(port: int, owe: _Owe) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    _came(port)
    owed = owe("singly", SINGLY)
    time.sleep(3)
    came = _came(port)
    if missing := [event for event, _ in owed if event not in came]:
        raise RuntimeError(f"{len(missing)} of {SINGLY} did not come: {missing[:3]}")
    took = sorted((came[event] - at) * 1000 for event, at in owed)
    return took[len(took) // 2], took[int(len(took) * 0.95)]
