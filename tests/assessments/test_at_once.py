"""A result that is taken by one statement, when somebody else is faster. On PostgreSQL, where there is that way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assessments.models import Order, OrderUpdate, Result
from assessments.services import results, transitions
from core.models import AuditRecord, RememberedReply
from tests.assessments import scene
from tests.assessments.scene import DOCUMENT, Shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

FINAL = {"kind": "final", "document": DOCUMENT}


@pytest.fixture
def order(shop: Shop) -> Order:
    return scene.place(shop)


def meanwhile(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object]) -> list[str]:
    """Does that between reading and writing; what was drafted."""
    drafted: list[str] = []
    draft = results.draft

    def draft_then(posted: Any, **words: Any) -> Any:
        found = draft(posted, **words)
        drafted.append(found[0].status)
        deed()
        return found

    monkeypatch.setattr(results, "draft", draft_then)
    return drafted


def test_an_order_that_was_cancelled_meanwhile_is_decided_again(
    shop: Shop, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted = meanwhile(monkeypatch, lambda: scene.tell(scene.reread(order), "cancelled"))
    answer = shop.api().post(f"orders/{order.public_id}/results", FINAL, key="k-1")
    assert (answer.status_code, answer.json()["status"], drafted) == (201, "cancelled", ["completed"])
    assert Result.objects.get(order=order).is_late
    assert scene.reread(order).status == "cancelled"


def test_a_twin_that_was_faster_is_answered_once(shop: Shop, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/results"
    told: list[Any] = []
    draft = results.draft
    with monkeypatch.context() as patched:

        def twin() -> None:
            patched.undo()
            told.append(api.post(path, FINAL, key="k-1"))

        drafted = meanwhile(patched, twin)
        answer = api.post(path, FINAL, key="k-1")
    assert results.draft is draft
    assert (drafted, answer.status_code, answer["Idempotent-Replayed"]) == (["completed"], 201, "true")
    assert answer.json() == told[0].json()
    assert Result.objects.count() == RememberedReply.objects.count() == 1
    assert OrderUpdate.objects.filter(order=order).count() == 1
    assert AuditRecord.objects.filter(subject=order.public_id, verb="order.completed").count() == 1


def test_one_that_changes_by_a_hair_is_not_overwritten(
    shop: Shop, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: transitions.touch(scene.reread(order), reference="theirs-7"))
    assert shop.api().post(f"orders/{order.public_id}/results", FINAL, key="k-1").status_code == 201
    assert (scene.reread(order).reference, scene.reread(order).status) == ("theirs-7", "completed")
