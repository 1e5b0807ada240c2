"""Hostile calls made by schemathesis from the API's own description: no answer is a 5xx, none is of an undescribed
status or shape (the suite's middleware holds each against the description: tests.described).

For every operation valid and invalid calls are generated; half of them with ids of the world in the path, so that they
come further than 404.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from assessments.models import OrderUpdate
from assessments.services import attachments
from core.openapi.views import document
from partners.models import Environment
from partners.scopes import ALL
from partners.services import endpoints
from tests.assessments import scene
from tests.world import World

pytestmark = pytest.mark.django_db

FOUND = list(schemathesis.openapi.from_dict(document()).get_all_operations())
OPERATIONS = {found.ok().label: found.ok() for found in FOUND if isinstance(found, Ok)}
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "10"))
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture
def caller(world: World, settings: Settings) -> tuple[dict[str, str], dict[str, str]]:
    """A token of each side, and an id of its own for each parameter of a path."""
    settings.RATE_LIMITS = {}
    shop = scene.shop_of(world)
    order = scene.place(shop)
    scene.tell(order, "accepted")
    endpoint, _, _ = endpoints.put(shop.partner, Environment.LIVE, "events", url="https://codeforge.example/hooks")
    ids = {
        "order_id": order.public_id,
        "update_id": OrderUpdate.objects.latest("pk").public_id,
        "delivery_id": endpoints.ping(endpoint).public_id,
        "purpose": "events",
        "key": shop.assessment_type.key,
        "type_id": shop.assessment_type.public_id,
        "candidate_id": world.ada.public_id,
        "job_id": world.job.public_id,
        "application_id": world.application.public_id,
        "attachment_id": attachments.store(order, name="report.pdf", content=scene.PDF)[0].public_id,
        "version": "1",
    }
    tokens = {"oauth2": scene.token(shop.application, ALL), "organization": scene.program(world.acme)}
    return tokens, ids


def test_every_operation_can_be_read() -> None:
    assert len(OPERATIONS) == len(FOUND) > 40


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_call_is_answered_with_a_fault_of_ours_nor_undescribed(
    label: str, caller: tuple[dict[str, str], dict[str, str]]
) -> None:
    tokens, ids = caller
    operation = OPERATIONS[label]
    schemes = [scheme for needed in operation.definition.raw.get("security", []) for scheme in needed]
    client = Client(raise_request_exception=False)
    cases = st.one_of(*(operation.as_strategy(mode) for mode in MODES))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, with_ids=st.booleans(), side=st.sampled_from(sorted({*schemes} & {*tokens}) or ["oauth2"]))
    def call(case: Case[Any], with_ids: bool, side: str) -> None:
        if with_ids:
            case.path_parameters = {name: ids.get(name, value) for name, value in case.path_parameters.items()}
        answer = send(client, case, tokens[side])
        assert answer.status_code < 500, f"{case.as_curl_command()}: {answer.content!r}"

    call()


def send(client: Client, case: Case[Any], token: str) -> Any:
    """Through the whole of Django, and undone."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    headers = {name: str(value) for name, value in made.headers.items() if str(value).isascii()}
    kind = headers.pop("Content-Type", "application/json")
    headers["Authorization"] = f"Bearer {token}"
    body: Any = made.body if isinstance(made.body, bytes) else str(made.body or "").encode("utf-8", "replace")
    with transaction.atomic():
        answer = client.generic(str(made.method), str(made.path_url), body, kind, headers=headers)
        transaction.set_rollback(True)
    return answer
