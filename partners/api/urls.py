"""Routes of the partner's own side of the API, below ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from partners.api.deliveries import DeliveriesView, DeliveryView, RedeliverManyView, RedeliverView
from partners.api.endpoints import EndpointsView, EndpointView, PingView, RotateSecretView
from partners.api.events import EventsView
from partners.api.organization import OrganizationView, SandboxClientView
from partners.api.partner import PartnerView
from partners.api.requests import RequestsView

urlpatterns = [
    path("partner", PartnerView.as_view(), name="api_partner"),
    path("organization", OrganizationView.as_view(), name="api_organization"),
    path("sandbox/organization-client", SandboxClientView.as_view(), name="api_sandbox_client"),
    path("endpoints", EndpointsView.as_view(), name="api_endpoints"),
    path("endpoints/<str:purpose>", EndpointView.as_view(), name="api_endpoint"),
    path("endpoints/<str:purpose>/rotate-secret", RotateSecretView.as_view(), name="api_rotate_secret"),
    path("endpoints/<str:purpose>/ping", PingView.as_view(), name="api_ping"),
    path("events", EventsView.as_view(), name="api_events"),
    path("deliveries", DeliveriesView.as_view(), name="api_deliveries"),
    path("deliveries/redeliver", RedeliverManyView.as_view(), name="api_redeliver_failed"),
    path("deliveries/<str:delivery_id>", DeliveryView.as_view(), name="api_delivery"),
    path("deliveries/<str:delivery_id>/redeliver", RedeliverView.as_view(), name="api_redeliver"),
    path("requests", RequestsView.as_view(), name="api_requests"),
]
