"""The pages on which an admin connects a partner by its protocol, tests it, and looks after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from assessments.models import CatalogueRefresh
from assessments.services import connections
from core import secrets
from core.models import Membership
from partners.models import Installation, Partner
from partners.services import connecting
from tests.assessments.dialects.shipped import payload
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import PartnerServer, partner_server
from tests.world import World

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
CREDENTIAL = "lingua-secret-key"


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        running.behave(
            fakes.status(200, payload("ashby", "assessment.list.reply"), content_type="application/json"),
            path="/assessment.list",
        )
        yield running


def filled(server: PartnerServer, **changes: str) -> dict[str, str]:
    return {
        "name": "Lingua",
        "url_catalogue": f"{server.url}/assessment.list",
        "url_order": f"{server.url}/assessment.start",
        "credential": CREDENTIAL,
        **changes,
    }


@pytest.fixture
def installation(world: World, server: PartnerServer) -> Installation:
    form = filled(server)
    return connections.connect(
        world.acme,
        dialect=connections.dialect_named("ashby"),
        name="Lingua",
        urls={"catalogue": form["url_catalogue"], "order": form["url_order"]},
        credential=CREDENTIAL,
        scopes=(),
        actor=world.admin.user,
    ).installation


def test_an_admin_chooses_among_all_protocols_that_are_connected_by_configuration(
    world: World, signed_in: SignIn
) -> None:
    page = signed_in(world.admin).get("/protocols").content.decode()
    for dialect in connections.connectable():
        assert f'href="/protocols/{dialect.name}"' in page
    assert 'href="/protocols/native"' not in page
    assert signed_in(world.admin).get("/protocols/native").status_code == 404


def test_connecting_makes_the_partner_and_shows_the_key_once(
    world: World, server: PartnerServer, signed_in: SignIn
) -> None:
    client = signed_in(world.admin)
    answer = client.post("/protocols/ashby", filled(server))
    page = answer.content.decode()
    assert answer.status_code == 200
    installation = Installation.objects.get(partner__name="Lingua")
    [key] = re.findall(rf"{connecting.KEY_PREFIX}[\w-]+", page)
    assert connecting.holder_of(key) == installation
    assert "/compat/ashby/assessment.update" in page
    assert secrets.decrypt(installation.credential) == CREDENTIAL
    assert installation.scopes == {*connecting.AT_WORK, "candidates.name:read", "candidates.email:read"}
    later = client.get(f"/integrations/{installation.public_id}/connection").content.decode()
    assert key not in later
    assert CREDENTIAL not in page + later
    assert CatalogueRefresh.objects.get(installation=installation).next_at is not None


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(
    world: World, server: PartnerServer, signed_in: SignIn
) -> None:
    answer = signed_in(world.admin).post(
        "/protocols/ashby", filled(server, url_order="ftp://nowhere", credential="two\u00e9")
    )
    assert answer.status_code == 422
    assert not Partner.objects.filter(name="Lingua").exists()
    assert answer.context["form"].errors.keys() == {"url_order"}


def test_an_optional_field_of_the_candidate_leaves_only_if_it_is_chosen(
    world: World, server: PartnerServer, signed_in: SignIn
) -> None:
    form = filled(server, url_status=f"{server.url}/status", scopes="candidates.phone:read")
    signed_in(world.admin).post("/protocols/greenhouse", form)
    scopes = Installation.objects.get(partner__name="Lingua").scopes
    assert "candidates.phone:read" in scopes
    assert "candidates.resume:read" not in scopes


def test_a_test_shows_what_came_back_word_by_word_and_what_it_means(
    world: World, installation: Installation, server: PartnerServer, signed_in: SignIn
) -> None:
    client = signed_in(world.admin)
    path = f"/integrations/{installation.public_id}/connection/test"
    assert "It works: " in client.post(path).content.decode()
    server.behave(fakes.html, path="/assessment.list")
    page = client.post(path).content.decode()
    assert "A web page came where data is expected" in page
    assert "Welcome to nginx!" in page
    assert "&lt;html&gt;" in page
    assert CREDENTIAL not in page


def test_reading_the_catalogue_by_hand_says_what_changed(
    world: World, installation: Installation, signed_in: SignIn
) -> None:
    client = signed_in(world.admin)
    path = f"/integrations/{installation.public_id}/connection"
    page = client.post(f"{path}/refresh", follow=True).content.decode()
    assert "3 assessments: 3 new." in page
    assert "English, four skills" in client.get(path).content.decode()


def test_a_changed_address_and_credential_count_at_once(
    world: World, installation: Installation, server: PartnerServer, signed_in: SignIn
) -> None:
    form = filled(server, url_order="https://lingua.example/v2/start", credential="")
    path = f"/integrations/{installation.public_id}/connection/edit"
    assert signed_in(world.admin).post(path, form).status_code == 302
    installation.refresh_from_db()
    assert secrets.decrypt(installation.credential) == CREDENTIAL
    assert installation.endpoints.get(purpose="order").url == "https://lingua.example/v2/start"


def test_a_new_key_ends_the_old_one(world: World, installation: Installation, signed_in: SignIn) -> None:
    old = connecting.issue_key(installation, actor="tests")
    page = signed_in(world.admin).post(f"/integrations/{installation.public_id}/connection/key").content.decode()
    [new] = re.findall(rf"{connecting.KEY_PREFIX}[\w-]+", page)
    assert (connecting.holder_of(old), connecting.holder_of(new)) == (None, installation)


@pytest.mark.parametrize("part", ["", "/edit", "/key", "/test", "/refresh"])
def test_mallory_and_recruiters_find_no_connection(
    world: World, installation: Installation, signed_in: SignIn, part: str
) -> None:
    path = f"/integrations/{installation.public_id}/connection{part}"
    method = "post" if part in {"/test", "/refresh"} else "get"
    assert getattr(signed_in(world.mallory), method)(path).status_code == 404
    assert getattr(signed_in(world.recruiter), method)(path).status_code == 403


def test_mallory_is_not_offered_what_acme_connected(
    world: World, installation: Installation, signed_in: SignIn
) -> None:
    assert "Lingua" not in signed_in(world.mallory).get("/integrations").content.decode()
    connect = signed_in(world.mallory).get(f"/integrations/connect/{installation.partner.public_id}")
    assert connect.status_code == 404


def test_the_matrix_is_made_from_the_dialects(client: Client) -> None:
    page = client.get("/docs/dialects").content.decode()
    dialects = connections.connectable()
    for dialect in dialects:
        assert dialect.label in page
    assert page.count('<span class="sr-only">yes</span>') == sum(len(dialect.offers) for dialect in dialects)


def test_the_matrix_denies_nothing_that_our_own_protocol_does(client: Client) -> None:
    page = client.get("/docs/dialects").content.decode()
    assert page.count('<th scope="col">') == 1 + len(connections.connectable())
    assert (">Native<" in page, 'href="/docs/quickstart"' in page) == (False, True)


def test_every_capability_has_a_sentence_in_the_matrix() -> None:
    from assessments.dialects.base import Capability
    from assessments.views.dialects import SENTENCES

    assert set(SENTENCES) == set(Capability)
