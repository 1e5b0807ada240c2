"""Installing, pausing, resuming, removing: what each does to rows, tokens, the partner's events and the audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from core.models import AuditRecord
from partners import departures
from partners.departures import Change
from partners.errors import InstallationRemoved, NotInstallable, PartnerNotApproved, PartnerSuspended, UnknownScope
from partners.models import Event, Installation
from partners.scopes import SCOPES
from partners.services import installations, onboarding
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live
from tests.world import World

Told = list[tuple[Installation, Change]]


@pytest.fixture
def told() -> Iterator[Told]:
    """What a listener at the door hears."""
    heard: Told = []

    def listener(installation: Installation, change: Change) -> None:
        heard.append((installation, change))

    departures.register(listener)
    yield heard
    departures._listeners.remove(listener)


def issue(installation: Installation, scope: str) -> AccessToken:
    """A pair of tokens and an open code for these scopes, as a consent leaves them."""
    user, application = installation.service_user, installation.partner.applications.latest("pk")
    expires = timezone.now() + timedelta(hours=1)
    number = AccessToken.objects.count()
    token = AccessToken(user=user, application=application, scope=scope, expires=expires, token=f"t{number}")
    token.save()
    RefreshToken.objects.create(user=user, application=application, access_token=token, token=f"r{number}")
    Grant.objects.create(
        user=user,
        application=application,
        scope=scope,
        expires=expires,
        code=f"c{number}",
        redirect_uri="https://x.example",
    )
    return token


def topics_of(installation: Installation) -> list[str]:
    return [event.topic for event in Event.objects.filter(installation=installation).order_by("pk")]


def test_a_new_installation_has_its_scopes_and_a_service_user_that_cannot_sign_in(installed: Installation) -> None:
    user = installed.service_user
    assert installed.scopes == {"orders:read", "candidates.name:read"}
    assert installed.granted == " candidates.name:read orders:read "
    assert (user.is_service, user.is_active, user.has_usable_password()) == (True, True, False)


def test_installing_is_owed_to_the_partner_in_ids_only(installed: Installation) -> None:
    event = Event.objects.get(installation=installed)
    body = json.loads(event.body)
    assert (event.topic, body["type"]) == ("installation.created", "installation.created")
    assert body["data"] == {
        "installation": installed.public_id,
        "organization": installed.organization.public_id,
    }


def test_installing_is_audited(installed: Installation, world: World) -> None:
    record = AuditRecord.objects.get(subject=installed.public_id)
    assert (record.verb, record.actor, record.organization) == ("installation.created", world.admin.user, world.acme)
    assert record.facts == {
        "partner": installed.partner.public_id,
        "scopes": ["candidates.name:read", "orders:read"],
    }


def test_a_second_consent_updates_the_same_installation(installed: Installation, live: Live, world: World) -> None:
    again = installations.install(live.partner, world.acme, scopes=["results:write"], actor=world.admin.user)
    assert again.pk == installed.pk
    assert again.scopes == {"results:write"}
    assert Installation.objects.filter(partner=live.partner, organization=world.acme).count() == 1


def test_a_second_consent_revokes_tokens_of_other_scopes(installed: Installation, live: Live, world: World) -> None:
    issue(installed, "orders:read candidates.name:read")
    wide = issue(installed, " ".join(SCOPES))
    installations.install(live.partner, world.acme, scopes=SCOPES, actor=world.admin.user)
    assert list(AccessToken.objects.filter(user=installed.service_user)) == [wide]
    live_ones = RefreshToken.objects.filter(user=installed.service_user, revoked=None)
    assert [row.access_token for row in live_ones] == [wide]
    assert [row.scope for row in Grant.objects.filter(user=installed.service_user)] == [wide.scope]


def test_a_second_consent_to_the_same_scopes_changes_nothing(installed: Installation, live: Live, world: World) -> None:
    token = issue(installed, "candidates.name:read orders:read")
    installations.install(live.partner, world.acme, scopes=installed.scopes, actor=world.admin.user)
    assert AccessToken.objects.filter(pk=token.pk).exists()
    assert topics_of(installed) == ["installation.created"]


def test_a_second_consent_does_not_end_a_pause(installed: Installation, live: Live, world: World) -> None:
    installations.pause(installed, actor=world.admin.user)
    again = installations.install(live.partner, world.acme, scopes=["orders:read"], actor=world.admin.user)
    assert again.status == "paused"


def test_pausing_tells_the_door_and_the_partner(installed: Installation, world: World, told: Told) -> None:
    paused = installations.pause(installed, actor=world.admin.user)
    assert (paused.status, paused.paused_at is not None) == ("paused", True)
    assert told == [(installed, "paused")]
    assert topics_of(installed) == ["installation.created", "installation.paused"]


def test_resuming_tells_the_door_and_the_partner(installed: Installation, world: World, told: Told) -> None:
    installations.pause(installed, actor=world.admin.user)
    resumed = installations.resume(installed, actor=world.admin.user)
    assert (resumed.status, resumed.paused_at) == ("active", None)
    assert [change for _, change in told] == ["paused", "resumed"]
    assert topics_of(installed)[-1] == "installation.resumed"


def test_pausing_twice_is_pausing_once(installed: Installation, world: World, told: Told) -> None:
    installations.pause(installed, actor=world.admin.user)
    installations.pause(installed, actor=world.admin.user)
    assert [change for _, change in told] == ["paused"]


def test_removing_revokes_every_token_and_code_and_deactivates_the_service_user(
    installed: Installation, world: World
) -> None:
    issue(installed, "orders:read")
    issue(installed, "orders:read candidates.name:read")
    removed = installations.remove(installed, actor=world.admin.user)
    user = removed.service_user
    user.refresh_from_db()
    assert not AccessToken.objects.filter(user=user).exists()
    assert not RefreshToken.objects.filter(user=user, revoked=None).exists()
    assert not Grant.objects.filter(user=user).exists()
    assert (removed.status, removed.removed_at is not None, user.is_active) == ("removed", True, False)


def test_removing_tells_the_door_before_the_partner(installed: Installation, world: World, told: Told) -> None:
    installations.remove(installed, actor=world.admin.user)
    assert told == [(installed, "removed")]
    assert topics_of(installed)[-1] == "installation.removed"
    assert AuditRecord.objects.filter(verb="installation.removed", subject=installed.public_id).count() == 1


def test_a_listener_that_fails_undoes_the_removal(installed: Installation, world: World) -> None:
    def listener(installation: Installation, change: Change) -> None:
        raise RuntimeError("cannot cancel")

    token = issue(installed, "orders:read")
    departures.register(listener)
    try:
        with pytest.raises(RuntimeError):
            installations.remove(installed, actor=world.admin.user)
    finally:
        departures._listeners.remove(listener)
    installed.refresh_from_db()
    assert (installed.status, AccessToken.objects.filter(pk=token.pk).exists()) == ("active", True)


def test_removing_twice_is_removing_once(installed: Installation, world: World, told: Told) -> None:
    installations.remove(installed, actor=world.admin.user)
    installations.remove(installed, actor=world.admin.user)
    assert [change for _, change in told] == ["removed"]


def test_a_removed_installation_is_neither_paused_nor_resumed(installed: Installation, world: World) -> None:
    installations.remove(installed, actor=world.admin.user)
    with pytest.raises(InstallationRemoved):
        installations.pause(installed, actor=world.admin.user)
    with pytest.raises(InstallationRemoved):
        installations.resume(installed, actor=world.admin.user)


def test_installing_again_after_a_removal_brings_back_no_old_token(
    installed: Installation, live: Live, world: World
) -> None:
    installations.remove(installed, actor=world.admin.user)
    stray = issue(installed, "orders:read")
    again = installations.install(live.partner, world.acme, scopes=["orders:read"], actor=world.admin.user)
    again.service_user.refresh_from_db()
    assert (again.pk, again.status, again.removed_at) == (installed.pk, "active", None)
    assert again.service_user.is_active
    assert not AccessToken.objects.filter(pk=stray.pk).exists()
    assert topics_of(again) == ["installation.created", "installation.removed", "installation.created"]


def test_a_sandbox_partner_is_installed_in_its_own_sandbox_only(sandboxed: Registration, world: World) -> None:
    stranger = onboarding.register_partner(name="Parley", contact_email="dev@parley.example")
    with pytest.raises(PartnerNotApproved):
        installations.install(sandboxed.partner, world.acme, scopes=["orders:read"], actor=None)
    with pytest.raises(NotInstallable):
        installations.install(sandboxed.partner, stranger.organization, scopes=["orders:read"], actor=None)
    assert sandboxed.installation.organization == sandboxed.organization


def test_an_approved_partner_is_not_installed_in_another_partners_sandbox(live: Live) -> None:
    stranger = onboarding.register_partner(name="Parley", contact_email="dev@parley.example")
    with pytest.raises(NotInstallable):
        installations.install(live.partner, stranger.organization, scopes=["orders:read"], actor=None)


def test_a_suspended_partner_is_installed_nowhere(live: Live, world: World) -> None:
    onboarding.suspend(live.partner, actor="support")
    with pytest.raises(PartnerSuspended):
        installations.install(live.partner, world.acme, scopes=["orders:read"], actor=None)


def test_an_unknown_scope_is_refused(live: Live, world: World) -> None:
    with pytest.raises(UnknownScope, match="'everything'"):
        installations.install(live.partner, world.acme, scopes=["everything"], actor=None)
