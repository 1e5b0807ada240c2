"""The audit log is sealed after commits, in batches, and whatever is done to a sealed record is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import F, QuerySet
from django.utils import timezone

from core import audit, audit_chain
from core.models import AuditHead, AuditRecord
from core.tasks import seal_audit
from tests.world import World


def verify(*options: str) -> list[str]:
    told = StringIO()
    call_command("verify_audit", *options, stdout=told)
    return told.getvalue().splitlines()


def at(position: int) -> AuditRecord:
    return AuditRecord.objects.get(position=position)


def rows(position: int) -> QuerySet[AuditRecord]:
    return AuditRecord.objects.filter(position=position)


@pytest.fixture
def sealed(world: World) -> World:
    """Six records, sealed three and three."""
    for number in range(6):
        audit.record(
            "job.opened", actor=world.admin.user, organization=world.acme, subject=f"job_{number}", count=number
        )
        if number % 3 == 2:
            seal_audit()
    return world


def test_what_was_committed_is_sealed_once_and_in_order(sealed: World) -> None:
    chain = list(AuditRecord.objects.order_by("position").values_list("position", "subject"))
    assert chain == [(number + 1, f"job_{number}") for number in range(6)]
    before = list(AuditRecord.objects.order_by("pk").values())
    assert audit_chain.seal() == 0
    assert list(AuditRecord.objects.order_by("pk").values()) == before
    assert AuditHead.objects.values_list("position", "seal").get() == (6, at(6).seal)
    assert verify() == [f"6 records hold; the last is 6:{at(6).seal}"]


def test_more_than_a_batch_is_sealed_by_one_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "_BATCH", 2)
    for number in range(5):
        audit.record("job.opened", actor="command", subject=f"job_{number}")
    assert audit_chain.seal() == 5
    assert verify() == [f"5 records hold; the last is 5:{at(5).seal}"]


def test_the_tail_that_is_not_sealed_is_reported_with_its_age(sealed: World) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        audit.record("job.closed", actor="beat", subject="job_1")
        audit.record("job.closed", actor="beat", subject="job_2")
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        told = verify()
    assert told == [
        f"6 records hold; the last is 6:{at(6).seal}",
        "2 records are not sealed yet, the oldest for 120 s",
    ]


def test_an_empty_log_holds(db: None) -> None:
    assert verify() == ["0 records hold; the last is 0:"]


TAMPERINGS: dict[str, tuple[Callable[[World], object], str]] = {
    "a fact is edited": (
        lambda world: rows(3).update(facts={"count": 7}),
        r"position 3 \(record {3}, job.opened job_2\): it is not what was sealed",
    ),
    "a verb is edited": (lambda world: rows(1).update(verb="job.closed"), "position 1 .*not what was sealed"),
    "the time is edited": (
        lambda world: rows(4).update(occurred_at=timezone.now() - timedelta(days=1)),
        "position 4 .*not what was sealed",
    ),
    "another person is named": (
        lambda world: rows(2).update(actor=world.recruiter.user),
        "position 2 .*names somebody else than was sealed",
    ),
    "nobody is named": (lambda world: rows(2).update(actor=None), "position 2 .*names somebody else than was sealed"),
    "another organization is named": (
        lambda world: rows(5).update(organization=world.globex),
        "position 5 .*names somebody else than was sealed",
    ),
    "the person and the sealed key are edited": (
        lambda world: rows(2).update(actor=world.recruiter.user, sealed_actor=world.recruiter.user.pk),
        "position 2 .*not what was sealed",
    ),
    "the first is deleted": (lambda world: rows(1).delete(), r"position 1 \(no record\): the record is missing"),
    "one in the middle is deleted": (
        lambda world: rows(4).delete(),
        r"position 4 \(no record\): the record is missing",
    ),
    "the last is deleted": (lambda world: rows(6).delete(), r"position 6 \(no record\): the record is missing"),
    "all are deleted": (lambda world: AuditRecord.objects.all().delete(), r"position 1 \(no record\)"),
    "one is deleted and the gap closed": (
        lambda world: [rows(4).delete(), rows(5).update(position=4), rows(6).update(position=5)],
        "position 4 .*not what was sealed",
    ),
    "two change places": (
        lambda world: [rows(2).update(position=99), rows(3).update(position=2), rows(99).update(position=3)],
        "position 2 .*not what was sealed",
    ),
    "one is inserted": (
        lambda world: [
            rows(6).update(position=7),
            AuditRecord.objects.create(verb="job.opened", subject="job_x", position=6, seal=at(5).seal),
        ],
        "position 6 .*not what was sealed",
    ),
    "the last is deleted with the head": (
        lambda world: [rows(6).delete(), AuditHead.objects.all().delete()],
        r"position 5 \(no record\): the head of the chain is gone",
    ),
    "one is taken out of the chain": (
        lambda world: rows(3).update(position=None, seal=""),
        r"position 3 \(no record\): the record is missing",
    ),
}


@pytest.mark.parametrize("deed", TAMPERINGS)
def test_tampering_is_found_and_the_record_named(sealed: World, deed: str) -> None:
    tamper, found = TAMPERINGS[deed]
    expected = found.replace("{3}", str(at(3).pk))
    tamper(sealed)
    with pytest.raises(CommandError, match=expected):
        verify()


def test_a_record_that_is_slipped_in_with_an_old_date_is_found_though_it_is_sealed(sealed: World) -> None:
    AuditRecord.objects.create(
        verb="partner.approved", subject="ptn_x", occurred_at=timezone.now() - timedelta(days=2), facts={}
    )
    seal_audit()
    with pytest.raises(CommandError, match=r"position 7 .*slipped in"):
        verify()


def test_a_chain_that_was_computed_anew_is_found_by_a_head_kept_elsewhere(sealed: World) -> None:
    kept = f"4:{at(4).seal}"
    assert verify("--anchor", kept)[0].startswith("6 records hold")
    rows(3).update(facts={"count": 7})
    AuditRecord.objects.update(position=None)
    AuditHead.objects.all().delete()
    seal_audit()
    assert verify()[0].startswith("6 records hold")
    with pytest.raises(CommandError, match=r"position 4 .*its seal is not the one that was kept"):
        verify("--anchor", kept)


def test_a_log_cut_off_before_a_kept_head_is_found(sealed: World) -> None:
    kept = f"6:{at(6).seal}"
    rows(6).delete()
    AuditHead.objects.update(position=5, seal=at(5).seal)
    assert verify()[0].startswith("5 records hold")
    with pytest.raises(CommandError, match=r"position 6 \(no record\): the record is missing"):
        verify("--anchor", kept)


def test_people_and_organizations_may_be_erased_without_breaking_the_chain(sealed: World) -> None:
    sealed.admin.user.delete()
    sealed.acme.applications.all().delete()
    sealed.acme.delete()
    assert AuditRecord.objects.filter(actor=None, organization=None).count() == 6
    assert verify() == [f"6 records hold; the last is 6:{at(6).seal}"]


def test_a_record_that_was_committed_late_is_sealed_after_younger_ones(sealed: World) -> None:
    late = AuditRecord.objects.create(verb="job.opened", subject="job_late", facts={})
    late_row = AuditRecord.objects.filter(pk=late.pk)
    late_row.update(occurred_at=F("occurred_at") - timedelta(minutes=30))
    seal_audit()
    assert late_row.values_list("position", flat=True).get() == 7
    assert verify()[0].startswith("7 records hold")
