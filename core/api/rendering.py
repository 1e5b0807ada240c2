"""Answers as JSON text, by a writer in C."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.json import Encoder
from rest_framework.renderers import BaseRenderer

# Moments as RFC 3339, decimals as texts; what else is no JSON by itself, such as a text that is translated late, as its
# words.
_encode = Encoder(enc_hook=str).encode


class JSONRenderer(BaseRenderer):
    """Compact UTF-8. Nothing for no data."""

    media_type = "application/json"
    format = "json"
    # JSON is UTF-8, and its media type knows no other.
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else _encode(data)
