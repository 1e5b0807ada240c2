"""Every id, against the database: `python -m tests.faults.reconcile LEDGER` prints the counts as JSON."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db.models import Count  # noqa: E402  settings first

from assessments.lifecycle import Status, Trigger, advance  # noqa: E402
from assessments.models import Order, OrderUpdate, Result  # noqa: E402
from core.models import AuditRecord  # noqa: E402
from partners.models import Attempt, Delivery, Event  # noqa: E402


def reconcile(ledger: dict[str, Any]) -> dict[str, int]:
    """Counts by name. ``lost`` and ``duplicated`` have to be 0."""
    acknowledged = {result for results in ledger["results"].values() for result in results.values()}
    held = set(Result.objects.values_list("public_id", flat=True))
    updates = set(OrderUpdate.objects.values_list("public_id", flat=True))
    orders = dict(Order.objects.values_list("public_id", "status"))
    placed = Event.objects.filter(topic="order.placed")
    reached = {order for order in ledger["placed"] if order}
    lost = {
        "results_lost": len(acknowledged - held),
        "updates_lost": len(set(ledger["updates"]) - updates),
        "orders_never_delivered": len(orders.keys() - reached),
        "orders_not_completed": sum(status != Status.COMPLETED for status in orders.values()),
        "steps_that_no_table_knows": _impossible_steps(orders),
    }
    twice = Result.objects.values("order").annotate(rows=Count("pk"), kinds=Count("digest", distinct=True))
    duplicated = {
        "results_duplicated": sum(row["rows"] - row["kinds"] for row in twice)
        + sum(max(0, row["rows"] - 3) for row in twice),
        "orders_with_two_webhook_ids": sum(len(set(ids)) > 1 for order, ids in ledger["placed"].items() if order),
        "orders_with_two_events": placed.values("subject").annotate(n=Count("pk")).filter(n__gt=1).count(),
    }
    states = Counter(Delivery.objects.values_list("state", flat=True))
    return {
        "orders_placed": len(orders),
        "results_acknowledged": len(acknowledged),
        "results_held": len(held),
        "updates_acknowledged": len(set(ledger["updates"])),
        "webhooks_received": sum(len(ids) for ids in ledger["placed"].values()),
        "webhooks_repeated": sum(len(ids) - len(set(ids)) for ids in ledger["placed"].values()),
        "attempts": Attempt.objects.count(),
        **{f"deliveries_{state}": count for state, count in sorted(states.items())},
        "answers_that_were_wrong": len(ledger["wrong"]),
        **lost,
        **duplicated,
        "lost": sum(lost.values()),
        "duplicated": sum(duplicated.values()),
    }


def _impossible_steps(orders: dict[str, str]) -> int:
    """Changes of status in the audit log that no trigger makes, and orders that are not where its last one led."""
    possible = {(before, advance(before, trigger).status) for before in Status for trigger in Trigger}
    steps: Counter[tuple[str, str]] = Counter()
    last: dict[str, str] = {}
    moved = AuditRecord.objects.filter(verb__startswith="order.", facts__has_key="status").order_by("pk")
    for subject, status in moved.values_list("subject", "facts__status"):
        steps[last.get(subject, Status.REQUESTED.value), status] += 1
        last[subject] = status
    astray = sum(status != last.get(order, Status.REQUESTED.value) for order, status in orders.items())
    return astray + sum(count for step, count in steps.items() if step not in possible)


if __name__ == "__main__":
    print(json.dumps(reconcile(json.loads(Path(sys.argv[1]).read_text()))))
