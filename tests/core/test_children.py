"""Processes of our own: started again when they end, stopped with what they started, never left behind (on Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import children
from core.children import Child, KeepsEnding, stop_all

SLEEP = "import time; time.sleep(60)"
# Starts one of its own and says its id; ends when it is asked to.
PARENT = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEP!r}]).pid, flush=True); {SLEEP}"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); {SLEEP}"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def child_of() -> Iterator[Callable[[str], Child]]:
    """Makes children that run a line of Python; none of them outlives the test."""
    made: list[Child] = []

    def make(line: str) -> Child:
        made.append(Child(name="The child", command=(sys.executable, "-c", line), directory=ROOT))
        return made[-1]

    yield make
    for child in made:
        child.kill()


def wait_until(done: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    return done()


def is_alive(pid: int) -> bool:
    """Dead, or dead and not yet buried by its parent, is the same here."""
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def test_a_child_that_ends_is_started_again(child_of: Callable[[str], Child]) -> None:
    child = child_of(SLEEP)
    child.start()
    assert child.process is not None
    first = child.process.pid
    assert child.revive() is False
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: not child.is_running)
    assert child.revive() is True
    assert child.is_running
    assert child.process.pid != first


def test_a_child_that_ends_again_and_again_is_given_up(
    child_of: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "MOST_RESTARTS", 1)
    child = child_of("raise SystemExit(1)")
    child.start()
    assert wait_until(lambda: not child.is_running)
    assert child.revive() is True
    assert wait_until(lambda: not child.is_running)
    with pytest.raises(KeepsEnding, match="The child"):
        child.revive()


def test_a_child_that_lived_long_has_its_chances_back(
    child_of: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "SETTLED_AFTER_SECONDS", 0)
    child = child_of("raise SystemExit(1)")
    child.restarts = children.MOST_RESTARTS
    child.start()
    assert wait_until(lambda: not child.is_running)
    assert child.revive() is True
    assert child.restarts == 1


def test_stopping_ends_children_and_what_they_started(child_of: Callable[[str], Child], tmp_path: Path) -> None:
    said = tmp_path / "said"
    child = child_of(f"import sys; sys.stdout = open({str(said)!r}, 'w', 1); {PARENT}")
    child.start()
    assert wait_until(lambda: said.exists() and said.read_text().endswith("\n"))
    grandchild = int(said.read_text())
    assert is_alive(grandchild)
    stop_all([child])
    assert not child.is_running
    assert wait_until(lambda: not is_alive(grandchild))


def test_a_child_that_does_not_stop_is_killed(
    child_of: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(children, "STOP_WITHIN_SECONDS", 0.2)
    said = tmp_path / "said"
    child = child_of(f"import sys; sys.stdout = open({str(said)!r}, 'w', 1); {STUBBORN}")
    child.start()
    assert wait_until(lambda: said.exists() and said.read_text() == "ready\n")
    stop_all([child])
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_children_of_a_killed_supervisor_end_with_it() -> None:
    supervisor = (
        "import sys, time; from pathlib import Path; from core.children import Child; "
        f"child = Child(name='x', command=(sys.executable, '-c', {SLEEP!r}), directory=Path('.')); "
        "child.start(); print(child.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", supervisor], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert is_alive(child)
        process.kill()
    assert wait_until(lambda: not is_alive(child))
