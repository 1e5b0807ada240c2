"""A program of its own for the tests of idempotency: posts to the test site with the settings of its environment.

Reads ``[{"key": …, "body": {…}}, …]`` as its argument, sends all of them at once, and prints their answers as JSON.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import django
from django.conf import settings


def main(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from django.core.management import call_command

    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        call_command("migrate", "core", verbosity=0)
    answers: list[dict[str, Any]] = [{} for _ in calls]
    threads = [threading.Thread(target=send, args=(call, answer)) for call, answer in zip(calls, answers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def send(call: dict[str, Any], answer: dict[str, Any]) -> None:
    from django.test import Client

    headers = {"Authorization": "Client acme-app", "Idempotency-Key": call["key"]}
    reply = Client().post("/api/t/organizations", call["body"], "application/json", headers=headers)
    replayed = "Idempotent-Replayed" in reply.headers
    retry_after = reply.headers.get("Retry-After", "")
    answer.update(status=reply.status_code, body=reply.json(), replayed=replayed, retry_after=retry_after)


if __name__ == "__main__":
    django.setup()
    settings.ROOT_URLCONF = "tests.core.api.site"
    settings.ALLOWED_HOSTS = ["testserver"]
    print(json.dumps(main(json.loads(sys.argv[1]))))
