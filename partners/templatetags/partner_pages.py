"""Template tags of the partners' pages. Presentation only: no query, no decision."""

from __future__ import annotations

from typing import cast, get_args

from django import template

from core.guard import Failure, Kind

register = template.Library()

_TONES = {"due": "info", "delivered": "good", "refused": "poor", "unclear": "fair", "given_up": "poor"}


@register.filter
def delivery_tone(state: str) -> str:
    """The tone of a Delivery's state."""
    return _TONES.get(str(state), "neutral")


@register.filter
def http_tone(status: int | None) -> str:
    """The tone of an HTTP status: none at all is as bad as a 500."""
    if status is None or status >= 500:
        return "poor"
    return "good" if status < 300 else "fair"


@register.filter
def failure_words(kind: str) -> str:
    """Why no answer came, in words."""
    return str(Failure(cast(Kind, kind))) if kind in get_args(Kind) else kind.replace("_", " ")


@register.filter
def as_text(raw: bytes | memoryview) -> str:
    """Bytes of a reply for people's eyes."""
    return bytes(raw).decode("utf-8", "replace")
