"""ETags of the catalogue and its schemas: what is unchanged is not sent again, and a stale change is not made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Http

from assessments.models import AssessmentType
from assessments.services import catalogue
from core.openapi.views import document
from partners.scopes import ALL
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World

pytestmark = pytest.mark.django_db

TYPE = "/api/v1/assessment-types/coding"
READ = ["/api/v1/assessment-types", TYPE, f"{TYPE}/result-schemas", f"{TYPE}/result-schemas/1"]
CHANGED = {"name": "Coding, two tasks", "kind": "coding"}


def call(shop: Shop, method: str, path: str, body: Any = None, **conditions: str) -> Any:
    names = {"match": "If-Match", "none_match": "If-None-Match", "version": "Api-Version"}
    headers = {"Authorization": f"Bearer {scene.token(shop.application, ALL)}"}
    headers |= {names[name]: value for name, value in conditions.items()}
    return Http().generic(method, path, json.dumps(body) if body else b"", "application/json", headers=headers)


@pytest.mark.parametrize("path", READ)
def test_what_is_as_the_caller_has_it_is_304_with_nothing_in_it(shop: Shop, path: str) -> None:
    first = call(shop, "GET", path)
    tag = first["ETag"]
    for known in (tag, f'"other", {tag}', "*", f"W/{tag.removeprefix('W/')}"):
        again = call(shop, "GET", path, none_match=known)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
        assert "RateLimit" in again.headers
    for known in ('"other"', "nonsense", ""):
        again = call(shop, "GET", path, none_match=known)
        assert (again.status_code, again.json(), again["ETag"]) == (200, first.json(), tag)


def test_a_tag_changes_with_what_is_read(shop: Shop) -> None:
    before = {path: call(shop, "GET", path)["ETag"] for path in READ}
    assert call(shop, "PUT", TYPE, CHANGED).status_code == 200
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, '{"type": "object"}'))
    after = {path: call(shop, "GET", path, none_match=tag) for path, tag in before.items()}
    assert {
        path: (answer.status_code, answer["ETag"] == before[path]) for path, answer in after.items()
    } == dict.fromkeys(READ, (200, False))


def test_a_page_with_a_cursor_keeps_its_tag_though_the_cursor_is_another_text(shop: Shop) -> None:
    catalogue.draft_schema(shop.assessment_type, '{"type": "object"}')
    path = f"{TYPE}/result-schemas?limit=1"
    one, two = call(shop, "GET", path), call(shop, "GET", path)
    assert one.json()["next_cursor"] != two.json()["next_cursor"]
    assert one["ETag"] == two["ETag"]
    assert one["ETag"].startswith("W/")


def test_another_version_of_the_api_has_another_tag(shop: Shop) -> None:
    tag = call(shop, "GET", TYPE)["ETag"]
    older = call(shop, "GET", TYPE, none_match=tag, version="2026-10-01")
    assert (older.status_code, older["ETag"] == tag) == (200, False)


def test_a_change_is_made_to_what_was_read_and_answers_with_its_tag(shop: Shop) -> None:
    read = call(shop, "GET", TYPE)
    changed = call(shop, "PUT", TYPE, CHANGED, match=read["ETag"])
    assert changed.status_code == 200
    assert call(shop, "GET", TYPE)["ETag"] == changed["ETag"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_meant_for_something_else_is_not_made(shop: Shop, method: str) -> None:
    stale = call(shop, "GET", TYPE)["ETag"]
    call(shop, "PUT", TYPE, CHANGED)
    for match in (stale, "nonsense", ""):
        answer = call(shop, method, TYPE, {**CHANGED, "name": "Mine"}, match=match)
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    row = AssessmentType.objects.get(pk=shop.assessment_type.pk)
    assert (row.name, row.retired_at) == (CHANGED["name"], None)


CATALOGUE = {"data": [{"key": "other", **CHANGED}]}
DRAFT = {"schema": {"type": "object", "title": "Other"}}
OF_LISTS = [("PUT", READ[0], CATALOGUE), ("POST", READ[2], DRAFT)]


def state(shop: Shop) -> list[Any]:
    return [call(shop, "GET", path).json() for path in READ]


@pytest.mark.parametrize(("method", "path", "body"), OF_LISTS)
def test_a_list_is_changed_under_no_condition_but_that_it_is_there(
    shop: Shop, method: str, path: str, body: dict[str, Any]
) -> None:
    before, tag = state(shop), call(shop, "GET", path)["ETag"]
    for conditions in (
        *({"match": match} for match in ('"nope"', "nonsense", "", tag, tag.removeprefix("W/"))),
        *({"none_match": unwanted} for unwanted in ("*", tag, f'"nope", {tag}')),
    ):
        answer = call(shop, method, path, body, **conditions)
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed"), conditions
    assert state(shop) == before
    assert call(shop, method, path, body, none_match='"nope"').status_code in (200, 201)
    assert call(shop, method, path, body, match="*").status_code in (200, 201)
    assert state(shop) != before


def test_a_version_is_published_as_it_was_read_or_not_at_all(shop: Shop) -> None:
    draft = catalogue.draft_schema(shop.assessment_type, json.dumps(DRAFT["schema"]))
    path = f"{TYPE}/result-schemas/{draft.version}"
    read = call(shop, "GET", path)
    for conditions in ({"match": '"nope"'}, {"match": call(shop, "GET", TYPE)["ETag"]}, {"none_match": read["ETag"]}):
        answer = call(shop, "POST", f"{path}/publish", **conditions)
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert call(shop, "GET", path).json() == read.json()
    published = call(shop, "POST", f"{path}/publish", match=read["ETag"])
    assert (published.status_code, published.json()["state"]) == (200, "published")
    assert call(shop, "POST", f"{path}/publish", match=read["ETag"]).status_code == 412
    assert call(shop, "POST", f"{path}/publish", match="*").status_code == 200


def test_every_change_at_an_address_that_gives_out_a_tag_takes_conditions(shop: Shop) -> None:
    """Found in the description of the API, which the answers are held against."""
    paths = document()["paths"]
    reads = {path: methods["get"]["responses"]["200"] for path, methods in paths.items() if "get" in methods}
    tagged = {path for path, answer in reads.items() if "ETag" in answer["headers"]}
    assert len(tagged) >= 4
    for path in tagged:
        for method in {"put", "patch", "delete", "post"} & paths[path].keys():
            assert "412" in paths[path][method]["responses"], (method, path)


def test_a_star_creates_only_or_changes_only(shop: Shop) -> None:
    new = "/api/v1/assessment-types/new"
    assert call(shop, "PUT", new, CHANGED, match="*").status_code == 412
    assert call(shop, "PUT", new, CHANGED, none_match="*").status_code == 201
    assert call(shop, "PUT", new, CHANGED, none_match="*").status_code == 412
    assert call(shop, "PUT", new, CHANGED, match="*").status_code == 200
    assert call(shop, "DELETE", new, match="*").status_code == 204


def test_a_condition_tells_mallory_s_partner_nothing_of_ours(shop: Shop, world: World) -> None:
    sneak = scene.mallorys_shop(world)
    catalogue.put_type(shop.partner, "acmes", name="Acme's", description="", kind="other", order_schema_text="")
    tag = call(shop, "GET", "/api/v1/assessment-types/acmes")["ETag"]
    for conditions in ({"none_match": tag}, {"none_match": "*"}):
        assert call(sneak, "GET", "/api/v1/assessment-types/acmes", **conditions).status_code == 404
    for match in (tag, "*"):
        assert call(sneak, "PUT", "/api/v1/assessment-types/acmes", CHANGED, match=match).status_code == 412
        assert call(sneak, "DELETE", "/api/v1/assessment-types/acmes", match=match).status_code == 404
