"""`make bench`: measures against named baselines in one run, prints ratios, and writes them as bench.json."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.benchmarks import ingestion, servers

ORDERS = 12_000


def main() -> None:
    figures: dict[str, float] = {}
    with servers.database(os.environ["DATABASE_URL"]) as url:
        env = servers.environment(url)
        servers.run("manage.py", "migrate", "--run-syncdb", "--verbosity=0", env=env)
        seeded = json.loads(servers.run("-m", "tests.benchmarks.seed", str(ORDERS), env=env))
        with servers.gunicorn(env) as ours, servers.gunicorn(env | {"BENCH_BASELINE": "1"}) as baselines:
            figures |= ingestion.measure(ours, baselines, seeded)
    place = Path(os.environ.get("DATA_DIR", "var"))
    place.mkdir(parents=True, exist_ok=True)
    (place / "bench.json").write_text(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=1))
    for name, value in figures.items():
        print(f"{name:28} {value:10.2f}")


if __name__ == "__main__":
    main()
