"""The platform under test as processes that may die: web servers, Celery workers, beat."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.faults.machines import free_port, listens, wait_until
from tests.stories.programs import Program

WEB = (sys.executable, "-m", "gunicorn", "--config", "core/config/gunicorn_settings.py")
CELERY = (sys.executable, "-m", "celery", "-A", "core.config")


class Part:
    """One program; killed with all of its processes, started again at once, as a supervisor would."""

    def __init__(self, name: str, command: tuple[str, ...], env: dict[str, str], log: Path) -> None:
        self.name, self._command, self._env, self._log = name, command, env, log
        self.start()

    def start(self) -> None:
        self._program = Program(*self._command, env=self._env, log=self._log)

    def kill_9(self) -> None:
        self._program.kill_9()

    def kill_and_restart(self) -> None:
        self.kill_9()
        self.start()

    def kill_one_child(self) -> None:
        """A worker of it; its master starts another."""
        found = subprocess.run(["pgrep", "-P", str(self._program.pid)], capture_output=True, text=True, check=False)
        if children := found.stdout.split():
            os.kill(int(children[0]), signal.SIGKILL)


def web(env: dict[str, str], place: Path, *, name: str, workers: int) -> tuple[Part, int]:
    port = free_port()
    own = {**env, "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(workers)}
    part = Part(name, WEB, own, place / f"{name}.log")
    wait_until(lambda: listens(port), what=name)
    return part, port


def worker(env: dict[str, str], place: Path, *, name: str) -> Part:
    quiet = ("--loglevel=warning", "--without-gossip", "--without-mingle", f"--hostname={name}@localhost")
    return Part(name, (*CELERY, "worker", "--concurrency=2", *quiet), env, place / f"{name}.log")


def beat(env: dict[str, str], place: Path) -> Part:
    schedule = f"--schedule={place / 'beat'}"
    return Part("beat", (*CELERY, "beat", "--loglevel=warning", "--pidfile=", schedule), env, place / "beat.log")
