"""The shapes of what partners send. They check and never write; what it means is the services' matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError as NotValid
from django.core.validators import URLValidator, validate_email
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from assessments.models import AssessmentType, OrderUpdate, Result
from assessments.schemas.durations import PATTERN, span_of

# A partner's clock may be a little ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
NOT_A_MOMENT = "A moment with its zone is expected, such as 2026-11-23T09:00:00Z."
LONGEST_WORDS = 500
LONGEST_DAYS = 3650
LONGEST_MONTHS = 120
LARGEST_CATALOGUE = 500
LARGEST_BATCH = 500
KEY = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"

_Kind = OrderUpdate.Kind
# What `POST …/updates` takes; accepting, declining and results have calls of their own.
TOLD = (_Kind.STARTED, _Kind.PROGRESS, _Kind.NOTE, _Kind.CANCELLED, _Kind.CANCEL_REFUSED, _Kind.EXPIRED, _Kind.DEADLINE)
WHEN = "When it happened; now, where it is absent."
# What an update of such a kind cannot be without.
NEEDED = {
    _Kind.PROGRESS.value: "progress",
    _Kind.NOTE.value: "note",
    _Kind.CANCEL_REFUSED.value: "message",
    _Kind.DEADLINE.value: "deadline_at",
}


def checked(body: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The values of a body that has its shape. Raises DRF's ValidationError, which becomes problems with pointers."""
    values: dict[str, Any] = _made(body).run_validation(data)
    return values


@cache
def _made(body: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One for all calls: it keeps nothing of what it checks, and making its fields anew costs more than checking."""
    return body()


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


@extend_schema_field({})
class AnyValue(serializers.Field[Any, Any, Any, Any]):
    """Whatever JSON value; null too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return data


@extend_schema_field({"type": "object", "additionalProperties": True})
class Members(AnyValue):
    """A JSON object, or null."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("An object is expected.", code="not_an_object")
        return data


@extend_schema_field({"type": "string", "format": "date-time"})
class Moment(serializers.Field[datetime, str, str, Any]):
    """RFC 3339 with its zone, in this century and not in the future. In UTC, so that one moment has one form."""

    def to_internal_value(self, data: Any) -> datetime:
        moment = moment_of(data)
        if moment is None:
            raise serializers.ValidationError(NOT_A_MOMENT, code="not_a_moment")
        if moment > timezone.now() + CLOCK_SKEW:
            raise serializers.ValidationError("This is in the future; is your clock right?", code="in_the_future")
        if moment < EARLIEST:
            raise serializers.ValidationError("This is before the year 2000.", code="too_early")
        return moment.astimezone(UTC)


@extend_schema_field({"type": "string", "format": "date-time"})
class Deadline(serializers.Field[datetime, str, str, Any]):
    """RFC 3339 with its zone, in the next ten years. In UTC."""

    def to_internal_value(self, data: Any) -> datetime:
        moment = moment_of(data)
        if moment is None:
            raise serializers.ValidationError(NOT_A_MOMENT, code="not_a_moment")
        if moment > timezone.now() + timedelta(days=LONGEST_DAYS):
            raise serializers.ValidationError("This is more than ten years ahead.", code="too_late")
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


@extend_schema_field({"type": "string", "format": "email"})
class EmailAddress(Text):
    """An address as mail knows it; empty stays empty."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            validate_email(text)
        except NotValid:
            raise serializers.ValidationError("An e-mail address is expected.", code="not_an_address") from None
        return text


@extend_schema_field({"type": "string", "pattern": f"^{PATTERN}$"})
class Duration(Text):
    """An ISO 8601 duration of years, months and days, or of weeks, as in ``x-retention``."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if span_of(text) is None:
            raise serializers.ValidationError("A duration such as P18M or P90D is expected.", code="not_a_duration")
        return text


def _whole_or_null(least: int, most: int, sentence: str) -> Whole:
    """An optional number: absent and null mean the same."""
    return Whole(min_value=least, max_value=most, required=False, allow_null=True, default=None, help_text=sentence)


def or_null(field: type[Text], **kwargs: Any) -> Text:
    """An optional text: absent, null and empty mean the same."""
    return field(required=False, allow_null=True, allow_blank=True, default="", **kwargs)


# --- Bodies ---------------------------------------------------------------------------------------------------------


class RetakeBody(serializers.Serializer[Any]):
    cool_down_days = Whole(
        min_value=0,
        max_value=LONGEST_DAYS,
        required=False,
        default=0,
        help_text="How many days a candidate should wait before taking it again.",
    )
    counts = serializers.ChoiceField(
        AssessmentType.Counts.choices,
        default=AssessmentType.Counts.LATEST,
        help_text="Which of several attempts counts.",
    )


class AssessmentTypeBody(serializers.Serializer[Any]):
    key = serializers.RegexField(rf"^{KEY}\Z", help_text="Your own name of it; it never changes.")
    name = Text(max_length=120, help_text="What recruiters read.")
    description = or_null(Text, max_length=4000, help_text="What it is, for recruiters.")
    kind = serializers.ChoiceField(
        AssessmentType.Kind.choices, default=AssessmentType.Kind.OTHER, help_text="What sort of assessment it is."
    )
    order_schema = Members(default=None, help_text="The JSON Schema of what a recruiter fills in when ordering.")
    deadline_days = _whole_or_null(1, LONGEST_DAYS, "How many days a candidate has; null for no deadline.")
    retake = RetakeBody(required=False, allow_null=True, default=None, help_text="What holds when it is taken again.")
    valid_months = _whole_or_null(1, LONGEST_MONTHS, "How many months a result is good; null for always.")
    retention = or_null(Duration, max_length=20, help_text="How long a result is kept at most; null for no limit.")
    remind_after_days = _whole_or_null(0, LONGEST_DAYS, "When a candidate who has not started is reminded.")


class CatalogueBody(serializers.Serializer[Any]):
    # Named as the list is answered: what GET gave can be sent back by PUT. ``data`` is the serializer's own word.
    def get_fields(self) -> dict[str, Any]:
        sentence = "Every type on offer; what is not in it is retired."
        return {
            "data": serializers.ListField(child=AssessmentTypeBody(), max_length=LARGEST_CATALOGUE, help_text=sentence)
        }

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
    schema = AnyValue(help_text="The JSON Schema (2020-12), with display hints where you like.")


class DocumentBody(serializers.Serializer[Any]):
    document = AnyValue(help_text="What a result of yours would hold.")


class SandboxOrderBody(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        # ``fields`` is the serializer's own word as well.
        return {
            "assessment_type": Text(max_length=80, help_text="The key of your type."),
            "candidate": or_null(Text, max_length=40, help_text="One of your sandbox’s candidates; else the first."),
            "fields": Members(default=None, help_text="What a recruiter would fill in, by your order schema."),
        }


class SandboxErasureBody(serializers.Serializer[Any]):
    order = Text(max_length=40, help_text="One of your sandbox’s orders; its candidate is erased.")


class AcknowledgeBody(serializers.Serializer[Any]):
    erased_at = Moment(
        required=False, allow_null=True, default=None, help_text="When you erased it; now, where it is absent."
    )
    message = or_null(
        Text, max_length=LONGEST_WORDS, help_text="Words for the organization; name nobody in them: they are kept."
    )


class AcceptBody(serializers.Serializer[Any]):
    reference = or_null(Text, max_length=200, help_text="Your own id of the order.")
    candidate_url = or_null(HttpsUrl, max_length=500, help_text="Where the candidate takes it: https.")


class DeclineBody(serializers.Serializer[Any]):
    message = Text(max_length=LONGEST_WORDS, help_text="Why; the recruiter reads it.")


class UpdateBody(serializers.Serializer[Any]):
    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in TOLD], help_text="What happened.")
    occurred_at = Moment(required=False, allow_null=True, default=None, help_text=WHEN)
    note = or_null(Text, max_length=LONGEST_WORDS, help_text="Words for the recruiter; a `note` needs them.")
    message = or_null(Text, max_length=LONGEST_WORDS, help_text="Why; a `cancel_refused` needs it.")
    progress = _whole_or_null(0, 100, "Per cent; a `progress` needs it.")
    deadline_at = Deadline(
        required=False,
        allow_null=True,
        default=None,
        help_text="The new one; a `deadline` needs it.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = NEEDED.get(attrs["kind"])
        if needed and attrs[needed] in (None, ""):
            raise serializers.ValidationError({needed: [required(f"An update of kind {attrs['kind']} needs it.")]})
        if attrs["kind"] != _Kind.DEADLINE:
            attrs["deadline_at"] = None
        return attrs


class ResultBody(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Result.Kind.choices, help_text="`partial` until it is whole; then `amended`.")
    document = AnyValue(help_text="What was found, by the order’s result schema.")
    occurred_at = Moment(required=False, allow_null=True, default=None, help_text=WHEN)
    reason = or_null(Text, max_length=LONGEST_WORDS, help_text="Why it changes; needed after a final one.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == Result.Kind.AMENDED and not attrs["reason"]:
            raise serializers.ValidationError({"reason": [required("Say why the result changes.")]})
        return attrs


class BatchBody(serializers.Serializer[Any]):
    results = serializers.ListField(child=AnyValue(), allow_empty=False, max_length=LARGEST_BATCH)


class BatchItemBody(ResultBody):
    """One result of a batch: that of the single call, and which order it is for."""

    order = or_null(Text, max_length=40, help_text="Of which order: its id,")
    reference = or_null(Text, max_length=200, help_text="or your own id of it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["order"]) == bool(attrs["reference"]):
            message = "Name the order by our id of it or by yours, and not by both."
            raise serializers.ValidationError({"order": [required(message)]})
        return super().validate(attrs)


class PersonBody(serializers.Serializer[Any]):
    """Whom a result is about: named in one way, so that two ways cannot contradict each other."""

    id = or_null(Text, max_length=40, help_text="Our id, from an order of yours,")
    reference = or_null(Text, max_length=200, help_text="or your own id of an earlier order of this candidate,")
    email = or_null(EmailAddress, max_length=254, help_text="or the address: then you are not told what becomes of it.")
    first_name = or_null(Text, max_length=80, help_text="For the person who looks for the candidate,")
    last_name = or_null(Text, max_length=80, help_text="where nobody fits.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(bool(attrs[name]) for name in ("id", "reference", "email")) != 1:
            raise serializers.ValidationError([required("Name the candidate by one of id, reference and email.")])
        return attrs


class BackfillBody(serializers.Serializer[Any]):
    """A result without an order."""

    assessment_type = Text(max_length=80, help_text="The key of your type; a retired one too.")
    candidate = PersonBody(help_text="Whom it is about, named in one way.")
    installation = or_null(Text, max_length=40, help_text="Where; needed only if you are at work in several.")
    kind = serializers.ChoiceField(
        [(Result.Kind.FINAL.value, Result.Kind.FINAL.label)], help_text="What is over is final."
    )
    document = AnyValue(help_text="What was found, by the newest published schema of the type.")
    occurred_at = Moment(help_text="When the candidate took it.")
    reason = or_null(Text, max_length=LONGEST_WORDS, help_text="Why it comes now, for the recruiter.")
    reference = or_null(Text, max_length=200, help_text="Your own id of what was taken.")


def required(message: str) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(message, code="required")
