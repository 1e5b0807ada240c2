"""Ashby's custom fields as an order form: what is asked how, and what is left out because nobody knows its form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.dialects.ashby import Ashby
from assessments.dialects.base import Unreadable
from assessments.schemas.order_schema import check_order_schema
from tests.assessments.dialects.anything import VALUES, readable
from tests.assessments.dialects.shipped import payload, reply

ASHBY = Ashby()


def test_custom_fields_become_an_order_form_and_what_has_no_known_form_is_left_out_and_named() -> None:
    schema = ASHBY.read_fields(reply(payload("ashby", "assessment.customField.list.reply")))
    assert schema == {
        "type": "object",
        "properties": {
            "level": {
                "title": "Expected level",
                "type": "string",
                "oneOf": [{"const": "b2", "title": "B2"}, {"const": "c1", "title": "C1"}],
            },
            "skills": {
                "title": "Skills to test",
                "type": "array",
                "items": {
                    "type": "string",
                    "oneOf": [{"const": "1", "title": "Reading"}, {"const": "2", "title": "2"}],
                },
                "uniqueItems": True,
            },
            "note": {"title": "Note to the examiner", "type": "string", "maxLength": 10_000},
            "invite_by": {"title": "Invite by", "type": "string", "format": "date"},
            "minutes": {"title": "Time limit", "type": "number"},
            "proctored": {"title": "Proctored", "type": "boolean"},
            "reviewer": {"title": "Reviewer", "type": "string", "format": "email"},
            "hotline": {
                "title": "Hotline",
                "type": "string",
                "description": "A phone number, with its country code.",
            },
            "advert": {"title": "Job advert", "type": "string", "format": "uri"},
            "profile": {
                "title": "Candidate's profile",
                "type": "string",
                "format": "uri",
                "description": "The address of a profile, such as https://…",
            },
            "team": {"title": "team", "type": "string"},
        },
        "additionalProperties": False,
        "required": ["level"],
        "description": "Not asked here: Budget (Currency); Window (DateRange); Site (Location); Urgency (Score).",
    }
    assert check_order_schema(schema) == []


def field(type_: str, **more: Any) -> dict[str, Any]:
    return {"id": "f", "name": "F", "type": type_, "isRequired": True, **more}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (field("Currency"), "Currency"),
        (field("Hologram"), "of an unknown type"),
        (field("ValueSelect"), "without choices"),
        (field("ValueSelect", possible_values=[{"key": None, "value": "A"}]), "without choices"),
        (field("MultiValueSelect", possible_values=[{"key": n} for n in range(251)]), "more than 250 choices"),
        (field("String", id=None), "without an id"),
    ],
)
def test_a_required_field_that_cannot_be_asked_is_said_and_an_optional_one_is_left_out(
    entry: dict[str, Any], why: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        ASHBY.read_fields(reply({"fields": [entry]}))
    sentence = f"The partner requires a field that cannot be asked here: F ({why})."
    assert (refusal.value.sentence, refusal.value.pointer) == (sentence, "/fields/0")
    optional = ASHBY.read_fields(reply({"fields": [entry | {"isRequired": False}]}))
    assert (optional["properties"], optional["description"]) == ({}, f"Not asked here: F ({why}).")


def test_of_more_than_thirty_fields_the_last_optional_ones_are_left_out() -> None:
    entries = [{"id": n, "name": f"N{n}", "type": "String", "isRequired": n == 31} for n in range(32)]
    schema = ASHBY.read_fields(reply({"fields": entries}))
    assert list(schema["properties"]) == [*map(str, range(29)), "31"]
    assert schema["description"] == ("Not asked here: N29 (more than 30 fields); N30 (more than 30 fields).")
    with pytest.raises(Unreadable, match="more than the 30 fields"):
        ASHBY.read_fields(reply({"fields": [entry | {"isRequired": True} for entry in entries]}))


def test_no_custom_fields_make_an_empty_form() -> None:
    assert ASHBY.read_fields(reply({"success": True, "fields": []})) == {
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }


FIELDS = st.fixed_dictionaries(
    {"type": st.sampled_from(["String", "ValueSelect", "MultiValueSelect", "Score", "Boolean"]) | VALUES},
    optional={
        "id": VALUES,
        "name": VALUES,
        "isRequired": st.booleans(),
        "possible_values": st.lists(st.fixed_dictionaries({"key": VALUES, "value": VALUES}), max_size=3) | VALUES,
    },
)


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries({"fields": st.lists(FIELDS, max_size=4) | VALUES}) | VALUES)
def test_whatever_is_answered_is_a_form_that_can_be_filled_in_or_said_to_be_unreadable(body: Any) -> None:
    schema = readable(ASHBY.read_fields, reply(body))
    assert schema is None or check_order_schema(schema) == []
