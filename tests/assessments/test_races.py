"""Partners, people, beat and workers at the same moment, on PostgreSQL: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from django.db import connection
from django.utils import timezone

from assessments.errors import InstallationNotActive
from assessments.lifecycle import OPEN, Status, Trigger, Verdict
from assessments.models import AssessmentType, Order, OrderUpdate, Result
from assessments.services import attachments, catalogue, deadlines, expiry, orders, reminders, transitions
from core.errors import DomainError, PreconditionFailed
from core.models import AuditRecord
from partners.models import Delivery, Event
from partners.scopes import ALL
from partners.services import installations
from tests.assessments import scene
from tests.assessments.scene import PDF, Shop

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
T = TypeVar("T")


@pytest.fixture(autouse=True)
def _really_postgresql() -> None:
    assert connection.vendor == "postgresql", "these races need DATABASE_URL=postgresql://…"


def at_once(*deeds: Callable[[], T]) -> list[T]:
    """Each in a thread of its own, all beginning together; in their order, what they returned."""
    start = threading.Barrier(len(deeds))

    def run(deed: Callable[[], T]) -> T:
        start.wait(timeout=10)
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return [future.result(timeout=60) for future in [threads.submit(run, deed) for deed in deeds]]


def tolerant(deed: Callable[[], object]) -> Callable[[], str]:
    """The deed, with a refusal of ours as its code."""

    def run() -> str:
        try:
            deed()
        except DomainError as refusal:
            return refusal.code
        return "done"

    return run


def seen(order: Order) -> list[Order]:
    """Two views of the same row, as two requests read it."""
    return [scene.reread(order), scene.reread(order)]


def verbs(order: Order) -> Counter[str]:
    return Counter(AuditRecord.objects.filter(subject=order.public_id).values_list("verb", flat=True))


def test_an_acceptance_and_a_cancellation_at_once_end_cancelled(shop: Shop) -> None:
    scene.endpoint(shop)
    for _ in range(5):
        _accept_and_cancel(scene.place(shop))


def _accept_and_cancel(order: Order) -> None:
    mine, theirs = seen(order)
    at_once(
        lambda: scene.tell(theirs, "accepted", reference="CF-7"),
        lambda: orders.cancel(mine, actor="tests"),
    )
    order = scene.reread(order)
    update = order.updates.get()
    assert (order.status, order.reference) == ("cancelled", "CF-7")
    assert update.outcome in {"applied", "ignored"}
    assert verbs(order)["order.accepted"] == (1 if update.outcome == "applied" else 0)
    assert verbs(order)["order.cancelled"] == 1
    states = Delivery.objects.filter(event__subject=order.public_id, event__topic="order.placed")
    assert list(states.values_list("state", flat=True)) == ["withdrawn"]


def test_of_two_contradicting_moves_one_wins_and_the_other_sees_it(shop: Shop) -> None:
    """The conditional update itself: both have read *requested*, without a lock."""
    for _ in range(5):
        _decline_and_expire(scene.place(shop))


def _decline_and_expire(order: Order) -> None:
    one, other = seen(order)
    steps = at_once(
        lambda: transitions.move(one, Trigger.DECLINED, actor="one"),
        lambda: transitions.move(other, Trigger.EXPIRED, actor="other"),
    )
    assert Counter(step.verdict for step in steps) == {Verdict.MOVED: 1, Verdict.STALE: 1}
    assert one.status == other.status == scene.reread(order).status
    assert sum(verbs(order)[verb] for verb in ("order.declined", "order.expired")) == 1


def test_two_results_at_once_are_consecutive_revisions(shop: Shop) -> None:
    order = scene.place(shop)
    one, other = seen(order)
    why = "Scored again."
    posts = [(one, 1), (other, 2)]
    recorded = at_once(*(partial(scene.post, row, {"score": score}, reason=why) for row, score in posts))
    assert [each.created for each in recorded] == [True, True]
    kinds = list(order.results.order_by("revision").values_list("revision", "kind"))
    assert kinds == [(1, "final"), (2, "amended")]
    newest = order.results.get(revision=2)
    assert (scene.reread(order).status, newest.score is not None) == ("completed", True)


def test_ten_results_at_once_are_ten_revisions(shop: Shop) -> None:
    order = scene.place(shop)
    views = [scene.reread(order) for _ in range(10)]
    at_once(*(lambda view=view, n=n: scene.post(view, {"score": n}, kind="partial") for n, view in enumerate(views)))
    assert sorted(order.results.values_list("revision", flat=True)) == list(range(1, 11))
    assert OrderUpdate.objects.filter(order=order, outcome="applied").count() == 10


def test_ten_identical_callbacks_at_once_are_one_result(shop: Shop) -> None:
    order = scene.place(shop)
    program, path = shop.api(), f"orders/{order.public_id}/results"

    def call() -> Any:
        return program.post(path, {"kind": "final", "document": {"score": 1}})

    answers = at_once(*[call] * 10)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 9}
    assert {answer.json()["id"] for answer in answers} == {Result.objects.get().public_id}
    assert OrderUpdate.objects.count() == 1


def test_ten_identical_callbacks_under_one_key_are_one_answer(shop: Shop) -> None:
    order = scene.place(shop)
    program, path = shop.api(), f"orders/{order.public_id}/results"

    def call() -> Any:
        return program.post(path, {"kind": "final", "document": {"score": 1}}, key="k-1")

    answers = at_once(*[call] * 10)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Result.objects.count() == 1


def test_ten_identical_rejections_at_once_are_one_update_and_one_event(shop: Shop) -> None:
    order = scene.place(shop)
    views = [scene.reread(order) for _ in range(10)]
    recorded = at_once(*(lambda view=view: scene.post(view, {}) for view in views))
    assert {each.update.public_id for each in recorded} == {OrderUpdate.objects.get().public_id}
    assert Event.objects.filter(topic="result.rejected").count() == 1


def test_no_open_order_is_left_at_a_removed_installation(shop: Shop) -> None:
    for _ in range(5):
        ended = at_once(
            tolerant(lambda: scene.place(shop)),
            tolerant(lambda: installations.remove(shop.installation, actor="tests")),
            tolerant(lambda: scene.place(shop)),
        )
        assert set(ended) <= {"done", InstallationNotActive.code}
        assert not Order.objects.filter(installation=shop.installation, status__in=OPEN).exists()
        reinstall(shop)


def reinstall(shop: Shop) -> None:
    installations.install(shop.partner, shop.installation.organization, scopes=ALL, actor="tests")


def test_a_removal_deadlocks_with_nothing_that_goes_on_meanwhile(shop: Shop) -> None:
    for _ in range(5):
        _remove_among_others(shop)
        reinstall(shop)


def _remove_among_others(shop: Shop) -> None:
    placed = [scene.place(shop) for _ in range(5)]
    failed = scene.in_status(shop, Status.FAILED)
    Order.objects.filter(pk=placed[4].pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    views = [scene.reread(order) for order in (*placed, failed)]
    ended = at_once(
        tolerant(lambda: installations.remove(shop.installation, actor="tests")),
        tolerant(lambda: orders.cancel(views[0], actor="tests")),
        tolerant(lambda: scene.post(views[1], {})),
        tolerant(lambda: scene.tell(views[2], "accepted")),
        tolerant(lambda: orders.resend(views[5], actor="tests")),
        tolerant(expiry.expire_due),
        tolerant(lambda: scene.give_up(views[3])),
    )
    assert set(ended) <= {"done", "illegal_transition", "installation_not_active"}
    assert not Order.objects.filter(installation=shop.installation, status__in=OPEN).exists()
    due = Delivery.objects.filter(event__topic="order.placed", state=Delivery.State.DUE)
    assert not due.exists()


def test_two_drafts_at_once_get_two_numbers(shop: Shop) -> None:
    texts = [json.dumps({"type": "object", "title": f"Draft {n}"}) for n in range(4)]
    drafts = at_once(*(lambda text=text: catalogue.draft_schema(shop.assessment_type, text) for text in texts))
    assert sorted(draft.version for draft in drafts) == [2, 3, 4, 5]
    at_once(*(lambda draft=draft: tolerant(lambda: catalogue.publish(draft))() for draft in drafts))
    published = shop.assessment_type.result_schemas.filter(state="published")
    assert catalogue.current_schema(shop.assessment_type) == published.get()


def test_the_same_draft_at_once_is_one_version(shop: Shop) -> None:
    text = json.dumps({"type": "object", "title": "Same"})
    drafts = at_once(*[lambda: catalogue.draft_schema(shop.assessment_type, text)] * 4)
    assert {draft.version for draft in drafts} == {2}


def test_two_catalogues_at_once_leave_one_of_them(shop: Shop) -> None:
    def replace(keys: str) -> None:
        catalogue.replace_all(shop.partner, [catalogue.Entry(key=key, name=key) for key in keys])

    at_once(lambda: replace("abc"), lambda: replace("cde"))
    on_offer = shop.partner.assessment_types.filter(retired_at=None).order_by("key").values_list("key", flat=True)
    assert "".join(on_offer) in {"abc", "cde"}


def test_the_same_report_at_once_is_one_attachment(shop: Shop) -> None:
    order = scene.place(shop)
    views = [scene.reread(order) for _ in range(4)]
    stored = at_once(*(lambda view=view: attachments.store(view, name="a", content=PDF) for view in views))
    assert Counter(is_new for _row, is_new in stored) == {True: 1, False: 3}
    assert order.attachments.count() == 1


def test_extending_while_it_expires_leaves_one_of_the_two(shop: Shop) -> None:
    for _ in range(10):
        _extend_and_expire(scene.place(shop, deadline_at=timezone.now() + timedelta(hours=1)))


def _extend_and_expire(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    later = timezone.now() + timedelta(days=1)
    said = at_once(
        tolerant(lambda: deadlines.extend(scene.reread(order), deadline_at=later, actor="tests")),
        tolerant(expiry.expire_due),
    )
    order = scene.reread(order)
    news = Event.objects.filter(subject=order.public_id).exclude(topic="order.placed").values_list("topic", flat=True)
    if said[0] == "done":
        assert (order.status, order.deadline_at, list(news)) == ("requested", later, ["order.deadline_changed"])
    else:
        assert (said[0], order.status, list(news)) == ("illegal_transition", "expired", ["order.expired"])


def test_beat_running_twice_at_once_reminds_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "out_of_quiet", lambda moment, _zone: moment)
    placed = [scene.place(shop) for _ in range(5)]
    Order.objects.update(remind_at=timezone.now() - timedelta(seconds=1))
    assert sum(at_once(*[reminders.remind_due] * 4)) == 5
    subjects = Event.objects.filter(topic="order.reminder_due").values_list("subject", flat=True)
    assert Counter(subjects) == Counter(order.public_id for order in placed)


def test_no_reminder_stays_on_its_way_after_a_start_at_the_same_moment(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "out_of_quiet", lambda moment, _zone: moment)
    scene.endpoint(shop)
    for _ in range(10):
        _start_and_remind(scene.place(shop))


def _start_and_remind(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(remind_at=timezone.now() - timedelta(seconds=1))
    at_once(lambda: scene.tell(scene.reread(order), "started").outcome, lambda: str(reminders.remind_due()))
    assert not Delivery.objects.filter(event__subject=order.public_id, state="due").exists()


def test_beat_running_twice_at_once_expires_once(shop: Shop) -> None:
    for _ in range(5):
        scene.place(shop)
    Order.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    assert sum(at_once(expiry.expire_due, expiry.expire_due)) == 5
    assert Event.objects.filter(topic="order.expired").count() == 5


def put_if(shop: Shop, key: str, name: str, condition: catalogue.Condition) -> Callable[[], str]:
    return tolerant(
        lambda: catalogue.put_type(
            shop.partner, key, name=name, description="", kind="coding", order_schema_text="", condition=condition
        )
    )


def test_of_changes_of_a_type_meant_for_the_same_state_one_is_made(shop: Shop) -> None:
    """As ``If-Match`` asks for: who read the same as another, and comes second, has to read again."""
    was = shop.assessment_type.name

    def as_it_was(row: AssessmentType | None) -> None:
        if row is None or row.name != was:
            raise PreconditionFailed

    done = at_once(*(put_if(shop, shop.assessment_type.key, f"Name {number}", as_it_was) for number in range(4)))
    assert Counter(done) == {"done": 1, "precondition_failed": 3}


def test_of_creations_of_a_type_at_once_that_shall_only_create_one_does(shop: Shop) -> None:
    def only_new(row: AssessmentType | None) -> None:
        if row is not None:
            raise PreconditionFailed

    done = at_once(*[put_if(shop, "new", "New", only_new)] * 4)
    assert Counter(done) == {"done": 1, "precondition_failed": 3}
