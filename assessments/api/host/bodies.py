"""The shapes of what an organization's own programs send. They check and never write."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from assessments.api.bodies import Deadline, EmailAddress, Members, Text, or_null, required
from core.forms import time_zones
from core.models import Candidate
from partners.scopes import CANDIDATE_FIELDS

MOST_STAGES = 12
PLAN = ("Applied", "Screening", "Assessment", "Interview", "Offer")
_LENGTHS = {field.name: field.max_length for field in Candidate._meta.concrete_fields if hasattr(field, "max_length")}


class Address(EmailAddress):
    """As it is stored: in lower case."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


class CandidateBody(serializers.Serializer[Any]):
    first_name = Text(max_length=_LENGTHS["first_name"], help_text="The given name.")
    last_name = Text(max_length=_LENGTHS["last_name"], help_text="The family name.")
    email = Address(max_length=_LENGTHS["email"], help_text="One candidate has it.")
    phone = or_null(Text, max_length=_LENGTHS["phone"], help_text="The phone number.")
    location = or_null(Text, max_length=_LENGTHS["location"], help_text="City and country.")
    time_zone = or_null(Text, max_length=_LENGTHS["time_zone"], help_text="Such as `Europe/Lisbon`, for deadlines.")

    def validate_time_zone(self, name: str | None) -> str | None:
        if name and name not in time_zones():
            raise serializers.ValidationError("The name of a time zone, such as Europe/Lisbon.", code="unknown")
        return name


class CandidatePatchBody(CandidateBody):
    """Only what is sent changes; null and empty take a value away where one need not be."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required, field.default = False, serializers.empty
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {name: value or "" for name, value in attrs.items()}


class JobBody(serializers.Serializer[Any]):
    title = Text(max_length=120, help_text="What it is called.")
    location = or_null(Text, max_length=120, help_text="Where.")
    stages = serializers.ListField(
        child=Text(max_length=80),
        min_length=1,
        max_length=MOST_STAGES,
        default=list(PLAN),
        help_text="The steps of its hiring plan, in order, each with a name of its own; else five usual ones.",
    )

    def validate_stages(self, names: list[str]) -> list[str]:
        if len(set(names)) != len(names):
            raise serializers.ValidationError("Each stage has a name of its own.", code="duplicate")
        return names


class ApplicationBody(serializers.Serializer[Any]):
    candidate = Text(max_length=40, help_text="Who: the candidate’s id.")
    job = Text(max_length=40, help_text="For what: the id of an open job.")


class MoveBody(serializers.Serializer[Any]):
    stage = Text(max_length=40, help_text="The id of a stage of the same job.")


class PlaceBody(serializers.Serializer[Any]):
    """An order: for whom, of whom, of what."""

    def get_fields(self) -> dict[str, Any]:
        # ``fields`` is the serializer's own word.
        return {
            "application": Text(max_length=40, help_text="For whom: an active application’s id."),
            "installation": or_null(Text, max_length=40, help_text="Of whom: the installation’s id,"),
            "partner": or_null(Text, max_length=40, help_text="or the partner’s; one of both."),
            "assessment_type": Text(max_length=80, help_text="The key of a type in the catalogue."),
            "fields": Members(default=None, help_text="What its order schema asks for."),
            "deadline_at": Deadline(
                required=False, allow_null=True, default=None, help_text="Until when; else as usual for the type."
            ),
            "again": or_null(Text, max_length=40, help_text="To order once more: the id of the newest equal order."),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["installation"]) == bool(attrs["partner"]):
            message = "Name the installation or the partner, and not both."
            raise serializers.ValidationError({"installation": [required(message)]})
        return attrs


class CancelBody(serializers.Serializer[Any]):
    reason = or_null(Text, max_length=500, help_text="Why; the partner may read it.")


class ConnectBody(serializers.Serializer[Any]):
    protocol = Text(max_length=40, help_text="Which protocol the partner speaks, such as `ashby`.")
    name = Text(max_length=120, help_text="The partner’s name, as recruiters read it.")
    urls = serializers.DictField(
        child=Text(max_length=500, allow_blank=True),
        help_text="The partner’s address for each purpose that the protocol has: see the page of the protocol.",
    )
    credential = Text(max_length=500, help_text="The key that the partner gave you; it is never shown again.")
    optional_fields = serializers.ListField(
        child=serializers.ChoiceField(list(CANDIDATE_FIELDS)),
        default=list,
        help_text="What may leave of candidates beyond what the protocol needs.",
    )


class ConnectionPatchBody(serializers.Serializer[Any]):
    """Only what is sent changes; an empty address is taken away."""

    urls = serializers.DictField(
        child=Text(max_length=500, allow_blank=True), required=False, default=None, help_text="By purpose."
    )
    credential = or_null(Text, max_length=500, help_text="Another key of the partner’s.")
