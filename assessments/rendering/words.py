"""Values as people read them: numbers, dates, durations, money, links. A value that is not of the form raises Unfit."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from assessments.rendering.viewmodel import Words

_DURATION = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_UNITS = ("y", "mo", "wk", "d", "h", "min", "s")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
NOTHING = "–"


class Unfit(ValueError):
    """The value is not what the widget shows."""


def plain(value: Any) -> str:
    """Any scalar as text, without control and direction characters that would disturb what stands beside it."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return number(value)
    text = str(value)
    # Nearly all are, and finding out takes no loop.
    harmless = text if text.isprintable() else "".join(filter(_is_harmless, text))
    return harmless or NOTHING


def number(value: Any) -> str:
    """With thousands apart; a fraction as it was sent, to six decimals."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit
    if isinstance(value, int):
        return f"{value:,}"
    exact = Decimal(repr(value))
    if abs(exact) >= 10**15 or (exact and abs(exact) < Decimal("0.000001")):
        return f"{value:g}"
    text = f"{round(exact, 6):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: Any) -> Words:
    try:
        moment = date.fromisoformat(_text(value))
    except ValueError as error:
        raise Unfit from error
    return Words(text=f"{moment.day} {moment:%b %Y}", iso=moment.isoformat())


def moment(value: Any) -> Words:
    """A date and time with its own zone; seconds only where there are any."""
    try:
        when = datetime.fromisoformat(_text(value))
    except ValueError as error:
        raise Unfit from error
    clock = f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"
    shift = f"{when:%z}"
    zone = "" if when.tzinfo is None else " UTC" if not when.utcoffset() else f" UTC{shift[:3]}:{shift[3:5]}"
    return Words(text=f"{when.day} {when:%b %Y}, {clock}{zone}", iso=when.isoformat())


def duration(value: Any) -> Words:
    """ISO 8601: ``PT1H14M`` → ``1 h 14 min``."""
    match = _DURATION.fullmatch(_text(value))
    if match is None:
        raise Unfit
    parts = [f"{amount} {unit}" for amount, unit in zip(match.groups(), _UNITS, strict=True) if amount]
    return Words(text=" ".join(parts) or "0 s", iso=_text(value))


def money(value: Any) -> Words:
    """``{"amount": 120, "currency": "EUR"}`` → ``120.00 EUR``."""
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        raise Unfit
    amount, currency = value["amount"], value["currency"]
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
        raise Unfit
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise Unfit
    exact = Decimal(repr(amount))
    return Words(text=f"{exact:,.2f}" if exact == round(exact, 2) else number(amount), note=currency)


def link(value: Any) -> Words:
    """An https address: its host is shown. Everything else is text."""
    text = _text(value)
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise Unfit from error
    odd = any(character.isspace() or not _is_harmless(character) for character in text)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None or odd:
        raise Unfit
    return Words(text=parts.hostname, href=text)


def email(value: Any) -> Words:
    text = _text(value)
    if not _EMAIL.fullmatch(text):
        raise Unfit
    return Words(text=text, href=f"mailto:{text}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit
    return value


def _is_harmless(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
