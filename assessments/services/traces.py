"""What an erasure leaves to the time after its commit: copies in logs and remembered replies, and what slipped in.

A call that was under way may log its body, or remember its answer, a moment after the erasure; so it is looked again
until nothing can be under way any more. Until then the words to look for are kept, sealed; then they go.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from assessments.holdings import KINDS
from assessments.models import Backfill, Erasure
from assessments.services import emptying, erasures
from assessments.trails import SAID_IN_CALLS, Traces, Trail, calls_about, saying_something, trail_of
from core import audit
from core.models import RememberedReply, RequestLog
from core.secrets import Undecipherable, decrypt
from partners.models import Delivery, Event

log = structlog.get_logger(__name__)

# No call takes longer, nor does the log that is written beside it.
SETTLED_AFTER = timedelta(minutes=2)
# Where results without an order come in.
BACK_FILLS = "/api/v1/results"
_CHUNK = 500
# What partners are still being told, and what they answer.
_EXCHANGED = frozenset({"events", "deliveries", "attempts"})


def sweep() -> int:
    """Looks through what is left of every erasure that is not at its end; returns how many those were."""
    rows = list(Erasure.objects.filter(swept_at=None).select_related("organization", "candidate").order_by("id"))
    for erasure in rows:
        try:
            _sweep(erasure)
        except Exception:
            # One that cannot be looked through stands in no other's way, and is tried again.
            log.exception("erasure_not_swept", erasure=erasure.public_id)
    return len(rows)


def _sweep(erasure: Erasure) -> None:
    is_settled = erasure.erased_at < timezone.now() - SETTLED_AFTER
    counts = _look_through(erasure) if erasure.traced_by else {}
    with transaction.atomic():
        row = Erasure.objects.select_for_update(no_key=True).get(pk=erasure.pk)
        trail = trail_of(erasure.candidate, Backfill.objects.none())
        emptying.empty(trail, [kind for kind in KINDS if kind.name in _EXCHANGED])
        if counts:
            audit.record(
                "erasure.swept", actor="beat", subject=row.public_id, organization=erasure.organization, **counts
            )
        if is_settled:
            row.traced_by = ""
            row.swept_at = row.swept_at or (None if _is_underway(trail) else timezone.now())
            row.save(update_fields=["traced_by", "swept_at"])


def _look_through(erasure: Erasure) -> dict[str, int]:
    """How much was found, by kind."""
    found = json.loads(decrypt(erasure.traced_by))
    traces = Traces(**found["traces"])
    words = traces.words
    counts = {
        "calls": _empty(calls_about(traces)) + _empty_back_fills(found["addressed_by"]),
        "replies": _forget_replies(words),
        "backfills": _empty_backfills(erasure, words),
    }
    return {name: count for name, count in counts.items() if count}


def _empty(calls: QuerySet[RequestLog]) -> int:
    return calls.update(**dict.fromkeys(SAID_IN_CALLS, ""))


def _empty_back_fills(partners: Sequence[str]) -> int:
    """Who named the candidate by an address reads its own calls: were only that one emptied, it would tell whose the
    address is (docs/adr/0007). So all its results without an order are."""
    return _empty(saying_something().filter(partner__in=partners, path=BACK_FILLS))


def _forget_replies(words: Sequence[str]) -> int:
    """What is sealed is opened. Whoever sends such a call again is answered anew."""
    kept = RememberedReply.objects.exclude(body=b"", clear="")
    keys = [row.pk for row in kept.iterator(_CHUNK) if _names(row, words)]
    return RememberedReply.objects.filter(pk__in=keys).delete()[0]


def _names(reply: RememberedReply, words: Sequence[str]) -> bool:
    try:
        body = (reply.clear or decrypt(bytes(reply.body).decode())).lower()
    except Undecipherable:
        return False  # nobody can read it any more
    return any(word.lower() in body for word in words)


def _empty_backfills(erasure: Erasure, words: Sequence[str]) -> int:
    """Results without an order that came in while the erasure was under way."""
    addresses = [word.lower() for word in words if "@" in word]
    here = Backfill.objects.filter(organization=erasure.organization, order=None, received_at__lt=timezone.now())
    rows = here.alias(address=Lower("email")).filter(Q(address__in=addresses) | Q(candidate__in=words))
    with transaction.atomic():
        return erasures.empty_backfills(rows)


def _is_underway(trail: Trail) -> bool:
    """Whether something about the candidate may still be answered."""
    about = Event.objects.filter(subject__in=(trail.candidate_id, *trail.order_ids))
    return Delivery.objects.filter(event__in=about, state=Delivery.State.DUE).exists()
