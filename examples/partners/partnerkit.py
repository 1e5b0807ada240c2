"""What every partner needs: a token, calls that are safe to repeat, webhooks that are verified, a report.

Read this first: it is all there is between a vendor's own system and the platform. ``Platform`` speaks to the API,
``Order`` is one order on its way, ``serve`` listens to webhooks and works each order in a thread.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from flask import Flask, request
from fpdf import FPDF
from standardwebhooks.webhooks import Webhook
from werkzeug.serving import WSGIRequestHandler, make_server

# As long as a candidate takes, in the time of a demo: between two steps, in seconds.
PAUSE = float(os.environ.get("PARTNER_PAUSE", "3"))
# Answers that say "not now". So does a 409 with Retry-After: the same call is being answered at this moment.
PASSING = {429, 500, 502, 503, 504}


class Refused(Exception):
    """The platform says no, and would say so again. The text holds its answer: a code, a detail, pointers."""


class Stopped(Exception):
    """The order was cancelled or expired: there is nothing left to do for it."""


class Platform:
    """The API, with our credentials. The token is fetched when it is needed."""

    def __init__(self, credentials: Path, url: str) -> None:
        self.file = credentials
        self.ours: dict[str, str] = json.loads(credentials.read_text())
        self.token = ""
        self.http = httpx.Client(base_url=url or self.ours["platform_url"], timeout=30)

    def call(self, method: str, path: str, *, key: str = "", **body: Any) -> Any:
        """One call, repeated until it is answered: with the same Idempotency-Key (``key``) it happens once.

        Returns the JSON of the answer. Raises Refused.
        """
        for seconds in (0.5, 1, 2, 4, 8, *[15] * 40):
            answer = self._try(method, path, key, body)
            if answer is not None and answer.is_success:
                return answer.json() if answer.content else None
            if answer is not None and not is_passing(answer):
                raise Refused(f"{method} {path}: {answer.status_code} {answer.text}")
            time.sleep(float(answer.headers.get("Retry-After", seconds)) if answer is not None else seconds)
        raise Refused(f"{method} {path}: no answer for ten minutes")

    def _try(self, method: str, path: str, key: str, body: dict[str, Any]) -> httpx.Response | None:
        """The answer; None if there was none, and we cannot know whether the call arrived."""
        try:
            headers = {"Authorization": f"Bearer {self.token or self._fresh_token()}"}
            if key:
                headers["Idempotency-Key"] = key
            answer = self.http.request(method, f"/api/v1{path}", headers=headers, **body)
        except httpx.TransportError:
            return None
        if answer.status_code == httpx.codes.UNAUTHORIZED and self.token:
            self.token = ""  # it ran out
            return None
        return answer

    def _fresh_token(self) -> str:
        pair = (self.ours["client_id"], self.ours["client_secret"])
        answer = self.http.post("/oauth/token", auth=pair, data={"grant_type": "client_credentials"})
        if is_passing(answer):
            raise httpx.TransportError("The token has to wait.")
        if not answer.is_success:
            raise Refused(f"POST /oauth/token: {answer.status_code} {answer.text}")
        self.token = answer.json()["access_token"]
        return self.token

    def declare(self, key: str, entry: dict[str, Any], schema: dict[str, Any]) -> None:
        """Our catalogue entry, and what its results look like. Said again, it changes nothing."""
        self.call("PUT", f"/assessment-types/{key}", json=entry)
        version = self.call("POST", f"/assessment-types/{key}/result-schemas", json={"schema": schema})["version"]
        self.call("POST", f"/assessment-types/{key}/result-schemas/{version}/publish", json={})

    def listen_at(self, url: str) -> None:
        """Where events are sent to. The signing secret is shown once, and kept beside our credentials."""
        endpoint = self.call("PUT", "/endpoints/events", json={"url": url})
        if "secret" not in endpoint and "signing_secret" not in self.ours:
            endpoint = self.call("POST", "/endpoints/events/rotate-secret", json={})
        if "secret" in endpoint:
            self.ours["signing_secret"] = endpoint["secret"]
            half = self.file.with_suffix(".new")
            half.touch(mode=0o600)
            half.write_text(json.dumps(self.ours, indent=2))
            half.replace(self.file)


def is_passing(answer: httpx.Response) -> bool:
    return answer.status_code in PASSING or (answer.status_code == 409 and "Retry-After" in answer.headers)


@dataclass
class Order:
    """One order on its way. Each step has a key of its own, so that a program that was killed may begin again."""

    platform: Platform
    facts: dict[str, Any]
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def id(self) -> str:
        return str(self.facts["id"])

    @property
    def placed_at(self) -> datetime:
        return datetime.fromisoformat(self.facts["created_at"]).replace(microsecond=0)

    def dice(self) -> random.Random:
        """Results are made up, but always the same for the same order."""
        return random.Random(self.id)

    def accept(self, candidate_url: str) -> None:
        self._post("accept", "accept", reference=self.id[-8:].upper(), candidate_url=candidate_url)

    def update(self, kind: str, **said: Any) -> None:
        """``started``, ``progress`` (with ``progress``, 0 to 100), ``note`` …"""
        self._post(f"update-{kind}-{said.get('progress', '')}", "updates", kind=kind, **said)

    def result(self, kind: str, document: dict[str, Any]) -> None:
        self._post(f"result-{kind}", "results", kind=kind, document=document)

    def report(self, title: str, lines: list[str]) -> None:
        """A PDF beside the result. Without a key: the same file twice is one file."""
        files = {"file": (f"{title}.pdf", pdf(title, [f"Order {self.id}", *lines]), "application/pdf")}
        self.platform.call("POST", f"/orders/{self.id}/attachments", files=files)

    def wait(self) -> None:
        """Until the next step. Raises Stopped as soon as the order is cancelled."""
        if self.stopped.wait(PAUSE):
            raise Stopped

    def _post(self, step: str, path: str, **body: Any) -> None:
        self.platform.call("POST", f"/orders/{self.id}/{path}", key=f"{self.id}-{step}", json=body)


class Desk:
    """The orders that are being worked on, each in a thread of its own."""

    def __init__(self, platform: Platform, work: Callable[[Order], None]) -> None:
        self.platform, self.work = platform, work
        self.at_work: dict[str, threading.Event] = {}

    def take(self, order_id: str) -> None:
        """Events may come twice, and the queue names orders that events named before: each is worked on once."""
        stopped = threading.Event()
        if self.at_work.setdefault(order_id, stopped) is stopped:
            threading.Thread(target=self._work_on, args=(order_id, stopped), daemon=True).start()

    def stop(self, order_id: str) -> None:
        if order_id in self.at_work:
            self.at_work[order_id].set()

    def catch_up(self) -> None:
        """What came while we were away: orders that wait for us, and those that we had begun."""
        for status in ("requested", "sent", "started"):
            for facts in self.platform.call("GET", f"/orders?status={status}&limit=100")["data"]:
                self.take(facts["id"])

    def _work_on(self, order_id: str, stopped: threading.Event) -> None:
        try:
            facts = self.platform.call("GET", f"/orders/{order_id}")
            if facts["status"] in ("requested", "sent", "started"):
                self.work(Order(self.platform, facts, stopped))
        except Refused as refusal:
            print(refusal, flush=True)
        except Stopped:
            print(f"{order_id}: stopped, as the organization wishes", flush=True)
        finally:
            del self.at_work[order_id]


def webhooks(platform: Platform, desk: Desk) -> Flask:
    """Takes events at /webhooks: verified first, answered at once, worked on later."""
    app = Flask("partner")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        try:
            event = Webhook(platform.ours["signing_secret"]).verify(request.get_data(), dict(request.headers))
        except Exception:  # no secret yet, a wrong signature, or one so odd that the library stumbles: all the same
            return "the signature does not fit", 401
        if event["type"] == "order.placed":
            desk.take(event["data"]["order"])
        elif event["type"] in ("order.cancelled", "order.expired"):
            desk.stop(event["data"]["order"])
        return "", 204

    return app


def serve(declare: Callable[[Platform], None], work: Callable[[Order], None]) -> None:
    """A whole partner: listens, declares itself, catches up on what waits; until it is told to stop."""
    options = argparse.ArgumentParser()
    options.add_argument("--credentials", type=Path, required=True, help="JSON: platform_url, client_id, client_secret")
    options.add_argument("--port", type=int, default=9001)
    chosen = options.parse_args()
    platform = Platform(chosen.credentials, os.environ.get("PLATFORM_URL", ""))
    desk = Desk(platform, work)

    def begin() -> None:
        while True:
            try:
                declare(platform)
                platform.listen_at(f"http://127.0.0.1:{chosen.port}/webhooks")
                return desk.catch_up()
            except Refused as refusal:  # a mistake of ours, or we are suspended: say so, and try later
                print(refusal, flush=True)
                time.sleep(10)

    server = make_server("127.0.0.1", chosen.port, webhooks(platform, desk), threaded=True, request_handler=Quiet)
    threading.Thread(target=begin, daemon=True).start()
    server.serve_forever()


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the platform has a log of every delivery."""


def pdf(title: str, lines: list[str]) -> bytes:
    """A one-page report, the same bytes for the same words."""
    page = FPDF()
    page.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    page.add_page()
    page.set_font("Helvetica", size=18)
    page.cell(text=title, new_x="LMARGIN", new_y="NEXT")
    page.set_font("Helvetica", size=11)
    for line in lines:
        # The built-in fonts know Latin letters only.
        page.cell(text=line.encode("latin-1", "replace").decode("latin-1"), new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())
