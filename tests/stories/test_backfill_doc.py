"""The examples of docs/api/backfill.md, run against a server as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.models import Backfill, Result
from partners.scopes import ALL
from tests.assessments import scene
from tests.stories.pages import in_every_language, run_page, squeezed
from tests.world import World


@in_every_language
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_page_work(language: str, live_server: LiveServer, world: World, tmp_path: Path) -> None:
    shop = scene.shop_of(world)
    shop.assessment_type.key = "probe"
    shop.assessment_type.save()
    order, key = scene.place(shop), scene.token(shop.application, ALL)
    said = run_page(language, "api/backfill.md", where=tmp_path, BASE=live_server.url, TOKEN=key, ORDER=order.public_id)
    assert Result.objects.get(order=order).revision == 1
    assert Backfill.objects.get().email == "somebody@mail.example"
    assert "state:received" in squeezed(said)
