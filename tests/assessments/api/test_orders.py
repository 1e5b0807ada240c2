"""Orders by API: the pull queue, what is let out of a candidate, the résumé, pauses and removals, strangers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from oauth2_provider.models import AccessToken

from assessments.lifecycle import Status
from assessments.models import Order
from assessments.services import feed
from core.models import RequestLog
from partners.services import installations
from tests.assessments import scene
from tests.assessments.scene import PDF, Api, Shop
from tests.world import World

pytestmark = pytest.mark.django_db


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


def same_but_for_the_id(answers: tuple[Any, Any]) -> bool:
    one, other = ({**answer.json(), "request_id": ""} for answer in answers)
    return one == other and answers[0].status_code == answers[1].status_code


@pytest.fixture
def with_resume(world: World) -> Iterator[World]:
    world.ada.resume.save("cv.pdf", ContentFile(PDF))
    yield world
    world.ada.resume.delete()


def test_an_order_says_all_that_the_partner_may_know(shop: Shop, order: Order, world: World) -> None:
    answer = shop.api().get(f"orders/{order.public_id}")
    assert answer.status_code == 200
    shown = answer.json()
    assert shown == {
        "id": order.public_id,
        "status": "requested",
        "assessment_type": "coding",
        "schema_version": 1,
        "candidate": {
            "id": world.ada.public_id,
            "first_name": "Ada",
            "last_name": "Okafor",
            "email": "ada.okafor@mail.example",
            "phone": "+234 1 555 0100",
            "resume_url": None,
        },
        "job": {"id": world.job.public_id, "title": "Back-end engineer"},
        "organization": {"id": world.acme.public_id, "name": "Acme Robotics"},
        "installation": shop.installation.public_id,
        "fields": {"language": "python"},
        "reference": None,
        "candidate_url": None,
        "deadline_at": None,
        "cancellation": None,
        "purged_at": None,
        "created_at": shown["created_at"],
        "updated_at": shown["updated_at"],
    }
    assert shop.api().get("orders").json() == {"data": [shown], "next_cursor": None}


@pytest.mark.parametrize(
    ("granted", "asked", "leaves"),
    [
        ({"candidates.name:read"}, {"candidates.name:read", "candidates.email:read"}, ["first_name", "last_name"]),
        ({"candidates.name:read", "candidates.email:read"}, {"candidates.email:read"}, ["email"]),
        ({"candidates.phone:read"}, {"candidates.name:read"}, []),
    ],
)
def test_of_a_candidate_leaves_what_token_and_installation_both_let_out(
    shop: Shop, world: World, granted: set[str], asked: set[str], leaves: list[str]
) -> None:
    installations.install(shop.partner, world.acme, scopes={"orders:read", *granted}, actor="tests")
    order = scene.place(shop)
    api = shop.api("orders:read", *asked)
    for shown in (api.get(f"orders/{order.public_id}").json(), api.get("orders").json()["data"][0]):
        assert list(shown["candidate"]) == ["id", *leaves]


def test_the_queue_is_oldest_first_filtered_and_paged(shop: Shop) -> None:
    placed = [scene.place(shop) for _ in range(3)]
    started = scene.in_status(shop, Status.STARTED)
    api = shop.api()
    assert ids(api.get("orders")) == [row.public_id for row in (*placed, started)]
    assert ids(api.get("orders", status="started")) == [started.public_id]
    assert ids(api.get("orders", installation="ins_x")) == []
    assert len(ids(api.get("orders", installation=shop.installation.public_id))) == 4
    first = api.get("orders", status="requested", limit="2")
    assert ids(first) == [row.public_id for row in placed[:2]]
    rest = api.get("orders", status="requested", limit="2", cursor=first.json()["next_cursor"])
    assert (ids(rest), rest.json()["next_cursor"]) == ([placed[2].public_id], None)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"status": "open"}, "validation_failed"),
        ({"since": "yesterday"}, "validation_failed"),
        ({"since": "2026-11-02"}, "validation_failed"),
        ({"since": "2026-11-02T10:00:00"}, "validation_failed"),
        ({"since": "9999-99-99T10:00:00Z"}, "validation_failed"),
        ({"limit": "0"}, "validation_failed"),
        ({"limit": "many"}, "validation_failed"),
        ({"cursor": "gAAAA"}, "invalid_cursor"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused(shop: Shop, query: dict[str, str], code: str) -> None:
    answer = shop.api().get("orders", **query)
    assert (answer.status_code in {400, 422}, answer.json()["code"]) == (True, code)


def test_a_plus_that_was_not_encoded_is_understood(shop: Shop, order: Order) -> None:
    moment = (timezone.now() - timedelta(hours=1)).isoformat()
    assert "+00:00" in moment
    feed.assign()
    answer = shop.api().send("GET", f"orders?since={moment}", b"")
    assert ids(answer) == [order.public_id]


def test_the_queue_asks_the_same_number_of_queries_however_long_it_is(
    shop: Shop, django_assert_num_queries: Any
) -> None:
    scene.place(shop)
    api = shop.api()
    api.get("orders")
    for _ in range(5):
        scene.place(shop)
    # The token, the page, the request log.
    with django_assert_num_queries(3):
        assert len(ids(api.get("orders"))) == 6


def test_another_partner_and_a_random_id_are_answered_alike(shop: Shop, sneak: Shop, order: Order) -> None:
    real, random = order.public_id, "ord_" + "0" * 26
    api = sneak.api()
    assert ids(api.get("orders")) == []
    for path in ("orders/{}", "orders/{}/resume", "orders/{}/updates", "orders/{}/results"):
        answers = (api.get(path.format(real)), api.get(path.format(random)))
        assert answers[0].status_code == 404
        assert same_but_for_the_id(answers)
    posts: dict[str, Any] = {
        "accept": {},
        "decline": {"message": "x"},
        "updates": {"kind": "started"},
        "results": {"kind": "final", "document": {}},
    }
    for verb, body in posts.items():
        answers = (api.post(f"orders/{real}/{verb}", body), api.post(f"orders/{random}/{verb}", body))
        assert answers[0].status_code == 404
        assert same_but_for_the_id(answers)
    assert api.upload(f"orders/{real}/attachments", PDF).status_code == 404
    assert (scene.reread(order).status, order.updates.count()) == ("requested", 0)


@pytest.mark.parametrize("order_id", ["1", "ord_", "ord_%00", "nothing", "ord_" + "x" * 300, "..%2f..", "%F0%9F%92%A9"])
def test_what_is_no_id_is_not_found_or_not_readable(shop: Shop, order: Order, order_id: str) -> None:
    answer = shop.api().get(f"orders/{order_id}")
    assert answer.status_code in {400, 404}
    assert answer["Content-Type"] == "application/problem+json"


def test_a_consents_token_reaches_its_own_installation_only(shop: Shop, world: World, order: Order) -> None:
    there = installations.install(shop.partner, world.globex, scopes=["orders:read"], actor="tests")
    elsewhere = scene.place(shop, installation=there, application=world.globex_application)
    api = shop.api(of=there)
    assert ids(api.get("orders")) == [elsewhere.public_id]
    assert api.get(f"orders/{order.public_id}").status_code == 404


def test_a_paused_installation_refuses_candidate_data(shop: Shop, order: Order) -> None:
    installations.pause(shop.installation, actor="tests")
    api = shop.api()
    for path in ("", "/resume", "/updates", "/updates/upd_x", "/results"):
        answer = api.get(f"orders/{order.public_id}{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "installation_paused")
    assert ids(api.get("orders")) == []
    installations.resume(shop.installation, actor="tests")
    assert ids(api.get("orders")) == [order.public_id]


def test_a_paused_installation_still_takes_updates_results_and_reports(shop: Shop, order: Order) -> None:
    installations.pause(shop.installation, actor="tests")
    api, path = shop.api(), f"orders/{order.public_id}"
    answers = [
        api.post(f"{path}/accept", {"reference": "CF-7"}),
        api.post(f"{path}/updates", {"kind": "started"}),
        api.post(f"{path}/results", {"kind": "final", "document": {"score": 1}}),
        api.upload(f"{path}/attachments", PDF),
    ]
    assert [answer.status_code for answer in answers] == [201] * 4
    assert scene.reread(order).status == "completed"
    # Not a word of the candidate comes back with them.
    assert not [answer for answer in answers if b"Ada" in answer.content]


def test_after_a_removal_there_is_nothing_and_later_posts_are_in_the_log(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}"
    installations.remove(shop.installation, actor="tests")
    assert api.get(path).status_code == 404
    assert ids(api.get("orders")) == []
    late = api.post(f"{path}/results", {"kind": "final", "document": {"score": 1}})
    assert late.status_code == 404
    assert scene.reread(order).reason == "installation_removed"
    logged = RequestLog.objects.get(request_id=late["Request-Id"])
    assert (logged.partner, logged.status) == (shop.partner.public_id, 404)
    assert '"score": 1' in logged.request_body


def test_the_resume_leaves_by_its_scope(shop: Shop, with_resume: World) -> None:
    order = scene.place(shop)
    api = shop.api()
    url = api.get(f"orders/{order.public_id}").json()["candidate"]["resume_url"]
    assert url.endswith(f"/api/v1/orders/{order.public_id}/resume")
    answer = api.get(f"orders/{order.public_id}/resume")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="{with_resume.ada.public_id}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == PDF
    refused = shop.api("orders:read").get(f"orders/{order.public_id}/resume")
    assert (refused.status_code, refused.json()["required"]) == (403, "orders:read candidates.resume:read")


def test_a_resume_that_the_organization_did_not_grant_is_not_there(shop: Shop, with_resume: World) -> None:
    installations.install(shop.partner, with_resume.acme, scopes=["orders:read"], actor="tests")
    order = scene.place(shop)
    assert shop.api().get(f"orders/{order.public_id}/resume").status_code == 404


def test_a_candidate_without_a_resume_has_none(shop: Shop, order: Order) -> None:
    assert shop.api().get(f"orders/{order.public_id}/resume").status_code == 404


def test_every_call_needs_its_scope(shop: Shop, order: Order) -> None:
    path = f"orders/{order.public_id}"
    calls: dict[str, list[Any]] = {
        "orders:read": [("GET", "orders"), ("GET", path), ("GET", f"{path}/updates"), ("GET", f"{path}/results")],
        "orders:write": [("POST", f"{path}/accept"), ("POST", f"{path}/decline"), ("POST", f"{path}/updates")],
        "results:write": [("POST", f"{path}/results"), ("POST", f"{path}/attachments")],
    }
    for scope, lacking in calls.items():
        api = shop.api(*({"orders:read", "orders:write", "results:write"} - {scope}))
        for method, where in lacking:
            answer = api.send(method, where, b"{}")
            assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope"), where
            assert answer.json()["required"] == scope


def test_strangers_and_old_tokens_are_told_so(shop: Shop, order: Order) -> None:
    assert Api("nonsense").get("orders").json()["code"] == "invalid_token"
    api = shop.api()
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    answer = api.get(f"orders/{order.public_id}")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
