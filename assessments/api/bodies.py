"""The shapes of what partners send. They check and never write; what it means is the services' matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError as NotValid
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.request import Request

from assessments.models import AssessmentType, OrderUpdate, Result

# A partner's clock may be a little ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST_WORDS = 500
LONGEST_DAYS = 3650
LONGEST_MONTHS = 120
LARGEST_CATALOGUE = 500
LARGEST_BATCH = 500
KEY = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"

_Kind = OrderUpdate.Kind
# What `POST …/updates` takes; accepting, declining and results have calls of their own.
TOLD = (_Kind.STARTED, _Kind.PROGRESS, _Kind.NOTE, _Kind.CANCELLED, _Kind.CANCEL_REFUSED, _Kind.EXPIRED)
# What an update of such a kind cannot be without.
NEEDED = {_Kind.PROGRESS.value: "progress", _Kind.NOTE.value: "note", _Kind.CANCEL_REFUSED.value: "message"}


def checked(body: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The values of a body that has its shape. Raises DRF's ValidationError, which becomes problems with pointers."""
    serializer = body(data=data)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def read(body: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """:func:`checked`, of what the request carries."""
    return checked(body, request.data)


# --- Values ---------------------------------------------------------------------------------------------------------


class Text(serializers.CharField):
    """A JSON string: DRF's own field would take numbers for text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("A string is expected.", code="not_a_string")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON number: DRF's own field would take texts for numbers."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("A whole number is expected.", code="not_an_integer")
        return data


class AnyValue(serializers.Field[Any, Any, Any, Any]):
    """Whatever JSON value; null too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return data


class Members(AnyValue):
    """A JSON object, or null."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("An object is expected.", code="not_an_object")
        return data


class Moment(serializers.Field[datetime, str, str, Any]):
    """RFC 3339 with its zone, in this century and not in the future. In UTC, so that one moment has one form."""

    def to_internal_value(self, data: Any) -> datetime:
        moment = moment_of(data)
        if moment is None:
            message = "A moment with its zone is expected, such as 2026-11-23T09:00:00Z."
            raise serializers.ValidationError(message, code="not_a_moment")
        if moment > timezone.now() + CLOCK_SKEW:
            raise serializers.ValidationError("This is in the future; is your clock right?", code="in_the_future")
        if moment < EARLIEST:
            raise serializers.ValidationError("This is before the year 2000.", code="too_early")
        return moment.astimezone(UTC)


def moment_of(value: Any) -> datetime | None:
    """The moment of a text that names its zone."""
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


class HttpsUrl(Text):
    """A link that people may follow: https, a host, no credentials."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            URLValidator(schemes=["https"])(text)
        except NotValid:
            text = ""
        if not text or "@" in text.split("/")[2] or not text.isascii():
            raise serializers.ValidationError("An https URL without credentials is expected.", code="not_https")
        return text


def _or_null(field: type[Text], **kwargs: Any) -> Text:
    """An optional text: absent, null and empty mean the same."""
    return field(required=False, allow_null=True, allow_blank=True, default="", **kwargs)


# --- Bodies ---------------------------------------------------------------------------------------------------------


class RetakeBody(serializers.Serializer[Any]):
    cool_down_days = Whole(min_value=0, max_value=LONGEST_DAYS, required=False, default=0)
    counts = serializers.ChoiceField(AssessmentType.Counts.choices, default=AssessmentType.Counts.LATEST)


class AssessmentTypeBody(serializers.Serializer[Any]):
    key = serializers.RegexField(rf"^{KEY}\Z")
    name = Text(max_length=120)
    description = _or_null(Text, max_length=4000)
    kind = serializers.ChoiceField(AssessmentType.Kind.choices, default=AssessmentType.Kind.OTHER)
    order_schema = Members(default=None)
    deadline_days = Whole(min_value=1, max_value=LONGEST_DAYS, required=False, allow_null=True, default=None)
    retake = RetakeBody(required=False, allow_null=True, default=None)
    valid_months = Whole(min_value=1, max_value=LONGEST_MONTHS, required=False, allow_null=True, default=None)
    remind_after_days = Whole(min_value=0, max_value=LONGEST_DAYS, required=False, allow_null=True, default=None)


class CatalogueBody(serializers.Serializer[Any]):
    # Named as the list is answered: what GET gave can be sent back by PUT. ``data`` is the serializer's own word.
    def get_fields(self) -> dict[str, Any]:
        return {"data": serializers.ListField(child=AssessmentTypeBody(), max_length=LARGEST_CATALOGUE)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        keys = [entry["key"] for entry in attrs["data"]]
        repeated = {
            str(number): {"key": [serializers.ErrorDetail("This key stands above already.", code="duplicate_key")]}
            for number, key in enumerate(keys)
            if key in keys[:number]
        }
        if repeated:
            raise serializers.ValidationError({"data": repeated})
        return attrs


class SchemaBody(serializers.Serializer[Any]):
    schema = AnyValue()


class DocumentBody(serializers.Serializer[Any]):
    document = AnyValue()


class SandboxOrderBody(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        # ``fields`` is the serializer's own word as well.
        return {
            "assessment_type": Text(max_length=80),
            "candidate": _or_null(Text, max_length=40),
            "fields": Members(default=None),
        }


class AcceptBody(serializers.Serializer[Any]):
    reference = _or_null(Text, max_length=200)
    candidate_url = _or_null(HttpsUrl, max_length=500)


class DeclineBody(serializers.Serializer[Any]):
    message = Text(max_length=LONGEST_WORDS)


class UpdateBody(serializers.Serializer[Any]):
    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in TOLD])
    occurred_at = Moment(required=False, allow_null=True, default=None)
    note = _or_null(Text, max_length=LONGEST_WORDS)
    message = _or_null(Text, max_length=LONGEST_WORDS)
    progress = Whole(min_value=0, max_value=100, required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = NEEDED.get(attrs["kind"])
        if needed and attrs[needed] in (None, ""):
            raise serializers.ValidationError({needed: [_required(f"An update of kind {attrs['kind']} needs it.")]})
        return attrs


class ResultBody(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Result.Kind.choices)
    document = AnyValue()
    occurred_at = Moment(required=False, allow_null=True, default=None)
    reason = _or_null(Text, max_length=LONGEST_WORDS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == Result.Kind.AMENDED and not attrs["reason"]:
            raise serializers.ValidationError({"reason": [_required("Say why the result changes.")]})
        return attrs


class BatchBody(serializers.Serializer[Any]):
    results = serializers.ListField(child=AnyValue(), allow_empty=False, max_length=LARGEST_BATCH)


class BatchItemBody(ResultBody):
    """One result of a batch: that of the single call, and which order it is for."""

    order = _or_null(Text, max_length=40)
    reference = _or_null(Text, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["order"]) == bool(attrs["reference"]):
            message = "Name the order by its id or by your reference, and not by both."
            raise serializers.ValidationError({"order": [_required(message)]})
        return super().validate(attrs)


def _required(message: str) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(message, code="required")
