"""The baselines, written as a good programmer would write them who has never heard of us, and their URLs.

P: a plain Django view that inserts the JSON with one ORM ``create``: no log-in, no validation.
N: the sensible textbook version: a DRF view, the toolkit's own token authentication and scope permission, a cached
jsonschema validator, the ORM in one transaction.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from jsonschema import Draft202012Validator
from oauth2_provider.contrib.rest_framework.authentication import OAuth2Authentication
from oauth2_provider.contrib.rest_framework.permissions import TokenHasScope
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.benchmarks.models import PlainResult, TextbookOrder, TextbookResult


@csrf_exempt
def plain(request: HttpRequest) -> JsonResponse:
    row = PlainResult.objects.create(document=json.loads(request.body))
    return JsonResponse({"id": row.pk}, status=201)


@lru_cache(maxsize=100)
def validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema))


class ResultSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["partial", "final", "amended"])
    document = serializers.JSONField()


class TextbookView(APIView):
    authentication_classes = (OAuth2Authentication,)
    permission_classes = (TokenHasScope,)
    required_scopes = ("results:write",)

    def post(self, request: Request, order_id: str) -> Response:
        posted = ResultSerializer(data=request.data)
        posted.is_valid(raise_exception=True)
        document = posted.validated_data["document"]
        with transaction.atomic():
            order = get_object_or_404(TextbookOrder.objects.select_for_update(), public_id=order_id)
            problems = [error.message for error in validator(order.schema).iter_errors(document)]
            if problems:
                return Response({"errors": problems}, status=422)
            result = TextbookResult.objects.create(order=order, document=document, score=document.get("overall"))
            order.status = "completed"
            order.save()
        return Response({"id": result.pk, "status": order.status}, status=201)


urlpatterns = [
    path("plain", plain),
    path("textbook/orders/<str:order_id>/results", TextbookView.as_view()),
]
