"""The verbs on an Endpoint: put, rotate its secret, ping, disable. Opens no connection; that is the outbox's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import audit, http, secrets, signing
from core.errors import ValidationFailed
from core.models import Organization, User
from core.places import place
from partners import topics
from partners.delivery import outbox, readers
from partners.delivery.messages import Message, sample, thin
from partners.errors import PartnerSuspended, TooManyEndpoints, TooManyRotations, UnknownPurpose
from partners.models import Delivery, Endpoint, Partner, Purpose, SigningSecret

SANDBOX_ENDPOINTS = 5
MOST_OVERLAPPING = 3


@transaction.atomic
def put(
    owner: Partner | Organization,
    environment: str,
    purpose: str,
    *,
    url: str,
    enabled: bool = True,
    topics: Sequence[str] = (),
    actor: User | str | None = None,
) -> tuple[Endpoint, str | None, bool]:
    """Creates or replaces the owner's endpoint for that purpose: it, its secret, whether it was created.

    An Organization has one for `events` only. ``actor`` is the owner itself where nobody is named. Of ``topics`` it
    gets events, or of all where none is named. The secret is known here and nowhere else, and only at the creation.
    Putting an endpoint again forgets its failures: what waits for it is due. Raises UnknownPurpose, ValidationFailed
    (an unknown topic), TooManyEndpoints, and what ``http.check_url`` raises.
    """
    check_purpose(purpose, owner)
    _check_topics({f"/topics/{at}": topic for at, topic in enumerate(topics)}, owner)
    wanted = sorted(set(topics))
    http.check_url(url)
    owner = _held(owner)
    actor = actor or owner.public_id
    mine = {"partner": owner} if isinstance(owner, Partner) else {"organization": owner}
    rows = Endpoint.objects.filter(environment=environment, installation=None, **mine)
    endpoint = rows.filter(purpose=purpose).first()
    if endpoint is not None:
        _replace(endpoint, url, enabled, wanted, actor)
        return endpoint, None, False
    _check_room(owner)
    endpoint = Endpoint.objects.create(
        environment=environment, purpose=purpose, url=url, enabled=enabled, topics=wanted, **mine
    )
    _record("endpoint.created", endpoint, actor, url=url)
    return endpoint, _new_secret(endpoint), True


@transaction.atomic
def rotate_secret(endpoint: Endpoint, *, actor: User | str | None) -> str:
    """A new secret, known here and nowhere else. The one before signs too until SECRET_OVERLAP has passed.

    Raises TooManyRotations: each secret lengthens every header, and none ends before its time, whichever the receiver
    uses.
    """
    Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    rows = SigningSecret.objects.filter(endpoint=endpoint)
    now = timezone.now()
    rows.filter(expires_at__lte=now).delete()
    ends = list(rows.exclude(expires_at=None).order_by("expires_at").values_list("expires_at", flat=True))
    if len(ends) >= MOST_OVERLAPPING:
        until = ends[-MOST_OVERLAPPING]
        raise TooManyRotations(f"The secret can be rotated again from {until:%Y-%m-%d %H:%M:%S} UTC on.", until=until)
    rows.filter(expires_at=None).update(expires_at=now + settings.SECRET_OVERLAP)
    _record("endpoint.secret_rotated", endpoint, actor)
    return _new_secret(endpoint)


@transaction.atomic
def ping(endpoint: Endpoint, *, topic: str = topics.PING) -> Delivery:
    """Owes the endpoint a `ping`, or a sample of another topic, whatever its purpose and the topics that it wants.

    Raises PartnerSuspended and ValidationFailed (an unknown topic).
    """
    if endpoint.partner and endpoint.partner.is_suspended:
        raise PartnerSuspended
    _check_topics({"/topic": topic}, endpoint.owner)
    is_ping = topic == topics.PING
    known = readers.announced(_side(endpoint.owner))
    body = thin(topic, endpoint=endpoint.public_id) if is_ping else sample(topic, known[topic])
    message = Message(topic=topic, purpose=Purpose.EVENTS, subject=endpoint.public_id, body=body)
    return outbox.owe_endpoint(endpoint, message).deliveries.get()


@transaction.atomic
def disable(endpoint: Endpoint, *, reason: str, actor: User | str | None) -> Endpoint:
    """Nothing is sent to it until it is put again; what is owed to it waits."""
    endpoint.enabled = False
    endpoint.disabled_reason = reason[:200]
    endpoint.save(update_fields=["enabled", "disabled_reason", "updated_at"])
    _record("endpoint.disabled", endpoint, actor, reason=endpoint.disabled_reason)
    return endpoint


def check_purpose(purpose: str, owner: Partner | Organization) -> None:
    """Raises UnknownPurpose."""
    purposes = Purpose.values if isinstance(owner, Partner) else [Purpose.EVENTS.value]
    if purpose not in purposes:
        raise UnknownPurpose(f"There is no purpose {purpose!r}; there are {', '.join(purposes)}.")


def _side(owner: Partner | Organization) -> readers.Side:
    return readers.Side.PARTNER if isinstance(owner, Partner) else readers.Side.ORGANIZATION


def _held(owner: Partner | Organization) -> Partner | Organization:
    """The row lock makes two calls at once take turns, so that a limit and a creation are each decided once."""
    if isinstance(owner, Partner):
        return Partner.objects.select_for_update(no_key=True).get(pk=owner.pk)
    return Organization.objects.select_for_update(no_key=True).get(pk=owner.pk)


def _check_topics(named: dict[str, str], owner: Partner | Organization) -> None:
    """``named``: JSON pointer → topic. Raises ValidationFailed."""
    known = readers.announced(_side(owner))
    unknown = {pointer: topic for pointer, topic in named.items() if topic not in known}
    message = f"One of {', '.join(sorted(known))}."
    if problems := [place(pointer, "unknown_topic", message) for pointer in unknown]:
        raise ValidationFailed(f"There is no topic {', '.join(unknown.values())}.", problems=problems)


def _replace(endpoint: Endpoint, url: str, enabled: bool, wanted: list[str], actor: User | str) -> None:
    endpoint.url = url
    endpoint.enabled = enabled
    endpoint.topics = wanted
    endpoint.disabled_reason = ""
    endpoint.save(update_fields=["url", "enabled", "topics", "disabled_reason", "updated_at"])
    _record("endpoint.put", endpoint, actor, url=url, enabled=enabled, topics=wanted)
    if enabled:
        outbox.resume_endpoint(endpoint)
        endpoint.refresh_from_db()


def _check_room(owner: Partner | Organization) -> None:
    if not isinstance(owner, Partner) or owner.status != Partner.Status.SANDBOX:
        return
    if Endpoint.objects.filter(partner=owner).count() >= SANDBOX_ENDPOINTS:
        raise TooManyEndpoints


def _record(verb: str, endpoint: Endpoint, actor: User | str | None, **facts: Any) -> None:
    audit.record(verb, actor=actor, subject=endpoint.public_id, organization=endpoint.organization, **facts)


def _new_secret(endpoint: Endpoint) -> str:
    secret = signing.new_signing_secret()
    SigningSecret.objects.create(endpoint=endpoint, encrypted=secrets.encrypt(secret))
    return secret
