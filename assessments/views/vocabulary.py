"""The meta-schema of the display vocabulary, at its public URL: any JSON Schema tool can check a schema by it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from assessments.schemas import display


@require_safe
def meta_schema(request: HttpRequest) -> JsonResponse:
    url = settings.PUBLIC_URL + reverse("assessments:display_vocabulary")
    response = JsonResponse(display.meta_schema(url), content_type="application/schema+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response
