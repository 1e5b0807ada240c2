"""A candidate about whom something is held everywhere it can be, and a search of every table and file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from assessments.models import Callback, EarlyCall, Erasure, Order, ReportToFetch, StatusQuestion
from assessments.services import attachments, contacts, erasures, holds
from assessments.services.traces import SETTLED_AFTER
from assessments.tasks import sweep_erased
from core.models import Candidate
from core.secrets import Undecipherable, decrypt
from partners.models import Attempt, Delivery
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World

# What would tell of Ada.
OLD_ADDRESS = "ada.okafor@old.example"
WORDS = ("Okafor", "ada.okafor", "555 0100", "Lagos")
DOCUMENT = {"score": 81, "verdict": "pass", "note": "Ada Okafor was quick."}


def tell_all(world: World, shop: Shop) -> Order:
    """Ada with a résumé, an order under way, a completed one with a report, rejected and refused news, back-fills."""
    email = world.ada.email
    Candidate.objects.filter(pk=world.ada.pk).update(time_zone="Africa/Lagos", email=OLD_ADDRESS)
    world.ada.refresh_from_db()
    world.ada.email, world.ada.resume = email, ContentFile(b"%PDF-1.7 Ada Okafor", "resume.pdf")
    contacts.change(world.ada, changed=["email", "resume"], actor=world.recruiter.user)
    api, endpoint = shop.api(), scene.endpoint(shop)
    order = scene.place(shop, placed_by=world.recruiter.user)
    here = f"orders/{order.public_id}"
    api.post(f"{here}/accept", {"reference": "okafor-1", "candidate_url": "https://codeforge.example/t/ada.okafor"})
    api.post(f"{here}/updates", {"kind": "note", "note": "Ada Okafor asked for more time."}, key="note-1")
    api.post(f"{here}/results", {"kind": "final", "document": {"score": "Okafor"}})
    api.post(f"{here}/results", {"kind": "final", "document": DOCUMENT}, key="result-1")
    api.post(f"{here}/results", {"kind": "amended", "reason": "Okafor appealed.", "document": {"score": 90}})
    api.post(
        "results:batch", {"results": [{"reference": "okafor-1", "kind": "amended", "document": {}, "reason": "x"}]}
    )
    api.post("results", _backfill({"id": world.ada.public_id}, "Okafor, by id"))
    api.post("results", _backfill({"email": "Ada.Okafor@mail.example", "last_name": "Okafor"}, "Okafor, by address"))
    api.post("results", _backfill({"email": OLD_ADDRESS, "last_name": "Okafor"}, "Okafor, by a former address"))
    api.post("results", {**_backfill({"email": "ada.okafor@mail.example"}, "Okafor"), "document": {"score": "Okafor"}})
    attachments.store(order, name="Ada Okafor.pdf", content=b"%PDF-1.7 Ada Okafor")
    under_way = scene.place(shop)
    scene.tell(under_way, "accepted", reference="okafor-2", candidate_url="https://codeforge.example/t/okafor")
    holds.place(world.ada, reason="Okafor sued us.", actor=world.admin.user)
    holds.lift(world.ada, actor=world.admin.user)
    for delivery in Delivery.objects.filter(endpoint=endpoint):
        _tried(delivery)
    _by_another_protocol(order)
    return scene.reread(order)


def _by_another_protocol(order: Order) -> None:
    """What is kept beside an order of a partner that is connected by its own protocol."""
    Callback.objects.create(order=order, token_hash="f" * 64)
    StatusQuestion.objects.create(order=order, step=3, until=timezone.now(), trouble="Okafor is not there.")
    ReportToFetch.objects.create(order=order, url="https://codeforge.example/okafor.pdf", name="Okafor.pdf")
    EarlyCall.objects.create(installation=order.installation, reference="okafor-1", raw=b"Ada Okafor", digest="f" * 64)


def _backfill(candidate: dict[str, str], reason: str) -> dict[str, Any]:
    told = {"assessment_type": "coding", "kind": "final", "document": DOCUMENT, "reason": reason}
    return {**told, "candidate": candidate, "occurred_at": "2025-03-04T10:00:00Z"}


def _tried(delivery: Delivery) -> None:
    """The partner answered with what it should not have."""
    Attempt.objects.create(
        delivery=delivery,
        number=1,
        started_at=timezone.now(),
        duration_ms=5,
        url=delivery.endpoint.url,
        status=200,
        reply_headers={"x-person": "Okafor"},
        reply_body=b"Welcome, Ada Okafor",
        outcome="delivered",
    )
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DELIVERED, note="Okafor is invited.")


def settle() -> None:
    """The time that passes until nothing of an erasure can be under way any more."""
    sweep_erased()
    with time_machine.travel(timezone.now() + SETTLED_AFTER + timedelta(seconds=5)):
        sweep_erased()


def found() -> list[str]:
    """Where any word that tells of Ada stands: in any column of any table, opened where it is sealed, or in a file."""
    return [*_in_tables(), *in_files()]


def _in_tables() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        table, columns = model._meta.db_table, [str(field.column) for field in model._meta.concrete_fields]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(connection.ops.quote_name(name) for name in columns)} FROM {table}")
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if tells(value):
                        yield f"{table}.{column}: {value!r}"


def tells(value: Any) -> bool:
    text = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
    return any(word.lower() in text.lower() for word in WORDS) or (text.startswith("gAAAA") and tells(_opened(text)))


def _opened(text: str) -> str:
    try:
        return decrypt(text)
    except Undecipherable:
        return ""


def in_files() -> list[str]:
    """Every file that tells of Ada."""
    paths = (path for path in Path(default_storage.path("")).rglob("*") if path.is_file())
    return [str(path) for path in paths if tells(path.read_bytes())]


def erase(world: World, **changes: Any) -> Erasure:
    """By Acme's admin."""
    return erasures.erase(world.ada, **{"ground": "asked", "reference": "PR-17", "actor": world.admin.user, **changes})
