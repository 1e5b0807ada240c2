"""Ordering from oneself, in the sandbox and nowhere else; and the whole loop by API alone."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.models import Order
from core.models import Application, Candidate
from partners.models import Event, Installation
from partners.scopes import ALL
from partners.services import installations, onboarding
from partners.services.onboarding import Registration
from tests.assessments import scene
from tests.assessments.scene import ORDER_SCHEMA, RESULT_SCHEMA, Api, Shop
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered(db: None) -> Registration:
    return onboarding.register_partner(name="CodeForge", contact_email="dev@codeforge.example")


@pytest.fixture
def api(registered: Registration) -> Api:
    """Its program, with a type on offer."""
    program = Api(scene.token(registered.application, ALL))
    assert program.put("assessment-types/coding", {"name": "Coding", "order_schema": ORDER_SCHEMA}).status_code == 201
    return program


def problems(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.content
    return [problem["pointer"] for problem in answer.json()["problems"]]


def test_the_whole_loop_is_walked_by_api_alone(api: Api) -> None:
    schemas = "assessment-types/coding/result-schemas"
    assert api.post(schemas, {"schema": RESULT_SCHEMA}).json()["version"] == 1
    assert api.post(f"{schemas}/1/publish").json()["state"] == "published"
    assert api.post(f"{schemas}/1/validate", {"document": {"score": 81}}).json()["valid"] is True
    placed = api.post("sandbox/orders", {"assessment_type": "coding", "fields": {"language": "go"}})
    assert placed.status_code == 201
    (row,) = api.get("orders", status="requested").json()["data"]
    assert row == placed.json()
    path = f"orders/{row['id']}"
    assert api.post(f"{path}/accept", {"reference": "CF-7"}).json()["status"] == "sent"
    assert api.post(f"{path}/updates", {"kind": "started"}).json()["status"] == "started"
    assert api.post(f"{path}/results", {"kind": "partial", "document": {"score": 9}}).json()["revision"] == 1
    assert api.post(f"{path}/results", {"kind": "final", "document": {"score": 81}}).json()["status"] == "completed"
    assert api.get(path).json()["status"] == "completed"


def test_a_sandbox_order_is_for_a_candidate_of_the_sandbox(api: Api, registered: Registration) -> None:
    ada = Candidate.objects.filter(organization=registered.organization).order_by("id").last()
    assert ada is not None
    answer = api.post(
        "sandbox/orders", {"assessment_type": "coding", "candidate": ada.public_id, "fields": {"language": "go"}}
    )
    assert answer.json()["candidate"]["id"] == ada.public_id
    assert Event.objects.filter(topic="order.placed", subject=answer.json()["id"]).count() == 1


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/assessment_type"]),
        ({"assessment_type": 5}, ["/assessment_type"]),
        ({"assessment_type": "unknown"}, ["/assessment_type"]),
        ({"assessment_type": "coding"}, ["/fields/language"]),
        ({"assessment_type": "coding", "fields": {"language": "cobol"}}, ["/fields/language"]),
        ({"assessment_type": "coding", "fields": []}, ["/fields"]),
        ({"assessment_type": "coding", "candidate": "cand_unknown", "fields": {"language": "go"}}, ["/candidate"]),
        ({"assessment_type": "coding", "candidate": 5, "fields": {"language": "go"}}, ["/candidate"]),
    ],
)
def test_a_sandbox_order_that_cannot_be_placed_is_refused_by_pointer(
    api: Api, body: dict[str, Any], pointers: list[str]
) -> None:
    assert problems(api.post("sandbox/orders", body)) == pointers
    assert Order.objects.count() == 0


def test_somebody_elses_candidate_is_no_candidate(api: Api, world: World) -> None:
    body = {"assessment_type": "coding", "candidate": world.ada.public_id, "fields": {"language": "go"}}
    assert problems(api.post("sandbox/orders", body)) == ["/candidate"]


def test_a_candidate_without_an_active_application_is_no_candidate(api: Api, registered: Registration) -> None:
    Application.objects.filter(organization=registered.organization).update(status=Application.Status.HIRED)
    assert problems(api.post("sandbox/orders", {"assessment_type": "coding"})) == ["/candidate"]


def test_live_credentials_order_nothing_from_themselves(shop: Shop) -> None:
    answer = shop.api().post("sandbox/orders", {"assessment_type": "coding", "fields": {"language": "go"}})
    assert (answer.status_code, answer.json()["code"]) == (403, "sandbox_only")


def test_a_sandbox_that_was_removed_is_installed_again_and_a_paused_one_stays_paused(
    api: Api, registered: Registration
) -> None:
    body = {"assessment_type": "coding", "fields": {"language": "go"}}
    installations.remove(registered.installation, actor="tests")
    assert api.post("sandbox/orders", body).status_code == 201
    installation = Installation.objects.get(pk=registered.installation.pk)
    assert (installation.status, installation.scopes) == ("active", frozenset(ALL))
    installations.pause(installation, actor="tests")
    refused = api.post("sandbox/orders", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "installation_not_active")


def test_a_retired_type_is_not_ordered(api: Api) -> None:
    api.delete("assessment-types/coding")
    answer = api.post("sandbox/orders", {"assessment_type": "coding", "fields": {"language": "go"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "assessment_type_retired")
