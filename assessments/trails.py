"""Where a candidate left something: the keys, ids and words by which rows about them are found. Reads only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from assessments.models import Backfill, Order, OrderUpdate
from core.models import Candidate, RequestLog
from core.services.hiring import contacts_of

# Of a name, parts shorter than this stand in too many words.
SHORTEST_NAME = 3
# Where the log of calls keeps what was sent and told.
SAID_IN_CALLS = ("query", "problem", "request_body")


@dataclass(frozen=True, kw_only=True, slots=True)
class Traces:
    """By what calls about a candidate are found: ids of those that brought something, and what bodies have in them.

    Bodies of the organization's own calls, and of those of ``partners``. Of a pair of ``names`` a body has both.
    """

    calls: Sequence[str] = ()
    words: Sequence[str] = ()
    names: Sequence[Sequence[str]] = ()
    organization: str = ""
    partners: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Trail:
    """Where a candidate left something: keys and public ids. ``candidate`` is 0 for a purge of some orders alone."""

    candidate: int = 0
    candidate_id: str = ""
    orders: tuple[int, ...] = ()
    order_ids: tuple[str, ...] = ()
    application_ids: tuple[str, ...] = ()
    backfills: tuple[int, ...] = ()
    traces: Traces = field(default_factory=Traces)


def trail_of(candidate: Candidate, backfills: QuerySet[Backfill]) -> Trail:
    """Everything that leads to something about the candidate; ``backfills`` are those that name them.

    Of calls those alone that brought something: to find the others takes a look through the log (traces_of).
    """
    orders = dict(candidate.orders.order_by("public_id").values_list("pk", "public_id"))
    rows = tuple(backfills.values_list("pk", flat=True))
    return Trail(
        candidate=candidate.pk,
        candidate_id=candidate.public_id,
        orders=tuple(orders),
        order_ids=tuple(orders.values()),
        application_ids=tuple(candidate.applications.values_list("public_id", flat=True)),
        backfills=rows,
        traces=Traces(calls=_calls(tuple(orders), rows)),
    )


def trail_of_orders(orders: Mapping[int, str]) -> Trail:
    """What some orders (public ids by key) hold."""
    return Trail(orders=tuple(orders), order_ids=tuple(orders.values()))


def named_backfills(candidate: Candidate) -> QuerySet[Backfill]:
    """Results without an order that name this candidate."""
    here = Backfill.objects.filter(organization=candidate.organization_id, order=None)
    return here.alias(address=Lower("email")).filter(naming([candidate]))


def naming(candidates: Sequence[Candidate]) -> Q:
    """Of results without an order in the candidates' organization, with their ``address`` in lower case: those that
    name one of them, by id, by an address of now or before, or by a reference of their orders.
    """
    addresses = {was["email"].lower() for candidate in candidates for was in contacts_of(candidate)} - {""}
    known = Order.objects.filter(candidate__in=[candidate.pk for candidate in candidates]).exclude(reference="")
    referred = known.filter(installation=OuterRef("installation"), reference=OuterRef("candidate_reference"))
    ids = [candidate.public_id for candidate in candidates]
    return Q(candidate__in=ids) | Q(address__in=addresses) | (~Q(candidate_reference="") & Q(Exists(referred)))


def traces_of(candidate: Candidate, trail: Trail) -> Traces:
    """By what all calls about the candidate are found."""
    orders = Order.objects.filter(pk__in=trail.orders)
    references = orders.exclude(reference="").values_list("reference", flat=True)
    was = contacts_of(candidate)
    ids = (candidate.public_id, *trail.application_ids, *trail.order_ids)
    words = [*ids, *(person[name] for person in was for name in ("email", "phone"))]
    names = [] if candidate.erased_at else [(person["first_name"], person["last_name"]) for person in was]
    told = orders.filter(is_told=True).order_by().values_list("partner__public_id", flat=True)
    return Traces(
        calls=trail.traces.calls,
        # A reference may be as short as a number: it counts as a whole value alone.
        words=[word for word in dict.fromkeys((*words, *(f'"{reference}"' for reference in references))) if word],
        names=[pair for pair in dict.fromkeys(names) if all(pair)],
        organization=candidate.organization.public_id,
        partners=sorted(set(told)),
    )


def calls_about(traces: Traces) -> QuerySet[RequestLog]:
    """Those of which something is kept: what an export brings, and an erasure empties."""
    theirs = Q(partner__in=traces.partners) | Q(organization=traces.organization)
    found = [Q(path__contains=word) | _says(word) for word in traces.words]
    found += [_says(_whole(first)) & _says(_whole(last)) for first, last in traces.names]
    named = reduce(or_, found, Q(pk__in=[]))
    return saying_something().filter(Q(request_id__in=traces.calls) | (theirs & named))


def saying_something() -> QuerySet[RequestLog]:
    """Calls of which anything is kept that was sent or told."""
    return RequestLog.objects.exclude(**dict.fromkeys(SAID_IN_CALLS, ""))


def telling_words(candidate: Candidate) -> list[str]:
    """The words by which a text would tell of the candidate, in lower case."""
    was = contacts_of(candidate)
    names = re.split(r"\W+", " ".join(f"{person['first_name']} {person['last_name']}" for person in was).lower())
    told = [name for name in names if len(name) >= SHORTEST_NAME]
    reached = (person[name].lower() for person in was for name in ("email", "phone"))
    return [*dict.fromkeys(told), *(value for value in dict.fromkeys(reached) if value)]


def _calls(orders: tuple[int, ...], backfills: tuple[int, ...]) -> tuple[str, ...]:
    told = OrderUpdate.objects.filter(order__in=orders).exclude(request_id="")
    came = Backfill.objects.filter(Q(pk__in=backfills) | Q(order__in=orders)).exclude(request_id="")
    return tuple({*told.values_list("request_id", flat=True), *came.values_list("request_id", flat=True)})


def _whole(name: str) -> str:
    """A short name stands in too many words: it counts as a whole value alone."""
    return name if len(name) >= SHORTEST_NAME else f'"{name}"'


def _says(word: str) -> Q:
    """In any of the ways in which JSON may write it."""
    written = {word, *_escaped(word)}
    return reduce(or_, (Q(**{f"{place}__icontains": text}) for text in sorted(written) for place in SAID_IN_CALLS))


def _escaped(word: str) -> Iterable[str]:
    plain = json.dumps(word.strip('"'))[1:-1]
    for text in (plain, plain.replace("/", "\\/")):
        yield f'"{text}"' if word.startswith('"') else text
