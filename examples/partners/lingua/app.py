"""Lingua Metrics, a fictional English test: four skills on a scale from 10 to 160, a CEFR level and a certificate."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from partnerkit import Order, Platform, serve  # noqa: E402  beside this folder, not a package

SKILLS = ("reading", "listening", "writing", "speaking")
LEVELS = ((140, "C2"), (120, "C1"), (100, "B2"), (80, "B1"), (60, "A2"), (0, "A1"))
FLAGS = ("Second voice in the room", "Looked away for 20 s", "Headphones put on")


def declare(platform: Platform) -> None:
    entry = {
        "name": "English test",
        "description": "Reading, listening, writing and speaking in one hour, proctored, with a certificate.",
        "kind": "language",
        "order_schema": json.loads((HERE / "order_schema.json").read_text()),
    }
    platform.declare("english", entry, json.loads((HERE / "schema.json").read_text()))


def work(order: Order) -> None:
    order.accept(f"https://english.lingua.example/t/{order.id}")
    order.wait()
    order.update("started")
    order.wait()
    final = result(order)
    first = dict(list(final["skills"].items())[:2])
    order.result("partial", {"skills": first, "taken_at": final["taken_at"]})
    order.update("progress", progress=50, note="Writing and speaking are being rated.")
    order.wait()
    order.report("English certificate", [f"Overall: {final['overall']} of 160", f"CEFR level: {final['cefr']}"])
    order.result("final", final)


def result(order: Order) -> dict[str, Any]:
    dice = order.dice()
    skills = {skill: dice.randrange(75, 160, 5) for skill in SKILLS}
    overall = sum(skills.values()) // len(skills)
    taken_at = order.placed_at
    return {
        "overall": overall,
        "cefr": next(level for least, level in LEVELS if overall >= least),
        "skills": skills,
        "certificate": {
            "number": f"LM-{dice.randrange(10**7):07}",
            "issued_on": taken_at.date().isoformat(),
            "valid_until": (taken_at + timedelta(days=730)).date().isoformat(),
            "verify": f"https://verify.lingua.example/{order.id}",
        },
        "proctoring": {"identity_verified": dice.random() < 0.9, "flags": dice.sample(FLAGS, dice.randint(0, 2))},
        "taken_at": taken_at.isoformat(),
        "time_taken": f"PT{dice.randint(48, 61)}M",
    }


if __name__ == "__main__":
    serve(declare, work)
