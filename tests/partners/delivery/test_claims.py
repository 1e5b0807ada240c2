"""Who gets which delivery: fairness across endpoints, pause, suspension, breaker and lapse, asserted by claims."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from partners.delivery import claims
from partners.delivery.breaker import THRESHOLD
from partners.delivery.claims import PER_ENDPOINT, Claim
from partners.models import Delivery, Endpoint, Installation, Partner, Purpose, SigningSecret
from tests.benchmarks.multiply import copies
from tests.partners.delivery import scene

pytestmark = pytest.mark.django_db
ROOM = 32


def claim(room: int = ROOM, busy: dict[int, int] | None = None) -> list[Claim]:
    return claims.claim(room=room, busy=busy or {})


def by_endpoint(found: list[Claim]) -> Counter[int]:
    return Counter(one.delivery.endpoint_id for one in found)


@pytest.fixture
def installation() -> Installation:
    return scene.installation(scene.partner())


@pytest.fixture
def endpoint(installation: Installation) -> Endpoint:
    return scene.endpoint(installation.partner)


def test_a_claim_marks_its_row_and_counts_the_attempt(installation: Installation, endpoint: Endpoint) -> None:
    delivery = scene.owed(installation)
    before = timezone.now()
    (found,) = claim()
    row = Delivery.objects.get()
    assert (found.delivery.pk, found.token, found.probe) == (delivery.pk, row.claim, False)
    assert (row.state, row.attempt_count, found.delivery.attempt_count) == ("due", 1, 1)
    assert row.claimed_until is not None
    assert before + claims.lifetime() <= row.claimed_until <= timezone.now() + claims.lifetime()
    assert len(found.secrets) == 1


def test_what_is_claimed_is_not_claimed_again(installation: Installation, endpoint: Endpoint) -> None:
    scene.owed(installation)
    assert len(claim()) == 1
    assert claim() == []


def test_a_claim_outlasts_the_deadline_of_the_attempt(settings: object) -> None:
    settings.DELIVERY_TIMEOUT_SECONDS = 7  # type: ignore[attr-defined]  # pytest-django's fixture
    assert claims.lifetime() > timedelta(seconds=7)


def test_the_claim_of_a_dead_worker_lapses(installation: Installation, endpoint: Endpoint) -> None:
    scene.owed(installation)
    (dead,) = claim()
    Delivery.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    (again,) = claim()
    assert again.delivery.pk == dead.delivery.pk
    assert again.token != dead.token
    assert again.delivery.attempt_count == 2


def test_a_lapsed_claim_frees_no_message_that_may_not_be_repeated(
    installation: Installation, endpoint: Endpoint
) -> None:
    scene.owed(installation, repeatable=False)
    assert len(claim()) == 1
    Delivery.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert claim() == []


def test_only_what_is_due_now_is_claimed_the_oldest_first(installation: Installation, endpoint: Endpoint) -> None:
    now = timezone.now()
    later, new, old = (scene.owed(installation, f"ord_{n}") for n in range(3))
    for delivery, moment in ((later, 60), (new, -5), (old, -60)):
        Delivery.objects.filter(pk=delivery.pk).update(next_at=now + timedelta(seconds=moment))
    assert [one.delivery.pk for one in claim(room=1)] == [old.pk]
    assert [one.delivery.pk for one in claim()] == [new.pk]


@pytest.mark.parametrize("state", ["delivered", "refused", "unclear", "given_up", "withdrawn"])
def test_what_has_ended_is_not_claimed(state: str, installation: Installation, endpoint: Endpoint) -> None:
    scene.owed(installation)
    Delivery.objects.update(state=state)
    assert claim() == []


def test_a_long_queue_of_one_endpoint_leaves_room_for_the_others(installation: Installation) -> None:
    long, short = (scene.endpoint(installation.partner, purpose=p) for p in (Purpose.ORDER, Purpose.CANCEL))
    for number in range(50):
        scene.owed(installation, f"ord_{number}")
    scene.owed(installation, "ord_x", topic="order.cancelled", purpose="cancel")
    assert by_endpoint(claim(room=4)) == {long.pk: 2, short.pk: 1}
    assert by_endpoint(claim(room=ROOM)) == {long.pk: PER_ENDPOINT}


def test_a_slow_endpoint_gets_no_more_than_its_bound_at_once(installation: Installation, endpoint: Endpoint) -> None:
    for number in range(20):
        scene.owed(installation, f"ord_{number}")
    assert len(claim(busy={endpoint.pk: PER_ENDPOINT - 3})) == 3
    assert claim(busy={endpoint.pk: PER_ENDPOINT}) == []


def test_where_room_is_short_the_least_busy_endpoint_comes_first(installation: Installation) -> None:
    busy, idle = (scene.endpoint(installation.partner, purpose=p) for p in (Purpose.ORDER, Purpose.CANCEL))
    for number in range(9):
        scene.owed(installation, f"ord_{number}")
        scene.owed(installation, f"ord_{number}", topic="order.cancelled", purpose="cancel")
    assert by_endpoint(claim(room=1, busy={busy.pk: 1})) == {idle.pk: 1}


def test_with_more_endpoints_than_room_each_gets_one_at_the_most() -> None:
    for number in range(10):
        installation = scene.installation(scene.partner(f"Partner {number}"), f"Host {number}")
        scene.endpoint(installation.partner)
        scene.owed(installation, "ord_1")
        scene.owed(installation, "ord_2")
    first, second = by_endpoint(claim(room=5)), by_endpoint(claim(room=5))
    assert set(first.values()) == set(second.values()) == {1}
    assert len(first) == len(second) == 5


def test_a_disabled_endpoint_keeps_its_deliveries_waiting(installation: Installation, endpoint: Endpoint) -> None:
    delivery = scene.owed(installation)
    Endpoint.objects.update(enabled=False)
    assert claim() == []
    Endpoint.objects.update(enabled=True)
    assert [one.delivery for one in claim()] == [delivery]


def test_while_the_breaker_is_open_nothing_is_claimed_there_and_everything_elsewhere(
    installation: Installation,
) -> None:
    broken = scene.endpoint(installation.partner, purpose=Purpose.ORDER)
    well = scene.endpoint(installation.partner, purpose=Purpose.CANCEL)
    for number in range(5):
        scene.owed(installation, f"ord_{number}")
        scene.owed(installation, f"ord_{number}", topic="order.cancelled", purpose="cancel")
    Endpoint.objects.filter(pk=broken.pk).update(
        consecutive_failures=THRESHOLD, open_until=timezone.now() + timedelta(seconds=30)
    )
    assert by_endpoint(claim()) == {well.pk: 5}


def test_when_the_pause_is_over_one_delivery_probes_and_no_second_worker_does(
    installation: Installation, endpoint: Endpoint
) -> None:
    for number in range(5):
        scene.owed(installation, f"ord_{number}")
    Endpoint.objects.update(consecutive_failures=THRESHOLD, open_until=timezone.now() - timedelta(seconds=1))
    (probe,) = claim()
    assert probe.probe
    assert claim() == []
    # Should the probing worker die, its turn lapses.
    Endpoint.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    assert [one.probe for one in claim()] == [True]


def test_of_two_workers_that_see_the_pause_over_one_wins_the_probe(
    installation: Installation, endpoint: Endpoint
) -> None:
    Endpoint.objects.update(consecutive_failures=THRESHOLD, open_until=timezone.now() - timedelta(seconds=1))
    seen = Endpoint.objects.get()
    now = timezone.now()
    assert claims._take_probe(seen, now)
    assert not claims._take_probe(seen, now)


def test_while_an_installation_is_paused_its_orders_wait_and_its_other_news_goes(
    installation: Installation, endpoint: Endpoint
) -> None:
    order = scene.owed(installation, "ord_1")
    news = scene.owed(installation, "ins_1", topic="installation.paused", purpose="events")
    other = scene.owed(scene.installation(installation.partner, "Globex"), "ord_2")
    Installation.objects.filter(pk=installation.pk).update(status=Installation.Status.PAUSED)
    assert {one.delivery for one in claim()} == {news, other}
    Installation.objects.filter(pk=installation.pk).update(status=Installation.Status.ACTIVE)
    assert {one.delivery for one in claim()} == {order}


def test_what_expires_is_claimed_in_its_time_only_and_waits_through_a_pause(
    installation: Installation, endpoint: Endpoint
) -> None:
    now = timezone.now()
    scene.owed(installation, "ord_1", expires_at=now - timedelta(seconds=1))
    good = scene.owed(installation, "ord_2", topic="order.reminder_due", expires_at=now + timedelta(hours=1))
    Delivery.objects.filter(pk=good.pk).update(purpose=Purpose.EVENTS)
    Installation.objects.filter(pk=installation.pk).update(status=Installation.Status.PAUSED)
    assert claim() == []
    Installation.objects.filter(pk=installation.pk).update(status=Installation.Status.ACTIVE)
    assert [one.delivery for one in claim()] == [good]


def test_a_suspended_partner_is_sent_nothing_until_it_is_reinstated(
    installation: Installation, endpoint: Endpoint
) -> None:
    delivery = scene.owed(installation)
    Partner.objects.update(status=Partner.Status.SUSPENDED)
    assert claim() == []
    Partner.objects.update(status=Partner.Status.APPROVED)
    assert [one.delivery for one in claim()] == [delivery]


def test_a_claim_brings_every_live_secret_the_newest_first(installation: Installation, endpoint: Endpoint) -> None:
    now = timezone.now()
    SigningSecret.objects.update(expires_at=now + timedelta(hours=1), encrypted="old")
    SigningSecret.objects.create(endpoint=endpoint, encrypted="older", expires_at=now - timedelta(hours=1))
    SigningSecret.objects.create(endpoint=endpoint, encrypted="new")
    scene.owed(installation)
    assert [one.secrets for one in claim()] == [("new", "old")]


@pytest.mark.postgres
def test_the_number_of_queries_of_a_claim_grows_neither_with_its_deliveries_nor_with_its_endpoints(
    installation: Installation, django_assert_num_queries: object
) -> None:
    for purpose in (Purpose.ORDER, Purpose.CANCEL, Purpose.EVENTS):
        scene.endpoint(installation.partner, purpose=purpose)
        for number in range(PER_ENDPOINT):
            scene.owed(installation, f"{purpose}_{number}", topic="order.placed", purpose=purpose)
    # Endpoints, savepoint in and out, choose, mark, load, secrets.
    with django_assert_num_queries(7):  # type: ignore[operator]  # pytest-django's fixture
        assert len(claim()) == 3 * PER_ENDPOINT
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        assert claim() == []


def test_nothing_due_and_nothing_free_costs_no_write(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        assert claim() == []


def rows_read() -> int:
    """So many deliveries this transaction has looked at, by PostgreSQL's own count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'partners_delivery'"
        )
        (count,) = cursor.fetchone()
    return int(count)


@pytest.mark.postgres
@pytest.mark.parametrize("state", ["well", "full", "broken"])
def test_what_a_claim_reads_does_not_grow_with_what_waits_for_an_endpoint(
    state: str, installation: Installation
) -> None:
    dead = scene.endpoint(installation.partner, purpose=Purpose.ORDER)
    scene.endpoint(installation.partner, purpose=Purpose.CANCEL)
    waiting = scene.owed(installation, "ord_1")
    copies(waiting.event, 5_000, public_id="'many_' || n")
    event = "(SELECT id FROM partners_event WHERE public_id = 'many_' || n)"
    copies(waiting, 5_000, public_id="'many_' || n", event_id=event)
    scene.owed(installation, "ord_2", topic="order.cancelled", purpose="cancel")
    for number in range(20):
        scene.endpoint(scene.partner(f"Partner {number}"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_event, partners_delivery, partners_endpoint")
    if state == "broken":
        Endpoint.objects.filter(pk=dead.pk).update(open_until=timezone.now() + timedelta(minutes=1))
    before = rows_read()
    found = claim(busy={dead.pk: PER_ENDPOINT} if state == "full" else {})
    assert len(found) == (1 + PER_ENDPOINT if state == "well" else 1)
    assert rows_read() - before < 100
