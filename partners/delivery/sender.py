"""Makes Attempts, many at once, through the one door to the network. Touches no row and no transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event

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

# Attempts under way at once in one process. One that waits costs next to nothing; so many dead endpoints must hang
# before the others wait: this by what one of them may have.
WIDTH = 256
# How long outcomes gather.
GATHER_SECONDS = 0.02
# Of an answer's body the first bytes are kept with the Attempt.
KEPT_BODY = 16 * 1024
# What an answer may carry that is nobody's business here.
_NOT_KEPT = frozenset({"set-cookie", "set-cookie2", "authorization", "www-authenticate", "proxy-authenticate"})


@dataclass(frozen=True, slots=True)
class _Call:
    """One that was begun: when, and the Future of its reply."""

    claim: Claim
    started_at: datetime
    reply: Future[http.Reply]


class Sender:
    """The calls under way, and those that came back."""

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width
        # None is a nudge: somebody has more to send.
        self._ended: SimpleQueue[_Call | None] = SimpleQueue()
        self._nudged = Event()
        self._busy: Counter[int] = Counter()

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

    def send(self, claims: Sequence[Claim]) -> None:
        """Begins these attempts and returns at once."""
        self._busy.update(claim.delivery.endpoint_id for claim in claims)
        for call in _begin(claims):
            call.reply.add_done_callback(partial(self._end, call))

    def _end(self, call: _Call, _: Future[http.Reply]) -> None:
        self._ended.put(call)

    def nudge(self) -> None:
        """Makes :meth:`finished` return at once."""
        self._nudged.set()
        self._ended.put(None)

    def finished(self, *, timeout: float) -> list[Sent]:
        """Waits for an outcome, or a nudge, or so many seconds; returns every outcome that is there.

        After the first one it waits a moment for others: settling and claiming cost the same for one as for many.
        """
        if not self.under_way:
            return []
        self._nudged.clear()
        try:
            calls = [self._ended.get(timeout=timeout)]
        except Empty:
            return []
        if calls[0] is not None:
            self._nudged.wait(GATHER_SECONDS)
        while not self._ended.empty():
            calls.append(self._ended.get())
        ended = [call for call in calls if call is not None]
        self._busy.subtract(call.claim.delivery.endpoint_id for call in ended)
        return [_outcome(call) for call in ended]


def _begin(claims: Sequence[Claim]) -> list[_Call]:
    """Begins all these calls, but for those that cannot be made: their Future has failed."""
    started_at = timezone.now()
    opened: dict[str, str] = {}
    requests: dict[int, http.Request] = {}
    calls = {}
    for claim in claims:
        try:
            requests[claim.delivery.pk] = _request(claim, opened)
        except Exception as problem:
            calls[claim.delivery.pk] = unsendable = Future[http.Reply]()
            unsendable.set_exception(problem)
    replies = http.start(list(requests.values()), timeout=settings.DELIVERY_TIMEOUT_SECONDS)
    calls |= dict(zip(requests, replies, strict=True))
    return [_Call(claim, started_at, calls[claim.delivery.pk]) for claim in claims]


def _outcome(call: _Call) -> Sent:
    """What came of a call; waits for it."""
    delivery = call.claim.delivery
    kind, elapsed_ms, reply = "", 0, None
    try:
        reply = call.reply.result()
        elapsed_ms = reply.elapsed_ms
        answer = _answer(delivery, reply)
    except Unsendable as problem:
        kind, answer = "unsendable", Answer(failure=str(problem), proves_nothing_processed=True)
    except http.Failure as failure:
        kind, elapsed_ms = failure.kind, failure.elapsed_ms
        answer = Answer(failure=str(failure), proves_nothing_processed=failure.proves_nothing_processed)
    except Exception:
        log.exception("attempt_broke", delivery=delivery.public_id)
        kind, answer = "internal", Answer(failure="something broke on our side")
    return Sent(
        claim=call.claim,
        started_at=call.started_at,
        duration_ms=elapsed_ms,
        answer=answer,
        failure_kind=kind,
        headers=kept_headers(reply) if reply else {},
        body=reply.body[:KEPT_BODY] if reply else b"",
    )


def _request(claim: Claim, opened: dict[str, str]) -> http.Request:
    delivery = claim.delivery
    body = delivery.event.body.encode()
    live = [_opened(sealed, opened) for sealed in claim.secrets]
    letter = Letter(event_id=delivery.event.public_id, at=timezone.now(), body=body, secrets=live)
    authentication = dialects.authentication_of(delivery.endpoint.dialect)
    return http.Request(
        method=delivery.method,
        url=address(delivery.endpoint.url, delivery.query),
        headers={**authentication.headers(letter), **tracing.onward(delivery.event.trace)},
        body=body,
        # A kept connection may close at the moment of sending, which would look like an answer that was lost.
        reuse_connection=delivery.repeatable,
    )


def _opened(sealed: str, opened: dict[str, str]) -> str:
    if sealed not in opened:
        try:
            opened[sealed] = secrets.decrypt(sealed)
        except secrets.Undecipherable:
            raise Unsendable("a signing secret of the endpoint cannot be read: a master key is missing") from None
    return opened[sealed]


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
