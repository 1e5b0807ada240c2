"""ClearView Checks, a fictional background check: no score at all, records, and a part that admins alone may see."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from partnerkit import Order, Platform, serve  # noqa: E402  beside this folder, not a package

SCREENINGS = ("Identity", "County criminal records", "National register", "Education", "Employment")
COUNTIES = ("Riverbend County", "Pine Hollow County", "Lakemont County")


def declare(platform: Platform) -> None:
    entry = {
        "name": "Background check",
        "description": "Identity, criminal records by county, education and employment; two working days.",
        "kind": "background_check",
        "order_schema": json.loads((HERE / "order_schema.json").read_text()),
    }
    platform.declare("background", entry, json.loads((HERE / "schema.json").read_text()))


def work(order: Order) -> None:
    order.accept(f"https://consent.clearview.example/t/{order.id}")
    order.wait()
    order.update("started")
    order.wait()
    final = result(order)
    waiting = [screening | {"status": "pending"} for screening in final["screenings"][2:]]
    order.result("partial", {"screenings": final["screenings"][:2] + waiting})
    order.update("progress", progress=40)
    order.wait()
    order.report("Background check", [f"Overall: {final['overall']}", f"Records: {len(final['records'])}"])
    order.result("final", final)


def result(order: Order) -> dict[str, Any]:
    dice = order.dice()
    today, county = order.placed_at.date(), dice.choice(COUNTIES)
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
