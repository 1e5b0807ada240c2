"""Every POST under a token is done once for its key: each example of the API's description is sent twice with one, and
what one organization's token was told is no answer to another's: each route of the URL conf is sent by both.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import Order, Result
from core import idempotency
from core.api.views import ApiView
from core.models import RememberedReply
from partners.scopes import ALL
from partners.services import installations
from tests.assessments import scene
from tests.assessments.scene import DOCUMENT, PDF, Api, Shop
from tests.described import routes
from tests.stories.examples import CALLS, Sandbox
from tests.world import World

POSTS = {
    call.id: call
    for call in CALLS.values()
    if call.method == "post" and any("oauth2" in needed for needed in call.operation["security"])
}


@pytest.mark.django_db(transaction=True)
def test_a_post_sent_again_with_its_key_is_answered_from_memory(
    live_server: LiveServer, subtests: pytest.Subtests
) -> None:
    assert len(POSTS) >= 15
    sandbox = Sandbox(live_server.url)
    for call in POSTS.values():
        with subtests.test(call.id):
            sandbox.prepare(call)
            first = sandbox.send(call, **{"Idempotency-Key": call.id})
            again = sandbox.send(call, **{"Idempotency-Key": call.id})
            assert (again.status_code, again.content) == (first.status_code, first.content)
            assert ("Idempotent-Replayed" in first.headers, again.headers.get("Idempotent-Replayed")) == (False, "true")
            assert RememberedReply.objects.filter(key=call.id).count() == 1


# --- One application in two organizations -------------------------------------------------------------------------

ROUTES = [
    path.removeprefix("/api/v1/")
    for path, pattern in routes()
    if path.startswith("/api/v1/")
    if isinstance(view := getattr(pattern.callback, "cls", None), type) and issubclass(view, ApiView)
    if hasattr(view, "post")
]
OWN_CREDENTIALS_ONLY = {"sandbox/organization-client"}
NOT_FOR_SUCH_A_TOKEN = {"own_credentials_needed", "other_client_needed"}


@pytest.fixture
def shop(world: World) -> Shop:
    return scene.shop_of(world)


@pytest.fixture
def globex(world: World, shop: Shop) -> Shop:
    """The same partner at work for Globex."""
    installed = installations.install(shop.partner, world.globex, scopes=ALL, actor="tests")
    return Shop(**{**vars(shop), "installation": installed, "candidacy": world.globex_application})


def is_replay(answer: Any) -> bool:
    return "Idempotent-Replayed" in answer.headers


def accepted(shop: Shop, reference: str) -> Order:
    order = scene.place(shop)
    scene.tell(order, "accepted", reference=reference)
    return order


@pytest.mark.django_db
def test_no_route_answers_one_organizations_token_with_what_anothers_was_told(
    shop: Shop, globex: Shop, settings: Settings, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    settings.RATE_LIMITS = {}
    claims: list[Any] = []
    claim_of = idempotency._claim_of

    def noted(*call: Any) -> Any:
        claims.append(claim_of(*call))
        return claims[-1]

    monkeypatch.setattr(idempotency, "_claim_of", noted)
    pairs = [
        [each.api(of=each.installation) for each in (shop, globex)],
        [scene.host(each.installation.organization) for each in (shop, globex)],
    ]
    assert len(ROUTES) >= 25
    for route in ROUTES:
        with subtests.test(route):
            answered = [_told_apart(claims, route, *pair) for pair in pairs]
            assert any(answered) != (route in OWN_CREDENTIALS_ONLY)


def _told_apart(claims: list[Any], route: str, acmes: Api, globexs: Api) -> bool:
    """Whether such tokens may call it at all."""
    kept: list[set[Any]] = []
    for api in (acmes, acmes, globexs):
        claims.clear()
        answer = _sent(api, re.sub(r"\{\w+\}", "1", route))
        assert not is_replay(answer)
        kept.append(set(claims))
    if answer.status_code == 403 and answer.json()["code"] in NOT_FOR_SUCH_A_TOKEN:
        return False
    mine, again, theirs = kept
    assert (mine == again, len(mine), {claim.client for claim in mine} & {claim.client for claim in theirs}) == (
        True,
        1,
        set(),
    )
    return True


def _sent(api: Api, path: str) -> Any:
    """With a key that nothing is remembered for: the path is nobody's, or the body of no shape."""
    answer = api.post(path, {"x": 1}, key="k-1")
    return api.saying({"Idempotency-Key": "k-1"}).upload(path, PDF) if answer.status_code == 415 else answer


@pytest.mark.django_db
def test_the_same_batch_with_the_same_key_is_done_for_each_organization(shop: Shop, globex: Shop) -> None:
    orders = [accepted(each, "cand-1") for each in (shop, globex)]
    body = {"results": [{"reference": "cand-1", "kind": "final", "document": DOCUMENT}]}
    answers = [each.api(of=each.installation).post("results:batch", body, key="nightly-1") for each in (shop, globex)]
    assert [is_replay(answer) for answer in answers] == [False, False]
    assert [answer.json()["data"][0]["order"] for answer in answers] == [order.public_id for order in orders]
    assert [Result.objects.filter(order=order).count() for order in orders] == [1, 1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("door", "body"),
    [("updates", {"kind": "started"}), ("results", {"kind": "final", "document": DOCUMENT})],
)
def test_the_key_of_one_organization_opens_no_order_to_another(
    shop: Shop, globex: Shop, door: str, body: dict[str, Any]
) -> None:
    path = f"orders/{scene.place(shop).public_id}/{door}"
    assert shop.api(of=shop.installation).post(path, body, key="k-1").status_code == 201
    strange = globex.api(of=globex.installation).post(path, body, key="k-1")
    assert (strange.status_code, strange.json()["code"], is_replay(strange)) == (404, "not_found", False)
    assert is_replay(shop.api(of=shop.installation).post(path, body, key="k-1"))
