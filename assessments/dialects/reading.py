"""What the protocols have in common that ask a partner and read its answers: what a reply says, and why it says no.

Single values are read in :mod:`assessments.dialects.values`; here are those that an answer may hold in several forms.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from assessments.dialects import values
from assessments.dialects.base import Receipt, Unreadable
from assessments.dialects.values import Details
from assessments.schemas.problems import is_out_of_range
from core.api.parsing import parse_json
from core.errors import DomainError

if TYPE_CHECKING:
    from core.http import Reply

LONGEST_ID = 200
#: As many characters of a partner's words are kept with an order.
LONGEST_WORDS = 500

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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Beyond these it is no clock that counts milliseconds.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

# --- Bodies ---------------------------------------------------------------------------------------------------------


def parsed(raw: bytes) -> Any:
    """The JSON value of a body. Raises Unreadable for what is none, or cannot be read in only one way."""
    try:
        return parse_json(raw)
    except DomainError as error:
        pointer = error.problems[0]["pointer"] if error.problems else ""
        told = [error.detail, *(problem["message"] for problem in error.problems[:1])]
        raise Unreadable(" ".join(told), pointer=pointer) from None


def answer(reply: Reply) -> Any:
    """The JSON value of a reply of 2xx. Raises Unreadable for any other status, and for what is no JSON."""
    if not values.is_success(reply):
        raise failed(reply)
    if reply.truncated:
        raise Unreadable(f"The partner's answer is longer than the {len(reply.body)} bytes of it that are read.")
    if values.is_page(reply):
        raise Unreadable(
            f"The partner answered {reply.status} with a web page or XML where JSON is expected: the URL may be another"
            " one, or ask for a log-in."
        )
    try:
        return parsed(reply.body)
    except Unreadable as odd:
        raise Unreadable(f"The partner answered {reply.status}, but: {odd.sentence}", pointer=odd.pointer) from None


def failed(reply: Reply) -> Unreadable:
    """What a reply without success says, to whoever connects or supports the partner."""
    if 300 <= reply.status < 400:
        why = "a redirect, and none is followed; name the URL that it leads to"
    else:
        why = _STATUSES.get(reply.status, "something broke on its side" if reply.status >= 500 else "")
    sentence = f"The partner answered {reply.status}{f': {why}' if why else ''}."
    return Unreadable(f"{sentence}{quoted(_any_json(reply.body))}")


def declined(reply: Reply, meanings: Mapping[int, str]) -> Receipt:
    """A reply of another status than 2xx to an order: a refusal with the partner's words, else what the protocol says
    of this status. Raises Unreadable for one that is no refusal: nobody said no, and the order may be sent again.
    """
    said = words(_any_json(reply.body)) if reply.status in _REFUSALS else ""
    message = said or meanings.get(reply.status, "")
    if not message:
        raise failed(reply)
    return Receipt(accepted=False, message=message)


def _any_json(raw: bytes) -> Any:
    try:
        return parse_json(raw)
    except DomainError:
        return None


_WORDY = ("message", "errorInfo", "detail", "error_description", "error", "errors", "title", "reason")


def words(value: Any, depth: int = 4) -> str:
    """The partner's own words in an error of whatever shape, on one line; empty where there are none."""
    if isinstance(value, str):
        return one_line(value)
    found: list[str] = []
    if depth and isinstance(value, dict):
        found = [said for name in _WORDY if (said := words(value.get(name), depth - 1))][:1]
    elif depth and isinstance(value, list):
        found = [said for item in value[:10] if (said := words(item, depth - 1))]
    return one_line("; ".join(found))


def quoted(value: Any) -> str:
    """The same as a sentence behind another; empty where there are none."""
    said = words(value)
    return f" It says: {said}" if said else ""


def one_line(text: str) -> str:
    """As much of a text as is kept of a partner's words."""
    return " ".join(text.split())[:LONGEST_WORDS]


# --- Parts ----------------------------------------------------------------------------------------------------------


def members(value: Any, what: str, pointer: str = "") -> dict[str, Any]:
    """An object; ``what`` begins the sentence that says it is none."""
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is {kind(value)} where an object is expected.", pointer=pointer)
    return value


def items(value: Any, what: str, pointer: str = "") -> list[Any]:
    """A list; ``what`` begins the sentence that says it is none."""
    if not isinstance(value, list):
        raise Unreadable(f"{what} is {kind(value)} where a list is expected.", pointer=pointer)
    return value


def kind(value: Any) -> str:
    """What a JSON value is, without quoting it."""
    if value is None:
        return "missing or null"
    names = ((bool, "a boolean"), (int | float, "a number"), (str, "a text"), (list, "a list"))
    return next((name for python, name in names if isinstance(value, python)), "an object")


def ident(value: Any) -> str:
    """An id as text: partners write numbers and strings. Empty for what is no id, or longer than can be kept."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_id = isinstance(value, str | int) and not isinstance(value, bool)
    text = str(value).strip() if is_id else ""
    return text if len(text) <= LONGEST_ID else ""


def text(value: Any) -> str:
    """Any value as text on one line; empty for null."""
    if value is None:
        return ""
    return one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def number(value: Any) -> int | float | None:
    """A number that a document can hold, of a number or of a text that is one; else None."""
    if isinstance(value, str):
        value = _number_in(value.strip())
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and not is_out_of_range(value) else None


def _number_in(text: str) -> int | float | None:
    # Python reads underscores and other digits than 0-9 as well; a number of a partner has neither.
    if len(text) > 30 or not text.isascii() or "_" in text:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def value_of(value: Any) -> Any:
    """A value of a document, as it was told; what a document cannot hold, or is no single value, as its JSON text."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(value, dict | list) or (is_number and is_out_of_range(value)):
        return json.dumps(value, ensure_ascii=False)
    return value


def https(value: Any) -> str:
    """An https address that can be shown as a link; else empty."""
    address = values.https(value)
    return address if address.startswith("https://") else ""


def moment_of(value: Any, what: str, pointer: str) -> datetime | None:
    """The moment of a clock that counts milliseconds since 1970; None where there is none."""
    if value is None or value == "":
        return None
    milliseconds = number(value)
    at = None
    if milliseconds is not None and _in_range(milliseconds):
        at = _EPOCH + timedelta(milliseconds=int(milliseconds))
    if at is None:
        raise Unreadable(
            f"{what} is no moment: a whole number of milliseconds since 1970 is expected, such as 1796117415123.",
            pointer=pointer,
        )
    return at


def _in_range(milliseconds: float) -> bool:
    seconds = milliseconds / 1000
    return _EARLIEST.timestamp() <= seconds < _LATEST.timestamp()


class Labelled(Details):
    """Keeps what is null or empty too: the partner named it."""

    def add(self, label: str, value: Any) -> str:
        """The label under which it stands now."""
        name = self._free(label)
        self.values[name] = value
        return name
