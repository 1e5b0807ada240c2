"""What a dialect is: a translator between our words and those of one protocol. Pure: it opens and stores nothing.

A dialect is one module and one line in :mod:`assessments.dialects.table`. Its module says first whose protocol it is,
which document it was read from and when, and its oddities; foreign words stand there, in ``<name>_….py`` beside it
where it is too large for one, and nowhere else. A dialect without schemas of its own ships the schema of its results as
``<name>.schema.json`` beside its module. What it is given and what it returns are :mod:`assessments.dialects.values`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from assessments.dialects.values import (
    Answer,
    CancelAnswer,
    ErasureFacts,
    OfferedType,
    OrderFacts,
    OrderQuery,
    ReadUnasked,
    ReadUpdate,
    Receipt,
)
from partners.delivery.auth import Authentication, StandardWebhooks
from partners.delivery.messages import Message

if TYPE_CHECKING:
    from core.errors import DomainError
    from core.http import Reply


class Capability(StrEnum):
    """What a protocol can be used for; the feature matrix is made from these."""

    CATALOGUE = "catalogue"  #: ask the partner what it offers
    PUSHED_CATALOGUE = "pushed_catalogue"  #: the partner tells by itself what it offers
    FIELDS = "fields"  #: ask the partner what is to be filled in when ordering
    ORDER = "order"  #: bring an order to the partner
    RECEIPT = "receipt"  #: the reply to an order says whether it is accepted
    CANCEL = "cancel"  #: tell the partner that an order is cancelled
    CANCEL_ANSWER = "cancel_answer"  #: the reply to a cancellation says whether it came in time
    STATUS = "status"  #: ask the partner how an order stands
    UPDATE = "update"  #: read what the partner posts to a door of this protocol
    NUDGE = "nudge"  #: the partner says that there is news, and is then asked
    UNASKED = "unasked"  #: take a result that came without an order
    COMPLAIN = "complain"  #: tell the partner that what it sent cannot be read
    EVENTS = "events"  #: tell the partner any other news
    LIST_CATALOGUE = "list_catalogue"  #: the partner asks what it has told us that it offers
    LIST_ORDERS = "list_orders"  #: the partner asks which orders there are for it


class Unsupported(Exception):
    """The protocol has no way to say this. Ask ``offers`` first."""

    def __init__(self, dialect: str, capability: Capability) -> None:
        super().__init__(f"the dialect {dialect} does not offer {capability}")
        self.dialect, self.capability = dialect, capability


class Unreadable(ValueError):
    """What came is not in the protocol. ``sentence`` is for people: what was expected, where, what stood there.

    ``reference`` is the partner's id of the order, where that much could be read; ``pointer`` leads to the place.
    """

    def __init__(self, sentence: str, *, pointer: str = "", reference: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.pointer, self.reference = sentence, pointer, reference


# --- How a partner of this dialect is set up ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """One URL that whoever connects a partner fills in; ``purpose`` is the Purpose of its Endpoint."""

    purpose: str
    label: str
    hint: str = ""
    is_required: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """One URL of ours at which a partner calls; the routes are made from these.

    ``path`` is below our public URL and begins with ``compat/``. ``{token}`` in it is a secret of one order (the last
    segment), ``{order}`` an order's id; without either, the body says what it is about. ``reads`` is what a call
    there is: an UPDATE, a NUDGE, something UNASKED, a PUSHED_CATALOGUE, LIST_CATALOGUE or LIST_ORDERS.
    """

    method: str
    path: str
    reads: Capability
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundKey:
    """How a partner's own calls show the key that we issued to it.

    ``scheme`` is *basic* (the key is the user name), *bearer*, or empty: the header's whole value is the key. Where
    it is not required a call is believed without it, and a wrong one is noted. ``installation`` names the header that
    says for which Installation the call is.
    """

    header: str = "authorization"
    scheme: str = ""
    is_required: bool = True
    installation: str = ""


# --- The port -------------------------------------------------------------------------------------------------------


class Dialect(Protocol):
    """A translator. Whatever it does not offer raises Unsupported; what it cannot read raises Unreadable."""

    name: str
    label: str
    #: The document that the protocol was read from, as its owner calls it.
    document: str
    #: What the document asks of a partner, a sentence for each thing that it offers; a report names what was broken.
    rules: Mapping[Capability, str]
    offers: frozenset[Capability]
    #: How our calls show that they are ours.
    authentication: Authentication
    #: What is filled in to connect a partner; empty for a dialect in which partners register by themselves.
    addresses: tuple[Address, ...]
    #: Candidate fields (names of partners.scopes) without which the protocol cannot carry an order.
    requires: frozenset[str]
    #: Others that it can carry.
    carries: frozenset[str]
    #: Whether the partner gets a key of ours for its own calls, and how the docs of the protocol call that key.
    key_label: str
    #: How those calls show it; None where the partner calls nobody.
    inbound: InboundKey | None
    #: Where it calls.
    doors: tuple[Door, ...]

    def ask_catalogue(self, installation: str) -> Message:
        """The call that asks what the partner offers."""

    def read_catalogue(self, reply: Reply) -> tuple[OfferedType, ...]:
        """Its reply."""

    def read_pushed_catalogue(self, raw: bytes) -> tuple[OfferedType, ...]:
        """What the partner told by itself: all that it offers."""

    def ask_fields(self, installation: str) -> Message:
        """The call that asks what is to be filled in when ordering."""

    def read_fields(self, reply: Reply) -> dict[str, Any]:
        """Its reply, as an order schema (see schemas.order_schema for what that may be)."""

    def order(self, facts: OrderFacts) -> Message:
        """The call that asks for the assessment."""

    def read_receipt(self, reply: Reply) -> Receipt:
        """Its reply, of any status: what the protocol knows as a refusal is a Receipt that declines."""

    def cancel(self, facts: OrderFacts) -> Message:
        """The call that says the order is cancelled."""

    def read_cancel(self, reply: Reply) -> CancelAnswer:
        """Its reply, of any status."""

    def ask_status(self, facts: OrderFacts) -> Message:
        """The call that asks how the order stands; it needs the partner's reference."""

    def read_status(self, reply: Reply) -> ReadUpdate | None:
        """Its reply; None where it says nothing that counts."""

    def read_update(self, raw: bytes) -> tuple[ReadUpdate, ...]:
        """What came in by a door, oldest first; one call may tell several things."""

    def filled(self, raw: bytes, earlier: Sequence[bytes]) -> bytes:
        """What came in by a door, with what it leaves open filled in from the bodies before it, oldest first.

        The same bytes where every call of the protocol is whole by itself.
        """

    def objection(self, facts: OrderFacts, update: ReadUpdate) -> DomainError | None:
        """Why the protocol refuses this update of the order as it stands. What is refused is kept all the same."""

    def read_unasked(self, raw: bytes) -> ReadUnasked:
        """What came in by a door: a result without an order."""

    def complain(self, facts: OrderFacts, sentence: str) -> Message:
        """The call that says what could not be read, and why."""

    def event(self, topic: str, facts: OrderFacts, **ids: str) -> Message:
        """The call that tells any other news about the order."""

    def taken(self, facts: OrderFacts | None) -> Answer:
        """The answer of a door to what it took; the order as it is then, where it is about one."""

    def taken_unasked(self, raw: bytes, application: str) -> Answer:
        """The answer to a result without an order; ``application`` is our id of the one it was attached to, or empty.

        ``raw`` is the body that :meth:`read_unasked` could read.
        """

    def problem(self, error: DomainError, request_id: str = "") -> Answer:
        """A refusal in the form of the protocol; it names the request where the protocol has a place for that."""

    def list_catalogue(self, offered: Sequence[OfferedType]) -> Answer:
        """What the partner has told us that it offers."""

    def read_order_query(self, query: str) -> OrderQuery:
        """Which orders the partner asks for, from the query of its URL."""

    def list_orders(self, orders: Sequence[OrderFacts], next_cursor: str) -> Answer:
        """One page of them; ``next_cursor`` is empty on the last."""

    def erased(self, facts: ErasureFacts) -> Message:
        """The call that says a candidate was erased, and that the partner is to do the same."""


class Mute:
    """Offers nothing: what a dialect begins from."""

    name = ""
    label = ""
    document = ""
    rules: Mapping[Capability, str] = {}
    offers: frozenset[Capability] = frozenset()
    authentication: Authentication = StandardWebhooks()
    addresses: tuple[Address, ...] = ()
    requires: frozenset[str] = frozenset()
    carries: frozenset[str] = frozenset()
    key_label = ""
    inbound: InboundKey | None = None
    doors: tuple[Door, ...] = ()

    def ask_catalogue(self, installation: str) -> Message:
        self._cannot(Capability.CATALOGUE)

    def read_catalogue(self, reply: Reply) -> tuple[OfferedType, ...]:
        self._cannot(Capability.CATALOGUE)

    def read_pushed_catalogue(self, raw: bytes) -> tuple[OfferedType, ...]:
        self._cannot(Capability.PUSHED_CATALOGUE)

    def ask_fields(self, installation: str) -> Message:
        self._cannot(Capability.FIELDS)

    def read_fields(self, reply: Reply) -> dict[str, Any]:
        self._cannot(Capability.FIELDS)

    def order(self, facts: OrderFacts) -> Message:
        self._cannot(Capability.ORDER)

    def read_receipt(self, reply: Reply) -> Receipt:
        self._cannot(Capability.RECEIPT)

    def cancel(self, facts: OrderFacts) -> Message:
        self._cannot(Capability.CANCEL)

    def read_cancel(self, reply: Reply) -> CancelAnswer:
        self._cannot(Capability.CANCEL_ANSWER)

    def ask_status(self, facts: OrderFacts) -> Message:
        self._cannot(Capability.STATUS)

    def read_status(self, reply: Reply) -> ReadUpdate | None:
        self._cannot(Capability.STATUS)

    def read_update(self, raw: bytes) -> tuple[ReadUpdate, ...]:
        self._cannot(Capability.UPDATE)

    def filled(self, raw: bytes, earlier: Sequence[bytes]) -> bytes:
        return raw

    def objection(self, facts: OrderFacts, update: ReadUpdate) -> DomainError | None:
        return None

    def read_unasked(self, raw: bytes) -> ReadUnasked:
        self._cannot(Capability.UNASKED)

    def complain(self, facts: OrderFacts, sentence: str) -> Message:
        self._cannot(Capability.COMPLAIN)

    def event(self, topic: str, facts: OrderFacts, **ids: str) -> Message:
        self._cannot(Capability.EVENTS)

    def erased(self, facts: ErasureFacts) -> Message:
        self._cannot(Capability.EVENTS)

    def taken(self, facts: OrderFacts | None) -> Answer:
        self._cannot(Capability.UPDATE)

    def taken_unasked(self, raw: bytes, application: str) -> Answer:
        self._cannot(Capability.UNASKED)

    def problem(self, error: DomainError, request_id: str = "") -> Answer:
        self._cannot(Capability.UPDATE)

    def list_catalogue(self, offered: Sequence[OfferedType]) -> Answer:
        self._cannot(Capability.LIST_CATALOGUE)

    def read_order_query(self, query: str) -> OrderQuery:
        self._cannot(Capability.LIST_ORDERS)

    def list_orders(self, orders: Sequence[OrderFacts], next_cursor: str) -> Answer:
        self._cannot(Capability.LIST_ORDERS)

    def _cannot(self, capability: Capability) -> NoReturn:
        raise Unsupported(self.name, capability)
