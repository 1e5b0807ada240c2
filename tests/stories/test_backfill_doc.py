"""The commands of docs/api/backfill.md, run by a shell against a server as they stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.models import Backfill, Result
from partners.scopes import ALL
from tests.assessments import scene
from tests.world import World

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api" / "backfill.md").read_text()


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_work(live_server: LiveServer, world: World, tmp_path: Path) -> None:
    shop = scene.shop_of(world)
    shop.assessment_type.key = "probe"
    shop.assessment_type.save()
    order, key = scene.place(shop), scene.token(shop.application, ALL)
    blocks = re.findall(r"^```sh\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
    given = f"BASE={live_server.url}\nTOKEN={key}\nORDER={order.public_id}\n"
    script = "set -euo pipefail\n" + given + "\n".join(blocks)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert Result.objects.get(order=order).revision == 1
    assert Backfill.objects.get().email == "somebody@mail.example"
    assert '"state": "received"' in done.stdout or '"state":"received"' in done.stdout
