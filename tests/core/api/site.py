"""A site of a few views for the tests of the API's ground: no partner, no scope, callers by name."""

from __future__ import annotations

import os
import signal
import time
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core import errors
from core.api.pagination import paginate
from core.api.parsing import LARGE_LIMIT, member_text
from core.api.problems import problem_response
from core.api.request_log import note_client
from core.api.views import ApiView
from core.idempotency import idempotent, passing
from core.models import Organization


class ByName(BaseAuthentication):
    """``Authorization: Client acme-app``."""

    def authenticate(self, request: Request) -> tuple[None, str] | None:
        scheme, _, name = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Client":
            return None
        if name == "unknown":
            raise errors.InvalidToken
        note_client(request, client_id=name, partner="par_1", organization="org_1")
        return None, name

    def authenticate_header(self, request: Request) -> str:
        return "Client"


class Open(ApiView):
    authentication_classes = (ByName,)
    permission_classes = ()


class Echo(Open):
    def get(self, request: Request) -> Response:
        return Response({"query": request.query_params.dict()})

    def post(self, request: Request) -> Response:
        return Response({"got": request.data, "text": member_text(request.body, "document")})


class Batch(Echo):
    body_limit = LARGE_LIMIT


class Upload(Open):
    parser_classes = (MultiPartParser,)
    body_limit = 10_000

    @idempotent
    def post(self, request: Request) -> Response:
        Organization.objects.create(name=request.POST["name"])
        return Response({"size": len(request.FILES["file"].read())}, status=201)


class Shape(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)
    tags = serializers.ListField(child=serializers.IntegerField())

    def validate_name(self, value: str) -> str:
        return value


class Validated(Open):
    def post(self, request: Request) -> Response:
        Shape(data=request.data).is_valid(raise_exception=True)
        return Response(status=204)


class Raising(Open):
    """Raises what ``raised`` says: set by the test."""

    raised: Exception = errors.NotFound()

    def get(self, request: Request) -> Response:
        raise self.raised


class Organizations(Open):
    """Writes one for each post, and answers as the body says."""

    def get(self, request: Request) -> Response:
        order = request.query_params.get("order", "-created_at -id").split()
        page = paginate(Organization.objects.all(), request, order=order, serialize=lambda row: row.name)
        return Response(page)

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        asked = cast(dict[str, Any], request.data)
        made = Organization.objects.create(name=asked["name"])
        match asked.get("then"):
            case "refuse":
                raise errors.ValidationFailed("That will not do.")
            case "refuse at first" if Organization.objects.count() == 1:
                raise errors.Denied("Not while there is no other.")
            case "break":
                raise ZeroDivisionError
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "die once it is written":
                transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
            case "dawdle":
                time.sleep(asked["seconds"])
            case "conflict":
                raise errors.Conflict("Not now.")
            case "returned refusal":
                return problem_response(errors.ValidationFailed("Kept, and refused."), request)
            case "returned passing":
                return passing(problem_response(errors.ValidationFailed("Kept, and not for good."), request))
            case "returned conflict":
                return problem_response(errors.Conflict("Kept, and refused."), request)
        return Response({"id": made.public_id}, status=201, headers={"Location": f"/api/t/{made.public_id}"})


def only_get(request: HttpRequest) -> HttpResponse:
    """A view of the kind a toolkit brings: its refusal is an empty 405."""
    return HttpResponseNotAllowed(["GET"])


def form(request: HttpRequest) -> HttpResponse:
    """Reads a form, as a token endpoint does."""
    return HttpResponse(request.POST.get("grant_type", ""))


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def not_found_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("<h1>Not found</h1>", status=404)


def server_error_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<h1>Broken</h1>", status=500)


handler404 = not_found_page
handler500 = server_error_page

urlpatterns = [
    path("api/t/echo", Echo.as_view()),
    path("api/t/batch", Batch.as_view()),
    path("api/t/upload", Upload.as_view()),
    path("api/t/validated", Validated.as_view()),
    path("api/t/raising", Raising.as_view()),
    path("api/t/organizations", Organizations.as_view()),
    path("api/t/others", Organizations.as_view()),
    path("api/t/broken", broken),
    path("oauth/only-get", only_get),
    path("oauth/form", form),
    path("page", page),
]
