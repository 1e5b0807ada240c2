"""What we write to partners: a refusal of ours, in whatever form their protocol gives it."""

from __future__ import annotations

from assessments.dialects import writing
from core.errors import NotFound, RateLimited, ValidationFailed


def test_a_refusal_of_ours_says_where_and_how_long_to_wait() -> None:
    flaw = {"pointer": "/score", "code": "wrong_type", "message": "must be a number", "schema_pointer": ""}
    assert writing.sentence_of(ValidationFailed("It does not fit.", problems=[flaw])) == (
        "It does not fit. /score: must be a number"
    )
    refused = writing.refusal(RateLimited("Wait.", retry_after=7), {"a": 1})
    assert (refused.status, refused.headers, refused.body) == (429, {"retry-after": "7"}, b'{"a":1}')
    assert writing.refusal(NotFound(), {}).headers == {}
