"""What is posted: a result of sixty fields (2 KB) and a background check of 400 records (60 KB), with schemas."""

from __future__ import annotations

import json
from typing import Any

# What is told to partners.
NEWS = json.dumps({"type": "order.cancelled", "timestamp": "2026-11-25T09:00:00Z", "data": {"order": "ord_1"}})

_KINDS: list[tuple[dict[str, Any], Any]] = [
    ({"type": "number", "minimum": 0, "maximum": 100}, 71.5),
    ({"type": "string", "maxLength": 60}, "Names are clear throughout"),
    ({"type": "string", "format": "date"}, "2026-01-31"),
    ({"enum": ["strong", "fair", "weak"]}, "strong"),
    ({"type": "boolean"}, True),
]


def sixty_fields() -> tuple[dict[str, Any], dict[str, Any]]:
    """Schema and document, flat."""
    fields = {f"competency_{number:02}": _KINDS[number % len(_KINDS)] for number in range(59)}
    properties = {name: kind | {"title": name.replace("_", " ")} for name, (kind, _) in fields.items()}
    overall = {"type": "number", "minimum": 0, "maximum": 100, "x-display": {"primary": True}}
    schema = {
        "type": "object",
        "properties": {"overall": overall, **properties},
        "required": ["overall", *fields],
        "additionalProperties": False,
        "x-summary": {"score": "/overall", "maximum": 100},
    }
    return schema, {"overall": 81, **{name: value for name, (_, value) in fields.items()}}


def background_check() -> tuple[dict[str, Any], dict[str, Any]]:
    """Schema and document: 400 records of five fields each."""
    record = {
        "type": "object",
        "properties": {
            "case_number": {"type": "string", "pattern": "^TR-[0-9]{5}$"},
            "court": {"type": "string", "maxLength": 80},
            "filed_on": {"type": "string", "format": "date"},
            "status": {"enum": ["clear", "consider"]},
            "fine": {"type": "number", "minimum": 0},
        },
        "required": ["case_number", "court", "filed_on", "status"],
    }
    overall = {"enum": ["clear", "consider"], "x-outcome": {"clear": "passed", "consider": "review"}}
    schema = {
        "type": "object",
        "properties": {"overall": overall, "records": {"type": "array", "items": record, "maxItems": 1000}},
        "required": ["overall", "records"],
        "x-summary": {"outcome": "/overall"},
    }
    records = [
        {
            "case_number": f"TR-{number:05}",
            "court": "Riverbend County Traffic Court, Second Division, Chamber of Fines",
            "filed_on": "2024-03-17",
            "status": "clear",
            "fine": 120,
        }
        for number in range(400)
    ]
    return schema, {"overall": "clear", "records": records}
