"""The page on OpenAPI: the client that its command generates walks the loop with its program, as both stand there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.models import Result
from tests.stories.pages import blocks

PAGE = "api/openapi.md"


@pytest.mark.django_db(transaction=True)
def test_a_generated_client_walks_the_loop(live_server: LiveServer, tmp_path: Path) -> None:
    (generate,), (program,) = blocks(PAGE, "sh"), blocks(PAGE, "python")
    environment: dict[str, str] = {
        **os.environ,
        "BASE": live_server.url,
        "NO_PROXY": "localhost,127.0.0.1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(tmp_path / "assay-api-client"),
    }

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    said = run("bash", "-euc", generate)
    # What it could not read it names; the one known thing is a file that is no JSON.
    assert said.count("WARNING") == 1, said
    assert "GET /api/v1/orders/{order_id}/resume" in said
    (tmp_path / "program.py").write_text(program)
    # The settings of this repository, with its plugins for Django, are none of the reader's.
    run("mypy", "--config-file=", "--strict", "--cache-dir", str(tmp_path), "program.py")
    order, revision, status = run(sys.executable, "program.py").split()
    result = Result.objects.get()
    assert (order, revision, status) == (result.order.public_id, "1", "completed")
    assert result.order.status == "completed"
