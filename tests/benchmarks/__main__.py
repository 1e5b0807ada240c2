"""`make bench`: measures against named baselines in one run, prints ratios, and writes them as bench.json.

Parts by name, where not all are wanted: `python -m tests.benchmarks ingestion growth delivery pages`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import delivery, growth, ingestion, pages

PARTS: dict[str, Callable[[str], dict[str, float]]] = {
    "ingestion": ingestion.measure,
    "growth": growth.measure,
    "delivery": delivery.measure,
    "pages": pages.measure,
}


def main(names: list[str]) -> None:
    figures: dict[str, float] = {}
    for name in names or PARTS:
        print(name, flush=True)
        figures |= PARTS[name](os.environ["DATABASE_URL"])
        _write(figures)
    for name, value in figures.items():
        print(f"{name:28} {value:10.2f}")


def _write(figures: dict[str, float]) -> None:
    """After each part: a part that breaks costs only itself."""
    place = Path(os.environ.get("DATA_DIR", "var"))
    place.mkdir(parents=True, exist_ok=True)
    (place / "bench.json").write_text(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
