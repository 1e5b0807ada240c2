"""What every partner needs: a token, calls that are safe to repeat, a webhook that is verified, a report.

Read this first: it is all there is between a vendor's own system and the platform. ``Platform`` speaks to the API,
``serve`` listens to its webhooks and works each order in a thread.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from flask import Flask, request
from fpdf import FPDF
from standardwebhooks.webhooks import Webhook
from werkzeug.serving import make_server

PAUSE = float(os.environ.get("PARTNER_PAUSE", "3"))
log = logging.getLogger("partner")


class Platform:
    """The API, with our credentials: a token is fetched when needed, and a call is repeated until it is answered."""

    def __init__(self, credentials: Path) -> None:
        self.file = credentials
        self.ours: dict[str, str] = json.loads(credentials.read_text())
        self.url = os.environ.get("PLATFORM_URL", self.ours.get("platform_url", "http://127.0.0.1:8000"))
        self.http = httpx.Client(base_url=self.url, timeout=10)

    def call(self, method: str, path: str, *, key: str = "", **body: Any) -> Any:
        """One call. ``key`` is its Idempotency-Key: with it the call may be repeated and happens once."""
        while True:
            headers = {"Authorization": f"Bearer {self._token()}"} | ({"Idempotency-Key": key} if key else {})
            try:
                answer = self.http.request(method, f"/api/v1{path}", headers=headers, **body)
            except httpx.TransportError:
                time.sleep(1)
                continue
            if answer.status_code == 401:
                self.ours.pop("token", None)
            elif answer.status_code not in (409, 429, 502, 503) or answer.json().get("code") == "illegal_transition":
                return answer.json() if answer.content else None
            time.sleep(1)

    def _token(self) -> str:
        while "token" not in self.ours:
            pair = (self.ours["client_id"], self.ours["client_secret"])
            try:
                answer = self.http.post("/oauth/token", auth=pair, data={"grant_type": "client_credentials"})
                self.ours["token"] = answer.raise_for_status().json()["access_token"]
            except httpx.HTTPError:
                time.sleep(1)
        return self.ours["token"]

    def declare(self, key: str, entry: dict[str, Any], schema: Any, listen_at: str) -> None:
        """Our catalogue entry, what its results look like, and where we listen. Saying it again changes nothing."""
        self.call("PUT", f"/assessment-types/{key}", json=entry)
        version = self.call("POST", f"/assessment-types/{key}/result-schemas", json={"schema": schema})["version"]
        self.call("POST", f"/assessment-types/{key}/result-schemas/{version}/publish", json={})
        endpoint = self.call("PUT", "/endpoints/events", json={"url": listen_at})
        if "secret" not in endpoint and "signing_secret" not in self.ours:
            endpoint = self.call("POST", "/endpoints/events/rotate-secret", json={})
        if "secret" in endpoint:
            # Shown this once: kept beside our credentials, for our eyes only.
            self.ours["signing_secret"] = endpoint["secret"]
            kept = {name: value for name, value in self.ours.items() if name != "token"}
            self.file.write_text(json.dumps(kept, indent=2))


class Work:
    """One order on its way: each step is a call that happens once, however often it is sent."""

    def __init__(self, platform: Platform, order: dict[str, Any]) -> None:
        self.platform, self.order, self.id = platform, order, str(order["id"])

    def accept(self, candidate_url: str) -> None:
        self._post("accept", "accept", {"reference": self.id[-8:], "candidate_url": candidate_url})

    def update(self, step: str, **said: Any) -> None:
        self._post(f"update-{step}", "updates", said)

    def result(self, kind: str, document: dict[str, Any]) -> None:
        self._post(f"result-{kind}", "results", {"kind": kind, "document": document})

    def report(self, title: str, lines: list[str]) -> None:
        files = {"file": (f"{title}.pdf", pdf(title, lines), "application/pdf")}
        self.platform.call("POST", f"/orders/{self.id}/attachments", key=f"{self.id}-report", files=files)

    def _post(self, step: str, path: str, body: dict[str, Any]) -> None:
        self.platform.call("POST", f"/orders/{self.id}/{path}", key=f"{self.id}-{step}", json=body)


def pdf(title: str, lines: list[str]) -> bytes:
    """A one-page report."""
    page = FPDF()
    # The same report is the same bytes, so that sending it again changes nothing.
    page.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    page.add_page()
    page.set_font("Helvetica", size=18)
    page.cell(text=title, new_x="LMARGIN", new_y="NEXT")
    page.set_font("Helvetica", size=11)
    for line in lines:
        page.cell(text=line.encode("latin-1", "replace").decode("latin-1"), new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def serve(declare: Callable[[Platform, str], None], work: Callable[[Work], None]) -> None:
    """Declares ourselves, catches up on what waits, and listens for orders until it is told to stop."""
    options = argparse.ArgumentParser()
    options.add_argument("--credentials", type=Path, required=True)
    options.add_argument("--port", type=int, default=9001)
    chosen = options.parse_args()
    platform, web = Platform(chosen.credentials), Flask(__name__)
    taken: set[str] = set()

    def take(order_id: str) -> None:
        """Each order once, in a thread of its own: a webhook is answered at once and worked on later."""
        if order_id not in taken:
            taken.add(order_id)
            threading.Thread(target=work_on, args=(order_id,), daemon=True).start()

    def work_on(order_id: str) -> None:
        order = platform.call("GET", f"/orders/{order_id}")
        if order.get("status") in ("requested", "sent", "started"):
            work(Work(platform, order))

    @web.post("/webhooks")
    def webhook() -> tuple[str, int]:
        body = request.get_data()
        try:
            event = Webhook(platform.ours["signing_secret"]).verify(body, dict(request.headers))
        except Exception:
            return "the signature does not fit", 401
        if event["type"] == "order.placed":
            take(event["data"]["order"])
        return "", 204

    def begin() -> None:
        """After the server listens, so that a ping finds us; what came while we were away waits in the queue."""
        declare(platform, f"http://127.0.0.1:{chosen.port}/webhooks")
        for status in ("requested", "sent", "started"):
            for order in platform.call("GET", f"/orders?status={status}&limit=100")["data"]:
                take(order["id"])

    threading.Thread(target=begin, daemon=True).start()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    make_server("127.0.0.1", chosen.port, web, threaded=True).serve_forever()


def pause() -> None:
    """As long as a candidate takes, in the time of a demo."""
    time.sleep(PAUSE)
