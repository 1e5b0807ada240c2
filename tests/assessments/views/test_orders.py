"""The list of assessments, an order's page with its timeline by role, and the acts on it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models import Order, OrderUpdate
from assessments.services import catalogue, orders
from core.models import Membership
from partners.models import Attempt, Delivery, Event
from partners.services import installations
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World

SignIn = Callable[[Membership], Client]
ACTS = ("cancel", "resend", "confirm-sent")


def page_of(order: Order) -> str:
    return f"/orders/{order.public_id}"


# --- The list -------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_was_asked_for_and_filters_by_status(world: World, shop: Shop, signed_in: SignIn) -> None:
    waiting, done = scene.place(shop), scene.in_status(shop, Status.COMPLETED)
    browser = signed_in(world.interviewer)

    def shown(**query: str) -> list[str]:
        page = browser.get("/assessments", query).content.decode()
        return re.findall(r'class="row-link" href="/orders/(\w+)"', page)

    assert shown() == [done.public_id, waiting.public_id]
    assert shown(status="completed") == [done.public_id]
    assert shown(status="declined") == []
    assert shown(status="'; --") == [done.public_id, waiting.public_id]


def test_mallorys_list_has_only_her_own(world: World, order: Order, sneak: Shop, signed_in: SignIn) -> None:
    own = scene.place(sneak)
    page = signed_in(world.mallory).get("/assessments").content.decode()
    assert own.public_id in page
    assert order.public_id not in page


# --- The page and its timeline --------------------------------------------------------------------------------------


def attempt_of(order: Order, reply: bytes) -> None:
    delivery = Delivery.objects.get(event__subject=order.public_id)
    Attempt.objects.create(
        delivery=delivery,
        number=1,
        started_at=timezone.now(),
        duration_ms=41,
        url="https://codeforge.example/hooks",
        status=500,
        reply_body=reply,
        outcome="retried",
    )


def test_the_timeline_tells_everything_and_raw_forms_to_admins_alone(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    scene.endpoint(shop)
    order = scene.place(shop, placed_by=world.recruiter.user)
    attempt_of(order, b"their-stack-trace")
    scene.tell(order, "accepted", reference="CF-77")
    scene.tell(order, "progress", progress=10, note="First task is done.")
    OrderUpdate.objects.filter(order=order, kind="progress").update(raw=b'{"raw":"bytes"}')
    scene.post(order)
    event = Event.objects.get(subject=order.public_id)
    for viewer, sees_raw in ((world.admin, True), (world.recruiter, False), (world.interviewer, False)):
        page = signed_in(viewer).get(page_of(order)).content.decode()
        line = re.findall(r'class="timeline-title">([^<]*?)\s*<', page)
        assert line == [
            "Sent by Jonas Weber",
            "The order, to CodeForge",
            "CodeForge reported: accepted",
            "CodeForge reported: progress",
            "CodeForge reported: the final result",
        ]
        assert "answered 500, 41 ms, retried" in page
        assert "First task is done." in page
        assert "CF-77" in page
        for raw in ("their-stack-trace", "{&quot;raw&quot;:&quot;bytes&quot;}", event.public_id):
            assert (raw in page) is sees_raw, raw


def restrict(shop: Shop) -> None:
    """From now on one part of its results is for admins only."""
    schema = {
        **scene.RESULT_SCHEMA,
        "properties": {
            **scene.RESULT_SCHEMA["properties"],
            "ssn": {"type": "string", "maxLength": 3, "x-audience": ["admin"]},
        },
    }
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(schema)))


def test_what_was_wrong_with_a_document_is_told_to_whoever_may_see_all_of_it(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    plain = scene.place(shop)
    assert scene.post(plain, {"score": "many"}).problems
    restrict(shop)
    restricted = scene.place(shop)
    assert scene.post(restricted, {"score": 1, "ssn": "123-45-6789"}).problems
    for viewer, sees_all in ((world.admin, True), (world.recruiter, False)):
        browser = signed_in(viewer)
        assert "<code>/score</code>" in browser.get(page_of(plain)).content.decode()
        page = browser.get(page_of(restricted)).content.decode()
        assert "1 place does not fit the schema" in page
        assert ("<code>/ssn</code>" in page) is sees_all
        assert ("123-45-6789" in page) is sees_all


def test_the_facts_say_what_was_filled_in_as_the_form_did(world: World, shop: Shop, signed_in: SignIn) -> None:
    languages = [{"const": "py", "title": "Python"}, {"const": "go", "title": "Go"}]
    schema = {
        "type": "object",
        "properties": {
            "main_language": {"type": "string", "oneOf": languages},
            "others": {"type": "array", "title": "Also", "items": {"oneOf": languages}},
            "camera": {"type": "boolean"},
        },
    }
    text = json.dumps(schema)
    kind, _new = catalogue.put_type(
        shop.partner, "coding", name="Coding", description="", kind="coding", order_schema_text=text
    )
    fields = {"main_language": "py", "others": ["go", "py"], "camera": False}
    order = scene.place(shop, assessment_type=kind, fields=fields)
    page = signed_in(world.recruiter).get(page_of(order)).content.decode()
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)[-3:]
    assert facts == [("Main language", "Python"), ("Also", "Go, Python"), ("Camera", "No")]
    catalogue.put_type(shop.partner, "coding", name="Coding", description="", kind="coding", order_schema_text="")
    assert "<dt>main_language</dt><dd>py</dd>" in signed_in(world.recruiter).get(page_of(order)).content.decode()


def test_only_an_https_address_becomes_the_candidates_link(world: World, order: Order, signed_in: SignIn) -> None:
    browser = signed_in(world.recruiter)
    for url in ("javascript:alert(1)", "http://codeforge.example/t", "https://[", "//codeforge.example"):
        Order.objects.filter(pk=order.pk).update(candidate_url=url)
        page = browser.get(page_of(order))
        assert page.status_code == 200
        assert f'href="{url}"' not in page.content.decode()
    Order.objects.filter(pk=order.pk).update(candidate_url="https://codeforge.example/t/1")
    page_text = browser.get(page_of(order)).content.decode()
    assert 'href="https://codeforge.example/t/1" rel="noopener noreferrer"' in page_text


def test_what_a_partner_says_is_never_read_as_html(world: World, shop: Shop, signed_in: SignIn) -> None:
    script = "<script>alert(1)</script>"
    order = scene.place(shop)
    scene.tell(order, "accepted", reference=script)
    scene.tell(order, "note", note=script)
    scene.post(order, {"score": script})
    scene.tell(order, "declined", message=script)
    OrderUpdate.objects.filter(order=order).update(raw=script.encode())
    page = signed_in(world.admin).get(page_of(order)).content.decode()
    assert script not in page
    assert page.count("&lt;script&gt;alert(1)") >= 7


def test_mallory_finds_no_order_of_acmes(world: World, order: Order, signed_in: SignIn) -> None:
    browser = signed_in(world.mallory)
    assert browser.get(page_of(order)).status_code == 404
    for act in ACTS:
        assert browser.post(f"{page_of(order)}/{act}").status_code == 404
    order.refresh_from_db()
    assert order.status == "requested"


# --- Acts -----------------------------------------------------------------------------------------------------------


def test_cancelling_asks_first_and_takes_a_reason(world: World, shop: Shop, order: Order, signed_in: SignIn) -> None:
    browser = signed_in(world.recruiter)
    assert f"{page_of(order)}/cancel" in browser.get(page_of(order)).content.decode()
    assert "Cancel this assessment?" in browser.get(f"{page_of(order)}/cancel").content.decode()
    order.refresh_from_db()
    assert order.status == "requested"
    answer = browser.post(f"{page_of(order)}/cancel", {"reason": "Hired elsewhere"}, follow=True)
    order.refresh_from_db()
    assert (order.status, order.reason) == ("cancelled", "Hired elsewhere")
    page = answer.content.decode()
    assert "Cancelled. The partner is told." in page
    assert "Cancelled by Jonas Weber" in page
    again = browser.post(f"{page_of(order)}/cancel", follow=True).content.decode()
    assert "it cannot be cancelled now" in again


@pytest.mark.parametrize("status", list(Status))
def test_only_what_the_lifecycle_allows_is_offered(world: World, shop: Shop, signed_in: SignIn, status: Status) -> None:
    order = scene.in_status(shop, status)
    page = signed_in(world.recruiter).get(page_of(order)).content.decode()
    assert (f"{page_of(order)}/cancel" in page) is (status in {"requested", "sent", "started", "failed"})
    assert (f"{page_of(order)}/resend" in page) is (status in {"requested", "sent", "failed"})
    assert f"{page_of(order)}/confirm-sent" not in page


def test_sending_again_asks_first_and_is_a_new_event_of_the_same_order(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    order = scene.in_status(shop, Status.FAILED)
    browser = signed_in(world.recruiter)
    assert "Send it again?" in browser.get(f"{page_of(order)}/resend").content.decode()
    assert Event.objects.filter(subject=order.public_id).count() == 1
    browser.post(f"{page_of(order)}/resend")
    order.refresh_from_db()
    assert order.status == "requested"
    assert Event.objects.filter(subject=order.public_id, topic="order.placed").count() == 2
    installations.pause(shop.installation, actor=world.admin.user)
    refused = browser.post(f"{page_of(order)}/resend", follow=True).content.decode()
    assert "The partner is paused or removed in this organization" in refused


@pytest.mark.parametrize(("act", "status"), [("confirm-sent", "sent"), ("resend", "requested")])
def test_an_unclear_delivery_offers_two_choices_each_explained(
    world: World, shop: Shop, order: Order, signed_in: SignIn, act: str, status: str
) -> None:
    scene.give_up(order, Delivery.State.UNCLEAR)
    browser = signed_in(world.recruiter)
    page = browser.get(page_of(order)).content.decode()
    assert "Nobody can tell whether CodeForge has this order" in page
    assert "The order counts as accepted; nothing is sent." in page
    assert "They do not have it: the order goes out once more." in page
    assert f'action="{page_of(order)}/{act}"' in page
    assert f'action="{page_of(order)}/{act}"' not in signed_in(world.interviewer).get(page_of(order)).content.decode()
    browser.post(f"{page_of(order)}/{act}")
    order.refresh_from_db()
    assert order.status == status
    assert "Nobody can tell" not in browser.get(page_of(order)).content.decode()


def test_an_interviewer_looks_and_acts_on_nothing(world: World, order: Order, signed_in: SignIn) -> None:
    browser = signed_in(world.interviewer)
    page = browser.get(page_of(order)).content.decode()
    for act in ACTS:
        assert f"{page_of(order)}/{act}" not in page
        assert browser.post(f"{page_of(order)}/{act}").status_code == 403
    assert browser.get(f"{page_of(order)}/cancel").status_code == 403


def test_acts_take_a_post_alone(world: World, order: Order, signed_in: SignIn) -> None:
    browser: Any = signed_in(world.recruiter)
    assert browser.get(f"{page_of(order)}/confirm-sent").status_code == 405
    assert browser.post(page_of(order)).status_code == 405


def test_a_forged_form_is_refused(world: World, order: Order) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.recruiter.user)
    assert browser.post(f"{page_of(order)}/cancel").status_code == 403
    order.refresh_from_db()
    assert order.status == "requested"


def test_what_happened_by_the_clock_or_by_a_removal_is_told_so(world: World, shop: Shop, signed_in: SignIn) -> None:
    expired = scene.in_status(shop, Status.EXPIRED)
    left = scene.place(shop)
    by_program = scene.place(shop)
    orders.cancel(by_program, actor=None)
    installations.remove(shop.installation, actor=world.admin.user)
    browser = signed_in(world.recruiter)
    assert "The deadline passed" in browser.get(page_of(expired)).content.decode()
    assert "Cancelled by the removal of the partner" in browser.get(page_of(left)).content.decode()
    assert "Cancelled by the API" in browser.get(page_of(by_program)).content.decode()
