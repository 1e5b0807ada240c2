"""Retention: what has been kept as long as partner, schema or organization allow is deleted; the skeleton stays."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models import AssessmentType, Attachment, Backfill, Order, OrderUpdate, Result, ResultSchema
from assessments.services import attaching, attachments, catalogue, contacts, feed, holds, retention
from assessments.services.emptying import burn
from assessments.tasks import purge_results
from core.models import AuditRecord
from partners.models import Delivery, Event, Partner
from tests.assessments import scene
from tests.assessments.privacy import everything
from tests.assessments.scene import Shop
from tests.world import World

pytestmark = pytest.mark.django_db

DAYS = timedelta(days=1)


def completed(shop: Shop, *, ago: timedelta) -> Order:
    """An order whose result came so long ago."""
    with time_machine.travel(timezone.now() - ago):
        return scene.in_status(shop, Status.COMPLETED)


def is_purged(order: Order) -> bool:
    return scene.reread(order).purged_at is not None


def test_a_partner_says_in_its_terms_how_long_a_result_is_kept(shop: Shop) -> None:
    AssessmentType.objects.update(retention="P90D")
    old, young = completed(shop, ago=91 * DAYS), completed(shop, ago=89 * DAYS)
    assert retention.purge_due() == 1
    assert (is_purged(old), is_purged(young)) == (True, False)
    assert retention.purge_due() == 0


def test_a_schema_says_it_too(shop: Shop) -> None:
    schema = {**scene.RESULT_SCHEMA, "x-retention": "P4W"}
    before = completed(shop, ago=30 * DAYS)
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(schema)))
    after = completed(shop, ago=29 * DAYS)
    assert retention.purge_due() == 1
    assert (is_purged(before), is_purged(after)) == (False, True)


def test_a_schema_says_it_however_it_is_written(shop: Shop) -> None:
    text = json.dumps({**scene.RESULT_SCHEMA, "x-retention": "P4W"}).replace("x-retention", "x-reten\\u0074ion")
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, text))
    order = completed(shop, ago=29 * DAYS)
    assert retention.limit_of(shop.assessment_type) == "P4W"
    assert retention.purge_due() == 1
    assert is_purged(order)


def test_what_schemas_said_before_it_stood_in_columns_is_found_by_the_migration(shop: Shop) -> None:
    schema = {**scene.RESULT_SCHEMA, "x-retention": "P4W", "x-audience": ["admin"]}
    schema["properties"] = {**scene.RESULT_SCHEMA["properties"], "note": {"type": "string", "x-retention": "P1Y"}}
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(schema)))
    catalogue.draft_schema(shop.assessment_type, json.dumps({**schema, "x-retention": "P1D"}))
    rows = ResultSchema.objects.order_by("version").values_list("state", "retention", "restricts")
    published = list(rows)
    assert published == [("retired", "", False), ("published", "P4W P1Y", True), ("draft", "", False)]
    ResultSchema.objects.update(retention="", restricts=False)
    import_module("assessments.migrations.0019_what_schemas_say_of_keeping_and_reading").promote(apps, None)
    assert list(rows.all()) == published


def test_the_schema_that_checked_a_result_counts_where_its_order_had_none(shop: Shop) -> None:
    order = completed(shop, ago=30 * DAYS)
    ResultSchema.objects.update(retention="P1Y P4W")
    Order.objects.update(result_schema=None)
    assert retention.purge_due() == 1
    assert is_purged(order)


def test_an_organization_has_rules_of_its_own_and_a_default(world: World, shop: Shop) -> None:
    order = completed(shop, ago=100 * DAYS)
    retention.set_rules(world.acme, {None: 1, shop.assessment_type.pk: 6}, actor=world.admin.user)
    assert retention.purge_due() == 0
    retention.set_rules(world.acme, {None: 6, shop.assessment_type.pk: None}, actor=world.admin.user)
    assert retention.purge_due() == 0
    retention.set_rules(world.acme, {None: 3}, actor=world.admin.user)
    assert retention.purge_due() == 1
    assert is_purged(order)
    said = AuditRecord.objects.filter(verb="retention.set").latest("pk")
    assert (said.subject, said.facts) == (world.acme.public_id, {"months": {"default": 3}})


def test_the_shorter_wins(world: World, shop: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    retention.set_rules(world.acme, {None: 120}, actor=world.admin.user)
    order = completed(shop, ago=40 * DAYS)
    retention.purge_due()
    assert is_purged(order)


def test_a_rule_of_one_organization_touches_no_other(world: World, shop: Shop, sneak: Shop) -> None:
    theirs = completed(sneak, ago=100 * DAYS)
    retention.set_rules(world.acme, {None: 1}, actor=world.admin.user)
    assert retention.preview(world.acme, {None: 1}) == {}
    assert retention.purge_due() == 0
    assert not is_purged(theirs)


def test_everything_of_a_result_goes_and_its_skeleton_stays(world: World, shop: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    with time_machine.travel(timezone.now() - 40 * DAYS):
        order = scene.place(shop)
        scene.tell(order, "accepted", reference="okafor-1", candidate_url="https://codeforge.example/t/okafor")
        attachments.store(order, name="Okafor.pdf", content=b"%PDF-1.7 Okafor")
        scene.post(order, {"score": "Okafor"})
        scene.post(order, everything.DOCUMENT)
    feed.assign()
    purge_results()
    burn()
    order = scene.reread(order)
    assert (order.status, order.outcome, order.fields, order.reference, order.candidate_url, order.purged_by) == (
        "completed", "none", "{}", "", "", "retention",
    )  # fmt: skip
    assert order.position is None, "its partner reads it again in the feed"
    assert order.completed_at is not None
    assert (Result.objects.get().document, OrderUpdate.objects.count(), Attachment.objects.count()) == ("{}", 3, 0)
    assert set(OrderUpdate.objects.values_list("normalised", flat=True)) == {"{}"}
    assert everything.in_files() == []
    counts = AuditRecord.objects.get(verb="results.purged")
    assert (counts.subject, counts.actor_label) == (world.acme.public_id, "beat")
    assert {name: counts.facts[name] for name in ("orders", "results", "updates", "attachments")} == {
        "orders": 1, "results": 1, "updates": 3, "attachments": 1,
    }  # fmt: skip
    assert AuditRecord.objects.get(verb="order.purged").subject == order.public_id


def test_what_is_under_way_stays_and_what_ended_without_a_result_goes(shop: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    with time_machine.travel(timezone.now() - 40 * DAYS):
        under_way = [scene.in_status(shop, status) for status in (Status.REQUESTED, Status.SENT, Status.STARTED)]
        ended = [scene.in_status(shop, status) for status in (Status.DECLINED, Status.CANCELLED, Status.FAILED)]
    assert retention.purge_due() == 3
    assert not any(is_purged(order) for order in under_way)
    assert all(is_purged(order) for order in ended)


def test_under_a_hold_nothing_goes_until_it_is_lifted(world: World, shop: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    order = completed(shop, ago=40 * DAYS)
    holds.place(world.ada, reason="A claim.", actor=world.admin.user)
    assert (retention.purge_due(), retention.preview(world.acme, {})) == (0, {})
    assert not is_purged(order)
    holds.lift(world.ada, actor=world.admin.user)
    assert retention.preview(world.acme, {}) == {shop.assessment_type.pk: 1}
    assert (retention.purge_due(), is_purged(order)) == (1, True)
    verbs = AuditRecord.objects.filter(subject=world.ada.public_id).order_by("pk").values_list("verb", "facts")
    assert list(verbs) == [("candidate.held", {}), ("candidate.hold_lifted", {})]


def test_under_a_hold_results_that_name_the_candidate_wait_as_they_are(world: World, shop: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    with time_machine.travel(timezone.now() - 40 * DAYS):
        order = scene.place(shop)
        scene.tell(order, "accepted", reference="CF-1")
        named = [
            scene.backfill(shop, {"score": number}, **who)
            for number, who in enumerate(
                (
                    {"id": world.ada.public_id},
                    {"email": "Ada.Okafor@mail.example"},
                    {"email": "Ada@old.example"},
                    {"reference": "CF-1"},
                )
            )
        ]
        other = scene.backfill(shop, {"score": 9}, email="nobody@mail.example")
    Backfill.objects.update(order=None, result=None, state="waiting")
    for address in ("ada@old.example", "ada.okafor@mail.example"):
        world.ada.email = address
        contacts.change(world.ada, changed=["email"], actor="tests")
    holds.place(world.ada, reason="A claim.", actor=world.admin.user)
    purged = Backfill.objects.exclude(purged_at=None).order_by("pk").values_list("pk", flat=True)
    retention.purge_due()
    assert list(purged) == [other.pk]
    holds.lift(world.ada, actor=world.admin.user)
    retention.purge_due()
    assert list(purged.all()) == [*(row.pk for row in named), other.pk]


def test_held_results_of_one_organization_keep_back_nobody_elses(world: World, shop: Shop, sneak: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    with time_machine.travel(timezone.now() - 40 * DAYS):
        held = [scene.backfill(shop, {"score": n}, email="ada.okafor@mail.example") for n in range(3)]
        ours = scene.backfill(shop, {"score": 4}, email="nobody@mail.example")
        theirs = scene.backfill(sneak, email="ada.okafor@mail.example")
    Backfill.objects.update(order=None, result=None, state="waiting")
    holds.place(world.ada, reason="A claim.", actor=world.admin.user)
    assert retention.purge_due() == 2
    assert set(Backfill.objects.filter(purged_at=None).values_list("pk", flat=True)) == {row.pk for row in held}
    assert {ours.pk, theirs.pk} == set(Backfill.objects.exclude(purged_at=None).values_list("pk", flat=True))


def test_a_second_hold_is_the_one_that_stands(world: World) -> None:
    first = holds.place(world.ada, reason="A claim.", actor=world.admin.user)
    assert holds.place(world.ada, reason="Another.", actor=world.admin.user) == first
    assert holds.lift(world.ada, actor=world.admin.user) == first
    assert holds.lift(world.ada, actor=world.admin.user) is None


def test_results_without_an_order_go_as_well(world: World, shop: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    with time_machine.travel(timezone.now() - 40 * DAYS):
        waiting = scene.backfill(shop, email="nobody@mail.example", last_name="Okafor")
        rejected = scene.backfill(shop, {"score": "Okafor"}, email="nobody@mail.example")
        attached = scene.backfill(shop, {"score": 3}, email="ada.okafor@mail.example")
        order = attaching.attach(attached, world.application, actor="tests")
    young = scene.backfill(shop, {"score": 4}, email="nobody@mail.example")
    assert retention.purge_due() == 3
    rows = {row.pk: row for row in Backfill.objects.all()}
    assert [(rows[row.pk].state, rows[row.pk].document, rows[row.pk].email) for row in (waiting, rejected)] == [
        ("dismissed", "{}", "(deleted)"), ("rejected", "{}", "(deleted)"),
    ]  # fmt: skip
    assert (rows[attached.pk].state, rows[attached.pk].document, is_purged(order)) == ("attached", "{}", True)
    assert (rows[young.pk].state, rows[young.pk].email) == ("received", "nobody@mail.example")
    assert retention.purge_due() == 0


def test_a_purge_takes_batches_and_stops_at_its_limit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    AssessmentType.objects.update(retention="P1M")
    for _ in range(5):
        completed(shop, ago=40 * DAYS)
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "MOST", 3)
    assert (retention.purge_due(), retention.purge_due(), retention.purge_due()) == (4, 1, 0)


def test_a_result_after_the_purge_is_gone_before_it_came(shop: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    order = completed(shop, ago=40 * DAYS)
    retention.purge_due()
    answer = shop.api().post(
        f"orders/{order.public_id}/results", {"kind": "amended", "reason": "x", "document": {"score": 1}}
    )
    assert (answer.status_code, answer.json()["code"]) == (410, "order_purged")
    shown = shop.api().get(f"orders/{order.public_id}").json()
    [row] = shop.api().get(f"orders/{order.public_id}/results").json()["data"]
    assert (shown["purged_at"] is not None, row["purged_at"], row["outcome"]) == (True, shown["purged_at"], "none")


def test_bodies_that_say_more_than_ids_go_unless_they_are_on_their_way(shop: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    scene.endpoint(shop)
    sent, underway = completed(shop, ago=40 * DAYS), completed(shop, ago=40 * DAYS)
    Partner.objects.update(dialect="wordy")
    Event.objects.filter(topic="order.placed").update(body='{"name": "Ada Okafor"}')
    Delivery.objects.filter(event__subject=underway.public_id).update(state="due")
    retention.purge_due()
    bodies = dict(Event.objects.filter(topic="order.placed").values_list("subject", "body"))
    assert bodies == {sent.public_id: "{}", underway.public_id: '{"name": "Ada Okafor"}'}
