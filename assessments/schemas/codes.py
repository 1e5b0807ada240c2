"""The codes of what is wrong with a document, with a schema and with an order schema: cause and cure. A table."""

from __future__ import annotations

from core.places import declare

_SEE_SCHEMA = "The sentence says what the schema asks for there."
_SEE_RULES = "Write it as the guide on schemas says."
_SMALLER = "The sentence names the limit: make it smaller."

DOCUMENT = {
    "undeclared_property": (
        "The schema declares no such property, and allows no others.",
        "Leave it out, or declare it.",
    ),
    "undeclared_item": ("The schema declares no such item, and allows no others.", "Leave it out, or declare it."),
    "wrong_type": ("A value of another type is expected: a number instead of a text, and so on.", _SEE_SCHEMA),
    "not_in_enum": ("It is none of the values that the schema lists.", _SEE_SCHEMA),
    "not_the_constant": ("It is not the one value that the schema allows.", _SEE_SCHEMA),
    "too_small": ("The number is below its least.", _SEE_SCHEMA),
    "too_large": ("The number is above its most.", _SEE_SCHEMA),
    "not_a_multiple": ("The number is no multiple of what the schema says.", _SEE_SCHEMA),
    "too_short": ("The text has too few characters.", _SEE_SCHEMA),
    "too_long": ("The text has too many characters.", _SEE_SCHEMA),
    "pattern_mismatch": ("The text does not match the pattern.", _SEE_SCHEMA),
    "wrong_format": ("The text is not of the format: a date, an address, and so on.", _SEE_SCHEMA),
    "too_few_items": ("The list has too few items.", _SEE_SCHEMA),
    "too_many_items": ("The list has too many items.", _SEE_SCHEMA),
    "duplicate_items": ("The list holds the same item twice.", "Send each once."),
    "items_missing": ("The list lacks items that `contains` asks for.", _SEE_SCHEMA),
    "too_few_properties": ("The object has too few members.", _SEE_SCHEMA),
    "too_many_properties": ("The object has too many members.", _SEE_SCHEMA),
    "wrong_property_name": ("The member has a name that the schema does not allow.", _SEE_SCHEMA),
    "no_alternative_fits": ("It fits none of the alternatives of `anyOf`.", _SEE_SCHEMA),
    "not_exactly_one_alternative": ("It fits none of the alternatives of `oneOf`, or several.", _SEE_SCHEMA),
    "forbidden": ("It is what `not` forbids.", _SEE_SCHEMA),
    "not_allowed": ("The schema is `false` there: no value is allowed.", "Leave it out."),
    "number_out_of_range": (
        "The number is beyond ±(2^53 − 1): not every program can read it exactly.",
        "Send a smaller one, or a text.",
    ),
    "too_deep": ("It is nested too deeply.", _SMALLER),
    "too_many_values": ("The document holds too many values.", _SMALLER),
    "too_complex": (
        "So much text for such patterns takes seconds to check.",
        "Send less text, or simplify the patterns.",
    ),
    "unverifiable": ("The document could not be checked against its schema.", "Write to support with the request id."),
    "too_many_problems": ("There are more problems than the 100 listed.", "Correct these and send it again."),
}

SCHEMA = {
    "not_json": ("It is no JSON.", "Send a JSON text."),
    "not_an_object": ("It is no JSON object.", "Send an object."),
    "root_not_an_object": ("The schema is not of an object.", 'Say `"type": "object"` at its root.'),
    "unsupported_dialect": ("`$schema` names another draft.", "Write it in draft 2020-12, or leave `$schema` out."),
    "too_many_bytes": ("The schema is too long.", _SMALLER),
    "too_many_nodes": ("The schema has too many parts, its references expanded.", _SMALLER),
    "too_heavy": ("Checking documents by this schema would take too long.", "Simplify it."),
    "too_many_patterns": ("The schema has too many patterns.", _SMALLER),
    "too_many_unevaluated": (
        "The schema says `unevaluated…` too often.",
        "Say `additionalProperties` where it is enough.",
    ),
    "foreign_reference": ("The `$ref` leads out of the schema.", "Copy what it refers to into `$defs`."),
    "unknown_reference": ("The `$ref` leads to nothing.", "Refer to what stands in `$defs`."),
    "recursive_reference": ("The `$ref` leads back to itself.", "Write it out as deep as you need it."),
    "refused_keyword": ("The keyword is not taken.", _SEE_RULES),
    "refused_id": ("An inner `$id` is not taken.", "Leave it out."),
    "refused_pattern": (
        "The pattern is not one that can be checked in linear time.",
        "The sentence names the construct.",
    ),
    "refused_multiple": ("`multipleOf` is not taken as it stands.", _SEE_RULES),
    "refused_unique_items": (
        "`uniqueItems` over such items takes too long.",
        "Let it stand over plain values, or say `maxItems`.",
    ),
    "unknown_format": ("There is no such format.", "The guide on schemas lists them."),
    "malformed_keyword": ("A keyword of JSON Schema is not written as it must be.", "The sentence says how."),
    "unusable_text": ("The text holds a NUL or half a character.", "Leave it out."),
    "malformed_hint": ("A hint is not written as it must be, or has no such name.", "The sentence says how."),
    "wrong_widget": ("The widget cannot show values of this type.", "Choose one that can."),
    "hint_needs_number": ("The hint is for numbers only.", "Leave it out, or let it stand at a number."),
    "overlapping_bands": ("Two bands overlap.", "Let each begin where the one before ends."),
    "empty_band": ("The band ends before it begins.", "Turn its ends round."),
    "empty_scale": ("The scale ends where it begins, or before.", "Give it a `max` greater than its `min`."),
    "outcome_of_no_scalar": ("The outcome is one of a list, an object or a fraction.", "Read it from a plain value."),
    "unknown_outcome_value": ("The outcome is of a value that cannot come.", "Name values that the schema allows."),
    "summary_not_at_root": ("The summary does not stand at the root.", "Move `x-summary` to the outermost schema."),
    "summary_leads_nowhere": ("The summary leads to no property.", "Point to one that the schema declares."),
    "summary_of_wrong_type": ("The summary leads to a value of the wrong type.", "The sentence names the right ones."),
    "not_compilable": ("The validator refuses the schema for another reason.", "Write to support with the request id."),
}

ORDER_SCHEMA = {
    "too_many_fields": ("The form asks for more than 30 things.", "Ask for fewer."),
    "unsupported_field": ("No form can ask for this type.", _SEE_RULES),
    "unsupported_choice": (
        "The choice cannot be offered.",
        "Choices are texts or numbers, with a title where they need one.",
    ),
    "no_choices": ("There is nothing to choose from.", "List at least one."),
    "two_choices": ("The choices are listed twice.", "Say `enum` or `oneOf`, not both."),
    "too_many_choices": ("There are more than 250 choices.", "List fewer."),
    "required_undeclared": ("It is required, and nowhere to fill in.", "Declare it, or do not require it."),
    "wrong_default": ("The schema refuses its own default.", "Choose one that it accepts."),
    "empty_range": ("The maximum is below the minimum.", "Turn them round."),
}

declare({**DOCUMENT, **SCHEMA, **ORDER_SCHEMA})
