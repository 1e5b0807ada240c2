"""No secret that this floor gives out can be read anywhere in the database: not in a row, not in a log."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.apps import apps
from django.test import Client

from core.models import Membership
from tests.partners.api.test_endpoints import URL, Api
from tests.partners.fixtures import Live
from tests.partners.steps import allow, asking, exchange, own_token, post_token
from tests.world import World


def everything_stored() -> str:
    """Every column of every row, as text."""
    rows = [row for model in apps.get_models() for row in model._base_manager.values_list()]
    return "\n".join(str(bytes(cell) if isinstance(cell, memoryview) else cell) for row in rows for cell in row)


def test_no_secret_is_stored_in_a_readable_form(
    live: Live, world: World, signed_in: Callable[[Membership], Client]
) -> None:
    registered = Client().post("/oauth/register", json.dumps({"client_name": "Parley"}), "application/json").json()
    own = own_token(live.application, live.client_secret)
    unused_code = allow(signed_in(world.admin), asking(live.application), world.acme)["code"]
    code = allow(signed_in(world.admin), asking(live.application), world.acme)["code"]
    tokens = exchange(live.application, live.client_secret, code).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    rotated = post_token(live.application, live.client_secret, **refresh).json()
    signing = Api(own).put("/endpoints/order", {"url": URL}).json()["secret"]
    key = {"Idempotency-Key": "k1"}
    new_signing = Api(own).post("/endpoints/order/rotate-secret", **key).json()["secret"]
    secrets = {
        "client secret": live.client_secret,
        "registered client secret": registered["client_secret"],
        "sign-in token": registered["sandbox"]["sign_in_url"].rpartition("/")[2],
        "own token": own,
        "unused code": unused_code,
        "used code": code,
        "access token": tokens["access_token"],
        "refresh token": tokens["refresh_token"],
        "rotated refresh token": rotated["refresh_token"],
        "signing secret": signing.removeprefix("whsec_"),
        "rotated signing secret": new_signing.removeprefix("whsec_"),
    }
    stored = everything_stored()
    assert live.application.client_id in stored
    assert [name for name, value in secrets.items() if value in stored] == []
