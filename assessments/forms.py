"""The form a recruiter fills in when ordering, made from an order schema's fields. Shape only: the schema validates."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django import forms

from assessments.schemas.order_schema import OrderField

FieldFactory = Callable[[OrderField, dict[str, Any]], forms.Field]


def _text(field: OrderField, common: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=field.max_length, **common)


def _long_text(field: OrderField, common: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=field.max_length, widget=forms.Textarea(attrs={"rows": 3}), **common)


def _choice(field: OrderField, common: dict[str, Any]) -> forms.Field:
    blank = [] if field.required else [("", "—")]
    return forms.TypedChoiceField(choices=[*blank, *field.choices], **common)


def _choices(field: OrderField, common: dict[str, Any]) -> forms.Field:
    return forms.MultipleChoiceField(choices=list(field.choices), widget=forms.CheckboxSelectMultiple, **common)


def _number(field: OrderField, common: dict[str, Any]) -> forms.Field:
    return forms.FloatField(min_value=field.minimum, max_value=field.maximum, **common)


def _integer(field: OrderField, common: dict[str, Any]) -> forms.Field:
    low, high = field.minimum, field.maximum
    return forms.IntegerField(
        min_value=None if low is None else int(low), max_value=None if high is None else int(high), **common
    )


def _boolean(field: OrderField, common: dict[str, Any]) -> forms.Field:
    return forms.BooleanField(**{**common, "required": False})


def _date(field: OrderField, common: dict[str, Any]) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common)


FACTORIES: dict[str, FieldFactory] = {
    "text": _text,
    "email": lambda field, common: forms.EmailField(max_length=field.max_length, **common),
    "url": lambda field, common: forms.URLField(max_length=field.max_length, assume_scheme="https", **common),
    "long_text": _long_text,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
}


def order_form(fields: Iterable[OrderField]) -> type[forms.Form]:
    """A form class with one field per property, in the schema's order.

    Names are prefixed: a Partner's property may be called like one of our own inputs.
    """
    members = {
        f"field_{field.name}": FACTORIES[field.kind](
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
    filled = {name.removeprefix("field_"): value for name, value in form.cleaned_data.items()}
    return {name: _plain(value) for name, value in filled.items() if value not in (None, "", [])}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value
