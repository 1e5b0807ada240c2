"""What partners tell: each thing is a row, once, raw and normalised, and does what it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models import Order
from assessments.services import updates
from core.models import AuditRecord
from tests.assessments import scene
from tests.assessments.scene import Shop

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_an_update_is_kept_raw_and_in_our_words(order: Order) -> None:
    raw = b'{"kind":"started",  "occurred_at":"2026-11-02T13:00:00+01:00"}'
    row = updates.record(order, kind="started", occurred_at=NOON, raw=raw, request_id="req_1")
    row.refresh_from_db()
    assert (row.kind, row.outcome, row.source, row.request_id) == ("started", "applied", "partner", "req_1")
    assert bytes(row.raw) == raw
    assert json.loads(row.normalised) == {"kind": "started", "occurred_at": "2026-11-02T12:00:00+00:00"}
    assert (row.occurred_at, row.organization) == (NOON, order.organization)
    assert scene.reread(order).started_at == NOON


def test_what_moves_an_order_is_audited_under_the_partners_id(order: Order) -> None:
    scene.tell(order, "started")
    deed = AuditRecord.objects.get(subject=order.public_id, verb="order.started")
    assert (deed.actor_label, deed.facts) == (order.partner.public_id, {"status": "started"})


def test_acceptance_brings_the_partners_id_and_the_candidates_page(order: Order) -> None:
    scene.tell(order, "accepted", reference="CF-7", candidate_url="https://codeforge.example/t/7")
    order = scene.reread(order)
    assert (order.status, order.reference, order.candidate_url) == ("sent", "CF-7", "https://codeforge.example/t/7")


def test_an_acceptance_that_comes_after_the_start_still_brings_its_reference(shop: Shop) -> None:
    order = scene.in_status(shop, Status.STARTED)
    row = scene.tell(order, "accepted", reference="CF-7")
    order = scene.reread(order)
    assert (row.outcome, order.status, order.reference) == ("applied", "started", "CF-7")


def test_a_later_reference_does_not_replace_the_first(shop: Shop, order: Order) -> None:
    scene.tell(order, "accepted", reference="CF-7")
    scene.tell(order, "accepted", reference="CF-8")
    assert scene.reread(order).reference == "CF-7"


@pytest.mark.parametrize("kind", ["declined", "cancelled", "expired"])
def test_why_it_ended_is_what_the_recruiter_reads(order: Order, kind: str) -> None:
    scene.tell(order, kind, **{"message" if kind == "declined" else "note": "The test is no longer offered."})
    order = scene.reread(order)
    assert (order.status, order.reason) == (kind, "The test is no longer offered.")


def test_the_same_told_twice_is_one_row(order: Order) -> None:
    rows = [scene.tell(order, "started", occurred_at=NOON) for _ in range(2)]
    assert rows[0].public_id == rows[1].public_id
    assert (order.updates.count(), rows[1].outcome) == (1, "applied")


def test_the_same_without_a_moment_told_twice_is_one_row(order: Order) -> None:
    rows = [scene.tell(order, "note", note="She asked for more time.") for _ in range(2)]
    assert rows[0].public_id == rows[1].public_id


def test_progress_shows_while_the_order_is_under_way(shop: Shop) -> None:
    order = scene.in_status(shop, Status.STARTED)
    before = order.updated_at
    row = scene.tell(order, "progress", progress=40)
    order = scene.reread(order)
    assert (row.outcome, order.progress, order.status) == ("applied", 40, "started")
    assert order.updated_at > before


def test_older_progress_that_comes_late_is_history(shop: Shop) -> None:
    order = scene.in_status(shop, Status.STARTED)
    scene.tell(order, "progress", progress=60, occurred_at=NOON)
    row = scene.tell(order, "progress", progress=40, occurred_at=NOON - timedelta(minutes=5))
    assert (row.outcome, scene.reread(order).progress) == ("ignored", 60)


def test_progress_of_an_order_that_has_ended_is_no_news(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    row = scene.tell(order, "progress", progress=40)
    assert (row.outcome, scene.reread(order).progress) == ("ignored", None)


def test_a_note_is_kept_whatever_the_status(shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    row = scene.tell(order, "note", note="The certificate follows by mail.")
    assert (row.outcome, scene.reread(order).status) == ("applied", "completed")


def test_what_contradicts_the_order_is_refused_and_kept(shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    row = scene.tell(order, "declined", message="We do not do this.")
    row.refresh_from_db()
    assert (row.outcome, scene.reread(order).status, scene.reread(order).reason) == ("refused", "completed", "")


def test_a_stale_view_of_the_order_decides_nothing(shop: Shop, order: Order) -> None:
    """The status is read again under the lock: what a view read before may be old."""
    old = scene.reread(order)
    scene.tell(order, "declined", message="No.")
    assert old.status == "requested"
    row = scene.tell(old, "started")
    assert (row.outcome, old.status, scene.reread(order).status) == ("ignored", "declined", "declined")


def test_no_more_of_a_body_is_kept_than_a_body_may_have(order: Order) -> None:
    row = updates.record(order, kind="note", note="x", occurred_at=timezone.now(), raw=b"x" * (2 * 1024 * 1024))
    row.refresh_from_db()
    assert len(bytes(row.raw)) == 1024 * 1024
