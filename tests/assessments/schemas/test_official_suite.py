"""The official JSON Schema test suite, draft 2020-12, as `make` brings it: through the API without a fault of ours, and
with the suite's verdict wherever policy allows the schema.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from assessments.schemas import policy
from assessments.schemas.validation import validate
from tests.assessments import scene
from tests.world import World

SUITE = Path(sys.prefix) / "json-schema-test-suite" / "draft2020-12"
FILES = sorted(path.name for path in SUITE.glob("*.json"))
# To the suite a format says something; to us, as the design has it, it demands something.
FORMAT_ASSERTED = "is only an annotation by default"


def groups(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((SUITE / name).read_text())
    return loaded


def as_result_schema(schema: Any) -> dict[str, Any]:
    """A result is an object: the suite's value becomes a member of it, the definitions come along to the root."""
    inner = dict(schema) if isinstance(schema, dict) else schema
    definitions = inner.pop("$defs", None) if isinstance(inner, dict) else None
    if isinstance(inner, dict):
        inner.pop("$schema", None)
    return {"type": "object", "properties": {"value": inner}, **({"$defs": definitions} if definitions else {})}


def test_the_suite_is_there_and_policy_allows_most_of_it() -> None:
    every = [group for name in FILES for group in groups(name)]
    allowed = [group for group in every if not policy.check(as_result_schema(group["schema"]))]
    assert len(every) > 350
    assert len(allowed) / len(every) > 0.7


@pytest.mark.parametrize("name", FILES)
def test_what_policy_allows_has_the_verdict_of_the_suite(name: str) -> None:
    for group in groups(name):
        schema = as_result_schema(group["schema"])
        if policy.check(schema):
            continue
        for case in group["tests"]:
            is_valid = not validate(json.dumps(schema), {"value": case["data"]})
            expected = case["valid"] and FORMAT_ASSERTED not in case["description"]
            assert is_valid == expected, f"{group['description']}: {case['description']}"


@pytest.mark.django_db
def test_through_publish_and_validate_every_case_has_its_verdict_and_nothing_breaks(
    world: World, settings: Settings
) -> None:
    settings.RATE_LIMITS = {}
    shop = scene.shop_of(world)
    api, path = shop.api(), f"assessment-types/{shop.assessment_type.key}/result-schemas"
    published = tried = 0
    for group in (group for name in FILES for group in groups(name)):
        alone = api.post(path, {"schema": group["schema"]})
        assert alone.status_code in (201, 400, 422), group["description"]
        draft = api.post(path, {"schema": as_result_schema(group["schema"])})
        assert (draft.status_code == 201) == (not policy.check(as_result_schema(group["schema"])))
        if draft.status_code != 201:
            continue
        at = f"{path}/{draft.json()['version']}"
        assert api.post(f"{at}/publish").status_code == 200
        published += 1
        for case in group["tests"]:
            answer = api.post(f"{at}/validate", {"document": {"value": case["data"]}})
            expected = case["valid"] and FORMAT_ASSERTED not in case["description"]
            assert (answer.status_code, answer.json()["valid"]) == (200, expected), case["description"]
            tried += 1
    assert (published > 250, tried > 900) == (True, True)
