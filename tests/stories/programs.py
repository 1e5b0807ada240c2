"""Starting the product's own programs as processes of their own, and killing them. No assertions here."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


class Program:
    """A running program with its children. Its output goes to a file, shown when it ends before its time."""

    def __init__(self, *command: str, env: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "core.config.settings", **env},
                stdout=output,
                stderr=output,
                # A group of its own: killing it reaches its children and nobody else.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self.exit_code is None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def kill_9(self) -> None:
        """No last words: SIGKILL to all of it at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)

    def end(self, *, seconds: float) -> None:
        """Asks it to end (SIGTERM) and waits for that."""
        self._process.terminate()
        self._process.wait(timeout=seconds)


@contextlib.contextmanager
def running(*command: str, env: dict[str, str], log: Path) -> Iterator[Program]:
    program = Program(*command, env=env, log=log)
    try:
        yield program
    finally:
        program.kill_9()


def run(*command: str, env: dict[str, str]) -> str:
    """Runs a program to its end; its standard output. Raises RuntimeError with what it said if it fails."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "core.config.settings", **env},
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
