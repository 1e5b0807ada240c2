"""The sentence and the code for each keyword that a value can break, in plain language.

A sentence says what was expected and never quotes the value that was found: values may be for other eyes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from assessments.schemas.formats import FORMATS
from assessments.schemas.subschemas import type_of

_LONGEST = 400
# Control and direction-changing characters would let a partner's text break a log line or a page.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

_KINDS = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}

Sentence = Callable[[Any, Any], str]


def clean(text: str, limit: int = _LONGEST) -> str:
    """Text that came from outside, fit for one line: no control characters, no more than ``limit`` characters."""
    text = _UNPRINTABLE.sub("\ufffd", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def kind_of(value: Any) -> str:
    """A value's type in words: ``text``, ``a whole number``."""
    return _KINDS[type_of(value)]


def any_of(options: list[str]) -> str:
    """``["a", "b", "c"]`` → ``a, b or c``."""
    return " or ".join(part for part in (", ".join(options[:-1]), *options[-1:]) if part)


def written(value: Any) -> str:
    """A value of a schema as JSON, short enough to stand in a sentence."""
    return clean(json.dumps(value, ensure_ascii=False), 60)


def _type(expected: Any, found: Any) -> str:
    names = expected if isinstance(expected, list) else [expected]
    return f"must be {any_of([_KINDS.get(name, str(name)) for name in names])}, not {kind_of(found)}"


def _enum(expected: Any, _: Any) -> str:
    options = [option if isinstance(option, str) and option else written(option) for option in expected[:30]]
    more = len(expected) - len(options)
    return f"must be one of: {', '.join(options)}" + (f" and {more} more" if more > 0 else "")


def _one_of(expected: Any, _: Any) -> str:
    if isinstance(expected, list) and all(isinstance(part, dict) and "const" in part for part in expected):
        return _enum([part["const"] for part in expected], None)
    return "must fit exactly one of the alternatives the schema allows, and fits none or several"


def _counted(prefix: str, one: str, many: str) -> Sentence:
    """``must have at least 1 item``, ``… 3 items``."""
    return lambda expected, _: f"{prefix} {expected} {one if expected == 1 else many}"


def _plain(text: str) -> Sentence:
    return lambda expected, _: text.format(expected) if "{}" in text else text


#: keyword → (code, sentence). The code is part of the API: it never changes.
SENTENCES: dict[str, tuple[str, Sentence]] = {
    "type": ("wrong_type", _type),
    "enum": ("not_in_enum", _enum),
    "const": ("not_the_constant", lambda expected, _: f"must be exactly {written(expected)}"),
    "minimum": ("too_small", _plain("must be at least {}")),
    "exclusiveMinimum": ("too_small", _plain("must be more than {}")),
    "maximum": ("too_large", _plain("must be at most {}")),
    "exclusiveMaximum": ("too_large", _plain("must be less than {}")),
    "multipleOf": ("not_a_multiple", _plain("must be a multiple of {}")),
    "minLength": ("too_short", _counted("must have at least", "character", "characters")),
    "maxLength": ("too_long", _counted("must have at most", "character", "characters")),
    "pattern": ("pattern_mismatch", lambda expected, _: f"must match the pattern {clean(str(expected), 120)}"),
    "format": ("wrong_format", lambda expected, _: f"must be {FORMATS.get(expected, clean(str(expected), 60))}"),
    "minItems": ("too_few_items", _counted("must have at least", "item", "items")),
    "maxItems": ("too_many_items", _counted("must have at most", "item", "items")),
    "uniqueItems": ("duplicate_items", _plain("must not hold the same item twice")),
    "contains": ("items_missing", _plain("must hold the number of certain items that the schema asks for")),
    "minProperties": ("too_few_properties", _counted("must have at least", "property", "properties")),
    "maxProperties": ("too_many_properties", _counted("must have at most", "property", "properties")),
    "required": ("required", _plain("is required")),
    "dependentRequired": ("required", lambda because, _: f"is required together with {clean(str(because), 80)}"),
    "additionalProperties": ("undeclared_property", _plain("is not among the properties that the schema declares")),
    "unevaluatedProperties": ("undeclared_property", _plain("is not among the properties that the schema declares")),
    "unevaluatedItems": ("undeclared_item", _plain("holds an item that the schema does not declare")),
    "propertyNames": ("wrong_property_name", _plain("has a name that the schema does not allow")),
    "anyOf": ("no_alternative_fits", _plain("fits none of the alternatives the schema allows")),
    "oneOf": ("not_exactly_one_alternative", _one_of),
    "not": ("forbidden", _plain("is what the schema forbids")),
    "false": ("not_allowed", _plain("is not allowed here")),
    "invalid": ("invalid", _plain("does not match the schema")),
}


def code_and_sentence(keyword: str, expected: Any, found: Any) -> tuple[str, str]:
    """What to say of a value that breaks ``keyword``, whose own value in the schema is ``expected``."""
    code, sentence = SENTENCES.get(keyword, SENTENCES["invalid"])
    return code, clean(sentence(expected, found))
