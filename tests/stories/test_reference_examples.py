"""Every example of the API reference, in every language it is shown in, run as it stands against a running sandbox."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.stories.examples import CALLS, REPORT, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def run_curl(source: str) -> None:
    _run("bash", "-euc", source)


def run_python(source: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, "sample", "exec"), {})


def run_javascript(source: str) -> None:
    assert shutil.which("node"), "Node.js is needed: install it."
    _run("node", "--input-type=module", "--eval", source)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


# The server is asked the same in each of them: one is enough on another database.
@pytest.mark.parametrize(
    ("label", "run"),
    [
        pytest.param("curl", run_curl, marks=pytest.mark.apart),
        ("Python", run_python),
        pytest.param("JavaScript", run_javascript, marks=pytest.mark.apart),
    ],
)
def test_every_example_is_answered_with_success(
    label: str,
    run: Callable[[str], None],
    live_server: LiveServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.pdf").write_bytes(REPORT)
    # The live server is on this machine: no proxy is asked for it.
    monkeypatch.setenv("NO_PROXY", ",".join(["localhost,127.0.0.1", os.environ.get("NO_PROXY", "")]))
    # Nor do they speak TLS with it: httpx would read the certificates of the whole world for each call.
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    sandbox = Sandbox(live_server.url)
    for call in CALLS.values():
        with subtests.test(call.id):
            sandbox.prepare(call)
            run(sandbox.filled(call.sample(label)))
    assert (tmp_path / "resume.pdf").exists() is (label != "JavaScript")
