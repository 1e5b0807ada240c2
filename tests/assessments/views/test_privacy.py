"""The pages of privacy: an admin's alone, honest about what goes, and closed to Mallory and to colleagues."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models import AssessmentType, Erasure, ErasureNotice, LegalHold, Order, RetentionRule
from assessments.services import attaching, erasures, holds, retention
from core import audit_chain
from core.models import AuditRecord, Candidate, Membership
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
ERASE = {"ground": "asked", "reference": "PR-17", "sure": "on"}


def here(world: World, page: str) -> str:
    return f"/candidates/{world.ada.public_id}/{page}"


def text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]  # a response of the test client


@pytest.fixture
def admin(world: World, signed_in: SignIn) -> Client:
    return signed_in(world.admin)


def old_result(shop: Shop) -> Order:
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        return scene.in_status(shop, Status.COMPLETED)


# --- Who may --------------------------------------------------------------------------------------------------


def test_mallory_finds_nothing_and_colleagues_may_not(world: World, shop: Shop, signed_in: SignIn) -> None:
    gone = erasures.erase(world.bram, ground="asked", actor=world.admin.user)
    own = f"/privacy/erasures/{gone.public_id}"
    places = [
        ("get", here(world, "privacy")), ("post", here(world, "hold")), ("post", here(world, "hold/lift")),
        ("post", here(world, "export")), ("get", here(world, "erase")), ("post", here(world, "erase")),
        ("get", own), ("get", f"{own}/receipt.json"),
    ]  # fmt: skip
    pages = [("get", "/privacy/retention"), ("post", "/privacy/retention"), ("get", "/privacy/erasures")]
    mallory = signed_in(world.mallory)
    assert {getattr(mallory, how)(path, ERASE).status_code for how, path in places} == {404}
    assert gone.public_id not in text(mallory.get("/privacy/erasures"))
    assert "CodeForge" not in text(mallory.get("/privacy/retention"))
    for colleague in (world.recruiter, world.interviewer):
        browser = signed_in(colleague)
        assert {getattr(browser, how)(path, ERASE).status_code for how, path in places + pages} == {403}
    assert {getattr(Client(), how)(path, ERASE).status_code for how, path in places + pages} == {302}
    assert Candidate.objects.get(pk=world.ada.pk).erased_at is None


def test_the_profile_leads_an_admin_there_and_nobody_else(world: World, signed_in: SignIn, admin: Client) -> None:
    profile = f"/candidates/{world.ada.public_id}"
    assert here(world, "privacy") in text(admin.get(profile))
    assert here(world, "privacy") not in text(signed_in(world.recruiter).get(profile))
    assert "Privacy</a>" in text(admin.get("/candidates"))
    assert "Privacy</a>" not in text(signed_in(world.recruiter).get("/candidates"))


# --- Hold -----------------------------------------------------------------------------------------------------


def test_a_hold_is_placed_with_a_reason_shown_to_all_and_lifted(world: World, admin: Client, signed_in: SignIn) -> None:
    empty = admin.post(here(world, "hold"), {"reason": " "})
    assert (empty.status_code, LegalHold.objects.count()) == (422, 0)
    admin.post(here(world, "hold"), {"reason": "A claim of March."})
    assert "A claim of March." in text(admin.get(here(world, "privacy")))
    seen = text(signed_in(world.recruiter).get(f"/candidates/{world.ada.public_id}"))
    assert ("Legal hold since" in seen, "A claim of March." in seen) == (True, False)
    admin.post(here(world, "hold/lift"))
    row = LegalHold.objects.get()
    assert (row.placed_by, row.lifted_by, row.lifted_at is not None) == (world.admin.user, world.admin.user, True)
    assert "Legal hold since" not in text(admin.get(f"/candidates/{world.ada.public_id}"))


def test_under_a_hold_the_page_says_why_nobody_can_be_erased(world: World, shop: Shop, admin: Client) -> None:
    holds.place(world.ada, reason="A claim.", actor=world.admin.user)
    assert "Not while the legal hold stands" in text(admin.get(here(world, "privacy")))
    assert "A legal hold stands" in text(admin.get(here(world, "erase")))
    refused = admin.post(here(world, "erase"), ERASE, follow=True)
    assert "A legal hold stands on this candidate" in text(refused)
    assert Erasure.objects.count() == 0


# --- Export ---------------------------------------------------------------------------------------------------


def test_an_export_is_a_download_that_is_written_down(world: World, shop: Shop, admin: Client) -> None:
    scene.in_status(shop, Status.COMPLETED)
    response = admin.post(here(world, "export"))
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/zip", "private, no-store")
    assert response["Content-Disposition"] == f'attachment; filename="{world.ada.public_id}.zip"'
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as archive:
        assert json.loads(archive.read("manifest.json"))["candidate"] == world.ada.public_id
    assert AuditRecord.objects.get(verb="candidate.exported").actor == world.admin.user
    assert admin.get(here(world, "export")).status_code == 405


# --- Erasure --------------------------------------------------------------------------------------------------


def test_the_page_says_what_goes_what_stays_and_who_is_told(
    world: World, shop: Shop, sneak: Shop, admin: Client
) -> None:
    scene.in_status(shop, Status.COMPLETED)
    page = text(admin.get(here(world, "erase")))
    assert 'Results</th><td class="num" data-label="Rows">1</td>' in page
    assert "That a result came, and how often it was amended; nothing of what it said." in page
    assert ("<li>CodeForge</li>" in page, "Sneak" in page, "Not told" in page) == (True, False, False)


def test_a_partner_that_never_learnt_whose_result_it_is_is_named_as_not_told(
    world: World, shop: Shop, admin: Client
) -> None:
    attaching.attach(scene.backfill(shop, email="ada.okafor@mail.example"), world.application, actor="tests")
    page = text(admin.get(here(world, "erase")))
    assert ("No partner had an order" in page, "Not told" in page, "<li>CodeForge</li>" in page) == (True, True, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ground": ""}, "This field is required."),
        ({"sure": ""}, "This field is required."),
        ({"reference": "Mail of Okafor"}, "This names the candidate"),
        ({"reference": "ada.okafor@mail.example"}, "This names the candidate"),
    ],
)
def test_it_is_not_done_without_a_ground_a_yes_and_a_reference_that_names_nobody(
    world: World, admin: Client, changes: dict[str, str], said: str
) -> None:
    response = admin.post(here(world, "erase"), {**ERASE, **changes})
    assert (response.status_code, said in text(response)) == (422, True)
    assert Erasure.objects.count() == 0


def test_it_is_done_at_once_and_ends_on_the_receipt(world: World, shop: Shop, admin: Client) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    response = admin.post(here(world, "erase"), ERASE, follow=True)
    erasure = Erasure.objects.get()
    assert response.redirect_chain == [(f"/privacy/erasures/{erasure.public_id}", 302)]
    page = text(response)
    assert ("The candidate asked for it" in page, "PR-17" in page, erasure.digest in page) == (True, True, True)
    assert ("Ines Almeida" in page, "Copies in logs are being removed" in page) == (True, True)
    again = admin.get(here(world, "erase"))
    assert (again.status_code, again["Location"]) == (302, f"/privacy/erasures/{erasure.public_id}")
    profile = text(admin.get(f"/candidates/{world.ada.public_id}"))
    assert ("Erased candidate" in profile, "This candidate was erased on" in profile) == (True, True)
    assert not [word for word in ("Okafor", "555 0100", "mailto:", "Send assessment", "Edit</a>") if word in profile]
    assert "Deleted with the candidate" in profile
    assert "Deleted with the candidate" in text(admin.get(f"/orders/{order.public_id}"))
    assert "Deleted with the candidate" in text(admin.get(f"/orders/{order.public_id}/result"))
    for path in ("edit", "apply", "send", "resume"):
        assert admin.get(here(world, path)).status_code in (404, 200), path
    assert "Okafor" not in text(admin.get("/assessments")) + text(admin.get("/candidates"))


def test_the_receipt_shows_who_answered_who_is_late_and_who_must_be_told_by_hand(
    world: World, shop: Shop, admin: Client
) -> None:
    scene.in_status(shop, Status.COMPLETED)
    erasure = erasures.erase(world.ada, ground="asked", actor=world.admin.user)
    page = f"/privacy/erasures/{erasure.public_id}"
    assert 'badge tone-neutral">Told<' in text(admin.get(page))
    assert "0 of 1 acknowledged" in text(admin.get("/privacy/erasures"))
    ErasureNotice.objects.update(told_at=timezone.now() - timedelta(days=31))
    assert "Overdue" in text(admin.get(page))
    ErasureNotice.objects.update(is_told=False)
    assert "Tell them yourself" in text(admin.get(page))
    shop.api().post(f"erasures/{erasure.public_id}/acknowledge", {"message": "<b>Done</b>, backups too."})
    audit_chain.seal()
    shown = text(admin.get(page))
    assert ("“&lt;b&gt;Done&lt;/b&gt;, backups too.”" in shown, "under this seal" in shown) == (True, True)
    assert "All acknowledged" in text(admin.get("/privacy/erasures"))
    receipt = json.loads(admin.get(f"{page}/receipt.json").content)
    assert (receipt["digest"], receipt["statement"]["erasure"]) == (erasure.digest, erasure.public_id)
    assert "Done" not in json.dumps(receipt)


# --- Retention ------------------------------------------------------------------------------------------------


def test_rules_that_delete_nothing_are_saved_at_once(world: World, shop: Shop, admin: Client) -> None:
    response = admin.post("/privacy/retention", {"default": "24", shop.assessment_type.public_id: "good"})
    assert response.status_code == 302
    rules = RetentionRule.objects.order_by("pk").values_list("organization", "assessment_type", "months")
    assert set(rules) == {(world.acme.pk, None, 24), (world.acme.pk, shop.assessment_type.pk, None)}
    page = text(admin.get("/privacy/retention"))
    assert '<option value="24" selected>2 years</option>' in page


def test_what_would_go_is_shown_before_it_holds(world: World, shop: Shop, admin: Client) -> None:
    order = old_result(shop)
    tried = admin.post("/privacy/retention", {"default": "12", "act": "try"})
    assert "1 result would be deleted within the hour" in text(tried)
    assert RetentionRule.objects.count() == 0
    admin.post("/privacy/retention", {"default": "12", "act": "save"})
    assert RetentionRule.objects.get().months == 12
    retention.purge_due()
    page = text(admin.get(f"/candidates/{world.ada.public_id}"))
    assert "Deleted by the retention rule on" in page
    assert "Deleted by the retention rule" in text(admin.get(f"/orders/{order.public_id}/result/1"))
    entries = text(admin.get(f"/orders/{order.public_id}"))
    assert "What it held was deleted by the retention rule" in entries
    assert "Deleted</span>" in text(admin.get("/assessments"))


def test_what_the_partner_allows_stands_beside_the_rule(shop: Shop, admin: Client) -> None:
    AssessmentType.objects.update(retention="P18M")
    assert "At most 18 months" in text(admin.get("/privacy/retention"))


def test_a_choice_that_is_none_is_refused(world: World, shop: Shop, admin: Client) -> None:
    assert admin.post("/privacy/retention", {"default": "7"}).status_code == 422
    assert RetentionRule.objects.count() == 0


def test_of_a_purged_result_is_not_said_that_it_counts_or_not(world: World, shop: Shop, admin: Client) -> None:
    AssessmentType.objects.update(retention="P12M")
    old_result(shop)
    retention.purge_due()
    scene.in_status(shop, Status.COMPLETED)
    page = text(admin.get(f"/candidates/{world.ada.public_id}"))
    assert page.count("The latest attempt counts.") == 1
    assert "Does not count" not in page
