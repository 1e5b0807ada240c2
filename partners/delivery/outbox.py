"""What is owed to partners and to organizations: Events with their Deliveries, written in the caller's transaction.

Sends nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from core import audit, tracing
from core.models import Organization, User
from core.writing import ONLY_IF, Writing
from partners.delivery import sequencing, wake
from partners.delivery.messages import Message
from partners.errors import DeliveryWithdrawn
from partners.models import Delivery, Endpoint, Event, Installation, Partner, Purpose

SANDBOX_DELIVERIES = 100
SANDBOX_WINDOW = timedelta(hours=1)
REDELIVERED_AT_ONCE = 1_000
# How a delivery fails for certain. An unclear one may have arrived: it is sent again only by name.
LOST = (Delivery.State.GIVEN_UP.value, Delivery.State.REFUSED.value)


def owe(installation: Installation, message: Message) -> Event:
    """Writes the Event, and the Delivery to the Installation's endpoint for that purpose, if there is one.

    A disabled endpoint gets its Delivery too: it waits there, visibly, until the endpoint is enabled again. With
    no endpoint that wants its topic the Event stands alone, for partners that pull. Call it inside the transaction
    of the deed; the workers are woken when that commits.
    """
    event = _event(installation.partner, message, installation=installation)
    endpoint = endpoint_for(installation, message.purpose, message.topic)
    if endpoint is not None:
        _deliver(event, endpoint, message)
    return event


def owe_endpoint(endpoint: Endpoint, message: Message) -> Event:
    """The same for one endpoint by name, whatever the message's purpose: a ping."""
    if endpoint.organization is not None:
        event = told_to(endpoint.organization.pk, message)
        event.save(force_insert=True)
    else:
        assert endpoint.partner is not None
        event = _event(endpoint.partner, message, installation=endpoint.installation)
    _deliver(event, endpoint, message)
    return event


def told_to(organization: int, message: Message) -> Event:
    """The Event for an Organization's own programs, to be written with other things; then :func:`deliver_to`."""
    transaction.on_commit(sequencing.ring)
    return Event(
        organization_id=organization,
        topic=message.topic,
        subject=message.subject,
        body=message.body,
        trace=tracing.current(),
    )


def deliver_to(endpoints: Iterable[Endpoint], events: Sequence[Event]) -> int:
    """Writes what these Events, saved by now, owe to the endpoints of their Organizations; each wants its topics.

    Returns how many deliveries that are.
    """
    by_organization = {endpoint.organization_id: endpoint for endpoint in endpoints}
    owed = [
        (event, endpoint)
        for event in events
        if (endpoint := by_organization.get(event.organization_id)) and endpoint.wants(event.topic)
    ]
    if not owed:
        return 0
    earliest = {endpoint.pk: _earliest(endpoint) for _, endpoint in owed}
    Delivery.objects.bulk_create(
        Delivery(event=event, endpoint=endpoint, purpose=endpoint.purpose, next_at=earliest[endpoint.pk])
        for event, endpoint in owed
    )
    transaction.on_commit(wake.ring)
    return len(owed)


def endpoint_for(installation: Installation, purpose: str, topic: str) -> Endpoint | None:
    """The endpoint of that purpose that wants the topic: the Installation's own before its Partner's; where neither
    has one, the one for events.
    """
    candidates = Endpoint.objects.filter(
        Q(installation=installation) | Q(installation=None),
        partner=installation.partner,
        environment=installation.environment,
        purpose__in={purpose, Purpose.EVENTS},
    ).select_related("partner")
    return max(
        (endpoint for endpoint in candidates if endpoint.wants(topic)),
        key=lambda endpoint: (endpoint.purpose == purpose, endpoint.installation_id is not None),
        default=None,
    )


def withdraw(subjects: list[str], *topics: str, note: str) -> None:
    """Takes back what is still due of these topics about these subjects.

    One that is under way right now may arrive all the same; then it is delivered after all, and nothing follows.
    """
    writing = Writing()
    withdraw_with(writing, subjects, *topics, note=note)
    writing.run()


def withdraw_with(writing: Writing, subjects: list[str], *topics: str, note: str) -> None:
    """The same, written with other things."""
    if subjects:
        due, withdrawn = Delivery.State.DUE.value, Delivery.State.WITHDRAWN.value
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        values = [withdrawn, now, note[:300], due, *topics, *subjects]
        writing.add(_withdraw_sql(len(topics), len(subjects)), values)


@cache
def _withdraw_sql(topics: int, subjects: int) -> str:
    events, deliveries = Event._meta.db_table, Delivery._meta.db_table
    these, those = ", ".join(["%s"] * topics), ", ".join(["%s"] * subjects)
    about = f"SELECT id FROM {events} WHERE topic IN ({these}) AND subject IN ({those})"  # noqa: S608
    return (
        f"UPDATE {deliveries} SET state = %s, settled_at = %s, note = %s, claim = '', claimed_until = NULL"  # noqa: S608
        f" WHERE state = %s AND event_id IN ({about}){ONLY_IF} RETURNING id"
    )


def redeliver(delivery: Delivery, *, actor: User | str | None) -> Delivery:
    """Makes it due again now, however it ended: the same Event, so the same ``webhook-id``, on a fresh schedule.

    One that is due already is brought forward, unless it waits for its hour or a worker has it at this moment. Raises
    DeliveryWithdrawn for what was taken back: its news is no longer true.
    """
    with transaction.atomic():
        if not _due_again(Delivery.objects.filter(pk=delivery.pk), delivery.endpoint):
            delivery.refresh_from_db()
            if delivery.state == Delivery.State.WITHDRAWN:
                raise DeliveryWithdrawn
            return delivery
        audit.record(
            "delivery.redelivered",
            actor=actor,
            subject=delivery.public_id,
            organization=delivery.event.organization,
            was=delivery.state,
        )
        transaction.on_commit(wake.ring)
    delivery.refresh_from_db()
    return delivery


def redeliver_failed(
    deliveries: QuerySet[Delivery],
    owner: Partner | Organization,
    *,
    since: datetime,
    until: datetime | None,
    states: Collection[str],
    actor: User | str | None,
) -> int:
    """Makes due again what of these deliveries ended in one of the states in that time; returns how many.

    ``owner`` is whose endpoints they went to. At most REDELIVERED_AT_ONCE, those that ended first: whatever more there
    is, the next call finds. What is due by then has not failed, so a call made twice does it once. In a sandbox it is
    what an hour lets through.
    """
    ended = deliveries.filter(state__in=states, settled_at__gte=since, **_owned_by(owner))
    if until is not None:
        ended = ended.filter(settled_at__lt=until)
    return _all_again(ended.order_by("settled_at", "pk"), owner, actor)


def redeliver_range(
    events: QuerySet[Event], deliveries: QuerySet[Delivery], owner: Partner | Organization, *, actor: User | str | None
) -> tuple[int, Event | None]:
    """Makes due again what of these deliveries is of these Events, delivered or not, but for what was withdrawn and
    what is unclear: how many, and the Event to go on with, None at the end.

    It takes as many Events as :func:`redeliver_failed` takes deliveries, in the order of the feed. What is due already
    is left as it is. An Organization's endpoint gets as well what none was owed when it happened, as far as it wants it
    now; a Partner's does not: what asks for something may have been answered since, and nothing was there to withdraw.
    """
    most = _most_at_once(owner)
    page = list(events.order_by("position")[: most + 1])
    taken = page[:most]
    kept = {Delivery.State.DUE.value, Delivery.State.WITHDRAWN.value, Delivery.State.UNCLEAR.value}
    rows = deliveries.filter(event__in=[event.pk for event in taken], **_owned_by(owner)).exclude(state__in=kept)
    with transaction.atomic():
        count = _all_again(rows.order_by("event__position", "pk"), owner, actor)
        if isinstance(owner, Organization):
            count += _deliver_missed(owner, taken)
    return count, page[most] if len(page) > most else None


def _deliver_missed(organization: Organization, events: Sequence[Event]) -> int:
    # The lock makes two calls at once take turns: each Event is owed once.
    mine = Endpoint.objects.filter(organization=organization).order_by("pk")
    endpoints = list(mine.select_for_update(no_key=True))
    owed = Delivery.objects.filter(event__in=[event.pk for event in events]).values_list("event", flat=True)
    known = set(owed)
    return deliver_to(endpoints, [event for event in events if event.pk not in known])


def _owned_by(owner: Partner | Organization) -> dict[str, Any]:
    return {"endpoint__partner" if isinstance(owner, Partner) else "endpoint__organization": owner}


def _most_at_once(owner: Partner | Organization) -> int:
    return SANDBOX_DELIVERIES if _is_sandbox(owner) else REDELIVERED_AT_ONCE


def _all_again(rows: QuerySet[Delivery], owner: Partner | Organization, actor: User | str | None) -> int:
    with transaction.atomic():
        free = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
        pks = list(free.values_list("pk", flat=True)[: _most_at_once(owner)])
        if not pks:
            return 0
        count = _due_again(Delivery.objects.filter(pk__in=pks), Delivery.objects.get(pk=pks[0]).endpoint)
        if count:
            whose = owner if isinstance(owner, Organization) else None
            audit.record(
                "deliveries.redelivered", actor=actor, subject=owner.public_id, organization=whose, count=count
            )
            transaction.on_commit(wake.ring)
    return count


def resume_endpoint(endpoint: Endpoint) -> int:
    """For an endpoint that was put or enabled again: forgets its failures, and what waits for it is due now.

    Returns how many deliveries that were. What a sandbox Partner's hourly limit put off stays put off, and what
    expires waits for its hour.
    """
    now = timezone.now()
    Endpoint.objects.filter(pk=endpoint.pk).update(consecutive_failures=0, open_until=None)
    waiting = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.DUE, claimed_until=None, expires_at=None)
    count = waiting.filter(Q(attempt_count__gt=0) | Q(next_at__lte=now)).update(next_at=now)
    if count:
        transaction.on_commit(wake.ring)
    return count


def _event(partner: Partner, message: Message, *, installation: Installation | None) -> Event:
    transaction.on_commit(sequencing.ring)
    return Event.objects.create(
        partner=partner,
        installation=installation,
        organization=installation.organization if installation else None,
        topic=message.topic,
        subject=message.subject,
        body=message.body,
        trace=tracing.current(),
    )


def _deliver(event: Event, endpoint: Endpoint, message: Message) -> None:
    Delivery.objects.create(
        event=event,
        endpoint=endpoint,
        purpose=message.purpose,
        method=message.method,
        query=message.query,
        repeatable=message.repeatable,
        expires_at=message.expires_at,
        next_at=_earliest(endpoint),
    )
    transaction.on_commit(wake.ring)


def _due_again(rows: QuerySet[Delivery], endpoint: Endpoint) -> int:
    """``endpoint`` is one of their owner's. Conditional: a settlement at the same moment and this cannot both win."""
    free = Q(state=Delivery.State.DUE, claimed_until=None, expires_at=None)
    ended = ~Q(state__in=[Delivery.State.DUE, Delivery.State.WITHDRAWN])
    return rows.filter(free | ended).update(
        state=Delivery.State.DUE,
        next_at=_earliest(endpoint),
        attempts_before=F("attempt_count"),
        claim="",
        claimed_until=None,
        settled_at=None,
        note="",
    )


def _earliest(endpoint: Endpoint) -> datetime:
    """Now; in a sandbox an hour after the owner's hundredth newest delivery, if that is later."""
    now = timezone.now()
    owner = endpoint.owner
    if not _is_sandbox(owner):
        return now
    recent = Delivery.objects.filter(next_at__gt=now - SANDBOX_WINDOW, **_owned_by(owner))
    hundredth = recent.order_by("-next_at").values_list("next_at", flat=True)[SANDBOX_DELIVERIES - 1 :].first()
    return now if hundredth is None else max(now, hundredth + SANDBOX_WINDOW)


def _is_sandbox(owner: Partner | Organization) -> bool:
    return owner.status == Partner.Status.SANDBOX if isinstance(owner, Partner) else owner.is_sandbox
