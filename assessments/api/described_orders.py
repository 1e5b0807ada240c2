"""What the API reference says of orders, and of what is told about them."""

from __future__ import annotations

from assessments.api.bodies import AcceptBody, DeclineBody, SandboxOrderBody, UpdateBody
from assessments.api.host.bodies import CancelBody, PlaceBody
from assessments.api.orders import CancelView, OrdersView, OrderView, ResumeView
from assessments.api.sandbox import SandboxOrdersView
from assessments.api.updates import AcceptView, DeclineView, UpdatesView, UpdateView
from assessments.errors import (
    ApplicationNotActive,
    AssessmentTypeRetired,
    IllegalTransition,
    InstallationNotActive,
    OrderedBefore,
    OrderPurged,
)
from core.openapi.operations import PAGED, Answer, Body, Operation, Operations, Parameter
from core.openapi.schemas import ref, text
from partners.errors import InstallationPaused, PartnerSuspended, SandboxOnly

TAGS = {"Orders": "What is asked of you, and what you say to it."}
PARAMETERS = {
    "order_id": Parameter(name="order_id", schema=text(), description="The order’s id."),
    "update_id": Parameter(name="update_id", schema=text(), description="The update’s id."),
}
TOLD_BEFORE = "It was told before; nothing is doubled."

OPERATIONS: Operations = {
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
                Parameter(name="job", schema=text(), description="Only those for this job."),
                Parameter(name="assessment_type", schema=text(), description="Only those of the type of this key."),
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
            errors=(
                ApplicationNotActive,
                AssessmentTypeRetired,
                InstallationNotActive,
                OrderedBefore,
                PartnerSuspended,
            ),
            after=["result_schemas_publish", "applications_add"],
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
            ends=["sandbox_orders_place"],
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
                200: Answer(sentence=TOLD_BEFORE, schema=ref("UpdateTaken")),
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
                200: Answer(sentence=TOLD_BEFORE, schema=ref("UpdateTaken")),
                201: Answer(sentence="It is declined.", schema=ref("UpdateTaken")),
            },
            errors=(IllegalTransition, OrderPurged),
            after=["sandbox_orders_place"],
            ends=["sandbox_orders_place"],
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
                200: Answer(sentence=TOLD_BEFORE, schema=ref("UpdateTaken")),
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
