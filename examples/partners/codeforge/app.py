"""CodeForge, a fictional coding test: accepts an order and tells how the candidate gets on until the result."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from partnerkit import Order, Platform, serve  # noqa: E402  beside this folder, not a package

TASKS = ("Rate limiter", "Query tuning", "Flaky test", "Log parser", "Cache eviction")
SKILLS = ("Algorithms", "SQL", "Testing", "System design", "Readability")


def declare(platform: Platform) -> None:
    entry = {
        "name": "Coding assessment",
        "description": "Ninety minutes of real tasks in a real editor, scored by tests and reviewed by people.",
        "kind": "coding",
        "order_schema": json.loads((HERE / "order_schema.json").read_text()),
    }
    platform.declare("coding", entry, json.loads((HERE / "schema.json").read_text()))


def work(order: Order) -> None:
    order.accept(f"https://tests.codeforge.example/t/{order.id}")
    order.wait()
    order.update("started")
    order.wait()
    final = result(order)
    order.result("partial", {name: final[name] for name in ("language", "session")} | {"tasks": final["tasks"][:2]})
    order.update("progress", progress=60)
    order.wait()
    order.report("Coding assessment", [f"Overall: {final['overall']} of 100", f"Percentile: {final['percentile']}"])
    order.result("final", final)


def result(order: Order) -> dict[str, Any]:
    dice = order.dice()
    skills = {skill: dice.randint(45, 98) for skill in SKILLS}
    overall = round(sum(skills.values()) / len(skills), 1)
    language = str(order.facts["fields"].get("language", "python"))
    return {
        "overall": overall,
        "percentile": min(99, max(3, round(overall * 1.3 - 25))),
        "verdict": "strong_yes" if overall >= 80 else "yes" if overall >= 70 else "unsure" if overall >= 60 else "no",
        "language": language.capitalize(),
        "time_taken": f"PT1H{dice.randint(2, 28)}M",
        "similarity_flag": dice.random() < 0.15,
        "replay": f"https://replay.codeforge.example/{order.id}",
        "skills": skills,
        "tasks": [
            {
                "task": task,
                "points": dice.choice((4, 6.5, 7, 8.5, 9, 10)),
                "attempts": dice.randint(1, 5),
                "all_tests_passed": dice.random() < 0.7,
            }
            for task in TASKS
        ],
        "session": [
            {"at": (order.placed_at + timedelta(minutes=minute)).isoformat(), "event": event}
            for minute, event in (
                (0, "Opened the editor"),
                (4, "First run"),
                (31, "Half of the tests pass"),
                (74, "Handed in"),
            )
        ],
        "summary": "Works **from the tests inwards**. Names are clear; the cache is never invalidated.",
    }


if __name__ == "__main__":
    serve(declare, work)
