"""Results without an order, from their arrival to the order that is made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessments import selectors, tasks
from assessments.errors import BackfillDecided
from assessments.models import Backfill, Order, Result
from assessments.services import attaching, backfill, catalogue, telling
from core.errors import NotFound
from core.models import Application, AuditRecord, Candidate
from partners.models import Event
from tests.assessments import scene
from tests.assessments.scene import DOCUMENT, RESULT_SCHEMA, Shop
from tests.world import World, make_application, make_candidate

pytestmark = pytest.mark.django_db

TAKEN = scene.TAKEN


def waiting(shop: Shop, **candidate: str) -> Backfill:
    row = matched(shop, **candidate or {"email": "nobody@mail.example"})
    assert row.state == "waiting"
    return row


def matched(shop: Shop, document: Any = None, **candidate: str) -> Backfill:
    row = scene.backfill(shop, document, **candidate)
    tasks.match_backfills()
    row.refresh_from_db()
    return row


def test_an_address_of_one_candidate_with_one_open_application_makes_a_completed_order(
    shop: Shop, world: World
) -> None:
    row = matched(shop, email=world.ada.email.upper())
    order = Order.objects.get()
    result = order.results.get()
    assert (row.state, row.order, row.cause, row.decided_by) == ("attached", order, "", None)
    assert (order.status, order.candidate, order.application) == ("completed", world.ada, world.application)
    assert (order.created_at, order.completed_at, order.outcome) == (TAKEN, TAKEN, "passed")
    assert (order.reference, order.result_schema, order.placed_by) == ("old-7", shop.schema, None)
    assert (result.kind, result.document, result.occurred_at) == ("final", json.dumps(DOCUMENT, indent=1), TAKEN)
    assert AuditRecord.objects.get(verb="order.backfilled").facts == {"backfill": row.public_id}


def test_no_event_leaves_for_it(shop: Shop, world: World) -> None:
    scene.endpoint(shop)
    before = Event.objects.count()
    matched(shop, email=world.ada.email)
    assert Event.objects.count() == before


def test_the_partner_sees_nothing_of_an_order_that_an_address_led_to(shop: Shop, world: World) -> None:
    matched(shop, email=world.ada.email)
    order = Order.objects.get()
    assert selectors.orders_visible_to(world.recruiter).get() == order
    assert not selectors.orders_visible_to(shop.client()).exists()
    assert not selectors.orders_visible_to(shop.client(), "results:write").exists()
    assert not selectors.orders_of(shop.partner).exists()


def test_later_news_of_such_an_order_does_not_reach_the_partner_either(shop: Shop, world: World) -> None:
    matched(shop, email=world.ada.email)
    telling.ask(scene.reread(Order.objects.get()))
    assert not Event.objects.filter(topic="order.placed").exists()


def test_a_reference_of_an_earlier_order_is_matched_at_once_and_told(shop: Shop, world: World) -> None:
    scene.tell(scene.place(shop), "accepted", reference="earlier")
    row = scene.backfill(shop, reference="earlier")
    assert (row.state, row.is_told) == ("attached", True)
    assert row.order in selectors.orders_visible_to(shop.client())
    assert row.order is not None
    assert row.order.application == world.application


def test_a_reference_leads_to_the_application_of_that_order_closed_as_it_may_be(shop: Shop, world: World) -> None:
    scene.tell(scene.place(shop), "accepted", reference="earlier")
    make_application(world.ada, world.other_job.stages.get(position=1))
    Application.objects.filter(pk=world.application.pk).update(status="hired")
    row = scene.backfill(shop, reference="earlier")
    assert row.order is not None
    assert row.order.application == world.application


def test_our_id_of_a_candidate_counts_only_where_the_installation_had_an_order_of_it(shop: Shop, world: World) -> None:
    assert waiting(shop, id=world.ada.public_id).cause == "unmatched"
    scene.place(shop)
    assert scene.backfill(shop, {"score": 1}, id=world.ada.public_id).state == "attached"


def test_an_order_that_the_partner_does_not_know_makes_no_candidate_known_to_it(shop: Shop, world: World) -> None:
    matched(shop, email=world.ada.email)
    assert scene.backfill(shop, id=world.ada.public_id).state == "waiting"
    assert scene.backfill(shop, reference="old-7").cause == "unmatched"


def test_nobody_with_that_address_waits_for_a_person(shop: Shop) -> None:
    assert waiting(shop, email="nobody@mail.example").cause == "unmatched"
    assert not Order.objects.exists()


def test_two_candidates_with_one_address_wait_for_a_person(shop: Shop, world: World) -> None:
    make_application(make_candidate(world.acme, "A.", "Okafor", email=world.ada.email), world.stages[0])
    assert waiting(shop, email=world.ada.email).cause == "ambiguous"


def test_two_open_applications_or_none_wait_for_a_person(shop: Shop, world: World) -> None:
    second = make_application(world.ada, world.other_job.stages.get(position=1))
    assert waiting(shop, email=world.ada.email).cause == "ambiguous"
    Application.objects.filter(pk__in=[second.pk, world.application.pk]).update(status="rejected")
    assert matched(shop, email=world.ada.email, first_name="Ada").cause == "ambiguous"


def test_a_candidate_of_mallorys_is_nobody_here(shop: Shop, world: World) -> None:
    assert waiting(shop, email=world.globex_candidate.email).cause == "unmatched"


def test_the_same_told_twice_is_one_row_and_one_order(shop: Shop, world: World) -> None:
    first, again = matched(shop, email=world.ada.email), matched(shop, email=world.ada.email)
    assert first == again
    assert (Order.objects.count(), Result.objects.count()) == (1, 1)


def test_what_breaks_the_newest_published_schema_is_kept_and_not_matched(shop: Shop, world: World) -> None:
    row = matched(shop, {"score": 101}, email=world.ada.email)
    assert (row.state, [problem["pointer"] for problem in row.problems]) == ("rejected", ["/score"])
    assert row.document == '{\n "score": 101\n}'
    assert not Order.objects.exists()


def test_what_was_rejected_is_checked_again_when_it_is_told_again(shop: Shop, world: World) -> None:
    rejected = scene.backfill(shop, {"score": 101}, email=world.ada.email)
    wider = {**RESULT_SCHEMA, "properties": RESULT_SCHEMA["properties"] | {"score": {"type": "integer"}}}
    newer = catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(wider)))
    row = matched(shop, {"score": 101}, email=world.ada.email)
    assert (row, row.state, row.result_schema, row.problems) == (rejected, "attached", newer, [])


def test_it_is_shown_by_the_version_that_checked_it(shop: Shop, world: World) -> None:
    row = waiting(shop)
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, '{"type": "object", "required": ["new"]}'))
    order = attaching.attach(row, world.application, actor=world.recruiter.user)
    assert order.results.get().result_schema == shop.schema


def test_a_person_attaches_it_to_any_application_of_the_organization(shop: Shop, world: World) -> None:
    row = waiting(shop)
    order = attaching.attach(row, world.application, actor=world.recruiter.user)
    row.refresh_from_db()
    assert (row.state, row.order, row.decided_by, order.status) == (
        "attached", order, world.recruiter.user, "completed",
    )  # fmt: skip
    record = AuditRecord.objects.get(verb="order.backfilled")
    assert (record.actor, record.organization, record.subject) == (
        world.recruiter.user, world.acme, order.public_id,
    )  # fmt: skip


def test_a_person_dismisses_it_with_a_reason(shop: Shop, world: World) -> None:
    row = attaching.dismiss(waiting(shop), reason="x" * 600, actor=world.admin.user)
    row.refresh_from_db()
    assert (row.state, row.note, row.decided_by) == ("dismissed", "x" * 500, world.admin.user)
    assert AuditRecord.objects.get(verb="backfill.dismissed").subject == row.public_id
    assert not Order.objects.exists()


def test_what_is_decided_is_decided(shop: Shop, world: World) -> None:
    row = waiting(shop)
    stale = Backfill.objects.get(pk=row.pk)
    attaching.attach(row, world.application, actor=world.recruiter.user)
    with pytest.raises(BackfillDecided):
        attaching.attach(stale, world.application, actor=world.recruiter.user)
    with pytest.raises(BackfillDecided):
        attaching.dismiss(stale, reason="", actor=world.recruiter.user)
    assert Order.objects.count() == 1


def test_nobody_attaches_it_to_an_application_elsewhere(shop: Shop, world: World) -> None:
    with pytest.raises(NotFound):
        attaching.attach(waiting(shop), world.globex_application, actor=world.recruiter.user)


def test_mallory_and_another_partner_see_no_backfill_of_acme(shop: Shop, sneak: Shop, world: World) -> None:
    row = waiting(shop)
    for viewer in (world.recruiter, shop.client(), shop.client("results:write")):
        assert selectors.backfills_visible_to(viewer).get() == row
    for stranger in (world.mallory, sneak.client(), shop.client("orders:read")):
        assert not selectors.backfills_visible_to(stranger).exists()
    assert selectors.backfills_to_review(world.admin).get() == row
    assert not selectors.backfills_to_review(world.mallory).exists()


def test_a_candidate_erased_between_two_looks_breaks_nothing(shop: Shop, world: World) -> None:
    row = scene.backfill(shop, email=world.bram.email)
    Candidate.objects.filter(pk=world.bram.pk).delete()
    backfill.match_due()
    row.refresh_from_db()
    assert row.cause == "unmatched"


def test_one_that_breaks_is_left_to_a_person_and_stands_in_nobodys_way(
    shop: Shop, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = scene.backfill(shop, email=world.ada.email), scene.backfill(shop, email="nobody@mail.example")
    attach = attaching.attach

    def breaks(*args: Any, **kwargs: Any) -> Order:
        attach(*args, **kwargs)
        raise ZeroDivisionError

    monkeypatch.setattr(backfill, "attach", breaks)
    assert backfill.match_due() == 2
    assert [row.state for row in Backfill.objects.filter(pk__in=[broken.pk, fine.pk])] == ["waiting", "waiting"]
    assert not Order.objects.exists()
    monkeypatch.undo()
    attaching.attach(broken, world.application, actor=world.recruiter.user)
    assert Order.objects.count() == 1
