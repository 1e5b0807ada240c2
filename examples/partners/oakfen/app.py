"""Oakfen Checks, a fictional background check that was built for Greenhouse: it speaks its Assessment Partner API.

Greenhouse lists our packages, sends a candidate, and asks how the check stands. When it is complete we tell by an empty
PATCH to the URL that came with the candidate; then it asks. There is no score of its own kind: a number, and labels.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, request

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from vendorkit import Vendor, serve  # noqa: E402  beside this folder, not a package

PACKAGES = (("101", "Background check"), ("102", "Education and employment"))
COUNTIES = ("Riverbend County", "Pine Hollow County", "Lakemont County")
Json = dict[str, Any]
Answer = tuple[Json, int]


def routes(vendor: Vendor) -> Flask:
    app = Flask("oakfen")

    @app.before_request
    def only_customers() -> Answer | None:
        return None if vendor.knows(request) else ({"error": "This is not a key of ours."}, 401)

    @app.get("/list_tests")
    def packages() -> list[Json]:
        return [{"partner_test_id": key, "partner_test_name": name} for key, name in PACKAGES]

    @app.post("/send_test")
    def send() -> Json | Answer:
        asked = request.get_json()
        if not asked["candidate"].get("email"):
            return {"errors": ["A candidate needs an e-mail address."]}, 422
        # Our own key against sending twice: the last part of the address that we are to tell.
        key = asked["url"].rsplit("/", 1)[-1][:12]
        if vendor.shelf.get(key) is None:
            person = f"{asked['candidate']['first_name']} {asked['candidate']['last_name']}"
            vendor.shelf.put(key, url=asked["url"], package=asked["partner_test_id"], person=person)
            vendor.begin(key)
        return {"partner_interview_id": key}

    @app.get("/test_status")
    def status() -> Json | Answer:
        row = vendor.shelf.get(request.args["partner_interview_id"])
        if row is None:
            return {"error": "There is no such check."}, 404
        return row.get("result") or {"partner_status": "in progress", "partner_score": 0, "partner_profile_url": ""}

    @app.post("/response_error")
    def complaint() -> Json:
        print(f"The hiring system cannot read us: {request.get_json()['errors']}", flush=True)
        return {"status": 200}

    return app


def work(vendor: Vendor, key: str) -> None:
    vendor.wait()
    vendor.wait()
    vendor.shelf.put(key, result=result(vendor, key))
    vendor.tell("PATCH", (vendor.shelf.get(key) or {})["url"])
    vendor.shelf.put(key, ended=True)


def result(vendor: Vendor, key: str) -> Json:
    dice, county = vendor.dice(key), vendor.dice(f"{key} county").choice(COUNTIES)
    found = dice.random() < 0.4
    metadata: Json = {
        "Overall": "Consider" if found else "Clear",
        "Identity": "Verified",
        f"{county}, records": 1 if found else 0,
        "National register": "Clear",
        "Education confirmed": True,
        "Employment confirmed": dice.random() < 0.9,
        "Completed on": datetime.now(UTC).date().isoformat(),
        "Consent form": f"https://consent.oakfen.example/{key}",
    }
    return {
        "partner_status": "complete",
        "partner_score": dice.randrange(60, 100),
        "partner_profile_url": f"https://reports.oakfen.example/{key}",
        "metadata": metadata,
    }


if __name__ == "__main__":
    serve(routes, work)
