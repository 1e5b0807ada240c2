"""What the API reference says of orders, of what is told about them, and of their results; in the guide's order."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from assessments.api.attachments import AttachmentsView, AttachmentView
from assessments.api.backfill import BackfillView, ToldBackfillsView, ToldBackfillView
from assessments.api.batch import ResultsBatchView
from assessments.api.bodies import (
    LARGEST_BATCH,
    AcceptBody,
    AcknowledgeBody,
    BackfillBody,
    BatchBody,
    BatchItemBody,
    DeclineBody,
    ResultBody,
    SandboxErasureBody,
    SandboxOrderBody,
    UpdateBody,
)
from assessments.api.erasures import AcknowledgeView, ErasuresView, ErasureView, SandboxErasuresView
from assessments.api.host.bodies import CancelBody, PlaceBody
from assessments.api.orders import CancelView, OrdersView, OrderView, ResumeView
from assessments.api.results import ResultsView
from assessments.api.sandbox import SandboxOrdersView
from assessments.api.updates import AcceptView, DeclineView, UpdatesView, UpdateView
from assessments.errors import (
    ApplicationNotActive,
    AssessmentTypeRetired,
    IllegalTransition,
    InstallationNotActive,
    OrderPurged,
    UnderLegalHold,
    UnsupportedAttachment,
)
from core.openapi.operations import MULTIPART, PAGED, Answer, Body, Operation, Operations, Parameter
from core.openapi.schemas import Schema, choice, members, ref, text
from partners.errors import InstallationPaused, PartnerSuspended, SandboxOnly

TAGS = {
    "Orders": "What is asked of you, and what you say to it.",
    "Results": "What you found, in numbered revisions, and the reports beside it.",
    "Erasures": "Candidates who were erased: erase them too, and say so.",
}
PARAMETERS = {
    "order_id": Parameter(name="order_id", schema=text(), description="The order’s id."),
    "erasure_id": Parameter(name="erasure_id", schema=text(), description="The erasure’s id."),
    "backfill_id": Parameter(name="backfill_id", schema=text(), description="The back-fill’s id."),
    "attachment_id": Parameter(name="attachment_id", schema=text(), description="The report’s id."),
    "update_id": Parameter(name="update_id", schema=text(), description="The update’s id."),
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


_TOLD_BEFORE = "It was told before; nothing is doubled."

_ORDERS: Operations = {
    SandboxOrdersView: {
        "post": Operation(
            id="sandbox_orders_place",
            tag="Orders",
            summary="Orders from yourself, as your sandbox organization would.",
            body=Body(shape=SandboxOrderBody, example={"assessment_type": "english", "fields": {"accent": "any"}}),
            answers={201: Answer(sentence="The order, which is now in your queue.", schema=ref("Order"))},
            errors=(AssessmentTypeRetired, InstallationNotActive, SandboxOnly),
            after=["result_schemas_publish"],
            gives={"order_id": "/id"},
        )
    },
    OrdersView: {
        "get": Operation(
            id="orders_list",
            tag="Orders",
            summary="Lists what is asked of you, or what you ordered, oldest first: a queue to work through.",
            query=(
                Parameter(name="status", schema=ref("OrderStatus"), description="Only those that stand so."),
                Parameter(
                    name="since",
                    schema=text(),
                    description="A `next_since`, or a moment: then it is the feed of changes, in their order.",
                ),
                Parameter(name="installation", schema=text(), description="Only those of this installation."),
                Parameter(name="candidate", schema=text(), description="Only those of this candidate."),
                Parameter(name="application", schema=text(), description="Only those of this application."),
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("OrderPage"))},
            after=["sandbox_orders_place"],
        ),
        "post": Operation(
            id="orders_place",
            tag="Orders",
            summary="Orders an assessment of a candidate, as an organization.",
            body=Body(
                shape=PlaceBody,
                example={
                    "application": "{application_id}",
                    "installation": "{installation_id}",
                    "assessment_type": "english",
                    "fields": {"accent": "any"},
                },
            ),
            answers={201: Answer(sentence="The order, which is on its way.", schema=ref("Order"))},
            errors=(ApplicationNotActive, AssessmentTypeRetired, InstallationNotActive, PartnerSuspended),
            after=["result_schemas_publish", "applications_add"],
            gives={"placed_order_id": "/id"},
        ),
    },
    CancelView: {
        "post": Operation(
            id="orders_cancel",
            tag="Orders",
            summary="Cancels an order, as an organization; its partner is asked to stop.",
            body=Body(shape=CancelBody, example={"reason": "The position is filled."}, required=False),
            answers={200: Answer(sentence="It is cancelled.", schema=ref("Order"))},
            errors=(IllegalTransition,),
            after=["sandbox_organization_client", "sandbox_orders_place"],
        )
    },
    OrderView: {
        "get": Operation(
            id="orders_get",
            tag="Orders",
            summary="Reads one order.",
            answers={200: Answer(sentence="The order.", schema=ref("Order"))},
            errors=(InstallationPaused,),
            after=["sandbox_orders_place"],
        )
    },
    ResumeView: {
        "get": Operation(
            id="orders_resume",
            tag="Orders",
            summary="Downloads the candidate’s résumé.",
            answers={
                200: Answer(sentence="A PDF.", schema=text(format="binary"), media="application/pdf"),
            },
            errors=(InstallationPaused,),
            after=["sandbox_orders_place"],
        )
    },
    AcceptView: {
        "post": Operation(
            id="orders_accept",
            tag="Orders",
            summary="Accepts an order.",
            description="You need not: an order that you start or answer with a result is accepted by that.",
            body=Body(
                shape=AcceptBody,
                example={"reference": "eng-4711", "candidate_url": "https://english.example/t/4711"},
            ),
            answers={
                200: Answer(sentence=_TOLD_BEFORE, schema=ref("UpdateTaken")),
                201: Answer(sentence="It is accepted.", schema=ref("UpdateTaken")),
            },
            errors=(IllegalTransition, OrderPurged),
            after=["sandbox_orders_place"],
        )
    },
    DeclineView: {
        "post": Operation(
            id="orders_decline",
            tag="Orders",
            summary="Declines an order; the recruiter reads why.",
            body=Body(shape=DeclineBody, example={"message": "We do not offer this language any more."}),
            answers={
                200: Answer(sentence=_TOLD_BEFORE, schema=ref("UpdateTaken")),
                201: Answer(sentence="It is declined.", schema=ref("UpdateTaken")),
            },
            errors=(IllegalTransition, OrderPurged),
            after=["sandbox_orders_place"],
        )
    },
    UpdatesView: {
        "get": Operation(
            id="updates_list",
            tag="Orders",
            summary="Lists all that was told about an order, refused and rejected things too.",
            query=PAGED,
            answers={200: Answer(sentence="One page.", schema=ref("UpdatePage"))},
            errors=(InstallationPaused,),
            after=["sandbox_orders_place"],
        ),
        "post": Operation(
            id="updates_post",
            tag="Orders",
            summary="Tells how an order goes.",
            body=Body(
                shape=UpdateBody,
                example={"kind": "progress", "progress": 40, "note": "The second of five parts."},
            ),
            answers={
                200: Answer(sentence=_TOLD_BEFORE, schema=ref("UpdateTaken")),
                201: Answer(sentence="It is kept; `outcome` says what it did.", schema=ref("UpdateTaken")),
            },
            errors=(IllegalTransition, OrderPurged),
            after=["sandbox_orders_place"],
            gives={"update_id": "/id"},
        ),
    },
    UpdateView: {
        "get": Operation(
            id="updates_get",
            tag="Orders",
            summary="Reads one update with the text as it came: a rejected document is found here.",
            answers={200: Answer(sentence="The update.", schema=ref("UpdateDetail"))},
            errors=(InstallationPaused,),
            after=["updates_post"],
        )
    },
}

_RESULTS: Operations = {
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
            description="A document that breaks its schema is 422 with every place at once, and is kept all the same.",
            body=Body(shape=ResultBody, example={"kind": "final", "document": {"wpm": 112}}),
            answers={
                200: Answer(sentence="It is there already.", schema=ref("ResultTaken")),
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
            query=PAGED,
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

_ERASURES: Operations = {
    SandboxErasuresView: {
        "post": Operation(
            id="sandbox_erasures_place",
            tag="Erasures",
            summary="Erases the candidate of one of your sandbox orders, as your sandbox organization would.",
            description="A new candidate with the same name takes their place.",
            body=Body(shape=SandboxErasureBody, example={"order": "{order_id}"}),
            answers={
                200: Answer(sentence="They were erased before.", schema=ref("Erasure")),
                201: Answer(sentence="It is done, and you are told.", schema=ref("Erasure")),
            },
            errors=(SandboxOnly, UnderLegalHold),
            after=["sandbox_orders_place"],
            gives={"erasure_id": "/id"},
        )
    },
    ErasuresView: {
        "get": Operation(
            id="erasures_list",
            tag="Erasures",
            summary="Lists the erasures that concern you, newest first.",
            query=(
                Parameter(
                    name="acknowledged",
                    schema=choice(["true", "false"]),
                    description="`false`: only those that you have not acknowledged.",
                ),
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("ErasurePage"))},
        )
    },
    ErasureView: {
        "get": Operation(
            id="erasures_get",
            tag="Erasures",
            summary="Reads one erasure.",
            answers={200: Answer(sentence="The erasure.", schema=ref("Erasure"))},
            after=["sandbox_erasures_place"],
        )
    },
    AcknowledgeView: {
        "post": Operation(
            id="erasures_acknowledge",
            tag="Erasures",
            summary="Says that you erased what you hold of the candidate.",
            description="The first word counts. It stands on the organization’s receipt.",
            body=Body(shape=AcknowledgeBody, example={"message": "Erased, backups included."}),
            answers={
                200: Answer(sentence=_TOLD_BEFORE, schema=ref("Erasure")),
                201: Answer(sentence="It is acknowledged.", schema=ref("Erasure")),
            },
            after=["sandbox_erasures_place"],
        )
    },
}

OPERATIONS: Operations = {**_ORDERS, **_RESULTS, **_ERASURES}
