"""Lingua Metrics, a fictional English test: four skills on a scale from 10 to 160, a CEFR level and a certificate."""

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

SKILLS = ("reading", "listening", "writing", "speaking")
LEVELS = ((140, "C2"), (120, "C1"), (100, "B2"), (80, "B1"), (60, "A2"), (0, "A1"))
FLAGS = ("Second voice in the room", "Looked away for 20 s", "Headphones put on")


def declare(platform: Platform, listen_at: str) -> None:
    entry = {
        "name": "English test",
        "description": "Reading, listening, writing and speaking in one hour, proctored, with a certificate.",
        "kind": "language",
        "order_schema": json.loads((HERE / "order_schema.json").read_text()),
    }
    platform.declare("english", entry, json.loads((HERE / "schema.json").read_text()), listen_at)


def work(order: Work) -> None:
    order.accept(f"https://english.lingua.example/t/{order.id}")
    pause()
    order.update("started", kind="started")
    pause()
    final = result(order.id)
    first = dict(list(final["skills"].items())[:2])
    order.result("partial", {"skills": first, "taken_at": final["taken_at"]})
    order.update("half", kind="progress", progress=50, note="Writing and speaking are being rated.")
    pause()
    order.report("English certificate", [f"Overall: {final['overall']} of 160", f"CEFR level: {final['cefr']}"])
    order.result("final", final)


def result(order_id: str) -> dict[str, Any]:
    """Made up, but always the same for the same order."""
    dice = random.Random(order_id)
    skills = {skill: dice.randrange(75, 160, 5) for skill in SKILLS}
    overall = sum(skills.values()) // len(skills)
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "overall": overall,
        "cefr": next(level for least, level in LEVELS if overall >= least),
        "skills": skills,
        "certificate": {
            "number": f"LM-{dice.randrange(10**7):07}",
            "issued_on": now.date().isoformat(),
            "valid_until": (now + timedelta(days=730)).date().isoformat(),
            "verify": f"https://verify.lingua.example/{order_id}",
        },
        "proctoring": {"identity_verified": dice.random() < 0.9, "flags": dice.sample(FLAGS, dice.randint(0, 2))},
        "taken_at": now.isoformat(),
        "time_taken": f"PT{dice.randint(48, 61)}M",
    }


if __name__ == "__main__":
    serve(declare, work)
