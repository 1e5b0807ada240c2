"""The formats that are checked, by the very functions of the jsonschema library, so that both engines agree."""

from __future__ import annotations

from collections.abc import Callable

from jsonschema import Draft202012Validator

#: Name → what a person is told to write.
FORMATS = {
    "date": "a date, such as 2026-01-31",
    "time": "a time with its zone, such as 14:30:00Z",
    "date-time": "a date and time with its zone, such as 2026-01-31T14:30:00Z",
    "duration": "an ISO 8601 duration, such as PT45M",
    "email": "an e-mail address",
    "hostname": "a host name",
    "uri": "an absolute URI, such as https://vendor.example/report",
    "uri-reference": "a URI or a relative reference",
    "uuid": "a UUID",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "json-pointer": "a JSON pointer",
}
# The duration parser takes 0.6 s over a megabyte of digits; no value of any of these formats needs so much.
_LONGEST = 10_000


def _check(name: str) -> Callable[[str], bool]:
    check, _ = Draft202012Validator.FORMAT_CHECKER.checkers[name]

    def conforms(value: str) -> bool:
        try:
            return len(value) <= _LONGEST and bool(check(value))
        # The library names the errors that mean "no", but its parsers raise others (decimal.Overflow): no as well.
        except Exception:
            return False

    return conforms


CHECKS = {name: _check(name) for name in FORMATS}
