"""Registering, approving, suspending, reinstating, and the end of sandboxes nobody uses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from core.models import AuditRecord, Candidate, Membership, SignInLink, User
from core.services.account import LogInTaken
from partners.errors import AccountClaimed, InvalidRedirectUri, UnknownScope
from partners.models import Application, Environment, Partner, PartnerMember
from partners.scopes import ALL
from partners.services import endpoints, onboarding, sandboxes, sign_in_links
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live
from tests.world import PASSWORD, World


def test_a_registration_makes_a_sandbox_partner_at_work_in_its_own_sandbox(sandboxed: Registration) -> None:
    assert sandboxed.partner.status == "sandbox"
    assert sandboxed.partner.sandbox_organization == sandboxed.organization
    assert (sandboxed.organization.name, sandboxed.organization.is_sandbox) == ("CodeForge sandbox", True)
    assert sandboxed.installation.organization == sandboxed.organization
    assert sandboxed.installation.scopes == set(ALL)


def test_the_sandbox_is_furnished_with_fictional_candidates(sandboxed: Registration) -> None:
    candidates = Candidate.objects.filter(organization=sandboxed.organization)
    assert candidates.count() == 4
    assert all(candidate.email.endswith("@candidates.example") for candidate in candidates)
    assert {application.job.title for person in candidates for application in person.applications.all()} == {
        "Software engineer"
    }


def test_whoever_registers_by_page_signs_in_as_admin_of_the_sandbox_and_member_of_the_partner(
    sandboxed: Registration,
) -> None:
    assert authenticate(username="dev.codeforge", password=PASSWORD) == sandboxed.user
    assert authenticate(username="dev@codeforge.example", password=PASSWORD) is None
    assert Membership.objects.get(user=sandboxed.user).role == "admin"
    assert PartnerMember.objects.get(user=sandboxed.user).partner == sandboxed.partner
    assert sandboxed.sign_in_token is None


def test_the_client_secret_is_stored_as_a_fast_hash_and_never_readable(sandboxed: Registration) -> None:
    stored = Application.objects.get(partner=sandboxed.partner).client_secret
    assert stored.startswith("secret_sha256$")
    assert sandboxed.client_secret not in stored
    assert sandboxed.client_secret not in repr(sandboxed)


def test_whoever_registers_by_api_gets_a_link_and_no_address_that_nobody_proved(db: None) -> None:
    made = onboarding.register_partner(name="Parley", contact_email="admin@acme.example")
    assert made.user.email == f"{made.partner.public_id}@sandbox.invalid"
    assert not made.user.has_usable_password()
    assert made.partner.contact_email == "admin@acme.example"
    assert made.sign_in_token is not None
    assert SignInLink.objects.get(user=made.user).token_hash != made.sign_in_token
    assert made.sign_in_token not in repr(made)


def test_a_link_lets_its_person_in_once(db: None) -> None:
    made = onboarding.register_partner(name="Parley", contact_email="")
    token = str(made.sign_in_token)
    assert sign_in_links.is_open(token)
    assert sign_in_links.use(token) == made.user
    assert (sign_in_links.is_open(token), sign_in_links.use(token)) == (False, None)


def test_a_link_is_good_for_an_hour(db: None) -> None:
    made = onboarding.register_partner(name="Parley", contact_email="")
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert sign_in_links.use(str(made.sign_in_token)) is None


def test_a_name_by_which_somebody_signs_in_cannot_be_registered_again(sandboxed: Registration) -> None:
    with pytest.raises(LogInTaken):
        onboarding.register_partner(name="Other", contact_email="", sign_in_name="Dev.CodeForge", password=PASSWORD)
    assert not Partner.objects.filter(name="Other").exists()


def test_a_person_with_an_account_registers_a_second_partner(sandboxed: Registration) -> None:
    second = onboarding.register_partner(name="Second", contact_email="", person=sandboxed.user)
    assert second.user == sandboxed.user
    assert set(Partner.objects.filter(members__user=sandboxed.user)) == {sandboxed.partner, second.partner}
    assert second.sign_in_token is None


def test_an_account_made_by_link_is_claimed_with_a_name_and_a_password(db: None) -> None:
    made = onboarding.register_partner(name="Parley", contact_email="")
    onboarding.claim(made.user, sign_in_name="dev.parley", password=PASSWORD)
    assert authenticate(username="dev.parley", password=PASSWORD) == made.user


def test_an_account_with_a_password_is_not_claimed(sandboxed: Registration) -> None:
    with pytest.raises(AccountClaimed):
        onboarding.claim(sandboxed.user, sign_in_name="another", password=PASSWORD)
    assert User.objects.get(pk=sandboxed.user.pk).sign_in_name == "dev.codeforge"


def test_scopes_limit_the_application_and_the_first_installation(db: None) -> None:
    made = onboarding.register_partner(name="Parley", contact_email="", scope="results:write orders:read")
    assert made.application.allowed_scopes == "orders:read results:write"
    assert made.installation.scopes == {"orders:read", "results:write"}


def test_an_unknown_scope_or_a_bad_redirect_uri_leaves_nothing_behind(db: None) -> None:
    with pytest.raises(UnknownScope):
        onboarding.register_partner(name="Parley", contact_email="", scope="everything")
    with pytest.raises(InvalidRedirectUri):
        onboarding.register_partner(name="Parley", contact_email="", redirect_uris=["javascript:alert(1)"])
    assert (Partner.objects.count(), User.objects.count()) == (0, 0)


def test_approving_suspending_and_reinstating_are_audited_once_each(sandboxed: Registration, world: World) -> None:
    partner = sandboxed.partner
    for verb in (onboarding.approve, onboarding.approve, onboarding.suspend, onboarding.suspend):
        verb(partner, actor=world.admin.user)
    assert (partner.status, partner.suspended_at is not None) == ("suspended", True)
    onboarding.reinstate(partner, actor=world.admin.user)
    assert (partner.status, partner.suspended_at) == ("approved", None)
    verbs = AuditRecord.objects.filter(subject=partner.public_id, actor=world.admin.user).order_by("pk")
    assert [row.verb for row in verbs] == ["partner.approved", "partner.suspended", "partner.reinstated"]


def test_a_suspended_sandbox_partner_is_reinstated_as_one(sandboxed: Registration) -> None:
    onboarding.suspend(sandboxed.partner, actor="support")
    assert onboarding.approve(sandboxed.partner, actor="support").status == "suspended"
    assert onboarding.reinstate(sandboxed.partner, actor="support").status == "sandbox"


def test_an_idle_sandbox_goes_after_ninety_days(sandboxed: Registration) -> None:
    endpoint, _, _ = endpoints.put(sandboxed.partner, Environment.SANDBOX, "events", url="https://codeforge.example/h")
    Partner.objects.update(last_seen_at=timezone.now() - timedelta(days=91))
    assert sandboxes.retire_idle() == 1
    for row in (sandboxed.partner, sandboxed.installation, endpoint):
        row.refresh_from_db()
    assert (sandboxed.partner.status, sandboxed.installation.status) == ("suspended", "removed")
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "This sandbox was not used for 90 days.")
    assert not Application.objects.filter(partner=sandboxed.partner).exists()
    assert sandboxes.retire_idle() == 0


def test_a_sandbox_in_use_and_an_approved_partner_stay(sandboxed: Registration, live: Live) -> None:
    used = onboarding.register_partner(name="Parley", contact_email="")
    Partner.objects.filter(pk=live.partner.pk).update(last_seen_at=timezone.now() - timedelta(days=400))
    Partner.objects.filter(pk=used.partner.pk).update(last_seen_at=timezone.now() - timedelta(days=89))
    assert sandboxes.retire_idle() == 0
