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
from core.api import conditional
from core.api.pagination import Page, paginate
from core.api.parsing import member_text
from core.api.views import ApiView
from core.idempotency import idempotent


class ResultSchemasView(ApiView):
    """GET: the versions, newest first. POST ``{schema}``: 201 with a draft; unchanged, with the version there is."""

    required_scopes = {"GET": (), "POST": WRITE}

    def get(self, request: Request, key: str) -> Response:
        return conditional.answer_page(request, _page(request, key), version=self.version(request))

    @idempotent
    def post(self, request: Request, key: str) -> HttpResponse:
        row = own_type(request, key)
        read(SchemaBody, request)
        condition = conditional.condition_of_list(request, lambda: _page(request, key), version=self.version(request))
        schema = catalogue.draft_schema(row, member_text(request.body, "schema") or "", condition=condition)
        return Response(schema_json(schema), status=201)


class ResultSchemaView(ApiView):
    required_scopes = {"GET": ()}

    def get(self, request: Request, key: str, version: int) -> Response:
        return conditional.answer(request, schema_json(_schema(request, key, version)), version=self.version(request))


class PublishView(ApiView):
    """POST: the version is immutable from now on, and that of new orders. Conditions are about the version."""

    required_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, key: str, version: int) -> HttpResponse:
        check = conditional.condition_of(request, self.version(request))
        schema = catalogue.publish(_schema(request, key, version), condition=lambda row: check(schema_json(row)))
        return Response(schema_json(schema))


class ValidateView(ApiView):
    """POST ``{document}``: 200 whatever the verdict; pointers lead into the document, and nothing is stored."""

    required_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, key: str, version: int) -> HttpResponse:
        schema = _schema(request, key, version)
        problems = validate(schema.text, read(DocumentBody, request)["document"])
        return Response({"valid": not problems, "problems": [problem.as_json() for problem in problems]})


def _page(request: Request, key: str) -> Page:
    return paginate(_schemas(request, key), request, serialize=schema_json, order=("-version",))


def _schemas(request: Request, key: str) -> QuerySet[ResultSchema]:
    return own_type(request, key).result_schemas.select_related("assessment_type")


def _schema(request: Request, key: str, version: int) -> ResultSchema:
    return get_object_or_404(_schemas(request, key), version=version)
