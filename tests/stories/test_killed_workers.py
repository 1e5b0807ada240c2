"""kill -9 in the middle of two hundred deliveries: none is lost, and what comes twice has the same webhook-id."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection

from partners.models import Delivery
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import PartnerServer, partner_server
from tests.partners.delivery import scene
from tests.stories.programs import BIN, Program, run, running

COUNT = 200
# Killed after so many: far from the beginning and from the end.
MIDDLE = 64


@pytest.fixture
def partner() -> Iterator[PartnerServer]:
    with partner_server() as server:
        # Long enough for some to be under way when the kill comes.
        server.behave(fakes.slowly(0.05))
        yield server


def wait_until(done: Callable[[], bool], *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def kill_midway(program: Program, partner: PartnerServer) -> int:
    """Kills it as soon as MIDDLE calls have come; returns how many had when it was dead."""
    assert partner.wait_for(MIDDLE, seconds=30), program.output
    program.kill_9()
    time.sleep(0.3)
    reached = len(partner.received)
    assert MIDDLE <= reached < COUNT
    return reached


def nothing_was_lost(partner: PartnerServer, owed: set[str]) -> None:
    came = partner.ids()
    assert set(came) == owed
    bodies = Counter((call.webhook_id, call.body) for call in partner.received)
    assert len(bodies) == COUNT
    # Only what was under way when the kill came is repeated.
    assert sum(came.values()) - COUNT <= 32
    assert all(call.is_signed_by(scene.SECRET) for call in partner.received)


# --- PostgreSQL and a real broker: a separate worker ---------------------------------------------------------------

CELERY = (str(BIN / "celery"), "-A", "core.config")
WORKER = (*CELERY, "worker", "--concurrency=2", "--loglevel=warning", "--without-gossip", "--without-mingle")


def beat(place: Path) -> tuple[str, ...]:
    return (*CELERY, "beat", "--loglevel=warning", f"--schedule={place / 'beat'}", "--pidfile=")


@pytest.fixture
def production(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of the separate programs: the suite's database and keys, a queue of their own."""
    assert connection.vendor == "postgresql", "needs DATABASE_URL=postgresql://…"
    assert not settings.EMBEDDED_BROKER, "needs CELERY_BROKER_URL of a real broker"
    database = connection.settings_dict
    queue = f"assay-killed-{os.getpid()}"
    yield {
        "DATABASE_URL": "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database),
        "DATA_DIR": str(settings.DATA_DIR),
        "HTTP_ALLOW_LOOPBACK": "1",
        "DELIVERY_TIMEOUT_SECONDS": "1",
        "CELERY_QUEUE": queue,
    }
    with current_app.connection_for_write() as broker:
        broker.default_channel.queue_delete(queue)  # type: ignore[attr-defined]  # the type knows no transport


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_among_two_hundred_deliveries_loses_none(
    production: dict[str, str], partner: PartnerServer, tmp_path: Path
) -> None:
    installation = scene.installation(scene.partner())
    scene.endpoint(installation.partner, partner.url + "/hooks")
    owed = {scene.owed(installation, f"ord_{number}").event.public_id for number in range(COUNT)}
    with running(*beat(tmp_path), env=production, log=tmp_path / "beat.log"):
        with running(*WORKER, env=production, log=tmp_path / "worker.log") as doomed:
            kill_midway(doomed, partner)
        # It died over some of them.
        assert Delivery.objects.filter(state="due").exclude(claim="").exists()
        with running(*WORKER, env=production, log=tmp_path / "worker.log") as second:
            done = wait_until(lambda: not Delivery.objects.exclude(state="delivered").exists(), seconds=40)
            assert done, second.output
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"delivered": COUNT}
    nothing_was_lost(partner, owed)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_asked_to_end_settles_what_is_under_way_and_begins_no_more(
    production: dict[str, str], partner: PartnerServer, tmp_path: Path
) -> None:
    installation = scene.installation(scene.partner())
    scene.endpoint(installation.partner, partner.url + "/hooks")
    for number in range(COUNT):
        scene.owed(installation, f"ord_{number}")
    with (
        running(*beat(tmp_path), env=production, log=tmp_path / "beat.log"),
        running(*WORKER, env=production, log=tmp_path / "worker.log") as asked,
    ):
        assert partner.wait_for(MIDDLE, seconds=30), asked.output
        asked.end(seconds=20)
    assert not Delivery.objects.exclude(claim="").exists()
    delivered = set(Delivery.objects.filter(state="delivered").values_list("event__public_id", flat=True))
    assert MIDDLE <= len(delivered) < COUNT
    assert partner.ids() == Counter(delivered)


# --- Embedded: the whole server ----------------------------------------------------------------------------------


def test_a_server_killed_among_two_hundred_deliveries_loses_none(
    embedded: dict[str, str], partner: PartnerServer, tmp_path: Path
) -> None:
    owed = set(run(sys.executable, "-m", "tests.stories.owe", partner.url, str(COUNT), env=embedded).split())
    assert len(owed) == COUNT
    # Master and worker in one process group; the supervisor would only start it again.
    server = (sys.executable, "-m", "gunicorn", "--config", "core/config/gunicorn_settings.py")
    log = tmp_path / "server.log"
    with running(*server, env=embedded, log=log) as doomed:
        kill_midway(doomed, partner)
    states = sqlite3.connect(tmp_path / "db.sqlite3")
    with contextlib.closing(states), running(*server, env=embedded, log=log) as second:
        left = "SELECT count(*) FROM partners_delivery WHERE state <> 'delivered'"
        assert states.execute(f"{left} AND claim <> ''").fetchone() > (0,)
        assert wait_until(lambda: states.execute(left).fetchone() == (0,), seconds=40), second.output
    nothing_was_lost(partner, owed)
