"""``manage.py up``: the one supervisor: migrations, demo data, the server and the demo partners, until Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from core import ports
from core.children import Child, KeepsEnding, stop_all
from core.ports import HOST

LOCK = "up.lock"
READY_WITHIN_SECONDS = 60


class Command(BaseCommand):
    help = "Migrate, seed the demo data (DEMO=1), and run everything until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, _stop)
        with contextlib.suppress(KeyboardInterrupt), locked(settings.DATA_DIR):
            check_port(settings.PORT)
            call_command("migrate", interactive=False, verbosity=0)
            if settings.DEMO:
                call_command("demo", verbosity=0)
            self.supervise([server(), *workers(), *partners()])
        self.stdout.write("Stopped.")

    def supervise(self, children: list[Child]) -> None:
        """Keeps them running until a signal comes; whatever ends this, none of them is left."""
        try:
            children[0].start()
            wait_until_served(children[0])
            for child in children[1:]:
                child.start()
            self.stdout.write(welcome())
            self.stdout.flush()
            self.watch(children)
        finally:
            for signum in (signal.SIGINT, signal.SIGTERM):
                signal.signal(signum, signal.SIG_IGN)
            stop_all(children)

    def watch(self, children: list[Child]) -> None:
        while True:
            time.sleep(0.2)
            for child in children:
                try:
                    if child.revive():
                        self.stderr.write(f"{child.name} ended; it was started again.")
                except KeepsEnding as name:
                    raise CommandError(f"{name} ends again and again: see what it said above.") from None


def _stop(_signum: int, _frame: object) -> None:
    """SIGTERM like Ctrl-C: unwinds whatever is going on, a migration too."""
    raise KeyboardInterrupt


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """One supervisor a data directory; the lock goes with the process, however it ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"Another one is running on {data_dir}: stop it first, or set DATA_DIR.") from None
        yield


def check_port(port: int) -> None:
    if not ports.is_free(port):
        raise CommandError(f"Port {port} is taken: set PORT to a free one.")


def server() -> Child:
    config = settings.BASE_DIR / "core" / "config" / "gunicorn_settings.py"
    return _child("The server", "-m", "gunicorn", "--config", str(config), PORT=str(settings.PORT))


def workers() -> Iterator[Child]:
    """With a broker of its own, worker and beat are programs too; in the embedded profile the server hosts them."""
    if not settings.EMBEDDED_BROKER:
        celery = ("-m", "celery", "-A", "core.config")
        yield _child("The worker", *celery, "worker", "--concurrency=2", "--loglevel=warning")
        schedule = settings.DATA_DIR / "celerybeat-schedule"
        yield _child("Beat", *celery, "beat", "--loglevel=warning", "--pidfile=", f"--schedule={schedule}")


def partners() -> Iterator[Child]:
    """The demo partners: programs of their own, each with its credentials in a file only its owner may read."""
    for file in sorted((settings.DATA_DIR / "partners").glob("*.json")) if settings.DEMO else ():
        program = settings.BASE_DIR / "examples" / "partners" / file.stem / "app.py"
        if program.exists():
            # One that is connected by its addresses is expected where these lead.
            port = json.loads(file.read_text()).get("port") or ports.free()
            arguments = (str(program), "--credentials", str(file), "--port", str(port))
            yield _child(f"The partner {file.stem}", *arguments, PLATFORM_URL=f"http://{HOST}:{settings.PORT}")


def _child(name: str, *arguments: str, **environment: str) -> Child:
    command = (sys.executable, *arguments)
    return Child(name=name, command=command, directory=settings.BASE_DIR, environment=environment)


def wait_until_served(child: Child) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if not child.is_running:
            raise CommandError("The server did not start: see what it said above.")
        if is_served():
            return
        time.sleep(0.05)
    raise CommandError("The server does not answer.")


def is_served() -> bool:
    connection = http.client.HTTPConnection(HOST, settings.PORT, timeout=READY_WITHIN_SECONDS)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/livez")
        return connection.getresponse().status == http.HTTPStatus.OK
    return False


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
    support@assay.example    support, in the admin at /admin/

  Try: open a candidate, Send assessment, pick the coding test, and watch the result arrive (about 15 seconds).
"""
