"""Many results in one call: each is taken or refused by itself, as the call for a single one would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import LARGEST_BATCH, BatchBody, BatchItemBody, checked, read
from assessments.api.changes import BATCH_REFERENCE
from assessments.api.results import WRITE, posted_by, refused
from assessments.models import Order
from assessments.selectors import orders_to_write
from assessments.services import results
from assessments.services.results import Posted, Recorded
from core.api.parsing import JSON_LIMIT, LARGE_LIMIT, item_texts, too_large
from core.api.problems import problem_json, translate
from core.api.request_log import bare, current_request_id
from core.api.views import ApiView
from core.errors import DomainError, MalformedJson, NotFound, ValidationFailed
from core.idempotency import idempotent
from core.places import place
from partners.oauth.permissions import caller


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """An item that has its shape: the values of a BatchItemBody, and the text it came as."""

    values: dict[str, Any]
    raw: bytes


class ResultsBatchView(ApiView):
    """POST ``{"results": [{order | reference, kind, document, occurred_at?, reason?}, …]}``, up to 500 in 10 MiB.

    200, and ``data`` names each by its ``index``, with the ``status`` and the ``problem`` of the single call.
    """

    changes = (BATCH_REFERENCE,)
    limited_as = "results"
    required_scopes = {"POST": (WRITE,)}
    body_limit = LARGE_LIMIT
    parts = ("results", LARGEST_BATCH)

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        values = read(BatchBody, request)["results"]
        texts = item_texts(request.body, "results")
        items = [_item(value, text) for value, text in zip(values, texts, strict=True)]
        with transaction.atomic(savepoint=False):
            became = _recorded(request, items)
        return Response({"data": [_line(request, index, outcome) for index, outcome in enumerate(became)]})


Outcome = tuple[Order, Recorded] | DomainError


def _item(value: Any, text: str) -> Item | DomainError:
    raw = text.encode()
    if len(raw) > JSON_LIMIT:
        return too_large(JSON_LIMIT)
    if isinstance(value, MalformedJson):
        return value
    try:
        return Item(values=checked(BatchItemBody, value), raw=raw)
    except ValidationError as error:
        return translate(error)


def _recorded(request: Request, items: list[Item | DomainError]) -> list[Outcome]:
    """What became of each: the service gets those that have their shape and whose order is the caller's."""
    orders = _Orders(request, [item for item in items if isinstance(item, Item)])
    found = [_posted(orders.of(item), item) if isinstance(item, Item) else item for item in items]
    posted = [entry for entry in found if isinstance(entry, Posted)]
    answers = iter(results.record_many(posted, request_id=current_request_id()))
    return [_outcome(entry, next(answers)) if isinstance(entry, Posted) else entry for entry in found]


def _outcome(posted: Posted, answer: Recorded | DomainError) -> Outcome:
    return answer if isinstance(answer, DomainError) else (posted.order, answer)


def _posted(order: Order | DomainError, item: Item) -> Posted | DomainError:
    return order if isinstance(order, DomainError) else posted_by(order, item.values, item.raw)


class _Orders:
    """The caller's orders that a batch names, read at once."""

    def __init__(self, request: Request, items: Iterable[Item]) -> None:
        ids = {item.values["order"] for item in items if item.values["order"]}
        references = {item.values["reference"] for item in items if item.values["reference"]}
        rows = orders_to_write(caller(request), WRITE, ids=ids, references=references) if ids or references else []
        self._by_id: dict[str, Order] = {}
        self._by_reference: dict[str, list[Order]] = defaultdict(list)
        for row in rows:
            self._by_id[row.public_id] = row
            self._by_reference[row.reference].append(row)

    def of(self, item: Item) -> Order | DomainError:
        """What is not the caller's looks as if it were not there."""
        if order := item.values["order"]:
            known = [self._by_id[order]] if order in self._by_id else []
        else:
            known = self._by_reference.get(item.values["reference"], [])
        if len(known) > 1:
            return _ambiguous()
        return known[0] if known else NotFound()


def _ambiguous() -> ValidationFailed:
    message = "Several of your orders have this id of yours; name the order by ours."
    return ValidationFailed(problems=[place("/reference", "ambiguous", message)])


def _line(request: Request, index: int, outcome: Outcome) -> dict[str, Any]:
    """What the single call would have answered, in short."""
    if isinstance(outcome, DomainError):
        problem = problem_json(outcome, request)
    elif error := refused(*outcome):
        # Its pointers lead into the document, whose members are called the same in every version.
        problem = problem_json(error, bare(request))
    else:
        return {"index": index, **_short(*outcome)}
    return {"index": index, "status": problem["status"], "problem": problem}


def _short(order: Order, recorded: Recorded) -> dict[str, Any]:
    result = recorded.result
    return {
        "status": 201 if recorded.created else 200,
        "id": result.public_id if result else None,
        "order": order.public_id,
        "revision": result.revision if result else None,
        "superseded_by": recorded.superseded_by,
        "update": {"id": recorded.update.public_id, "outcome": recorded.update.outcome},
    }
