"""E20 and E21: what taking in a result costs, beside a plain insert (P) and the textbook (N), in interleaved rounds."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmarks import load, physical, servers
from tests.benchmarks.documents import background_check, sixty_fields
from tests.benchmarks.load import Call, Measured

ORDERS = 20_000
ROUNDS, SECONDS, CLIENTS, BATCH = 5, 3.0, 8, 100
WARM_UP = 1.0


def measure(server_url: str) -> dict[str, float]:
    with servers.database(server_url, "ingestion") as url:
        env = servers.environment(url)
        servers.run("manage.py", "migrate", "--run-syncdb", "--verbosity=0", env=env)
        seeded = json.loads(servers.run("-m", "tests.benchmarks.seed", str(ORDERS), env=env))
        with servers.gunicorn(env) as ours, servers.gunicorn(env | {"BENCH_BASELINE": "1"}) as baselines:
            return _compare(ours, baselines, seeded, url)


def _compare(ours: int, baselines: int, seeded: dict[str, Any], url: str) -> dict[str, float]:
    """Ratios of medians over the rounds, and per-second figures for the record."""
    headers = {"Authorization": f"Bearer {seeded['token']}", "Content-Type": "application/json"}
    small = _body(sixty_fields()[1])
    contenders: dict[str, Callable[[float], Measured]] = {
        "plain": _runner(baselines, _forever("/plain", small, headers)),
        "textbook": _runner(
            baselines, ((f"/textbook/orders/{order}/results", small, headers) for order in seeded["textbook"])
        ),
        "ours": _runner(ours, _results(seeded["small"], small, headers)),
        "ours_60kb": _runner(ours, _results(seeded["large"], _body(background_check()[1]), headers)),
        "ours_batch": _runner(ours, _batches(seeded["batch"], headers)),
    }
    for contender in contenders.values():
        # Connections are made, queries compiled and statements planned at the first calls of each process.
        contender(WARM_UP)
    found: dict[str, list[float]] = {name: [] for name in (*contenders, "pgbench")}
    for _ in range(ROUNDS):
        found["pgbench"].append(physical.transactions_per_second(url, orders=ORDERS, clients=CLIENTS, seconds=SECONDS))
        for name, contender in contenders.items():
            measured = contender(SECONDS)
            if measured.wrong:
                raise RuntimeError(f"{name}: {measured.wrong[0]}")
            if measured.seconds < SECONDS:
                raise RuntimeError(f"{name}: there were too few orders for it")
            found[name].append(measured.per_second)
            print(f"  {name}: {measured.per_second:.0f}/s, p50 {measured.percentile(0.5):.1f} ms", flush=True)
    rate = {name: statistics.median(values) for name, values in found.items()}
    return {
        "ingest_vs_naive": rate["ours"] / rate["textbook"],
        "ingest_vs_plain": rate["ours"] / rate["plain"],
        "ingest_vs_pgbench": rate["ours"] / rate["pgbench"],
        "batch_vs_plain": rate["ours_batch"] * BATCH / rate["plain"],
        "ingest_60kb_vs_2kb": rate["ours"] / rate["ours_60kb"],
        **{f"{name}_per_second": value for name, value in rate.items()},
    }


def _runner(port: int, calls: Iterator[Call]) -> Callable[[float], Measured]:
    return lambda seconds: load.post(port, calls, clients=CLIENTS, seconds=seconds)


def _body(document: dict[str, Any]) -> bytes:
    return json.dumps({"kind": "final", "document": document}).encode()


def _forever(path: str, body: bytes, headers: dict[str, str]) -> Iterator[Call]:
    while True:
        yield path, body, headers


def _results(orders: list[str], body: bytes, headers: dict[str, str]) -> Iterator[Call]:
    """Each with a key of its own, as a careful partner sends them."""
    for order in orders:
        yield f"/api/v1/orders/{order}/results", body, headers | {"Idempotency-Key": f"{order}-final"}


def _batches(orders: list[str], headers: dict[str, str]) -> Iterator[Call]:
    # Put together from texts: writing a hundred documents anew for each call would be work of the client's own.
    document = json.dumps(sixty_fields()[1])
    for begin in range(0, len(orders) - BATCH + 1, BATCH):
        items = (
            f'{{"order": "{order}", "kind": "final", "document": {document}}}'
            for order in orders[begin : begin + BATCH]
        )
        body = f'{{"results": [{", ".join(items)}]}}'.encode()
        yield "/api/v1/results:batch", body, headers | {"Idempotency-Key": f"batch-{begin}"}
