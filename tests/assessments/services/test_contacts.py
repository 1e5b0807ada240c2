"""A candidate's new address: who is told, which links are void, and how a partner gives a new one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments.lifecycle import Status
from assessments.models import Order
from assessments.services import holds, orders
from core.models import AuditRecord, Membership
from partners.models import Event, Partner
from partners.services import installations
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World, make_application

SignIn = Callable[[Membership], Client]

pytestmark = pytest.mark.django_db

OLD, NEW = "https://codeforge.example/t/old", "https://codeforge.example/t/new"


def edit(browser: Client, world: World, **changes: str) -> Any:
    ada = world.ada
    form = {"first_name": ada.first_name, "last_name": ada.last_name, "email": ada.email, "phone": ada.phone}
    return browser.post(f"/candidates/{ada.public_id}/edit", {**form, **changes}, follow=True)


def accepted(shop: Shop) -> Order:
    order = scene.place(shop)
    scene.tell(order, "accepted", reference="CF-1", candidate_url=OLD)
    return scene.reread(order)


def told() -> list[str]:
    rows = Event.objects.filter(topic="candidate.contact_changed").order_by("pk")
    return list(rows.values_list("subject", flat=True))


def test_a_new_address_voids_the_link_and_tells_the_partner_by_ids_alone(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    order = accepted(shop)
    page = edit(signed_in(world.recruiter), world, email="ada@new.example").content.decode()
    assert "For 1 assessment under way the partner is told of the new address." in page
    assert scene.reread(order).candidate_url == ""
    event = Event.objects.get(topic="candidate.contact_changed")
    assert event.subject == order.public_id
    assert json.loads(event.body)["data"] == {
        "order": order.public_id,
        "installation": shop.installation.public_id,
        "organization": world.acme.public_id,
        "candidate": world.ada.public_id,
    }
    deed = AuditRecord.objects.get(verb="order.contact_changed")
    assert (deed.actor, deed.subject, deed.facts) == (world.recruiter.user, order.public_id, {})
    read = shop.api().get(f"orders/{order.public_id}").json()
    assert (read["candidate"]["email"], read["candidate_url"], read["reference"]) == ("ada@new.example", None, "CF-1")


def test_the_timeline_says_so(world: World, shop: Shop, signed_in: SignIn) -> None:
    order = accepted(shop)
    browser = signed_in(world.recruiter)
    assert OLD in browser.get(f"/orders/{order.public_id}").content.decode()
    edit(browser, world, email="ada@new.example")
    page = browser.get(f"/orders/{order.public_id}").content.decode()
    assert "Jonas Weber changed the candidate’s e-mail address" in page
    assert "The changed address, to CodeForge" in page
    assert f'href="{OLD}"' not in page


def test_whatever_is_not_the_address_concerns_nobody(world: World, shop: Shop, signed_in: SignIn) -> None:
    order = accepted(shop)
    browser = signed_in(world.recruiter)
    edit(browser, world, phone="+234 1 555 0199", time_zone="Africa/Lagos")
    edit(browser, world, email=world.ada.email.upper())
    assert (told(), scene.reread(order).candidate_url) == ([], OLD)


def test_only_orders_under_way_of_partners_that_read_the_address_are_followed_up(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    still_open = (Status.REQUESTED, Status.SENT, Status.STARTED, Status.FAILED)
    under_way = [scene.in_status(shop, status) for status in still_open]
    for status in (Status.COMPLETED, Status.DECLINED, Status.CANCELLED, Status.EXPIRED):
        scene.in_status(shop, status)
    scene.place(shop, application=make_application(world.bram, world.stages[0]))
    browser = signed_in(world.recruiter)
    edit(browser, world, email="ada@new.example")
    assert sorted(told()) == sorted(order.public_id for order in under_way)
    installations.install(shop.partner, world.acme, scopes=["orders:read"], actor=world.admin.user)
    Order.objects.filter(pk=under_way[1].pk).update(candidate_url=OLD)
    world.ada.refresh_from_db()
    edit(browser, world, email="ada@newer.example")
    assert len(told()) == 4
    assert scene.reread(under_way[1]).candidate_url == OLD


@pytest.mark.parametrize("status", [Status.SENT, Status.STARTED])
def test_the_partner_gives_a_new_link_by_accepting_again_and_an_old_call_does_not_bring_back_the_old_one(
    world: World, shop: Shop, signed_in: SignIn, status: Status
) -> None:
    order = accepted(shop)
    if status == Status.STARTED:
        scene.tell(order, "started")
    edit(signed_in(world.recruiter), world, email="ada@new.example")
    path, api = f"orders/{order.public_id}/accept", shop.api()
    again = api.post(path, {"reference": "CF-1", "candidate_url": NEW})
    assert (again.status_code, again.json()["outcome"], again.json()["status"]) == (201, "applied", status.value)
    assert scene.reread(order).candidate_url == NEW
    assert scene.tell(order, "accepted", reference="CF-1", candidate_url=OLD).outcome == "applied"
    assert scene.reread(order).candidate_url == NEW


def test_under_a_legal_hold_a_resume_is_not_replaced_and_the_form_says_so(world: World, signed_in: SignIn) -> None:
    ada, browser = world.ada, signed_in(world.recruiter)
    form = {"first_name": ada.first_name, "last_name": ada.last_name, "email": ada.email, "location": "Lagos"}
    path = f"/candidates/{ada.public_id}/edit"

    def send(content: bytes, **changes: str) -> Any:
        return browser.post(path, {**form, **changes, "resume": SimpleUploadedFile("cv.pdf", content)})

    holds.place(ada, reason="A claim.", actor=world.admin.user)
    assert send(b"%PDF-1.7 first").status_code == 302
    page = send(b"%PDF-1.7 second", location="Accra")
    assert page.status_code == 422
    assert "A legal hold stands on this candidate: the résumé that there is has to stay." in page.content.decode()
    assert 'value="Accra"' in page.content.decode()
    ada.refresh_from_db()
    assert (ada.location, ada.resume.read()) == ("Lagos", b"%PDF-1.7 first")
    assert browser.post(path, {**form, "location": "Accra"}).status_code == 302
    ada.refresh_from_db()
    assert (ada.location, ada.resume.read()) == ("Accra", b"%PDF-1.7 first")


@pytest.mark.parametrize(
    "words", [{"candidate_url": OLD}, {"reference": "CF-2", "candidate_url": OLD}, {"reference": "CF-1"}]
)
def test_no_acceptance_brings_back_a_link_that_went_to_the_old_address(
    world: World, shop: Shop, signed_in: SignIn, words: dict[str, str]
) -> None:
    order = accepted(shop)
    browser, api, path = signed_in(world.recruiter), shop.api(), f"orders/{order.public_id}/accept"
    edit(browser, world, email="ada@new.example")
    assert api.post(path, {"candidate_url": NEW}).status_code == 201
    world.ada.refresh_from_db()
    edit(browser, world, email="ada@newer.example")
    for link in (OLD, NEW):
        body = {**words, "candidate_url": link}
        for _ in range(2):
            answer = api.post(path, body)
            if body == {"reference": "CF-1", "candidate_url": OLD} or body == {"candidate_url": NEW}:
                assert answer.status_code == 200  # word by word what it had said before
                continue
            assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
            (problem,) = answer.json()["problems"]
            assert (problem["pointer"], problem["code"]) == ("/candidate_url", "void_link")
        assert scene.reread(order).candidate_url == ""
    assert api.post(path, {"candidate_url": f"{NEW}er"}).status_code == 201
    assert scene.reread(order).candidate_url == f"{NEW}er"


def test_an_order_that_is_sent_again_waits_for_a_link_and_a_void_one_is_none(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    order = accepted(shop)
    orders.resend(order, actor="tests")
    assert scene.reread(order).candidate_url == ""
    edit(signed_in(world.recruiter), world, email="ada@new.example")
    assert scene.tell(scene.reread(order), "accepted", reference="CF-1", candidate_url=OLD).outcome == "applied"
    order = scene.reread(order)
    assert (order.status, order.candidate_url) == ("sent", "")


def test_a_partner_whose_protocol_has_no_words_for_it_is_not_said_to_be_told(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    order, browser = accepted(shop), signed_in(world.recruiter)
    Partner.objects.update(dialect="ashby")
    page = edit(browser, world, email="ada@new.example").content.decode()
    assert "CodeForge cannot be told of the new address in its protocol" in page
    assert "the partner is told of the new address" not in page
    assert (told(), scene.reread(order).candidate_url) == ([], "")
    timeline = browser.get(f"/orders/{order.public_id}").content.decode()
    assert "CodeForge cannot be told in its protocol" in timeline
    # Its next answer names the same page once more: that is no offence, and no link.
    row = scene.tell(scene.reread(order), "accepted", reference="CF-1", candidate_url=OLD, body="print")
    assert (row.outcome, scene.reread(order).candidate_url) == ("ignored", "")


def test_mallory_and_an_interviewer_change_nothing(world: World, shop: Shop, signed_in: SignIn) -> None:
    accepted(shop)
    assert edit(signed_in(world.mallory), world, email="mallory@globex.example").status_code == 404
    assert edit(signed_in(world.interviewer), world, email="priya@acme.example").status_code == 403
    world.ada.refresh_from_db()
    assert (world.ada.email, told()) == ("ada.okafor@mail.example", [])
