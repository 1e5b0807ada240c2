"""The reference as files for programs: what it says of itself."""

from __future__ import annotations

from core.openapi.operations import UNCHANGED, Answer, Operation, Route
from core.openapi.schemas import free

_OPENAPI = free("OpenAPI 3.1.", example={"openapi": "3.1.1"})
_POSTMAN = free("A collection.", example={"info": {}, "item": []})

TAGS = {"Reference": "This reference, for programs."}
ROUTES = (
    Route(
        path="/api/v1/openapi.json",
        method="get",
        operation=Operation(
            id="openapi_document",
            tag="Reference",
            summary="Gives this reference as OpenAPI 3.1.",
            answers={200: Answer(sentence="The document; it has an `ETag`.", schema=_OPENAPI), **UNCHANGED},
        ),
    ),
    Route(
        path="/api/v1/postman.json",
        method="get",
        operation=Operation(
            id="postman_collection",
            tag="Reference",
            summary="Gives this reference as a Postman collection.",
            answers={200: Answer(sentence="Postman’s format 2.1; it has an `ETag`.", schema=_POSTMAN), **UNCHANGED},
        ),
    ),
)
