"""What is owed in the delivery benchmark: `python -m tests.benchmarks.owe open PORT | backlog … | singly COUNT`.

`open` makes partners with an endpoint each at the receiver, and one whose endpoint never answers; `backlog COUNT` and
`backlog-dead COUNT` write due deliveries by the thousand, in one transaction; `singly COUNT` owes one after the other
as a service does, and prints when each was committed.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402  settings first
from django.db.models import Q  # noqa: E402

from partners.delivery import outbox, wake  # noqa: E402
from partners.delivery.messages import Message  # noqa: E402
from partners.models import Delivery, Endpoint, Environment, Event, Installation, Purpose  # noqa: E402
from partners.services import endpoints  # noqa: E402
from tests.assessments.scene import open_shop  # noqa: E402
from tests.benchmarks.documents import NEWS  # noqa: E402
from tests.benchmarks.multiply import copies  # noqa: E402
from tests.world import make_world  # noqa: E402

PARTNERS = 20
TOPIC = "benchmark.told"


def open_all(port: int) -> None:
    world = make_world()
    for number in range(PARTNERS):
        shop = open_shop(f"Receiver{number}", world.acme, world.application)
        endpoints.put(shop.partner, Environment.LIVE, Purpose.EVENTS, url=f"http://127.0.0.1:{port}/{number}")
    dead = open_shop("Dead", world.acme, world.application)
    endpoints.put(dead.partner, Environment.LIVE, Purpose.EVENTS, url=f"http://127.0.0.1:{port}/hang")


def backlog(count: int, *, dead: bool) -> None:
    is_dead = Q(url__endswith="/hang")
    owed_to = list(Endpoint.objects.filter(is_dead if dead else ~is_dead))
    with transaction.atomic():
        for endpoint in owed_to:
            _owe_many(endpoint, count // len(owed_to))
    wake.publish()


def _owe_many(endpoint: Endpoint, count: int) -> None:
    event = Event.objects.create(partner=endpoint.partner, topic=TOPIC, subject="ord_1", body=NEWS)
    delivery = Delivery.objects.create(event=event, endpoint=endpoint, purpose=Purpose.EVENTS, state="withdrawn")
    mark = f"'{endpoint.pk}_{event.pk}_' || n"
    copies(event, count, public_id=f"'evt_' || {mark}")
    copies(
        delivery,
        count,
        public_id=f"'dlv_' || {mark}",
        event_id=f"(SELECT id FROM partners_event WHERE public_id = 'evt_' || {mark})",
        state="'due'",
        next_at="now()",
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_event, partners_delivery")


def singly(count: int, *, pause: float = 0.02) -> list[tuple[str, float]]:
    """Event ids, and when each was committed."""
    owed: list[tuple[str, float]] = []
    at_work = Installation.objects.filter(organization__name="Acme Robotics").exclude(partner__name="Dead")
    installations = list(at_work.select_related("partner", "organization"))
    message = Message(topic=TOPIC, purpose=Purpose.EVENTS, subject="ord_1", body=NEWS)
    for number in range(count):
        with transaction.atomic():
            event = outbox.owe(installations[number % len(installations)], message)
        owed.append((event.public_id, time.time()))
        time.sleep(pause)
    return owed


def main(command: str, number: int) -> Any:
    if command == "open":
        return open_all(number)
    if command == "singly":
        return singly(number)
    return backlog(number, dead=command == "backlog-dead")


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
    # Wake-ups are published by a thread: it may be at the last one.
    time.sleep(0.5)
