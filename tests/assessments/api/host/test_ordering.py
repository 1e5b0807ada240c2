"""Orders and results by an organization's own program: the catalogue, placing, following, cancelling, reading."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.base import ContentFile

from assessments.models import AssessmentType, Order
from assessments.services import attachments, catalogue, feed
from core.models import AuditRecord, RequestLog
from partners.models import Event
from partners.scopes import ALL, ORGANIZATION_SCOPES
from partners.services import installations, onboarding
from tests.assessments import scene
from tests.assessments.scene import FIELDS, RESULT_SCHEMA, Api, Shop
from tests.world import World, make_application

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(world: World) -> Shop:
    return scene.shop_of(world)


@pytest.fixture
def api(world: World) -> Api:
    return scene.host(world.acme)


@pytest.fixture
def mallory(world: World) -> Api:
    return scene.host(world.globex)


def asked(shop: Shop, **changes: Any) -> dict[str, Any]:
    return {
        "application": shop.candidacy.public_id,
        "installation": shop.installation.public_id,
        "assessment_type": "coding",
        "fields": FIELDS,
        **changes,
    }


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer.json()["data"]]


def problem(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["problems"][0]["pointer"], answer.json()["problems"][0]["code"]


def test_the_catalogue_has_what_can_be_ordered_and_of_whom(shop: Shop, api: Api, mallory: Api) -> None:
    (offer,) = api.get("catalogue").json()["data"]
    assert offer == {
        "id": shop.assessment_type.public_id,
        "assessment_type": "coding",
        "name": "CodeForge coding test",
        "description": "Two tasks in an hour.",
        "kind": "coding",
        "order_schema": scene.ORDER_SCHEMA,
        "schema_version": 1,
        "deadline_days": shop.assessment_type.deadline_days,
        "retake": {"cool_down_days": 0, "counts": "latest"},
        "valid_months": None,
        "partner": {"id": shop.partner.public_id, "name": "CodeForge"},
        "installation": shop.installation.public_id,
    }
    schema = api.get(f"catalogue/{offer['id']}/result-schemas/1").json()
    assert (schema["version"], schema["state"], schema["schema"]) == (1, "published", RESULT_SCHEMA)
    assert api.get("catalogue", installation="ins_another").json()["data"] == []
    assert mallory.get("catalogue").json()["data"] == []
    assert mallory.get(f"catalogue/{offer['id']}/result-schemas/1").status_code == 404


def test_what_is_paused_retired_or_only_a_draft_is_not_on_offer(world: World, shop: Shop, api: Api) -> None:
    catalogue.draft_schema(shop.assessment_type, json.dumps({"type": "object"}))
    assert api.get(f"catalogue/{shop.assessment_type.public_id}/result-schemas/2").status_code == 404
    installations.pause(shop.installation, actor="tests")
    assert api.get("catalogue").json()["data"] == []
    installations.resume(shop.installation, actor="tests")
    catalogue.retire(shop.partner, "coding")
    assert api.get("catalogue").json()["data"] == []


def test_catalogue_and_schemas_are_answered_once_to_who_has_them(shop: Shop, api: Api) -> None:
    paths = ["catalogue", f"catalogue/{shop.assessment_type.public_id}/result-schemas/1"]
    own = ["assessment-types", "assessment-types/coding", "assessment-types/coding/result-schemas"]
    own.append("assessment-types/coding/result-schemas/1")
    for caller, path in [*((api, path) for path in paths), *((shop.api(), path) for path in own)]:
        answer = caller.get(path)
        etag = answer["ETag"]
        assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-cache")
        for known in (etag, f'"other", W/{etag.removeprefix("W/")}', "*"):
            again = caller.holding(known).get(path)
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag), path
        assert caller.holding('"other"').get(path).status_code == 200
    AssessmentType.objects.filter(pk=shop.assessment_type.pk).update(name="Renamed")
    assert api.holding(etag).get("catalogue").json()["data"][0]["name"] == "Renamed"


def test_an_order_is_placed_and_read_as_the_partner_gets_it_and_more(world: World, shop: Shop, api: Api) -> None:
    answer = api.post("orders", asked(shop))
    made = answer.json()
    order = Order.objects.get()
    assert answer.status_code == 201
    assert made == {
        "id": order.public_id,
        "status": "requested",
        "assessment_type": "coding",
        "schema_version": 1,
        "candidate": {
            "id": world.ada.public_id,
            "first_name": "Ada",
            "last_name": "Okafor",
            "email": world.ada.email,
            "phone": "+234 1 555 0100",
            "resume_url": None,
        },
        "job": {"id": world.job.public_id, "title": "Back-end engineer"},
        "organization": {"id": world.acme.public_id, "name": "Acme Robotics"},
        "installation": shop.installation.public_id,
        "fields": FIELDS,
        "reference": None,
        "candidate_url": None,
        "deadline_at": made["deadline_at"],
        "cancellation": None,
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
        "application": world.application.public_id,
        "partner": {"id": shop.partner.public_id, "name": "CodeForge"},
        "outcome": "none",
        "progress": None,
        "reason": None,
        "cancellation_answer": None,
        "started_at": None,
        "completed_at": None,
        "valid_until": None,
        "purged_at": None,
    }
    assert api.get(f"orders/{order.public_id}").json() == made
    assert api.get("orders").json()["data"] == [made]
    assert ids(shop.api().get("orders")) == [order.public_id]
    assert Event.objects.get(partner=shop.partner, topic="order.placed").subject == order.public_id
    record = AuditRecord.objects.get(verb="order.placed")
    assert (record.actor, record.actor_label) == (None, api.get("organization").json()["client_id"])


def test_a_partner_may_be_named_instead_and_a_deadline_chosen(shop: Shop, api: Api) -> None:
    body = asked(shop, installation=None, partner=shop.partner.public_id, deadline_at="2030-01-01T00:00:00Z")
    assert api.post("orders", body).json()["deadline_at"] == "2030-01-01T00:00:00Z"
    assert problem(api.post("orders", asked(shop, partner=shop.partner.public_id)))[:2] == (422, "/installation")
    assert problem(api.post("orders", asked(shop, installation=None)))[:2] == (422, "/installation")


def test_a_twin_of_an_order_is_answered_from_memory(shop: Shop, api: Api) -> None:
    first, second = (api.post("orders", asked(shop), key="order-1") for _ in range(2))
    assert (first.content, second["Idempotent-Replayed"]) == (second.content, "true")
    assert Order.objects.count() == 1
    other = api.post("orders", asked(shop, fields={"language": "go"}), key="order-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_ordering_again_is_answered_with_the_equal_orders_and_wants_the_newest_confirmed(
    world: World, shop: Shop, api: Api
) -> None:
    AssessmentType.objects.update(cool_down_days=90, valid_months=6)
    first = api.post("orders", asked(shop)).json()["id"]
    under_way = api.post("orders", asked(shop), key="again")
    assert (under_way.status_code, under_way.json()["code"]) == (409, "ordered_before")
    assert under_way.json()["orders"] == [
        {"id": first, "status": "requested", "completed_at": None, "valid_until": None, "cool_down_until": None}
    ]
    scene.post(Order.objects.get(public_id=first))
    done = api.get(f"orders/{first}").json()
    (named,) = api.post("orders", asked(shop, again="ord_another")).json()["orders"]
    assert (named["completed_at"], named["valid_until"]) == (done["completed_at"], done["valid_until"])
    assert named["valid_until"] is not None
    assert named["cool_down_until"] is not None
    # What is wrong otherwise is said first; a key is free again after a 409.
    assert problem(api.post("orders", asked(shop, fields={"language": "cobol"})))[1] == "/fields/language"
    second = api.post("orders", asked(shop, again=first), key="again")
    assert second.status_code == 201
    assert "cool_down_until" in AuditRecord.objects.get(verb="order.placed", subject=second.json()["id"]).facts
    stale = api.post("orders", asked(shop, again=first))
    assert [row["id"] for row in stale.json()["orders"]] == [second.json()["id"], first]
    bram = make_application(world.bram, world.stages[0])
    assert api.post("orders", asked(shop, application=bram.public_id)).status_code == 201
    AssessmentType.objects.update(cool_down_days=0, valid_months=None)
    assert Order.objects.count() == 3


def test_what_cannot_be_ordered_says_why(world: World, shop: Shop, api: Api, mallory: Api) -> None:
    assert problem(api.post("orders", asked(shop, fields={"language": "cobol"}))) == (
        422,
        "/fields/language",
        "not_in_enum",
    )
    assert problem(api.post("orders", asked(shop, assessment_type="x"))) == (422, "/assessment_type", "unknown")
    foreign = world.globex_application.public_id
    assert problem(api.post("orders", asked(shop, application=foreign))) == (422, "/application", "unknown")
    past = asked(shop, deadline_at="2020-01-01T00:00:00Z")
    assert problem(api.post("orders", past)) == (422, "/deadline_at", "in_the_past")
    assert problem(mallory.post("orders", asked(shop))) == (422, "/installation", "unknown")
    catalogue.retire(shop.partner, "coding")
    assert api.post("orders", asked(shop)).json()["code"] == "assessment_type_retired"
    installations.pause(shop.installation, actor="tests")
    assert api.post("orders", asked(shop)).json()["code"] == "installation_not_active"
    installations.remove(shop.installation, actor="tests")
    assert problem(api.post("orders", asked(shop))) == (422, "/installation", "unknown")
    assert not Order.objects.exists()


def test_orders_of_a_suspended_partner_are_refused_and_its_old_ones_readable(shop: Shop, api: Api) -> None:
    order = scene.place(shop)
    onboarding.suspend(shop.partner, actor="support")
    assert api.post("orders", asked(shop)).json()["code"] == "partner_suspended"
    assert api.get(f"orders/{order.public_id}").status_code == 200


def test_a_pause_hides_nothing_from_the_organization_itself(shop: Shop, api: Api) -> None:
    order = scene.place(shop)
    installations.pause(shop.installation, actor="tests")
    assert ids(api.get("orders")) == [order.public_id]
    assert api.get(f"orders/{order.public_id}").status_code == 200
    assert shop.api().get(f"orders/{order.public_id}").json()["code"] == "installation_paused"


def test_contact_and_resume_need_a_token_that_may_read_candidates(world: World, shop: Shop, api: Api) -> None:
    world.ada.resume.save("cv.pdf", ContentFile(scene.PDF))
    order = scene.place(shop).public_id
    assert api.get(f"orders/{order}").json()["candidate"]["resume_url"].endswith(f"/api/v1/orders/{order}/resume")
    assert b"".join(api.get(f"orders/{order}/resume").streaming_content) == scene.PDF
    less = scene.host(world.acme, "orders:read")
    assert less.get(f"orders/{order}").json()["candidate"] == {"id": world.ada.public_id}
    assert less.get(f"orders/{order}/resume").json()["code"] == "insufficient_scope"


def test_orders_are_narrowed_and_followed_by_their_feed(world: World, shop: Shop, api: Api, mallory: Api) -> None:
    first, second = scene.place(shop), scene.place(shop)
    scene.tell(second, "started")
    feed.assign()
    assert ids(api.get("orders", status="started")) == [second.public_id]
    assert ids(api.get("orders", candidate=world.ada.public_id)) == [first.public_id, second.public_id]
    assert ids(api.get("orders", candidate=world.bram.public_id)) == []
    assert ids(api.get("orders", application=world.application.public_id, status="requested")) == [first.public_id]
    for query in ({"job": world.job.public_id}, {"assessment_type": shop.assessment_type.key}):
        assert ids(api.get("orders", **query)) == [first.public_id, second.public_id]
        assert ids(shop.api().get("orders", **query)) == [first.public_id, second.public_id]
        assert mallory.get("orders", **query).json()["data"] == []
    for query in ({"job": world.other_job.public_id}, {"job": "nope"}, {"assessment_type": "nope"}):
        assert ids(api.get("orders", **query)) == []
    page = api.get("orders", since="").json()
    assert {row["id"] for row in page["data"]} == {first.public_id, second.public_id}
    scene.post(first)
    feed.assign()
    news = api.get("orders", since=page["next_since"]).json()["data"]
    assert [(row["id"], row["status"], row["outcome"]) for row in news] == [(first.public_id, "completed", "passed")]
    assert (
        mallory.get("orders").json()["data"] == mallory.get("orders", since="2000-01-01T00:00:00Z").json()["data"] == []
    )


def test_a_cancellation_is_asked_for_and_its_answer_shown(shop: Shop, api: Api, mallory: Api) -> None:
    order = scene.place(shop)
    scene.tell(order, "accepted")
    assert mallory.post(f"orders/{order.public_id}/cancel").status_code == 404
    answer = api.post(f"orders/{order.public_id}/cancel", {"reason": "The position is filled."})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["cancellation"] == {"state": "asked", "reason": "The position is filled."}
    scene.tell(scene.reread(order), "cancel_refused", message="She is on the last task.")
    shown = api.get(f"orders/{order.public_id}").json()
    assert (shown["cancellation"]["state"], shown["cancellation_answer"]) == ("too_late", "She is on the last task.")
    assert api.post(f"orders/{order.public_id}/cancel").json()["code"] == "illegal_transition"
    record = AuditRecord.objects.get(verb="order.cancelled", subject=order.public_id)
    assert record.actor_label == api.get("organization").json()["client_id"]


def test_results_come_with_the_document_that_an_admin_sees(shop: Shop, api: Api, mallory: Api) -> None:
    order = scene.place(shop)
    scene.post(order)
    scene.post(scene.reread(order), {"score": 90, "verdict": "pass"}, kind="amended", reason="A task was marked twice.")
    rows = api.get(f"orders/{order.public_id}/results").json()["data"]
    assert [(row["revision"], row["kind"], row["reason"], row["document"]) for row in rows] == [
        (2, "amended", "A task was marked twice.", {"score": 90, "verdict": "pass"}),
        (1, "final", None, {"score": 81, "verdict": "pass"}),
    ]
    assert "document" not in shop.api().get(f"orders/{order.public_id}/results").json()["data"][0]
    assert mallory.get(f"orders/{order.public_id}/results").status_code == 404


def test_the_audience_of_a_schema_counts_for_a_program_as_for_an_admin(shop: Shop, api: Api) -> None:
    schema = {
        "type": "object",
        "properties": {
            "score": {"type": "integer"},
            "salary": {"type": "integer", "x-audience": ["admin"]},
            "interview_notes": {"type": "string", "x-audience": ["interviewer"]},
        },
    }
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(schema)))
    order = scene.place(shop)
    scene.post(order, {"score": 1, "salary": 2, "interview_notes": "For one pair of eyes.", "undeclared": 3})
    (row,) = api.get(f"orders/{order.public_id}/results").json()["data"]
    assert row["document"] == {"score": 1, "salary": 2, "undeclared": 3}


def test_reports_are_listed_and_downloaded(shop: Shop, api: Api, mallory: Api) -> None:
    order = scene.place(shop)
    report, _ = attachments.store(order, name="report.pdf", content=scene.PDF)
    (row,) = api.get(f"orders/{order.public_id}/attachments").json()["data"]
    assert (row["id"], row["name"], row["size"]) == (report.public_id, "report.pdf", len(scene.PDF))
    answer = api.get(f"attachments/{report.public_id}")
    assert b"".join(answer.streaming_content) == scene.PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert [
        mallory.get(f"orders/{order.public_id}/attachments").status_code,
        mallory.get(f"attachments/{report.public_id}").status_code,
    ] == [404, 404]


def test_the_older_version_names_the_reference_as_it_did(shop: Shop, world: World) -> None:
    order = scene.place(shop)
    scene.tell(order, "accepted", reference="eng-1")
    api = scene.host(world.acme)
    pinned = api.patch("organization", {"api_version": "2026-10-01"})
    assert (pinned.status_code, pinned.json()["api_version"]) == (200, "2026-10-01")
    answer = api.get(f"orders/{order.public_id}")
    assert (answer["Api-Version"], answer.json()["external_id"]) == ("2026-10-01", "eng-1")
    assert api.speaking("2026-12-01").get(f"orders/{order.public_id}").json()["reference"] == "eng-1"


def test_who_am_i_and_the_log_of_my_calls(world: World, shop: Shop, api: Api, mallory: Api) -> None:
    me = api.get("organization").json()
    assert me == {
        "id": world.acme.public_id,
        "name": "Acme Robotics",
        "environment": "live",
        "client_id": me["client_id"],
        "client_name": "Our hiring system",
        "api_version": me["api_version"],
        "scopes": sorted(ORGANIZATION_SCOPES),
        "installations": [
            {
                "id": shop.installation.public_id,
                "partner": {"id": shop.partner.public_id, "name": "CodeForge"},
                "status": "active",
                "scopes": sorted(shop.installation.scopes),
                "installed_at": me["installations"][0]["installed_at"],
            }
        ],
    }
    other = scene.host(world.acme)
    other.get("jobs")
    mallory.get("jobs")
    logged = api.get("requests").json()["data"]
    assert [(row["method"], row["path"], row["status"]) for row in logged] == [("GET", "/api/v1/organization", 200)]
    row = RequestLog.objects.get(request_id=logged[0]["request_id"])
    assert (row.client_id, row.partner, row.organization) == (me["client_id"], "", world.acme.public_id)


def test_a_sandbox_has_a_client_for_the_other_side(world: World) -> None:
    registration = onboarding.register_partner(name="Probe", contact_email="dev@probe.example")
    api = Api(scene.token(registration.application, ALL))
    first = api.post("sandbox/organization-client").json()
    second = api.post("sandbox/organization-client").json()
    assert second["client_id"] == first["client_id"]
    assert second["organization"] == registration.organization.public_id
    assert second["installation"] == registration.installation.public_id
    assert Api(first["access_token"]).get("organization").status_code == 401
    mine = Api(second["access_token"])
    assert mine.get("organization").json()["environment"] == "sandbox"
    assert len(mine.get("candidates").json()["data"]) == 4
    live = scene.shop_of(world)
    assert live.api().post("sandbox/organization-client").json()["code"] == "sandbox_only"
    at_sandbox = Api(scene.token(registration.application, ALL, of=registration.installation))
    assert at_sandbox.post("sandbox/organization-client").json()["code"] == "own_credentials_needed"
