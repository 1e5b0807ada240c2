"""What every dialect keeps to, whoever wrote it: it does what it offers, and refuses aloud what it does not."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable

import pytest

from assessments.dialects import base, values
from assessments.dialects.base import Capability, Dialect, Unreadable, Unsupported
from assessments.dialects.table import DIALECTS
from assessments.dialects.values import OrderFacts
from assessments.schemas.policy import check
from assessments.topics import ORDER_EXPIRED
from core.errors import Invalid
from core.http import Reply
from partners import dialects
from partners.delivery.messages import Message
from partners.models import Purpose
from partners.scopes import CANDIDATE_FIELDS
from tests.assessments.dialects.shipped import schema_text

FACTS = OrderFacts(
    order="ord_1",
    installation="ins_1",
    organization="org_1",
    assessment_type="coding",
    reference="CF-7",
    job={"id": "job_1", "title": "Chemist"},
    candidate={"first_name": "Ada", "email": "ada@mail.example"},
    fields={"language": "python"},
)
PAGE = b"<!doctype html><title>Log in</title>"
#: What a wrong URL answers. An empty object would be readable to some: as a refusal.
REPLY = Reply(status=200, headers={}, body=PAGE, truncated=False, elapsed_ms=1)

ASKING: dict[Capability, Callable[[Dialect], Message]] = {
    Capability.CATALOGUE: lambda dialect: dialect.ask_catalogue("ins_1"),
    Capability.FIELDS: lambda dialect: dialect.ask_fields("ins_1"),
    Capability.ORDER: lambda dialect: dialect.order(FACTS),
    Capability.CANCEL: lambda dialect: dialect.cancel(FACTS),
    Capability.STATUS: lambda dialect: dialect.ask_status(FACTS),
    Capability.COMPLAIN: lambda dialect: dialect.complain(FACTS, "The score is no number."),
    Capability.EVENTS: lambda dialect: dialect.event(ORDER_EXPIRED.name, FACTS),
}
READING: dict[Capability, Callable[[Dialect], object]] = {
    Capability.CATALOGUE: lambda dialect: dialect.read_catalogue(REPLY),
    Capability.RECEIPT: lambda dialect: dialect.read_receipt(REPLY),
    Capability.PUSHED_CATALOGUE: lambda dialect: dialect.read_pushed_catalogue(PAGE),
    Capability.FIELDS: lambda dialect: dialect.read_fields(REPLY),
    Capability.CANCEL_ANSWER: lambda dialect: dialect.read_cancel(REPLY),
    Capability.STATUS: lambda dialect: dialect.read_status(REPLY),
    Capability.UPDATE: lambda dialect: dialect.read_update(PAGE),
    Capability.UNASKED: lambda dialect: dialect.read_unasked(PAGE),
}

#: What a partner says by calling us.
TOLD_AT_DOORS = frozenset(
    {
        Capability.UPDATE,
        Capability.NUDGE,
        Capability.UNASKED,
        Capability.PUSHED_CATALOGUE,
        Capability.LIST_CATALOGUE,
        Capability.LIST_ORDERS,
    }
)

every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))


@every_dialect
def test_a_dialect_is_known_by_its_name_on_both_floors(dialect: Dialect) -> None:
    assert DIALECTS[dialect.name] is dialect
    assert (dialect.name, dialect.label) in dialects.choices()


@every_dialect
@pytest.mark.parametrize("capability", list(ASKING))
def test_what_is_offered_is_a_message_and_what_is_not_is_refused_aloud(
    dialect: Dialect, capability: Capability
) -> None:
    if capability not in dialect.offers:
        with pytest.raises(Unsupported, match=dialect.name):
            ASKING[capability](dialect)
        return
    message = ASKING[capability](dialect)
    assert message.purpose in Purpose.values
    assert len(message.topic) <= 60
    assert message.subject in {FACTS.order, FACTS.installation}


@every_dialect
@pytest.mark.parametrize("capability", list(READING))
def test_what_cannot_be_read_is_said_and_never_breaks(dialect: Dialect, capability: Capability) -> None:
    expected = Unreadable if capability in dialect.offers else Unsupported
    with pytest.raises(expected):
        READING[capability](dialect)


@every_dialect
def test_a_door_of_its_own_needs_refusals_in_its_own_form(dialect: Dialect) -> None:
    if dialect.doors:
        assert dialect.problem(Invalid("No."), "req_1").status >= 200
    else:
        with pytest.raises(Unsupported):
            dialect.problem(Invalid("No."))


@every_dialect
def test_a_door_reads_what_the_dialect_offers_to_read(dialect: Dialect) -> None:
    read = {door.reads for door in dialect.doors}
    assert read <= dialect.offers
    assert dialect.offers & TOLD_AT_DOORS <= read
    assert all(door.path.startswith(f"compat/{dialect.name}/") for door in dialect.doors)


@every_dialect
def test_a_report_can_name_the_rule_of_everything_that_a_partner_does(dialect: Dialect) -> None:
    """In our own protocol the API answers by itself."""
    if dialect.addresses:
        assert dialect.document
        assert set(dialect.rules) >= dialect.offers - {Capability.UNASKED, Capability.CANCEL_ANSWER}
        assert set(dialect.rules) <= dialect.offers


@every_dialect
def test_each_address_is_of_a_purpose_and_asked_for_once(dialect: Dialect) -> None:
    purposes = [address.purpose for address in dialect.addresses]
    assert len(set(purposes)) == len(purposes)
    assert set(purposes) <= set(Purpose.values)
    assert dialect.requires | dialect.carries <= set(CANDIDATE_FIELDS)


@every_dialect
def test_the_schema_that_it_ships_may_be_published(dialect: Dialect) -> None:
    """In our own protocol partners declare theirs."""
    if dialect.name != "native":
        assert check(schema_text(dialect.name)) == []


@every_dialect
def test_a_dialect_says_whose_protocol_it_is_and_imports_nothing_that_stores_or_sends(dialect: Dialect) -> None:
    module = inspect.getmodule(type(dialect))
    assert module is not None
    assert module.__doc__
    for one in (module, base, values):
        imported = {
            node.module or ""
            for node in ast.walk(ast.parse(inspect.getsource(one)))
            if isinstance(node, ast.ImportFrom)
        }
        assert not {name for name in imported if name.startswith(("django", "httpx", "assessments.models"))}


def test_the_native_body_is_thin() -> None:
    """Ids and the topic; nothing of the candidate leaves but by an authenticated GET."""
    body = DIALECTS["native"].order(FACTS).body
    assert "Ada" not in body
    assert "python" not in body
    assert "ord_1" in body
