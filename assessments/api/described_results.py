"""What the API reference says of results, whether ordered or not, and of the reports beside them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from assessments.api.attachments import AttachmentsView, AttachmentView
from assessments.api.backfill import BackfillView, ToldBackfillsView, ToldBackfillView
from assessments.api.batch import ResultsBatchView
from assessments.api.bodies import LARGEST_BATCH, BackfillBody, BatchBody, BatchItemBody, ResultBody
from assessments.api.results import ResultsView
from assessments.errors import IllegalTransition, OrderPurged, UnsupportedAttachment
from assessments.models import Backfill
from core.openapi.operations import MULTIPART, PAGED, Answer, Body, Operation, Operations, Parameter
from core.openapi.schemas import Schema, choice, members, ref, text
from partners.errors import InstallationPaused

TAGS = {"Results": "What you found, in numbered revisions, and the reports beside it."}
PARAMETERS = {
    "backfill_id": Parameter(name="backfill_id", schema=text(), description="The back-fill’s id."),
    "attachment_id": Parameter(name="attachment_id", schema=text(), description="The report’s id."),
}

_FILE: Schema = members({"file": text("A PDF or PNG of at most 10 MiB.", format="binary")})


@extend_schema_serializer(component_name="BatchBody")
class DescribedBatch(BatchBody):
    """What a batch is taken as: each item is checked by itself, so the body's own serializer looks at none."""

    results = serializers.ListField(
        child=BatchItemBody(),
        allow_empty=False,
        max_length=LARGEST_BATCH,
        help_text="Each is taken or refused by itself.",
    )


OPERATIONS: Operations = {
    ResultsView: {
        "get": Operation(
            id="results_list",
            tag="Results",
            summary="Lists the revisions of an order’s result, newest first.",
            description="An organization gets them with their documents, as far as its admins may see them.",
            query=PAGED,
            answers={200: Answer(sentence="One page.", schema=ref("ResultPage"))},
            errors=(InstallationPaused,),
            after=["sandbox_orders_place"],
        ),
        "post": Operation(
            id="results_post",
            tag="Results",
            summary="Posts a result: a new revision.",
            description="A document that breaks its schema is 422 with every place at once, and is kept all the same."
            " So is one that changes a final result without a `reason`.",
            body=Body(shape=ResultBody, example={"kind": "final", "document": {"wpm": 112}}),
            answers={
                200: Answer(
                    sentence="It is there already; `superseded_by` names a newer one.", schema=ref("ResultTaken")
                ),
                201: Answer(sentence="It is taken.", schema=ref("ResultTaken")),
            },
            errors=(IllegalTransition, OrderPurged),
            after=["sandbox_orders_place"],
        ),
    },
    ResultsBatchView: {
        "post": Operation(
            id="results_batch",
            tag="Results",
            summary="Posts up to 500 results; each is taken or refused by itself.",
            description="10 MiB in all. The orders are named by their ids, or by your references.",
            body=Body(
                shape=DescribedBatch,
                example={"results": [{"order": "{order_id}", "kind": "final", "document": {"wpm": 112}}]},
            ),
            answers={200: Answer(sentence="What became of each.", schema=ref("BatchTaken"))},
            after=["sandbox_orders_place"],
        )
    },
    BackfillView: {
        "post": Operation(
            id="backfills_post",
            tag="Results",
            summary="Posts a result without an order.",
            description="A document that breaks the newest published schema of the type is 422 with every place.",
            body=Body(
                shape=BackfillBody,
                example={
                    "assessment_type": "english",
                    "candidate": {"email": "robin.ashcombe@candidates.example"},
                    "kind": "final",
                    "document": {"wpm": 98},
                    "occurred_at": "2025-03-04T10:00:00Z",
                },
            ),
            answers={
                201: Answer(sentence="It is attached: there is a completed order with it.", schema=ref("Backfill")),
                202: Answer(sentence="It is kept, until its candidate is found.", schema=ref("Backfill")),
            },
            errors=(InstallationPaused,),
            after=["result_schemas_publish"],
            gives={"backfill_id": "/id"},
        )
    },
    ToldBackfillsView: {
        "get": Operation(
            id="backfills_list",
            tag="Results",
            summary="Lists your results without an order, newest first.",
            query=(
                Parameter(name="state", schema=choice(Backfill.State.values), description="Only those that stand so."),
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("BackfillPage"))},
        )
    },
    ToldBackfillView: {
        "get": Operation(
            id="backfills_get",
            tag="Results",
            summary="Reads what became of one of them, as far as it may be told.",
            answers={200: Answer(sentence="The back-fill.", schema=ref("Backfill"))},
            after=["backfills_post"],
        )
    },
    AttachmentsView: {
        "get": Operation(
            id="attachments_list",
            tag="Results",
            summary="Lists the reports of an order, as an organization.",
            query=PAGED,
            answers={200: Answer(sentence="One page.", schema=ref("AttachmentPage"))},
            after=["sandbox_organization_client", "attachments_post"],
        ),
        "post": Operation(
            id="attachments_post",
            tag="Results",
            summary="Sends a report along: one PDF or PNG.",
            body=Body(shape=_FILE, example={"file": "report.pdf"}, media=MULTIPART),
            answers={
                200: Answer(sentence="The same content is there already.", schema=ref("Attachment")),
                201: Answer(sentence="It is kept.", schema=ref("Attachment")),
            },
            errors=(OrderPurged, UnsupportedAttachment),
            after=["sandbox_orders_place"],
            gives={"attachment_id": "/id"},
        ),
    },
    AttachmentView: {
        "get": Operation(
            id="attachments_get",
            tag="Results",
            summary="Downloads a report, as an organization.",
            answers={
                200: Answer(sentence="A PDF or PNG.", schema=text(format="binary"), media="application/octet-stream")
            },
            after=["sandbox_organization_client", "attachments_post"],
        )
    },
}
