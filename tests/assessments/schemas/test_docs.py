"""The partner's guide to schemas says what is true: its examples run, its tables are complete."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

import assessments.schemas
from assessments.schemas import display
from assessments.schemas.formats import FORMATS
from assessments.schemas.keywords import REFUSED
from assessments.schemas.messages import SENTENCES
from assessments.schemas.order_schema import check_order_schema
from assessments.schemas.policy import check
from assessments.schemas.summary import Headline, Headlines
from assessments.schemas.validation import validate

GUIDE = (Path(settings.BASE_DIR) / "docs" / "schemas.md").read_text(encoding="utf-8")
EXAMPLES = {name: text for name, text in re.findall(r"```json ?([^\n]*)\n(.*?)```", GUIDE, re.DOTALL) if name}


def example(name: str) -> Any:
    return json.loads(EXAMPLES[name])


def column(heading: str) -> set[str]:
    """The words in code in the first column of every table that begins with this heading."""
    tables = re.findall(rf"^\| {heading} \|[^\n]*\n\|[-|]+\|\n((?:\|[^\n]*\n)+)", GUIDE, re.MULTILINE)
    firsts = [row.split("|")[1] for table in tables for row in table.splitlines()]
    return {word for first in firsts for word in re.findall(r"`([^`]+)`", first)}


def codes_in_the_code() -> set[str]:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(assessments.schemas.__path__[0]).glob("*.py"))
    written = re.findall(r'(?:code=|code = |problem\(\s*|[a-z] else )"([a-z]+_[a-z_]+)"', sources)
    return {*written, *(code for code, _ in SENTENCES.values())}


def test_the_result_schema_and_its_document_are_accepted() -> None:
    schema, document = example("result-schema=english"), example("document=english")
    assert check(schema) == []
    assert validate(EXAMPLES["result-schema=english"], document) == []
    assert Headlines(schema).of(document) == Headline(
        score=128, maximum=160, outcome="passed", report_url="https://lingua.example/reports/8841"
    )


def test_the_order_schema_and_its_answers_are_accepted() -> None:
    assert check_order_schema(EXAMPLES["order-schema=english"]) == []
    assert validate(EXAMPLES["order-schema=english"], example("answers=english")) == []


def test_the_example_of_a_problem_is_the_one_that_is_told() -> None:
    [problem] = validate(EXAMPLES["result-schema=english"], example("document=english") | {"overall": 161})
    assert json.dumps(problem.as_json()) in GUIDE


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("widget", set(display.WIDGET_NAMES)),
        ("hint", set(display.meta_schema("urn:x")["$defs"]["display"]["properties"])),
        ("format", set(FORMATS)),
    ],
)
def test_a_table_lists_all_there_is(heading: str, words: set[str]) -> None:
    assert column(heading) == words


def test_every_word_of_the_vocabulary_is_explained() -> None:
    words = {*display.KEYWORDS, *display.ROLES, *display.TONES, *display.OUTCOMES, *REFUSED}
    assert {word for word in words if f"`{word}`" not in GUIDE} == set()


def test_every_code_has_a_row() -> None:
    assert codes_in_the_code() - column("code") == set()
