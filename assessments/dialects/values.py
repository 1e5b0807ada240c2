"""What a dialect is given and what it returns, in our words: values, with no word of any protocol.

What a dialect has to do with them stands in :mod:`assessments.dialects.base`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Absolute URLs of ours. ``callback`` ends in the order's token; empty where the protocol has no such door."""

    candidate: str = ""
    job: str = ""
    callback: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderFacts:
    """An Order as plain values. ``candidate`` holds only what the Installation's scopes let out."""

    order: str
    installation: str
    organization: str
    assessment_type: str
    assessment_name: str = ""
    reference: str = ""
    status: str = ""
    placed_at: datetime | None = None
    placed_by: str = ""  #: the recruiter's e-mail address, where the protocol says who asks
    candidate_id: str = ""
    application: str = ""
    job: Mapping[str, str] = field(default_factory=dict)
    candidate: Mapping[str, str] = field(default_factory=dict, repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    links: Links = field(default_factory=Links, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureFacts:
    """The erasure of a candidate, by ids."""

    erasure: str
    candidate: str
    installation: str
    organization: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedType:
    """One entry of a partner's catalogue. ``kind`` is one of AssessmentType's, or empty where the protocol has none."""

    key: str
    name: str
    description: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadFile:
    """A report that came with an update: by ``url``, to be fetched through the guarded door, or as ``content``."""

    name: str
    url: str = ""
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadUpdate:
    """What a partner told, in our words: ``kind`` of OrderUpdate, and the document where it is a result.

    ``reference`` is the partner's id of the order, ``order`` ours, where the protocol carries it. ``result_kind`` is
    *partial* or *final*. ``occurred_at`` is the partner's clock, None where it told no moment.
    """

    kind: str
    reference: str = ""
    order: str = ""
    occurred_at: datetime | None = None
    note: str = ""
    progress: int | None = None
    candidate_url: str = ""
    result_kind: str = "final"
    document: Any = None
    files: tuple[ReadFile, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What a reply to an order says. ``reference`` is the partner's id of it; ``message`` is for the recruiter.

    ``updates`` are those that came with it, oldest first; ``unread`` says why others that did could not be read: the
    order is accepted all the same.
    """

    accepted: bool
    reference: str = ""
    candidate_url: str = ""
    message: str = ""
    updates: tuple[ReadUpdate, ...] = ()
    unread: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelAnswer:
    """What a reply to a cancellation says; ``message`` is the partner's, for the recruiter."""

    in_time: bool
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadUnasked:
    """A result without an order: ``candidate`` is our id of the person, ``reference`` the partner's of the result."""

    candidate: str
    assessment_type: str
    assessment_name: str
    reference: str
    occurred_at: datetime | None
    document: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderQuery:
    """Which orders a partner asks for; empty: all of them. ``cursor`` is one that we gave."""

    cursor: str = ""
    page_size: int = 100
    orders: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()  #: of ours, see lifecycle.Status
    created_after: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer in the form of the protocol, to a call at one of its doors."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
