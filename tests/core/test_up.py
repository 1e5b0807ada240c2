"""What ``manage.py up`` refuses before it starts anything, and which programs it would start."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from pytest_django.fixtures import Settings

from core.children import Child
from core.management.commands import up


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def programs(children: Iterator[Child]) -> list[tuple[str, ...]]:
    """Their names and what they run, without the interpreter."""
    return [(child.name, *child.command[1:]) for child in children]


def test_two_at_once_on_one_data_directory_are_refused(tmp_path: Path) -> None:
    with up.locked(tmp_path / "data"), pytest.raises(CommandError) as refused, up.locked(tmp_path / "data"):
        pass
    assert str(refused.value) == f"Another one is running on {tmp_path / 'data'}: stop it first, or set DATA_DIR."


def test_a_data_directory_is_free_again_when_it_was_left(tmp_path: Path) -> None:
    for _ in range(2):
        with up.locked(tmp_path):
            pass


def test_a_taken_port_is_named(taken_port: int) -> None:
    with pytest.raises(CommandError) as refused:
        up.check_port(taken_port)
    assert str(refused.value) == f"Port {taken_port} is taken: set PORT to a free one."


def test_the_embedded_server_hosts_worker_and_beat(settings: Settings) -> None:
    settings.EMBEDDED_BROKER = True
    assert programs(up.workers()) == []


def test_with_a_broker_of_its_own_worker_and_beat_are_programs(settings: Settings) -> None:
    settings.EMBEDDED_BROKER = False
    assert [(name, *rest[3:5]) for name, *rest in programs(up.workers())] == [
        ("The worker", "core.config", "worker"),
        ("Beat", "core.config", "beat"),
    ]


def test_a_partner_is_started_with_its_credentials_and_our_address(settings: Settings, tmp_path: Path) -> None:
    settings.DEMO, settings.DATA_DIR, settings.PORT = True, tmp_path, 8123
    (tmp_path / "partners").mkdir()
    for name in ("codeforge", "stranger"):
        (tmp_path / "partners" / f"{name}.json").write_text(json.dumps({}))
    # Only a program that is in examples/ is started, whatever else lies there.
    (partner,) = up.partners()
    assert partner.environment == {"PLATFORM_URL": "http://127.0.0.1:8123"}
    program, flag, file = partner.command[1:4]
    assert (program, flag) == (
        str(settings.BASE_DIR / "examples" / "partners" / "codeforge" / "app.py"),
        "--credentials",
    )
    assert file == str(tmp_path / "partners" / "codeforge.json")


def test_without_the_demo_no_partner_is_started(settings: Settings) -> None:
    settings.DEMO = False
    assert programs(up.partners()) == []


def test_the_welcome_names_the_address_and_the_log_ins(settings: Settings) -> None:
    settings.DEMO, settings.PUBLIC_URL = True, "http://127.0.0.1:8123"
    said = up.welcome()
    assert "http://127.0.0.1:8123" in said
    for address in ("recruiter@acme", "admin@acme", "admin@globex", "dev@codeforge", "support@assay"):
        assert f"{address}.example" in said
