"""Fixtures of the whole suite: the one world, and browsers that are signed in to it. No assertions here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from core.api import request_log
from core.models import Membership
from core.openapi.views import document
from tests.world import World, make_world

LONGEST = ("/stories/", "test_every_page.py", "browser/test_story.py", "test_weight.py", "browser/test_reference.py")


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def signed_in() -> Callable[[Membership], Client]:
    """``signed_in(world.recruiter).get("/candidates")``"""

    def sign_in(membership: Membership) -> Client:
        client = Client()
        client.force_login(membership.user)
        # As a log-in ends on a page: the first request of a session writes down when it began.
        client.get("/livez")
        return client

    return sign_in


@pytest.fixture(autouse=True, scope="session")
def _described_whole() -> None:
    """The API's description is made once in a process: not within a test that has a URL conf of its own."""
    document()


@pytest.fixture(autouse=True, scope="session")
def _emptied_row_by_row() -> Iterator[None]:
    """After a test that commits: PostgreSQL takes a second to truncate all tables, and milliseconds to delete the few
    rows. What is still being written is waited for, as TRUNCATE does.
    """

    def sql_flush(self: DatabaseOperations, style: Any, tables: Sequence[str], **_: Any) -> list[str]:
        names = [self.quote_name(table) for table in tables]
        return [f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE", *(f"DELETE FROM {name}" for name in names)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Rate limits are counted in the cache: no test pays for another's calls."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _log_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of calls are written by another thread, which would not see a test's transaction, nor wait for it."""
    monkeypatch.setattr(request_log.writing, "offer", lambda call: request_log._write([call]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: they would leave a second worker idle at the end."""
    items.sort(key=lambda item: next((at for at, path in enumerate(LONGEST) if path in item.nodeid), len(LONGEST)))
    for item in items:
        if not uses_what_differs(item):
            item.add_marker("apart")


def uses_what_differs(item: pytest.Item) -> bool:
    """The suite's database, which pytest-django opens for no other test, or its broker."""
    marks = {mark.name for mark in item.iter_markers()}
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(marks & {"django_db", "postgres"} or fixtures & {"django_db_setup", "live_server", "wakeups"})
