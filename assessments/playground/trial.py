"""One try: what is wrong with a schema and a document given as text, and how the result would look. Never raises."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assessments.rendering.builder import build
from assessments.rendering.viewmodel import ResultView
from assessments.schemas.policy import check
from assessments.schemas.problems import Problem
from assessments.schemas.registry import compiled
from assessments.schemas.validation import validate
from core.api.parsing import parse_json
from core.errors import DomainError


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A schema and a document that fits it, as indented JSON."""

    key: str
    title: str
    schema: str
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What came of a try. ``view`` is None while the schema has problems or the document cannot be read."""

    schema_problems: tuple[Problem, ...] = ()
    document_problems: tuple[Problem, ...] = ()
    view: ResultView | None = None


def attempt(schema_text: str, document_text: str, role: str) -> Trial:
    """Policy first; a document that breaks its schema is told so and not shown, as its sender would be."""
    schema, unreadable = _read(schema_text)
    problems = unreadable or check(schema_text)
    document, in_document = _read(document_text)
    if problems or in_document:
        return Trial(schema_problems=tuple(problems), document_problems=tuple(in_document))
    # Not kept: anybody may come with schemas, and a large one takes megabytes when it is compiled.
    broken = validate(schema_text, document, compiled_by=compiled)
    if broken:
        return Trial(document_problems=tuple(broken))
    return Trial(view=build(schema, document, role))


def _read(text: str) -> tuple[Any, list[Problem]]:
    """The value of a JSON text; or what is wrong with it: as large as a body of the API may be."""
    try:
        return parse_json(text.encode("utf-8", "replace")), []
    except DomainError as refusal:
        places = [Problem(**problem) for problem in refusal.problems]
        return None, places or [Problem(pointer="", code=refusal.code, message=refusal.detail)]


@cache
def examples() -> tuple[Example, ...]:
    """Those to begin with, by their files beside this one."""
    return tuple(_example(path) for path in sorted(Path(__file__).parent.glob("*.json")))


def _example(path: Path) -> Example:
    given = json.loads(path.read_text(encoding="utf-8"))
    schema, document = (json.dumps(given[part], indent=2, ensure_ascii=False) for part in ("schema", "document"))
    return Example(key=path.stem, title=given["title"], schema=schema, document=document)
