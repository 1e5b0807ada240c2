"""The benchmark's own database and servers: made for it on loopback, and gone with it."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
NAME = os.environ.get("BENCH_DATABASE", "assay_bench")
WORKERS, THREADS = 4, 2


@contextlib.contextmanager
def database(server_url: str, purpose: str) -> Iterator[str]:
    """A fresh database on that PostgreSQL server; its URL."""
    name = f"{NAME}_{purpose}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server_url.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(drop)


def environment(database_url: str, **more: str) -> dict[str, str]:
    """Of every program of the benchmark: the production shape on this machine."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "DATABASE_URL": database_url,
        "CELERY_BROKER_URL": os.environ.get("CELERY_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//"),
        "CACHE_URL": os.environ.get("CACHE_URL", "rediscache://127.0.0.1:6379/9"),
        "CELERY_QUEUE": f"assay-bench-{os.getpid()}",
        "LOG_LEVEL": "warning",
        "HTTP_ALLOW_LOOPBACK": "1",
        **more,
    }


def run(*arguments: str, env: dict[str, str]) -> str:
    """A Python program to its end; what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


@contextlib.contextmanager
def gunicorn(env: dict[str, str]) -> Iterator[int]:
    """The product's own server configuration; its port."""
    port = free_port()
    env = {**env, "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(WORKERS), "WEB_THREADS": str(THREADS)}
    command = (sys.executable, "-m", "gunicorn", "--config", "core/config/gunicorn_settings.py")
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=30)


@contextlib.contextmanager
def celery_workers(env: dict[str, str], count: int) -> Iterator[None]:
    """So many workers of one process each, as production runs them."""
    quiet = ("--concurrency=1", "--loglevel=warning", "--without-gossip", "--without-mingle")
    with contextlib.ExitStack() as stack:
        for number in range(count):
            name = f"--hostname=bench{number}-{os.getpid()}@localhost"
            command = (sys.executable, "-m", "celery", "-A", "core.config.celery", "worker", *quiet, name)
            log = stack.enter_context(tempfile.TemporaryFile())
            worker = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
            stack.callback(worker.wait, timeout=60)
            stack.callback(worker.terminate)
        time.sleep(8)
        yield


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/livez")
            connection.getresponse()
            return
        time.sleep(0.1)
    raise RuntimeError("The server does not start.")
