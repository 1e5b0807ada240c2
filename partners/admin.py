"""The support desk of floor 2: partners, installations, endpoints, and everything owed to them. Acts call services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import oauth2_provider.admin  # noqa: F401  registers what is taken back below
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from oauth2_provider import models as oauth

from core.admin import Rows, Window
from core.errors import DomainError
from core.models import User
from partners.delivery import outbox
from partners.models import (
    Application,
    Attempt,
    Delivery,
    Endpoint,
    Event,
    Installation,
    Partner,
    PartnerMember,
)
from partners.services import endpoints, onboarding

# The toolkit's own pages would let tokens be read and credentials be changed around the services.
for model in (
    Application,
    oauth.get_access_token_model(),
    oauth.get_refresh_token_model(),
    oauth.get_grant_model(),
    oauth.get_id_token_model(),
):
    admin.site.unregister(model)


def act(request: HttpRequest, rows: QuerySet[Any], deed: Callable[[Any], object], said: str) -> None:
    """Do it to each row; a refusal is told and the others go on."""
    for row in rows:
        try:
            deed(row)
        except DomainError as refusal:
            messages.error(request, f"{row}: {refusal.detail}")
        else:
            messages.success(request, f"{row}: {said}")


def actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


class MemberRows(Rows):
    model = PartnerMember
    fields = ("user", "created_at")


class ApplicationRows(Rows):
    model = Application
    fields = ("environment", "client_id", "allowed_scopes", "created")


class EndpointRows(Rows):
    model = Endpoint
    fields = ("public_id", "environment", "purpose", "url", "enabled", "consecutive_failures", "open_until")


@admin.register(Partner)
class PartnerAdmin(Window):
    list_display = ("name", "public_id", "status", "dialect", "created_at", "last_seen_at")
    list_filter = ("status", "dialect")
    search_fields = ("name", "public_id", "contact_email", "applications__client_id")
    inlines = (MemberRows, ApplicationRows, EndpointRows)
    actions = ("approve", "suspend", "reinstate")

    @admin.action(description="Approve partner", permissions=["act"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Partner]) -> None:
        act(request, queryset, lambda row: onboarding.approve(row, actor=actor(request)), "approved")

    @admin.action(description="Suspend partner", permissions=["act"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Partner]) -> None:
        act(request, queryset, lambda row: onboarding.suspend(row, actor=actor(request)), "suspended")

    @admin.action(description="Reinstate partner", permissions=["act"])
    def reinstate(self, request: HttpRequest, queryset: QuerySet[Partner]) -> None:
        act(request, queryset, lambda row: onboarding.reinstate(row, actor=actor(request)), "reinstated")


@admin.register(Installation)
class InstallationAdmin(Window):
    list_display = ("public_id", "partner", "organization", "status", "installed_at", "paused_at", "removed_at")
    list_filter = ("status",)
    search_fields = ("public_id", "partner__name", "organization__name")
    list_select_related = ("partner", "organization")
    exclude = ("credential", "key_hash")


@admin.register(Endpoint)
class EndpointAdmin(Window):
    list_display = (
        "public_id", "partner", "organization", "environment", "purpose", "url", "enabled", "consecutive_failures",
    )  # fmt: skip
    list_filter = ("enabled", "purpose", "environment")
    search_fields = ("public_id", "partner__name", "partner__public_id", "organization__name", "url")
    list_select_related = ("partner", "organization")
    actions = ("disable", "rotate_secret")

    @admin.action(description="Disable endpoint", permissions=["act"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        def deed(row: Endpoint) -> object:
            return endpoints.disable(row, reason="disabled by support", actor=actor(request))

        act(request, queryset, deed, "disabled")

    @admin.action(description="Rotate secret (the new one is shown once, here)", permissions=["act"])
    def rotate_secret(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for row in queryset:
            try:
                secret = endpoints.rotate_secret(row, actor=actor(request))
            except DomainError as refusal:
                messages.error(request, f"{row}: {refusal.detail}")
            else:
                messages.warning(request, f"{row}: new secret, shown once: {secret}")


class DeliveryRows(Rows):
    model = Delivery
    fields = ("public_id", "endpoint", "state", "attempt_count", "next_at", "note")


@admin.register(Event)
class EventAdmin(Window):
    list_display = ("created_at", "public_id", "topic", "subject", "partner", "organization")
    list_filter = ("topic",)
    search_fields = ("public_id", "subject", "partner__name")
    list_select_related = ("partner", "organization")
    inlines = (DeliveryRows,)


class AttemptRows(Rows):
    model = Attempt
    fields = ("number", "started_at", "duration_ms", "status", "failure", "outcome", "answer")

    @admin.display(description="What came back")
    def answer(self, row: Attempt) -> SafeString:
        headers = format_html_join("\n", "{}: {}", row.reply_headers.items())
        return format_html("<pre>{}\n\n{}</pre>", headers, bytes(row.reply_body).decode("utf-8", "replace"))


@admin.register(Delivery)
class DeliveryAdmin(Window):
    """Filter by state for the lists of *Unclear* and *Given up*."""

    list_display = (
        "created_at",
        "public_id",
        "topic",
        "subject",
        "endpoint",
        "state",
        "attempt_count",
        "next_at",
        "note",
    )
    list_filter = ("state", "purpose")
    search_fields = ("public_id", "event__public_id", "event__subject", "endpoint__partner__name")
    list_select_related = ("event", "endpoint__partner")
    inlines = (AttemptRows,)
    actions = ("redeliver",)

    @admin.display(ordering="event__topic")
    def topic(self, row: Delivery) -> str:
        return row.event.topic

    @admin.display
    def subject(self, row: Delivery) -> str:
        return row.event.subject

    @admin.action(description="Redeliver", permissions=["act"])
    def redeliver(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        act(request, queryset, lambda row: outbox.redeliver(row, actor=actor(request)), "due again, with the same id")
