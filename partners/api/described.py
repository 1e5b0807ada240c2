"""What the API reference says of floor 2's calls: who you are, where you are reached, what was sent and answered."""

from __future__ import annotations

from core.errors import IdempotencyInFlight, IdempotencyKeyReused, InvalidUrl
from core.openapi.operations import PAGED, Answer, Body, Operation, Operations, Parameter
from core.openapi.schemas import moment, ref, text, whole
from partners.api.deliveries import AgainBody, DeliveriesView, DeliveryView, RedeliverManyView, RedeliverView
from partners.api.endpoints import EndpointBody, EndpointsView, EndpointView, PingBody, PingView, RotateSecretView
from partners.api.events import EventsView
from partners.api.organization import OrganizationView, SandboxClientView
from partners.api.partner import PartnerBody, PartnerView
from partners.api.requests import RequestsView
from partners.errors import (
    DeliveryWithdrawn,
    OwnCredentialsNeeded,
    SandboxOnly,
    TooManyEndpoints,
    TooManyRotations,
    UnknownPurpose,
)

# Tag → its sentence. The order is that of the guide.
TAGS = {
    "Partner": "Who you are, and where you are installed.",
    "Organization": "The host product’s side: whose client you are, and who is at work for you.",
    "Endpoints": "Where you are reached: one URL for each purpose.",
    "Events": "Everything that happened, in order, for one that pulls or was away.",
    "Deliveries": "What was owed to your endpoints, with every attempt; send it again.",
    "Request log": "Every call you made, and what was answered.",
}
PARAMETERS = {
    "purpose": Parameter(name="purpose", schema=ref("Purpose"), description="What it is for.", example="events"),
    "delivery_id": Parameter(name="delivery_id", schema=text(), description="The delivery’s id."),
}

_OWN = "It needs a token of the client credentials grant: it concerns you as a whole, not one installation."
_SINCE = Parameter(name="since", schema=moment(), description="Only those of then or later.")
_TOPIC = Parameter(name="topic", schema=text(), description="Only those of this topic.")
_SUBJECT = Parameter(name="subject", schema=text(), description="Only those about the thing of this id.")
_INSTALLATION = Parameter(name="installation", schema=text(), description="Only those of this installation.")
_URL = {"url": "https://hooks.codeforge.example/assay", "enabled": True}

# What comes before the examples of an organization's side.
_HOST = ("sandbox_organization_client",)

OPERATIONS: Operations = {
    PartnerView: {
        "get": Operation(
            id="partner_get",
            tag="Partner",
            summary="Says who you are, what your token may do, and where you are installed.",
            answers={200: Answer(sentence="You.", schema=ref("Partner"))},
        ),
        "patch": Operation(
            id="partner_pin",
            tag="Partner",
            summary="Chooses the version that your calls speak when they name none.",
            description=_OWN,
            body=Body(shape=PartnerBody, example={"api_version": "2026-12-01"}),
            answers={200: Answer(sentence="You.", schema=ref("Partner"))},
            errors=(OwnCredentialsNeeded,),
        ),
    },
    OrganizationView: {
        "get": Operation(
            id="organization_get",
            tag="Organization",
            summary="Says whose client you are, what your token may do, and which partners are at work.",
            answers={200: Answer(sentence="You.", schema=ref("Organization"))},
            after=_HOST,
        ),
        "patch": Operation(
            id="organization_pin",
            tag="Organization",
            summary="Chooses the version that the calls of this client speak when they name none.",
            body=Body(shape=PartnerBody, example={"api_version": "2026-12-01"}),
            answers={200: Answer(sentence="You.", schema=ref("Organization"))},
            after=_HOST,
        ),
    },
    SandboxClientView: {
        "post": Operation(
            id="sandbox_organization_client",
            tag="Organization",
            summary="Makes a client of your sandbox organization, with a token, to try the other side.",
            description="The same client each time, with a new secret: what it had before works no more.",
            answers={201: Answer(sentence="The client; keep its secret.", schema=ref("SandboxClient"))},
            errors=(OwnCredentialsNeeded, SandboxOnly),
            gives={"organization_token": "/access_token", "installation_id": "/installation"},
        )
    },
    EndpointsView: {
        "get": Operation(
            id="endpoints_list",
            tag="Endpoints",
            summary="Lists your endpoints.",
            description=_OWN,
            query=PAGED,
            answers={200: Answer(sentence="One page.", schema=ref("EndpointPage"))},
        )
    },
    EndpointView: {
        "get": Operation(
            id="endpoints_get",
            tag="Endpoints",
            summary="Reads the endpoint of one purpose.",
            description=_OWN,
            answers={200: Answer(sentence="The endpoint.", schema=ref("Endpoint"))},
            errors=(UnknownPurpose,),
            after=["endpoints_put"],
        ),
        "put": Operation(
            id="endpoints_put",
            tag="Endpoints",
            summary="Names the URL at which you are called for one purpose.",
            description=(
                "The first time it answers with the signing secret, which is shown that once; with an "
                f"`Idempotency-Key` again to whoever missed the answer. {_OWN}"
            ),
            body=Body(shape=EndpointBody, example=_URL),
            answers={
                200: Answer(sentence="It was there, and is changed.", schema=ref("Endpoint")),
                201: Answer(sentence="It is new; keep its secret.", schema=ref("NewEndpoint")),
            },
            errors=(IdempotencyInFlight, IdempotencyKeyReused, InvalidUrl, TooManyEndpoints, UnknownPurpose),
        ),
    },
    RotateSecretView: {
        "post": Operation(
            id="endpoints_rotate_secret",
            tag="Endpoints",
            summary="Makes a new signing secret; the old one signs too for a day.",
            description=_OWN,
            answers={200: Answer(sentence="The endpoint with its new secret.", schema=ref("NewEndpoint"))},
            errors=(UnknownPurpose, TooManyRotations),
            after=["endpoints_put"],
        )
    },
    PingView: {
        "post": Operation(
            id="endpoints_ping",
            tag="Endpoints",
            summary="Sends a `ping` to the endpoint, or a sample of another topic, as everything else is sent.",
            description=_OWN,
            body=Body(shape=PingBody, example={"topic": "order.placed"}, required=False),
            answers={202: Answer(sentence="The delivery; its attempts tell how it went.", schema=ref("Delivery"))},
            errors=(UnknownPurpose,),
            after=["endpoints_put"],
            gives={"delivery_id": "/id"},
        )
    },
    EventsView: {
        "get": Operation(
            id="events_list",
            tag="Events",
            summary="Lists what happened, oldest first, from a place that you keep.",
            query=(
                Parameter(name="since", schema=text(), description="A `next_since`, or a moment."),
                _TOPIC,
                _SUBJECT,
                _INSTALLATION,
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("EventFeed"))},
        )
    },
    DeliveriesView: {
        "get": Operation(
            id="deliveries_list",
            tag="Deliveries",
            summary="Lists what was owed to your endpoints, newest first.",
            query=(
                Parameter(name="state", schema=ref("DeliveryState"), description="Only those that stand so."),
                _TOPIC,
                _SUBJECT,
                _INSTALLATION,
                _SINCE,
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("DeliveryPage"))},
        )
    },
    DeliveryView: {
        "get": Operation(
            id="deliveries_get",
            tag="Deliveries",
            summary="Reads one delivery with its body and every attempt.",
            answers={200: Answer(sentence="The delivery.", schema=ref("DeliveryDetail"))},
            after=["endpoints_ping"],
        )
    },
    RedeliverView: {
        "post": Operation(
            id="deliveries_redeliver",
            tag="Deliveries",
            summary="Sends a delivery again, with the same `webhook-id`.",
            answers={202: Answer(sentence="It is due now.", schema=ref("Delivery"))},
            errors=(DeliveryWithdrawn,),
            after=["endpoints_ping"],
        )
    },
    RedeliverManyView: {
        "post": Operation(
            id="deliveries_redeliver_failed",
            tag="Deliveries",
            summary="Sends again whatever failed in a time, or a range of events, each with the same `webhook-id`.",
            description="A range has a `first` and a `last` event, and takes all between them in the feed; of a long "
            "one its beginning: go on with `next` as the `first`, until it is null.",
            body=Body(shape=AgainBody, example={"since": "2026-11-01T00:00:00Z"}),
            answers={200: Answer(sentence="How many that are.", schema=ref("Redelivered"))},
        )
    },
    RequestsView: {
        "get": Operation(
            id="requests_list",
            tag="Request log",
            summary="Lists the calls you made, newest first.",
            query=(
                Parameter(name="status", schema=whole(minimum=100, maximum=599), description="Only those answered so."),
                Parameter(name="code", schema=text(), description="Only those with a problem of this code."),
                Parameter(name="request_id", schema=text(), description="Only the call of this id."),
                _SINCE,
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("CallPage"))},
        )
    },
}
