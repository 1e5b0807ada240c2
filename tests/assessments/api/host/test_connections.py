"""Partners that an organization's own program connects by their protocol; and what Mallory's program makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assessments.models import AssessmentType
from assessments.services import refreshing
from core.models import AuditRecord, RequestLog
from partners.models import Installation
from partners.services import connecting
from tests.assessments import scene
from tests.assessments.dialects.shipped import payload
from tests.assessments.scene import Api
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import PartnerServer, partner_server
from tests.world import World

pytestmark = pytest.mark.django_db
CREDENTIAL = "vendor-key-7f3a"


@pytest.fixture
def api(world: World) -> Api:
    return scene.host(world.acme)


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        running.behave(fakes.status(200, payload("ashby", "assessment.list.reply")))
        yield running


def asked(server: PartnerServer, **changes: Any) -> dict[str, Any]:
    urls = {purpose: f"{server.url}/{purpose}" for purpose in ("catalogue", "order")}
    return {"protocol": "ashby", "name": "Lingua", "urls": urls, "credential": CREDENTIAL, **changes}


def problems(answer: Any) -> set[tuple[str, str]]:
    assert answer.status_code == 422
    return {(problem["pointer"], problem["code"]) for problem in answer.json()["problems"]}


def test_a_partner_is_connected_and_its_key_is_shown_this_once(world: World, api: Api, server: PartnerServer) -> None:
    answer = api.post("connections", asked(server), key="connect-1")
    made = answer.json()
    row = Installation.objects.get(partner__name="Lingua")
    assert answer.status_code == 201
    assert made == {
        "id": row.public_id,
        "protocol": "ashby",
        "name": "Lingua",
        "status": "active",
        "urls": {"catalogue": f"{server.url}/catalogue", "order": f"{server.url}/order"},
        "has_credential": True,
        "has_key": True,
        "candidate_fields": ["first_name", "last_name", "email"],
        "doors": made["doors"],
        "catalogue": {"state": "never", "sentence": "", "at": None},
        "connected_at": made["connected_at"],
        "key": made["key"],
    }
    assert connecting.holder_of(made["key"]) == row
    assert [door["url"].rpartition("/compat/")[2] for door in made["doors"]] == [
        "ashby/assessment.update",
        "ashby/assessment.addCompletedToCandidate",
    ]
    assert api.post("connections", asked(server), key="connect-1").json() == made
    del made["key"]
    assert api.get(f"connections/{row.public_id}").json() == made
    assert api.get("connections").json()["data"] == [made]
    record = AuditRecord.objects.get(verb="partner.connected")
    assert record.actor_label == api.get("organization").json()["client_id"]
    log = RequestLog.objects.filter(path="/api/v1/connections", method="POST").latest("pk")
    assert CREDENTIAL not in log.request_body


def test_its_catalogue_is_tested_read_and_told(api: Api, server: PartnerServer) -> None:
    here = f"connections/{api.post('connections', asked(server)).json()['id']}"
    tried = api.get(f"{here}/test").json()
    assert (tried["method"], tried["url"], tried["status"]) == ("POST", f"{server.url}/catalogue", 200)
    assert len(tried["offered"]) == 3
    assert CREDENTIAL not in str(tried)
    assert AssessmentType.objects.count() == 0
    assert api.post(f"{here}/refresh").status_code == 202
    refreshing.refresh_due()
    assert api.get(here).json()["catalogue"]["state"] == "done"
    offered = api.get("catalogue").json()["data"]
    assert [row["partner"]["name"] for row in offered] == ["Lingua"] * 3


def test_addresses_credential_and_key_change(api: Api, server: PartnerServer) -> None:
    made = api.post("connections", asked(server)).json()
    here = f"connections/{made['id']}"
    changed = api.patch(here, {"urls": {"cancel": f"{server.url}/cancel"}, "credential": "another"}).json()
    assert changed["urls"] == {**made["urls"], "cancel": f"{server.url}/cancel"}
    assert "cancel" not in api.patch(here, {"urls": {"cancel": ""}}).json()["urls"]
    key = api.post(f"{here}/new-key").json()["key"]
    assert connecting.holder_of(made["key"]) is None
    assert connecting.holder_of(key) is not None


def test_what_is_wrong_is_named(api: Api, server: PartnerServer) -> None:
    odd = {**asked(server)["urls"], "a/b~c": "https://x.example"}
    assert problems(api.post("connections", asked(server, urls=odd))) == {("/urls/a~1b~0c", "unknown")}
    wrong = api.post("connections", asked(server, urls={"a/b~c": []}))
    assert problems(wrong) == {("/urls/a~1b~0c", "not_a_string")}
    assert problems(api.post("connections", asked(server, protocol="telex"))) == {("/protocol", "unknown")}
    assert problems(api.post("connections", asked(server, urls={"catalogue": "ftp://x.example"}))) >= {
        ("/urls/order", "required")
    }
    assert problems(api.post("connections", asked(server, optional_fields=["phone"]))) == {("/scopes", "unknown")}
    assert Installation.objects.filter(partner__organization__isnull=False).count() == 0


def test_each_call_needs_its_scope(world: World, server: PartnerServer) -> None:
    reader = scene.host(world.acme, "connections:read")
    assert reader.get("connections").status_code == 200
    refused = reader.post("connections", asked(server))
    assert (refused.status_code, refused.json()["required"]) == (403, "connections:write")


def test_mallorys_program_finds_nothing_of_it(world: World, api: Api, server: PartnerServer) -> None:
    here = f"connections/{api.post('connections', asked(server)).json()['id']}"
    mallory = scene.host(world.globex)
    assert mallory.get("connections").json()["data"] == []
    answers = [mallory.get(here), mallory.patch(here, {"credential": "hers"}), mallory.get(f"{here}/test")]
    answers += [mallory.post(f"{here}/{act}") for act in ("refresh", "new-key")]
    assert {answer.status_code for answer in answers} == {404}
