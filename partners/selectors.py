"""Visibility: every read of floor 2 for a person or a program starts here. What is not visible does not exist (404)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from core.models import Membership, RequestLog, User
from core.prepared import Prepared
from partners.models import Application, Delivery, Endpoint, Environment, Event, Installation, Partner
from partners.types import Caller, Client, OrganizationClient

Viewer = Membership | Caller

EVENTS_READ = "events:read"


def installations_visible_to(viewer: Viewer) -> QuerySet[Installation]:
    """For an organization: all of its own, removed ones too. For a partner: what it is installed in now."""
    if isinstance(viewer, Client):
        return _of_client(viewer).select_related("organization")
    return Installation.objects.filter(organization=viewer.organization_id).select_related("partner")


def reachable_installations(client: Client, scope: str) -> QuerySet[Installation]:
    """The Installations on whose data the client may use this scope: token scopes ∩ granted scopes, not removed.

    Paused ones are among them: whether a paused one refuses depends on what is asked of it.
    """
    if scope not in client.scopes:
        return Installation.objects.none()
    return _of_client(client).filter(granted__contains=f" {scope} ")


def _of_client(client: Client) -> QuerySet[Installation]:
    rows = Installation.objects.filter(
        partner=client.partner,
        organization__is_sandbox=_is_sandbox(client),
    ).exclude(status=Installation.Status.REMOVED)
    return rows.filter(pk=client.installation.pk) if client.installation else rows


def _is_sandbox(client: Client) -> bool:
    return client.application.environment == Environment.SANDBOX


def connectable_partners(viewer: Membership) -> QuerySet[Partner]:
    """Approved partners that are not at work in the organization yet; in a sandbox, only the partner it belongs to.

    A partner that an organization connected by its protocol is nobody else's, and its own is connected already.
    """
    here = Installation.objects.filter(organization=viewer.organization_id).exclude(status=Installation.Status.REMOVED)
    if viewer.organization.is_sandbox:
        rows = Partner.objects.filter(sandbox_organization=viewer.organization_id)
    else:
        rows = Partner.objects.filter(status=Partner.Status.APPROVED, organization=None)
    return rows.exclude(status=Partner.Status.SUSPENDED).exclude(pk__in=here.values("partner"))


def partners_visible_to(person: User) -> QuerySet[Partner]:
    """Those whose member the person is."""
    return Partner.objects.filter(members__user=person)


def is_somebodys(person: User) -> bool:
    """Whether the person belongs to any partner: every page asks, for its link to the portal."""
    return _theirs.first(person.pk) is not None


_theirs: Prepared[tuple[int]] = Prepared(
    lambda person: partners_visible_to(User(pk=person)).order_by().values_list("pk")[:1]
)


def clients_visible_to(viewer: Membership) -> QuerySet[Application]:
    """The API clients of the organization, revoked ones too."""
    return Application.objects.filter(organization=viewer.organization_id).select_related("organization")


def organization_endpoints(viewer: Membership) -> QuerySet[Endpoint]:
    """Where the organization's own programs are told."""
    return Endpoint.objects.filter(organization=viewer.organization_id)


def endpoints_visible_to(client: Caller) -> QuerySet[Endpoint]:
    """The organization's; or the partner's own in the client's environment, and those of the Installations it sees."""
    if isinstance(client, OrganizationClient):
        return Endpoint.objects.filter(organization=client.organization_id)
    rows = Endpoint.objects.filter(partner=client.partner, environment=client.application.environment)
    return rows.filter(installation=client.installation) if client.installation else rows


def events_visible_to(viewer: Viewer) -> QuerySet[Event]:
    """For a partner: its own in its environment; with a token of one Installation, only of that. For a program of an
    organization: what its programs are told.
    """
    if isinstance(viewer, Membership):
        return Event.objects.filter(organization=viewer.organization_id)
    if isinstance(viewer, OrganizationClient):
        return Event.objects.filter(partner=None, organization=viewer.organization_id)
    if viewer.installation:
        return Event.objects.filter(installation=viewer.installation)
    rows = Event.objects.filter(partner=viewer.partner)
    if _is_sandbox(viewer):
        return rows.exclude(organization__is_sandbox=False)
    return rows.exclude(organization__is_sandbox=True)


def event_feed_of(client: Caller) -> QuerySet[Event]:
    """What an organization's programs are told; or the history that organizations let a partner read: of those that
    granted `events:read`, removed ones too.

    What concerns an Installation itself (that it was paused, removed, …) is no organization's history: it is always
    there, and so is what concerns no Installation.
    """
    if isinstance(client, OrganizationClient):
        return events_visible_to(client).select_related("installation")
    rows = Event.objects.select_related("installation")
    if (one := client.installation) is not None:
        rows = rows.filter(installation=one)
        return rows if EVENTS_READ in one.scopes else rows.filter(subject=one.public_id)
    own = Installation.objects.filter(partner=client.partner, organization__is_sandbox=_is_sandbox(client))
    granted = own.filter(granted__contains=f" {EVENTS_READ} ")
    # Subqueries, not joins: so the index of the feed gives the order, and a page stays a page however much there is.
    return rows.filter(
        Q(installation=None) | Q(installation__in=granted.values("pk")) | Q(subject__in=own.values("public_id")),
        partner=client.partner,
    )


def deliveries_visible_to(viewer: Viewer) -> QuerySet[Delivery]:
    """A delivery is visible to whoever sees its event, and to a program only where it went to its environment."""
    rows = Delivery.objects.filter(event__in=events_visible_to(viewer)).select_related("event", "endpoint")
    if isinstance(viewer, Membership):
        return rows
    return rows.filter(endpoint__environment=viewer.application.environment)


def events_of(partner: Partner) -> QuerySet[Event]:
    """For the partner's own people: in both environments."""
    return Event.objects.filter(partner=partner).prefetch_related("deliveries")


def deliveries_of(partner: Partner) -> QuerySet[Delivery]:
    """For the partner's own people: in both environments."""
    return Delivery.objects.filter(endpoint__partner=partner).select_related("event", "endpoint")


def requests_visible_to(viewer: Caller | Partner) -> QuerySet[RequestLog]:
    """The log of the partner's calls; for a client its application's, by a token of one Installation its own."""
    if isinstance(viewer, Partner):
        return RequestLog.objects.filter(partner=viewer.public_id)
    if isinstance(viewer, OrganizationClient):
        return requests_of(viewer.application)
    rows = RequestLog.objects.filter(partner=viewer.partner.public_id, client_id=viewer.application.client_id)
    return rows.filter(organization=viewer.installation.organization.public_id) if viewer.installation else rows


def requests_of(client: Application) -> QuerySet[RequestLog]:
    """The calls of one client of an organization."""
    assert client.organization is not None
    return RequestLog.objects.filter(
        partner="", organization=client.organization.public_id, client_id=client.client_id
    ).exclude(organization="")
