"""Questions to a partner whose answer is wanted now: one call, no Event, no Delivery, no repetition.

What a partner offers, how an order stands. For tasks and for tests of a connection, never inside a transaction.
"""

from __future__ import annotations

import time

import structlog
from django.conf import settings
from django.utils import timezone

from core import http, secrets, tracing
from core.ids import public_id
from partners import dialects
from partners.delivery.auth import Letter, Unsendable
from partners.delivery.messages import Message, address
from partners.models import Endpoint, Installation

log = structlog.get_logger(__name__)

# A catalogue may be long.
LARGEST_ANSWER = 1024 * 1024


def ask(installation: Installation, message: Message) -> http.Reply:
    """Makes the call and returns the answer, whatever its status.

    Raises Unsendable (no address of that purpose, a disabled one, no credential) and http.Failure.
    """
    endpoint = address_of(installation, message.purpose)
    if endpoint is None:
        raise Unsendable(f"there is no address for it ({message.purpose})")
    if not endpoint.enabled:
        raise Unsendable("its address is disabled")
    return ask_at(endpoint.url, installation, message)


def ask_at(url: str, installation: Installation, message: Message) -> http.Reply:
    """The same at this URL."""
    request = http.Request(
        method=message.method,
        url=address(url, message.query),
        headers={**_headers(installation, message), **tracing.onward(tracing.current())},
        body=message.body.encode(),
    )
    began, status, failure = time.monotonic(), None, ""
    try:
        reply = http.send(request, timeout=settings.DELIVERY_TIMEOUT_SECONDS, body_limit=LARGEST_ANSWER)
        status = reply.status
        return reply
    except http.Failure as failed:
        failure = failed.kind
        raise
    finally:
        log.info(
            "partner_asked",
            purpose=message.purpose,
            subject=message.subject,
            installation=installation.public_id,
            status=status,
            failure=failure,
            duration_ms=int((time.monotonic() - began) * 1000),
        )


def address_of(installation: Installation, purpose: str) -> Endpoint | None:
    """The Installation's own endpoint of exactly that purpose."""
    return Endpoint.objects.filter(installation=installation, purpose=purpose).first()


def _headers(installation: Installation, message: Message) -> dict[str, str]:
    sealed = installation.credential
    try:
        live = [secrets.decrypt(sealed)] if sealed else []
    except secrets.Undecipherable:
        raise Unsendable("its credential cannot be read: a master key is missing") from None
    letter = Letter(event_id=public_id("ask"), at=timezone.now(), body=message.body.encode(), secrets=live)
    return dialects.authentication_of(installation.partner.dialect).headers(letter)
