"""Places orders by the service: `python -m tests.faults.placing prepare URL` once, then `… place COUNT`.

A database that goes away in the middle may or may not have committed the order: then one more is placed. What counts
is what the database holds in the end.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta

import django

django.setup()

from django.db import DatabaseError, InterfaceError, connection, transaction  # noqa: E402  settings first
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AccessToken  # noqa: E402

from assessments.models import AssessmentType, Order  # noqa: E402
from assessments.services import orders  # noqa: E402
from core.models import Application  # noqa: E402
from partners.models import Environment, Installation, Purpose  # noqa: E402
from partners.scopes import ALL  # noqa: E402
from partners.services import endpoints  # noqa: E402
from tests.assessments.scene import FIELDS, open_shop  # noqa: E402
from tests.world import make_world  # noqa: E402

TOKEN = "fault-run-token-of-the-partner"


def prepare(url: str) -> dict[str, str]:
    """A partner with an endpoint at ``url``, at work; its token and signing secret."""
    with transaction.atomic():
        world = make_world()
        shop = open_shop("CodeForge", world.acme, world.application)
        _, secret, _ = endpoints.put(shop.partner, Environment.LIVE, Purpose.EVENTS, url=url)
        AccessToken(
            application=shop.application, scope=" ".join(ALL), expires=timezone.now() + timedelta(days=1), token=TOKEN
        ).save()
    return {"token": TOKEN, "secret": secret or ""}


def place(count: int) -> None:
    while (left := _left(count)) > 0:
        for _ in range(left):
            _try_one()


def _left(count: int) -> int:
    try:
        return count - Order.objects.count()
    except (DatabaseError, InterfaceError):
        _rest()
        return 1


def _try_one() -> None:
    try:
        installation = Installation.objects.select_related("organization", "partner").get(
            organization__is_sandbox=False
        )
        candidacies = Application.objects.select_related("candidate", "organization")
        orders.place(
            application=candidacies.filter(organization=installation.organization).earliest("pk"),
            installation=installation,
            assessment_type=AssessmentType.objects.select_related("partner").earliest("pk"),
            fields=FIELDS,
            placed_by=None,
        )
    except (DatabaseError, InterfaceError):
        _rest()


def _rest() -> None:
    """The connection is of no use any more."""
    connection.close()
    time.sleep(0.5)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        print(json.dumps(prepare(sys.argv[2])))
    else:
        place(int(sys.argv[2]))
