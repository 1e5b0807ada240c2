"""Workable, Recruitee and Kombo partners at our doors: from the order to a result like any other, and no further."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import kombo
import pytest
from django.test import Client
from kombo import errors

from assessments.models import Attachment, Order, OrderUpdate, Result
from assessments.services import orders, refreshing
from core.models import Application
from partners.models import Event, Installation
from partners.services import connecting
from tests.assessments.dialects.shipped import payload, reply
from tests.world import World

pytestmark = pytest.mark.django_db

HOST = "https://assay.example"
ADDRESSES = {"catalogue": "https://partner.example/tests", "order": "https://partner.example/orders"}
CANDIDATE = ["candidates.name:read", "candidates.email:read"]


def connected(world: World, dialect: str, organization: str = "acme") -> Installation:
    addresses = ADDRESSES if dialect != "kombo" else {"order": ADDRESSES["order"]}
    return connecting.connect(
        getattr(world, organization),
        name=f"{dialect.title()} Works",
        dialect=dialect,
        urls=addresses,
        credential="their-secret",
        scopes=CANDIDATE,
        actor=world.admin.user,
    )


def placed(installation: Installation, application: Application) -> Order:
    """An order of the first assessment in the catalogue."""
    return orders.place(
        application=application,
        installation=installation,
        assessment_type=installation.partner.assessment_types.order_by("pk")[0],
        fields={},
        placed_by=None,
    )


def offer(installation: Installation, name: str) -> None:
    """What the partner offers, as its sample has it."""
    dialect = refreshing.dialect_of(installation)
    raw = payload(dialect.name, name)
    if dialect.name == "kombo":
        refreshing.push(installation, raw)
    else:
        refreshing.take(installation, dialect.read_catalogue(reply(raw)), order_schema="")


def sent_body(order: Order) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(Event.objects.get(subject=order.public_id, topic="order.placed").body)
    return body


# --- Kombo, by its SDK ----------------------------------------------------------------------------------------------


class _Through(httpx.BaseTransport):
    """From the SDK's client to our views."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        names = {name: value for name, value in request.headers.items() if name != "content-length"}
        answer = self.client.generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            content_type="application/json",
            headers=names | {"host": "testserver"},
        )
        return httpx.Response(answer.status_code, content=answer.content, headers=dict(answer.headers))


def sdk_of(installation: Installation, client: Client, **changes: Any) -> kombo.Kombo:
    key = changes.get("api_key") or connecting.issue_key(installation, actor=None)
    return kombo.Kombo(
        integration_id=changes.get("integration_id", installation.public_id),
        api_key=key,
        server_url=f"{HOST}/compat/kombo/v1",
        client=httpx.Client(transport=_Through(client)),
    )


def test_a_kombo_partner_works_here_with_the_official_sdk_unmodified(world: World, client: Client) -> None:
    installation = connected(world, "kombo")
    assessments = sdk_of(installation, client).assessment
    assessments.set_packages(packages=json.loads(payload("kombo", "packages"))["packages"])
    assert [package.id for package in assessments.get_packages().data.packages] == [
        "1001", "1002", "1003", "1004", "1005",
    ]  # fmt: skip

    order = placed(installation, world.application)
    page = assessments.get_assessment_orders(statuses=["OPEN"])
    assert page is not None
    assert [(each.id, each.package_id) for each in page.result.data.results] == [(order.public_id, "1001")]

    body = json.loads(payload("kombo", "completed"))
    body["completed_at"] = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)
    for _ in range(10):
        assessments.update_order_result(assessment_order_id=order.public_id, **body)
    result = Result.objects.get(order=order)
    assert (result.kind, result.score, result.score_maximum) == ("final", Decimal(87), Decimal(120))
    assert result.report_url == "https://worksample.example/results/5512"
    order.refresh_from_db()
    assert order.status == "completed"
    assert [file.name for file in Attachment.objects.filter(order=order)] == ["Report.pdf"]


def test_the_status_of_a_completed_kombo_order_cannot_be_changed(world: World, client: Client) -> None:
    installation = connected(world, "kombo")
    offer(installation, "packages")
    order = placed(installation, world.application)
    assessments = sdk_of(installation, client).assessment
    url = "https://worksample.example/results/5512"
    assessments.update_order_result(assessment_order_id=order.public_id, status="COMPLETED", result_url=url, score=3)
    with pytest.raises(errors.KomboAtsError, match="Its status can be changed only while it is OPEN") as caught:
        assessments.update_order_result(assessment_order_id=order.public_id, status="CANCELLED", result_url=url)
    assert (caught.value.status_code, caught.value.data.error.code) == (409, "PLATFORM.INPUT_INVALID")
    assert OrderUpdate.objects.get(order=order, kind="cancelled").outcome == "refused"


def test_mallory_reaches_nothing_of_acme_with_a_key_of_her_own(world: World, client: Client) -> None:
    installation, hers = connected(world, "kombo"), connected(world, "kombo", "globex")
    offer(installation, "packages")
    order = placed(installation, world.application)
    assessments = sdk_of(hers, client).assessment
    page = assessments.get_assessment_orders(ids=[order.public_id])
    assert page is not None
    assert page.result.data.results == []
    with pytest.raises(errors.KomboAtsError) as caught:
        assessments.update_order_result(
            assessment_order_id=order.public_id, status="OPEN", result_url="https://x.example"
        )
    assert caught.value.status_code == 404
    with pytest.raises(errors.KomboAtsError) as caught:
        sdk_of(hers, client, integration_id=installation.public_id).assessment.get_packages()
    assert caught.value.data.error.code == "PLATFORM.INTEGRATION_NOT_FOUND"
    with pytest.raises(errors.KomboAtsError) as caught:
        sdk_of(hers, client, api_key="made-up").assessment.get_packages()
    assert (caught.value.status_code, caught.value.data.error.code) == (401, "PLATFORM.AUTHENTICATION_INVALID")


def test_packages_that_cannot_be_read_are_refused_whole(world: World, client: Client) -> None:
    installation = connected(world, "kombo")
    package: Any = {"id": "1", "type": "SKILLS_TEST", "name": "", "description": ""}
    with pytest.raises(errors.KomboAtsError, match="The name of the package at /packages/0 is missing"):
        sdk_of(installation, client).assessment.set_packages(packages=[package])
    assert not installation.partner.assessment_types.exists()


# --- Workable -------------------------------------------------------------------------------------------------------


def put(client: Client, path: str, body: bytes, key: str = "") -> Any:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return client.put(path, body, content_type="application/json", headers=headers)


def test_a_workable_partner_answers_at_the_callback_of_its_order(world: World, client: Client) -> None:
    installation = connected(world, "workable")
    offer(installation, "tests")
    key = connecting.issue_key(installation, actor=None)
    order = placed(installation, world.application)
    path = sent_body(order)["callback_url"].partition("/compat/")[2]

    assert put(client, f"/compat/{path}", payload("workable", "pending"), key).status_code == 200
    for _ in range(10):
        answer = put(client, f"/compat/{path}", payload("workable", "completed"), key)
        assert (answer.status_code, answer.json()) == (200, {})
    result = Result.objects.get(order=order)
    assert (result.score, result.score_maximum, result.outcome) == (Decimal(82), None, "passed")
    order.refresh_from_db()
    assert order.status == "completed"


def test_a_workable_callback_wants_the_key_and_the_token(world: World, client: Client) -> None:
    installation, other = connected(world, "workable"), connected(world, "workable", "globex")
    offer(installation, "tests")
    path = sent_body(placed(installation, world.application))["callback_url"].partition("/compat/")[2]
    body = payload("workable", "completed")
    assert put(client, f"/compat/{path}", body).status_code == 401
    hers = connecting.issue_key(other, actor=None)
    assert put(client, f"/compat/{path}", body, hers).status_code == 401
    mine = connecting.issue_key(installation, actor=None)
    answer = put(client, "/compat/workable/orders/made-up", body, mine)
    assert (answer.status_code, answer.json()) == (404, {"status": 404, "message": "There is no such order."})
    answer = put(client, f"/compat/{path}", b'{"status": "done"}', mine)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("The status is expected to be pending, completed, rejected or expired.")
    assert not Result.objects.exists()


# --- Recruitee ------------------------------------------------------------------------------------------------------


def patch(client: Client, report: str, body: bytes, secret: str) -> Any:
    headers = {"rt-partner-secret": secret}
    return client.patch(f"/compat/recruitee/reports/{report}", body, content_type="application/json", headers=headers)


def test_a_recruitee_partner_writes_its_report_a_piece_at_a_time(world: World, client: Client) -> None:
    installation = connected(world, "recruitee")
    offer(installation, "tests")
    secret = connecting.issue_key(installation, actor=None)
    order = placed(installation, world.application)
    report = sent_body(order)["report_id"]

    for name in ("sent", "completed", "score_only"):
        assert patch(client, report, payload("recruitee", name), secret).status_code == 200
    found = list(Result.objects.filter(order=order).order_by("revision"))
    assert [(each.kind, each.score, each.score_maximum) for each in found] == [
        ("final", Decimal(12), Decimal(15)),
        ("amended", Decimal(76), Decimal(100)),
    ]
    answer = patch(client, report, payload("recruitee", "score_only"), secret)
    assert answer.json() == {"report": {"id": order.public_id, "status": "completed"}}
    assert Result.objects.filter(order=order).count() == 2


def test_a_failed_report_of_a_recruitee_partner_is_a_failed_result(world: World, client: Client) -> None:
    installation = connected(world, "recruitee")
    offer(installation, "tests")
    secret = connecting.issue_key(installation, actor=None)
    order = placed(installation, world.application)
    patch(client, order.public_id, payload("recruitee", "failed"), secret)
    assert Result.objects.get(order=order).outcome == "failed"


def test_a_report_of_another_organization_is_not_there(world: World, client: Client) -> None:
    installation, other = connected(world, "recruitee"), connected(world, "recruitee", "globex")
    offer(installation, "tests")
    order = placed(installation, world.application)
    answer = patch(client, order.public_id, payload("recruitee", "completed"), connecting.issue_key(other, actor=None))
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert patch(client, order.public_id, payload("recruitee", "completed"), "made-up").status_code == 401
    assert not OrderUpdate.objects.filter(order=order).exists()
