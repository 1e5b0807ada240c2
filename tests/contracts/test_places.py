"""The codes of guilty places are one closed table: what is answered is in it, and what is in it can be answered."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from rest_framework import serializers

from assessments.schemas import codes
from assessments.schemas.messages import SENTENCES
from core import places
from core.api.problems import translate
from core.config import openapi  # noqa: F401  # every body is known to it
from core.errors import ValidationFailed

DECLARED = {entry.code: entry for entry in places.declared()}
ROOT = Path(settings.BASE_DIR)
TABLES = {"core/places.py", "partners/errors.py", "assessments/errors.py", "assessments/schemas/codes.py"}
# Where a code is named: a call of such a name, and which of its arguments it is.
MAKERS = {"place": 1, "_wrong": 1, "_problem": 1, "_Odd": 0, "problem": 0}


def sources() -> Iterator[tuple[str, Any]]:
    for floor in ("core", "partners", "assessments"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            if (name := str(path.relative_to(ROOT))) not in TABLES and "migrations" not in path.parts:
                yield name, ast.parse(path.read_text())


def codes_named(tree: Any) -> Iterator[str]:
    """By code, those that stand as constants where places are made."""
    node: Any
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            members: dict[Any, Any] = {
                ast.unparse(key): value for key, value in zip(node.keys, node.values, strict=True) if key
            }
            if "'pointer'" in members and "'code'" in members:
                yield from texts(members["'code'"])
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            position = MAKERS.get(called.rpartition(".")[2])
            found = [node.args[position]] if position is not None and len(node.args) > position else []
            if called.endswith(("serializers.ErrorDetail", "serializers.ValidationError", "Problem")):
                found += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            yield from (code for each in found for code in texts(each))


def texts(tree: Any) -> Iterator[str]:
    yield from (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def of_serializers() -> set[str]:
    """The words that DRF has for what can be wrong with our bodies."""

    def words(field: Any) -> Iterator[str]:
        yield from field.error_messages
        for part in (getattr(field, "child", None), *getattr(field, "fields", {}).values()):
            yield from words(part) if part is not None else ()

    def below(kind: type[Any]) -> Iterator[type[Any]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    ours = [kind for kind in below(serializers.Serializer) if kind.__module__.startswith(("partners", "assessments"))]
    return {word for kind in ours for word in words(kind())}


def test_every_code_that_a_module_names_is_declared() -> None:
    named = {code: name for name, tree in sources() for code in codes_named(tree) if re.fullmatch(r"[a-z_]+", code)}
    assert len(named) > 60
    assert {code: name for code, name in named.items() if not places.is_known(code)} == {}
    assert {code for code, _ in SENTENCES.values()} <= DECLARED.keys()


def test_every_code_that_is_declared_is_used() -> None:
    constants = {value for _, tree in sources() for value in texts(tree)}
    assert DECLARED.keys() - constants - of_serializers() == set()


def test_the_page_lists_each_with_its_cause_and_cure(client: Client) -> None:
    page = client.get("/docs/errors").content.decode()
    assert re.findall(r'<div id="place-(\w+)">', page) == list(DECLARED)
    shown = html.unescape(re.sub(r"</?code>", "`", page))
    for entry in DECLARED.values():
        assert entry.cause
        assert entry.cure
        assert f"<p>{entry.cause}</p>" in shown
        assert f"{entry.cure}</p>" in shown


def test_the_guide_on_schemas_lists_those_of_schemas_and_documents() -> None:
    text = (ROOT / "docs/schemas.md").read_text().partition("\n## Problems\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?`) \|", text, re.MULTILINE)
    listed = {code for row in rows for code in re.findall(r"`(\w+)`", row)}
    unreadable = {"duplicate_key", "nul_character", "lone_surrogate", "not_finite"}
    assert listed == {*codes.DOCUMENT, *codes.SCHEMA, *codes.ORDER_SCHEMA, *unreadable, "required", "invalid"}


def test_a_word_of_a_library_that_is_not_ours_comes_out_as_invalid() -> None:
    told = {"a": [serializers.ErrorDetail("No.", code="brand_new")], "b": [serializers.ErrorDetail("No.", code="null")]}
    told["c"] = [serializers.ErrorDetail("No.", code="null_characters_not_allowed")]
    error = translate(serializers.ValidationError(told))
    assert [problem["code"] for problem in error.problems] == ["invalid", "null", "nul_character"]


def test_no_other_code_can_be_made_or_answered() -> None:
    with pytest.raises(ValueError, match="brand_new"):
        places.place("/a", "brand_new", "No.")
    row = {"pointer": "/a", "code": "brand_new", "message": "No.", "schema_pointer": ""}
    assert ValidationFailed(problems=[row]).problems == [{**row, "code": "invalid"}]
    with pytest.raises(ValueError, match="null"):
        places.declare({"null": ("Twice.", "Never.")})
