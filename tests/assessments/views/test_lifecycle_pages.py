"""What pages say of cancellations and deadlines, and the form that puts a deadline off."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models import Order
from core.models import AuditRecord, Candidate, Membership
from partners.models import Event
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


# --- Deadlines ------------------------------------------------------------------------------------------------------


def in_lagos(world: World) -> None:
    Candidate.objects.filter(pk=world.ada.pk).update(time_zone="Africa/Lagos")


def test_a_deadline_stands_by_the_candidates_clock_and_by_the_readers(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    in_lagos(world)
    order = scene.place(shop, deadline_at=datetime(2030, 1, 1, 22, 59, tzinfo=UTC))
    page = page_of(order, signed_in(world.interviewer))
    assert '1 Jan 2030, 23:59 <span class="muted">Africa/Lagos</span>' in page
    assert '<time datetime="2030-01-01T22:59:00+00:00" data-local>1 Jan 2030, 22:59 UTC</time>' in page
    assert f"/orders/{order.public_id}/extend" not in page


def test_a_recruiter_puts_a_deadline_off_to_the_end_of_a_day_there(world: World, shop: Shop, signed_in: SignIn) -> None:
    in_lagos(world)
    order = scene.place(shop, deadline_at=timezone.now() + timedelta(days=1))
    browser, path = signed_in(world.recruiter), f"/orders/{order.public_id}/extend"
    assert path in page_of(order, browser)
    assert "23:59 in the candidate’s time zone (Africa/Lagos)" in browser.get(path).content.decode()
    day = (timezone.now() + timedelta(days=9)).date()
    page = browser.post(path, {"deadline": day.isoformat()}, follow=True).content.decode()
    order.refresh_from_db()
    until = datetime(day.year, day.month, day.day, 22, 59, tzinfo=UTC)
    assert order.deadline_at == until
    assert "The deadline is put off." in page
    assert "The deadline was put off by Jonas Weber" in page
    assert f"Until {day:%-d %b %Y}, 23:59 (Africa/Lagos)" in page
    assert "The new deadline, to CodeForge" in page
    topics = Event.objects.filter(subject=order.public_id).order_by("pk").values_list("topic", flat=True)
    assert list(topics) == ["order.placed", "order.deadline_changed"]
    deed = AuditRecord.objects.get(verb="order.deadline_extended")
    assert (deed.actor, deed.facts) == (world.recruiter.user, {"deadline_at": until.isoformat()})


def test_a_deadline_comes_no_nearer_and_lies_within_two_years(world: World, shop: Shop, signed_in: SignIn) -> None:
    order = scene.place(shop, deadline_at=timezone.now() + timedelta(days=20))
    browser, path = signed_in(world.recruiter), f"/orders/{order.public_id}/extend"
    sooner = (timezone.now() + timedelta(days=3)).date().isoformat()
    assert "A deadline is only put off" in browser.post(path, {"deadline": sooner}, follow=True).content.decode()
    for value in ("2020-01-01", "2999-01-01", "soon", ""):
        assert browser.post(path, {"deadline": value}).status_code == 422
    assert Event.objects.filter(topic="order.deadline_changed").count() == 0


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.EXPIRED, Status.DECLINED])
def test_what_is_not_under_way_is_given_no_more_time(
    world: World, shop: Shop, signed_in: SignIn, status: Status
) -> None:
    order = scene.in_status(shop, status)
    Order.objects.filter(pk=order.pk).update(deadline_at=timezone.now() + timedelta(days=1))
    browser, path = signed_in(world.recruiter), f"/orders/{order.public_id}/extend"
    assert path not in page_of(order, browser)
    day = (timezone.now() + timedelta(days=9)).date().isoformat()
    assert "it cannot be given more time now" in browser.post(path, {"deadline": day}, follow=True).content.decode()


def test_only_who_may_order_extends_and_mallory_finds_nothing(world: World, shop: Shop, signed_in: SignIn) -> None:
    order = scene.place(shop, deadline_at=timezone.now() + timedelta(days=1))
    path, day = f"/orders/{order.public_id}/extend", (timezone.now() + timedelta(days=9)).date().isoformat()
    for viewer, status in ((world.interviewer, 403), (world.mallory, 404)):
        browser = signed_in(viewer)
        assert browser.get(path).status_code == status
        assert browser.post(path, {"deadline": day}).status_code == status
    assert not Event.objects.filter(topic="order.deadline_changed").exists()


def test_a_partners_extension_stands_on_the_timeline(world: World, shop: Shop, signed_in: SignIn) -> None:
    order = scene.place(shop, deadline_at=datetime(2030, 1, 1, tzinfo=UTC))
    scene.tell(order, "deadline", deadline_at=datetime(2030, 1, 8, 12, tzinfo=UTC))
    scene.tell(order, "deadline", deadline_at=datetime(2029, 1, 1, tzinfo=UTC))
    page = page_of(order, signed_in(world.recruiter))
    assert page.count("CodeForge reported: deadline put off") == 2
    assert "Until 8 Jan 2030, 12:00 (UTC)" in page
    assert "this is not later than it is" in page


# --- The last day of a new order ------------------------------------------------------------------------------------


def send_path(world: World, shop: Shop) -> str:
    return f"/candidates/{world.ada.public_id}/send/{shop.assessment_type.public_id}"


def filled(world: World, **changes: str) -> dict[str, str]:
    return {"application": world.application.public_id, "field_language": "python", **changes}


def test_the_form_says_the_usual_deadline_and_takes_another(world: World, shop: Shop, signed_in: SignIn) -> None:
    in_lagos(world)
    browser, path = signed_in(world.recruiter), send_path(world, shop)
    assert "Left empty, there is no deadline." in browser.get(path).content.decode()
    shop.assessment_type.deadline_days = 7
    shop.assessment_type.save()
    told = re.search(r"Left empty, until (.*?), 23:59, as usual for it", browser.get(path).content.decode())
    assert told
    assert browser.post(path, filled(world)).status_code == 302
    order = Order.objects.get()
    assert order.deadline_at is not None
    assert f"{order.deadline_at:%-d %b %Y, %H:%M}" == f"{told[1]}, 22:59"
    day = (timezone.now() + timedelta(days=40)).date()
    form = filled(world, deadline=day.isoformat(), send_again=order.public_id)
    assert browser.post(path, form).status_code == 302
    assert Order.objects.latest("pk").deadline_at == datetime(day.year, day.month, day.day, 22, 59, tzinfo=UTC)
    past = filled(world, deadline="2020-01-01")
    assert "Choose a day from today on" in browser.post(path, past).content.decode()
