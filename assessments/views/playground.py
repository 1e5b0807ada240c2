"""The playground of the documentation: a schema and a document in, the rendered result or every problem out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_cookie, vary_on_headers

from assessments.playground.trial import Example, attempt, examples
from core.errors import RateLimited
from core.limits import client_address, limit
from core.models import Role
from core.views.docs import frame
from core.views.errors import too_many_requests

# While somebody types, a try each second or so.


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_cookie
@vary_on_headers("HX-Request")
def playground(request: HttpRequest) -> HttpResponse:
    """``?example=`` prefills; a POST of ``schema``, ``document`` and ``role`` tries them. Open to anybody."""
    if request.method != "POST":
        example = _chosen(request.GET.get("example", ""))
        context = _tried(example.schema, example.document, Role.RECRUITER)
        return render(request, "assessments/playground/page.html", {**context, "example": example.key})
    try:
        limit("playground", client_address(request))
    except RateLimited as refusal:
        return too_many_requests(request, refusal.facts["retry_after"])
    given = {name: request.POST.get(name, "") for name in ("schema", "document", "role")}
    context = _tried(given["schema"], given["document"], given["role"])
    is_fragment = "HX-Request" in request.headers
    return render(request, f"assessments/playground/{'_shown' if is_fragment else 'page'}.html", context)


def _tried(schema: str, document: str, role: str) -> dict[str, Any]:
    known = role if role in Role.values else Role.RECRUITER.value
    return {
        **frame("playground"),
        "examples": examples(),
        "schema": schema,
        "document": document,
        "role": known,
        "roles": Role.choices,
        "trial": attempt(schema, document, known),
    }


def _chosen(key: str) -> Example:
    return next((example for example in examples() if example.key == key), examples()[0])
