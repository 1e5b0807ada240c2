"""What is asked every day is answered from an index, by PostgreSQL's own word, once there is more than a little."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from assessments.api.shapes import ORDER_RELATED
from assessments.lifecycle import Status
from assessments.selectors import orders_visible_to, queue_of
from core.models import Application, Candidate, Organization, Stage
from core.views.candidates import found
from partners.models import Installation, Partner
from partners.selectors import event_feed_of
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.benchmarks.multiply import copies
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

MANY = 6_000


@pytest.fixture
def many(world: World, shop: Shop) -> None:
    """Candidates with an application and an order each, and their events."""
    order = scene.in_status(shop, Status.COMPLETED)
    event = shop.partner.events.order_by("id").first()
    assert event is not None
    copies(world.ada, MANY, public_id="'many_' || n", created_at="now() - n * interval '1 minute'")
    candidate = "(SELECT id FROM core_candidate WHERE public_id = 'many_' || n)"
    copies(world.application, MANY, public_id="'many_' || n", candidate_id=candidate)
    application = "(SELECT id FROM core_application WHERE public_id = 'many_' || n)"
    columns = {"candidate_id": candidate, "application_id": application, "position": "n"}
    status = "CASE WHEN n % 10 = 0 THEN 'requested' ELSE t.status END"
    copies(order, MANY, public_id="'many_' || n", status=status, **columns)
    copies(event, MANY, public_id="'many_' || n", position="n")
    with connection.cursor() as cursor:
        # Those around them too: what is known of them may be from the rows of another test.
        for model in (Candidate, Application, Stage, Organization, Partner, Installation, type(order), type(event)):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
        # Whether there is an index to answer from; from how many rows on that is cheaper is the planner's own matter.
        cursor.execute("SET LOCAL enable_seqscan = off")


def plan(rows: QuerySet[Any]) -> str:
    text = rows.explain()
    for table in ("assessments_order", "core_candidate", "core_application", "partners_event"):
        assert f"Seq Scan on {table}" not in text, text
    return text


@pytest.mark.usefixtures("many")
def test_the_first_page_of_the_queue_of_the_feed_and_of_the_candidates(world: World, shop: Shop) -> None:
    queue = queue_of(shop.client()).filter(partner=shop.partner, status="requested").order_by("created_at", "id")
    assert "order_partner_status" in plan(queue[:26])
    for asked in (queue_of(shop.client()), orders_visible_to(world.recruiter)):
        of_job = asked.filter(application__job__public_id=world.job.public_id, assessment_type__key="coding")
        plan(of_job.select_related(*ORDER_RELATED).order_by("created_at", "id")[:26])
    feed = queue_of(shop.client()).filter(partner=shop.partner, position__gt=MANY // 2).order_by("position")
    plan(feed[:26])
    events = event_feed_of(shop.client()).filter(position__gt=MANY // 2).order_by("position")
    plan(events[:26])
    for chosen in ({}, {"assessment": "completed"}, {"assessment": "completed", "stage": world.stages[1].name}):
        plan(found(world.recruiter, chosen)[:25])


@pytest.mark.usefixtures("many")
def test_a_word_that_hardly_anybody_has(world: World) -> None:
    # Tables of the suite are made of the models; this index only the migration knows.
    migration = import_module("core.migrations.0012_candidates_are_found_by_words")
    with connection.schema_editor() as editor:
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        migration.index_words(None, editor)
    assert "candidate_words" in plan(found(world.recruiter, {"q": "wojciechowska"}))
    assert "candidate_words" in plan(found(world.recruiter, {"q": "ada wojciechowska@mail"}))
