"""The reference's pages: whole, searchable, small, and made from the OpenAPI document."""

from __future__ import annotations

import pytest
from django.test import Client

from core.docs.library import library
from core.docs.reference import Row, rows_of
from core.docs.rendering import LANGUAGES
from core.openapi.views import document
from core.views.reference import all_chapters

CHAPTERS = [chapter.slug for chapter in all_chapters()]


def test_the_overview_leads_to_every_operation_and_webhook(db: None, client: Client) -> None:
    html = client.get("/docs/reference").content.decode()
    paths = [*document()["paths"].values(), *document()["webhooks"].values()]
    ids = {operation["operationId"] for methods in paths for operation in methods.values()}
    assert ids == {call.id for chapter in all_chapters() for call in chapter.calls}
    assert {call for call in ids if f'#{call}"' not in html} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_shows_its_calls_in_the_language_asked_for(
    db: None, client: Client, chapter: str, language: str
) -> None:
    answer = client.get(f"/docs/reference/{chapter}", {"language": language})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert len(answer.content) < 300_000
    (calls,) = [each.calls for each in all_chapters() if each.slug == chapter]
    for call in calls:
        assert f'id="{call.id}"' in html
        assert (f'id="sample-{call.id}"' in html) is bool(call.samples)


def test_an_unknown_language_is_curl_and_an_unknown_chapter_is_no_page(db: None, client: Client) -> None:
    assert 'aria-current="page">curl<' in client.get("/docs/reference/partner?language=cobol").content.decode()
    assert client.get("/docs/reference/nothing").status_code == 404


def test_search_finds_a_call_by_its_words_and_by_its_path() -> None:
    for query in ("Accepts an order", "orders accept POST"):
        assert "/docs/reference/orders#orders_accept" in [found.url for found in library().index.search(query)]


def test_a_table_goes_into_lists_and_objects_and_says_what_may_be_null() -> None:
    schemas = {"Row": {"type": "object", "properties": {"n": {"type": "integer", "maximum": 9}}, "required": ["n"]}}
    schema = {
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
            "one": {"oneOf": [{"$ref": "#/components/schemas/Row"}, {"type": "null"}], "description": "It."},
        }
    }
    assert list(rows_of(schema, schemas)) == [
        Row(name="data", type="array", description="", required=False),
        Row(name="data[].n", type="integer, at most 9", description="", required=True),
        Row(name="one", type="object or null", description="It.", required=False),
        Row(name="one.n", type="integer, at most 9", description="", required=True),
    ]
