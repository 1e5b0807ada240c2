"""A Partner's catalogue: put and retire one type, list them, replace them all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import AssessmentTypeBody, CatalogueBody, checked, read
from assessments.api.shapes import type_json
from assessments.models import AssessmentType
from assessments.selectors import types_visible_to
from assessments.services import catalogue
from assessments.services.catalogue import USUAL, Entry, Terms
from core.api import conditional
from core.api.pagination import Page, paginate
from core.api.parsing import member_text
from core.api.views import ApiView
from core.errors import ValidationFailed
from core.places import place
from partners.oauth.permissions import caller

WRITE = ("catalogue:write",)


class AssessmentTypesView(ApiView):
    """GET: the list, retired ones too. PUT ``{data: [type, …]}``: the whole catalogue, all or nothing.

    PUT takes conditions.
    """

    required_scopes = {"GET": (), "PUT": WRITE}

    def get(self, request: Request) -> Response:
        return conditional.answer_page(request, _page(request), version=self.version(request))

    def put(self, request: Request) -> Response:
        entries = [_entry(values) for values in read(CatalogueBody, request)["data"]]
        condition = conditional.condition_of_list(request, lambda: _page(request), version=self.version(request))
        rows = catalogue.replace_all(caller(request).partner, entries, condition=condition)
        return Response({"data": [type_json(row) for row in rows], "next_cursor": None})


class AssessmentTypeView(ApiView):
    """PUT: 201 for a new type, else 200. DELETE: 204, it is retired; orders in flight live on. Both take conditions."""

    required_scopes = {"GET": (), "PUT": WRITE, "DELETE": WRITE}

    def get(self, request: Request, key: str) -> Response:
        return conditional.answer(request, type_json(own_type(request, key)), version=self.version(request))

    def put(self, request: Request, key: str) -> Response:
        entry = _entry(checked(AssessmentTypeBody, _with_key(request.data, key)), request.body)
        row, created = catalogue.put_type(
            caller(request).partner,
            entry.key,
            name=entry.name,
            description=entry.description,
            kind=entry.kind,
            order_schema_text=entry.order_schema_text,
            terms=entry.terms,
            condition=self._condition(request),
        )
        status = 201 if created else 200
        return conditional.answer(request, type_json(row), version=self.version(request), status=status)

    def delete(self, request: Request, key: str) -> HttpResponse:
        catalogue.retire(caller(request).partner, own_type(request, key).key, condition=self._condition(request))
        return Response(status=204)

    def _condition(self, request: Request) -> catalogue.Condition:
        check = conditional.condition_of(request, self.version(request))
        return lambda row: check(row and type_json(row))


def _page(request: Request) -> Page:
    return paginate(types_visible_to(caller(request)), request, serialize=type_json, order=("id",))


def own_type(request: Request, key: str) -> AssessmentType:
    """The caller's type of this key, or 404."""
    return get_object_or_404(types_visible_to(caller(request)).select_related("partner"), key=key)


def _with_key(data: Any, key: str) -> Any:
    """The body with the key of the path, which it may repeat but not contradict."""
    if not isinstance(data, dict):
        return data
    if data.get("key", key) != key:
        raise ValidationFailed(problems=[place("/key", "not_the_path", "The path says otherwise.")])
    return {**data, "key": key}


def _entry(values: dict[str, Any], body: bytes | None = None) -> Entry:
    """An order schema is kept as it was written; out of a list it can only be written again, keys in their order."""
    text = ""
    if values["order_schema"] is not None:
        text = (body and member_text(body, "order_schema")) or json.dumps(values["order_schema"], ensure_ascii=False)
    return Entry(
        key=values["key"],
        name=values["name"],
        description=values["description"] or "",
        kind=values["kind"],
        order_schema_text=text,
        terms=_terms(values),
    )


def _terms(values: dict[str, Any]) -> Terms:
    """What is absent or null is as usual."""
    named = ("deadline_days", "valid_months", "remind_after_days", "retention")
    told = {name: values[name] for name in named if values[name] is not None}
    return replace(USUAL, **told, **(values["retake"] or {}))
