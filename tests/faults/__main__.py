"""`make faults`: places orders and posts results while parts are killed, reconciles every id, prints the table."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults import machines, platform
from tests.faults.partner import FaultyPartner
from tests.stories.programs import Program, run

ORDERS = int(os.environ.get("FAULT_ORDERS", "2000"))
EMBEDDED_ORDERS = int(os.environ.get("FAULT_ORDERS_EMBEDDED", "300"))
# Between two blows, in seconds: what dies alone has others that go on; a whole server has to come up again first.
PAUSE, LONG_PAUSE = 2.5, 8.0
SETTLES_WITHIN_SECONDS = 900

Blow = tuple[str, int, Callable[[], object]]


def production(place: Path) -> dict[str, int]:
    """PostgreSQL, RabbitMQ, two web servers with two workers each, two Celery workers, beat."""
    database, broker = machines.postgres(place), machines.rabbitmq(place)
    parts: list[platform.Part] = []
    try:
        database.start()
        broker.start()
        env = {
            **_common(place),
            "DATABASE_URL": f"postgresql://assay@127.0.0.1:{database.port}/postgres",
            "CELERY_BROKER_URL": f"amqp://guest:guest@127.0.0.1:{broker.port}//",
        }
        run(sys.executable, "manage.py", "migrate", "--verbosity=0", env=env)
        webs = [platform.web(env, place, parts, name=f"web{number}", workers=2) for number in (1, 2)]
        workers = [platform.worker(env, place, parts, name=f"worker{number}") for number in (1, 2)]
        beat = platform.beat(env, place, parts)
        blows: list[Blow] = [
            ("web worker killed", 6, lambda: random.choice(webs)[0].kill_one_child()),
            ("web server killed", 2, lambda: random.choice(webs)[0].kill_and_restart()),
            ("Celery worker killed", 4, lambda: random.choice(workers).kill_and_restart()),
            ("beat killed", 2, beat.kill_and_restart),
            ("RabbitMQ restarted", 1, broker.restart),
            ("PostgreSQL restarted", 1, database.restart),
        ]
        return _run(place, env, [port for _, port in webs], blows, count=ORDERS, pause=PAUSE)
    finally:
        for part in parts:
            part.kill_9()
        broker.kill_9()
        machines.forget_names(place)
        database.kill_9()


def embedded(place: Path) -> dict[str, int]:
    """SQLite, and one process that is everything."""
    env = {**_common(place), "DATABASE_URL": f"sqlite:///{place / 'db.sqlite3'}"}
    run(sys.executable, "manage.py", "migrate", "--verbosity=0", env=env)
    parts: list[platform.Part] = []
    try:
        server, port = platform.web(env, place, parts, name="server", workers=1)
        blows: list[Blow] = [("server killed", 1, server.kill_and_restart)]
        return _run(place, env, [port], blows, count=EMBEDDED_ORDERS, pause=LONG_PAUSE)
    finally:
        for part in parts:
            part.kill_9()


def _common(place: Path) -> dict[str, str]:
    return {
        "DATA_DIR": str(place),
        "HTTP_ALLOW_LOOPBACK": "1",
        "DELIVERY_TIMEOUT_SECONDS": "3",
        "LOG_LEVEL": "warning",
        "CELERY_QUEUE": "assay-faults",
    }


def _run(
    place: Path, env: dict[str, str], ports: list[int], blows: list[Blow], *, count: int, pause: float
) -> dict[str, int]:
    partner = FaultyPartner(ports)
    partner.serve()
    keys = json.loads(run(sys.executable, "-m", "tests.faults.placing", "prepare", f"{partner.url}/hooks", env=env))
    partner.token, partner.secret = keys["token"], keys["secret"]
    partner.go_to_work()
    struck: Counter[str] = Counter()
    over = threading.Event()
    chaos = threading.Thread(target=_strike, args=(blows, struck, over, pause))
    chaos.start()
    placing = (sys.executable, "-m", "tests.faults.placing", "place", str(count))
    placer = Program(*placing, env=env, log=place / "placing.log")

    def go_on_until(done: Callable[[], bool], what: str) -> None:
        machines.wait_until(lambda: done() or not chaos.is_alive(), what=what, seconds=SETTLES_WITHIN_SECONDS)
        if placer.exit_code or not chaos.is_alive():
            raise RuntimeError(placer.output or "What was struck did not come up again: see above.")

    try:
        go_on_until(lambda: not placer.is_running, "the orders")
        go_on_until(lambda: _is_quiet(partner, count), "the partner")
    finally:
        over.set()
        chaos.join()
        placer.kill_9()
        time.sleep(5)  # what is under way settles
        (place / "ledger.json").write_text(json.dumps(vars(partner.ledger)))
        partner.close()
    for said in partner.ledger.wrong[:10]:
        print(f"  wrong: {said}")
    counts = json.loads(run(sys.executable, "-m", "tests.faults.reconcile", str(place / "ledger.json"), env=env))
    return {**{name.lower().replace(" ", "_"): times for name, times in struck.items()}, **counts}


def _strike(blows: list[Blow], struck: Counter[str], over: threading.Event, pause: float) -> None:
    """Each kind once at first, then as often as its weight says."""
    waiting = list(blows)
    while not over.wait(pause):
        name, _, blow = waiting.pop() if waiting else random.choices(blows, [weight for _, weight, _ in blows])[0]
        blow()
        struck[name] += 1


def _is_quiet(partner: FaultyPartner, count: int) -> bool:
    """Every order has reached the partner, and it has said all it has to say."""
    return sum(bool(order) for order in list(partner.ledger.placed)) >= count and partner.is_idle


def main() -> int:
    # Told to stop, it ends what it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    found: dict[str, dict[str, int]] = {}
    data = Path(os.environ.get("DATA_DIR", "var")).resolve()
    data.mkdir(parents=True, exist_ok=True)
    for profile in (production, embedded):
        place = Path(tempfile.mkdtemp(prefix="faults-", dir=data))
        place.chmod(0o755)
        try:
            print(f"{profile.__name__}:", flush=True)
            found[profile.__name__] = profile(place)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        for name, count in found[profile.__name__].items():
            print(f"| {name.replace('_', ' ')} | {count} |")
    flat = {f"{profile}_{name}": count for profile, counts in found.items() for name, count in counts.items()}
    lost = sum(counts["lost"] for counts in found.values())
    duplicated = sum(counts["duplicated"] for counts in found.values())
    (data / "faults.json").write_text(json.dumps({**flat, "lost": lost, "duplicated": duplicated}, indent=1))
    return 1 if lost or duplicated or any(counts["answers_that_were_wrong"] for counts in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
