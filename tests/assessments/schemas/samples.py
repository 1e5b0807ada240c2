"""Result schemas as rich as the real thing, and documents that fit them: shared by the tests of this package."""

from __future__ import annotations

import copy
from typing import Any

CODING: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Coding test",
    "type": "object",
    "required": ["score", "verdict"],
    "additionalProperties": False,
    "x-summary": {"score": "/score", "maximum": 100, "outcome": "/verdict", "report_url": "/report"},
    "x-retention": "P2Y",
    "properties": {
        "score": {
            "type": "number",
            "title": "Overall score",
            "minimum": 0,
            "maximum": 100,
            "x-display": {
                "widget": "score",
                "primary": True,
                "unit": "points",
                "scale": {"min": 0, "max": 100},
                "bands": [
                    {"max": 50, "label": "Weak", "tone": "poor"},
                    {"min": 50, "max": 75, "label": "Fair", "tone": "fair"},
                    {"min": 75, "label": "Strong", "tone": "good"},
                ],
            },
        },
        "verdict": {
            "enum": ["pass", "fail", "unsure"],
            "x-display": {"widget": "outcome", "primary": True},
            "x-outcome": {"pass": "passed", "fail": "failed", "unsure": "review"},
        },
        "percentile": {
            "type": ["number", "null"],
            "minimum": 0,
            "maximum": 100,
            "x-display": {"widget": "percentile", "norm_group": "Graduates 2025"},
        },
        "skills": {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 10},
            "x-display": {"widget": "bars"},
        },
        "tasks": {"type": "array", "maxItems": 50, "items": {"$ref": "#/$defs/task"}, "x-display": {"widget": "table"}},
        "languages": {"type": "array", "items": {"enum": ["python", "java", "go"]}, "uniqueItems": True},
        "similarity": {"type": "boolean", "x-audience": ["admin"]},
        "notes": {"type": "string", "maxLength": 20, "x-audience": ["admin", "recruiter"]},
        "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"},
        "taken_on": {"type": "string", "format": "date"},
        "started_at": {"type": "string", "format": "date-time"},
        "took": {"type": "string", "format": "duration"},
        "report": {"type": "string", "format": "uri", "x-display": {"widget": "link"}},
    },
    "$defs": {
        "task": {
            "type": "object",
            "required": ["name", "points"],
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "points": {"type": "integer", "minimum": 0},
                "detail": {"type": "object", "x-audience": ["admin"]},
            },
        }
    },
}

CODING_DOCUMENT: dict[str, Any] = {
    "score": 81.5,
    "verdict": "pass",
    "percentile": None,
    "skills": {"loops": 7, "recursion": 4.5},
    "tasks": [{"name": "Two sums", "points": 10}, {"name": "Graph", "points": 0, "detail": {"runs": 3}}],
    "languages": ["python", "go"],
    "similarity": False,
    "notes": "calm",
    "code": "AB-12",
    "taken_on": "2026-01-31",
    "started_at": "2026-01-31T14:30:00Z",
    "took": "PT45M",
    "report": "https://codeforge.example/reports/1",
}


def with_root(**keywords: Any) -> dict[str, Any]:
    """The least result schema with some keywords more."""
    return {"type": "object", **keywords}


def with_property(subschema: Any, **keywords: Any) -> dict[str, Any]:
    """A result schema with one property, ``value``."""
    return {"type": "object", "properties": {"value": subschema}, **keywords}


def coding_document(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(CODING_DOCUMENT) | changes
