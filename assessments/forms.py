"""The form a recruiter fills in when ordering, made from an order schema's fields. Shape only: the schema validates."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from assessments.schemas.order_schema import OrderField
from assessments.zones import end_of_day
from core.pointers import tokens

FieldFactory = Callable[[OrderField, dict[str, Any]], forms.Field]

# Nobody plans further ahead.
FURTHEST_DAYS = 730

# A Partner's property may be called like one of our own inputs.
PREFIX = "field_"


def _text(field: OrderField, shared: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=field.max_length, **shared)


def _long_text(field: OrderField, shared: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=field.max_length, widget=forms.Textarea(attrs={"rows": 3}), **shared)


def _choice(field: OrderField, shared: dict[str, Any]) -> forms.Field:
    """Nothing is chosen that neither the partner nor the recruiter chose."""
    blank = [] if field.required and field.default is not None else [("", "Choose…" if field.required else "—")]
    return forms.ChoiceField(choices=[*blank, *field.choices], **shared)


def _choices(field: OrderField, shared: dict[str, Any]) -> forms.Field:
    return forms.MultipleChoiceField(choices=list(field.choices), widget=forms.CheckboxSelectMultiple, **shared)


def _number(field: OrderField, shared: dict[str, Any]) -> forms.Field:
    return forms.FloatField(min_value=field.minimum, max_value=field.maximum, **shared)


def _integer(field: OrderField, shared: dict[str, Any]) -> forms.Field:
    low, high = field.minimum, field.maximum
    return forms.IntegerField(
        min_value=None if low is None else int(low), max_value=None if high is None else int(high), **shared
    )


def _boolean(field: OrderField, shared: dict[str, Any]) -> forms.Field:
    """A box left empty is an answer: no."""
    return forms.BooleanField(**{**shared, "required": False})


def _date(field: OrderField, shared: dict[str, Any]) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **shared)


FACTORIES: dict[str, FieldFactory] = {
    "text": _text,
    "email": lambda field, shared: forms.EmailField(max_length=field.max_length, **shared),
    "url": lambda field, shared: forms.URLField(max_length=field.max_length, assume_scheme="https", **shared),
    "long_text": _long_text,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
}


class DeadlineField(forms.DateField):
    """A day, today or later; its value is the last minute of that day by the clock of the zone, in UTC."""

    def __init__(self, *, zone: ZoneInfo, **kwargs: Any) -> None:
        self.zone = zone
        first = timezone.now().astimezone(zone).date()
        self.first, self.last = first, first + datetime.timedelta(days=FURTHEST_DAYS)
        attrs = {"type": "date", "min": self.first.isoformat(), "max": self.last.isoformat()}
        super().__init__(widget=forms.DateInput(attrs=attrs, format="%Y-%m-%d"), **kwargs)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is None:
            return None
        if not self.first <= day <= self.last:
            raise forms.ValidationError("Choose a day from today on, within two years.", code="out_of_range")
        noon = datetime.datetime.combine(day, datetime.time(12), tzinfo=self.zone)
        return end_of_day(noon, self.zone)


class ExtendForm(forms.Form):
    """A later last day for an order under way."""

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deadline"] = DeadlineField(
            zone=zone, label="New last day", help_text=f"Until 23:59 in the candidate’s time zone ({zone.key})."
        )


class DismissForm(forms.Form):
    """Why a result without an order belongs to nobody here."""

    reason = forms.CharField(max_length=500, help_text="It is kept with the result; the partner does not see it.")


def order_form(fields: Iterable[OrderField]) -> type[forms.Form]:
    """A form class with one field per property, in the schema's order, named with :data:`PREFIX`."""
    members = {
        PREFIX + field.name: FACTORIES[field.kind](
            field,
            {
                "label": field.label,
                "help_text": field.description,
                "required": field.required,
                "initial": field.default,
            },
        )
        for field in fields
    }
    return type("OrderForm", (forms.Form,), members)


def answers(form: forms.Form) -> dict[str, Any]:
    """What was filled in, as JSON values by property name; what was left empty is left out."""
    filled = {name.removeprefix(PREFIX): value for name, value in form.cleaned_data.items()}
    return {name: _plain(value) for name, value in filled.items() if value not in (None, "", [])}


def refuse(form: forms.Form, problems: Iterable[dict[str, Any]]) -> None:
    """Puts each problem of the service (its pointer begins with ``/fields``) on the field it is about."""
    for problem in problems:
        path = tokens(str(problem["pointer"]))
        name = PREFIX + path[1] if len(path) > 1 else ""
        form.add_error(name if name in form.fields else None, str(problem["message"]))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value
