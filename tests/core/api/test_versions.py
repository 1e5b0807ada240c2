"""Dated versions, purely: which one a call speaks, and how a value passes through the changes in between."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from core.api import versions
from core.api.versions import VERSIONS, Change
from core.errors import UnknownApiVersion

OLDEST = VERSIONS[-1].name


def added(version: str, word: str) -> Change:
    return Change(
        version=version,
        sentence=word,
        upgrade=lambda value: [*value, f"+{word}"],
        downgrade=lambda value: [*value, f"-{word}"],
        pointer=lambda pointer: f"{pointer}/{word}",
    )


CHANGES = (added("2026-12-01", "b"), added("2027-02-01", "c"), added("2026-10-01", "a"))


@pytest.mark.parametrize(
    ("version", "up", "down", "pointer"),
    [
        ("2027-02-01", [], [], ""),
        ("2026-12-01", ["+c"], ["-c"], "/c"),
        ("2026-10-01", ["+b", "+c"], ["-c", "-b"], "/c/b"),
        ("2026-01-01", ["+a", "+b", "+c"], ["-c", "-b", "-a"], "/c/b/a"),
    ],
)
def test_a_value_passes_every_change_that_its_version_does_not_know(
    version: str, up: list[Any], down: list[Any], pointer: str
) -> None:
    between = versions.between(CHANGES, version)
    assert versions.upgraded([], between) == up
    assert versions.downgraded([], between) == down
    assert versions.pointed("", between) == pointer


def test_the_header_goes_before_what_the_application_is_pinned_to() -> None:
    assert versions.asked({}, OLDEST) == OLDEST
    assert versions.asked({"HTTP_API_VERSION": versions.CURRENT}, OLDEST) == versions.CURRENT
    for other in ("", "2026-12-02", "latest", "2026-12-01 ", "v1"):
        with pytest.raises(UnknownApiVersion) as caught:
            versions.asked({"HTTP_API_VERSION": other}, versions.CURRENT)
        assert caught.value.facts["versions"] == [version.name for version in VERSIONS]


def test_the_current_version_says_no_end_and_an_older_one_does() -> None:
    assert versions.headers_of(versions.CURRENT) == {"Api-Version": versions.CURRENT}
    told = versions.headers_of("2026-10-01")
    assert (told["Deprecation"], told["Sunset"]) == ("@1796083200", "Wed, 01 Dec 2027 00:00:00 GMT")
    assert told["Link"].endswith('/docs/api/versions>; rel="deprecation"; type="text/html"')


def test_versions_stand_newest_first_and_every_older_one_has_its_end() -> None:
    names = [version.name for version in VERSIONS]
    assert names == sorted(names, reverse=True)
    for newer, older in itertools.pairwise(VERSIONS):
        assert older.deprecated_on is not None
        assert older.sunset_on is not None
        assert older.deprecated_on.isoformat() == newer.name
        assert (older.sunset_on - older.deprecated_on).days >= 365


def test_every_change_came_with_a_version_that_there_is() -> None:
    assert {change.version for change in versions.all_changes()} <= {version.name for version in VERSIONS}
    assert versions.all_changes()
