"""Candidates, jobs and applications by an organization's own program; and what Mallory's program makes of their ids."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.services import orders
from core.models import Application, AuditRecord, Candidate, Job
from partners.models import Event
from partners.scopes import ORGANIZATION_SCOPES
from tests.assessments import scene
from tests.assessments.scene import Api
from tests.world import World

pytestmark = pytest.mark.django_db

LINA = {"first_name": "Lina", "last_name": "Okonjo", "email": "Lina.Okonjo@mail.example", "time_zone": "Europe/Lisbon"}


@pytest.fixture
def api(world: World) -> Api:
    return scene.host(world.acme)


@pytest.fixture
def mallory(world: World) -> Api:
    return scene.host(world.globex)


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer.json()["data"]]


def problem(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["problems"][0]["pointer"], answer.json()["problems"][0]["code"]


def test_a_candidate_is_added_once_read_and_changed(world: World, api: Api) -> None:
    answer = api.post("candidates", LINA)
    made = answer.json()
    row = Candidate.objects.get(email="lina.okonjo@mail.example")
    assert answer.status_code == 201
    assert made == {
        "id": row.public_id,
        "first_name": "Lina",
        "last_name": "Okonjo",
        "email": "lina.okonjo@mail.example",
        "phone": None,
        "location": None,
        "time_zone": "Europe/Lisbon",
        "has_resume": False,
        "created_at": made["created_at"],
    }
    again = api.post("candidates", {**LINA, "first_name": "Somebody"})
    assert (again.status_code, again.json()) == (200, made)
    changed = api.patch(f"candidates/{row.public_id}", {"phone": "+351 21 000 0000", "time_zone": None})
    assert changed.json() == {**made, "phone": "+351 21 000 0000", "time_zone": None}
    assert api.get(f"candidates/{row.public_id}").json() == changed.json()
    records = AuditRecord.objects.filter(subject=row.public_id).order_by("pk")
    client = api.get("organization").json()["client_id"]
    assert [(each.verb, each.actor_label, each.facts) for each in records] == [
        ("candidate.added", client, {}),
        ("candidate.changed", client, {"fields": ["phone", "time_zone"]}),
    ]


def test_who_may_write_candidates_and_not_read_them_is_told_what_it_wrote_itself(world: World) -> None:
    api = scene.host(world.acme, "candidates:write")
    made = api.post("candidates", LINA)
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "first_name": "Lina",
        "last_name": "Okonjo",
        "email": "lina.okonjo@mail.example",
        "phone": None,
        "location": None,
        "time_zone": "Europe/Lisbon",
        "created_at": made.json()["created_at"],
    }
    whole = scene.host(world.acme).get(f"candidates/{world.ada.public_id}").json()
    ada = {name: whole[name] for name in ("id", "created_at")}
    known = api.post("candidates", {**LINA, "email": world.ada.email.upper()})
    assert (known.status_code, known.json()) == (200, ada)
    assert api.patch(f"candidates/{world.ada.public_id}", {}).json() == ada
    changed = api.patch(f"candidates/{world.ada.public_id}", {"location": "Accra"})
    assert changed.json() == {**ada, "location": "Accra"}
    assert api.get(f"candidates/{world.ada.public_id}").status_code == 403


def test_what_is_wrong_with_a_candidate_is_said_with_its_place(world: World, api: Api) -> None:
    assert problem(api.post("candidates", {**LINA, "email": "nobody"})) == (422, "/email", "not_an_address")
    assert problem(api.post("candidates", {**LINA, "time_zone": "Lisbon"})) == (422, "/time_zone", "unknown")
    assert problem(api.post("candidates", {**LINA, "first_name": ""})) == (422, "/first_name", "blank")
    taken = api.patch(f"candidates/{world.ada.public_id}", {"email": world.bram.email})
    assert problem(taken) == (422, "/email", "taken")
    assert problem(api.patch(f"candidates/{world.ada.public_id}", {"last_name": None})) == (422, "/last_name", "null")
    # That of another organization's candidate is free here, and nobody is told of it.
    assert api.patch(f"candidates/{world.ada.public_id}", {"email": world.globex_candidate.email}).status_code == 200


def test_a_new_address_is_followed_up_as_on_the_page(world: World, api: Api) -> None:
    order = scene.place(scene.shop_of(world))
    scene.tell(order, "accepted", candidate_url="https://codeforge.example/t/1")
    api.patch(f"candidates/{world.ada.public_id}", {"email": "ada@new.example"})
    assert scene.reread(order).candidate_url == ""
    assert Event.objects.filter(topic="candidate.contact_changed", subject=order.public_id).count() == 1


def test_candidates_are_found_by_words_address_job_and_moment(world: World, api: Api) -> None:
    ada, bram = world.ada.public_id, world.bram.public_id
    assert ids(api.get("candidates")) == [bram, ada]
    assert ids(api.get("candidates", q="okafor ada")) == [ada]
    assert ids(api.get("candidates", email=world.bram.email.upper())) == [bram]
    assert ids(api.get("candidates", job=world.job.public_id)) == [ada]
    assert ids(api.get("candidates", job=world.globex_job.public_id)) == []
    assert ids(api.get("candidates", since="2100-01-01T00:00:00Z")) == []


def test_a_job_is_opened_read_and_closed(world: World, api: Api) -> None:
    answer = api.post("jobs", {"title": "Data engineer", "stages": ["Applied", "Offer"]})
    made = answer.json()
    assert answer.status_code == 201
    assert (made["title"], made["location"], made["status"]) == ("Data engineer", None, "open")
    assert [stage["name"] for stage in made["stages"]] == ["Applied", "Offer"]
    assert api.get(f"jobs/{made['id']}").json() == made
    assert ids(api.get("jobs", status="open")) == [made["id"], world.other_job.public_id, world.job.public_id]
    closed = api.post(f"jobs/{made['id']}/close")
    assert (closed.status_code, closed.json()) == (200, {**made, "status": "closed"})
    assert api.post(f"jobs/{made['id']}/close").json() == closed.json()
    assert ids(api.get("jobs", status="closed")) == [made["id"]]
    verbs = AuditRecord.objects.filter(subject=made["id"]).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["job.opened", "job.closed"]
    assert problem(api.post("jobs", {"title": "X", "stages": ["A", "A"]})) == (422, "/stages", "duplicate")
    assert problem(api.post("jobs", {"title": "X", "stages": []}))[:2] == (422, "/stages")


def test_an_application_begins_at_the_first_stage_moves_and_is_rejected(world: World, api: Api) -> None:
    body = {"candidate": world.bram.public_id, "job": world.job.public_id}
    answer = api.post("applications", body)
    made = answer.json()
    row = Application.objects.get(candidate=world.bram)
    first, second = world.stages[0], world.stages[1]
    assert answer.status_code == 201
    assert made == {
        "id": row.public_id,
        **body,
        "stage": {"id": first.public_id, "name": first.name},
        "status": "active",
        "applied_at": made["applied_at"],
    }
    moved = api.post(f"applications/{row.public_id}/move", {"stage": second.public_id})
    assert moved.json() == {**made, "stage": {"id": second.public_id, "name": second.name}}
    again = api.post("applications", body)
    assert (again.status_code, again.json()) == (200, moved.json())
    rejected = api.post(f"applications/{row.public_id}/reject")
    assert rejected.json() == {**moved.json(), "status": "rejected"}
    assert api.post(f"applications/{row.public_id}/reject").json() == rejected.json()
    assert ids(api.get("applications", status="rejected")) == [row.public_id]
    assert ids(api.get("applications", candidate=world.ada.public_id)) == [world.application.public_id]
    assert ids(api.get("applications", job=world.other_job.public_id)) == []
    verbs = AuditRecord.objects.filter(subject=row.public_id).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["application.added", "application.moved", "application.decided"]


def test_nobody_is_put_forward_for_a_closed_job_nor_moved_to_another_jobs_stage(world: World, api: Api) -> None:
    other = world.other_job.stages.get(name="Offer").public_id
    move = api.post(f"applications/{world.application.public_id}/move", {"stage": other})
    assert problem(move) == (422, "/stage", "unknown")
    Job.objects.filter(pk=world.job.pk).update(status="closed")
    body = {"candidate": world.bram.public_id, "job": world.job.public_id}
    assert problem(api.post("applications", body)) == (422, "/job", "unknown")


def test_mallorys_program_sees_and_changes_nothing_of_acmes(world: World, mallory: Api) -> None:
    ada, job, application = world.ada.public_id, world.job.public_id, world.application.public_id
    answers = [
        mallory.get(f"candidates/{ada}"),
        mallory.patch(f"candidates/{ada}", {"first_name": "M"}),
        mallory.get(f"jobs/{job}"),
        mallory.post(f"jobs/{job}/close"),
        mallory.get(f"applications/{application}"),
        mallory.post(f"applications/{application}/move", {"stage": world.stages[0].public_id}),
        mallory.post(f"applications/{application}/reject"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 7
    hers, theirs = world.globex_candidate.public_id, world.globex_job.public_id
    assert problem(mallory.post("applications", {"candidate": ada, "job": theirs})) == (422, "/candidate", "unknown")
    assert problem(mallory.post("applications", {"candidate": hers, "job": job})) == (422, "/job", "unknown")
    assert ids(mallory.get("candidates", q="Ada")) == []
    assert ids(mallory.get("jobs")) == [theirs]
    assert ids(mallory.get("applications")) == [world.globex_application.public_id]
    assert ids(mallory.get("applications", candidate=ada)) == []
    # An address that Acme knows is new to Globex.
    assert mallory.post("candidates", {**LINA, "email": world.ada.email}).status_code == 201
    world.ada.refresh_from_db()
    assert world.ada.first_name == "Ada"


# What each call needs: method, path, scope.
NEEDS = [
    ("GET", "candidates", "candidates:read"),
    ("POST", "candidates", "candidates:write"),
    ("GET", "candidates/x", "candidates:read"),
    ("PATCH", "candidates/x", "candidates:write"),
    ("GET", "jobs", "jobs:read"),
    ("POST", "jobs", "jobs:write"),
    ("GET", "jobs/x", "jobs:read"),
    ("POST", "jobs/x/close", "jobs:write"),
    ("GET", "applications", "applications:read"),
    ("POST", "applications", "applications:write"),
    ("GET", "applications/x", "applications:read"),
    ("POST", "applications/x/move", "applications:write"),
    ("POST", "applications/x/reject", "applications:write"),
    ("GET", "catalogue", "catalogue:read"),
    ("GET", "catalogue/x/result-schemas/1", "catalogue:read"),
    ("GET", "orders", "orders:read"),
    ("POST", "orders", "orders:write"),
    ("GET", "orders/x", "orders:read"),
    ("POST", "orders/x/cancel", "orders:write"),
    ("GET", "orders/x/results", "results:read"),
    ("GET", "orders/x/attachments", "results:read"),
    ("GET", "attachments/x", "results:read"),
    ("GET", "events", "events:read"),
    ("GET", "deliveries", "events:read"),
    ("POST", "deliveries/redeliver", "events:read"),
    ("GET", "requests", "events:read"),
    ("GET", "endpoints", "events:read"),
    ("PUT", "endpoints/events", "endpoints:write"),
    ("POST", "endpoints/events/rotate-secret", "endpoints:write"),
    ("POST", "endpoints/events/ping", "endpoints:write"),
]


@pytest.mark.parametrize(("method", "path", "scope"), NEEDS)
def test_each_call_needs_its_scope(world: World, method: str, path: str, scope: str) -> None:
    others = scene.host(world.acme, *(each for each in ORGANIZATION_SCOPES if each != scope))
    answer = others.send(method, path, b"{}")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert answer.json()["required"] == scope


# Of each side, what the other may not call whatever it carries.
PARTNERS = [
    ("GET", "partner"),
    ("POST", "sandbox/orders"),
    ("POST", "sandbox/organization-client"),
    ("GET", "assessment-types"),
    ("PUT", "assessment-types/x"),
    ("POST", "orders/x/accept"),
    ("POST", "orders/x/results"),
    ("POST", "results"),
    ("POST", "results:batch"),
]
ORGANIZATIONS = [
    ("GET", "organization"),
    ("GET", "candidates"),
    ("POST", "orders"),
    ("POST", "orders/x/cancel"),
    ("GET", "orders/x/attachments"),
    ("GET", "catalogue"),
]


def test_each_side_is_refused_what_is_the_others_whatever_the_ids(world: World, api: Api) -> None:
    shop = scene.shop_of(world)
    order = scene.place(shop).public_id
    for other, calls in ((api, PARTNERS), (shop.api(), ORGANIZATIONS), (shop.api(of=shop.installation), ORGANIZATIONS)):
        for method, path in calls:
            for real in (path, path.replace("/x", f"/{order}")):
                answer = other.send(method, real, b"{}")
                assert (answer.status_code, answer.json()["code"]) == (403, "other_client_needed"), (method, real)
                assert "RateLimit" in answer.headers


def test_a_cancelled_order_keeps_who_cancelled_it(world: World, api: Api) -> None:
    order = scene.place(scene.shop_of(world))
    orders.cancel(order, actor=world.recruiter.user)
    assert api.post(f"orders/{order.public_id}/cancel").json()["code"] == "illegal_transition"
