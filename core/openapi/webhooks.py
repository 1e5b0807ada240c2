"""The calls that we make, as OpenAPI `webhooks`: one for each topic, signed by Standard Webhooks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.ids import is_public_id
from core.openapi.schemas import Schema, identifier, members, moment, text

_HEADERS = {
    "webhook-id": ("The event’s id: the same in every attempt. Your key against doing something twice.", "^evt_"),
    "webhook-timestamp": ("When this attempt was sent, in seconds since 1970.", "^[0-9]+$"),
    "webhook-signature": ("HMAC-SHA256 by each live secret, as `v1,…`, separated by spaces.", "^v1,"),
}
_ANSWERS = {
    "2XX": "You have it.",
    "410": "This URL is gone: the endpoint is disabled, nothing is lost.",
    "429": "Not now; `Retry-After` is honoured.",
    "503": "Not now; `Retry-After` is honoured.",
}


def webhook(topic: str, sentence: str, sample: Mapping[str, str]) -> dict[str, Any]:
    """The entry of one topic. ``sample`` is the ``data`` of one of its events."""
    body = members(
        {
            "type": text(const=topic),
            "timestamp": moment("When it happened."),
            "data": members({name: _id(value) for name, value in sample.items()}),
        },
        {"test": {"type": "boolean", "const": True, "description": "Only in a sample that you asked for."}},
        description=f"`{topic}`: the topic, the moment, and ids; read the rest with your token.",
    )
    example = {"type": topic, "timestamp": "2026-12-01T09:30:15.120Z", "data": dict(sample)}
    return {
        "post": {
            "operationId": f"on_{topic.replace('.', '_')}",
            "tags": ["Webhooks"],
            "summary": sentence,
            "parameters": [_header(*header) for header in _HEADERS.items()],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body, "example": example}}},
            "responses": {status: {"description": meaning} for status, meaning in _ANSWERS.items()},
            "security": [],
        }
    }


def _id(sample: str) -> Schema:
    prefix = sample.partition("_")[0]
    return identifier(prefix) if is_public_id(sample, prefix) else text(example=sample)


def _header(name: str, said: tuple[str, str]) -> dict[str, Any]:
    description, pattern = said
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": text(pattern=pattern),
    }
