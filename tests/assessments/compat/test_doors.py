"""The doors of other protocols against callers who mean ill, or are merely large, early, paused or gone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client as Http
from django.utils import timezone

from assessments.models import OrderUpdate
from assessments.services import resumes
from core.models import RequestLog
from partners.models import Installation
from partners.services import connecting, installations, onboarding
from tests.assessments.compat.scene import Vendor
from tests.assessments.dialects.shipped import payload
from tests.assessments.scene import reread
from tests.world import World

pytestmark = pytest.mark.django_db
UPDATE = "assessment.update"


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errorInfo"]["code"]


def test_a_body_beyond_the_limit_is_refused_in_form(lingua: Vendor) -> None:
    lingua.ordered()
    answer = lingua.tell("POST", UPDATE, b" " * (10 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.json()["success"] is False


def test_whoever_guesses_keys_is_held_back_and_whoever_has_one_is_not(lingua: Vendor, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "doors_refused": "2/m"}
    order = lingua.ordered()
    guesses = [
        lingua.tell("POST", UPDATE, b"{}", authorization=f"Basic {guess}").status_code
        for guess in ("YTo=", "Yjo=", "Yzo=", "ZDo=")
    ]
    assert guesses == [403, 403, 429, 429]
    assert lingua.tell("POST", UPDATE, payload("ashby", "assessment.update.started")).status_code == 200
    assert reread(order).status == "started"


def test_one_partner_has_a_limit_of_its_own(lingua: Vendor, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "doors": "1/m"}
    lingua.ordered()
    body = payload("ashby", "assessment.update.started")
    first, second = (lingua.tell("POST", UPDATE, body) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert int(second.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("key", ["", "Bearer x", "Basic", "Basic %%%", "Basic " + "x" * 5_000, "basic /w=="])
def test_odd_credentials_are_no_keys(lingua: Vendor, key: str) -> None:
    answer = Http().post("/compat/ashby/assessment.update", b"{}", "application/json", headers={"Authorization": key})
    assert answer.status_code in {401, 403}
    assert answer.json()["success"] is False


def test_results_of_a_paused_partner_are_still_taken_and_of_a_removed_one_not(lingua: Vendor, world: World) -> None:
    order = lingua.ordered()
    installations.pause(lingua.installation, actor=world.admin.user)
    assert lingua.tell("POST", UPDATE, payload("ashby", "assessment.update.result")).status_code == 200
    assert reread(order).status == "completed"
    installations.remove(lingua.installation, actor=world.admin.user)
    assert lingua.tell("POST", UPDATE, payload("ashby", "assessment.update.result")).status_code == 403


def test_a_token_of_a_removed_partner_opens_nothing(veritas: Vendor, world: World) -> None:
    order = veritas.ordered()
    token = veritas.token_of(order)
    installations.remove(veritas.installation, actor=world.admin.user)
    assert veritas.tell("PATCH", f"orders/{token}").status_code == 404


def test_a_suspended_partner_is_refused(lingua: Vendor) -> None:
    lingua.ordered()
    onboarding.suspend(lingua.installation.partner, actor="support")
    answer = lingua.tell("POST", UPDATE, payload("ashby", "assessment.update.started"))
    assert answer.status_code == 403


def test_a_token_of_one_protocol_opens_no_door_of_another(veritas: Vendor) -> None:
    token = veritas.token_of(veritas.ordered())
    answer = Http().put(f"/compat/workable/orders/{token}", payload("workable", "completed"), "application/json")
    assert answer.status_code == 404


def test_calls_are_in_the_request_log_of_partner_and_organization_and_hide_secrets(
    lingua: Vendor, world: World
) -> None:
    lingua.ordered()
    told = json.loads(payload("ashby", "assessment.update.started")) | {"api_key": "do-not-keep"}
    lingua.tell("POST", UPDATE, json.dumps(told).encode())
    row = RequestLog.objects.latest("pk")
    assert (row.path, row.status) == ("/compat/ashby/assessment.update", 200)
    assert (row.partner, row.organization) == (lingua.installation.partner.public_id, world.acme.public_id)
    assert "do-not-keep" not in row.request_body
    assert lingua.key not in row.request_body
    assert OrderUpdate.objects.latest("pk").request_id == row.request_id


@pytest.mark.parametrize(
    "path", ["/compat/nothing", "/compat/ashby/%00", "/compat/greenhouse/orders/a%00b", "/compat/"]
)
def test_an_unknown_door_is_not_found(path: str, db: None) -> None:
    assert Http().post(path, b"{}", "application/json").status_code in {404, 405}


def test_a_key_in_the_wrong_protocol_is_unknown(lingua: Vendor) -> None:
    headers = {"Authorization": f"Bearer {lingua.key}", "X-Integration-Id": lingua.installation.public_id}
    assert Http().get("/compat/kombo/v1/assessment/packages", headers=headers).status_code in {401, 403}


# --- Résumés --------------------------------------------------------------------------------------------------------


@pytest.fixture
def link(veritas: Vendor, world: World) -> str:
    """As the partner gets it with the order."""
    world.ada.resume.save("cv.pdf", ContentFile(b"%PDF-1.7 of Ada"))
    connecting_scopes = {*veritas.installation.scopes, resumes.SCOPE}
    veritas.installation.scopes = connecting_scopes
    veritas.installation.save()
    veritas.ordered()
    url: str = json.loads(veritas.calls("order")[-1].body)["candidate"]["resume_url"]
    return url.partition("/resumes/")[2]


def test_a_resume_is_read_by_its_link_for_seven_days(link: str) -> None:
    answer = Http().get(f"/resumes/{link}")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 of Ada"  # type: ignore[attr-defined]  # a FileResponse
    assert answer.headers["Cache-Control"] == "private, no-store"
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        assert Http().get(f"/resumes/{link}").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert Http().get(f"/resumes/{link}").status_code == 404


def test_a_resume_is_not_read_once_the_scope_or_the_partner_is_gone(link: str, veritas: Vendor, world: World) -> None:
    installations.pause(veritas.installation, actor=world.admin.user)
    assert Http().get(f"/resumes/{link}").status_code == 404
    installations.resume(veritas.installation, actor=world.admin.user)
    assert Http().get(f"/resumes/{link}").status_code == 200
    row = Installation.objects.get(pk=veritas.installation.pk)
    row.scopes = row.scopes - {resumes.SCOPE}
    row.save()
    assert Http().get(f"/resumes/{link}").status_code == 404


def test_a_suspended_partner_reads_no_resume(link: str, veritas: Vendor) -> None:
    onboarding.suspend(veritas.installation.partner, actor="support")
    assert Http().get(f"/resumes/{link}").status_code == 404
    onboarding.reinstate(veritas.installation.partner, actor="support")
    assert Http().get(f"/resumes/{link}").status_code == 200


def test_a_forged_link_and_one_of_a_candidate_without_an_order_open_nothing(veritas: Vendor, world: World) -> None:
    world.bram.resume.save("cv.pdf", ContentFile(b"%PDF-1.7 of Bram"))
    made = resumes.link(veritas.installation, world.bram).partition("/resumes/")[2]
    for token in (made, made[:-2] + "xx", "x", "%00"):
        assert Http().get(f"/resumes/{token}").status_code in {400, 404}


def test_without_the_scope_no_link_leaves(veritas: Vendor, world: World) -> None:
    world.ada.resume.save("cv.pdf", ContentFile(b"%PDF-1.7"))
    veritas.ordered()
    assert json.loads(veritas.calls("order")[-1].body)["candidate"]["resume_url"] is None
    assert connecting.holder_of("x") is None
