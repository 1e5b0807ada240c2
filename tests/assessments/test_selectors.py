"""Who sees what of floor 3: each read has its twin who must see nothing."""

from __future__ import annotations

import json

import pytest

from assessments import selectors
from assessments.models import Order
from assessments.services import attachments, catalogue
from core.models import Membership
from partners.services import installations, onboarding
from partners.types import Client
from tests.assessments import scene
from tests.assessments.scene import PDF, Shop
from tests.world import World

pytestmark = pytest.mark.django_db


def reports_seen_by(viewer: Membership) -> int:
    return selectors.attachments_visible_to(viewer).count()


def test_everything_about_an_order_is_visible_at_its_organization_and_to_its_partner(
    shop: Shop, sneak: Shop, world: World
) -> None:
    order = scene.place(shop)
    scene.post(order)
    attachments.store(order, name="a", content=PDF)
    scene.place(sneak)
    for viewer in (world.admin, world.recruiter, world.interviewer, shop.client()):
        assert selectors.orders_visible_to(viewer).get() == order
        assert selectors.attachments_visible_to(viewer).get() == order.attachments.get()


def test_mallory_and_another_partner_see_nothing_of_it(shop: Shop, sneak: Shop, world: World) -> None:
    order = scene.place(shop)
    scene.post(order)
    attachments.store(order, name="a", content=PDF)
    for viewer in (world.mallory, sneak.client()):
        assert not selectors.orders_visible_to(viewer).exists()
        assert not selectors.attachments_visible_to(viewer).exists()


def test_a_partner_at_two_organizations_sees_by_a_consents_token_only_that_one(shop: Shop, world: World) -> None:
    order = scene.place(shop)
    there = installations.install(shop.partner, world.globex, scopes=["orders:read"], actor="tests")
    elsewhere = scene.place(shop, installation=there, application=world.globex_application)
    assert set(selectors.orders_visible_to(shop.client())) == {order, elsewhere}
    assert list(selectors.orders_visible_to(shop.client(installation=there))) == [elsewhere]
    assert list(selectors.orders_visible_to(shop.client(installation=shop.installation))) == [order]


def test_an_order_is_out_of_reach_where_token_or_installation_lacks_the_scope(shop: Shop, order: Order) -> None:
    assert not selectors.orders_visible_to(shop.client("results:write")).exists()
    assert selectors.orders_visible_to(shop.client("results:write"), "results:write").get() == order
    installations.install(shop.partner, order.organization, scopes=["results:write"], actor="tests")
    assert not selectors.orders_visible_to(shop.client()).exists()
    assert selectors.orders_visible_to(shop.client(), "results:write").get() == order


def test_a_paused_installations_orders_are_out_of_the_queue_but_still_answered(shop: Shop, order: Order) -> None:
    installations.pause(shop.installation, actor="tests")
    assert not selectors.queue_of(shop.client()).exists()
    assert selectors.orders_visible_to(shop.client(), "orders:write").get() == order


def test_a_removed_installations_orders_are_out_of_every_tokens_reach(shop: Shop, order: Order, world: World) -> None:
    installations.remove(shop.installation, actor="tests")
    assert not selectors.orders_visible_to(shop.client()).exists()
    assert not selectors.orders_visible_to(shop.client(installation=shop.installation)).exists()
    assert selectors.orders_visible_to(world.recruiter).get() == order


def test_sandbox_credentials_see_the_sandbox_only(shop: Shop, order: Order) -> None:
    sandbox = shop.partner.applications.get(environment="sandbox")
    client = Client(partner=shop.partner, application=sandbox, scopes=shop.client().scopes)
    assert not selectors.orders_visible_to(client).exists()


def test_a_catalogue_is_its_partners(shop: Shop, sneak: Shop) -> None:
    assert selectors.types_visible_to(shop.client()).get() == shop.assessment_type
    catalogue.retire(shop.partner, "coding")
    assert selectors.types_visible_to(shop.client()).get() == shop.assessment_type


def test_what_can_be_ordered_is_on_offer_at_a_partner_at_work(shop: Shop, sneak: Shop, world: World) -> None:
    def orderable() -> list[object]:
        return list(selectors.orderable_types(world.recruiter))

    assert orderable() == [shop.assessment_type]
    installations.pause(shop.installation, actor="tests")
    assert orderable() == []
    installations.resume(shop.installation, actor="tests")
    onboarding.suspend(shop.partner, actor="tests")
    assert orderable() == []
    onboarding.reinstate(shop.partner, actor="tests")
    catalogue.retire(shop.partner, "coding")
    assert orderable() == []


@pytest.mark.parametrize("written", ["x-audience", "x-audi\\u0065nce"])
def test_where_a_schema_restricts_anything_its_reports_are_for_admins(shop: Shop, world: World, written: str) -> None:
    open_order = scene.place(shop)
    attachments.store(open_order, name="a", content=PDF)
    schema = {"type": "object", "properties": {"ssn": {"type": "string", "x-audience": ["admin"]}}}
    text = json.dumps(schema).replace("x-audience", written)
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, text))
    restricted = scene.place(shop)
    attachments.store(restricted, name="b", content=PDF)
    assert (reports_seen_by(world.admin), reports_seen_by(world.recruiter)) == (2, 1)
    assert selectors.attachments_visible_to(shop.client()).count() == 2


def test_so_they_are_where_only_the_result_was_checked_by_such_a_schema(shop: Shop, world: World) -> None:
    shop.schema.delete()
    order = scene.place(shop)
    attachments.store(order, name="a", content=PDF)
    assert reports_seen_by(world.recruiter) == 1
    schema = {"type": "object", "properties": {"ssn": {"type": "string", "x-audience": ["admin"]}}}
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(schema)))
    scene.post(order, {"ssn": "x"})
    assert (reports_seen_by(world.admin), reports_seen_by(world.recruiter)) == (1, 0)
