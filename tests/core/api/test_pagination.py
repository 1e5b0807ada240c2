"""Lists in pages: complete, without repeats while rows arrive, and with cursors that nobody can make."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from core.models import Organization
from core.secrets import encrypt

pytestmark = [pytest.mark.urls("tests.core.api.site"), pytest.mark.django_db]

START = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def make(count: int, *, apart: timedelta = timedelta(microseconds=1)) -> list[str]:
    """The names, newest first."""
    rows = [Organization(name=f"org {number}", created_at=START + apart * number) for number in range(count)]
    Organization.objects.bulk_create(rows)
    return [row.name for row in reversed(rows)]


def get(client: Client, path: str = "/api/t/organizations", **query: Any) -> Any:
    return client.get(path, query)


def walk(client: Client, **query: Any) -> list[list[str]]:
    pages = [get(client, **query).json()]
    while pages[-1]["next_cursor"]:
        pages.append(get(client, **query, cursor=pages[-1]["next_cursor"]).json())
    return [page["data"] for page in pages]


def test_pages_of_twenty_five_hold_every_row_once(client: Client) -> None:
    names = make(60)
    pages = walk(client)
    assert [len(page) for page in pages] == [25, 25, 10]
    assert [name for page in pages for name in page] == names


@pytest.mark.parametrize(
    "order", ["-created_at -id", "created_at id", "name -id", "-name id", "-id", "name created_at id"]
)
def test_rows_that_are_equal_in_the_first_column_are_neither_lost_nor_repeated(client: Client, order: str) -> None:
    make(10, apart=timedelta(0))
    Organization.objects.update(name="same")
    made = {f"org {number}" for number in range(10)}
    for number, row in enumerate(Organization.objects.order_by("id")):
        Organization.objects.filter(pk=row.pk).update(name=f"org {number}" if "name" not in order else "same")
    found = [name for page in walk(client, limit=3, order=order) for name in page]
    assert len(found) == 10
    assert "name" in order or set(found) == made


def test_the_last_full_page_has_no_cursor(client: Client) -> None:
    make(4)
    assert [len(page) for page in walk(client, limit=2)] == [2, 2]


def test_an_empty_list_is_an_empty_page(client: Client) -> None:
    assert get(client).json() == {"data": [], "next_cursor": None}


def test_rows_that_arrive_meanwhile_shift_nothing(client: Client) -> None:
    names = make(6)
    first = get(client, limit=3).json()
    Organization.objects.create(name="new", created_at=START + timedelta(days=1))
    Organization.objects.filter(name=names[0]).delete()
    second = get(client, limit=3, cursor=first["next_cursor"]).json()
    assert first["data"] + second["data"] == names


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "٣", "1e2", "99999999999999999999", " 5"])
def test_a_limit_outside_of_one_to_a_hundred_is_refused_by_name(client: Client, limit: str) -> None:
    answer = get(client, limit=limit)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert answer.json()["problems"] == [
        {
            "pointer": "",
            "parameter": "limit",
            "code": "invalid",
            "message": "Send a whole number from 1 to 100.",
            "schema_pointer": "",
        }
    ]


def test_one_and_a_hundred_are_taken(client: Client) -> None:
    make(101)
    assert len(get(client, limit=1).json()["data"]) == 1
    assert len(get(client, limit=100).json()["data"]) == 100


def test_a_cursor_shows_neither_id_nor_moment(client: Client) -> None:
    make(2)
    cursor = get(client, limit=1).json()["next_cursor"]
    assert quote(cursor) == cursor
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert b"2026" not in raw
    assert b"organizations" not in raw


@pytest.mark.parametrize("cursor", ["nonsense", "%00", "ü", "=", "gAAAAA", "null", "' OR 1=1 --", "a" * 10_000])
def test_a_cursor_that_nobody_gave_is_refused(client: Client, cursor: str) -> None:
    answer = get(client, cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_a_cursor_that_was_changed_is_refused(client: Client) -> None:
    make(2)
    cursor = get(client, limit=1).json()["next_cursor"]
    for changed in (cursor[:-1], cursor[:40] + ("A" if cursor[40] != "A" else "B") + cursor[41:], cursor * 2):
        assert get(client, cursor=changed).status_code == 400


def test_a_cursor_of_another_list_or_order_is_refused(client: Client) -> None:
    make(2)
    cursor = get(client, limit=1).json()["next_cursor"]
    for query in ({"path": "/api/t/others"}, {"order": "created_at id"}):
        answer = get(client, **query, cursor=cursor)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_what_is_sealed_with_our_key_but_is_no_cursor_is_refused(client: Client) -> None:
    assert get(client, cursor=encrypt('["somewhere"]')).status_code == 400


@example("")
@given(st.text(max_size=50))
@hypothesis.settings(max_examples=30)
def test_whatever_cursor_arrives_it_is_refused_in_one_way(cursor: str) -> None:
    answer = get(Client(), cursor=cursor)
    assert answer.status_code == (200 if not cursor else 400)


@given(limit=st.integers(1, 12), place=st.integers(0, 10_000), other=st.sampled_from("ABab01-_"))
@hypothesis.settings(
    max_examples=40, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture], deadline=None
)
def test_pages_of_any_size_hold_each_row_once_and_a_cursor_bent_anywhere_is_refused(
    client: Client, limit: int, place: int, other: str
) -> None:
    names = make(12) if not Organization.objects.exists() else [f"org {number}" for number in reversed(range(12))]
    assert [name for page in walk(client, limit=limit) for name in page] == names
    if cursor := get(client, limit=limit).json()["next_cursor"]:
        # The last character of base64 holds bits that mean nothing.
        at = place % (len(cursor) - 1)
        bent = cursor[:at] + other + cursor[at + 1 :]
        assert get(client, cursor=bent).status_code == (200 if bent == cursor else 400)


def test_a_page_is_one_query_however_deep(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make(30)
    cursor = get(client, limit=20).json()["next_cursor"]
    with django_assert_num_queries(2):  # the page, and the row of the request log
        get(client, limit=5, cursor=cursor)
