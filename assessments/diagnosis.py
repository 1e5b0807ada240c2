"""What the answer to a first question says about a connection, in plain language. Tables; nothing is called here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assessments.dialects import replies
from assessments.dialects.values import OfferedType
from core.http import Failure, Reply

# Above it a recruiter would notice; orders have longer.
SLOW_MS = 4_000


class Tone(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing to know: a code, what is the matter, and what to do about it."""

    code: str
    tone: Tone
    says: str
    cure: str = ""


def _poor(code: str, says: str, cure: str) -> Finding:
    return Finding(code=code, tone=Tone.POOR, says=says, cure=cure)


_PATH = "Check the whole URL, also its last part: the URLs of one partner need have nothing in common."
_KEY = "Ask the partner for the key that belongs to your account there, and put it in again without spaces around it."

# By the kind of a failure, where no answer came.
FAILURES: dict[str, Finding] = {
    "invalid_url": _poor("invalid_url", "This address cannot be called.", "Write a whole https:// URL."),
    "invalid_request": _poor(
        "invalid_request", "The credential holds characters that no header carries.", "Put the credential in again."
    ),
    "unresolvable": _poor(
        "unresolvable", "No such host: its name leads to no address.", "Check the host for a slip of the pen."
    ),
    "refused_address": _poor(
        "refused_address",
        "The host leads to an address inside a private network.",
        "Use the partner’s public address.",
    ),
    "connection_refused": _poor(
        "connection_refused", "The host is there, but nobody answers at this port.", "Ask the partner whether it is up."
    ),
    "tls": _poor(
        "tls",
        "No secure connection could be made: the certificate is wrong, expired, or for another host.",
        "The partner has to renew or complete its certificate.",
    ),
    "timeout_connect": _poor(
        "timeout_connect", "The host did not answer in time.", "A firewall may want to know where our calls come from."
    ),
    "timeout_sent": _poor(
        "timeout_sent", "The question arrived, but no answer came in time.", "Ask the partner what takes so long."
    ),
    "too_slow": _poor("too_slow", "The answer began, but did not end in time.", "Ask the partner what takes so long."),
    "reset": _poor(
        "reset", "The connection was closed in the middle of the answer.", "Try again; then ask the partner."
    ),
    "garbage": _poor("garbage", "What answers there does not speak HTTP.", "Check the port in the URL."),
}
# By the status of an answer; ranges follow below.
STATUSES: dict[int, Finding] = {
    401: _poor("unauthorized", "The partner does not accept the credential.", _KEY),
    403: _poor("forbidden", "The partner knows the credential, but it may not do this.", _KEY),
    404: _poor("not_found", "There is nothing at this path.", _PATH),
    405: _poor("wrong_method", "There is something at this path, but it takes another kind of call.", _PATH),
    410: _poor("gone", "This path is gone for good.", "Ask the partner for its present URL."),
    429: _poor("too_many", "The partner wants fewer calls.", "Wait some minutes."),
}
REDIRECT = _poor(
    "redirect",
    "The partner sends us elsewhere (a redirect). Redirects are not followed: they would carry the credential along.",
    "Put in the address that it leads to.",
)
BROKEN = _poor("broken", "Something broke on the partner’s side.", "Tell the partner; it is in its log.")
ODD_STATUS = _poor("odd_status", "The partner answered with a status that the protocol does not know.", _PATH)
HTML = _poor(
    "html",
    "A web page came where data is expected: this is the address of a page for people, or of a log-in.",
    _PATH,
)
TOO_LONG = _poor("too_long", "The answer is longer than is read.", "Ask the partner for a shorter catalogue.")
EMPTY = Finding(
    code="empty",
    tone=Tone.FAIR,
    says="The partner answers, and offers nothing.",
    cure="Ask it which of its assessments belong to your account.",
)


def of_failure(failure: Failure) -> tuple[Finding, ...]:
    """No answer came."""
    found = FAILURES[failure.kind]
    detail = failure.detail if failure.kind in {"tls", "invalid_url"} and failure.detail != str(failure) else ""
    return (_with(found, detail),)


def of_unsendable(problem: str) -> tuple[Finding, ...]:
    """Nothing was sent."""
    return (_poor("unsendable", f"Nothing could be sent: {problem}.", "Change the connection below."),)


def of_answer(reply: Reply, offered: Sequence[OfferedType] | None, unreadable: str = "") -> tuple[Finding, ...]:
    """An answer came: what was read of it, or the sentence that says why it could not be read."""
    slow = _slow(reply)
    if not replies.is_success(reply):
        return (_of_status(reply), *slow)
    if offered is None:
        return (_of_body(reply, unreadable), *slow)
    if not offered:
        return (EMPTY, *slow)
    return (_well(offered), *_nameless(offered), *slow)


def _of_status(reply: Reply) -> Finding:
    if found := STATUSES.get(reply.status):
        return found
    if 300 <= reply.status < 400:
        return _with(REDIRECT, f"It leads to {reply.headers['location']}" if "location" in reply.headers else "")
    return BROKEN if reply.status >= 500 else ODD_STATUS


def _of_body(reply: Reply, unreadable: str) -> Finding:
    if reply.truncated:
        return TOO_LONG
    # Nothing could be read of it: then its type counts too.
    if replies.is_page(reply) or "html" in reply.headers.get("content-type", ""):
        return HTML
    return _poor(
        "not_the_protocol",
        f"The partner answered {reply.status}, which means success, but what it says is none. {unreadable}".strip(),
        "Show the answer below to the partner.",
    )


def _well(offered: Sequence[OfferedType]) -> Finding:
    count = len(offered)
    says = f"It works: {count} assessment{'' if count == 1 else 's'} came back."
    return Finding(code="well", tone=Tone.GOOD, says=says)


def _nameless(offered: Sequence[OfferedType]) -> tuple[Finding, ...]:
    count = sum(1 for entry in offered if entry.name in ("", entry.key))
    if not count:
        return ()
    says = f"{count} of them {'has' if count == 1 else 'have'} no name: recruiters see the partner’s id instead."
    return (Finding(code="nameless", tone=Tone.FAIR, says=says, cure="Ask the partner to name them."),)


def _slow(reply: Reply) -> tuple[Finding, ...]:
    if reply.elapsed_ms <= SLOW_MS:
        return ()
    says = f"The answer took {reply.elapsed_ms / 1000:.1f} s."
    cure = "Orders have longer, but it is a bad sign: tell the partner."
    return (Finding(code="slow", tone=Tone.FAIR, says=says, cure=cure),)


def _with(found: Finding, detail: str) -> Finding:
    said = f"{found.says} {detail.rstrip('.')}." if detail else found.says
    return Finding(code=found.code, tone=found.tone, says=said, cure=found.cure)
