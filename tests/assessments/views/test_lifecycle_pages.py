"""What an order's page says of cancellations."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from assessments.lifecycle import Status
from assessments.models import Order
from core.models import Membership
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World

SignIn = Callable[[Membership], Client]


def page_of(order: Order, browser: Client) -> str:
    return browser.get(f"/orders/{order.public_id}").content.decode()


# --- Cancellation ---------------------------------------------------------------------------------------------------


def test_the_page_shows_how_the_partner_answered_a_cancellation(world: World, shop: Shop, signed_in: SignIn) -> None:
    browser = signed_in(world.interviewer)
    order = scene.in_status(shop, Status.CANCELLED)
    assert "CodeForge is asked to stop" in page_of(order, browser)
    scene.tell(order, "cancel_refused", message="<b>Half</b> done.")
    page = page_of(order, browser)
    assert "<dt>Cancellation</dt><dd>Too late</dd>" in page
    assert "<blockquote>&lt;b&gt;Half&lt;/b&gt; done.</blockquote>" in page
    assert "CodeForge answered: too late to cancel" in page
    scene.tell(order, "cancelled")
    assert page_of(order, browser).count("CodeForge acknowledged the cancellation") == 2


def test_what_a_partner_cancelled_by_itself_is_told_as_its_report(world: World, shop: Shop, signed_in: SignIn) -> None:
    order = scene.place(shop)
    scene.tell(order, "cancelled", note="The candidate withdrew.")
    page = page_of(order, signed_in(world.recruiter))
    assert "CodeForge reported: cancelled" in page
    assert 'id="cancellation"' not in page
