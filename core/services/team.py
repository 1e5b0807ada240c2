"""Who works at an Organization: inviting by link, joining, changing roles, leaving. Never without an admin."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import audit
from core.errors import Conflict
from core.ids import fresh_token, token_hash
from core.models import Invitation, Membership, Organization, Role, User
from core.services import account

INVITATION_LIFETIME = timedelta(days=7)


class LastAdmin(Conflict):
    """An organization would be left without an admin.

    Make somebody else an admin first.
    """

    code = "last_admin"


class InvitationClosed(Conflict):
    """The invitation was used or revoked, is past its seven days, or whoever made it is no admin any more.

    Ask an admin of the organization for a new one.
    """

    code = "invitation_closed"


class AlreadyMember(Conflict):
    """Somebody with this address is a member already.

    Change the role of the member instead.
    """

    code = "already_member"


@transaction.atomic
def invite(organization: Organization, *, email: str, role: str, actor: User) -> tuple[Invitation, str]:
    """A new invitation and its token, which is stored hashed only. Replaces an open one to the same address.

    Raises :class:`AlreadyMember`.
    """
    email = email.strip().lower()
    if Membership.objects.filter(organization=organization, user__email=email).exists():
        raise AlreadyMember(f"{email} is a member already.")
    for older in Invitation.objects.filter(organization=organization, email=email, accepted_at=None, revoked_at=None):
        revoke(older, actor=actor)
    token = fresh_token()
    invitation = Invitation.objects.create(
        organization=organization,
        email=email,
        role=role,
        token_hash=token_hash(token),
        invited_by=actor,
        expires_at=timezone.now() + INVITATION_LIFETIME,
    )
    _record("invitation.made", invitation, actor, role=role)
    return invitation, token


@transaction.atomic
def revoke(invitation: Invitation, *, actor: User) -> None:
    """Its link stops working; nothing happens to one that is closed already."""
    if _open(invitation).update(revoked_at=timezone.now()):
        _record("invitation.revoked", invitation, actor)


@transaction.atomic
def join(invitation: Invitation, user: User) -> Membership:
    """The invited person becomes a member, or keeps the membership they have. Raises :class:`InvitationClosed`."""
    _use_up(invitation)
    return _admit(invitation, user)


@transaction.atomic
def join_as_new_person(invitation: Invitation, *, name: str, password: str, sign_in_name: str = "") -> Membership:
    """Makes an account for the invited address, or in a sandbox for the name, then as :func:`join`.

    Anybody invites anybody to a sandbox: that vouches for nobody's address. Raises also LogInTaken.
    """
    # The link goes first: of two submissions at once the second finds it used, not the address taken.
    _use_up(invitation)
    log_in = sign_in_name if invitation.organization.is_sandbox else invitation.email
    return _admit(invitation, account.open_account(log_in, password, name=name))


def _admit(invitation: Invitation, user: User) -> Membership:
    membership, _ = Membership.objects.get_or_create(
        user=user, organization=invitation.organization, defaults={"role": invitation.role}
    )
    _record("invitation.accepted", invitation, user)
    return membership


@transaction.atomic
def change_role(membership: Membership, role: str, *, actor: User) -> None:
    """Raises :class:`LastAdmin`."""
    if role != Role.ADMIN:
        _refuse_the_last_admin(membership)
        _revoke_invitations_of(membership, actor)
    membership.role = role
    membership.save(update_fields=["role"])
    _record_member("member.role_changed", membership, actor, role=role)


@transaction.atomic
def remove(membership: Membership, *, actor: User) -> None:
    """The account stays; its access to this Organization ends with the next request. Raises :class:`LastAdmin`."""
    _refuse_the_last_admin(membership)
    _revoke_invitations_of(membership, actor)
    _record_member("member.removed", membership, actor)
    membership.delete()


def is_open(invitation: Invitation) -> bool:
    return invitation.is_open and _is_by_an_admin(invitation)


def _open(invitation: Invitation) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)


def _use_up(invitation: Invitation) -> None:
    # Used first: whoever removes the inviter at this moment finds it used, or waits and is not there yet.
    if not _open(invitation).filter(expires_at__gt=timezone.now()).update(accepted_at=timezone.now()):
        raise InvitationClosed("This invitation was used, revoked, or has run out.")
    if not _is_by_an_admin(invitation):
        raise InvitationClosed("Whoever made this invitation is no admin any more.")


def _is_by_an_admin(invitation: Invitation) -> bool:
    """Still: somebody who was one may have kept the link for oneself."""
    rows = Membership.objects.filter(organization=invitation.organization_id, user=invitation.invited_by_id)
    return rows.filter(role=Role.ADMIN, user__is_active=True).exists()


def _revoke_invitations_of(membership: Membership, actor: User) -> None:
    theirs = membership.organization.invitations.filter(invited_by=membership.user_id)
    for invitation in theirs.filter(accepted_at=None, revoked_at=None):
        revoke(invitation, actor=actor)


def _refuse_the_last_admin(membership: Membership) -> None:
    # The row lock makes two admins who remove each other at once take turns.
    Organization.objects.select_for_update().get(pk=membership.organization_id)
    admins = Membership.objects.filter(organization=membership.organization_id, role=Role.ADMIN)
    if not admins.exclude(pk=membership.pk).exists():
        raise LastAdmin("Make somebody else an admin first: an organization is never without one.")


def _record(verb: str, invitation: Invitation, actor: User, **facts: str) -> None:
    audit.record(verb, actor=actor, organization=invitation.organization, subject=invitation.public_id, **facts)


def _record_member(verb: str, membership: Membership, actor: User, **facts: str) -> None:
    organization = membership.organization
    audit.record(
        verb, actor=actor, organization=organization, subject=organization.public_id, user=membership.user_id, **facts
    )
