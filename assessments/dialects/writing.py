"""What we write to partners, the same for every dialect: the text of a call, and the answers of our doors."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from assessments.dialects.base import Answer
from core.api.problems import status_of
from core.errors import DomainError

_FLAWS = 5


def compact(body: Any) -> str:
    """The exact text of a call."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


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
