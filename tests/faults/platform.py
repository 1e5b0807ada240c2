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


def web(env: dict[str, str], place: Path, started: list[Part], *, name: str, workers: int) -> tuple[Part, int]:
    """A server and its port. What was started is in ``started``, even where it does not come up."""
    port = free_port()
    own = {**env, "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(workers)}
    started.append(part := Part(name, WEB, own, place / f"{name}.log"))
    wait_until(lambda: listens(port), what=name)
    return part, port


def worker(env: dict[str, str], place: Path, started: list[Part], *, name: str) -> Part:
    quiet = ("--loglevel=warning", "--without-gossip", "--without-mingle", f"--hostname={name}@localhost")
    started.append(part := Part(name, (*CELERY, "worker", "--concurrency=2", *quiet), env, place / f"{name}.log"))
    return part


def beat(env: dict[str, str], place: Path, started: list[Part]) -> Part:
    command = (*CELERY, "beat", "--loglevel=warning", "--pidfile=", f"--schedule={place / 'beat'}")
    started.append(part := Part("beat", command, env, place / "beat.log"))
    return part
