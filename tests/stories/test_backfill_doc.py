"""The commands of docs/api/backfill.md, run by a shell against a server as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.models import Backfill, Result
from partners.scopes import ALL
from tests.assessments import scene
from tests.stories.pages import run_page
from tests.world import World


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_work(live_server: LiveServer, world: World, tmp_path: Path) -> None:
    shop = scene.shop_of(world)
    shop.assessment_type.key = "probe"
    shop.assessment_type.save()
    order, key = scene.place(shop), scene.token(shop.application, ALL)
    said = run_page("sh", "api/backfill.md", where=tmp_path, BASE=live_server.url, TOKEN=key, ORDER=order.public_id)
    assert Result.objects.get(order=order).revision == 1
    assert Backfill.objects.get().email == "somebody@mail.example"
    assert '"state": "received"' in said or '"state":"received"' in said
