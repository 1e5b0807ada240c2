"""The shapes of floor 2's answers as OpenAPI components: the partner, endpoints, events, deliveries, calls."""

from __future__ import annotations

from core.openapi.schemas import (
    Schema,
    anything,
    choice,
    extended,
    feed_of,
    flag,
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
from partners import dialects
from partners.models import Delivery, Environment, Installation, Partner, Purpose
from partners.scopes import ORGANIZATION_SCOPES, SCOPES

_SECRET = text("The signing secret, shown this once.", example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
_HOOK = "https://hooks.codeforge.example/assay"

NAMED_ORGANIZATION = members({"id": identifier("org"), "name": text(example="CodeForge sandbox")})

_ENDPOINT = members(
    {
        "id": identifier("ep"),
        "purpose": ref("Purpose"),
        "url": url("Where it is called.", example=_HOOK),
        "enabled": flag("Whether anything is sent there.", example=True),
        "topics": listed(text(), "The topics that it wants; empty for all.", example=[]),
        "disabled_reason": null_here(text("Why not, where we switched it off.")),
        "consecutive_failures": whole("Failed attempts since the last that worked.", minimum=0),
        "open_until": null_here(moment("After several failures in a row nothing is sent before this moment.")),
        "created_at": moment(),
        "updated_at": moment(),
    },
    description="A URL of yours, for one purpose.",
)

_DELIVERY = members(
    {
        "id": identifier("dlv"),
        "webhook_id": identifier("evt", "The same in every attempt, and in a redelivery."),
        "topic": text("What happened.", example="order.placed"),
        "subject": text("The id of what it is about.", example="ord_06h0knponcaf54p80p72kddup0"),
        "purpose": ref("Purpose"),
        "endpoint": members({"id": identifier("ep"), "purpose": ref("Purpose"), "url": url(example=_HOOK)}),
        "state": ref("DeliveryState"),
        "note": null_here(text("What a person should know about it.")),
        "attempt_count": whole(minimum=0),
        "next_at": or_null(moment("When it is tried next; null once it is settled.")),
        "settled_at": or_null(moment()),
        "created_at": moment(),
    },
    description="An event owed to one of your endpoints.",
)

_ATTEMPT = members(
    {
        "number": whole(minimum=1),
        "started_at": moment(),
        "duration_ms": whole(minimum=0, example=41),
        "url": url(example=_HOOK),
        "status": or_null(whole("What you answered; null where no answer came.", example=204)),
        "failure": null_here(text("Why no answer came.")),
        "outcome": choice(("delivered", "retried", "refused", "unclear", "given_up", "overtaken"), "What it decided."),
        "reply_body": text("What you answered, capped.", example=""),
    },
    description="One try, with what came back.",
)

_INSTALLATION = members(
    {
        "id": identifier("ins"),
        "organization": NAMED_ORGANIZATION,
        "status": choice(Installation.Status.values),
        "scopes": listed(ref("Scope"), "What the organization granted."),
        "installed_at": moment(),
    },
    description="You, at work in an organization.",
)

_PARTNER = members(
    {
        "id": identifier("par"),
        "name": text(example="CodeForge"),
        "description": text(example="Coding tests."),
        "website": text(example="https://codeforge.example"),
        "contact_email": text(example="dev@codeforge.example"),
        "status": choice(Partner.Status.values),
        "dialect": choice([name for name, _label in dialects.choices()], "The protocol in which you are called."),
        "environment": choice(Environment.values, "Of the application whose token this is."),
        "api_version": text("The version that your calls speak when they name none.", example="2026-12-01"),
        "client_id": text(example="u3kXq0bWb8rTzV1n"),
        "scopes": listed(ref("Scope"), "What this token may do."),
        "sandbox": or_null(members({"organization": identifier("org")}, description="Null outside the sandbox.")),
        "installations": listed(ref("Installation"), "Those that this token reaches."),
    },
    description="Who you are, in which environment, with what.",
)

_EVENT = members(
    {
        "id": identifier("evt", "The `webhook-id` under which it was delivered, if it was."),
        "topic": text("What happened.", example="order.placed"),
        "subject": text("The id of what it is about.", example="ord_06h0knponcaf54p80p72kddup0"),
        "installation": or_null(identifier("ins")),
        "payload": anything(
            "The body of its webhook.",
            example={
                "type": "order.placed",
                "timestamp": "2026-12-01T09:30:15.120Z",
                "data": {"order": "ord_06h0knponcaf54p80p72kddup0"},
            },
        ),
        "created_at": moment(),
    },
    description="Something that happened, frozen with its payload.",
)

_CALL = members(
    {
        "request_id": identifier("req", "That of the header `Request-Id`."),
        "trace_id": null_here(text("That of your header `traceparent`.")),
        "method": text(example="PUT"),
        "path": text(example="/api/v1/assessment-types/english"),
        "query": text("What stood behind the `?`: secrets hidden, capped.", example="limit=5"),
        "status": whole(example=422),
        "code": or_null(text("The code of the problem, where there was one.", example="validation_failed")),
        "problem": or_null(
            members(
                {
                    "detail": text("What happened, for a person.", example="A value is not what is expected there."),
                    "problems": listed(
                        members(
                            {
                                "pointer": text(example="/name"),
                                "code": text(example="invalid"),
                                "message": text("What was expected.", example="Not a valid string."),
                            },
                            {"parameter": text("The query parameter that is meant.", example="limit")},
                        ),
                        "The first ten guilty places.",
                    ),
                    "problem_count": whole("How many there were.", minimum=0, example=1),
                },
                description="What of the problem was said. Values that it quoted are left out.",
            )
        ),
        "latency_ms": whole(minimum=0, example=9),
        "request_body": text("What you sent: secrets hidden, capped.", example='{"name": 7}'),
        "created_at": moment(),
    },
    description="One call of yours, as it was answered.",
)

_AT_WORK = members(
    {
        "id": identifier("ins"),
        "partner": members({"id": identifier("par"), "name": text(example="CodeForge")}),
        "status": choice(Installation.Status.values),
        "scopes": listed(ref("Scope"), "What you granted it."),
        "installed_at": moment(),
    },
    description="A partner, at work for you.",
)

_ORGANIZATION = members(
    {
        "id": identifier("org"),
        "name": text(example="CodeForge sandbox"),
        "environment": choice(Environment.values),
        "client_id": text(example="cli_06h0knponcaf54p80p72kddup0"),
        "client_name": text("As its admin called it.", example="Our hiring system"),
        "api_version": text("The version that its calls speak when they name none.", example="2026-12-01"),
        "scopes": listed(ref("OrganizationScope"), "What this token may do."),
        "installations": listed(ref("PartnerAtWork"), "Which partners are at work."),
    },
    description="Whose client this is, and what it may do.",
)

_SANDBOX_CLIENT = members(
    {
        "client_id": text(example="cli_06h0knponcaf54p80p72kddup0"),
        "client_secret": text("Shown this once.", example="pL5c7QmM0f8y"),
        "organization": identifier("org"),
        "installation": or_null(identifier("ins", "You, at work there.")),
        "scope": text("Separated by spaces.", example="orders:read orders:write"),
        "access_token": text("A first token, for an hour.", example="0f8yQmM7cpL5"),
        "token_type": choice(["Bearer"]),
        "expires_in": whole("Seconds.", example=3600),
    },
    description="A client of your sandbox organization, with a token.",
)

COMPONENTS: dict[str, Schema] = {
    "Scope": choice(SCOPES, "One permission that an organization grants."),
    "OrganizationScope": choice(ORGANIZATION_SCOPES, "One permission of an organization’s own client."),
    "Organization": _ORGANIZATION,
    "PartnerAtWork": _AT_WORK,
    "SandboxClient": _SANDBOX_CLIENT,
    "Purpose": choice(Purpose.values, "What an endpoint is for; `events` takes whatever has no endpoint of its own."),
    "DeliveryState": choice(Delivery.State.values),
    "Partner": _PARTNER,
    "Installation": _INSTALLATION,
    "Endpoint": _ENDPOINT,
    "NewEndpoint": extended(_ENDPOINT, {"secret": _SECRET}, description="An endpoint, with its signing secret."),
    "EndpointPage": page_of("Endpoint"),
    "Delivery": _DELIVERY,
    "DeliveryPage": page_of("Delivery"),
    "DeliveryAttempt": _ATTEMPT,
    "DeliveryDetail": extended(
        _DELIVERY,
        {
            "body": text("The exact text that is signed and sent.", example='{"type":"order.placed"}'),
            "attempts": listed(ref("DeliveryAttempt")),
        },
        description="A delivery, with its body and every attempt.",
    ),
    "Event": _EVENT,
    "EventFeed": feed_of("Event"),
    "Redelivered": members(
        {"redelivered": whole("How many are due again now.", minimum=0)},
        {"next": null_here(identifier("evt", "Of a range: the `first` of the next call; null when all is taken."))},
    ),
    "Call": _CALL,
    "CallPage": page_of("Call"),
}
