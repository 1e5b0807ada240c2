"""The base of every API view: strict JSON in, compact JSON out, problems for errors. No scopes (see partners.oauth)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api.parsing import JSON_LIMIT, StrictJSONParser, check_length, take_body
from core.errors import BadRequest


class ApiView(APIView):
    """Parses JSON up to ``body_limit`` bytes; after ``initial`` the exact bytes are ``request.body``.

    A view that takes files adds ``MultiPartParser`` to its ``parser_classes`` and sets its ``body_limit``.
    """

    parser_classes: Sequence[type[BaseParser]] = (StrictJSONParser,)
    renderer_classes = (JSONRenderer,)
    # OPTIONS would describe the view in DRF's words; the reference does that.
    metadata_class = None
    body_limit = JSON_LIMIT

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who may come in is decided before a byte of the body is read."""
        super().initial(request, *args, **kwargs)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The path or the query holds a NUL character.")
        if (request.content_type or "").startswith("multipart/"):
            check_length(request._request, limit=self.body_limit)
        else:
            take_body(request._request, limit=self.body_limit)
