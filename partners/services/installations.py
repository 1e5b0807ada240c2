"""The verbs on an Installation: install, pause, resume, remove; each in one transaction, told and audited."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from core import audit
from core.models import Organization, User
from partners import departures, topics
from partners.delivery import outbox
from partners.delivery.messages import Message, thin
from partners.errors import InstallationRemoved, NotInstallable, PartnerNotApproved, PartnerSuspended, UnknownScope
from partners.models import Installation, Partner, Purpose
from partners.models.installation import installation_id
from partners.scopes import SCOPES

Status = Installation.Status


def install(
    partner: Partner, organization: Organization, *, scopes: Iterable[str], actor: User | str | None
) -> Installation:
    """Creates the Installation with its service user, or updates the one there is: its scopes are replaced.

    A removed one comes back to life; a paused one stays paused. Tokens and codes of an earlier consent end, unless
    they carry exactly what is granted now. Raises PartnerSuspended, PartnerNotApproved, NotInstallable, UnknownScope.
    """
    granted = frozenset(scopes)
    if unknown := sorted(granted - SCOPES.keys()):
        raise UnknownScope(f"There is no scope {unknown[0]!r}.")
    check_installable(partner, organization)
    with transaction.atomic():
        installation = _locked(partner, organization) or _create(partner, organization, granted, actor)
        if installation.scopes != granted or installation.status == Status.REMOVED:
            _renew(installation, granted, actor)
        return installation


def check_installable(partner: Partner, organization: Organization) -> None:
    """Raises PartnerSuspended, PartnerNotApproved or NotInstallable."""
    if partner.is_suspended:
        raise PartnerSuspended
    if partner.organization_id is not None:
        if partner.organization_id != organization.pk:
            raise NotInstallable
        return
    if partner.sandbox_organization_id == organization.pk:
        return
    if organization.is_sandbox:
        raise NotInstallable
    if partner.status != Partner.Status.APPROVED:
        raise PartnerNotApproved


def pause(installation: Installation, *, actor: User | str | None) -> Installation:
    """No new order is sent and no candidate data is readable until :func:`resume`. Already paused: nothing happens."""
    return _change(installation, Status.ACTIVE, _pause, actor)


def resume(installation: Installation, *, actor: User | str | None) -> Installation:
    """Ends a pause; orders that waited are due. Not paused: nothing happens."""
    return _change(installation, Status.PAUSED, _resume, actor)


def remove(installation: Installation, *, actor: User | str | None) -> Installation:
    """Revokes every token and code of the service user and ends the Installation, in one transaction.

    The departures are told, so that what is open there is cancelled. Already removed: nothing happens.
    """
    with transaction.atomic():
        installation = Installation.objects.select_for_update(no_key=True).get(pk=installation.pk)
        if installation.status != Status.REMOVED:
            _remove(installation, actor)
        return installation


def revoke_tokens(installation: Installation, *, keep: frozenset[str] | None = None) -> None:
    """Ends access tokens, refresh tokens and codes of the service user, but for those of exactly the kept scopes."""
    user = installation.service_user_id
    # Codes first: this waits for an exchange that is under way, whose tokens are then seen and ended below.
    Grant.objects.filter(pk__in=[row.pk for row in Grant.objects.filter(user=user) if not _same(row, keep)]).delete()
    kept = [row.pk for row in AccessToken.objects.filter(user=user) if _same(row, keep)]
    live = RefreshToken.objects.filter(user=user, revoked=None).exclude(access_token__in=kept)
    live.update(revoked=timezone.now(), access_token=None)
    AccessToken.objects.filter(user=user).exclude(pk__in=kept).delete()


def _same(row: AccessToken | Grant, keep: frozenset[str] | None) -> bool:
    return keep is not None and frozenset(row.scope.split()) == keep


def _locked(partner: Partner, organization: Organization) -> Installation | None:
    # In no particular order: by the model's own it would join, and lock, the partner's row too.
    rows = Installation.objects.order_by().filter(partner=partner, organization=organization)
    return rows.select_for_update(no_key=True).first()


def _create(
    partner: Partner, organization: Organization, granted: frozenset[str], actor: User | str | None
) -> Installation:
    """Two consents at the same moment: the unique constraint lets one create, the other updates that row."""
    try:
        with transaction.atomic():
            installation = _insert(partner, organization, granted, actor)
    except IntegrityError:
        return Installation.objects.select_for_update(no_key=True).get(partner=partner, organization=organization)
    _tell(installation, topics.INSTALLATION_CREATED, actor)
    return installation


def _insert(
    partner: Partner, organization: Organization, granted: frozenset[str], actor: User | str | None
) -> Installation:
    public_id = installation_id()
    service_user = User.objects.create_user(f"{public_id}@service.invalid", name=partner.name, is_service=True)
    installation = Installation(
        public_id=public_id,
        partner=partner,
        organization=organization,
        service_user=service_user,
        installed_by=actor if isinstance(actor, User) else None,
    )
    installation.scopes = granted
    installation.save()
    return installation


def _renew(installation: Installation, granted: frozenset[str], actor: User | str | None) -> None:
    was_removed = installation.status == Status.REMOVED
    if was_removed:
        installation.status = Status.ACTIVE
        installation.paused_at = installation.removed_at = None
        User.objects.filter(pk=installation.service_user_id).update(is_active=True)
    installation.scopes = granted
    installation.installed_at = timezone.now()
    installation.installed_by = actor if isinstance(actor, User) else None
    installation.save()
    # After a removal nothing may come back to life with the service user.
    revoke_tokens(installation, keep=None if was_removed else granted)
    departures.announce(installation, "renewed")
    if was_removed:
        _tell(installation, topics.INSTALLATION_CREATED, actor)
    else:
        _record("installation.updated", installation, actor)


def _change(
    installation: Installation,
    expected: Installation.Status,
    change: Callable[[Installation, User | str | None], None],
    actor: User | str | None,
) -> Installation:
    """Raises InstallationRemoved."""
    with transaction.atomic():
        installation = Installation.objects.select_for_update(no_key=True).get(pk=installation.pk)
        if installation.status == Status.REMOVED:
            raise InstallationRemoved
        if installation.status == expected:
            change(installation, actor)
        return installation


def _pause(installation: Installation, actor: User | str | None) -> None:
    installation.status = Status.PAUSED
    installation.paused_at = timezone.now()
    installation.save(update_fields=["status", "paused_at"])
    departures.announce(installation, "paused")
    _tell(installation, topics.INSTALLATION_PAUSED, actor)


def _resume(installation: Installation, actor: User | str | None) -> None:
    installation.status = Status.ACTIVE
    installation.paused_at = None
    installation.save(update_fields=["status", "paused_at"])
    departures.announce(installation, "resumed")
    _tell(installation, topics.INSTALLATION_RESUMED, actor)


def _remove(installation: Installation, actor: User | str | None) -> None:
    installation.status = Status.REMOVED
    installation.removed_at = timezone.now()
    installation.save(update_fields=["status", "removed_at"])
    revoke_tokens(installation)
    # The second lock only: the toolkit itself accepts tokens of people who are not active.
    User.objects.filter(pk=installation.service_user_id).update(is_active=False)
    departures.announce(installation, "removed")
    _tell(installation, topics.INSTALLATION_REMOVED, actor)


def _tell(installation: Installation, topic: str, actor: User | str | None) -> None:
    """Owes the partner the news, and writes it down under the same word."""
    ids = {"installation": installation.public_id, "organization": installation.organization.public_id}
    message = Message(topic=topic, purpose=Purpose.EVENTS, subject=installation.public_id, body=thin(topic, **ids))
    if installation.partner.organization_id is None:
        # One that was connected by its protocol knows no such news, and reads no feed.
        outbox.owe(installation, message)
    _record(topic, installation, actor)


def _record(verb: str, installation: Installation, actor: User | str | None) -> None:
    audit.record(
        verb,
        actor=actor,
        subject=installation.public_id,
        organization=installation.organization,
        partner=installation.partner.public_id,
        scopes=sorted(installation.scopes),
    )
