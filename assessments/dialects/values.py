"""What partners write, as plain values of ours: tolerant, the same for every dialect. Knows no protocol's own words.

Whatever cannot be read here raises Unreadable with the place, or is nothing: an empty text, None. Nothing else.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assessments.dialects.base import Answer, OfferedType, Unreadable
from assessments.rendering import words
from assessments.schemas.problems import is_out_of_range
from core.api.parsing import JSON_LIMIT, parse_json
from core.api.problems import status_of
from core.errors import DomainError

if TYPE_CHECKING:
    from core.http import Reply

LONGEST_URL = 1_000
# A partner's own id of an order.
LONGEST_ID = 200
LONGEST_MESSAGE = 500
# Where the words of a refusal stand, in whatever JSON an API answers.
_SPOKEN = ("message", "error", "errors", "detail")
_FLAWS = 5

_NUMBER = r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,9})?"
_PLAIN = re.compile(_NUMBER)
_PERCENT = re.compile(rf"({_NUMBER})\s*%")
_FRACTION = re.compile(rf"({_NUMBER})\s*/\s*({_NUMBER})")
_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9]):([0-5][0-9])")

Number = int | float


# --- Structure ------------------------------------------------------------------------------------------------------


def parsed(raw: bytes, *, limit: int = JSON_LIMIT) -> Any:
    """The JSON value of a body."""
    try:
        return parse_json(raw, limit=limit)
    except DomainError as error:
        pointer = str(error.problems[0]["pointer"]) if error.problems else ""
        raise Unreadable(error.detail, pointer=pointer) from None


def members(value: Any, pointer: str = "") -> dict[str, Any]:
    """An object; what else stands there is named."""
    if isinstance(value, dict):
        return value
    raise Unreadable(f"An object is expected {_at(pointer)}, not {_kind(value)}.", pointer=pointer)


def items(value: Any, pointer: str = "") -> list[Any]:
    """A list; what else stands there is named."""
    if isinstance(value, list):
        return value
    raise Unreadable(f"A list is expected {_at(pointer)}, not {_kind(value)}.", pointer=pointer)


def maybe(value: Any) -> dict[str, Any]:
    """An object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def offered(entries: Any, pointer: str = "") -> tuple[OfferedType, ...]:
    """A catalogue that we asked for: a list of objects with ``id`` and ``name``, of two with the same id the first.

    An entry without a name is called by its id; one without an id is left out, as long as any has one.
    """
    told = [maybe(entry) for entry in items(entries, pointer)]
    found: dict[str, OfferedType] = {}
    for entry in told:
        if key := identity(entry.get("id")):
            found.setdefault(key, OfferedType(key=key, name=text(entry.get("name")) or key))
    if told and not found:
        raise Unreadable("None of its entries has an id.", pointer=pointer)
    return tuple(found.values())


def _at(pointer: str) -> str:
    return f"at {pointer}" if pointer else "as the body"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


# --- Values ---------------------------------------------------------------------------------------------------------


def identity(value: Any) -> str:
    """An id, as text: some write it as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)


def text(value: Any) -> str:
    """A text without space around it."""
    return value.strip() if isinstance(value, str) else ""


def word(value: Any) -> str:
    """One of a fixed set of words, however it is capitalised."""
    return text(value).lower()


def https(value: Any) -> str:
    """An https address that may be shown as a link."""
    try:
        address = words.link(text(value)).href
    except words.Unfit:
        return ""
    return address if len(address) <= LONGEST_URL else ""


def number(value: Any) -> Number | None:
    """A number that every program can read exactly; a whole one without a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float) or is_out_of_range(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def scored(value: Any) -> tuple[Number | None, Number | None]:
    """A score with its maximum, where it states one: ``82``, ``"82"``, ``"76%"`` (of 100), ``"12/15"``."""
    if not isinstance(value, str):
        return number(value), None
    said = value.strip()
    if _PLAIN.fullmatch(said):
        return number(float(said)), None
    if match := _PERCENT.fullmatch(said):
        return number(float(match[1])), 100
    if (match := _FRACTION.fullmatch(said)) and float(match[2]) > 0:
        return number(float(match[1])), number(float(match[2]))
    return None, None


def scale_of(score: Number | None, maximum: Number | None) -> str:
    """What a result says of the scale of its score where the partner says nothing."""
    return "not stated" if score is not None and maximum is None else ""


def lasting(value: Any) -> str:
    """A length of time in ISO 8601, from that or from ``"00:41:17"``. Without the hours it could be either."""
    said = text(value)
    if match := _CLOCK.fullmatch(said):
        parts = [f"{int(amount)}{unit}" for amount, unit in zip(match.groups(), "HMS", strict=True) if int(amount)]
        return f"PT{''.join(parts) or '0S'}"
    try:
        return words.duration(said).iso
    except words.Unfit:
        return ""


def storable(value: Any) -> Any:
    """A value as a document may hold it: a number that not every program can read exactly becomes text."""
    if isinstance(value, dict):
        return {name: storable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [storable(part) for part in value]
    return str(value) if is_out_of_range(value) else value


def document(**parts: Any) -> dict[str, Any]:
    """A result document of what there is: absent and empty parts are left out."""
    return {name: part for name, part in parts.items() if part not in (None, "", {}, [])}


class Details:
    """Values under the partner's own labels, in its order; a label that is there already gets a number."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._last: Counter[str] = Counter()

    def put(self, label: Any, value: Any) -> None:
        """Adds one; an absent or empty value says nothing."""
        if value not in (None, "", {}, []):
            self.values[self._free(text(label) or "Detail")] = storable(value)

    def _free(self, label: str) -> str:
        """Counts on from where it stopped, so that many equal labels take linear time."""
        name = label
        while name in self.values:
            self._last[label] += 1
            name = f"{label} ({self._last[label] + 1})"
        return name


# --- Replies and answers --------------------------------------------------------------------------------------------


def spoken(body: Any) -> str:
    """The words of a refusal, in whatever JSON it came."""
    if isinstance(body, str):
        return body.strip()[:LONGEST_MESSAGE]
    if isinstance(body, list):
        parts = [part for item in body[:_FLAWS] if (part := spoken(item))]
        return "; ".join(parts)[:LONGEST_MESSAGE]
    if not isinstance(body, dict):
        return ""
    found = (spoken(body.get(name)) for name in _SPOKEN)
    return next((said for said in found if said), "")


def spoken_in(reply: Reply) -> str:
    """The same of a reply; empty where it is no JSON."""
    try:
        return spoken(parsed(reply.body))
    except Unreadable:
        return ""


def is_success(reply: Reply) -> bool:
    return 200 <= reply.status < 300


def is_page(reply: Reply) -> bool:
    """Whether it is meant for a browser: what a wrong address answers, mostly with 200."""
    return reply.body.lstrip().startswith(b"<")


def unexpected(reply: Reply) -> Unreadable:
    """What a reply is that the protocol gives no meaning to; 401 and 403 are about the credential."""
    if is_page(reply):
        said = f"The partner answered {reply.status} with a page for people, not as an API does."
        return Unreadable(f"{said} The address may be wrong.")
    if reply.status in {401, 403}:
        return Unreadable(f"The partner does not take our credential (it answered {reply.status}).")
    return Unreadable(f"The partner answered {reply.status}, which this protocol gives no meaning to.")


def compact(body: Any) -> str:
    """The exact text of a call."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def answer(status: int, body: Any) -> Answer:
    """What it quotes may hold half a surrogate pair, which must not break the answer."""
    return Answer(status=status, body=compact(body).encode("utf-8", "replace"))


def refusal(error: DomainError, body: Any) -> Answer:
    """An answer with the status of the error, and how long to wait where it says so."""
    wait = error.facts.get("retry_after")
    headers = {} if wait is None else {"retry-after": str(wait)}
    return replace(answer(status_of(type(error)), body), headers=headers)


def sentence_of(error: DomainError) -> str:
    """An error in one text, for protocols whose errors have no room for pointers."""
    flaws: Iterable[str] = (f"{flaw['pointer']}: {flaw['message']}" for flaw in error.problems[:_FLAWS])
    return " ".join([error.detail, *flaws])
