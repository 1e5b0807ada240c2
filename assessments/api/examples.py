"""The assessment of which all examples of the reference are."""

from __future__ import annotations

ORDER_SCHEMA = {
    "type": "object",
    "properties": {"accent": {"type": "string", "enum": ["any", "british"], "title": "Accent"}},
    "required": ["accent"],
}
RESULT_SCHEMA = {
    "type": "object",
    "properties": {"wpm": {"type": "integer", "minimum": 0, "title": "Words per minute"}},
    "required": ["wpm"],
}
