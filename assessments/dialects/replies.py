"""What a partner's reply to a call of ours says, and why it says no; the same for every dialect.

Single values are read in :mod:`assessments.dialects.reading`.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assessments.dialects import reading
from assessments.dialects.base import Unreadable
from assessments.dialects.values import Receipt

if TYPE_CHECKING:
    from core.http import Reply

# Of the statuses of 4xx these say no to what was asked. The others say that the call failed: its key, path or pace.
_REFUSALS = frozenset({400, 402, 409, 422})
_STATUSES = {
    401: "it does not accept the key that it was given",
    403: "the key that it was given may not do this",
    404: "there is nothing of that kind at this URL",
    405: "this URL does not take such calls",
    410: "this URL is gone",
    429: "there were too many calls in too short a time",
}


def is_success(reply: Reply) -> bool:
    return 200 <= reply.status < 300


def is_page(reply: Reply) -> bool:
    """Whether it is meant for a browser: what a wrong address answers, mostly with 200.

    Only the body counts: a server that was not told otherwise calls anything text/html, JSON and the word OK too.
    """
    return reply.body.lstrip(_BLANK).startswith(b"<")


# What may stand before a text.
_BLANK = b" \t\n\v\f\r" + codecs.BOM_UTF8


def json_of(reply: Reply) -> Any:
    """The JSON value of a reply of 2xx. Raises Unreadable for any other status, and for what is no JSON."""
    if is_success(reply) and reply.truncated:
        raise Unreadable(f"The partner's answer is longer than the {len(reply.body)} bytes of it that are read.")
    if not is_success(reply) or is_page(reply):
        raise failed(reply)
    try:
        return reading.parsed(reply.body)
    except Unreadable as odd:
        raise Unreadable(f"The partner answered {reply.status}, but: {odd.sentence}", pointer=odd.pointer) from None


def failed(reply: Reply) -> Unreadable:
    """What a reply without success, or a page, says to whoever connects or supports the partner."""
    if is_success(reply):
        return Unreadable(
            f"The partner answered {reply.status} with a web page or XML where JSON is expected: the URL may be another"
            " one, or ask for a log-in."
        )
    if 300 <= reply.status < 400:
        why = "a redirect, and none is followed; name the URL that it leads to"
    else:
        why = _STATUSES.get(reply.status, "something broke on its side" if reply.status >= 500 else "")
    sentence = f"The partner answered {reply.status}{f': {why}' if why else ''}."
    return Unreadable(f"{sentence}{quoted(reading.parsed_if_json(reply.body))}")


def declined(reply: Reply, meanings: Mapping[int, str]) -> Receipt:
    """A reply of another status than 2xx to an order: a refusal with the partner's words, else what the protocol says
    of this status. Raises Unreadable for one that is no refusal: nobody said no, and the order may be sent again.
    """
    said = words(reading.parsed_if_json(reply.body)) if reply.status in _REFUSALS else ""
    message = said or meanings.get(reply.status, "")
    if not message:
        raise failed(reply)
    return Receipt(accepted=False, message=message)


#: Of a protocol that says of these statuses no more than that they refuse.
REFUSED: Mapping[int, str] = {
    status: f"The partner refused the order (it answered {status})." for status in (400, 409, 422)
}

_WORDY = ("message", "errorInfo", "detail", "error_description", "error", "errors", "title", "reason")


def words(value: Any, depth: int = 4) -> str:
    """The partner's own words in an error of whatever shape, on one line; empty where there are none."""
    if isinstance(value, str):
        return reading.line(value)
    found: list[str] = []
    if depth and isinstance(value, dict):
        found = [said for name in _WORDY if (said := words(value.get(name), depth - 1))][:1]
    elif depth and isinstance(value, list):
        found = [said for item in value[:10] if (said := words(item, depth - 1))]
    return reading.line("; ".join(found))


def quoted(value: Any) -> str:
    """The same as a sentence behind another; empty where there are none."""
    said = words(value)
    return f" It says: {said}" if said else ""
