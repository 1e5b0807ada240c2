"""The partner of the run: takes webhooks badly now and then, and posts what it has to say until it is acknowledged."""

from __future__ import annotations

import http.client
import json
import queue
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import standardwebhooks

from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import Behaviour, PartnerServer, Received, Visit

# How a webhook is met the first time it comes; afterwards it is taken.
MANNERS: tuple[Behaviour, ...] = (
    *[fakes.no_content] * 12,
    fakes.slowly(1.5),
    fakes.slowly(4),  # longer than the platform waits
    fakes.status(500),
    fakes.status(503, retry_after="1"),
    fakes.garbage,
    fakes.reset,
    fakes.nothing,
)
THREADS = 8
GIVES_UP_AFTER_SECONDS = 600


@dataclass
class Ledger:
    """What the platform acknowledged to us, and what we took from it: the other side of the books."""

    # order → webhook-ids of its order.placed, as they came (repeats included).
    placed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    # order → {name of the document: id of the result}.
    results: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    updates: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    # Answers that say something else than "not now".
    wrong: list[str] = field(default_factory=list)


class FaultyPartner(PartnerServer):
    """``ports`` are the platform's web servers; any of them may be dead at any moment."""

    def __init__(self, ports: list[int]) -> None:
        super().__init__()
        self.ledger, self.ports = Ledger(), ports
        self.token = self.secret = ""
        self._known: set[str] = set()
        self._lock = threading.Lock()
        self._work: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._under_way = 0

    def behaviour_of(self, call: Received) -> Behaviour:
        manner = super().behaviour_of(call)
        event = standardwebhooks.Webhook(self.secret).verify(call.body, dict(call.headers))
        with self._lock:
            self.ledger.placed[event["data"].get("order", "")].append(call.webhook_id)
            is_first = call.webhook_id not in self._known
            self._known.add(call.webhook_id)
        if event["type"] != "order.placed":
            return manner
        chosen = random.Random(call.webhook_id).choice(MANNERS) if is_first else manner
        self.ledger.met[getattr(chosen, "__name__", "other")] += 1
        return self._and_work(chosen, event["data"]["order"], is_first=is_first)

    def _and_work(self, manner: Behaviour, order: str, *, is_first: bool) -> Behaviour:
        def behaviour(visit: Visit) -> None:
            if is_first:  # even where our answer gets lost: the other side cannot know
                with self._lock:
                    self._under_way += 1
                self._work.put(order)
            manner(visit)

        return behaviour

    def go_to_work(self) -> None:
        for _ in range(THREADS):
            threading.Thread(target=self._work_on_orders, daemon=True).start()

    @property
    def is_idle(self) -> bool:
        with self._lock:
            return self._under_way == 0

    def _work_on_orders(self) -> None:
        while True:
            order = self._work.get()
            try:
                self._tell_all(order)
            finally:
                with self._lock:
                    self._under_way -= 1

    def _tell_all(self, order: str) -> None:
        """Everything there is to say, some of it twice, some of it late, in an order of the dice."""
        dice = random.Random(order)
        steps: list[Callable[..., None]] = [
            partial(self._update, order, "accept", {"reference": order[-8:]}, key="accept"),
            partial(self._update, order, "updates", {"kind": "started"}, key="started"),
            partial(self._result, order, "partial", {"score": 10}),
            partial(self._result, order, "final", {"score": 70, "verdict": "pass"}),
        ]
        if dice.random() < 0.3:
            dice.shuffle(steps)
        # Twice: under the same key, and as news that only its words show to be none.
        steps += [step for step in steps if dice.random() < 0.2]
        steps += [partial(step, again="-again") for step in steps[:4] if dice.random() < 0.2]
        if dice.random() < 0.8:
            amended = {"score": 71, "verdict": "pass"}
            steps.append(partial(self._result, order, "amended", amended, reason="Scored again"))
        for step in steps:
            step()

    def _update(self, order: str, path: str, body: dict[str, Any], *, key: str, again: str = "") -> None:
        answer = self._post(order, path, body, key=key + again)
        if "id" in answer:
            with self._lock:
                self.ledger.updates.append(answer["id"])

    def _result(self, order: str, kind: str, document: dict[str, Any], *, again: str = "", **more: str) -> None:
        answer = self._post(order, "results", {"kind": kind, "document": document, **more}, key=kind + again)
        if answer.get("revision"):
            with self._lock:
                self.ledger.results[order][kind] = answer["id"]

    def _post(self, order: str, path: str, body: dict[str, Any], *, key: str) -> dict[str, Any]:
        """The same call until it is answered for good."""
        until = time.monotonic() + GIVES_UP_AFTER_SECONDS
        while time.monotonic() < until:
            status, answer = self._try(f"/api/v1/orders/{order}/{path}", body, key=f"{order}-{key}")
            if status in (200, 201) or (status == 409 and answer.get("code") == "illegal_transition"):
                return answer
            if status and status < 500 and status not in (409, 429):
                self.ledger.wrong.append(f"{path} {body}: {status} {answer}")
                return {}
            time.sleep(0.2)
        self.ledger.wrong.append(f"{path} {body}: never answered")
        return {}

    def _try(self, path: str, body: dict[str, Any], *, key: str) -> tuple[int, dict[str, Any]]:
        """Status 0: no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", random.choice(self.ports), timeout=20)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}
        finally:
            connection.close()
