"""Writes that are sent twice happen once: the answer to an Idempotency-Key, kept in the write's own transaction.

The key's row is inserted first and the answer stored in it before the commit. So a crash leaves neither write nor
key; a twin that runs at the same time waits at the unique index until the first is decided, and then gets the same
answer. Nothing here knows what is written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from core.api.request_log import caller_of
from core.api.views import ApiView, rendered
from core.errors import BadRequest, IdempotencyInFlight, IdempotencyKeyReused
from core.ids import token_hash
from core.instances import fresh
from core.models import RememberedReply
from core.secrets import decrypt, encrypt
from core.writing import NotAtOnce, Writing

HEADER = "Idempotency-Key"
_IN_META = "HTTP_IDEMPOTENCY_KEY"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=24)
# How long a twin waits for the first to be decided, and a write for others of the same thing (PostgreSQL; on SQLite
# it waits for the write lock).
PATIENCE_SECONDS = 2

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("Content-Type", "Location")
# Answers that say "not now": the same request may do better later.
_PASSING = frozenset({409, 429})
_LOCK_NOT_AVAILABLE = "55P03"
# For the rest of the transaction: nobody waits longer for anything that a keyed write needs. Set in the same statement:
# its parts are worked through in their order.
_PATIENCE: tuple[str, list[str]] = ("SELECT length(set_config('lock_timeout', %s, true))", [f"{PATIENCE_SECONDS}s"])

P = ParamSpec("P")
V = TypeVar("V", bound=ApiView)
Method = Callable[Concatenate[V, Request, P], HttpResponse]


def idempotent(method: Method[V, P]) -> Method[V, P]:
    """For the ``post`` of an ApiView, and any other method whose answer cannot be had twice. Without the header, or for
    a caller without a name, it changes nothing.

    With it the method runs inside one transaction. What it *returns* commits, whatever its status, and is remembered,
    but for answers of 500 and above, 409, 429 and what is :func:`passing`. What it *raises* rolls its write back:
    nothing was done, nothing is remembered, and the same call is decided anew. Raises BadRequest (no proper key),
    IdempotencyKeyReused, IdempotencyInFlight.
    """

    @wraps(method)
    def answered_once(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        claim = _claim_of(view, request)
        if claim is None:
            return method(view, request, *args, **kwargs)

        def answer() -> HttpResponse:
            return rendered(view, request, method(view, request, *args, **kwargs))

        return _answer_once(claim, answer, refuse=lambda exc: rendered(view, request, view.handle_exception(exc)))

    return answered_once


R = TypeVar("R", bound=HttpResponse)


def passing(refusal: R) -> R:
    """A returned refusal that commits and is not remembered: it depends on more than the call itself."""
    refusal.is_passing = True  # type: ignore[attr-defined]  # read by _is_remembered alone
    return refusal


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer, and the Writing that makes it true."""

    response: HttpResponse
    writing: Writing


def drafting(method: Callable[Concatenate[V, Request, P], Draft]) -> Method[V, P]:
    """:func:`idempotent` for what is called most. The method only drafts; it is told whether to ``hold`` what it reads.
    What it answers, unless it refuses, holds no secret.

    Where it need not, what it drafts and the answer that is remembered are written together by one statement, with
    no transaction around it. That writes nothing where the key is taken or, by its own condition, where what was read
    has changed. Then it is done again by the longer way: in a transaction, under locks.
    """

    @wraps(method)
    def answered(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        draft = method(view, request, *args, hold=True, **kwargs)  # type: ignore[arg-type]  # ours, beside theirs
        draft.writing.run()
        return draft.response

    by_the_longer_way = idempotent(transaction.atomic(answered))

    @wraps(method)
    def at_once(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        def draft() -> Draft:
            return method(view, request, *args, hold=False, **kwargs)  # type: ignore[arg-type]  # the same

        if connection.vendor == "postgresql" and (response := _at_once(view, request, draft)) is not None:
            return response
        return by_the_longer_way(view, request, *args, **kwargs)

    return at_once


def _at_once(view: ApiView, request: Request, drafted: Callable[[], Draft]) -> HttpResponse | None:
    """The answer, written; None where that takes the longer way."""
    claim = _claim_of(view, request)
    try:
        # Whatever transaction there is outlives a statement that is refused.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            draft = drafted()
            response = rendered(view, request, draft.response)
            _with_answer(draft.writing, claim, response).run()
            return response
    except (NotAtOnce, IntegrityError):
        return None
    except Exception as exc:
        if _waited_too_long(exc):
            raise IdempotencyInFlight from None
        if claim is None:
            raise
        return _last_word(claim, rendered(view, request, view.handle_exception(exc)))


def _with_answer(writing: Writing, claim: _Claim | None, response: HttpResponse) -> Writing:
    """Raises NotAtOnce for an answer that is not remembered: another may have been, and only its key would tell."""
    if claim is not None:
        if not _is_remembered(response):
            raise NotAtOnce
        row = claim.row()
        _fill(row, response, in_clear=response.status_code < 400)
        writing.insert([row])
    return writing.add(*_PATIENCE, first=True)


def forget_old() -> int:
    """Deletes what is older than 24 hours; how many rows that were."""
    return RememberedReply.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Claim:
    """Who asks, under which key, for what. One application is another caller in each organization that let it in."""

    client: str
    key: str
    fingerprint: str

    def row(self) -> RememberedReply:
        return fresh(RememberedReply, client=self.client, key=self.key, fingerprint=self.fingerprint)


class _Taken(Exception):
    """There is a committed row with this key."""


def _answer_once(
    claim: _Claim, answer: Callable[[], HttpResponse], *, refuse: Callable[[Exception], HttpResponse]
) -> HttpResponse:
    # A second round is needed when the row in the way has expired, or is gone because its answer was a passing one.
    for _ in range(3):
        try:
            with transaction.atomic():
                row = _insert(claim)
                response = answer()
                _keep(row, response)
                return response
        except _Taken:
            if (replay := _replay(claim)) is not None:
                return replay
        except Exception as exc:
            if _waited_too_long(exc):
                raise IdempotencyInFlight from None
            return _last_word(claim, refuse(exc))
    raise IdempotencyInFlight


def _insert(claim: _Claim) -> RememberedReply:
    row, writing = claim.row(), Writing()
    if connection.vendor == "postgresql":
        writing.add(*_PATIENCE)
    try:
        writing.insert([row]).run()
    except IntegrityError:
        raise _Taken from None
    return row


def _waited_too_long(error: Exception) -> bool:
    is_locked_out = getattr(error.__cause__, "sqlstate", "") == _LOCK_NOT_AVAILABLE
    return isinstance(error, OperationalError) and is_locked_out


def _keep(row: RememberedReply, response: HttpResponse) -> None:
    """Stores the answer, sealed."""
    if not _is_remembered(response):
        row.delete()
        return
    _fill(row, response)
    Writing().update([row], ("status", "headers", "body")).run()


def _fill(row: RememberedReply, response: HttpResponse, *, in_clear: bool = False) -> None:
    row.status = response.status_code
    row.headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    text = response.content.decode()
    if in_clear:
        row.clear = text
    else:
        row.body = encrypt(text).encode()


def _is_remembered(response: HttpResponse) -> bool:
    is_passing = response.status_code in _PASSING or getattr(response, "is_passing", False)
    return response.status_code < 500 and not is_passing


def _last_word(claim: _Claim, refusal: HttpResponse) -> HttpResponse:
    """After the write was rolled back: that of a twin that was decided before or meanwhile, if there was one."""
    return refusal if refusal.status_code >= 500 else _replay(claim) or refusal


def _replay(claim: _Claim) -> HttpResponse | None:
    """The answer given before; None when there is none any more, and the write may be tried."""
    mine = RememberedReply.objects.filter(client=claim.client, key=claim.key)
    row = mine.first()
    if row is None or row.created_at < timezone.now() - KEPT_FOR:
        mine.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
        return None
    if row.fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused
    if row.status is None:
        raise IdempotencyInFlight
    body = row.clear or decrypt(bytes(row.body).decode())
    return HttpResponse(body, status=row.status, headers={**row.headers, REPLAYED: "true"})


# --- What is asked --------------------------------------------------------------------------------------------


def _claim_of(view: ApiView, request: Request) -> _Claim | None:
    """None without the header, and for an anonymous caller: a key proves nothing of who sends it, so that strangers
    who chose the same one would be shown each other's answers."""
    key = request.META.get(_IN_META)
    caller = caller_of(request)
    if key is None or not caller.client_id:
        return None
    if not _KEY.fullmatch(key):
        raise BadRequest(f"{HEADER} must be 1 to 255 printable ASCII characters without spaces.")
    who = f"{caller.client_id} {caller.organization}".strip()
    client = who if len(who) <= 64 else token_hash(who)
    return _Claim(client=client, key=key, fingerprint=_fingerprint(view, request))


def _fingerprint(view: ApiView, request: Request) -> str:
    """SHA-256 of method, path, version and body. The body is parsed here, before any transaction is open."""
    version = view.version(request)
    digest = hashlib.sha256(f"{request.method}\n{request.get_full_path()}\n{version}\n".encode())
    _ = request.data
    for part in _multipart(request) if request.content_type.startswith("multipart/") else [request.body]:
        digest.update(part)
    return digest.hexdigest()


def _multipart(request: Request) -> Iterator[bytes]:
    """What the parts say: their boundary is another one each time the same form is sent."""
    for name, values in sorted(request.POST.lists()):
        yield repr((name, values)).encode("utf-8", "replace")
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            content = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            yield repr((name, file.name, file.content_type, content)).encode("utf-8", "replace")
