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

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AccessToken  # noqa: E402

from assessments.models import AssessmentType, Order, ResultSchema  # noqa: E402
from assessments.services import catalogue  # noqa: E402
from partners.scopes import ALL  # noqa: E402
from tests.assessments.scene import Shop, open_shop  # noqa: E402
from tests.benchmarks.documents import background_check, sixty_fields  # noqa: E402
from tests.benchmarks.models import TextbookOrder  # noqa: E402
from tests.world import make_world  # noqa: E402

TOKEN = "benchmark-token-of-the-partner"


def seed(count: int) -> dict[str, Any]:
    """``count`` orders of each kind; ids by kind, and the token that may post to all of them."""
    with transaction.atomic():
        world = make_world()
        shop = open_shop("Bench", world.acme, world.application)
        issue_token(shop)
        return {
            "token": TOKEN,
            "small": _orders(shop, "sixty", sixty_fields()[0], count),
            "large": _orders(shop, "background", background_check()[0], count // 4),
            "batch": _orders(shop, "batch", sixty_fields()[0], count * 2),
            "textbook": _textbook(count),
        }


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
