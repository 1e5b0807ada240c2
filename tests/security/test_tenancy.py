"""Every route and method, from the URL conf, by those who must see nothing of Acme's: with Acme's real ids and with ids
that nobody has, and the answers may not differ. A new route is in it at once: the ids stand in its path, in the body
that its description gives as the example, and in the query, where it has parameters of such names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from assessments.models import AssessmentType, Order, OrderUpdate, PartnerCheck
from assessments.services import attachments, erasures, resumes
from core.ids import fresh_token, public_id
from core.models import Membership, Role, User
from core.openapi.views import document
from core.services import team
from partners.models import Environment, Event, Installation, PartnerMember
from partners.scopes import ALL
from partners.services import clients, connecting, endpoints, installations
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.described import routes
from tests.world import PASSWORD, World, make_application, make_candidate

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Open to anybody. Whoever adds a route that is answers for it here.
PUBLIC = {
    "/login", "/invitations/{token}", "/partners/register",
    "/docs/", "/docs/{page}", "/docs/{page}.md", "/docs/search", "/docs/errors", "/docs/playground", "/docs/reference",
    "/docs/reference/{chapter}", "/llms.txt",
    "/docs/dialects", "/resumes/{resume_token}",
    "/schemas/display/v1", "/.well-known/oauth-authorization-server", "/api/v1/openapi.json", "/api/v1/postman.json",
    "/livez", "/readyz",
}  # fmt: skip
# Which partners there are to connect is no organization's secret.
OFFERED_TO_ALL = {"/integrations/connect/{partner_id}"}
# Who has a token is invited; who has a signed link may read that résumé. (The doors below /compat take a token of an
# order, or a key: neither is among these ids, and tests/contracts/test_connected.py holds them.)
BY_TOKEN = {"/invitations/{token}", "/resumes/{resume_token}"}
# An installation of the same partner: what the partner offers is its own.
OWN = {"a paused installation elsewhere": "{key}"}
# Words of paths that belong to nobody.
WORDS = {
    "environment": "live", "purpose": "events", "revision": "1", "version": "1", "page": "schemas", "chapter": "orders",
    "dialect_name": "ashby", "rest": "nothing",
}  # fmt: skip
# What pages read of a query.
PAGES_READ = ("application", "candidate", "job")
ROUTES = sorted({path for path, _ in routes() if not path.startswith("/admin/")})
ACMES_WORDS = ("Okafor", "Lindqvist", "Acme Robotics", "acme.example", "555 0100", "Back-end engineer")


@dataclass(frozen=True)
class Acme:
    """Acme's real ids, by the names that paths, forms and bodies give them."""

    ids: dict[str, str]

    def nobodys(self) -> dict[str, str]:
        """Others of the same form."""
        return {name: _another(value) for name, value in self.ids.items()}


def _another(value: str) -> str:
    if found := re.fullmatch(r"([a-z]+)_[0-9a-v]{26}", value):
        return public_id(found[1])
    return f"nobody{value[6:]}" if "@" in value or len(value) < 20 else fresh_token()


@pytest.fixture
def shop(world: World) -> Shop:
    return scene.shop_of(world)


@pytest.fixture
def acme(world: World, shop: Shop) -> Acme:
    AssessmentType.objects.filter(pk=shop.assessment_type.pk).update(key="acmes-own-type")
    order = scene.place(shop)
    scene.tell(order, "accepted", reference="acme-1")
    scene.post(order)
    invitation, token = team.invite(world.acme, email="new@acme.example", role=Role.RECRUITER, actor=world.admin.user)
    endpoint, _, _ = endpoints.put(shop.partner, Environment.LIVE, "events", url="https://codeforge.example/hooks")
    delivery = endpoints.ping(endpoint)
    ours, _ = clients.create(world.acme, name="Our hiring system", actor=world.admin.user)
    report, _ = attachments.store(order, name="report.pdf", content=b"%PDF-1.7 of Okafor")
    world.ada.resume.save("cv.pdf", ContentFile(b"%PDF-1.7"))
    gone = make_candidate(world.acme, "Edda", "Okafor")
    scene.place(shop, application=make_application(gone, world.stages[0]))
    erasure = erasures.erase(gone, ground="asked", actor=world.admin.user)
    connected = connecting.connect(
        world.acme, name="Acme's own", dialect="ashby", urls={}, credential="key", scopes=[], actor=world.admin.user
    )
    check = PartnerCheck.objects.create(installation=shop.installation, until=timezone.now())
    return Acme(
        ids={
            "check_id": check.public_id,
            "connection_id": connected.public_id,
            "resume_token": resumes.link(shop.installation, world.ada).rpartition("/")[2],
            "erasure_id": erasure.public_id,
            "candidate_id": world.ada.public_id,
            "candidate": world.ada.public_id,
            "application_id": world.application.public_id,
            "application": world.application.public_id,
            "stage": str(world.application.stage.pk),
            "stage_id": world.application.stage.public_id,
            "job_id": world.job.public_id,
            "job": world.job.public_id,
            "invitation_id": invitation.public_id,
            "token": token,
            "order_id": order.public_id,
            "order": order.public_id,
            "update_id": OrderUpdate.objects.filter(order=order).latest("pk").public_id,
            "backfill_id": scene.backfill(shop, email="nobody@acme.example").public_id,
            "attachment_id": report.public_id,
            "client_id": ours.client_id,
            "type_id": shop.assessment_type.public_id,
            "key": "acmes-own-type",
            "partner_id": shop.partner.public_id,
            "installation_id": shop.installation.public_id,
            "installation": shop.installation.public_id,
            "endpoint_id": endpoint.public_id,
            "delivery_id": delivery.public_id,
            "organization": world.acme.public_id,
            "member": world.recruiter.user.email,
            "subject": order.public_id,
            "reference": "acme-1",
            "since": Event.objects.latest("pk").public_id,
        }
    )


# --- Those who look ---------------------------------------------------------------------------------------------------

RESULT = {"kind": "final", "document": {"score": 1}}
LOOKERS = (
    "anonymous", "anonymous program", "mallory", "another partner's person", "another partner",
    "another partner's installation", "a paused installation elsewhere", "another organization's program",
)  # fmt: skip
Answer = tuple[int, str, tuple[tuple[str, str], ...]]
# Method, route and ids → every answer.
Look = Callable[[str, str, dict[str, str]], Iterator[Any]]


def filled(template: str, ids: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda hole: {**WORDS, **ids}.get(hole[1], hole[0]), template)


def by_browser(client: Client) -> Look:
    def look(method: str, route: str, ids: dict[str, str]) -> Iterator[Any]:
        path = filled(route, ids)
        if method in ("GET", "HEAD"):
            yield client.generic(method, f"{path}?{urlencode({name: ids[name] for name in PAGES_READ})}")
        else:
            yield client.generic(method, path, urlencode(ids), "application/x-www-form-urlencoded")

    return look


def by_program(token: str) -> Look:
    client, headers = Client(raise_request_exception=False), {"Authorization": f"Bearer {token}"}

    def look(method: str, route: str, ids: dict[str, str]) -> Iterator[Any]:
        path = filled(route, ids)
        described = document()["paths"].get(route, {}).get(method.lower(), {})
        bodies = [json.dumps({**ids, **RESULT})]
        for media in described.get("requestBody", {}).get("content", {}).values():
            bodies += [filled(json.dumps(media["example"]), ids)] if "example" in media else []
        queries = [entry["name"] for entry in described.get("parameters", []) if entry.get("in") == "query"]
        for query in ["", *(f"?{urlencode({name: ids[name]})}" for name in queries if name in ids)]:
            for body in [""] if method in ("GET", "HEAD") else bodies:
                yield client.generic(method, path + query, body, "application/json", headers=headers)

    return look


def signed_in(membership: Membership) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(membership.user)
    return client


@pytest.fixture
def lookers(world: World, shop: Shop) -> dict[str, Look]:
    sneak = scene.mallorys_shop(world)
    person = User.objects.create_user("quill@sneak.example", PASSWORD, name="Sam Quill")
    PartnerMember.objects.create(partner=sneak.partner, user=person)
    partners_person = Client(raise_request_exception=False)
    partners_person.force_login(person)
    paused = at_globex(shop, world)
    return {
        "anonymous": by_browser(Client(raise_request_exception=False)),
        "anonymous program": by_program("unknown"),
        "mallory": by_browser(signed_in(world.mallory)),
        "another partner's person": by_browser(partners_person),
        "another partner": by_program(scene.token(sneak.application, ALL)),
        "another partner's installation": by_program(scene.token(sneak.application, ALL, of=sneak.installation)),
        "a paused installation elsewhere": by_program(scene.token(shop.application, ALL, of=paused)),
        "another organization's program": by_program(scene.program(world.globex)),
    }


def at_globex(shop: Shop, world: World) -> Installation:
    """The same partner at work for Mallory's organization, and paused there."""
    made = installations.install(shop.partner, world.globex, scopes=ALL, actor=world.mallory.user)
    installations.pause(made, actor=world.mallory.user)
    return made


# --- The comparison ---------------------------------------------------------------------------------------------------

# There or not, but with whatever value.
_NOT_COMPARED = frozenset(
    {"Request-Id", "Set-Cookie", "RateLimit", "Content-Length", "Expires", "Last-Modified", "ETag"}
)


@contextmanager
def undone() -> Iterator[None]:
    """What a call did to its own tenant is no matter here."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def answers_of(look: Look, method: str, route: str, ids: dict[str, str], known: list[dict[str, str]]) -> list[Answer]:
    with undone():
        return [_told(response, known) for response in look(method, route, ids)]


def _told(response: Any, known: list[dict[str, str]]) -> Answer:
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    headers = sorted((name, "" if name in _NOT_COMPARED else value) for name, value in response.headers.items())
    told = tuple((name, plain(value, known)) for name, value in headers)
    return response.status_code, plain(raw.decode("utf-8", "replace"), known), told


# Tokens against forgery, secrets, ids and moments of this very call, what we encrypt; and what Django's choices say.
_NEW_EACH_TIME = re.compile(
    r"sign-in/[\w-]+|assay_key_[\w-]+|whsec_[\w+/=-]+|gAAAA[\w-]+=*"
    r"|\b[A-Za-z0-9]{128}\b|\b[A-Za-z0-9]{64}\b|\b[A-Za-z0-9]{40}\b|\b[a-z]+_[0-9a-v]{26}\b"
    r"|\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)|choice\. \S+ is"
)


def plain(text: str, known: list[dict[str, str]]) -> str:
    """Without what is new in every answer (first: a short id may occur in it by chance), and without what was sent."""
    text = _NEW_EACH_TIME.sub("", text)
    for ids in known:
        for value in sorted(ids.values(), key=len, reverse=True):
            text = text.replace(value, "<id>") if len(value) > 3 else text
    return text


def _first_difference(one: str, other: str) -> str:
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return f"{one[max(0, place - 80) : place + 40]!r} and {other[max(0, place - 80) : place + 40]!r}"


@pytest.mark.parametrize("who", LOOKERS)
def test_real_ids_of_acme_are_answered_like_ids_of_nobody(
    who: str, acme: Acme, lookers: dict[str, Look], settings: Settings, subtests: pytest.Subtests
) -> None:
    settings.RATE_LIMITS = {}
    look, nobodys = lookers[who], acme.nobodys()
    known = [acme.ids, nobodys]
    for route in ROUTES:
        with subtests.test(route):
            for method in METHODS:
                answers = answers_of(look, method, route, acme.ids, known)
                for status, text, _ in answers:
                    assert status < 500, method
                    told = [word for word in ACMES_WORDS if word in text and route not in BY_TOKEN]
                    assert not told, f"{method} tells {told}"
                if route not in OFFERED_TO_ALL | PUBLIC and OWN.get(who, "-") not in route:
                    for real, other in zip(answers, answers_of(look, method, route, nobodys, known), strict=True):
                        assert real == other, f"{method}: {_first_difference(str(real), str(other))}"


def test_what_is_open_to_anybody_is_written_down(acme: Acme, settings: Settings) -> None:
    settings.RATE_LIMITS = {}
    look = by_browser(Client(raise_request_exception=False))
    assert {route for route in ROUTES if answers_of(look, "GET", route, acme.ids, [acme.ids])[0][0] == 200} == PUBLIC


def test_the_admin_site_shows_strangers_its_log_in_only(world: World) -> None:
    for who in (Client(), signed_in(world.admin), signed_in(world.mallory)):
        for path, _ in routes():
            if path.startswith("/admin/") and not path.startswith("/admin/log"):
                for row in ("1", "999999"):
                    place = re.sub(r"\{\w+\}", row, path)
                    for method in ("GET", "POST"):
                        assert who.generic(method, place).status_code in (301, 302, 404), place


def test_a_report_of_acmes_cannot_be_posted_to_nor_read_by_another_partner(
    world: World, shop: Shop, acme: Acme
) -> None:
    sneak = scene.mallorys_shop(world)
    order = Order.objects.get(public_id=acme.ids["order_id"])
    file = SimpleUploadedFile("x.pdf", b"%PDF-")
    headers = {"Authorization": f"Bearer {scene.token(sneak.application, ALL)}"}
    answer = Client().post(f"/api/v1/orders/{order.public_id}/attachments", {"file": file}, headers=headers)
    assert answer.status_code == 404
    assert order.attachments.count() == 1
