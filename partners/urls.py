"""Pages of the partners floor: self-registration, the partner's portal, and the admin's integrations."""

from __future__ import annotations

from django.urls import path

from partners.views import clients, connect, credentials, installations, log, members, portal, register, sign_in

_portal = "partner/<str:partner_id>"

app_name = "partners"
urlpatterns = [
    path("partners/register", register.register, name="register"),
    path("sandbox/sign-in/<str:token>", sign_in.sign_in, name="sign_in"),
    path("partner", portal.index, name="portal"),
    path(_portal, portal.dashboard, name="dashboard"),
    path(f"{_portal}/account", portal.claim, name="claim"),
    path(f"{_portal}/credentials/<str:environment>", credentials.issue, name="issue"),
    path(f"{_portal}/redirect-uris/<str:environment>", credentials.set_redirect_uris, name="redirect_uris"),
    path(f"{_portal}/version/<str:environment>", credentials.version, name="version"),
    path(f"{_portal}/endpoints/<str:environment>", credentials.put_endpoint, name="put_endpoint"),
    path(f"{_portal}/endpoint/<str:endpoint_id>/rotate", credentials.rotate_secret, name="rotate_secret"),
    path(f"{_portal}/endpoint/<str:endpoint_id>/ping", credentials.ping, name="ping"),
    path(f"{_portal}/events", log.events, name="events"),
    path(f"{_portal}/deliveries", log.deliveries, name="deliveries"),
    path(f"{_portal}/deliveries/redeliver", log.redeliver_failed, name="redeliver_failed"),
    path(f"{_portal}/deliveries/<str:delivery_id>", log.delivery, name="delivery"),
    path(f"{_portal}/deliveries/<str:delivery_id>/redeliver", log.redeliver, name="redeliver"),
    path(f"{_portal}/requests", log.requests, name="requests"),
    path(f"{_portal}/members", members.index, name="members"),
    path(f"{_portal}/members/add", members.add, name="member_add"),
    path(f"{_portal}/members/remove", members.remove, name="member_remove"),
    path("api-clients", clients.index, name="clients"),
    path("api-clients/new", clients.create, name="client_create"),
    path("api-clients/endpoints/<str:endpoint_id>/disable", clients.disable_endpoint, name="client_endpoint_disable"),
    path("api-clients/<str:client_id>", clients.detail, name="client"),
    path("api-clients/<str:client_id>/name", clients.rename, name="client_rename"),
    path("api-clients/<str:client_id>/secret", clients.issue, name="client_issue"),
    path("api-clients/<str:client_id>/revoke", clients.revoke, name="client_revoke"),
    path("integrations", installations.index, name="installations"),
    path("integrations/connect/<str:partner_id>", connect.connect, name="connect"),
    path("integrations/<str:installation_id>", installations.detail, name="installation"),
    path("integrations/<str:installation_id>/pause", installations.pause, name="pause"),
    path("integrations/<str:installation_id>/resume", installations.resume, name="resume"),
    path("integrations/<str:installation_id>/remove", installations.remove, name="remove"),
]
