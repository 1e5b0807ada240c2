"""Makes Attempts, several at once, through the one door to the network. Touches no row and no transaction."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from types import TracebackType

import structlog
from django.conf import settings
from django.utils import timezone

from core import http, secrets, tracing
from partners import dialects
from partners.delivery import readers
from partners.delivery.auth import Letter, Unsendable
from partners.delivery.claims import Claim
from partners.delivery.messages import address
from partners.delivery.readers import Outcome, Reading
from partners.delivery.retry import Answer
from partners.delivery.settlement import Sent
from partners.models import Delivery

log = structlog.get_logger(__name__)

# Attempts under way at once in one worker.
WIDTH = 32
# How long outcomes gather.
GATHER_SECONDS = 0.02
# Of an answer's body the first bytes are kept with the Attempt.
KEPT_BODY = 16 * 1024
# What an answer may carry that is nobody's business here.
_NOT_KEPT = frozenset({"set-cookie", "set-cookie2", "authorization", "www-authenticate", "proxy-authenticate"})


class Sender:
    """Threads that send, and the outcomes that came back. As a context it waits for what is under way."""

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width
        self._threads = ThreadPoolExecutor(width, thread_name_prefix="deliver")
        # None is a nudge: somebody has more to send.
        self._ended: SimpleQueue[Sent | None] = SimpleQueue()
        self._busy: Counter[int] = Counter()

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=True)

    @property
    def busy(self) -> Mapping[int, int]:
        """How many attempts are under way, by endpoint."""
        return self._busy

    @property
    def under_way(self) -> int:
        return self._busy.total()

    @property
    def room(self) -> int:
        return self._width - self.under_way

    def send(self, claim: Claim) -> None:
        """Begins the attempt in a thread of its own."""
        self._busy[claim.delivery.endpoint_id] += 1
        self._threads.submit(lambda: self._ended.put(attempt(claim)))

    def nudge(self) -> None:
        """Makes :meth:`finished` return at once."""
        self._ended.put(None)

    def finished(self, *, timeout: float) -> list[Sent]:
        """Waits for an outcome, or a nudge, or so many seconds; returns every outcome that is there.

        After the first one it waits a moment for others: settling and claiming cost the same for one as for many.
        """
        ended: list[Sent] = []
        until = time.monotonic() + timeout
        while self.under_way and (one := self._next(until)) is not None:
            if not ended:
                until = time.monotonic() + GATHER_SECONDS
            self._busy[one.claim.delivery.endpoint_id] -= 1
            ended.append(one)
        return ended

    def _next(self, until: float) -> Sent | None:
        """The next outcome; None after a nudge, or when it is too late."""
        try:
            return self._ended.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            return None


def attempt(claim: Claim) -> Sent:
    """One call and what came of it; never raises."""
    started_at, began = timezone.now(), time.monotonic()
    kind, reply = "", None
    try:
        reply = _call(claim)
        answer = _answer(claim.delivery, reply)
    except Unsendable as problem:
        kind, answer = "unsendable", Answer(failure=str(problem), proves_nothing_processed=True)
    except http.Failure as failure:
        kind = failure.kind
        answer = Answer(failure=str(failure), proves_nothing_processed=failure.proves_nothing_processed)
    except Exception:
        log.exception("attempt_broke", delivery=claim.delivery.public_id)
        kind, answer = "internal", Answer(failure="something broke on our side")
    return Sent(
        claim=claim,
        started_at=started_at,
        duration_ms=int((time.monotonic() - began) * 1000),
        answer=answer,
        failure_kind=kind,
        headers=kept_headers(reply) if reply else {},
        body=reply.body[:KEPT_BODY] if reply else b"",
    )


def _call(claim: Claim) -> http.Reply:
    delivery = claim.delivery
    request = http.Request(
        method=delivery.method,
        url=address(delivery.endpoint.url, delivery.query),
        headers=_headers(claim),
        body=delivery.event.body.encode(),
        # A kept connection may close at the moment of sending, which would look like an answer that was lost.
        reuse_connection=delivery.repeatable,
    )
    return http.send(request, timeout=settings.DELIVERY_TIMEOUT_SECONDS)


def _headers(claim: Claim) -> dict[str, str]:
    try:
        live = [secrets.decrypt(encrypted) for encrypted in claim.secrets]
    except secrets.Undecipherable:
        raise Unsendable("a signing secret of the endpoint cannot be read: a master key is missing") from None
    delivery = claim.delivery
    letter = Letter(
        event_id=delivery.event.public_id, at=timezone.now(), body=delivery.event.body.encode(), secrets=live
    )
    authentication = dialects.authentication_of(delivery.endpoint.dialect)
    return {**authentication.headers(letter), **tracing.onward(delivery.event.trace)}


def _answer(delivery: Delivery, reply: http.Reply) -> Answer:
    return Answer(
        status=reply.status,
        reading=_reading(delivery, reply),
        retry_after=reply.headers.get("retry-after", ""),
    )


def _reading(delivery: Delivery, reply: http.Reply) -> Reading | None:
    """None for a status that says by itself what it means."""
    reader = readers.reader_of(delivery.event.topic)
    is_success = 200 <= reply.status < 300
    try:
        return reader.read(delivery, reply) if is_success else reader.read_refusal(delivery, reply)
    except Exception:
        log.exception("reply_not_read", delivery=delivery.public_id, topic=delivery.event.topic)
        return Reading(Outcome.UNREADABLE, "it could not be read") if is_success else None


def kept_headers(reply: http.Reply) -> dict[str, str]:
    """Of an answer's headers those that may be kept and shown."""
    return {name: value for name, value in reply.headers.items() if name not in _NOT_KEPT}
