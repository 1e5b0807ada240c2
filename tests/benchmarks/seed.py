"""Fills the benchmark's database: `python -m tests.benchmarks.seed COUNT` prints tokens and order ids as JSON.

Orders are made in bulk, around the services: what is measured is what happens to them.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django

django.setup()

from datetime import timedelta  # noqa: E402  settings first

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AccessToken  # noqa: E402

from assessments.models import AssessmentType, Order, ResultSchema  # noqa: E402
from assessments.services import catalogue, results  # noqa: E402
from assessments.services.results import Posted  # noqa: E402
from partners.scopes import ALL  # noqa: E402
from tests.assessments.scene import Shop, open_shop  # noqa: E402
from tests.benchmarks.documents import background_check, sixty_fields  # noqa: E402
from tests.benchmarks.models import PlainResult, TextbookOrder, TextbookResult  # noqa: E402
from tests.world import make_world  # noqa: E402

# Results that are there before the first is posted.
HISTORY = 5_000
TOKEN = "benchmark-token-of-the-partner"


def seed(count: int) -> dict[str, Any]:
    """``count`` orders to be answered one by one, half as many for large documents and six times for batches; ids by
    kind, and the token that may post to all of them.
    """
    with transaction.atomic():
        world = make_world()
        shop = open_shop("Bench", world.acme, world.application)
        issue_token(shop)
        seeded = {
            "token": TOKEN,
            "small": _orders(shop, "sixty", sixty_fields()[0], count),
            "large": _orders(shop, "background", background_check()[0], count // 2),
            "batch": _orders(shop, "batch", sixty_fields()[0], count * 6),
            "textbook": _textbook(count),
        }
        _history(shop)
    # As after a night of autovacuum: PostgreSQL takes tables that were never looked at for tiny ones.
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return seeded


def _history(shop: Shop) -> None:
    """Results that are there already, taken by the service; and as many rows for each baseline."""
    document = sixty_fields()[1]
    text = json.dumps(document)
    _orders(shop, "history", sixty_fields()[0], HISTORY)
    rows = Order.objects.filter(assessment_type__key="history").select_related(
        "organization", "partner", "installation", "result_schema", "assessment_type"
    )
    posted = [
        Posted(order=order, kind="final", document_text=text, document=document, occurred_at=None, reason="", raw=b"{}")
        for order in rows
    ]
    for begin in range(0, HISTORY, 500):
        results.record_many(posted[begin : begin + 500])
    PlainResult.objects.bulk_create(PlainResult(document=document) for _ in range(HISTORY))
    first = TextbookOrder.objects.order_by("pk")[0]
    TextbookResult.objects.bulk_create(
        TextbookResult(order=first, document=document, score=81.0) for _ in range(HISTORY)
    )


def issue_token(shop: Shop) -> None:
    """For the product it is the partner's own; the toolkit's authentication asks for nothing else."""
    AccessToken(
        application=shop.application, scope=" ".join(ALL), expires=timezone.now() + timedelta(days=1), token=TOKEN
    ).save()


def _orders(shop: Shop, key: str, schema: dict[str, Any], count: int) -> list[str]:
    kind, published = publish_type(shop, key, schema)
    rows = Order.objects.bulk_create(
        (
            Order(
                organization=shop.installation.organization,
                candidate=shop.candidacy.candidate,
                application=shop.candidacy,
                installation=shop.installation,
                partner=shop.partner,
                assessment_type=kind,
                result_schema=published,
            )
            for _ in range(count)
        ),
        batch_size=1000,
    )
    return [row.public_id for row in rows]


def publish_type(shop: Shop, key: str, schema: dict[str, Any]) -> tuple[AssessmentType, ResultSchema]:
    kind, _ = catalogue.put_type(shop.partner, key, name=key, description="", kind="coding", order_schema_text="")
    return kind, catalogue.publish(catalogue.draft_schema(kind, json.dumps(schema)))


def _textbook(count: int) -> list[str]:
    text = json.dumps(sixty_fields()[0])
    rows = TextbookOrder.objects.bulk_create(
        (TextbookOrder(public_id=f"textbook_{number}", schema=text) for number in range(count)), batch_size=1000
    )
    return [row.public_id for row in rows]


if __name__ == "__main__":
    print(json.dumps(seed(int(sys.argv[1]))))
