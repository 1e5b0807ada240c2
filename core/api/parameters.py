"""The query of a call: what its view does not know is refused, never passed over."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from core.errors import ValidationFailed
from core.places import INVALID, place


def invalid_parameter(name: str, message: str) -> ValidationFailed:
    """The error for a query parameter: its problem has no pointer (that is for bodies) but names the parameter."""
    problem = place("", INVALID, message, parameter=name)
    return ValidationFailed(f"The query parameter {name} cannot be accepted.", problems=[problem])


def check_known(view: Any, request: Request) -> None:
    """Raises ValidationFailed for parameters that nothing is said of: what is read of a view stands in the reference.

    A view that the reference does not know decides for itself.
    """
    said = view.schema.operations.get(type(view), {}).get("get")
    if said is None:
        return
    known = [parameter.name for parameter in said.query]
    message = f"Here there are {', '.join(known)}." if known else "This call takes none."
    if unknown := [name for name in request.query_params if name not in known]:
        problems = [place("", "unknown_parameter", message, parameter=name) for name in unknown]
        raise ValidationFailed(f"There is no query parameter {', '.join(unknown)}.", problems=problems)
