"""Connecting a partner by its protocol, as far as floor 2 knows of it: rows, secrets, and who sees them."""

from __future__ import annotations

import pytest

from core import secrets
from core.errors import ValidationFailed
from core.models import AuditRecord, Membership
from core.services import keys
from partners.errors import InstallationRemoved, NotInstallable
from partners.models import Endpoint, Installation, Partner
from partners.selectors import connectable_partners, installations_visible_to
from partners.services import connecting, installations
from tests.world import World

pytestmark = pytest.mark.django_db

URLS = {"catalogue": "https://lingua.example/list", "order": "https://lingua.example/v2/start"}


def connected(world: World, **changes: object) -> Installation:
    given = {
        "name": "Lingua", "dialect": "native", "urls": URLS, "credential": "their-key",
        "scopes": ["candidates.name:read"], "actor": world.admin.user,
    }  # fmt: skip
    return connecting.connect(world.acme, **{**given, **changes})  # type: ignore[arg-type]  # each as the service takes it


def test_a_connected_partner_is_installed_with_an_address_for_each_purpose(world: World) -> None:
    installation = connected(world)
    assert installation.partner.organization == world.acme
    assert installation.partner.status == Partner.Status.APPROVED
    assert installation.scopes == {*connecting.AT_WORK, "candidates.name:read"}
    rows = Endpoint.objects.filter(installation=installation)
    assert {row.purpose: row.url for row in rows} == URLS
    assert {row.environment for row in rows} == {"live"}


def test_nobody_else_is_offered_it_nor_can_install_it(world: World) -> None:
    installation = connected(world)
    for viewer in (world.mallory, world.admin):
        assert installation.partner not in connectable_partners(viewer)
    assert not installations_visible_to(world.mallory).exists()
    with pytest.raises(NotInstallable):
        installations.install(installation.partner, world.globex, scopes=[], actor=world.mallory.user)


def test_the_credential_is_sealed_and_found_by_the_rotation_of_keys(world: World) -> None:
    installation = connected(world)
    installation.refresh_from_db()
    assert "their-key" not in installation.credential
    assert secrets.decrypt(installation.credential) == "their-key"
    assert "partners.Installation.credential" in {str(column) for column in keys.sealed_columns()}


def test_a_key_is_kept_as_a_hash_and_a_new_one_ends_the_old(world: World) -> None:
    installation = connected(world)
    first = connecting.issue_key(installation, actor=world.admin.user)
    assert connecting.holder_of(first) == installation
    second = connecting.issue_key(installation, actor=world.admin.user)
    assert (connecting.holder_of(first), connecting.holder_of(second)) == (None, installation)
    installation.refresh_from_db()
    assert second not in installation.key_hash
    assert connecting.holder_of("") is None


def test_the_key_of_a_removed_installation_opens_nothing(world: World) -> None:
    installation = connected(world)
    key = connecting.issue_key(installation, actor=world.admin.user)
    removed = installations.remove(installation, actor=world.admin.user)
    assert connecting.holder_of(key) is None
    with pytest.raises(InstallationRemoved):
        connecting.issue_key(removed, actor=world.admin.user)


def test_an_address_that_cannot_be_called_is_refused_by_its_purpose(world: World) -> None:
    with pytest.raises(ValidationFailed) as refused:
        connected(world, urls={"order": "ftp://lingua.example", "catalogue": "https://lingua.example/"})
    assert [problem["pointer"] for problem in refused.value.problems] == ["/urls/order"]
    assert not Partner.objects.filter(name="Lingua").exists()


@pytest.mark.parametrize("credential", ["two\nlines", "ключ", "x" * 501])
def test_a_credential_that_no_header_carries_is_refused(world: World, credential: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        connected(world, credential=credential)
    assert [problem["pointer"] for problem in refused.value.problems] == ["/credential"]


def test_a_changed_address_keeps_its_row_and_an_emptied_one_is_disabled(world: World) -> None:
    installation = connected(world)
    before = Endpoint.objects.get(installation=installation, purpose="order")
    connecting.change_urls(
        installation, {"order": "https://lingua.example/v3/start", "catalogue": ""}, actor=world.admin.user
    )
    after = {row.purpose: row for row in Endpoint.objects.filter(installation=installation)}
    assert after["order"].pk == before.pk
    assert after["order"].url == "https://lingua.example/v3/start"
    assert not after["catalogue"].enabled


def test_every_step_is_audited_and_no_secret_is_in_it(world: World) -> None:
    key = connecting.issue_key(connected(world), actor=world.admin.user)
    rows = AuditRecord.objects.filter(actor=world.admin.user)
    assert {row.verb for row in rows} >= {
        "partner.connected", "installation.address_put", "installation.credential_set", "installation.key_issued",
    }  # fmt: skip
    assert not [row for row in rows if "their-key" in str(row.facts) or key in str(row.facts)]


def test_a_membership_elsewhere_reads_nothing_of_it(world: World) -> None:
    installation = connected(world)
    assert list(installations_visible_to(Membership.objects.get(pk=world.admin.pk))) == [installation]
    assert list(installations_visible_to(world.mallory)) == []
