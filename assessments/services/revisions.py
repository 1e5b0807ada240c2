"""What an order has of results already, and which of it a document is. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Value

from assessments.models import OrderUpdate, Result
from core.prepared import Prepared


@dataclass(kw_only=True, slots=True)
class Known:
    """Of one order the newest revision and whether one is whole, by digest the number and the key of each revision,
    and the keys of its updates.
    """

    newest: int = 0
    has_whole: bool = False
    results: dict[str, tuple[int, int]] = field(default_factory=dict)
    updates: dict[str, int] = field(default_factory=dict)


# Of an order all revisions, and the updates that say the same: its key, the digest, the revision or 0, the row's key
# and kind.
_told: Prepared[tuple[int, str, int, int, str]] = Prepared(
    lambda orders, digests: (
        Result.objects.filter(order__in=orders)
        .order_by()
        .values_list("order", "digest", "revision", "pk", "kind")
        .union(
            OrderUpdate.objects.filter(order__in=orders, digest__in=digests)
            .order_by()
            .values_list("order", "digest", Value(0), "pk", "kind"),
            all=True,
        )
    )
)


def known_of(orders: list[int], updates: list[str]) -> dict[int, Known]:
    """By the keys of orders; ``updates`` are the digests of those that are looked for."""
    found = {order: Known() for order in orders}
    for order, fingerprint, revision, pk, kind in _told.all(orders, updates):
        known = found[order]
        if revision:
            known.newest = max(known.newest, revision)
            known.has_whole = known.has_whole or kind != Result.Kind.PARTIAL
            known.results[fingerprint] = (revision, pk)
        else:
            known.updates[fingerprint] = pk
    return found
