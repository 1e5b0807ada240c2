"""The playground: anybody may try a schema and a document; hostile ones are answered, and nothing is kept."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from assessments.models import Result, ResultSchema
from assessments.playground.trial import attempt, examples
from assessments.schemas.policy import MAX_BYTES
from assessments.schemas.registry import validator_for
from core.api.parsing import JSON_LIMIT

URL = "/docs/playground"
SCHEMA = {"type": "object", "properties": {"score": {"type": "integer", "maximum": 10, "title": "Score"}}}


def tried(client: Client, schema: Any, document: Any, **more: str) -> str:
    """The fragment that htmx gets; texts go as they are, other values as JSON."""
    texts = [given if isinstance(given, str) else json.dumps(given) for given in (schema, document)]
    form = {"schema": texts[0], "document": texts[1], **more}
    answer = client.post(URL, form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def problems(html: str) -> list[str]:
    return re.findall(r'<code class="code-inline">([^<]*)</code>', html)


@pytest.mark.parametrize("key", ["coding", "english", "background"])
def test_every_example_is_shown_at_once_and_has_no_problem(db: None, client: Client, key: str) -> None:
    html = client.get(URL, {"example": key}).content.decode()
    assert "As it is shown" in html
    assert problems(html) == []


def test_a_document_that_fits_is_shown_without_an_account_and_nothing_is_kept(db: None, client: Client) -> None:
    html = tried(client, SCHEMA, {"score": 7})
    assert ("Score" in html, "<html" in html, problems(html)) == (True, False, [])
    assert (Result.objects.count(), ResultSchema.objects.count(), dict(client.session)) == (0, 0, {})


def test_problems_of_the_schema_and_of_the_document_have_pointers(db: None, client: Client) -> None:
    assert problems(tried(client, {"type": "object", "patternProperties": {}}, {})) == ["/patternProperties"]
    assert problems(tried(client, SCHEMA, {"score": 11})) == ["/score"]
    assert problems(tried(client, SCHEMA, "{")) == ["(the whole)"]


def test_values_that_are_not_for_a_role_are_left_out(db: None, client: Client) -> None:
    english = next(example for example in examples() if example.key == "english")
    assert "second voice" in tried(client, english.schema, english.document, role="admin")
    assert "second voice" not in tried(client, english.schema, english.document, role="interviewer")
    assert "second voice" not in tried(client, english.schema, english.document, role="root")


def test_without_a_script_the_whole_page_comes_back_with_what_was_written(db: None, client: Client) -> None:
    html = client.post(URL, {"schema": "</textarea><script>", "document": "{}"}).content.decode()
    assert "<html" in html
    assert "&lt;/textarea&gt;&lt;script&gt;" in html
    assert "<script>" not in html


DEEP = "[" * 5000
HOSTILE = [
    ("", ""),
    (DEEP, DEEP),
    ("NaN", "1e400"),
    ('{"a":1,"a":2}', '"\\ud800"'),
    ("[]", "[]"),
    ("true", "1"),
    ('{"type":"object","$ref":"#"}', "{}"),
    ('{"type":"object","$ref":"http://127.0.0.1:1/x"}', "{}"),
    ('{"type":"object","$defs":{"a":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}', "{}"),
    ('{"type":"object","properties":{"a":{"pattern":"(a+)+$"}}}', json.dumps({"a": "a" * 30000 + "!"})),
    ('{"type":"object","properties":{"a":{"x-display":{"widget":"no","scale":3}}}}', '{"a":1}'),
    ('{"type":"object"}', '{"<script>":{"<b>":[[[{"":null}]]]}}'),
    ('{"type":"object"}', '{"a":' * 63 + "1" + "}" * 63),
    (" " * (JSON_LIMIT + 1), "{}"),
    ('{"type":"object"}' + " " * MAX_BYTES, "{}"),
]


@pytest.mark.parametrize(("schema", "document"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_gets_an_answer_and_runs_nothing(db: None, client: Client, schema: str, document: str) -> None:
    html = tried(client, schema, document)
    assert "<script>" not in html
    assert bool(problems(html)) != ("As it is shown" in html)


def test_what_the_api_takes_is_taken_here_and_no_schema_is_kept() -> None:
    """A schema of 36 KB and a document of 46 KB are ordinary; a compiled schema may take megabytes."""
    large = json.dumps({**SCHEMA, "description": "d" * (MAX_BYTES - 200)})
    kept = validator_for.cache_info().currsize
    trial = attempt(large, json.dumps({"score": 7, "essay": "e" * (JSON_LIMIT - 100)}), "admin")
    assert (trial.schema_problems, trial.document_problems, trial.view is None) == ((), (), False)
    assert validator_for.cache_info().currsize == kept


def test_nothing_is_shown_of_a_schema_that_policy_refuses() -> None:
    assert attempt('{"type":"object","patternProperties":{}}', "{}", "admin").view is None


def test_a_form_without_its_token_is_refused(db: None) -> None:
    assert Client(enforce_csrf_checks=True).post(URL, {"schema": "{}", "document": "{}"}).status_code == 403


def test_who_tries_too_often_has_to_wait(db: None, client: Client, settings: Any) -> None:
    settings.RATE_LIMITS = {"playground": "1/d"}
    tried(client, SCHEMA, {})
    answer = client.post(URL, {"schema": "{}", "document": "{}"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_script_that_tries_too_often_gets_a_notice_for_the_place_of_the_result(
    db: None, client: Client, settings: Any
) -> None:
    settings.RATE_LIMITS = {"playground": "1/d"}
    tried(client, SCHEMA, {})
    answer = client.post(URL, {"schema": "{}", "document": "{}"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (429, "innerHTML")
    assert answer.content.decode().strip().startswith('<p class="notice')
    assert "There were too many tries. Wait" in answer.content.decode()
