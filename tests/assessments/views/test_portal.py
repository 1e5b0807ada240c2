"""The portal's catalogue page: a partner's people see what is theirs, and nothing of a candidate."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from assessments.lifecycle import Status
from assessments.models import OrderUpdate
from assessments.services import catalogue
from core.models import Membership, User
from partners.services import installations
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World

SignIn = Callable[[Membership], Client]


def page_of(shop: Shop) -> str:
    return f"/partner/{shop.partner.public_id}/catalogue"


def person_of(shop: Shop) -> Client:
    browser = Client()
    browser.force_login(User.objects.get(partner_members__partner=shop.partner))
    return browser


@pytest.fixture
def dev(shop: Shop) -> Client:
    return person_of(shop)


def test_types_versions_and_orders_are_shown(shop: Shop, dev: Client) -> None:
    draft = '{"type": "object", "properties": {"score": {"type": "string"}}}'
    catalogue.draft_schema(shop.assessment_type, draft)
    catalogue.put_type(shop.partner, "old", name="Old test", description="", kind="skills", order_schema_text="")
    catalogue.retire(shop.partner, "old")
    order = scene.in_status(shop, Status.STARTED)
    page = dev.get(page_of(shop)).content.decode()
    for words in ("CodeForge coding test", "v1 published", "v2 draft", "Old test", "Retired", order.public_id, "Acme"):
        assert words in page, words
    assert "Ada" not in page
    assert "ada.okafor" not in page


def test_orders_are_filtered_by_status(shop: Shop, dev: Client) -> None:
    waiting, done = scene.place(shop), scene.in_status(shop, Status.COMPLETED)
    page = dev.get(page_of(shop), {"status": "completed"}).content.decode()
    assert done.public_id in page
    assert waiting.public_id not in page


def test_rejected_documents_are_kept_with_their_problems_and_what_was_sent(shop: Shop, dev: Client) -> None:
    order = scene.place(shop)
    recorded = scene.post(order, {"score": "<script>alert(1)</script>"}, request_id="req_42")
    page = dev.get(page_of(shop)).content.decode()
    assert recorded.update.public_id in page
    assert "<code>/score</code>" in page
    assert "{&quot;score&quot;: &quot;&lt;script&gt;alert(1)&lt;/script&gt;&quot;}" in page
    assert "<script>alert(1)" not in page
    assert f"/partner/{shop.partner.public_id}/requests?q=req_42" in page


def test_a_removed_installation_takes_its_orders_along(world: World, shop: Shop, dev: Client) -> None:
    order = scene.place(shop)
    scene.post(order, {"score": "many"})
    installations.remove(shop.installation, actor=world.admin.user)
    page = dev.get(page_of(shop)).content.decode()
    assert order.public_id not in page
    assert OrderUpdate.objects.get(order=order).public_id not in page


def test_it_is_one_of_the_portals_tabs(shop: Shop, dev: Client) -> None:
    assert f'href="{page_of(shop)}"' in dev.get(f"/partner/{shop.partner.public_id}").content.decode()


def test_nobody_else_finds_it(world: World, shop: Shop, sneak: Shop, signed_in: SignIn) -> None:
    order = scene.place(shop)
    stranger = person_of(sneak)
    assert stranger.get(page_of(shop)).status_code == 404
    assert order.public_id not in stranger.get(page_of(sneak)).content.decode()
    for viewer in (world.admin, world.mallory):
        assert signed_in(viewer).get(page_of(shop)).status_code == 404
    assert Client().get(page_of(shop)).status_code == 302


def test_an_empty_catalogue_says_how_to_begin(shop: Shop, dev: Client) -> None:
    shop.partner.assessment_types.all().delete()
    assert "Nothing in the catalogue yet" in dev.get(page_of(shop)).content.decode()
