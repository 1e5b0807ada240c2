"""The result schemas of an assessment type: draft, publish, fetch, and the dry run of a document."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import DocumentBody, SchemaBody, read
from assessments.api.catalogue import WRITE, own_type
from assessments.api.shapes import schema_json
from assessments.models import ResultSchema
from assessments.schemas.validation import validate
from assessments.services import catalogue
from core.api.conditional import conditional
from core.api.pagination import paginate
from core.api.parsing import member_text
from core.api.views import ApiView
from core.idempotency import idempotent


class ResultSchemasView(ApiView):
    """GET: the versions, newest first. POST ``{schema}``: 201 with a draft; unchanged, with the version there is."""

    required_scopes = {"GET": (), "POST": WRITE}

    @conditional
    def get(self, request: Request, key: str) -> HttpResponse:
        return Response(paginate(_schemas(request, key), request, serialize=schema_json, order=("-version",)))

    @idempotent
    def post(self, request: Request, key: str) -> HttpResponse:
        row = own_type(request, key)
        read(SchemaBody, request)
        schema = catalogue.draft_schema(row, member_text(request.body, "schema") or "")
        return Response(schema_json(schema), status=201)


class ResultSchemaView(ApiView):
    required_scopes = {"GET": ()}

    @conditional
    def get(self, request: Request, key: str, version: int) -> HttpResponse:
        return Response(schema_json(_schema(request, key, version)))


class PublishView(ApiView):
    """POST: the version is immutable from now on, and that of new orders."""

    required_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, key: str, version: int) -> HttpResponse:
        return Response(schema_json(catalogue.publish(_schema(request, key, version))))


class ValidateView(ApiView):
    """POST ``{document}``: 200 whatever the verdict; pointers lead into the document, and nothing is stored."""

    required_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, key: str, version: int) -> HttpResponse:
        schema = _schema(request, key, version)
        problems = validate(schema.text, read(DocumentBody, request)["document"])
        return Response({"valid": not problems, "problems": [problem.as_json() for problem in problems]})


def _schemas(request: Request, key: str) -> QuerySet[ResultSchema]:
    return own_type(request, key).result_schemas.select_related("assessment_type")


def _schema(request: Request, key: str, version: int) -> ResultSchema:
    return get_object_or_404(_schemas(request, key), version=version)
