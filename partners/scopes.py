"""The scopes: each permission an Organization gives, with the sentence the admin reads. Tables and their readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# What a Partner may be granted: name → the sentence on the consent screen. The order is the order on the screen.
SCOPES: dict[str, str] = {
    "orders:read": "See the assessments you ask it for.",
    "orders:write": "Accept, decline and report progress on those assessments.",
    "results:write": "Post results and reports, which appear in your candidates’ profiles.",
    "candidates.name:read": "Read the name of a candidate you send an assessment to.",
    "candidates.email:read": "Read that candidate’s e-mail address.",
    "candidates.phone:read": "Read that candidate’s phone number.",
    "candidates.resume:read": "Read that candidate’s résumé.",
    "events:read": "Read the history of events between you and it.",
    "catalogue:write": "Maintain its own catalogue of assessments.",
}

# What a program of the Organization's own may do: name → the sentence on the page where an admin makes its client.
ORGANIZATION_SCOPES: dict[str, str] = {
    "candidates:read": "Read every candidate, with name and contact.",
    "candidates:write": "Add candidates and change their contact.",
    "jobs:read": "Read jobs and their stages.",
    "jobs:write": "Open and close jobs.",
    "applications:read": "Read who applied for which job, and how far they are.",
    "applications:write": "Put candidates forward, move them between stages, reject them.",
    "catalogue:read": "Read which assessments can be ordered here.",
    "connections:read": "Read which partners are connected by their protocol, and test the connection.",
    "connections:write": "Connect partners by their protocol, and change their addresses and keys.",
    "orders:read": "Read every assessment that was ordered, and how it stands.",
    "orders:write": "Order assessments, and cancel them.",
    "results:read": "Read results and reports, all that an admin may see of them.",
    "events:read": "Read what happened to orders, what was sent, and its own calls.",
    "endpoints:write": "Say where it is told by webhook.",
}

# The candidate fields of an order's JSON, each with the scope that lets it leave.
CANDIDATE_FIELDS: dict[str, str] = {
    "first_name": "candidates.name:read",
    "last_name": "candidates.name:read",
    "email": "candidates.email:read",
    "phone": "candidates.phone:read",
    "resume_url": "candidates.resume:read",
}

# What the plain Connect button asks for when the Partner's application names no scopes.
ALL = tuple(SCOPES)


def candidate_fields(scopes: Iterable[str]) -> tuple[str, ...]:
    """The candidate fields that leave under these scopes, in the order of the table."""
    granted = set(scopes)
    return tuple(field for field, scope in CANDIDATE_FIELDS.items() if scope in granted)


def allowed_to(allowed: str, *, table: Mapping[str, str] = SCOPES) -> tuple[str, ...]:
    """What an application whose ``allowed_scopes`` read so may ask for; empty means everything in its table."""
    names = set(allowed.split())
    return tuple(scope for scope in table if not names or scope in names)


def sentences(scopes: Iterable[str]) -> tuple[str, ...]:
    """What an admin reads about these scopes, in the order of the table."""
    granted = set(scopes)
    return tuple(sentence for scope, sentence in SCOPES.items() if scope in granted)
