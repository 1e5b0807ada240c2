"""`manage.py check_partner` against the example vendors as programs of their own, on the whole server: what holds, and
what a vendor that breaks its protocol is told.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core import ports
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import PartnerServer
from tests.stories.programs import ROOT, Program, run, running

SERVER = (sys.executable, "-m", "gunicorn", "--config", "core/config/gunicorn_settings.py")
STEP = re.compile(r"^\[(\w+)\] (.+?): ", re.MULTILINE)


@pytest.fixture
def product(tmp_path: Path, database: Path) -> Iterator[dict[str, str]]:
    """The whole embedded server on an empty database; its environment."""
    port = str(ports.free())
    env = {
        "DATA_DIR": str(tmp_path / "data"),
        "PORT": port,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HTTP_ALLOW_LOOPBACK": "1",
        "DATABASE_URL": f"sqlite:///{database}",
        "CELERY_BROKER_URL": "memory://",
    }
    with running(*SERVER, env=env, log=tmp_path / "server.log") as server:
        wait_for(int(port), server)
        yield env


def wait_for(port: int, program: Program) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and program.is_running:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail(program.output)


@contextlib.contextmanager
def vendor(folder: str, product: dict[str, str], tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The vendor's program, connected in a sandbox; what it knows."""
    ours: dict[str, Any] = json.loads(run(sys.executable, "-m", "tests.stories.connect", folder, env=product))
    file = tmp_path / f"{folder}.json"
    file.write_text(json.dumps(ours))
    program = (sys.executable, f"examples/partners/{folder}/app.py")
    options = ("--credentials", str(file), "--port", str(ours["port"]))
    with running(*program, *options, env={"PARTNER_PAUSE": "2"}, log=tmp_path / "vendor.log") as running_vendor:
        wait_for(ours["port"], running_vendor)
        yield ours


def check(product: dict[str, str], installation: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "manage.py", "check_partner", installation, "--seconds", str(seconds))
    settings = {"DJANGO_SETTINGS_MODULE": "core.config.settings"}
    environment = {**os.environ, **settings, **product}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds + 60, check=False
    )


def test_a_vendor_that_keeps_to_ashbys_protocol_passes_from_the_catalogue_to_the_cancellation(
    product: dict[str, str], tmp_path: Path
) -> None:
    with vendor("parlance", product, tmp_path) as ours:
        done = check(product, ours["installation"])
    assert done.returncode == 0, done.stdout + done.stderr
    *steps, cancellation = STEP.findall(done.stdout)
    *asked, first, second, third, fourth = steps
    # Its first word, that the candidate is invited, may be here before the answer to the order is read: then it counts.
    assert asked in (
        [("fine", "The catalogue"), ("fine", "The order form"), ("fine", "The order")],
        [("fine", "The catalogue"), ("fine", "The order form"), ("fine", "The order"), ("fine", "Told by the partner")],
    )
    assert {first, second, third, fourth} == {("fine", "Told by the partner")}
    # Whether the candidate was faster is a matter of the machine.
    assert cancellation in (("fine", "The cancellation"), ("noted", "The cancellation"))
    assert "2 assessments: English test, Business English." in done.stdout
    assert "Acknowledged" in done.stdout or "Too late" in done.stdout
    assert ours["vendor_key"] not in done.stdout
    assert ours["platform_key"] not in done.stdout


def test_a_vendor_that_keeps_to_greenhouses_protocol_is_asked_after_its_nudge(
    product: dict[str, str], tmp_path: Path
) -> None:
    with vendor("oakfen", product, tmp_path) as ours:
        done = check(product, ours["installation"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert STEP.findall(done.stdout) == [
        ("fine", "The catalogue"),
        ("fine", "The order"),
        ("fine", "Asked for"),
        ("fine", "The address for errors"),
    ]
    assert "partner_interview_id" in done.stdout


def test_a_vendor_that_breaks_its_protocol_is_told_where_and_by_which_rule(
    product: dict[str, str], tmp_path: Path
) -> None:
    ours: dict[str, Any] = json.loads(run(sys.executable, "-m", "tests.stories.connect", "oakfen", env=product))
    server = PartnerServer(ours["port"])
    server.behave(fakes.status(200, b"<html>Log in</html>", content_type="text/html"))
    server.serve()
    try:
        done = check(product, ours["installation"], seconds=15)
    finally:
        server.close()
    assert done.returncode == 1
    assert ("broken", "The catalogue") in STEP.findall(done.stdout)
    assert "Rule: list_tests answers 200 with a bare array" in done.stdout
    assert "<html>Log in</html>" in done.stdout
    assert "There is nothing to order" in done.stdout


def test_a_check_outside_a_sandbox_is_refused(product: dict[str, str]) -> None:
    done = check(product, "ins_00000000000000000000000000")
    assert done.returncode == 1
    assert "There is no installation" in done.stderr
    assert httpx.get(f"{product['PUBLIC_URL']}/livez", trust_env=False).status_code == 200
