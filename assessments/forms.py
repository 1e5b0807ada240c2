"""The form a recruiter fills in when ordering, made from an order schema's fields. Shape only: the schema validates."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django import forms

from assessments.schemas.order_schema import OrderField
from assessments.schemas.pointers import tokens

FieldFactory = Callable[[OrderField, dict[str, Any]], forms.Field]

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
