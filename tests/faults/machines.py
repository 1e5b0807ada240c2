"""A PostgreSQL server and a RabbitMQ node of the run's own, on free loopback ports, in a folder that goes with them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STARTS_WITHIN_SECONDS = 60


class Machine:
    """A server that can be killed and started again on the same port with the same files."""

    def __init__(self, name: str, command: Sequence[str], *, port: int, place: Path, env: Mapping[str, str]) -> None:
        self.name, self.port, self._command, self._place = name, port, command, place
        self._env = {**os.environ, **env}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Tries again where it ends at once: what was killed may hold its memory or its port for a moment more."""

        def is_up() -> bool:
            if self._process is None or self._process.poll() is not None:
                self._launch()
            return listens(self.port)

        self._launch()
        wait_until(is_up, what=self.name)

    def _launch(self) -> None:
        with (self._place / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=self._place,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=_owner_of(self._place),
            )

    def kill_9(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            wait_until(lambda: not listens(self.port), what=f"the end of {self.name}")

    def restart(self) -> None:
        self.kill_9()
        self.start()


def postgres(place: Path) -> Machine:
    """Makes a cluster; durable as in production. PostgreSQL refuses to run as root: then it is its own user's."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path(shutil.which("initdb") or "").parent)
    home = _home(place / "postgres", owner="postgres")
    initdb = [str(binaries / "initdb"), "--pgdata", str(home / "cluster"), "--auth=trust", "--username=assay"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=_owner_of(home))
    port = free_port()
    command = (str(binaries / "postgres"), "-D", str(home / "cluster"), "-p", str(port), "-k", str(home))
    return Machine("PostgreSQL", (*command, "-c", "listen_addresses=127.0.0.1"), port=port, place=home, env={})


def rabbitmq(place: Path) -> Machine:
    """A node by itself, with a name service of its own, which outlives it: ``forget_names`` ends that."""
    home, port = _home(place / "rabbitmq", owner=""), free_port()
    names = free_port()
    (home / "names.port").write_text(str(names))
    (home / "rabbitmq.conf").write_text(f"listeners.tcp.local = 127.0.0.1:{port}\n")
    env = {
        # Ours alone: the machine's own files would bring its ports along.
        "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_NODENAME": f"faults{port}@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "ERL_EPMD_PORT": str(names),
        "RABBITMQ_MNESIA_BASE": str(home),
        "RABBITMQ_LOG_BASE": str(home),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "HOME": str(home),
    }
    return Machine("RabbitMQ", ("/usr/lib/rabbitmq/bin/rabbitmq-server",), port=port, place=home, env=env)


def forget_names(place: Path) -> None:
    """Ends the name service of a node that has ended."""
    epmd = shutil.which("epmd") or str(next(Path("/usr/lib/erlang").glob("erts-*/bin/epmd")))
    port = (place / "rabbitmq" / "names.port").read_text()
    subprocess.run([epmd, "-port", port, "-kill"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _home(place: Path, *, owner: str) -> Path:
    place.mkdir(parents=True)
    if owner and os.geteuid() == 0:
        shutil.chown(place, user=owner)
    return place


def _owner_of(place: Path) -> int | None:
    """The user whose folder it is, when we are root."""
    return place.stat().st_uid or None if os.geteuid() == 0 else None


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def wait_until(done: Callable[[], bool], *, what: str, seconds: float = STARTS_WITHIN_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise RuntimeError(f"Waited {seconds:.0f} s for {what}.")
        time.sleep(0.1)
