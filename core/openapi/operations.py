"""What is said of one call of the API, as values. How it is written in OpenAPI is `core.openapi.document`'s matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rest_framework import serializers
from rest_framework.views import APIView

from core.api.pagination import DEFAULT_LIMIT, LARGEST_LIMIT
from core.errors import DomainError
from core.openapi.schemas import Schema, text, whole

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# The security schemes under which a token is sent: whose it is.
PARTNER, ORGANIZATION = "oauth2", "organization"

Errors = Sequence[type[DomainError]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """A parameter of the path or the query. One of a path has an ``example`` where a value is known beforehand."""

    name: str
    schema: Schema
    description: str
    example: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What is sent: the serializer that reads it, or a schema; and an example that a sandbox answers with 2xx.

    In the example, `{order_id}` and the like stand for what a call before has given.
    """

    shape: type[serializers.Serializer[Any]] | Schema
    example: Any
    media: str = JSON
    required: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer that is no problem. ``schema`` is None where nothing is in it."""

    sentence: str
    schema: Schema | None
    media: str = JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One method of one path.

    ``errors`` are those beyond what every call of its kind can be answered (see ``core.openapi.problems``).
    ``tagged``: where it takes conditions, its answers have the ETag of what they tell.
    ``after`` names operations whose examples are sent first, so that this one's example finds what it needs;
    ``gives`` says what of its own answer such followers take: the name in braces → JSON pointer.
    ``ends`` names those whose gift is of no more use after this one.
    """

    id: str
    tag: str
    summary: str
    answers: Mapping[int, Answer]
    description: str = ""
    body: Body | None = None
    query: Sequence[Parameter] = ()
    errors: Errors = ()
    tagged: bool = True
    after: Sequence[str] = ()
    gives: Mapping[str, str] = field(default_factory=dict)
    ends: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """An operation of a view that is none of the API's own, and so cannot be found by looking at it."""

    path: str
    method: str
    operation: Operation
    security: Sequence[Mapping[str, Sequence[str]]] = ()


# Beside 200, where an answer has an ETag.
UNCHANGED = {304: Answer(sentence="It is as you have it: your `If-None-Match` is its `ETag`.", schema=None)}
# View → method in lower case → what is said of it.
Operations = Mapping[type[APIView], Mapping[str, Operation]]

# For a call that gives an ETag.
UNCHANGED = {304: Answer(sentence="It is as you have it: your `If-None-Match` is its `ETag`.", schema=None)}

CURSOR = Parameter(
    name="cursor", schema=text(), description="Where the page begins: `next_cursor` of the page before, unchanged."
)
LIMIT = Parameter(
    name="limit",
    schema=whole(minimum=1, maximum=LARGEST_LIMIT, default=DEFAULT_LIMIT),
    description="How many a page holds at most.",
)
PAGED = (LIMIT, CURSOR)
