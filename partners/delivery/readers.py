"""The door by which floor 3 says which topics there are, who reads the replies to them, and who is told how it ended.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.http import Reply
    from partners.models import Delivery


class Outcome(StrEnum):
    """What a reply says."""

    DELIVERED = "delivered"  #: taken
    REFUSED = "refused"  #: understood, and answered with no
    UNREADABLE = "unreadable"  #: not in the protocol: a failed attempt


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """From when until when something is worth sending."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome, and why in words for a person (at most 300 characters are kept)."""

    outcome: Outcome
    note: str = ""


class Reader(Protocol):
    """Reads the replies to one topic. For all that it has no words of its own for, it is a :class:`TakesAny`."""

    def read(self, delivery: Delivery, reply: Reply) -> Reading:
        """What a 2xx reply says. Pure, and called outside any transaction; an exception counts as unreadable."""

    def read_refusal(self, delivery: Delivery, reply: Reply) -> Reading | None:
        """What a reply with any other status says in the partner's protocol; None: no more than its status."""

    def hold(self, delivery: Delivery) -> None:
        """Locks what the delivery is about. Called in the transaction that settles it, before its own row is written:
        services take their locks in this order.
        """

    def settled(self, delivery: Delivery, state: str) -> None:
        """Called inside the transaction that settles the delivery; the attempt that decided it is a row already.

        ``state`` is the ``Delivery.State`` it ended in, never ``due``.
        """

    def next_window(self, delivery: Delivery) -> Window | None:
        """When one that was not sent in time is worth sending again; None: never. Called while it is held."""


class TakesAny:
    """Any 2xx is delivered, any other status means what it says; nobody waits to hear how it ended."""

    def read(self, delivery: Delivery, reply: Reply) -> Reading:
        return Reading(Outcome.DELIVERED)

    def read_refusal(self, delivery: Delivery, reply: Reply) -> Reading | None:
        return None

    def hold(self, delivery: Delivery) -> None:
        """It is about nothing that anybody locks."""

    def settled(self, delivery: Delivery, state: str) -> None:
        """Nobody waits to hear of it."""

    def next_window(self, delivery: Delivery) -> Window | None:
        return None


class Side(StrEnum):
    """To whom something is told."""

    PARTNER = "partner"
    ORGANIZATION = "organization"


_samples: dict[Side, dict[str, Mapping[str, str]]] = {side: {} for side in Side}
_readers: dict[str, Reader] = {}
_TAKES_ANY: Reader = TakesAny()


def announce(topic: str, sample: Mapping[str, str], *, to: Side = Side.PARTNER) -> None:
    """There are events of this topic; ``sample`` is the ``data`` of one, for tests of an endpoint.

    Called from ``AppConfig.ready()``.
    """
    if topic in _samples[to]:
        raise ValueError(f"topic {topic!r} is announced already")
    _samples[to][topic] = sample


def announced(to: Side | None = None) -> Mapping[str, Mapping[str, str]]:
    """Every topic there is, or that is told to one side, with the data of a sample."""
    if to is not None:
        return _samples[to]
    return {topic: sample for samples in _samples.values() for topic, sample in samples.items()}


def register(topic: str, reader: Reader) -> None:
    """Name the reader of a topic; called from ``AppConfig.ready()``. A topic has one reader."""
    if topic in _readers:
        raise ValueError(f"topic {topic!r} has a reader already")
    _readers[topic] = reader


def reader_of(topic: str) -> Reader:
    """The topic's reader, or one that takes any 2xx as delivered."""
    return _readers.get(topic, _TAKES_ANY)


def has_reader(topic: str) -> bool:
    """Whether somebody is told how deliveries of this topic end."""
    return topic in _readers
