"""PartnerCheck: the conversation of a protocol, walked through with a partner. Written by services.checking alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assessments.models.orders import Order
from core.ids import public_id
from partners.models import Installation


def check_id() -> str:
    return public_id("chk")


class PartnerCheck(models.Model):
    """What was asked is kept here; what was ordered is told by the orders themselves, their deliveries and updates."""

    public_id = models.CharField(max_length=40, unique=True, default=check_id, editable=False)
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="checks")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The steps that are no orders, as they were found: see check_report.Step. Null: not asked yet.
    asked = models.JSONField(null=True, blank=True)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # A second one, which is cancelled as soon as the partner has it.
    cancelled_order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    # Until then the partner may take its time.
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # The next look; null when it has ended.
    next_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            # What is to be looked at.
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="partner_check_due"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} of {self.installation_id}"
