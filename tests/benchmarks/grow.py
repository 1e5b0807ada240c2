"""A database that has grown: `python -m tests.benchmarks.grow RESULTS` prints what a caller needs, as JSON.

For so many results a fifth as many candidates, five times as many events, all of one organization and one partner:
the worst case for whatever looks at all of somebody's rows.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django

django.setup()


from django.db import connection  # noqa: E402
from django.test import Client as Browser  # noqa: E402

from assessments.lifecycle import Status  # noqa: E402
from assessments.models import Order, OrderUpdate, Result  # noqa: E402
from assessments.services import feed  # noqa: E402
from assessments.services import results as taking  # noqa: E402
from core.models import Application, Candidate, Feed  # noqa: E402
from partners.delivery import sequencing  # noqa: E402
from partners.models import Event  # noqa: E402
from tests.assessments.scene import Shop, open_shop  # noqa: E402
from tests.benchmarks.documents import sixty_fields  # noqa: E402
from tests.benchmarks.multiply import Without, copies  # noqa: E402
from tests.benchmarks.seed import TOKEN, issue_token, publish_type  # noqa: E402
from tests.world import World, make_world  # noqa: E402

# Orders of one candidate, events of one order, and every which order waits in the queue.
ORDERS, EVENTS, WAITING = 5, 5, 10
# Orders beside them, to post results to.
POSTED_TO = 4_000
WHEN = "now() - interval '400 days' + n * interval '{} second'"


def grow(results: int) -> dict[str, Any]:
    world = make_world()
    shop = open_shop("Bench", world.acme, world.application)
    issue_token(shop)
    candidates = _candidates(world, results // ORDERS)
    _orders(shop, candidates, results)
    _events(shop, results * EVENTS)
    to_post = _to_post(shop)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    browser = Browser()
    browser.force_login(world.recruiter.user)
    browser.get("/livez", headers={"host": "127.0.0.1"})
    # Of six orders, none of which waits, in a small world and in a large one.
    someone = Candidate.objects.get(pk=candidates["candidate"] + results // ORDERS // 2 + 2)
    return {
        "token": TOKEN,
        "session": browser.cookies["sessionid"].value,
        "profile": someone.public_id,
        "orders": to_post,
    }


def _id(prefix: str) -> str:
    return f"'{prefix}_' || lpad(to_hex(n), 26, '0')"


def _candidates(world: World, count: int) -> dict[str, int]:
    """The key before the first of them, and before the first of their applications."""
    seconds = 400 * 86400 / count
    with Without(Candidate, Application):
        before = {"candidate": _newest(Candidate), "application": _newest(Application)}
        name = "'Person ' || n"
        copies(
            world.ada,
            count,
            public_id=_id("can"),
            email="'person' || n || '@mail.example'",
            first_name="(ARRAY['Ana','Bo','Chidi','Dana','Eva','Femi','Gus','Hana'])[1 + n % 8]",
            last_name=name,
            created_at=WHEN.format(seconds),
        )
        stages = ",".join(str(stage.pk) for stage in world.stages)
        copies(
            world.application,
            count,
            public_id=_id("app"),
            candidate_id=f"{before['candidate']} + n",
            stage_id=f"(ARRAY[{stages}])[1 + n % {len(world.stages)}]",
            applied_at=WHEN.format(seconds),
        )
    return before


def _newest(model: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value FROM {model._meta.db_table}_id_seq")
        return int(cursor.fetchone()[0])


def _orders(shop: Shop, before: dict[str, int], count: int) -> None:
    """Most are completed; every tenth waits, and has no result of its own: another one has two."""
    schema, document = sixty_fields()
    kind, published = publish_type(shop, "sixty", schema)
    order = Order.objects.create(
        organization=shop.installation.organization,
        candidate=shop.candidacy.candidate,
        application=shop.candidacy,
        installation=shop.installation,
        partner=shop.partner,
        assessment_type=kind,
        result_schema=published,
    )
    taking.record(
        order, kind="final", document_text=json.dumps(document), document=document, occurred_at=None, raw=b"{}"
    )
    order.refresh_from_db()
    result, update = Result.objects.get(order=order), OrderUpdate.objects.get(order=order)
    seconds = 400 * 86400 / count
    # Every eighth candidate was asked for nothing, which is a full page of 200 too: those with an order are 1 to 7,
    # 9 to 15, and so on.
    turn = f"n % {count // ORDERS * 7 // 8}"
    someone = f"1 + {turn} + ({turn}) / 7"
    with Without(Order, Result, OrderUpdate):
        first = _newest(Order)
        waits = f"n % {WAITING} = 0"
        copies(
            order,
            count,
            public_id=_id("ord"),
            candidate_id=f"{before['candidate']} + {someone}",
            application_id=f"{before['application']} + {someone}",
            status=f"CASE WHEN {waits} THEN '{Status.REQUESTED.value}' ELSE t.status END",
            created_at=WHEN.format(seconds),
            updated_at=WHEN.format(seconds),
            position="n",
        )
        # A document of its own digest for each order; small, so that the disk is not what is measured.
        other = f"{first} + n - CASE WHEN {waits} THEN 1 ELSE 0 END"
        small = {"overall": 81}
        copies(
            result,
            count,
            public_id=_id("res"),
            order_id=other,
            revision=f"CASE WHEN {waits} THEN 2 ELSE 1 END",
            digest="lpad(to_hex(n), 64, '0')",
            document=f"'{json.dumps(small)}'",
            occurred_at=WHEN.format(seconds),
        )
        copies(
            update,
            count,
            public_id=_id("upd"),
            order_id=other,
            digest="lpad(to_hex(n), 64, '0')",
            received_at=WHEN.format(seconds),
        )
    Feed.objects.update_or_create(name=feed.FEED, defaults={"position": count})


def _events(shop: Shop, count: int) -> None:
    event = Event.objects.create(
        partner=shop.partner,
        installation=shop.installation,
        organization=shop.installation.organization,
        topic="order.created",
        subject="ord_0",
        body=json.dumps({"type": "order.created", "data": {"id": "ord_0", "job": {"title": "Back-end engineer"}}}),
    )
    with Without(Event):
        copies(
            event,
            count,
            public_id=_id("evt"),
            subject=f"'ord_' || lpad(to_hex(1 + n / {EVENTS}), 26, '0')",
            created_at=WHEN.format(400 * 86400 / count),
            position="n",
        )
    Event.objects.filter(pk=event.pk).update(position=count + 1)
    Feed.objects.update_or_create(name=sequencing.FEED, defaults={"position": count + 1})


def _to_post(shop: Shop) -> list[str]:
    """Orders that are under way, placed lately."""
    template = Order.objects.exclude(result_schema=None).order_by("id").first()
    assert template is not None
    copies(
        template,
        POSTED_TO,
        public_id=_id("ord_post"),
        status=f"'{Status.STARTED.value}'",
        completed_at="NULL",
        created_at="now()",
        updated_at="now()",
        position="NULL",
    )
    return list(Order.objects.filter(public_id__startswith="ord_post").values_list("public_id", flat=True))


if __name__ == "__main__":
    print(json.dumps(grow(int(sys.argv[1]))))
