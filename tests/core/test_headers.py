"""The headers of every route that the URL conf knows, for strangers and for people who are signed in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from core.models import User
from tests.world import World

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Reporting-Endpoints": 'csp="/csp-reports"',
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "connect-src": "'self'",
    "report-uri": "/csp-reports",
    "report-to": "csp",
}
# The same for everybody, whoever asks: nothing of a person is in them.
PUBLIC = ("api/v1/openapi.json", "api/v1/postman.json", ".well-known/", "schemas/", "static/")


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path
        else:
            yield from routes(entry, path)


def concrete(route: str, ids: dict[str, str]) -> str:
    """With real ids where there are any; what is not there is answered with a page too."""
    plain = re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: ids.get(found[2], "1"), route)
    return "/" + re.sub(r"\(\?P<\w+>[^)]*\)|[\^$\\]", "", plain).replace(".+", "x")


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    return {
        "candidate_id": world.ada.public_id,
        "application_id": world.application.public_id,
        "job_id": world.job.public_id,
        "page": "schemas",
        "object_id": str(world.admin.user.pk),
    }


def answers(client: Client, ids: dict[str, str]) -> Iterator[tuple[str, HttpResponse]]:
    found = sorted(set(routes(get_resolver())))
    assert len(found) > 130
    for route in found:
        yield route, client.get(concrete(route, ids))  # type: ignore[misc]  # what a test client returns


def viewers(world: World) -> dict[str, Client]:
    staff = User.objects.create_superuser("support@assay.example", "x")
    clients = {"a stranger": Client(), "an admin": Client(), "support": Client()}
    clients["an admin"].force_login(world.admin.user)
    clients["support"].force_login(staff)
    return clients


def policy(answer: HttpResponse) -> dict[str, str]:
    parts = answer.headers.get("Content-Security-Policy", "").split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


def test_every_answer_carries_the_headers_and_the_policy(world: World, ids: dict[str, str]) -> None:
    wrong = []
    for who, client in viewers(world).items():
        for route, answer in answers(client, ids):
            wrong += [
                f"{who} {route}: {name}: {answer.headers.get(name)}"
                for name, value in EVERYWHERE.items()
                if answer.headers.get(name) != value
            ]
            given = policy(answer)
            wrong += [f"{who} {route}: {name} {given.get(name)}" for name in POLICY if given.get(name) != POLICY[name]]
            if "unsafe" in str(given) or "camera=()" not in answer.headers.get("Permissions-Policy", ""):
                wrong.append(f"{who} {route}: unsafe")
    assert wrong == []


@pytest.mark.parametrize("path", ["app.css", "app.js", "icon.svg", "fonts/inter-latin.woff2", "nothing.css"])
def test_static_files_carry_them_too_and_are_for_our_own_pages(db: None, client: Client, path: str) -> None:
    answer: HttpResponse = client.get(f"/static/core/{path}")  # type: ignore[assignment]  # what a test client returns
    assert answer.status_code == (404 if path == "nothing.css" else 200)
    assert answer.headers.items() >= EVERYWHERE.items()
    assert policy(answer).items() >= POLICY.items()
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_what_somebody_sees_is_not_shown_to_the_next_from_a_cache(world: World, ids: dict[str, str]) -> None:
    clients = viewers(world)
    wrong, pages = [], 0
    for who in ("an admin", "support"):
        for route, answer in answers(clients[who], ids):
            kept = answer.headers.get("Cache-Control", "")
            pages += answer.status_code == 200
            if not route.startswith(PUBLIC) and not re.search(r"private|no-store", kept):
                wrong.append(f"{who} {route}: {kept!r}")
    assert wrong == []
    assert pages > 40


def test_over_https_browsers_are_told_to_stay_there(world: World, settings: Settings, ids: dict[str, str]) -> None:
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    client = Client()
    wrong = [
        route
        for route in sorted(set(routes(get_resolver())))
        if client.get(concrete(route, ids), secure=True).headers.get("Strict-Transport-Security")
        != "max-age=31536000; includeSubDomains; preload"
    ]
    assert wrong == []


def test_production_turns_cookies_redirects_and_hsts_to_https() -> None:
    """Read by a process of its own: the profile is decided when the settings are."""
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"]
    assert production(names) == ["True", "True", "True", "31536000"]


def production(names: list[str]) -> list[str]:
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    environment = {
        **os.environ,
        "PROFILE": "production",
        "DEMO": "0",
        "HTTP_ALLOW_LOOPBACK": "0",
        "PUBLIC_URL": "https://assay.example",
        "SECRET_KEY": "k" * 60,
        "ENCRYPTION_KEYS": key,
        "DATABASE_URL": "postgresql://x@127.0.0.1/x",
        "CELERY_BROKER_URL": "amqp://127.0.0.1//",
        "CACHE_URL": "redis://127.0.0.1/0",
        "DJANGO_SETTINGS_MODULE": "core.config.settings",
    }
    program = f"from django.conf import settings; print(*[getattr(settings, name) for name in {names!r}])"
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return run.stdout.split()
