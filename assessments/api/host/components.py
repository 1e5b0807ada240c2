"""The shapes of what an organization's own programs get, as OpenAPI components."""

from __future__ import annotations

from assessments.api.examples import ORDER_SCHEMA
from assessments.models import AssessmentType
from core.models import Application, Job
from core.openapi.schemas import (
    Schema,
    choice,
    extended,
    flag,
    free,
    identifier,
    listed,
    members,
    moment,
    or_null,
    page_of,
    ref,
    text,
    whole,
)
from partners.models import Installation

_STAGE = members({"id": identifier("stg"), "name": text(example="Assessment")}, description="A step of a hiring plan.")

_WHO = {"id": identifier("cand"), "created_at": moment()}
_CONTACT = {
    "first_name": text(example="Lina"),
    "last_name": text(example="Okonjo"),
    "email": text(example="lina.okonjo@candidates.example"),
    "phone": or_null(text(example="+44 20 7946 0105")),
    "location": or_null(text(example="Lisbon, Portugal")),
    "time_zone": or_null(text(example="Europe/Lisbon")),
    "has_resume": flag("Whether there is a résumé."),
}
_CANDIDATE = members({**_WHO, **_CONTACT}, description="A person whom you consider.")
_CANDIDATE_WRITTEN = members(
    _WHO, _CONTACT, description="The candidate; without `candidates:read` the id, and what this very call has written."
)

_JOB = members(
    {
        "id": identifier("job"),
        "title": text(example="Data engineer"),
        "location": or_null(text(example="Remote")),
        "status": choice(Job.Status.values),
        "stages": listed(ref("Stage"), "The steps of its hiring plan, in order."),
        "created_at": moment(),
    },
    description="An opening.",
)

_APPLICATION = members(
    {
        "id": identifier("app"),
        "candidate": identifier("cand"),
        "job": identifier("job"),
        "stage": ref("Stage"),
        "status": choice(Application.Status.values),
        "applied_at": moment(),
    },
    description="A candidate for a job, at a stage.",
)

RETAKE = members(
    {
        "cool_down_days": whole("The days before the same candidate should take it again.", minimum=0),
        "counts": choice(AssessmentType.Counts.values, "Which attempt counts."),
    }
)

_OFFER = members(
    {
        "id": identifier("at"),
        "assessment_type": text("Its key, to order it by.", example="english"),
        "name": text(example="English, spoken"),
        "description": text(example="Forty minutes with a person."),
        "kind": choice(AssessmentType.Kind.values),
        "order_schema": or_null(free("The JSON Schema of an order’s `fields`.", example=ORDER_SCHEMA)),
        "schema_version": or_null(whole("The version by which its next results are checked.", minimum=1)),
        "deadline_days": or_null(whole("How long a candidate has; null for no deadline.", minimum=1, example=14)),
        "retake": RETAKE,
        "valid_months": or_null(whole("How long a result is good; null for always.", minimum=1, example=12)),
        "partner": members({"id": identifier("par"), "name": text(example="CodeForge")}),
        "installation": identifier("ins"),
    },
    description="What you can order, and of whom.",
)

_CONNECTION = members(
    {
        "id": identifier("ins"),
        "protocol": text(example="ashby"),
        "name": text(example="Lingua Metrics"),
        "status": choice(Installation.Status.values),
        "urls": free("Its address for each purpose.", example={"catalogue": "https://lingua.example/assessment.list"}),
        "has_credential": flag("Whether our calls carry one.", example=True),
        "has_key": flag("Whether the partner’s calls are known by a key of ours.", example=True),
        "candidate_fields": listed(text(example="email"), "What leaves of a candidate."),
        "doors": listed(ref("OurDoor"), "Where the partner calls us: tell it these."),
        "catalogue": members(
            {
                "state": choice(["never", "done", "failed"]),
                "sentence": text("What came of it.", example="2 assessments: 2 new."),
                "at": or_null(moment()),
            },
            description="When its catalogue was read last.",
        ),
        "connected_at": moment(),
    },
    description="A partner that you connected by the protocol it speaks.",
)

_KEYED = extended(
    _CONNECTION,
    {"key": or_null(text("The key for the partner’s own calls, this once.", example="assay_key_…"))},
    description="A connection with its key, which is never shown again; null where the protocol has none.",
)

_TRIAL = members(
    {
        "method": text(example="POST"),
        "url": text(example="https://lingua.example/assessment.list"),
        "status": or_null(whole("Null where no answer came.", example=200)),
        "elapsed_ms": whole("How long it took.", example=180),
        "body": text("The first 16 KiB of what came back.", example=""),
        "findings": listed(ref("Finding"), "What it means."),
        "offered": listed(
            members({"assessment_type": text(example="english"), "name": text(example="English test")}),
            "What could be read of the catalogue.",
        ),
    },
    description="What was asked of a partner, and what came back.",
)

# What an organization's own programs see of an order beyond a partner.
OF_AN_ORDER: dict[str, Schema] = {
    "application": identifier("app", "Only for an organization: for whom and for what."),
    "partner": members(
        {"id": identifier("par"), "name": text(example="CodeForge")}, description="Only for an organization."
    ),
    "outcome": text("Only for an organization: what its result says.", example="passed"),
    "progress": or_null(whole("Only for an organization: per cent, while it is under way.", example=40)),
    "reason": or_null(text("Only for an organization: why it ended as it did.", example="")),
    "cancellation_answer": or_null(text("Only for an organization: what the partner answered.", example="")),
    "started_at": or_null(moment("Only for an organization.")),
    "completed_at": or_null(moment("Only for an organization.")),
    "valid_until": or_null(moment("Only for an organization: until when its result is good; null for always.")),
}

COMPONENTS: dict[str, Schema] = {
    "Stage": _STAGE,
    "HiringCandidate": _CANDIDATE,
    "HiringCandidateWritten": _CANDIDATE_WRITTEN,
    "HiringCandidatePage": page_of("HiringCandidate"),
    "Job": _JOB,
    "JobPage": page_of("Job"),
    "Application": _APPLICATION,
    "ApplicationPage": page_of("Application"),
    "Offer": _OFFER,
    "OfferPage": page_of("Offer"),
    "OurDoor": members(
        {
            "title": text(example="Updates and results (POST)"),
            "url": text(example="https://assay.example/compat/ashby/assessment.update"),
            "is_per_order": flag("Whether the partner is told the whole URL with each order."),
        },
        description="A URL of ours at which a connected partner calls.",
    ),
    "Finding": members(
        {
            "code": text(example="unauthorized"),
            "tone": choice(["good", "fair", "poor"]),
            "says": text(example="The credential is not accepted."),
            "cure": text(example="Put it in again without spaces around it."),
        },
        description="One thing to know about a connection.",
    ),
    "Connection": _CONNECTION,
    "ConnectionPage": page_of("Connection"),
    "KeyedConnection": _KEYED,
    "ConnectionTrial": _TRIAL,
}
