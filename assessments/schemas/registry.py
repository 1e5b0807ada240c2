"""Compiled validators of result and order schemas, kept by the text they were compiled from. Opens no connection."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator, RegexOptions

from assessments.schemas.formats import CHECKS
from assessments.schemas.measure import size_of
from assessments.schemas.subschemas import Path, walk

_KEPT = 256
# Patterns are read by the engine that never backtracks. Bytes of one compiled pattern, and of its scratch space.
_PATTERNS = RegexOptions(size_limit=4 << 20, dfa_size_limit=2 << 20)
# The engine is told nothing of these: it would resolve references against the one and look for the other.
_NOT_FOR_THE_ENGINE = ("$id", "$schema")


def engine_for(schema: Any) -> Draft202012Validator:
    """The fast engine, offline, formats on. Raises ValueError for a schema it refuses."""
    if isinstance(schema, dict):
        schema = {keyword: value for keyword, value in schema.items() if keyword not in _NOT_FOR_THE_ENGINE}
    return Draft202012Validator(
        schema,
        validate_formats=True,
        formats=CHECKS,
        offline=True,
        pattern_options=_PATTERNS,
        ignore_unknown_formats=True,
    )


@dataclass(frozen=True, slots=True)
class CompiledSchema:
    """A schema with its engine, and engines of its parts, compiled when a refusal has to be explained."""

    schema: Any
    engine: Draft202012Validator
    #: See :class:`assessments.schemas.measure.Size`.
    pattern_load: int
    _parts: dict[Path, Draft202012Validator] = field(default_factory=dict)

    def accepts(self, document: Any) -> bool:
        return bool(self.engine.is_valid(document))

    def part_accepts(self, where: Path, part: Any, value: Any) -> bool:
        """Whether a part of the schema accepts a value; ``where`` names the part and is the key it is kept by."""
        engine = self._parts.get(where)
        if engine is None:
            engine = self._parts[where] = engine_for(self._with_definitions(part))
        return bool(engine.is_valid(value))

    def _with_definitions(self, part: Any) -> Any:
        """References start from the root, so a part that refers to anything takes the definitions along."""
        refers = any(isinstance(node, dict) and "$ref" in node for _, node in walk(part))
        return part | {"$defs": self.schema.get("$defs", {})} if refers else part


@lru_cache(maxsize=_KEPT)
def validator_for(schema_text: str) -> CompiledSchema:
    """:func:`compiled`, kept.

    The cache is bounded and safe among threads: at worst two compile the same schema at once.
    """
    return compiled(schema_text)


def compiled(schema_text: str) -> CompiledSchema:
    """The compiled form of a schema that policy has accepted. Raises ValueError for any other."""
    schema = json.loads(schema_text)
    return CompiledSchema(schema=schema, engine=engine_for(schema), pattern_load=size_of(schema).pattern_load)
