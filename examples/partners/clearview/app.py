"""ClearView Checks, a fictional background check: no score at all, records, and a part that admins alone may see."""

from __future__ import annotations

import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from partnerkit import Platform, Work, pause, serve  # noqa: E402  beside this folder, not a package

SCREENINGS = ("Identity", "County criminal records", "National register", "Education", "Employment")
COUNTIES = ("Riverbend County", "Pine Hollow County", "Lakemont County")


def declare(platform: Platform, listen_at: str) -> None:
    entry = {
        "name": "Background check",
        "description": "Identity, criminal records by county, education and employment; two working days.",
        "kind": "background_check",
        "order_schema": json.loads((HERE / "order_schema.json").read_text()),
    }
    platform.declare("background", entry, json.loads((HERE / "schema.json").read_text()), listen_at)


def work(order: Work) -> None:
    order.accept(f"https://consent.clearview.example/t/{order.id}")
    pause()
    order.update("started", kind="started")
    pause()
    final = result(order.id)
    waiting = [screening | {"status": "pending"} for screening in final["screenings"][2:]]
    order.result("partial", {"screenings": final["screenings"][:2] + waiting})
    order.update("half", kind="progress", progress=40)
    pause()
    order.report("Background check", [f"Overall: {final['overall']}", f"Records: {len(final['records'])}"])
    order.result("final", final)


def result(order_id: str) -> dict[str, Any]:
    """Made up, but always the same for the same order."""
    dice = random.Random(order_id)
    today, county = datetime.now(UTC).date(), dice.choice(COUNTIES)
    found = dice.random() < 0.4
    screenings = [
        {
            "screening": name,
            "county": county if "County" in name else "All",
            "status": "consider" if found and "County" in name else "clear",
            "finished_on": today.isoformat(),
        }
        for name in SCREENINGS
    ]
    record = {
        "case_number": f"TR-{dice.randrange(10**5):05}",
        "court": f"{county} Traffic Court",
        "filed_on": (today - timedelta(days=dice.randint(400, 2000))).isoformat(),
        "fine": {"amount": dice.choice((80, 120, 240)), "currency": "USD"},
        "charges": [{"charge": "Speeding, 18 over", "disposition": "Fine paid"}],
    }
    return {
        "overall": "consider" if found else "clear",
        "completed_on": today.isoformat(),
        "screenings": screenings,
        "records": [record] if found else [],
        "identity": {"document": "Passport, checked", "addresses_found": dice.randint(1, 4), "aliases": []},
    }


if __name__ == "__main__":
    serve(declare, work)
