"""What can go wrong, as values: a code, a sentence, the facts. Nothing here knows HTTP (see core.api.problems).

Every class's docstring is its cause and its cure: the page of error codes is made from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from core import places


class DomainError(Exception):
    """The root; raised are its subclasses.

    ``detail`` is a sentence for the person who reads it, ``problems`` name the guilty places
    (see ``core.places``), ``facts`` are small JSON values.
    """

    code: ClassVar[str] = "error"

    def __init_subclass__(cls) -> None:
        places.name_error(cls.code)

    def __init__(self, detail: str = "", *, problems: Sequence[Mapping[str, Any]] = (), **facts: Any) -> None:
        self.detail = detail or (self.__doc__ or "").strip().splitlines()[0]
        self.problems = [places.closed(problem) for problem in problems]
        self.facts = facts
        super().__init__(self.detail)


class Invalid(DomainError):
    """What was sent cannot be accepted as it is."""

    code = "invalid"


class Denied(DomainError):
    """It is not allowed to whoever asks."""

    code = "denied"


class Missing(DomainError):
    """There is no such thing, as far as whoever asks can see."""

    code = "missing"


class Conflict(DomainError):
    """It contradicts what is there."""

    code = "conflict"


class Gone(DomainError):
    """It was there, and is deleted for good."""

    code = "gone"


class Unavailable(DomainError):
    """It cannot be done now; later it may."""

    code = "unavailable"


class MalformedJson(Invalid):
    """The body is not JSON that can be read unambiguously.

    Send one UTF-8 JSON value without NaN, infinities, duplicate keys, NUL or lone surrogates, at most 64 deep.
    """

    code = "malformed_json"


class ValidationFailed(Invalid):
    """A value is not what is expected there.

    Each entry of `problems` names the place by JSON pointer, and what was expected.
    """

    code = "validation_failed"


class InvalidCursor(Invalid):
    """The cursor is not one that this list gave.

    Take `next_cursor` from the answer before, unchanged; begin without one.
    """

    code = "invalid_cursor"


class BadRequest(Invalid):
    """The request cannot be read.

    Check its line and headers: a path or query with a NUL byte, a wrong `Host`, a body cut short.
    """

    code = "bad_request"


class InvalidUrl(Invalid):
    """The URL is not one that can be called.

    Send an absolute `https://` URL of a public host, without credentials or fragment.
    """

    code = "invalid_url"


class LengthRequired(Invalid):
    """The body comes without its length.

    Send `Content-Length`.
    """

    code = "length_required"


class PayloadTooLarge(Invalid):
    """The body is larger than is taken here.

    JSON may have 1 MiB, batches and attachments 10 MiB.
    """

    code = "payload_too_large"


class UriTooLong(Invalid):
    """The first line of the request is longer than is taken here.

    Method, path and query may together have 4,094 bytes: send the rest in the body, or ask page by page.
    """

    code = "uri_too_long"


class HeadersTooLarge(Invalid):
    """There are more headers than are taken here, or a larger one.

    Send at most 100 headers of at most 8 KiB each.
    """

    code = "headers_too_large"


class ExpectationFailed(Invalid):
    """The header `Expect` asks for something that is not done here.

    Leave it away, or send `Expect: 100-continue`.
    """

    code = "expectation_failed"


class UnsupportedMediaType(Invalid):
    """The body is of a type that is not taken here.

    Send `Content-Type: application/json`, or `multipart/form-data` for attachments.
    """

    code = "unsupported_media_type"


class MethodNotAllowed(Invalid):
    """The path exists, but not with this method.

    The `Allow` header names the methods that it takes.
    """

    code = "method_not_allowed"


class NotAcceptable(Invalid):
    """The answer cannot be given in the form asked for.

    Answers are JSON: send `Accept: application/json`, or no `Accept` at all.
    """

    code = "not_acceptable"


class NotAuthenticated(Denied):
    """The call carries no credential.

    Send `Authorization: Bearer …` with a token from `POST /oauth/token`.
    """

    code = "not_authenticated"


class InvalidToken(Denied):
    """The bearer token is unknown, expired or revoked.

    Ask for a new one at `POST /oauth/token`.
    """

    code = "invalid_token"


class InsufficientScope(Denied):
    """The token does not carry the scope that this call needs.

    `required` names it; ask for a token with it, or for consent to it.
    """

    code = "insufficient_scope"


class Forbidden(Denied):
    """This is not allowed to you."""

    code = "forbidden"


class RateLimited(Unavailable):
    """Too many calls in too short a time.

    Wait as many seconds as `Retry-After` says.
    """

    code = "rate_limited"

    def __init__(self, detail: str = "", *, retry_after: int = 1, **facts: Any) -> None:
        super().__init__(detail, retry_after=retry_after, **facts)


class NotFound(Missing):
    """There is nothing here that you can see.

    Check the id, and that your token reaches the organization it belongs to.
    """

    code = "not_found"


class CandidateErased(Conflict):
    """This candidate was erased: nothing can be added, changed or ordered.

    Nothing needs to be done. A person who applies again is a new candidate.
    """

    code = "candidate_erased"


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used for another request.

    Use a fresh key for each different request; repeat one only with the very same body.
    """

    code = "idempotency_key_reused"


class PreconditionFailed(Conflict):
    """What you want to change is no longer as you read it, or, with `If-None-Match: *`, is there already.

    Read it again, and send your change with the `ETag` of that answer in `If-Match`.
    """

    code = "precondition_failed"


class UnknownApiVersion(Invalid):
    """There is no such version of the API.

    Leave the header `Api-Version` away, or send one of the dates that `versions` names.
    """

    code = "unknown_api_version"


class IdempotencyInFlight(Conflict):
    """A request with this Idempotency-Key is still being worked on.

    Wait as many seconds as `Retry-After` says and send it again.
    """

    code = "idempotency_in_flight"

    def __init__(self, detail: str = "", *, retry_after: int = 2, **facts: Any) -> None:
        super().__init__(detail, retry_after=retry_after, **facts)


class InternalError(Unavailable):
    """Something broke on our side.

    It is logged under the request id; send the request again later with the same Idempotency-Key.
    """

    code = "internal_error"


KINDS = (Invalid, Denied, Missing, Conflict, Gone, Unavailable)


def all_codes(root: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Every class that can be raised (the kinds and the root cannot), for the page of error codes."""
    for child in root.__subclasses__():
        if child not in KINDS:
            yield child
        yield from all_codes(child)
