"""Answers as JSON text, by a writer in C; and which form a caller gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.json import Encoder
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

# Moments as RFC 3339, decimals as texts; what else is no JSON by itself, such as a text that is translated late, as its
# words.
_encode = Encoder(enc_hook=str).encode


_PROBLEM = "application/problem+json"


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


class Negotiation(DefaultContentNegotiation):
    """DRF's own, for those who ask for anything; most do not, and a view has mostly one form."""

    def get_accept_list(self, request: Request) -> list[str]:
        """Who takes problems is given JSON."""
        accepted: list[str] = super().get_accept_list(request)
        return [token.replace(_PROBLEM, JSONRenderer.media_type) for token in accepted]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        asked, query = request.META.get("HTTP_ACCEPT", "*/*"), request.META.get("QUERY_STRING")
        if len(renderers) == 1 and asked == "*/*" and not query and not format_suffix:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)
