"""The outbox: Event (what happened), Delivery (owed to one Endpoint), Attempt (one try). The database is the queue."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.ids import public_id
from core.models import Organization
from partners.models.endpoint import Endpoint, Purpose
from partners.models.installation import Installation
from partners.models.partner import Partner


def event_id() -> str:
    return public_id("evt")


def delivery_id() -> str:
    return public_id("dlv")


class Event(models.Model):
    """Something that happened, frozen with its payload. Its public id is the `webhook-id` of every attempt.

    It is told to a Partner; or, where there is none, to the Organization's own programs.
    """

    public_id = models.CharField(max_length=40, default=event_id, editable=False)
    # The index event_partner serves.
    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    installation = models.ForeignKey(
        Installation, null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    topic = models.CharField(max_length=60)
    # The public id of what it is about: an Order, an Installation, an Endpoint.
    subject = models.CharField(max_length=60)
    # The exact text that is signed and sent.
    body = models.TextField()
    # The trace of the call that caused it (core.tracing), passed on with every attempt; mostly none.
    trace = models.CharField(max_length=35, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # Its place in the feed, given after the commit (delivery.sequencing); null until then.
    position = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="event_id_once"),
            models.UniqueConstraint(
                fields=["position"], condition=Q(position__isnull=False), name="event_position_once"
            ),
            models.CheckConstraint(
                condition=Q(partner__isnull=False) | Q(organization__isnull=False), name="event_told_to_somebody"
            ),
        ]
        indexes = [
            # The timeline of one order.
            models.Index(fields=["subject", "id"], name="event_subject"),
            # A partner's events, in order.
            models.Index(fields=["partner", "id"], name="event_partner"),
            # The feed: of a partner, and by a token of one installation.
            models.Index(fields=["partner", "position"], condition=Q(position__isnull=False), name="event_feed"),
            models.Index(
                fields=["installation", "position"], condition=Q(position__isnull=False), name="event_feed_installed"
            ),
            # The feed of an Organization's own programs.
            models.Index(
                fields=["organization", "position"],
                condition=Q(partner=None, position__isnull=False),
                name="event_feed_organization",
            ),
            # What waits for its position.
            models.Index(fields=["id"], condition=Q(position=None), name="event_unnumbered"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.public_id}"


class Delivery(models.Model):
    """An Event owed to one Endpoint. Claimed by conditional update; a crashed worker's claim lapses."""

    class State(models.TextChoices):
        DUE = "due", "Due"
        DELIVERED = "delivered", "Delivered"
        REFUSED = "refused", "Refused"
        UNCLEAR = "unclear", "Unclear"
        GIVEN_UP = "given_up", "Given up"
        WITHDRAWN = "withdrawn", "Withdrawn"

    public_id = models.CharField(max_length=40, default=delivery_id, editable=False)
    # The constraint serves.
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    # How it is asked where a dialect is not "POST the body": another method, a query.
    method = models.CharField(max_length=10, default="POST")
    query = models.CharField(max_length=500, blank=True)
    # False: the call carries no idempotency key, so it is never repeated unless nothing can have been processed.
    repeatable = models.BooleanField(default=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DUE)
    # Attempts begun, counted by the claim: one that died with its worker leaves a gap in the numbers.
    attempt_count = models.PositiveSmallIntegerField(default=0)
    # How many of them came before it was last redelivered: the retry schedule starts again from there.
    attempts_before = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    # From then on it is not worth sending: it is put off or withdrawn. Null: whenever it arrives it is news.
    expires_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    # Who holds the claim: a settlement by anybody else changes nothing.
    claim = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # Why it ended as it did, in words for a person.
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="delivery_id_once"),
            models.UniqueConstraint(fields=["event", "endpoint"], name="delivery_once_per_endpoint"),
        ]
        indexes = [
            # Work owed: the claim, fairly across endpoints.
            models.Index(fields=["endpoint", "next_at", "id"], condition=Q(state="due"), name="delivery_due"),
            # What was not sent in time.
            models.Index(
                fields=["expires_at"], condition=Q(state="due", expires_at__isnull=False), name="delivery_expires"
            ),
            # The support lists: unclear, given up.
            models.Index(fields=["state", "-id"], name="delivery_state"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class Attempt(models.Model):
    """One try of a Delivery, with what came back. Holds no secret: neither signature nor credential is stored."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    url = models.CharField(max_length=500)
    # Null when no answer came; then `failure` names why (core.http.Failure.kind).
    status = models.PositiveSmallIntegerField(null=True)
    failure = models.CharField(max_length=40, blank=True)
    reply_headers = models.JSONField(default=dict)
    # The first bytes of the answer, capped.
    reply_body = models.BinaryField(default=bytes)
    # What the try decided: delivered, retried, refused, unclear, given_up; overtaken if somebody had settled it.
    outcome = models.CharField(max_length=20)

    class Meta:
        ordering = ("delivery", "number")
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_number_once")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}"
