"""The verbs on a Partner: register by itself, be approved, suspended, reinstated. Who may is decided by the caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import Membership, Organization, Role, User
from core.services import account
from partners.errors import AccountClaimed, LastMember
from partners.models import Application, Environment, Installation, Partner, PartnerMember
from partners.scopes import allowed_to
from partners.services import credentials, installations, sandboxes, sign_in_links

Status = Partner.Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """What a registration made. ``client_secret`` and ``sign_in_token`` are known here and nowhere else."""

    partner: Partner
    application: Application
    organization: Organization
    installation: Installation
    user: User
    client_secret: str = field(repr=False)
    # Only where the person came without a password.
    sign_in_token: str | None = field(default=None, repr=False)


@transaction.atomic
def register_partner(
    *,
    name: str,
    contact_email: str,
    redirect_uris: Iterable[str] = (),
    scope: str = "",
    website: str = "",
    sign_in_name: str = "",
    password: str | None = None,
    person_name: str = "",
    person: User | None = None,
) -> Registration:
    """A sandbox Partner, installed in a sandbox Organization of its own, with credentials and somebody to look at it.

    That somebody is ``person``, or a new account with ``sign_in_name`` and ``password``, or else one without either
    that signs in by link. ``contact_email`` is no log-in: nobody vouches for it (docs/adr/0016).
    Raises LogInTaken, InvalidRedirectUri, UnknownScope.
    """
    organization = Organization.objects.create(name=f"{name[:110]} sandbox", is_sandbox=True)
    partner = Partner.objects.create(
        name=name, contact_email=contact_email, website=website, sandbox_organization=organization
    )
    application, secret = credentials.create(partner, Environment.SANDBOX, redirect_uris=redirect_uris, scope=scope)
    user = person or account.open_account(sign_in_name or partner.public_id, password, name=person_name or partner.name)
    add_member(partner, user, actor=user)
    Membership.objects.create(user=user, organization=organization, role=Role.ADMIN)
    sandboxes.furnish(organization)
    installation = installations.install(
        partner, organization, scopes=allowed_to(application.allowed_scopes), actor=user
    )
    audit.record("partner.registered", actor=user, subject=partner.public_id, organization=organization)
    return Registration(
        partner=partner,
        application=application,
        organization=organization,
        installation=installation,
        user=user,
        client_secret=secret,
        sign_in_token=sign_in_links.make(user) if person is None and password is None else None,
    )


@transaction.atomic
def claim(user: User, *, sign_in_name: str, password: str) -> None:
    """Gives an account that came by link a name and a password to sign in with. Raises AccountClaimed, LogInTaken."""
    if user.has_usable_password():
        raise AccountClaimed
    account.set_log_in(user, sign_in_name, password)
    audit.record("account.claimed", actor=user, subject=f"user {user.pk}")


@transaction.atomic
def add_member(partner: Partner, user: User, *, actor: User | str | None) -> PartnerMember:
    """The person may use the portal; nothing happens to one who may already."""
    member, is_new = PartnerMember.objects.get_or_create(partner=partner, user=user)
    if is_new:
        audit.record("partner.member_added", actor=actor, subject=partner.public_id, user=user.pk)
    return member


@transaction.atomic
def remove_member(member: PartnerMember, *, actor: User | str | None) -> None:
    """The account stays. Raises LastMember: a Partner whom nobody looks after cannot be reached."""
    # The row lock makes two who remove each other at once take turns.
    partner = Partner.objects.select_for_update(no_key=True).get(pk=member.partner_id)
    if not partner.members.exclude(pk=member.pk).exists():
        raise LastMember
    audit.record("partner.member_removed", actor=actor, subject=partner.public_id, user=member.user_id)
    member.delete()


def approve(partner: Partner, *, actor: User | str | None) -> Partner:
    """From now on it may be installed anywhere and have live credentials. Only a sandbox Partner is approved."""
    return _move(partner, [Status.SANDBOX], Status.APPROVED, "partner.approved", actor, approved_at=timezone.now())


def suspend(partner: Partner, *, actor: User | str | None) -> Partner:
    """It is out at once: no token is issued, none works, nothing is delivered."""
    before = [Status.SANDBOX, Status.APPROVED]
    return _move(partner, before, Status.SUSPENDED, "partner.suspended", actor, suspended_at=timezone.now())


def reinstate(partner: Partner, *, actor: User | str | None) -> Partner:
    """Ends a suspension: it is what it was before."""
    partner.refresh_from_db()
    back = Status.APPROVED if partner.approved_at else Status.SANDBOX
    now = timezone.now()
    return _move(partner, [Status.SUSPENDED], back, "partner.reinstated", actor, suspended_at=None, last_seen_at=now)


@transaction.atomic
def _move(
    partner: Partner, before: list[Status], after: Status, verb: str, actor: User | str | None, **fields: object
) -> Partner:
    """Conditional, so that of two people who do it at once one does; elsewhere in its life nothing happens."""
    if Partner.objects.filter(pk=partner.pk, status__in=before).update(status=after, **fields):
        audit.record(verb, actor=actor, subject=partner.public_id)
    partner.refresh_from_db()
    return partner
