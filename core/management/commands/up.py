"""``manage.py up``: the one supervisor: migrations, demo data, the server and the demo partners."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

LOCK = "up.lock"
PR_SET_PDEATHSIG = 1
STOP_WITHIN_SECONDS = 12
# A child that dies is started again, unless it does so again and again.
MOST_RESTARTS = 5
READY_WITHIN_SECONDS = 60


@dataclass
class Child:
    """A process of ours, and how often it had to be started again."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # our own programs, no shell, nothing from outside
            self.command,
            cwd=settings.BASE_DIR,
            env={**os.environ, **self.environment},
            # A session of its own: Ctrl-C in the terminal reaches the supervisor, which stops its children in order.
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, signum: int) -> None:
        if self.is_running and self.process:
            self.process.send_signal(signum)


def _die_with_parent() -> None:
    """On Linux a killed supervisor takes its children along; elsewhere they would be left."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Command(BaseCommand):
    help = "Migrate, seed the demo data (DEMO=1), and run everything until Ctrl-C."
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **options: Any) -> None:
        with locked(settings.DATA_DIR):
            check_port(settings.PORT)
            call_command("migrate", interactive=False, verbosity=0)
            if settings.DEMO:
                call_command("demo", verbosity=0)
            self.supervise([server(), *partners()])

    def supervise(self, children: list[Child]) -> None:
        stopping = False

        def stop(_signum: int, _frame: object) -> None:
            nonlocal stopping
            stopping = True

        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, stop)
        try:
            children[0].start()
            wait_until_served(children[0])
            for child in children[1:]:
                child.start()
            self.stdout.write(welcome())
            self.stdout.flush()
            while not stopping:
                time.sleep(0.2)
                self.revive(children)
        finally:
            stop_all(children)
            self.stdout.write("Stopped.")

    def revive(self, children: list[Child]) -> None:
        for child in children:
            if child.is_running:
                continue
            if child.restarts >= MOST_RESTARTS:
                raise CommandError(f"{child.name} ended {child.restarts + 1} times: see what it said above.")
            child.restarts += 1
            self.stderr.write(f"{child.name} ended; starting it again.")
            child.start()


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[IO[str]]:
    """One supervisor a data directory; the lock goes with the process, however it ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"Another one is running on {data_dir}: stop it first, or set DATA_DIR.") from None
        yield file


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CommandError(f"Port {port} is taken: set PORT to a free one.") from None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server() -> Child:
    config = settings.BASE_DIR / "core" / "config" / "gunicorn_settings.py"
    command = [sys.executable, "-m", "gunicorn", "--config", str(config)]
    return Child(name="The server", command=command, environment={"PORT": str(settings.PORT)})


def partners() -> Iterator[Child]:
    """The demo partners: programs of their own, each with its credentials in a file only its owner may read."""
    for file in sorted((settings.DATA_DIR / "partners").glob("*.json")) if settings.DEMO else ():
        program = settings.BASE_DIR / "examples" / "partners" / file.stem / "app.py"
        if program.exists():
            command = [sys.executable, str(program), "--credentials", str(file), "--port", str(free_port())]
            environment = {"PLATFORM_URL": f"http://127.0.0.1:{settings.PORT}"}
            yield Child(name=f"The partner {file.stem}", command=command, environment=environment)


def wait_until_served(child: Child) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if not child.is_running:
            raise CommandError("The server did not start: see what it said above.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", settings.PORT), timeout=1):
            return
        time.sleep(0.05)
    raise CommandError("The server does not answer.")


def stop_all(children: list[Child]) -> None:
    """Partners first, so that none asks a server that is going; what does not stop in time is killed."""
    for child in reversed(children):
        child.send(signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    for child in children:
        if child.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            child.send(signal.SIGKILL)


def welcome() -> str:
    lines = [f"\n{settings.PRODUCT_NAME} runs at {settings.PUBLIC_URL}   (Ctrl-C stops everything)\n"]
    if settings.DEMO:
        lines.append(DEMO_WELCOME)
    return "\n".join(lines)


DEMO_WELCOME = """  Sign in with the password `demo`:
    recruiter@acme.example   sends assessments and reads results
    admin@acme.example       also connects, pauses and removes partners
    admin@globex.example     another organization, which sees nothing of Acme's
    dev@codeforge.example    a partner's developer: the portal

  Try: open a candidate, Send assessment, pick the coding test, and watch the result arrive (about 15 seconds).
"""
