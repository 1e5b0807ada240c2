"""What a dialect is: a translator between our words and those of one protocol. Pure: it opens and stores nothing.

A dialect is one module and one line in :mod:`assessments.dialects.table`. Its module says first whose protocol it is,
which document it was read from and when, and its oddities; foreign words stand there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from partners.delivery.messages import Message

if TYPE_CHECKING:
    from core.errors import DomainError
    from core.http import Reply


class Capability(StrEnum):
    """What a protocol can be used for; the feature matrix is made from these."""

    CATALOGUE = "catalogue"  #: ask the partner what it offers
    ORDER = "order"  #: bring an order to the partner
    RECEIPT = "receipt"  #: the reply to an order says whether it is accepted
    CANCEL = "cancel"  #: tell the partner that an order is cancelled
    STATUS = "status"  #: ask the partner how an order stands
    UPDATE = "update"  #: read what the partner posts to a door of this protocol
    COMPLAIN = "complain"  #: tell the partner that what it sent cannot be read
    EVENTS = "events"  #: tell the partner any other news


class Unsupported(Exception):
    """The protocol has no way to say this. Ask ``offers`` first."""

    def __init__(self, dialect: str, capability: Capability) -> None:
        super().__init__(f"the dialect {dialect} does not offer {capability}")
        self.dialect, self.capability = dialect, capability


# --- Our words ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderFacts:
    """An Order as plain values. ``candidate`` holds only what the Installation's scopes let out."""

    order: str
    installation: str
    organization: str
    assessment_type: str
    reference: str = ""
    job: Mapping[str, str] = field(default_factory=dict)
    candidate: Mapping[str, str] = field(default_factory=dict, repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureFacts:
    """The erasure of a candidate, by ids."""

    erasure: str
    candidate: str
    installation: str
    organization: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedType:
    """One entry of a partner's catalogue."""

    key: str
    name: str
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What a reply to an order says. ``reference`` is the partner's id of it; ``message`` is for the recruiter."""

    accepted: bool
    reference: str = ""
    candidate_url: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadUpdate:
    """What a partner told, in our words: ``kind`` of OrderUpdate, and the document where it is a result."""

    kind: str
    reference: str
    occurred_at: datetime | None = None
    note: str = ""
    progress: int | None = None
    document: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer in the form of the protocol, to a call at one of its doors."""

    status: int
    body: bytes
    content_type: str = "application/json"


# --- The port -------------------------------------------------------------------------------------------------------


class Dialect(Protocol):
    """A translator. Whatever it does not offer raises Unsupported."""

    name: str
    label: str
    offers: frozenset[Capability]

    def ask_catalogue(self, installation: str) -> Message:
        """The call that asks what the partner offers."""

    def read_catalogue(self, reply: Reply) -> tuple[OfferedType, ...]:
        """Its reply. Raises ValueError, with a sentence, for one that is not in the protocol."""

    def order(self, facts: OrderFacts) -> Message:
        """The call that asks for the assessment."""

    def read_receipt(self, reply: Reply) -> Receipt:
        """Its reply. Raises ValueError, with a sentence, for one that is not in the protocol."""

    def cancel(self, facts: OrderFacts) -> Message:
        """The call that says the order is cancelled."""

    def ask_status(self, facts: OrderFacts) -> Message:
        """The call that asks how the order stands."""

    def read_update(self, raw: bytes) -> ReadUpdate:
        """What came in, by a door or as the reply to a question. Raises ValueError, with a sentence."""

    def complain(self, facts: OrderFacts, sentence: str) -> Message:
        """The call that says what could not be read, and why."""

    def event(self, topic: str, facts: OrderFacts, **ids: str) -> Message:
        """The call that tells any other news about the order."""

    def erased(self, facts: ErasureFacts) -> Message:
        """The call that says a candidate was erased, and that the partner is to do the same."""

    def problem(self, error: DomainError) -> Answer:
        """A refusal in the form of the protocol."""


class Mute:
    """Offers nothing: what a dialect begins from."""

    name = ""
    label = ""
    offers: frozenset[Capability] = frozenset()

    def ask_catalogue(self, installation: str) -> Message:
        self._cannot(Capability.CATALOGUE)

    def read_catalogue(self, reply: Reply) -> tuple[OfferedType, ...]:
        self._cannot(Capability.CATALOGUE)

    def order(self, facts: OrderFacts) -> Message:
        self._cannot(Capability.ORDER)

    def read_receipt(self, reply: Reply) -> Receipt:
        self._cannot(Capability.RECEIPT)

    def cancel(self, facts: OrderFacts) -> Message:
        self._cannot(Capability.CANCEL)

    def ask_status(self, facts: OrderFacts) -> Message:
        self._cannot(Capability.STATUS)

    def read_update(self, raw: bytes) -> ReadUpdate:
        self._cannot(Capability.UPDATE)

    def complain(self, facts: OrderFacts, sentence: str) -> Message:
        self._cannot(Capability.COMPLAIN)

    def event(self, topic: str, facts: OrderFacts, **ids: str) -> Message:
        self._cannot(Capability.EVENTS)

    def erased(self, facts: ErasureFacts) -> Message:
        self._cannot(Capability.EVENTS)

    def problem(self, error: DomainError) -> Answer:
        self._cannot(Capability.UPDATE)

    def _cannot(self, capability: Capability) -> NoReturn:
        raise Unsupported(self.name, capability)
