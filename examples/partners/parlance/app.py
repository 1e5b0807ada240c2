"""Parlance English, a fictional English test that was built for Ashby: it speaks the Ashby Assessments Partner API.

Ashby calls ``assessment.list``, ``assessment.start`` and ``assessment.cancel`` here; we answer at once, and later call
its ``assessment.update``. Results are a list of labelled values, each with a type.
"""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path
from typing import Any

from flask import Flask, request

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from vendorkit import Vendor, serve  # noqa: E402  beside this folder, not a package

ENGLISH = "7f3c2b1e-5a49-4d2c-9b70-0c6a1e8d4f11"
BUSINESS = "b2a94c07-31de-4f6e-8f0a-6d9c5b7e2a33"
TESTS = (
    (ENGLISH, "English test", "Reading, listening, writing and speaking in one hour, proctored."),
    (BUSINESS, "Business English", "Mails, calls and meetings in forty minutes."),
)
LANGUAGES = (("en", "English"), ("es", "Spanish"), ("de", "German"))
FIELDS = (
    {"id": "purpose", "name": "What is it for?", "type": "String", "isRequired": False},
    {
        "id": "instructions",
        "name": "Language of the instructions",
        "type": "ValueSelect",
        "possible_values": [{"key": key, "value": name} for key, name in LANGUAGES],
        "isRequired": True,
    },
)
LEVELS = ((140, "C2"), (120, "C1"), (100, "B2"), (80, "B1"), (60, "A2"), (0, "A1"))
Json = dict[str, Any]
Answer = tuple[Json, int]


def routes(vendor: Vendor) -> Flask:
    app = Flask("parlance")

    @app.before_request
    def only_customers() -> Answer | None:
        return None if vendor.knows(request) else (failure("unauthorized", "This is not a key of ours."), 401)

    @app.post("/assessment.list")
    def tests() -> Json:
        found = [
            {"assessment_type_id": key, "name": name, "description": description} for key, name, description in TESTS
        ]
        return {"success": True, "results": found}

    @app.post("/assessment.customField.list")
    def fields() -> Json:
        return {"success": True, "fields": list(FIELDS)}

    @app.post("/assessment.start")
    def start() -> Json | Answer:
        asked = request.get_json()
        whose = {"application": asked["application"]["ashby_id"], "test": asked["assessment_type_id"]}
        if whose["test"] not in {key for key, _, _ in TESTS}:
            return {"message": "We do not offer this test any more."}, 422
        if known := vendor.shelf.find(**whose):
            ended = (vendor.shelf.get(known) or {}).get("ended")
            return {"message": "This candidate is being assessed already."}, 409 if not ended else 422
        assessment = str(uuid.uuid4())
        vendor.shelf.put(assessment, **whose)
        vendor.begin(assessment)
        return {"success": True, "results": {"assessment_id": assessment}}

    @app.post("/assessment.cancel")
    def cancel() -> Json | Answer:
        assessment = request.get_json()["assessment_id"]
        row = vendor.shelf.get(assessment)
        if row is None or row.get("ended"):
            return failure("too_late", "The candidate has finished this test."), 200
        vendor.shelf.put(assessment, ended=True, cancelled=True)
        return {"success": True, "results": {"assessment_id": assessment}}

    return app


def failure(code: str, message: str) -> Json:
    return {"success": False, "errors": [code], "errorInfo": {"code": code, "message": message}}


def blob(identifier: str, label: str, kind: str, value: Any, description: str = "") -> Json:
    said = {"identifier": identifier, "label": label, "type": kind, "value": value}
    return {**said, "description": description} if description else said


def work(vendor: Vendor, assessment: str) -> None:
    """A candidate takes the test, step by step; a step that was told before may be told again."""
    for step in (invited, started, halfway, finished):
        row = vendor.shelf.get(assessment) or {}
        if row.get("ended"):
            return
        vendor.tell("POST", f"{vendor.ours['platform_url']}/compat/ashby/assessment.update", step(vendor, assessment))
        if step is finished:
            vendor.shelf.put(assessment, ended=True)
        else:
            vendor.wait()


def update(assessment: str, **said: Any) -> Json:
    return {"assessment_id": assessment, "timestamp": time.time_ns() // 1_000_000, **said}


def invited(vendor: Vendor, assessment: str) -> Json:
    return update(assessment, assessment_status=blob("status", "Status", "string", "Invited"))


def started(vendor: Vendor, assessment: str) -> Json:
    return update(assessment, assessment_status=blob("status", "Status", "string", "Started"))


def halfway(vendor: Vendor, assessment: str) -> Json:
    reading, listening, _, _ = skills(vendor, assessment)
    return update(
        assessment,
        assessment_status=blob("status", "Status", "string", "Writing and speaking are being rated"),
        metadata=[reading, listening],
    )


def finished(vendor: Vendor, assessment: str) -> Json:
    dice = vendor.dice(f"{assessment} finished")
    parts = skills(vendor, assessment)
    overall = sum(int(part["value"]) for part in parts) // len(parts)
    level = next(level for least, level in LEVELS if overall >= least)
    certificate = f"https://verify.parlance.example/{assessment}"
    return update(
        assessment,
        assessment_status=blob("status", "Status", "string", "Completed"),
        assessment_profile_url=blob("report", "Report", "url", f"https://reports.parlance.example/{assessment}"),
        assessment_result=blob("overall", "Overall", "numeric_score", overall, "All four skills count alike."),
        metadata=[
            blob("cefr", "CEFR level", "string", level),
            *parts,
            blob("time", "Time taken", "numeric_duration_minutes", dice.randint(48, 61)),
            blob("identity", "Identity verified", "boolean_success", dice.random() < 0.9),
            blob("certificate", "Certificate", "url", certificate),
        ],
    )


def skills(vendor: Vendor, assessment: str) -> list[Json]:
    dice = vendor.dice(assessment)
    names = ("Reading", "Listening", "Writing", "Speaking")
    return [blob(name.lower(), name, "numeric_score", dice.randrange(75, 160, 5)) for name in names]


if __name__ == "__main__":
    serve(routes, work)
