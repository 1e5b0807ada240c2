"""The shapes of floor 3's answers as OpenAPI components: orders, updates, results, types, schemas, attachments."""

from __future__ import annotations

from assessments.api.examples import ORDER_SCHEMA, RESULT_SCHEMA
from assessments.api.host.components import COMPONENTS as OF_THE_HOST
from assessments.api.host.components import OF_AN_ORDER, RETAKE
from assessments.lifecycle import Status
from assessments.models import AssessmentType, Backfill, Order, OrderUpdate, Result, ResultSchema
from assessments.models.orders import Outcome
from core.openapi.schemas import (
    Schema,
    anything,
    choice,
    extended,
    flag,
    free,
    identifier,
    listed,
    members,
    moment,
    null_here,
    or_null,
    page_of,
    ref,
    text,
    url,
    whole,
)

_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_ASKED = [state for state in Order.Cancellation.values if state != Order.Cancellation.NONE]
_CANDIDATE = members(
    {"id": identifier("cand")},
    {
        "first_name": or_null(text("Scope `candidates.name:read`.", example="Robin")),
        "last_name": or_null(text("Scope `candidates.name:read`.", example="Ashcombe")),
        "email": or_null(text("Scope `candidates.email:read`.", example="robin.ashcombe@candidates.example")),
        "phone": or_null(text("Scope `candidates.phone:read`.", example="+44 20 7946 0101")),
        "resume_url": null_here(text("A download for the same token; scope `candidates.resume:read`.", format="uri")),
    },
    description="The id, and what both your token and the organization let out.",
)

_ORDER = members(
    {
        "id": identifier("ord"),
        "status": ref("OrderStatus"),
        "assessment_type": text("The key of your type.", example="english"),
        "schema_version": or_null(whole("The version its results are checked by.", minimum=1)),
        "candidate": ref("Candidate"),
        "job": members({"id": identifier("job"), "title": text(example="Software engineer")}),
        "organization": members({"id": identifier("org"), "name": text(example="CodeForge sandbox")}),
        "installation": identifier("ins"),
        "fields": free("What the recruiter filled in, by your order schema.", example={"accent": "any"}),
        "reference": or_null(text("Your own id of it.", example="eng-4711")),
        "candidate_url": or_null(url("Where the candidate takes it.", example="https://english.example/t/4711")),
        "deadline_at": or_null(moment("When it expires without a final result; null for never.")),
        "cancellation": null_here(
            members(
                {"state": choice(_ASKED), "reason": or_null(text())},
                description="What the organization asked for, and how far it is; null where it did not cancel.",
            )
        ),
        "purged_at": null_here(moment("When what it held was deleted; nothing is taken for it any more.")),
        "created_at": moment(),
        "updated_at": moment(),
    },
    # What only the organization's own programs see.
    OF_AN_ORDER,
    description="One assessment of one candidate: asked of you, or of a partner of yours.",
)

_UPDATE = members(
    {
        "id": identifier("upd"),
        "order": identifier("ord"),
        "kind": choice(OrderUpdate.Kind.values),
        "source": choice(OrderUpdate.Source.values),
        "outcome": ref("UpdateOutcome"),
        "told": free("What was understood of it.", example={"progress": 40}),
        "problems": listed(ref("ProblemPlace"), "Why it was rejected.", example=[]),
        "request_id": text("The call it came with.", example="req_06h0knponcaf54p80p72kddup0"),
        "occurred_at": moment(),
        "received_at": moment(),
    },
    description="Something that was told about an order.",
)

_RESULT = members(
    {
        "id": identifier("res"),
        "order": identifier("ord"),
        "revision": whole("From 1; a revision never changes.", minimum=1),
        "kind": choice(Result.Kind.values),
        "reason": null_here(text("Why it changed.")),
        "schema_version": or_null(whole(minimum=1)),
        "outcome": choice(Outcome.values, "What the result says, never what the process did."),
        "late": flag("It came after the order had ended."),
        "purged_at": null_here(moment("When what it said was deleted.")),
        "occurred_at": moment(),
        "received_at": moment(),
    },
    {
        "document": anything(
            "Only for an organization: what was found, as far as an admin may see it.", example={"wpm": 112}
        )
    },
    description="One revision of an order’s result.",
)

_OVERTAKEN = "Null where a newer one had overtaken it: it is kept, and changes nothing."
_SUPERSEDED = "The newest revision, where this is an older one told again: it counts no more than before."
_TAKEN_UPDATE = members({"id": identifier("upd"), "outcome": ref("UpdateOutcome")})
# Of a result, what the answer to a post says otherwise or not at all.
_NOT_SAID = {"id", "order", "revision", "document"}
_RECORDED = members(
    {
        "id": or_null(identifier("res", _OVERTAKEN)),
        "order": identifier("ord"),
        "revision": or_null(whole(_OVERTAKEN, minimum=1)),
        "superseded_by": null_here(whole(_SUPERSEDED, minimum=1)),
        "status": ref("OrderStatus"),
        "update": _TAKEN_UPDATE,
        "problems": listed(ref("ProblemPlace"), "Empty: a document with problems is 422.", example=[]),
    },
    {name: schema for name, schema in _RESULT["properties"].items() if name not in _NOT_SAID},
    description="A result that was taken, and where its order stands now.",
)

_LINE = members(
    {"index": whole("Which item of the batch this is about, from 0.", minimum=0), "status": whole(example=201)},
    {
        "id": or_null(identifier("res", _OVERTAKEN)),
        "order": identifier("ord"),
        "revision": or_null(whole(_OVERTAKEN, minimum=1)),
        "superseded_by": null_here(whole(_SUPERSEDED, minimum=1)),
        "update": _TAKEN_UPDATE,
        "problem": ref("Problem"),
    },
    description="What the single call would have answered: `status`, and the `problem` of one that was refused.",
)

_BACKFILL = members(
    {
        "id": identifier("bf"),
        "state": choice(Backfill.State.values, "Of one that named an address never more than `received`."),
        "assessment_type": text("The key of your type.", example="english"),
        "installation": identifier("ins"),
        "reference": or_null(text("Your own id of it.", example="eng-old-17")),
        "schema_version": whole("The version that it was checked by.", minimum=1),
        "order": null_here(identifier("ord", "The order that was made of it.")),
        "result": null_here(identifier("res", "Its first revision.")),
        "problems": listed(
            ref("ProblemPlace"), "Why it was rejected; of one that named an address, only the refusal says.", example=[]
        ),
        "occurred_at": moment(),
        "received_at": moment(),
    },
    description="A result without an order, and what became of it.",
)

_TYPE = members(
    {
        "id": identifier("at"),
        "key": text("Your own name of it.", example="english"),
        "name": text(example="English, spoken"),
        "description": text(example="Forty minutes with a person."),
        "kind": choice(AssessmentType.Kind.values),
        "order_schema": or_null(free("The JSON Schema of what a recruiter fills in.", example=ORDER_SCHEMA)),
        "deadline_days": or_null(whole("How long the candidate has; null for no deadline.", minimum=1, example=14)),
        "retake": RETAKE,
        "retention": null_here(text("How long a result is kept at most.", example="P18M")),
        "valid_months": or_null(whole("How long a result is good; null for always.", minimum=1, example=12)),
        "remind_after_days": null_here(whole("When a candidate who has not started is reminded.", minimum=0)),
        "retired": flag("No longer on offer."),
        "created_at": moment(),
        "updated_at": moment(),
    },
    description="What a recruiter can pick from your catalogue.",
)

_SCHEMA = members(
    {
        "assessment_type": text("The key of its type.", example="english"),
        "version": whole(minimum=1),
        "state": choice(ResultSchema.State.values),
        "digest": text("SHA-256 of its RFC 8785 form, in hex.", example=_SHA256),
        "schema": anything("The JSON Schema, as you sent it.", example=RESULT_SCHEMA),
        "created_at": moment(),
        "published_at": or_null(moment()),
    },
    description="One version of what your results look like.",
)

_ATTACHMENT = members(
    {
        "id": identifier("att"),
        "order": identifier("ord"),
        "name": text(example="report.pdf"),
        "content_type": text("By its content, not its name.", example="application/pdf"),
        "size": whole("Bytes.", minimum=0, example=48213),
        "sha256": text("In hex.", example=_SHA256),
        "created_at": moment(),
    },
    description="A report that travels beside the results.",
)

_ERASURE = members(
    {
        "id": identifier("era"),
        "candidate": identifier("cand"),
        "organization": identifier("org"),
        "installation": identifier("ins"),
        "orders": listed(identifier("ord"), "The orders by which you know the candidate."),
        "erased_at": moment("When it was done on our side."),
        "acknowledgement": null_here(
            members(
                {
                    "acknowledged_at": moment(),
                    "erased_at": moment("When you erased what you held, as you said."),
                    "message": or_null(text()),
                },
                description="What you answered; null until you do.",
            )
        ),
    },
    description="The erasure of a candidate whom you had orders for.",
)

COMPONENTS: dict[str, Schema] = {
    "OrderStatus": choice(Status, "Where an order stands; the guide on orders has the whole table."),
    "UpdateOutcome": choice(OrderUpdate.Outcome.values, "What became of something told."),
    "Candidate": _CANDIDATE,
    "Order": _ORDER,
    "OrderPage": members(
        {**page_of("Order")["properties"]},
        {"next_since": text("Only with `since`: the `since` of the next question.", example="gAAAAABpLXv3")},
    ),
    "Update": _UPDATE,
    "UpdatePage": page_of("Update"),
    "UpdateTaken": extended(
        _UPDATE, {"status": ref("OrderStatus")}, description="An update, and where its order stands now."
    ),
    "UpdateDetail": extended(
        _UPDATE,
        {"body": text("The text as it came.", example='{"kind": "progress", "progress": 40}')},
        description="An update with the text as it came.",
    ),
    "Result": _RESULT,
    "ResultPage": page_of("Result"),
    "ResultTaken": _RECORDED,
    "BatchLine": _LINE,
    "BatchTaken": members({"data": listed(ref("BatchLine"))}, description="What became of each item of a batch."),
    "Backfill": _BACKFILL,
    "BackfillPage": page_of("Backfill"),
    "Erasure": _ERASURE,
    "ErasurePage": page_of("Erasure"),
    "AssessmentType": _TYPE,
    "AssessmentTypePage": page_of("AssessmentType"),
    "ResultSchema": _SCHEMA,
    "ResultSchemaPage": page_of("ResultSchema"),
    "Validation": members(
        {
            "valid": flag(example=True),
            "problems": listed(ref("ProblemPlace"), "Pointers lead into the document.", example=[]),
        },
        description="Whether a document fits a schema.",
    ),
    "Attachment": _ATTACHMENT,
    "AttachmentPage": page_of("Attachment"),
    **OF_THE_HOST,
}
