"""What a vendor has that was built for another hiring system: a shelf for its assessments, candidates who take time, a
server. Nothing here knows the platform: such a vendor is connected by its own protocol, as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from flask import Flask, Request
from flask.json.provider import DefaultJSONProvider
from werkzeug.serving import WSGIRequestHandler, make_server

# As long as a candidate takes, in the time of a demo: between two steps, in seconds.
PAUSE = float(os.environ.get("PARTNER_PAUSE", "3"))


class Shelf:
    """The assessments by id, in a file: a program that was killed goes on where it was."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, threading.RLock()
        self._kept: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}

    def get(self, key: str) -> dict[str, Any] | None:
        with self._lock:
            found = self._kept.get(key)
            return None if found is None else dict(found)

    def put(self, key: str, **values: Any) -> dict[str, Any]:
        """Adds to what is kept under the key."""
        with self._lock:
            self._kept[key] = {**self._kept.get(key, {}), **values}
            half = self._file.with_suffix(".new")
            half.touch(mode=0o600)
            half.write_text(json.dumps(self._kept))
            half.replace(self._file)
            return dict(self._kept[key])

    def find(self, **wanted: Any) -> str | None:
        """The key of one that has these values."""
        with self._lock:
            return next((key for key, row in self._kept.items() if wanted.items() <= row.items()), None)

    def open(self) -> list[str]:
        """The keys of those that have not ended."""
        with self._lock:
            return [key for key, row in self._kept.items() if not row.get("ended")]


class Vendor:
    """Its credentials and its shelf; ``work`` is called with the key of each assessment, in a thread of its own."""

    def __init__(self, credentials: Path, work: Callable[[Vendor, str], None]) -> None:
        self.ours: dict[str, str] = json.loads(credentials.read_text())
        self.shelf = Shelf(credentials.with_suffix(".shelf"))
        self.http = httpx.Client(timeout=30)
        self._work = work

    def knows(self, request: Request) -> bool:
        """Whether the call carries the key that we gave to our customer: as user name, with an empty password."""
        given = request.authorization
        return given is not None and given.username == self.ours["vendor_key"]

    def begin(self, key: str) -> None:
        threading.Thread(target=self._work, args=(self, key), daemon=True).start()

    def tell(self, method: str, url: str, body: Any = None) -> None:
        """A call to our customer's hiring system, with the key that it gave us, until it takes it or refuses it."""
        for seconds in (0.5, 1, 2, 4, 8, *[15] * 40):
            try:
                answer = self.http.request(method, url, json=body, auth=(self.ours["platform_key"], ""))
            except httpx.TransportError:
                time.sleep(seconds)
                continue
            if answer.status_code < 500 and answer.status_code != 429:
                if not answer.is_success:
                    print(f"{method}: {answer.status_code} {answer.text}", flush=True)
                return
            time.sleep(seconds)

    def dice(self, key: str) -> random.Random:
        """Results are made up, but always the same for the same assessment."""
        return random.Random(key)

    def wait(self) -> None:
        time.sleep(PAUSE)


def serve(routes: Callable[[Vendor], Flask], work: Callable[[Vendor, str], None]) -> None:
    """A whole vendor: goes on with what had begun, and listens until it is told to stop."""
    options = argparse.ArgumentParser()
    options.add_argument(
        "--credentials", type=Path, required=True, help="JSON: platform_url, platform_key, vendor_key, port"
    )
    options.add_argument("--port", type=int, default=9001)
    chosen = options.parse_args()
    vendor = Vendor(chosen.credentials, work)
    app = routes(vendor)
    # Labels in the order in which we say them.
    app.json = InOrder(app)
    server = make_server("127.0.0.1", chosen.port, app, threaded=True, request_handler=Quiet)
    for key in vendor.shelf.open():
        vendor.begin(key)
    server.serve_forever()


class InOrder(DefaultJSONProvider):
    sort_keys = False


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the hiring system has a log of every call."""
