"""Erasing a candidate: nothing that tells of the person stays anywhere, and whoever knew them is told."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
import rfc8785
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from assessments.dialects.base import Capability
from assessments.dialects.native import Native
from assessments.errors import OrderPurged, UnderLegalHold
from assessments.lifecycle import Status
from assessments.models import Attachment, Backfill, DoomedFile, Erasure, ErasureNotice, Order, OrderUpdate, Result
from assessments.services import (
    attaching,
    attachments,
    backfill,
    contacts,
    emptying,
    erasures,
    holds,
    orders,
    receipts,
)
from assessments.services.emptying import burn
from assessments.trails import trail_of_orders
from core import audit_chain
from core.errors import CandidateErased
from core.models import Application, AuditRecord, Candidate, FormerContact, RememberedReply, RequestLog
from core.secrets import decrypt
from partners.models import Delivery, Event, Partner
from partners.services import installations
from tests.assessments import scene
from tests.assessments.privacy import everything
from tests.assessments.scene import Shop
from tests.world import World

pytestmark = pytest.mark.django_db


def test_after_it_no_table_and_no_file_tells_of_the_person(world: World, shop: Shop) -> None:
    everything.tell_all(world, shop)
    assert len(everything.found()) > 20, "the search finds what is there"
    everything.erase(world)
    everything.settle()
    assert everything.found() == []
    assert DoomedFile.objects.count() == 0


def test_what_stays_is_a_skeleton(world: World, shop: Shop) -> None:
    order = everything.tell_all(world, shop)
    before = {model: model.objects.count() for model in (Order, Result, OrderUpdate, Backfill, Application, Candidate)}
    erasure = everything.erase(world)
    assert {model: model.objects.count() for model in before} == before
    candidate = Candidate.objects.get(pk=world.ada.pk)
    assert (candidate.name, candidate.email, candidate.phone, candidate.resume.name, candidate.erased_at) == (
        "Erased candidate", "", "", "", erasure.erased_at,
    )  # fmt: skip
    order.refresh_from_db()
    assert (order.status, order.purged_by, order.outcome, order.fields, order.position) == (
        "completed", "erasure", "none", "{}", None,
    )  # fmt: skip
    result = Result.objects.filter(order=order).latest("revision")
    assert (result.document, result.digest, result.score, result.reason) == ("{}", result.public_id, None, "")
    assert Application.objects.get(pk=world.application.pk).status == "withdrawn"
    assert set(Backfill.objects.filter(order=None).values_list("state", flat=True)) == {"dismissed", "rejected"}
    assert Attachment.objects.count() == 0


def test_what_was_deleted_is_counted(world: World, shop: Shop) -> None:
    everything.tell_all(world, shop)
    updates = OrderUpdate.objects.filter(order__candidate=world.ada).count()
    counts = everything.erase(world).counts
    assert {name: counts[name] for name in ("candidate", "orders", "updates", "results", "attachments", "files")} == {
        "candidate": 1, "orders": 3, "updates": updates, "results": 3, "attachments": 1, "files": 2,
    }  # fmt: skip


def test_open_orders_are_cancelled_before_and_partners_told_of_both(world: World, shop: Shop) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    erasure = everything.erase(world)
    assert scene.reread(order).status == "cancelled"
    told = Event.objects.filter(subject__in=[order.public_id, world.ada.public_id]).order_by("pk")
    assert list(told.values_list("topic", flat=True)) == ["order.placed", "order.cancelled", "candidate.erased"]
    states = Delivery.objects.filter(event__in=told).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["withdrawn", "due", "due"]
    notice = ErasureNotice.objects.get()
    assert (notice.erasure, notice.installation, notice.orders, notice.is_told, notice.is_overdue) == (
        erasure, shop.installation, [order.public_id], True, False,
    )  # fmt: skip


def test_where_the_protocol_has_no_word_for_it_the_partner_is_not_asked_to_stop(
    world: World, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = scene.place(shop)
    monkeypatch.setattr(Native, "offers", Native.offers - {Capability.CANCEL})
    everything.erase(world)
    order = scene.reread(order)
    assert (order.status, order.cancellation) == ("cancelled", Order.Cancellation.NONE)


def test_what_the_organization_was_told_stays_as_it_was_signed(world: World, shop: Shop) -> None:
    scene.endpoint(shop)
    scene.host(world.acme)
    order = scene.place(shop)
    scene.post(order)
    Partner.objects.update(dialect="wordy")
    Delivery.objects.update(state="delivered")
    before = dict(Event.objects.filter(subject=order.public_id, partner=None).values_list("pk", "body"))
    emptying.purge(trail_of_orders({order.pk: order.public_id}))
    told = Event.objects.filter(subject=order.public_id)
    assert len(before) > 1
    assert dict(told.filter(partner=None).values_list("pk", "body")) == before
    assert set(told.exclude(partner=None).values_list("body", flat=True)) == {"{}"}


def test_erasing_twice_is_erasing_once(world: World, shop: Shop) -> None:
    scene.place(shop)
    assert everything.erase(world) == everything.erase(world, ground="unlawful", reference="other")
    assert AuditRecord.objects.filter(verb="candidate.erased").count() == 1
    assert Event.objects.filter(topic="candidate.erased").count() == 1


def test_somebody_else_of_the_organization_loses_nothing(world: World, shop: Shop) -> None:
    stage = world.stages[0]
    application = Application.objects.create(organization=world.acme, candidate=world.bram, job=world.job, stage=stage)
    order = scene.place(shop, application=application)
    scene.post(order)
    everything.tell_all(world, shop)
    everything.erase(world)
    everything.settle()
    assert Result.objects.get(order=order).document == '{"score": 81, "verdict": "pass"}'
    assert Candidate.objects.get(pk=world.bram.pk).email == "bram.lindqvist@mail.example"


def test_under_a_hold_nothing_is_erased(world: World, shop: Shop) -> None:
    order = scene.place(shop)
    holds.place(world.ada, reason="A claim.", actor=world.admin.user)
    with pytest.raises(UnderLegalHold):
        everything.erase(world)
    assert (scene.reread(order).status, Erasure.objects.count()) == ("requested", 0)
    holds.lift(world.ada, actor=world.admin.user)
    everything.erase(world)
    assert scene.reread(order).purged_by == "erasure"


def test_nothing_comes_back_into_what_is_erased(world: World, shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    row = scene.backfill(shop, email="nobody@mail.example")
    stale = Candidate.objects.get(pk=world.ada.pk)
    everything.erase(world)
    assert scene.post(scene.reread(order), kind="amended", reason="x").is_purged
    with pytest.raises(OrderPurged):
        scene.tell(scene.reread(order), "note", note="Okafor")
    with pytest.raises(OrderPurged):
        attachments.store(scene.reread(order), name="a.pdf", content=scene.PDF)
    with pytest.raises(OrderPurged):
        orders.resend(scene.reread(order), actor="tests")
    with pytest.raises(CandidateErased):
        scene.place(shop)
    with pytest.raises(CandidateErased):
        attaching.attach(row, world.application, actor="tests")
    with pytest.raises(CandidateErased):
        contacts.change(stale, changed=["email"], actor=world.admin.user)
    assert Result.objects.filter(order=order).count() == 1
    assert OrderUpdate.objects.filter(order=order).count() == 1
    assert Candidate.objects.get(pk=world.ada.pk).name == "Erased candidate"


def test_a_late_result_is_answered_with_gone_and_not_even_logged(world: World, shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    everything.erase(world)
    body = {"kind": "amended", "reason": "x", "document": {"score": 1, "who": "Okafor"}}
    answer = shop.api().post(f"orders/{order.public_id}/results", body, key="late")
    assert (answer.status_code, answer.json()["code"]) == (410, "order_purged")
    [line] = shop.api().post("results:batch", {"results": [{**body, "order": order.public_id}]}).json()["data"]
    assert (line["status"], line["problem"]["code"]) == (410, "order_purged")
    bodies = list(RequestLog.objects.filter(method="POST").values_list("request_body", flat=True))
    assert [text.startswith("[not kept: ") for text in bodies] == [True, True]
    everything.settle()
    assert everything.found() == []


def test_what_slips_in_while_it_is_done_is_found_by_the_sweep(world: World, shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    world.ada.refresh_from_db()
    everything.erase(world)
    RequestLog.objects.create(
        request_id="req_late", partner=shop.partner.public_id, method="POST", path="/api/v1/results", status=422,
        latency_ms=1, request_body='{"candidate": {"email": "ada.okafor@mail.example"}}',
    )  # fmt: skip
    for number, name in enumerate(("query", "problem")):
        RequestLog.objects.create(
            request_id=f"req_{number}", partner=shop.partner.public_id, method="GET", path="/api/v1/candidates",
            status=422, latency_ms=1, **{name: "email=ada.okafor@mail.example"},
        )  # fmt: skip
    shop.api().post("orders/nothing/accept", {"note": order.public_id}, key="k")
    row = scene.backfill(shop, email="ada.okafor@mail.example")
    everything.settle()
    row.refresh_from_db()
    assert (row.state, row.document, row.email) == ("dismissed", "{}", "(deleted)")
    assert everything.found() == []
    erasure = Erasure.objects.get()
    assert (erasure.traced_by, erasure.swept_at is not None) == ("", True)


def test_what_was_told_under_a_former_address_or_number_goes_too(world: World, shop: Shop) -> None:
    host, api = scene.host(world.acme), shop.api()
    scene.place(shop)
    added = {"first_name": "Zelda", "last_name": "Okafor-Byrne", "email": "zelda@old.example", "phone": "+44 555 0100"}
    candidate = Candidate.objects.get(public_id=host.post("candidates", added).json()["id"])
    told = {"assessment_type": "coding", "candidate": {"email": "Zelda@old.example", "last_name": "Okafor-Byrne"}}
    told |= {"kind": "final", "document": {"score": 3}, "reason": "Okafor", "occurred_at": "2025-03-04T10:00:00Z"}
    api.post("results", told)
    row = Backfill.objects.get()
    host.patch(f"candidates/{candidate.public_id}", {"email": "zelda@new.example", "phone": "+44 555 0199"})
    host.patch(f"candidates/{candidate.public_id}", {"email": "zelda@newer.example", "last_name": "Byrne"})
    host.post("jobs", {"title": "The number was +44 555 0100.", "stages": ["Applied"]})
    erasures.erase(candidate, ground="asked", actor="tests")
    everything.settle()
    row.refresh_from_db()
    assert (row.state, row.email, row.last_name, row.reason, row.document, bytes(row.raw)) == (
        "dismissed", "(deleted)", "", "", "{}", b"",
    )  # fmt: skip
    bodies = RequestLog.objects.exclude(request_body="").values_list("request_body", flat=True)
    assert list(bodies) == []
    assert FormerContact.objects.count() == 0


def test_a_call_that_has_but_the_name_is_found_by_both_of_its_parts(world: World, shop: Shop) -> None:
    host, api = scene.host(world.acme), shop.api()
    scene.place(shop)
    Candidate.objects.filter(pk=world.ada.pk).update(first_name="Ådå", last_name="Ng")
    world.ada.refresh_from_db()
    name = {"first_name": "Ådå", "last_name": "Ng"}
    refused = host.post("candidates", {**name, "email": "not-an-address"})
    unknown = api.post("results", {"assessment_type": "none", "candidate": {"reference": "x", **name}})
    assert (refused.status_code, unknown.status_code) == (422, 422)
    host.post("jobs", {"title": "Ng, a long one, for Ådå’s friends", "stages": ["Applied"]})
    everything.erase(world)
    everything.settle()
    [kept] = RequestLog.objects.exclude(request_body="").values_list("request_body", flat=True)
    assert json.loads(kept)["stages"] == ["Applied"], "of a name of two letters only the whole value counts"


def test_what_is_remembered_of_former_contacts_is_sealed_and_no_more_than_changed(world: World) -> None:
    world.ada.location = "Accra"
    contacts.change(world.ada, changed=["location"], actor="tests")
    assert FormerContact.objects.count() == 0
    world.ada.phone = "+234 1 555 0199"
    contacts.change(world.ada, changed=["phone"], actor="tests")
    row = FormerContact.objects.get()
    assert row.was.startswith("gAAAA")
    assert json.loads(decrypt(row.was)) == {
        "first_name": "Ada", "last_name": "Okafor", "email": "ada.okafor@mail.example", "phone": "+234 1 555 0100",
    }  # fmt: skip


def test_the_words_to_look_for_are_sealed_and_kept_no_longer_than_needed(world: World, shop: Shop) -> None:
    scene.place(shop)
    erasure = everything.erase(world)
    assert erasure.traced_by.startswith("gAAAA")
    everything.settle()
    erasure.refresh_from_db()
    assert erasure.traced_by == ""


def test_the_sweep_goes_on_until_nothing_is_on_its_way(world: World, shop: Shop) -> None:
    scene.endpoint(shop)
    scene.place(shop)
    erasure = everything.erase(world)
    everything.settle()
    erasure.refresh_from_db()
    assert (erasure.traced_by, erasure.swept_at) == ("", None)
    Delivery.objects.update(state="delivered", note="Okafor")
    everything.settle()
    erasure.refresh_from_db()
    assert erasure.swept_at is not None
    assert set(Delivery.objects.values_list("note", flat=True)) == {""}


def test_a_crash_after_the_commit_leaves_no_file_for_good(
    world: World, shop: Shop, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    everything.tell_all(world, shop)
    with django_capture_on_commit_callbacks(execute=False):
        everything.erase(world)
    assert len(everything.in_files()) == 2
    assert (burn(), everything.in_files(), burn()) == (2, [], 0)


def test_an_old_resume_goes_when_a_new_one_comes(world: World, shop: Shop) -> None:
    everything.tell_all(world, shop)
    world.ada.resume = ContentFile(b"%PDF-1.7 Ada Okafor, newer", "resume.pdf")
    contacts.change(world.ada, changed=["resume"], actor=world.recruiter.user)
    burn()
    assert [Path(path).read_bytes() for path in everything.in_files() if "resumes" in path] == [
        b"%PDF-1.7 Ada Okafor, newer"
    ]


def test_under_a_hold_the_resume_that_is_there_stays(world: World, shop: Shop) -> None:
    everything.tell_all(world, shop)
    holds.place(world.ada, reason="A claim.", actor=world.admin.user)
    world.ada.resume = ContentFile(b"%PDF-1.7 newer", "resume.pdf")
    with pytest.raises(UnderLegalHold):
        contacts.change(world.ada, changed=["resume"], actor=world.recruiter.user)
    burn()
    assert [Path(path).read_bytes() for path in everything.in_files() if "resumes" in path] == [b"%PDF-1.7 Ada Okafor"]
    world.ada.refresh_from_db()
    world.ada.phone = "+234 1 555 0199"
    contacts.change(world.ada, changed=["phone"], actor=world.recruiter.user)
    assert FormerContact.objects.filter(candidate=world.ada).count() == 2, "and what the phone was"


def test_who_named_an_address_is_not_told_whose_it_was(world: World, shop: Shop) -> None:
    row = scene.backfill(shop, email="ada.okafor@mail.example")
    attaching.attach(row, world.application, actor=world.admin.user)
    everything.erase(world)
    assert (ErasureNotice.objects.count(), Event.objects.filter(topic="candidate.erased").count()) == (0, 0)


def test_what_a_partner_sees_of_what_named_an_address_does_not_change(world: World, shop: Shop) -> None:
    api = shop.api()
    for number, address in enumerate(("ada.okafor@mail.example", "nobody@mail.example")):
        told = {
            "assessment_type": "coding",
            "candidate": {"email": address},
            "kind": "final",
            "reference": f"r-{number}",
        }
        for document in ({"score": number}, {"score": "wrong"}):
            api.post(
                "results",
                {**told, "reference": f"r-{number}", "document": document, "occurred_at": "2025-03-04T10:00:00Z"},
            )
    backfill.match_due()
    assert Order.objects.get().candidate == world.ada
    before = api.get("results/backfills").json()
    assert [row["reference"] for row in before["data"]] == ["r-1", "r-1", "r-0", "r-0"]
    everything.erase(world)
    everything.settle()
    assert api.get("results/backfills").json() == before
    bodies = RequestLog.objects.filter(path="/api/v1/results").values_list("request_body", flat=True)
    assert set(bodies) == {""}, "not only the calls about Ada"


def test_a_reference_that_is_made_of_the_name_goes_all_the_same(world: World, shop: Shop) -> None:
    row = scene.backfill(shop, email="ada.okafor@mail.example")
    Backfill.objects.update(reference="OKAFOR-7")
    everything.erase(world)
    row.refresh_from_db()
    assert row.reference == ""


def test_a_removed_partner_is_told_too_and_may_answer(world: World, shop: Shop) -> None:
    scene.place(shop)
    installations.remove(shop.installation, actor=world.admin.user)
    erasure = everything.erase(world)
    answer = shop.api().post(f"erasures/{erasure.public_id}/acknowledge", {"message": "Done."})
    assert (answer.status_code, answer.json()["acknowledgement"]["message"]) == (201, "Done.")


def test_an_acknowledgement_counts_once_and_is_overdue_after_thirty_days(world: World, shop: Shop) -> None:
    scene.place(shop)
    everything.erase(world)
    ErasureNotice.objects.update(told_at=timezone.now() - timedelta(days=31))
    notice = ErasureNotice.objects.select_related("erasure__organization", "installation").get()
    assert notice.is_overdue
    then = timezone.now() - timedelta(hours=1)
    erasures.acknowledge(notice, erased_at=then, message="Done.", actor=shop.partner.public_id)
    erasures.acknowledge(notice, erased_at=timezone.now(), message="Again.", actor=shop.partner.public_id)
    notice.refresh_from_db()
    assert (notice.erased_at, notice.message, notice.is_overdue) == (then, "Done.", False)
    record = AuditRecord.objects.get(verb="erasure.acknowledged")
    assert record.facts == {"installation": shop.installation.public_id, "erased_at": then.isoformat()}


def test_the_receipt_is_sealed_in_the_audit_chain_and_names_nobody(world: World, shop: Shop) -> None:
    everything.tell_all(world, shop)
    erasure = everything.erase(world)
    shop.api().post(f"erasures/{erasure.public_id}/acknowledge", {"message": "We deleted Ada Okafor."})
    assert receipts.receipt(erasure)["sealed"] is None
    audit_chain.seal()
    everything.settle()
    receipt = receipts.receipt(Erasure.objects.get())
    record = AuditRecord.objects.get(verb="candidate.erased")
    assert receipt["digest"] == hashlib.sha256(rfc8785.dumps(receipt["statement"])).hexdigest()
    assert record.facts == {"erasure": erasure.public_id, "digest": receipt["digest"]}
    assert receipt["sealed"] == {"position": record.position, "seal": record.seal}
    [answer] = receipt["acknowledgements"]
    assert (answer["name"], answer["sealed"]["position"] > record.position) == ("CodeForge", True)
    assert (receipt["statement"]["told"][0]["partner"], audit_chain.verify().broken) == (shop.partner.public_id, None)
    assert not everything.tells(receipt)


def test_remembered_replies_that_name_the_candidate_are_forgotten_and_others_kept(world: World, shop: Shop) -> None:
    order = scene.place(shop)
    api = shop.api()
    api.post(f"orders/{order.public_id}/updates", {"kind": "note", "note": "x"}, key="about-ada")
    assert api.post("results:batch", {"results": [{"order": "ord_other"}]}, key="about-nobody").status_code == 200
    # In clear, as of a result: its reason is the partner's own words.
    for key, about in (("in-clear", order.public_id), ("in-clear-of-nobody", "ord_other")):
        RememberedReply.objects.create(
            client="x", key=key, fingerprint="f", clear=f'{{"order":"{about}","reason":"x"}}'
        )
    everything.erase(world)
    everything.settle()
    kept = RememberedReply.objects.order_by("key").values_list("key", flat=True)
    assert list(kept) == ["about-nobody", "in-clear-of-nobody"]


def test_a_partner_whose_protocol_has_no_word_for_it_is_left_to_a_person(
    world: World, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.place(shop)
    monkeypatch.setattr(Native, "offers", Native.offers - {Capability.EVENTS})
    everything.erase(world)
    assert (ErasureNotice.objects.get().is_told, Event.objects.filter(topic="candidate.erased").count()) == (False, 0)


def test_one_that_cannot_be_looked_through_stands_in_no_others_way(world: World, shop: Shop) -> None:
    broken = erasures.erase(world.bram, ground="asked", actor="tests")
    Erasure.objects.filter(pk=broken.pk).update(traced_by="nothing that a key opens")
    erasure = everything.erase(world)
    everything.settle()
    assert Erasure.objects.get(pk=erasure.pk).swept_at is not None
    assert Erasure.objects.get(pk=broken.pk).swept_at is None


def test_a_file_that_cannot_be_deleted_now_is_tried_again(
    world: World, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything.tell_all(world, shop)
    everything.erase(world)

    def refuse(_name: str) -> None:
        raise PermissionError

    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "delete", refuse)
        assert (burn(), len(everything.in_files())) == (0, 2)
    assert (burn(), everything.in_files()) == (2, [])
