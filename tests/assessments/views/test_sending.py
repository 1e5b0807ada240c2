"""Sending an assessment: the cards, the form, what leaves, and what keeps a second one from going out by mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models import AssessmentType, Order
from assessments.offers import BROKEN, PAUSED, SUSPENDED
from assessments.services import catalogue
from core.models import Application, Membership
from partners.models import Endpoint, Environment, Event, Purpose
from partners.services import installations, onboarding
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World, make_application

SignIn = Callable[[Membership], Client]

URL = "https://codeforge.example/hooks"


def choose_path(world: World) -> str:
    return f"/candidates/{world.ada.public_id}/send"


def fill_path(world: World, shop: Shop) -> str:
    return f"{choose_path(world)}/{shop.assessment_type.public_id}"


def filled(world: World, **changes: str) -> dict[str, str]:
    return {"application": world.application.public_id, "field_language": "python", "field_minutes": "60", **changes}


def test_a_recruiter_chooses_fills_in_and_sends(world: World, shop: Shop, signed_in: SignIn) -> None:
    browser = signed_in(world.recruiter)
    assert fill_path(world, shop) in browser.get(choose_path(world)).content.decode()
    assert 'name="field_language"' in browser.get(fill_path(world, shop)).content.decode()
    answer = browser.post(fill_path(world, shop), filled(world), follow=True)
    assert answer.redirect_chain == [(f"/candidates/{world.ada.public_id}", 302)]
    page = answer.content.decode()
    assert "CodeForge coding test is on its way to CodeForge." in page
    order = Order.objects.get()
    assert order.public_id in page
    assert (order.application, order.installation) == (world.application, shop.installation)
    assert (order.placed_by, json.loads(order.fields)) == (world.recruiter.user, {"language": "python", "minutes": 60})
    assert Event.objects.get(subject=order.public_id).topic == "order.placed"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"field_language": ""}, "language", "This field is required."),
        ({"field_language": "cobol"}, "language", "Select a valid choice."),
        ({"field_minutes": "5"}, "minutes", "greater than or equal to 30"),
        ({"field_minutes": "soon"}, "minutes", "Enter a whole number."),
    ],
)
def test_a_mistake_is_told_beside_its_field(
    world: World, shop: Shop, signed_in: SignIn, changes: dict[str, str], field: str, words: str
) -> None:
    answer = signed_in(world.recruiter).post(fill_path(world, shop), filled(world, **changes))
    assert answer.status_code == 422
    told = re.search(rf'<div id="id_field_{field}_error">(.*?)</div>', answer.content.decode(), re.DOTALL)
    assert told
    assert words in told[1]
    assert not Order.objects.exists()


def test_what_only_the_schema_refuses_lands_on_its_field_too(world: World, shop: Shop, signed_in: SignIn) -> None:
    """A text of the right shape for the form, that is not what the format says."""
    schema = {"type": "object", "properties": {"page/one": {"type": "string", "format": "uri"}}}
    text = json.dumps(schema)
    catalogue.put_type(shop.partner, "coding", name="Site", description="", kind="coding", order_schema_text=text)
    form = {"application": world.application.public_id, "field_page/one": "https://a.example/%zz"}
    answer = signed_in(world.recruiter).post(fill_path(world, shop), form)
    assert answer.status_code == 422
    assert 'id="id_field_page/one_error"' in answer.content.decode()
    assert not Order.objects.exists()


def test_an_application_of_somebody_else_or_a_closed_one_is_no_choice(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    browser = signed_in(world.recruiter)
    other = make_application(world.bram, world.stages[0])
    closed = make_application(world.ada, world.other_job.stages.get(name="Offer"))
    Application.objects.filter(pk=closed.pk).update(status=Application.Status.REJECTED)
    for application in (other, closed, world.globex_application):
        form = filled(world, application=application.public_id)
        assert browser.post(fill_path(world, shop), form).status_code == 422
    assert not Order.objects.exists()


def test_a_candidate_without_an_active_application_is_told_so(world: World, shop: Shop, signed_in: SignIn) -> None:
    page = signed_in(world.recruiter).get(f"/candidates/{world.bram.public_id}/send").content.decode()
    assert "Bram Lindqvist has no active application" in page
    assert shop.assessment_type.public_id not in page


def test_a_paused_partner_is_shown_but_cannot_be_chosen(world: World, shop: Shop, signed_in: SignIn) -> None:
    installations.pause(shop.installation, actor=world.admin.user)
    browser = signed_in(world.recruiter)
    page = browser.get(choose_path(world)).content.decode()
    assert PAUSED in page
    assert fill_path(world, shop) not in page
    for answer in (browser.get(fill_path(world, shop)), browser.post(fill_path(world, shop), filled(world))):
        assert answer["Location"] == choose_path(world)
    assert not Order.objects.exists()


def test_a_suspended_partner_is_shown_but_cannot_be_chosen(world: World, shop: Shop, signed_in: SignIn) -> None:
    onboarding.suspend(shop.partner, actor="support")
    page = signed_in(world.recruiter).get(choose_path(world)).content.decode()
    assert SUSPENDED in page
    assert fill_path(world, shop) not in page


def test_removed_partners_and_retired_types_are_not_there(world: World, shop: Shop, signed_in: SignIn) -> None:
    browser = signed_in(world.recruiter)
    catalogue.retire(shop.partner, "coding")
    assert shop.assessment_type.public_id not in browser.get(choose_path(world)).content.decode()
    assert browser.get(fill_path(world, shop)).status_code == 404
    catalogue.put_type(shop.partner, "coding", name="Again", description="", kind="coding", order_schema_text="")
    installations.remove(shop.installation, actor=world.admin.user)
    assert browser.get(fill_path(world, shop)).status_code == 404
    assert "No partner is connected" in browser.get(choose_path(world)).content.decode()


@pytest.mark.parametrize("broken", [{"enabled": False}, {"open_until": timezone.now() + timedelta(days=9000)}])
def test_a_broken_endpoint_is_shown_and_the_order_may_wait(
    world: World, shop: Shop, signed_in: SignIn, broken: dict[str, Any]
) -> None:
    Endpoint.objects.create(
        partner=shop.partner, environment=Environment.LIVE, purpose=Purpose.ORDER, url=URL, **broken
    )
    browser = signed_in(world.recruiter)
    page = browser.get(choose_path(world)).content.decode()
    assert BROKEN in page
    assert fill_path(world, shop) in page
    assert BROKEN in browser.get(fill_path(world, shop)).content.decode()
    assert browser.post(fill_path(world, shop), filled(world)).status_code == 302


def test_only_the_endpoint_that_would_be_used_counts(world: World, shop: Shop, signed_in: SignIn) -> None:
    """Orders have one of their own here, so a disabled one for events is no hindrance; nor is the sandbox's."""
    for environment, purpose, enabled in [
        (Environment.LIVE, Purpose.ORDER, True),
        (Environment.LIVE, Purpose.EVENTS, False),
        (Environment.SANDBOX, Purpose.ORDER, False),
    ]:
        Endpoint.objects.create(
            partner=shop.partner, environment=environment, purpose=purpose, url=URL, enabled=enabled
        )
    assert BROKEN not in signed_in(world.recruiter).get(choose_path(world)).content.decode()


# --- An equal one ---------------------------------------------------------------------------------------------------


def test_an_equal_open_order_needs_the_box(world: World, shop: Shop, signed_in: SignIn) -> None:
    first = scene.place(shop)
    browser = signed_in(world.recruiter)
    assert "Ada has this one already" in browser.get(fill_path(world, shop)).content.decode()
    refused = browser.post(fill_path(world, shop), filled(world))
    assert refused.status_code == 422
    assert "Tick the box" in refused.content.decode()
    assert Order.objects.count() == 1
    assert browser.post(fill_path(world, shop), filled(world, send_again=first.public_id)).status_code == 302
    assert Order.objects.count() == 2


def test_a_form_sent_twice_places_one_order_even_with_the_box_ticked(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    browser = signed_in(world.recruiter)
    assert [browser.post(fill_path(world, shop), filled(world)).status_code for _ in range(2)] == [302, 422]
    form = filled(world, send_again=Order.objects.get().public_id)
    assert [browser.post(fill_path(world, shop), form).status_code for _ in range(2)] == [302, 422]
    assert Order.objects.count() == 2


def test_one_whose_result_is_valid_warns_and_an_outdated_or_ended_one_does_not(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    browser = signed_in(world.recruiter)
    scene.in_status(shop, Status.CANCELLED)
    done = scene.in_status(shop, Status.COMPLETED)
    assert "Ada has this one already" in browser.get(fill_path(world, shop)).content.decode()
    Order.objects.filter(pk=done.pk).update(completed_at=timezone.now() - timedelta(days=400))
    assert "Ada has this one already" in browser.get(fill_path(world, shop)).content.decode()
    AssessmentType.objects.update(valid_months=12)
    assert "Ada has this one already" not in browser.get(fill_path(world, shop)).content.decode()
    assert browser.post(fill_path(world, shop), filled(world)).status_code == 302


def test_the_warning_shows_the_old_result(world: World, shop: Shop, signed_in: SignIn) -> None:
    AssessmentType.objects.update(valid_months=12)
    done = scene.in_status(shop, Status.COMPLETED)
    Order.objects.filter(pk=done.pk).update(completed_at=datetime(2026, 11, 2, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False):
        page = signed_in(world.recruiter).get(fill_path(world, shop)).content.decode()
    warning = page[page.index("Ada has this one already") : page.index("Send it again all the same")]
    assert f'href="/orders/{done.public_id}">Completed 2 Nov 2026</a>' in warning
    assert "Passed" in warning
    assert re.search(r"<dt>Score</dt>\s*<dd>.*?81", warning, re.DOTALL)
    assert 'Valid until <time datetime="2027-11-02T00:00:00+00:00">2 Nov 2027</time>' in warning


def test_within_the_cool_down_it_is_sent_as_an_exception_and_the_timeline_says_so(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    # Outdated already, so that it is the cool-down alone that asks.
    AssessmentType.objects.update(cool_down_days=90, valid_months=1)
    done = scene.in_status(shop, Status.COMPLETED)
    Order.objects.filter(pk=done.pk).update(completed_at=timezone.now() - timedelta(days=60))
    day = f"{timezone.now() + timedelta(days=30):%-d %b %Y}"
    browser = signed_in(world.recruiter)
    page = browser.get(fill_path(world, shop)).content.decode()
    assert f"CodeForge asks for 90 days between two attempts: until {day}." in page
    assert "Send it as an exception" in page
    assert browser.post(fill_path(world, shop), filled(world)).status_code == 422
    assert browser.post(fill_path(world, shop), filled(world, send_again=done.public_id)).status_code == 302
    told = f"As an exception: the cool-down after the attempt before lasts until {day}."
    placed = Order.objects.latest("pk")
    assert told in browser.get(f"/orders/{placed.public_id}").content.decode()
    assert told not in browser.get(f"/orders/{done.public_id}").content.decode()


def test_the_warning_shows_of_the_old_result_what_the_role_may_see(world: World, shop: Shop, signed_in: SignIn) -> None:
    level = {"type": "string", "title": "Level", "x-audience": ["admin"], "x-display": {"primary": True}}
    hidden = {"type": "object", "properties": {"level": level}}
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(hidden)))
    scene.post(scene.place(shop), {"level": "virtuoso"})
    assert "virtuoso" in signed_in(world.admin).get(fill_path(world, shop)).content.decode()
    assert "virtuoso" not in signed_in(world.recruiter).get(fill_path(world, shop)).content.decode()


# --- What leaves, and who may ---------------------------------------------------------------------------------------


def leaving(page: str) -> dict[str, str]:
    aside = page[page.index('aria-labelledby="leaving"') :]
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", aside, re.DOTALL)
    return {label: re.sub(r"<[^>]+>", "", value).strip() for label, value in pairs}


def test_what_leaves_is_what_the_scopes_let_out(world: World, shop: Shop, signed_in: SignIn) -> None:
    browser = signed_in(world.recruiter)
    assert leaving(browser.get(fill_path(world, shop)).content.decode()) == {
        "First name": "Ada",
        "Last name": "Okafor",
        "E-mail": "ada.okafor@mail.example",
        "Phone": "+234 1 555 0100",
        "Résumé": "not on file",
    }
    installations.install(shop.partner, world.acme, scopes=["candidates.name:read"], actor=world.admin.user)
    assert leaving(browser.get(fill_path(world, shop)).content.decode()) == {
        "First name": "Ada",
        "Last name": "Okafor",
        "E-mail": "stays here",
        "Phone": "stays here",
        "Résumé": "stays here",
    }


def test_an_interviewer_sends_nothing(world: World, shop: Shop, signed_in: SignIn) -> None:
    browser = signed_in(world.interviewer)
    assert browser.get(choose_path(world)).status_code == 403
    assert browser.get(fill_path(world, shop)).status_code == 403
    assert browser.post(fill_path(world, shop), filled(world)).status_code == 403
    assert "Send assessment" not in browser.get(f"/candidates/{world.ada.public_id}").content.decode()
    assert not Order.objects.exists()


def test_mallory_can_send_neither_for_acmes_candidate_nor_by_acmes_partner(
    world: World, shop: Shop, sneak: Shop, signed_in: SignIn
) -> None:
    browser = signed_in(world.mallory)
    assert browser.get(choose_path(world)).status_code == 404
    assert browser.post(fill_path(world, shop), filled(world)).status_code == 404
    own = f"/candidates/{world.globex_candidate.public_id}/send"
    assert shop.assessment_type.public_id not in browser.get(own).content.decode()
    assert browser.post(f"{own}/{shop.assessment_type.public_id}", filled(world)).status_code == 404
    assert browser.post(f"{own}/{sneak.assessment_type.public_id}", filled(world)).status_code == 422
    assert not Order.objects.exists()


def test_what_a_partner_calls_things_is_never_read_as_html(world: World, shop: Shop, signed_in: SignIn) -> None:
    script = "<script>alert(1)</script>"
    schema = {
        "type": "object",
        "properties": {
            f'"{script}': {"type": "string", "title": script, "description": script, "default": f'"{script}'},
            "choice": {"type": "string", "enum": [script]},
        },
    }
    catalogue.put_type(
        shop.partner, "coding", name=script, description=script, kind="coding", order_schema_text=json.dumps(schema)
    )
    browser = signed_in(world.recruiter)
    for path in (choose_path(world), fill_path(world, shop)):
        page = browser.get(path).content.decode()
        assert script not in page
        assert "&lt;script&gt;alert(1)" in page
