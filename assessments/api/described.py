"""What the API reference says of floor 3's calls: of the catalogue here, and with it of all the others."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from assessments.api import described_erasures, described_orders, described_results
from assessments.api.bodies import KEY, AssessmentTypeBody, CatalogueBody, DocumentBody, SchemaBody
from assessments.api.catalogue import AssessmentTypesView, AssessmentTypeView
from assessments.api.examples import ORDER_SCHEMA, RESULT_SCHEMA
from assessments.api.host import described as host
from assessments.api.schemas import PublishView, ResultSchemasView, ResultSchemaView, ValidateView
from assessments.errors import SchemaRetired
from core.errors import PreconditionFailed
from core.openapi.operations import PAGED, UNCHANGED, Answer, Body, Operation, Operations, Parameter
from core.openapi.schemas import ref, text, whole

# Tag → its sentence. The order is that of the guide.
TAGS = {
    "Catalogue": "What you offer.",
    "Result schemas": "What your results look like: draft, try, publish.",
    **described_orders.TAGS,
    **described_results.TAGS,
    **described_erasures.TAGS,
    **host.TAGS,
}
PARAMETERS = {
    "key": Parameter(name="key", schema=text(), description="Your own name of the type.", example="english"),
    "version": Parameter(name="version", schema=whole(minimum=1), description="The number.", example=1),
    **described_orders.PARAMETERS,
    **described_results.PARAMETERS,
    **described_erasures.PARAMETERS,
    **host.PARAMETERS,
}


@extend_schema_serializer(component_name="AssessmentTypePutBody")
class DescribedType(AssessmentTypeBody):
    """The path says the key; the body may repeat it."""

    key = serializers.RegexField(rf"^{KEY}\Z", required=False, help_text="That of the path.")


_TYPE = {"name": "English, spoken", "kind": "language", "order_schema": ORDER_SCHEMA}

_CATALOGUE: Operations = {
    AssessmentTypesView: {
        "get": Operation(
            id="assessment_types_list",
            tag="Catalogue",
            summary="Lists your catalogue, retired types too.",
            query=PAGED,
            answers={200: Answer(sentence="One page.", schema=ref("AssessmentTypePage")), **UNCHANGED},
        ),
        "put": Operation(
            id="assessment_types_replace",
            tag="Catalogue",
            summary="Replaces the whole catalogue, all or nothing: what is not in it is retired.",
            body=Body(shape=CatalogueBody, example={"data": [{"key": "english", **_TYPE}]}),
            description="Of conditions only `If-Match: *` passes: a list is always there, and has weak tags.",
            answers={200: Answer(sentence="The catalogue.", schema=ref("AssessmentTypePage"))},
            errors=(PreconditionFailed,),
            tagged=False,
        ),
    },
    AssessmentTypeView: {
        "get": Operation(
            id="assessment_types_get",
            tag="Catalogue",
            summary="Reads one type.",
            answers={200: Answer(sentence="The type.", schema=ref("AssessmentType")), **UNCHANGED},
            after=["assessment_types_put"],
        ),
        "put": Operation(
            id="assessment_types_put",
            tag="Catalogue",
            summary="Creates or replaces a type; a retired one is on offer again.",
            description="With `If-Match` only if it still has that `ETag`; with `If-None-Match: *` only if it is new.",
            body=Body(shape=DescribedType, example=_TYPE),
            answers={
                200: Answer(sentence="It was there, and is changed.", schema=ref("AssessmentType")),
                201: Answer(sentence="It is new.", schema=ref("AssessmentType")),
            },
            errors=(PreconditionFailed,),
            gives={"type_id": "/id"},
        ),
        "delete": Operation(
            id="assessment_types_retire",
            tag="Catalogue",
            summary="Retires a type: no new orders, those in flight live on.",
            answers={204: Answer(sentence="It is retired.", schema=None)},
            errors=(PreconditionFailed,),
            after=["assessment_types_put"],
            ends=["assessment_types_put"],
        ),
    },
}

_SCHEMAS: Operations = {
    ResultSchemasView: {
        "get": Operation(
            id="result_schemas_list",
            tag="Result schemas",
            summary="Lists the versions of a type’s result schema, newest first.",
            query=PAGED,
            answers={200: Answer(sentence="One page.", schema=ref("ResultSchemaPage")), **UNCHANGED},
            after=["assessment_types_put"],
        ),
        "post": Operation(
            id="result_schemas_draft",
            tag="Result schemas",
            summary="Drafts the next version; the same schema again is the same version.",
            body=Body(shape=SchemaBody, example={"schema": RESULT_SCHEMA}),
            answers={201: Answer(sentence="The draft.", schema=ref("ResultSchema"))},
            errors=(PreconditionFailed,),
            tagged=False,
            after=["assessment_types_put"],
        ),
    },
    ResultSchemaView: {
        "get": Operation(
            id="result_schemas_get",
            tag="Result schemas",
            summary="Reads one version.",
            answers={200: Answer(sentence="The version.", schema=ref("ResultSchema")), **UNCHANGED},
            after=["result_schemas_draft"],
        )
    },
    ValidateView: {
        "post": Operation(
            id="result_schemas_validate",
            tag="Result schemas",
            summary="Tries a document against a version; nothing is stored.",
            body=Body(shape=DocumentBody, example={"document": {"wpm": 112}}),
            answers={200: Answer(sentence="The verdict, whichever it is.", schema=ref("Validation"))},
            after=["result_schemas_draft"],
        )
    },
    PublishView: {
        "post": Operation(
            id="result_schemas_publish",
            tag="Result schemas",
            summary="Publishes a version: immutable from now on, and that of new orders.",
            description="With `If-Match` only if the version still has that `ETag`.",
            answers={200: Answer(sentence="It is published.", schema=ref("ResultSchema"))},
            errors=(PreconditionFailed, SchemaRetired),
            tagged=False,
            after=["result_schemas_draft"],
        )
    },
}

OPERATIONS: Operations = {
    **_CATALOGUE,
    **_SCHEMAS,
    **described_orders.OPERATIONS,
    **described_results.OPERATIONS,
    **described_erasures.OPERATIONS,
    **host.OPERATIONS,
}
