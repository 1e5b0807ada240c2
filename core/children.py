"""Processes of our own: started, kept alive, stopped in order. For the supervisor; nothing here knows what they do."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
STOP_WITHIN_SECONDS = 12
# One that ends is started again, unless it ended so often without ever living so long.
MOST_RESTARTS = 5
SETTLED_AFTER_SECONDS = 60


@dataclass(kw_only=True)
class Child:
    """A program and its process, which leads a session of its own: Ctrl-C in the terminal reaches only its parent."""

    name: str
    command: Sequence[str]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    restarts: int = 0
    started_at: float = 0.0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603  # our own programs, no shell, nothing from outside
            self.command,
            cwd=self.directory,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process and self.is_running:
            self.process.terminate()

    def kill(self) -> None:
        """The whole session: a killed gunicorn would leave its workers for a while."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def revive(self) -> bool:
        """Starts it again if it ended; True if it did. Raises :class:`KeepsEnding`."""
        if self.is_running:
            return False
        if time.monotonic() - self.started_at > SETTLED_AFTER_SECONDS:
            self.restarts = 0
        if self.restarts >= MOST_RESTARTS:
            raise KeepsEnding(self.name)
        # A little later each time: what it stumbles over may need a moment.
        time.sleep(0.5 * self.restarts)
        self.restarts += 1
        self.start()
        return True


class KeepsEnding(Exception):
    """Its text is the name of the child that was started again and again in vain."""


def stop_all(children: Sequence[Child]) -> None:
    """The last started first; what has not ended in time is killed."""
    for child in reversed(children):
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    for child in children:
        if child.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
    for child in children:
        child.kill()


def _end_with_parent() -> None:
    """On Linux a supervisor that is killed takes its children along; elsewhere they would be left."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
