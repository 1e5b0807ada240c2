"""Who guesses at the log-in, and what becomes known of it: limits and back-off per guesser, the log, the audit."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.core.cache import cache
from django.http import HttpRequest

from core import audit, backoff
from core.devices import device_of
from core.ids import token_hash
from core.limits import client_address, limit, look, use
from core.models import User, log_in_of

log = structlog.get_logger(__name__)

# The audit log is kept for good: strangers write one line an hour about one account, not one for each wait.
_AUDITED_EVERY = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Guess:
    """One try at an account's secret; ``wait`` in seconds, before the next one if this is wrong.

    ``guesser``: whose wrong tries at all accounts together are counted; "" for one's own secret.
    """

    email: str
    key: str
    wait: int
    guesser: str


def begin(request: HttpRequest, email: str) -> Guess:
    """A password: counted for the known device, else for the address of the caller, each with the account.

    Raises RateLimited.
    """
    email = log_in_of(email)
    guesser = _guesser(request, email)
    return _begin(email, f"password {email} {guesser}", guesser)


def begin_code(request: HttpRequest, email: str) -> Guess:
    """A code of six digits, after the right password: counted for the known device, else for all others together.

    Only who knows the password comes this far, so strangers hold nobody back; but who does may have many addresses.
    """
    return _begin(email, f"code {email} {device_of(request, email) or 'unknown'}", _guesser(request, email))


def begin_own(user: User) -> Guess:
    """One's own password, asked again while signed in: a browser that was left open guesses no faster."""
    key = f"own password {user.pk}"
    return Guess(email=user.email, key=key, wait=backoff.try_once(key), guesser="")


def _guesser(request: HttpRequest, email: str) -> str:
    device = device_of(request, email)
    return f"device {device}" if device else client_address(request)


def _begin(email: str, key: str, guesser: str) -> Guess:
    """Many people may share an address with somebody who guesses. Wrong tries there hold back who made one at this
    account; everybody else goes on, up to a number of tries that bounds those who try each account once.

    Whether there is such an account makes no difference.
    """
    limit("login_tries", guesser)
    standing = look("login", guesser)
    if standing and backoff.has_tried(key):
        standing.check()
    return Guess(email=email, key=key, wait=backoff.try_once(key), guesser=guesser)


def was_right(guess: Guess) -> None:
    backoff.forget(guess.key)


def was_wrong(guess: Guess) -> None:
    """Where it starts a wait, that is logged and, for an account that exists, audited."""
    if guess.guesser:
        use("login", guess.guesser)
    if not guess.wait:
        return
    person = User.objects.filter(email=guess.email).values_list("pk", flat=True).first()
    log.warning("login.held_back", user=person, seconds=guess.wait)
    if person and _is_first_in_a_while(guess.email):
        audit.record("login.held_back", actor="log-in", subject=f"user {person}", seconds=guess.wait)


def _is_first_in_a_while(email: str) -> bool:
    try:
        return bool(cache.add(f"held_back:{token_hash(email)[:32]}", 1, timeout=_AUDITED_EVERY))
    except Exception:
        log.exception("guesses.cache_unavailable")
        return True
