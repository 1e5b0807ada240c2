"""The export of everything held about a candidate: every kind of rows, the files, and nobody else."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from assessments.holdings import KINDS
from assessments.models import OrderUpdate
from assessments.services import erasures, exports
from core.models import AuditRecord, Candidate, RequestLog
from tests.assessments import scene
from tests.assessments.privacy import everything
from tests.assessments.scene import Shop
from tests.world import World

pytestmark = pytest.mark.django_db


def opened(candidate: Candidate, actor: Any) -> dict[str, bytes]:
    """The files of the ZIP by name, whole and checked."""
    with zipfile.ZipFile(io.BytesIO(b"".join(exports.export(candidate, actor=actor)))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_brings_every_kind_and_the_files_with_a_manifest(world: World, shop: Shop) -> None:
    order = everything.tell_all(world, shop)
    files = opened(world.ada, world.admin.user)
    manifest = json.loads(files["manifest.json"])
    rows = {name: json.loads(files[entry["file"]]) for name, entry in manifest["kinds"].items()}
    assert rows.keys() == {kind.name for kind in KINDS if kind.exported}
    assert {name: len(found) for name, found in rows.items()} == {
        name: entry["rows"] for name, entry in manifest["kinds"].items()
    }
    assert {name for name, found in rows.items() if not found} == {"erasures", "erasure_notices"}
    [person] = rows["candidate"]
    assert (person["first_name"], person["email"], person["time_zone"]) == (
        "Ada", "ada.okafor@mail.example", "Africa/Lagos",
    )  # fmt: skip
    newest = [row for row in rows["results"] if row["order"] == order.public_id][-1]
    assert (newest["document"], newest["reason"]) == ({"score": 90}, "Okafor appealed.")
    assert len(rows["updates"]) == OrderUpdate.objects.filter(order__candidate=world.ada).count()
    assert {row["body"]["data"]["order"] for row in rows["events"]} >= {order.public_id}
    report = order.attachments.get()
    assert files["files/resume.pdf"] == b"%PDF-1.7 Ada Okafor"
    assert files[f"files/{report.public_id}/Ada Okafor.pdf"] == b"%PDF-1.7 Ada Okafor"
    assert {entry["name"] for entry in manifest["files"]} == {name for name in files if name.startswith("files/")}


def test_it_holds_nobody_else(world: World, shop: Shop) -> None:
    everything.tell_all(world, shop)
    scene.backfill(shop, {"score": 1}, email="bram.lindqvist@mail.example", last_name="Lindqvist")
    whole = b"".join(opened(world.ada, world.admin.user).values()).decode("utf-8", "replace")
    others = (world.recruiter.user, world.admin.user)
    assert not [word for user in others for word in (user.email, user.name) if word in whole]
    assert "Lindqvist" not in whole


def test_it_brings_the_calls_about_the_candidate_that_an_erasure_empties(world: World, shop: Shop) -> None:
    host = scene.host(world.acme)
    person = {"first_name": "Zelda", "last_name": "Byrne", "email": "zelda@old.example"}
    candidate = Candidate.objects.get(public_id=host.post("candidates", person).json()["id"])
    application = host.post("applications", {"candidate": candidate.public_id, "job": world.job.public_id}).json()
    order = {"application": application["id"], "installation": shop.installation.public_id}
    order = host.post("orders", {**order, "assessment_type": "coding", "fields": scene.FIELDS}).json()
    shop.api().post(f"orders/{order['id']}/updates", {"kind": "note", "note": "Called."})
    host.patch(f"candidates/{candidate.public_id}", {"email": "zelda@new.example"})
    host.post("candidates", {**person, "email": "not-an-address"})
    host.post("candidates", {**person, "first_name": "Somebody", "email": "somebody@mail.example"})
    calls = json.loads(opened(candidate, world.admin.user)["calls.json"])
    assert [(call["method"], call["path"].split("/")[3], call["status"]) for call in calls] == [
        ("POST", "candidates", 201),
        ("POST", "applications", 201),
        ("POST", "orders", 201),
        ("POST", "orders", 201),
        ("PATCH", "candidates", 200),
        ("POST", "candidates", 422),
    ]
    erasures.erase(candidate, ground="asked", actor="tests")
    everything.settle()
    kept = RequestLog.objects.exclude(request_body="")
    assert not kept.filter(request_id__in=[call["request_id"] for call in calls]).exists()
    assert kept.count() == 1


def test_that_it_was_made_is_written_down(world: World, shop: Shop) -> None:
    opened(world.ada, world.admin.user)
    record = AuditRecord.objects.get(verb="candidate.exported")
    assert (record.subject, record.actor, record.facts) == (world.ada.public_id, world.admin.user, {})


def test_of_an_erased_candidate_it_brings_what_stayed_and_no_word_of_the_person(world: World, shop: Shop) -> None:
    everything.tell_all(world, shop)
    exports_before = opened(world.ada, world.admin.user)
    assert everything.tells(exports_before)
    everything.erase(world)
    everything.settle()
    world.ada.refresh_from_db()
    files = opened(world.ada, world.admin.user)
    assert not everything.tells(files)
    assert len(json.loads(files["erasures.json"])) == 1
    assert not [name for name in files if name.startswith("files/")]
