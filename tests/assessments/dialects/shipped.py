"""What a dialect ships, and the samples of its protocol; and what both have to make together: a whole page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assessments.dialects import table
from assessments.rendering.builder import build
from assessments.rendering.viewmodel import leaves
from assessments.schemas.validation import validate
from core.http import Reply
from tests.assessments.rendering.test_builder import pointers

SCHEMAS = Path(table.__file__).parent
PAYLOADS = Path(__file__).parents[2] / "payloads"


def schema_text(dialect: str) -> str:
    """The schema of results beside the dialect's module."""
    return (SCHEMAS / f"{dialect}.schema.json").read_text(encoding="utf-8")


def payload(dialect: str, name: str) -> bytes:
    """A sample of a call or reply."""
    return (PAYLOADS / dialect / f"{name}.json").read_bytes()


def reply(body: bytes | Any, status: int = 200, *, truncated: bool = False) -> Reply:
    """A partner's answer; what is not bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status=status, headers={}, body=raw, truncated=truncated, elapsed_ms=4)


def assert_shows_whole(dialect: str, document: Any) -> None:
    """The schema accepts the document, and its page shows every value once, with a label."""
    text = schema_text(dialect)
    assert validate(text, document) == []
    found = list(leaves(build(json.loads(text), document, "recruiter")))
    assert sorted(field.pointer for field in found) == sorted(pointers(document))
    assert all(field.label for field in found)
