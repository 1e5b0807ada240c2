"""What we write to partners, the same for every dialect: the text of a call, and the answers of our doors."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from assessments import topics
from assessments.dialects.values import Answer, OrderFacts
from core.api.problems import status_of
from core.errors import DomainError
from partners.delivery.messages import Message

_FLAWS = 5

# --- Calls ----------------------------------------------------------------------------------------------------------


def compact(body: Any) -> str:
    """The exact text of a call."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def catalogue_question(installation: str) -> Message:
    """The call that asks what the partner offers, where it is a bare GET."""
    return Message(topic="catalogue.asked", purpose="catalogue", subject=installation, body="", method="GET")


def order(facts: OrderFacts, body: Any, *, repeatable: bool) -> Message:
    """The call that asks for an assessment."""
    topic = topics.ORDER_PLACED
    return Message(
        topic=topic.name, purpose=topic.purpose, subject=facts.order, body=compact(body), repeatable=repeatable
    )


# --- Answers of our doors -------------------------------------------------------------------------------------------


def answer(status: int, body: Any) -> Answer:
    """What it quotes may hold half a surrogate pair, which must not break the answer."""
    return Answer(status=status, body=compact(body).encode("utf-8", "replace"))


def refusal(error: DomainError, body: Any) -> Answer:
    """An answer with the status of the error, and how long to wait where it says so."""
    wait = error.facts.get("retry_after")
    headers = {} if wait is None else {"retry-after": str(wait)}
    return replace(answer(status_of(type(error)), body), headers=headers)


def sentence_of(error: DomainError) -> str:
    """An error in one text, for protocols whose errors have no room for pointers."""
    flaws: Iterable[str] = (f"{flaw['pointer']}: {flaw['message']}" for flaw in error.problems[:_FLAWS])
    return " ".join([error.detail, *flaws])
