"""Trying a connection: the catalogue is asked for once, and what came back is shown word by word. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from assessments import diagnosis
from assessments.diagnosis import Finding
from assessments.dialects.base import Capability, Unreadable
from assessments.dialects.values import OfferedType
from assessments.services.refreshing import dialect_of
from core import http
from core.limits import limit
from partners.delivery import asking
from partners.delivery.auth import Unsendable
from partners.delivery.sender import KEPT_BODY, kept_headers
from partners.models import Installation

LIMIT = "connection_test"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What was asked and what came back; the credential is in none of it."""

    method: str
    url: str
    findings: tuple[Finding, ...]
    status: int | None = None
    elapsed_ms: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    offered: tuple[OfferedType, ...] = ()


def can_be_tried(installation: Installation) -> bool:
    """Where the partner tells its catalogue by itself, there is nothing to ask."""
    return Capability.CATALOGUE in dialect_of(installation).offers


def try_catalogue(installation: Installation) -> Trial:
    """Waits for the answer: not inside a transaction. Raises RateLimited."""
    limit(LIMIT, installation.public_id)
    dialect = dialect_of(installation)
    message = dialect.ask_catalogue(installation.public_id)
    endpoint = asking.address_of(installation, message.purpose)
    method, url = message.method, endpoint.url if endpoint else ""
    try:
        reply = asking.ask(installation, message)
    except Unsendable as problem:
        return Trial(method=method, url=url, findings=diagnosis.of_unsendable(str(problem)))
    except http.Failure as failure:
        return Trial(method=method, url=url, findings=diagnosis.of_failure(failure), elapsed_ms=failure.elapsed_ms)
    offered, unreadable = None, ""
    try:
        offered = dialect.read_catalogue(reply)
    except Unreadable as error:
        unreadable = error.sentence
    return Trial(
        method=method,
        url=url,
        findings=diagnosis.of_answer(reply, offered, unreadable),
        status=reply.status,
        elapsed_ms=reply.elapsed_ms,
        headers=kept_headers(reply),
        body=reply.body[:KEPT_BODY].decode("utf-8", "replace"),
        offered=offered or (),
    )
