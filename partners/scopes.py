"""The scopes: each permission an Organization grants, with the sentence the admin reads. A table and its readers."""

from __future__ import annotations

from collections.abc import Iterable

# Name → the sentence on the consent screen. The order is the order on the screen.
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


def allowed_to(allowed: str) -> tuple[str, ...]:
    """What an application whose ``allowed_scopes`` read so may ask for; empty means everything."""
    names = set(allowed.split())
    return tuple(scope for scope in SCOPES if not names or scope in names)


def sentences(scopes: Iterable[str]) -> tuple[str, ...]:
    """What an admin reads about these scopes, in the order of the table."""
    granted = set(scopes)
    return tuple(sentence for scope, sentence in SCOPES.items() if scope in granted)
