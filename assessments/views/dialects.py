"""The feature matrix of the documentation: what each protocol of another system can be used for, made from what its
dialect offers. What our own does is no matter of a translator, and stands in the guides.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from assessments.dialects.base import Capability, Dialect
from assessments.services.connections import connectable
from core.views.docs import frame

# What each capability is to a reader, in the order in which they matter.
SENTENCES: dict[Capability, str] = {
    Capability.CATALOGUE: "We ask the partner what it offers",
    Capability.PUSHED_CATALOGUE: "The partner tells what it offers",
    Capability.LIST_CATALOGUE: "The partner reads back what it told",
    Capability.FIELDS: "The partner says what to fill in when ordering",
    Capability.ORDER: "Orders reach the partner",
    Capability.RECEIPT: "Its answer accepts or declines the order",
    Capability.LIST_ORDERS: "The partner lists its orders",
    Capability.CANCEL: "Cancellations reach the partner",
    Capability.CANCEL_ANSWER: "Its answer says whether they came in time",
    Capability.UPDATE: "The partner tells progress and results",
    Capability.NUDGE: "The partner says that there is news, and is asked",
    Capability.STATUS: "We ask how an order stands",
    Capability.UNASKED: "Results without an order",
    Capability.COMPLAIN: "The partner is told what could not be read",
    Capability.EVENTS: "All other events reach the partner",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One capability, and for each dialect whether it offers it."""

    sentence: str
    cells: tuple[bool, ...]


@require_safe
@vary_on_cookie
def matrix(request: HttpRequest) -> HttpResponse:
    """Open to anybody. A new dialect or capability is in it at once."""
    dialects = connectable()
    context = {**frame("dialects"), "dialects": dialects, "rows": rows(dialects)}
    return render(request, "assessments/dialects.html", context)


def rows(dialects: list[Dialect]) -> list[Row]:
    return [
        Row(sentence=sentence, cells=tuple(capability in dialect.offers for dialect in dialects))
        for capability, sentence in SENTENCES.items()
    ]
