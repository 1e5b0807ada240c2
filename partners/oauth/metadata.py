"""RFC 8414: where our OAuth endpoints are and what they take. The toolkit's document, with our registration in it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views.metadata import OAuthServerMetadataView


@method_decorator(csrf_exempt, name="dispatch")
class MetadataView(OAuthServerMetadataView):
    """The toolkit would name its own registration endpoint, which is off: it knows nothing of Partners."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        told = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        register = request.build_absolute_uri(reverse("oauth2_provider:dcr-register"))
        response = JsonResponse({**json.loads(told.content), "registration_endpoint": register})
        response["Access-Control-Allow-Origin"] = "*"
        response["Cache-Control"] = "public, max-age=300"
        return response
