"""What partners write, as values of ours: tolerant, the same for every dialect. Knows no protocol's own words.

Whatever cannot be read here raises Unreadable with the place, or is nothing: an empty text, None. Nothing else.
Whole replies are read in :mod:`assessments.dialects.replies`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from assessments.dialects.base import Unreadable
from assessments.dialects.values import OfferedType
from assessments.rendering import words
from assessments.schemas.problems import is_out_of_range
from core.api.parsing import JSON_LIMIT, parse_json
from core.errors import DomainError

LONGEST_URL = 1_000
LONGEST_ID = 200
#: As many characters of a partner's words are kept with an order.
LONGEST_WORDS = 500

Number = int | float

# --- Bodies ---------------------------------------------------------------------------------------------------------


def parsed(raw: bytes, *, limit: int = JSON_LIMIT) -> Any:
    """The JSON value of a body. Raises Unreadable for what is none, or cannot be read in only one way."""
    try:
        return parse_json(raw, limit=limit)
    except DomainError as error:
        pointer = str(error.problems[0]["pointer"]) if error.problems else ""
        told = [error.detail, *(problem["message"] for problem in error.problems[:1])]
        raise Unreadable(" ".join(told), pointer=pointer) from None


def parsed_if_json(raw: bytes) -> Any:
    """The same; None for what cannot be read."""
    try:
        return parsed(raw)
    except Unreadable:
        return None


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


def objects(value: Any) -> list[dict[str, Any]]:
    """The items of a list, each as by :func:`maybe`; none of anything else."""
    return [maybe(item) for item in value] if isinstance(value, list) else []


def offered(
    entries: Any, pointer: str = "", *, key: str = "id", name: str = "name", description: str = ""
) -> tuple[OfferedType, ...]:
    """A catalogue that we asked for: a list of objects with these members, of two with the same id the first.

    An entry without a name is called by its id; one without an id is left out, as long as any has one.
    """
    told = objects(items(entries, pointer))
    found: dict[str, OfferedType] = {}
    for entry in told:
        if id_ := identity(entry.get(key)):
            offer = OfferedType(key=id_, name=line(entry.get(name)) or id_, description=text(entry.get(description)))
            found.setdefault(id_, offer)
    if told and not found:
        raise Unreadable(f"None of its entries has the member {key}.", pointer=pointer)
    return tuple(found.values())


def _at(pointer: str) -> str:
    return f"at {pointer}" if pointer else "as the body"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


# --- Texts ----------------------------------------------------------------------------------------------------------


def text(value: Any) -> str:
    """A text without space around it; of anything else empty."""
    return value.strip() if isinstance(value, str) else ""


def word(value: Any) -> str:
    """One of a fixed set of words, however it is capitalised."""
    return text(value).lower()


def line(value: Any) -> str:
    """Any value as one line, cut to what is kept of a partner's words; empty for null."""
    if value is None:
        return ""
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(said.split())[:LONGEST_WORDS]


def identity(value: Any) -> str:
    """An id, as text: some write it as a number. Empty for what is no id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)


def kept_id(value: Any) -> str:
    """The same; empty for one that is longer than can be kept."""
    found = identity(value)
    return found if len(found) <= LONGEST_ID else ""


def https(value: Any) -> str:
    """An https address that may be shown as a link; else empty."""
    try:
        address = words.link(text(value)).href
    except words.Unfit:
        return ""
    return address if len(address) <= LONGEST_URL else ""


# --- Numbers and time -----------------------------------------------------------------------------------------------

_NUMBER = r"[-+]?(?:[0-9]{1,16}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})"
_PLAIN = re.compile(_NUMBER)
_PERCENT = re.compile(rf"({_NUMBER})\s*%")
_FRACTION = re.compile(rf"({_NUMBER})\s*/\s*({_NUMBER})")
_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9]):([0-5][0-9])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Beyond these it is no clock that counts milliseconds.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def number(value: Any) -> Number | None:
    """A number that every program can read exactly, or a text that is one; a whole one without a fraction."""
    if isinstance(value, str):
        value = float(value) if _PLAIN.fullmatch(value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or is_out_of_range(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def scored(value: Any) -> tuple[Number | None, Number | None]:
    """A score with its maximum, where it states one: ``82``, ``"82"``, ``"76%"`` (of 100), ``"12/15"``."""
    said = text(value)
    if match := _PERCENT.fullmatch(said):
        return number(match[1]), 100
    if (match := _FRACTION.fullmatch(said)) and float(match[2]) > 0:
        return number(match[1]), number(match[2])
    return number(value), None


def lasting(value: Any) -> str:
    """A length of time in ISO 8601, from that or from ``"00:41:17"``. Without the hours it could be either."""
    said = text(value)
    if match := _CLOCK.fullmatch(said):
        return duration(*map(int, match.groups()))
    try:
        return words.duration(said).iso
    except words.Unfit:
        return ""


def duration(hours: int, minutes: int, seconds: int) -> str:
    """In ISO 8601: ``PT41M17S``."""
    parts = zip((hours, minutes, seconds), "HMS", strict=True)
    return f"PT{''.join(f'{amount}{unit}' for amount, unit in parts if amount) or '0S'}"


def moment_of(value: Any, what: str, pointer: str) -> datetime | None:
    """The moment of a clock that counts milliseconds since 1970; None where there is none."""
    if value is None or value == "":
        return None
    milliseconds = number(value)
    if milliseconds is not None and _EARLIEST.timestamp() <= milliseconds / 1000 < _LATEST.timestamp():
        return _EPOCH + timedelta(milliseconds=int(milliseconds))
    raise Unreadable(
        f"{what} is no moment: a whole number of milliseconds since 1970 is expected, such as 1796117415123.",
        pointer=pointer,
    )


# --- Parts of a document --------------------------------------------------------------------------------------------


def storable(value: Any) -> Any:
    """A value as a document may hold it: a number that not every program can read exactly becomes text."""
    if isinstance(value, dict):
        return {name: storable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [storable(part) for part in value]
    return str(value) if is_out_of_range(value) else value


def single(value: Any) -> Any:
    """The same as one value: an object or a list becomes its JSON text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else storable(value)


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
            self.add(text(label) or "Detail", storable(value))

    def add(self, label: str, value: Any) -> str:
        """Adds one, be it null or empty: the partner named it. Gives the label under which it stands now."""
        name = self._free(label)
        self.values[name] = value
        return name

    def _free(self, label: str) -> str:
        """Counts on from where it stopped, so that many equal labels take linear time."""
        name = label
        while name in self.values:
            self._last[label] += 1
            name = f"{label} ({self._last[label] + 1})"
        return name
